// How two names agree: part by part for Han names, word by word for others.
#pragma once

#include <vector>

#include "services/directory/domain/matching.h"
#include "services/directory/domain/name_form.h"

namespace yilian::directory {

// Nothing when either name is empty. A Han name and one in letters are compared by sound.
std::vector<FieldAgreement> CompareNames(const NameForm& a, const NameForm& b);

}  // namespace yilian::directory
