// Little problems written down in a line or two.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

// A problem of one week, 2027-03-01 (a Monday) to 2027-03-07, with one site and nobody in it.
// `minutes`: from the site to each station; the stations have one room and are always open.
Problem LittleRegion(const std::vector<int>& minutes, int weeks = 1);

// Adds an expert of CARDIOLOGY, an attending physician; `days`: from the first day. Answers his
// position.
int AddExpert(Problem& problem, const std::vector<int>& days, int most_days_a_week = 7);

// Adds a need of CARDIOLOGY, `days` visits in each week. Answers its position.
int AddNeed(Problem& problem, int station, const std::vector<int>& days);

}  // namespace yilian::scheduling::rota
