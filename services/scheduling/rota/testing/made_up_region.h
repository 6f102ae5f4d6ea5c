// Made-up regions to plan for: stations and hospitals on a map, experts with more or less time.
#pragma once

#include <cstdint>

#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

struct RegionSize {
  int experts = 317;  // the sizes of a real region: 317 experts over 93 township stations
  int stations = 93;
  int sites = 33;
  int specialties = 12;
  int needs_a_station = 4;  // specialties wanted at each, on average
  int weeks = 4;
};

// The same for the same size and seed, on every machine.
Problem MadeUpRegion(const RegionSize& size, uint32_t seed);

}  // namespace yilian::scheduling::rota
