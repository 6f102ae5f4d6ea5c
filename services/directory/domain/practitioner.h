// Practitioners over time: the titles they hold, the certificates that qualify them, and where they
// practise: a main organization and further ones 多机构执业. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/domain/organization.h"
#include "services/directory/domain/period.h"

namespace yilian::directory {

using QualificationId = base::Id<struct QualificationTag>;
using PracticeId = base::Id<struct PracticeTag>;

// Numbers are those of the proto's enums.
enum class QualificationKind { kCertificate = 1, kPractisingLicence };
enum class PracticeCategory { kClinical = 1, kChineseMedicine, kDental, kPublicHealth };
enum class QualificationEnd { kNone, kChanged, kDeregistered, kRevoked };
enum class PracticeKind { kMain = 1, kFurther };

// The names as the database writes them.
std::string_view Name(QualificationKind kind);
std::string_view Name(PracticeCategory category);
std::string_view Name(QualificationEnd end);  // "" for kNone
std::string_view Name(PracticeKind kind);
std::optional<QualificationKind> QualificationKindFromName(std::string_view name);
std::optional<PracticeCategory> PracticeCategoryFromName(std::string_view name);
std::optional<QualificationEnd> QualificationEndFromName(std::string_view name);
std::optional<PracticeKind> PracticeKindFromName(std::string_view name);

// Held from that day until the next one.
struct TitleAward {
  ProfessionalTitle title = ProfessionalTitle::kNone;
  absl::CivilDay since;
};

struct Qualification {
  QualificationId id;
  PractitionerId practitioner;
  QualificationKind kind = QualificationKind::kCertificate;
  std::string number;
  PracticeCategory category = PracticeCategory::kClinical;
  std::vector<std::string> scopes;
  absl::CivilDay valid_from;
  std::optional<absl::CivilDay> valid_until;  // the last day; nothing: open
  QualificationEnd end = QualificationEnd::kNone;

  bool IsValid(absl::CivilDay day) const {
    return valid_from <= day && (!valid_until || day <= *valid_until);
  }
};

struct Practice {
  PracticeId id;  // of a practitioner's first one: the practitioner's own id
  PractitionerId practitioner;
  OrganizationId organization;
  DepartmentId department;  // nil: none
  PracticeKind kind = PracticeKind::kMain;
  absl::Time started_at;
  std::optional<absl::Time> ended_at;

  Period period() const { return {.start = started_at, .end = ended_at}; }
};

struct PractitionerProfile {
  Practitioner practitioner;
  std::vector<TitleAward> titles;             // the latest first
  std::vector<Qualification> qualifications;  // the latest first
  std::vector<Practice> practices;            // the latest first
};

// What of it was true on the day.
PractitionerProfile On(PractitionerProfile profile, absl::CivilDay day);
// The title that is held on the day; kNone without one.
ProfessionalTitle TitleOn(const std::vector<TitleAward>& titles, absl::CivilDay day);
// The main practice at `at`, where there is one.
std::optional<Practice> MainAt(const std::vector<Practice>& practices, absl::Time at);

// FIELD_INVALID: a day to come.
absl::Status Check(const TitleAward& award, absl::CivilDay today);

// Without blanks, X in upper case. FIELD_INVALID (number): a qualification certificate has 24
// digits (before 18-character identity numbers) or 27, the last of which may be X: year, province,
// level and category, then its holder's resident identity number; a licence has 15 digits.
absl::StatusOr<std::string> NormalNumber(QualificationKind kind, std::string_view number);
// All but the last four hidden.
std::string MaskNumber(std::string_view number);
// Whether a normal `added` may stand beside `present`. FIELD_INVALID (dates; a licence without a
// scope); IDENTIFIER_TAKEN (qualification): one of the kind on some of these days.
absl::Status CheckRecorded(const std::vector<Qualification>& present, const Qualification& added);
// After it has ended. FIELD_INVALID.
absl::StatusOr<Qualification> Ended(Qualification qualification, absl::CivilDay last,
                                    QualificationEnd end, absl::CivilDay today);

// Whether `added` may stand beside `present`. FIELD_INVALID (a time to come; a further one without
// a main one); IDENTIFIER_TAKEN (practice: the same place in that time; main_practice).
absl::Status CheckBegun(const std::vector<Practice>& present, const Practice& added,
                        absl::Time now);
// After it has ended. FIELD_INVALID.
absl::StatusOr<Practice> Ended(Practice practice, absl::Time ended_at, absl::Time now);

// Who practises where, on a day.
struct PractitionersQuery {
  OrganizationId organization;
  DepartmentId department;  // nil: all
  Period day;
  PractitionerId after;  // those with greater ids
  int limit = 50;
};

struct QualificationChange {
  Practitioner practitioner;
  Qualification qualification;
};
struct PracticeChange {
  Practitioner practitioner;
  Practice practice;
};

// Where all this is kept. A write runs in the transaction of its scope, locks the practitioner,
// whose version the caller has read, appends PractitionerRegistered where that record changed, and
// answers it as it is then; what else there is to tell is the caller's. NOT_FOUND, ETAG_STALE, and
// what the checks refuse. Thread-safe.
class PractitionerStore {
 public:
  virtual ~PractitionerStore() = default;
  virtual absl::StatusOr<Practitioner> Award(unit::Scope& scope, PractitionerId id, int64_t version,
                                             const TitleAward& award) = 0;
  // IDENTIFIER_TAKEN (certificate_number): another practitioner's.
  virtual absl::StatusOr<QualificationChange> Record(unit::Scope& scope, int64_t version,
                                                     const Qualification& qualification) = 0;
  // NOT_FOUND (qualification).
  virtual absl::StatusOr<QualificationChange> EndQualification(unit::Scope& scope,
                                                               PractitionerId id, int64_t version,
                                                               QualificationId qualification,
                                                               absl::CivilDay last,
                                                               QualificationEnd end) = 0;
  // NOT_FOUND (organization, department there).
  virtual absl::StatusOr<PracticeChange> Begin(unit::Scope& scope, int64_t version,
                                               const Practice& practice) = 0;
  // NOT_FOUND (practice).
  virtual absl::StatusOr<PracticeChange> EndPractice(unit::Scope& scope, PractitionerId id,
                                                     int64_t version, PracticeId practice,
                                                     absl::Time ended_at) = 0;

  // NOT_FOUND.
  virtual absl::StatusOr<PractitionerProfile> Profile(PractitionerId id, absl::Time deadline) = 0;
  // By id. NOT_FOUND (organization).
  virtual absl::StatusOr<std::vector<Practitioner>> List(const PractitionersQuery& query,
                                                         absl::Time deadline) = 0;
  // By a number in its normal form. NOT_FOUND.
  virtual absl::StatusOr<Practitioner> Find(QualificationKind kind, const std::string& number,
                                            absl::Time deadline) = 0;
};

}  // namespace yilian::directory
