// Gives each visit of a weekly plan its day.
#pragma once

#include <vector>

#include "services/scheduling/rota/draft.h"
#include "services/scheduling/rota/weekly_model.h"

namespace yilian::scheduling::rota {

// Adds the visits to `draft`, which is empty. A day may be moved to make room for another; a visit
// for which no day is found is left out (FillGaps looks for somebody else). Answers how many.
int PlaceDays(const std::vector<Series>& series, Draft& draft);

}  // namespace yilian::scheduling::rota
