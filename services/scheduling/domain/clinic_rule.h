// Whom a clinic is for, by age and sex, and what the directory says of a patient: scheduling itself
// knows neither. Pure, but for the port.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

struct AgeBound {
  int value = 0;
  AgeUnit unit = AgeUnit::kYears;
  auto operator<=>(const AgeBound&) const = default;
  std::string ToString() const;  // "14 YEARS"
};

// All that is set must hold at the session's date; both ages are allowed ones.
struct ClinicRule {
  std::optional<AgeBound> least;
  std::optional<AgeBound> greatest;
  PatientSex sex = PatientSex::kAny;

  // For all.
  bool none() const { return !least && !greatest && sex == PatientSex::kAny; }
  auto operator<=>(const ClinicRule&) const = default;
  std::string_view Kind() const;  // "AGE", "SEX" or "AGE_AND_SEX"
  std::string ToString() const;   // the same text for the same rule, and for no other
};

// Whether somebody can come under it. `field`: where it stands in the request.
void CheckClinicRule(const ClinicRule& rule, std::string_view field,
                     errors::Violations& violations);

// Numbers are those of the directory's answer.
enum class Fit { kFits = 1, kDoesNotFit, kNotKnown };

// A rule, and the date at the session's site on which it has to hold.
struct FitQuestion {
  ClinicRule rule;
  absl::CivilDay date;
  bool operator==(const FitQuestion&) const = default;
  bool operator<(const FitQuestion& other) const {
    return rule == other.rule ? date < other.date : rule < other.rule;
  }
};

// Who knows the patients. Blocks: for handlers' and jobs' threads, outside of any transaction.
class PatientDirectory {
 public:
  // Most questions at once.
  static constexpr size_t kMostQuestions = 400;

  virtual ~PatientDirectory() = default;
  // An answer for each question, in their order. UNAVAILABLE (FIT_NOT_CHECKED) when nobody answers
  // in time.
  virtual absl::StatusOr<std::vector<Fit>> FitsOf(PatientId patient,
                                                  const std::vector<FitQuestion>& questions,
                                                  absl::Time deadline) = 0;
};

using FitQuestions = std::map<PatientId, std::vector<FitQuestion>>;

// What was answered so far, for one command or one run of a job. Kept nowhere.
class FitAnswers {
 public:
  // Asks what is open, at most PatientDirectory::kMostQuestions a call. Errors as FitsOf.
  absl::Status Ask(PatientDirectory& directory, const FitQuestions& open, absl::Time deadline);
  std::optional<Fit> Of(PatientId patient, const FitQuestion& question) const;

 private:
  std::map<std::pair<PatientId, FitQuestion>, Fit> known_;
};

// One attempt of a decision: what it may know, and what it found open. A decision that finds
// something open has no effect, and is made anew once that was answered.
class FitLookup {
 public:
  explicit FitLookup(const FitAnswers& answers) : answers_(answers) {}
  // nullopt: open, and noted.
  std::optional<Fit> Of(PatientId patient, const FitQuestion& question);
  // To be asked together with what is open: it may come to matter.
  void Expect(PatientId patient, const std::vector<FitQuestion>& questions);

  bool complete() const { return open_.empty(); }
  const FitQuestions& open() const { return open_; }

 private:
  const FitAnswers& answers_;
  FitQuestions open_;
};

namespace errors {
// Of a decision that waits for answers; nobody is told.
absl::Status FitOpen();
// `session`: nil where it is about more than one.
absl::Status PatientNotForClinic(SessionId session, const ClinicRule& rule);
// The directory did not answer.
absl::Status FitNotChecked();
}  // namespace errors

}  // namespace yilian::scheduling
