// Made-up residents of a county, as alike as real ones: few surnames, common given names,
// households that share a telephone number and an address.
#pragma once

#include <random>
#include <string>

#include "services/directory/domain/patient.h"

namespace yilian::bench {

// The same seed makes the same people. One thread.
class Population {
 public:
  explicit Population(uint32_t seed) : random_(seed) {}
  directory::RegisterPatient Next();
  // The same person at another desk: with a homophone, a slip in the birth date, another telephone
  // number, or nothing wrong.
  directory::RegisterPatient Again(directory::RegisterPatient person);

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint32_t>(limit)); }
  std::string GivenName();

  std::mt19937 random_;
  std::string household_surname_;
  std::string household_phone_;
  std::string household_address_;
  int household_left_ = 0;
};

}  // namespace yilian::bench
