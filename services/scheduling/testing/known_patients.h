// The directory, as far as it tells whether patients are for a clinic: for tests.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/scheduling/domain/clinic_rule.h"

namespace yilian::scheduling {

// Thread-safe.
class KnownPatients : public PatientDirectory {
 public:
  struct Traits {
    PatientSex sex = PatientSex::kAny;  // not on record
    std::optional<absl::CivilDay> birth_date;
  };

  void Know(PatientId patient, const Traits& traits) {
    const std::lock_guard<std::mutex> lock(mutex_);
    known_[patient] = traits;
  }
  // Nobody answers until it is back.
  void SetAway(bool away) {
    const std::lock_guard<std::mutex> lock(mutex_);
    away_ = away;
  }
  // How often it was asked.
  int asked() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }

  absl::StatusOr<std::vector<Fit>> FitsOf(PatientId patient,
                                          const std::vector<FitQuestion>& questions,
                                          absl::Time /*deadline*/) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++asked_;
    if (away_) return errors::FitNotChecked();
    std::vector<Fit> fits;
    for (const FitQuestion& question : questions) {
      fits.push_back(FitOf(known_[patient], question));
    }
    return fits;
  }

 private:
  // The day on which somebody is that old.
  static absl::CivilDay Reaches(absl::CivilDay birth, const AgeBound& age, int more) {
    if (age.unit == AgeUnit::kDays) return birth + age.value + more;
    return absl::CivilDay(birth.year() + age.value + more, birth.month(), birth.day());
  }

  static Fit FitOf(const Traits& who, const FitQuestion& question) {
    const ClinicRule& rule = question.rule;
    const bool aged = rule.least || rule.greatest;
    const bool sexed = rule.sex != PatientSex::kAny;
    if (sexed && who.sex != PatientSex::kAny && who.sex != rule.sex) return Fit::kDoesNotFit;
    if (aged && who.birth_date) {
      const absl::CivilDay birth = *who.birth_date;
      if (rule.least && question.date < Reaches(birth, *rule.least, 0)) return Fit::kDoesNotFit;
      if (rule.greatest && question.date >= Reaches(birth, *rule.greatest, 1)) {
        return Fit::kDoesNotFit;
      }
    }
    const bool unknown = (aged && !who.birth_date) || (sexed && who.sex == PatientSex::kAny);
    return unknown ? Fit::kNotKnown : Fit::kFits;
  }

  mutable std::mutex mutex_;
  std::map<PatientId, Traits> known_;
  bool away_ = false;
  int asked_ = 0;
};

}  // namespace yilian::scheduling
