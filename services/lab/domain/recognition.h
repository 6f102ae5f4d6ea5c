// Mutual recognition: whether a result of others may be taken over instead of ordering anew. Pure:
// no clock, no store, no wire. After 医疗机构检查检验结果互认管理办法 (国卫医发〔2022〕6号).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/lab/domain/trend.h"

namespace yilian::lab {

using RecognitionTermId = base::Id<struct RecognitionTermTag>;
using DecisionId = base::Id<struct DecisionTag>;

// Numbers are those of the proto's enums.
enum class RecognitionScope { kNone = 0, kConsortium, kRegion, kProvince, kNational };
enum class RepeatReason {
  kNone = 0,
  kConditionChanged,
  kFastChanging,
  kBeforeIntervention,
  kEmergency,
  kAssessment,
  kOther
};
enum class RecognitionOutcome { kRecognized = 1, kRepeated };
enum class Obstacle { kNoRule = 1, kNotFinal, kAge, kNotAssessed, kScope, kMethod, kCircumstance };

// "NOT_ASSESSED", "RECOGNIZED", as errors write them.
std::string_view Name(Obstacle obstacle);
std::string_view Name(RecognitionOutcome outcome);

// When results of an item may be recognized.
struct RecognitionRule {
  std::string loinc;
  absl::CivilDay effective_from;
  std::optional<absl::CivilDay> effective_to;  // the first day on which it is not in force
  RecognitionScope least_scope = RecognitionScope::kConsortium;
  absl::Duration max_age;
  std::vector<std::string> methods;    // empty: every one
  std::vector<RepeatReason> excluded;  // circumstances

  RecognitionTermId id() const;
  // FIELD_INVALID: names every field that breaks a rule.
  absl::Status Check() const;
  bool IsInForce(absl::CivilDay day) const;
};

// A laboratory's passed external quality assessment.
struct QualityAssessment {
  OrganizationId laboratory;
  std::string loinc;
  std::string method;  // empty: every one
  absl::CivilDay valid_from;
  absl::CivilDay valid_to;  // the first day on which it is not valid
  RecognitionScope scope = RecognitionScope::kConsortium;

  RecognitionTermId id() const;
  absl::Status Check() const;
  bool Vouches(const TrendPoint& result) const;
};

// In fen; in force until a later one's first day.
struct ItemPrice {
  OrganizationId organization;  // nil: the region's
  std::string loinc;
  absl::CivilDay effective_from;
  int64_t fen = 0;

  RecognitionTermId id() const;
  absl::Status Check() const;
};

// A term as it is kept.
template <typename Term>
struct Stored {
  Term term;
  int64_t version = 1;

  std::string etag() const { return "v" + std::to_string(version); }
};

// What is laid down for some items.
struct RecognitionTerms {
  std::vector<Stored<RecognitionRule>> rules;
  std::vector<Stored<QualityAssessment>> assessments;
  std::vector<Stored<ItemPrice>> prices;

  // The one of the latest first day, of those that are in force.
  const RecognitionRule* RuleFor(const std::string& loinc, absl::CivilDay day) const;
  // The organization's own, else the region's; nullopt: nobody has said.
  std::optional<int64_t> PriceFor(OrganizationId organization, const std::string& loinc,
                                  absl::CivilDay day) const;
};

struct RecognitionJudgement {
  std::vector<Obstacle> obstacles;                   // all of them; empty: it may be recognized
  RecognitionScope scope = RecognitionScope::kNone;  // of the mark that the result had
  std::optional<absl::Time> expires_at;              // where it may be recognized
};

// Judges a result by what is in force now, and by the mark that its laboratory had on the day of
// the observation. `circumstances`: what holds for the patient.
RecognitionJudgement JudgeRecognition(const RecognitionTerms& terms, const TrendPoint& result,
                                      const std::vector<RepeatReason>& circumstances,
                                      absl::Time at);

// A decision as it is asked for.
struct NewDecision {
  PatientId patient;
  std::string loinc;
  std::string order_number;
  ReportId report;
  RecognitionOutcome outcome = RecognitionOutcome::kRecognized;
  RepeatReason reason = RepeatReason::kNone;
  std::string comment;
  PractitionerId practitioner;  // nil: a system

  // FIELD_INVALID: a reason goes with a repeat, and another one than those listed is stated.
  absl::Status Check() const;
};

struct RecognitionDecision {
  DecisionId id;
  NewDecision asked;
  OrganizationId organization;
  int report_version = 0;
  absl::Time decided_at;
  int64_t saved_fen = 0;
};

// One organization, month and item.
struct RecognitionStatistic {
  absl::CivilMonth month;
  std::string loinc;
  int64_t recognized = 0;
  std::vector<std::pair<RepeatReason, int64_t>> repeated;
  int64_t saved_fen = 0;

  int recognized_permille() const;  // rounded down
};

}  // namespace yilian::lab
