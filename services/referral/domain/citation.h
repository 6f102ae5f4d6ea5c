// Whether what a referral cites can be the id of such a thing: a report, a study in a PACS, an
// opinion.
#pragma once

#include <string_view>
#include <vector>

#include "services/referral/domain/errors.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

// A DICOM UID (PS3.5 section 9.1): numbers without leading zeros between points, 64 characters at
// most.
bool IsDicomUid(std::string_view text);

// Adds a violation for each citation whose id is none of its kind, and for each that is there
// twice.
void CheckCitations(const std::vector<Citation>& citations, errors::Violations& violations);

}  // namespace yilian::referral
