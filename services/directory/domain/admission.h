// A patient's stay in a hospital.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using AdmissionId = base::Id<struct AdmissionTag>;

struct Admission {
  AdmissionId id;
  PatientId patient;
  OrganizationId organization;
  absl::Time admitted_at;
  std::optional<absl::Time> discharged_at;
  std::optional<absl::Time> cancelled_at;  // there was no stay
  // When the hospital recorded the latest of what counts: of the admission or its cancelling, of
  // the discharge or its cancelling. Nothing: told of neither.
  std::optional<absl::Time> admission_recorded_at;
  std::optional<absl::Time> discharge_recorded_at;
  int64_t version = 1;  // counts what others see of it
};

// A stay, as the hospital names it.
struct Visit {
  OrganizationId organization;
  std::string number;
};

// What a hospital tells of a stay.
struct StayNews {
  enum class Kind { kAdmitted, kAdmissionCancelled, kDischarged, kDischargeCancelled };
  Kind kind = Kind::kAdmitted;
  Visit visit;
  PatientId patient;  // nil: a stay that is known
  // When the patient came; of a kAdmitted always there.
  std::optional<absl::Time> admitted_at;
  // When the patient left, for kDischarged.
  absl::Time discharged_at;
  absl::Time recorded_at;
};

// Clocks of hospitals differ from ours by as much.
inline constexpr absl::Duration kClockDifference = absl::Minutes(5);

// FOREIGN_ORGANIZATION; FIELD_INVALID names each time that is still to come.
absl::Status CheckStay(const StayNews& news, const Actor& actor, absl::Time now);

// A stay of which nobody told before. FIELD_INVALID (a discharge before the admission).
absl::StatusOr<Admission> FirstHeard(const StayNews& news, absl::Time now);

// The stay after the news. Messages overtake each other and come twice: of an admission and its
// cancelling the one recorded last counts, and so of a discharge and its cancelling; of two
// recorded at one moment the cancelling. A later discharge corrects the time of an earlier one. A
// cancelled stay's number may be given to another patient. Version unchanged: others see no change.
// FIELD_INVALID (a discharge before the admission).
absl::StatusOr<Admission> Told(const Admission& stay, const StayNews& news);

// What the stay gives the hospital.
CareStage StageOf(const Admission& stay);

// Where stays are kept. Thread-safe.
class AdmissionStore {
 public:
  virtual ~AdmissionStore() = default;
  // Opens, ends or takes away the care relationship as the news says. NOT_FOUND for a stay that is
  // not known where the news names no patient, and for a patient whom the hospital (unless a
  // service speaks for it) has no relationship with; PATIENT_MERGED; IDENTIFIER_TAKEN when the
  // visit is another patient's; errors of FirstHeard and Told.
  virtual absl::StatusOr<Admission> Hear(unit::Scope& scope, const StayNews& news,
                                         const Actor& actor) = 0;
};

}  // namespace yilian::directory
