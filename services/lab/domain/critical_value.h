// A critical value and what becomes of it until somebody has acted. Pure: no clock, no store, no
// wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/lab/domain/critical_limit.h"
#include "services/lab/domain/delta_check.h"
#include "services/lab/domain/report.h"

namespace yilian::lab {

// Numbers are those of the proto's enums.
enum class CriticalState {
  kDetected = 1,
  kVerified,
  kNotified,
  kReadBack,
  kActed,
  kRetracted,
  kSuperseded
};
enum class CriticalCommand { kVerify, kNotify, kReadBack, kAct };
enum class CriticalParty { kLaboratory, kClinic };
enum class NotificationChannel { kPhone = 1, kInPerson, kMessage };
enum class NotificationOutcome { kReached = 1, kNoAnswer, kWrongPerson };

// The name as errors write it: "READ_BACK", "laboratory".
std::string_view Name(CriticalState state);
std::string_view Name(CriticalCommand command);
std::string_view Name(CriticalParty party);

// What a region has laid down. Times as domain.md, "Critical values": 5, 10 and 30 minutes.
struct CriticalRules {
  std::vector<CriticalLimit> limits;
  std::vector<DeltaLimit> deltas;  // mark a value, raise no alarm
  // Counted from the detection, ascending: when the next person is told of a value that nobody has
  // read back.
  std::vector<absl::Duration> ladder = {absl::Minutes(5), absl::Minutes(10), absl::Minutes(30)};
  absl::Duration action = absl::Minutes(30);  // from the reading back to what was done
};

// From this step of the ladder on, all that care for the patient are told.
inline constexpr int kTierAcrossOrganizations = 2;

struct CriticalActor {
  OrganizationId organization;
  PractitionerId practitioner;     // nil: a system
  bool cares_for_patient = false;  // and may see what is of the value's sensitive classes
};

struct CriticalStep {
  absl::Time at;
  OrganizationId organization;
  PractitionerId practitioner;
  bool operator==(const CriticalStep&) const = default;
};

struct NotificationAttempt {
  CriticalStep by;
  NotificationChannel channel = NotificationChannel::kPhone;
  NotificationOutcome outcome = NotificationOutcome::kReached;
  bool operator==(const NotificationAttempt&) const = default;
};

struct CriticalChange;

struct CriticalValue {
  CriticalValueId id;
  ReportId report;
  int report_version = 0;
  ObservationId observation;
  PatientId patient;
  OrganizationId performing_organization;
  OrganizationId ordering_organization;
  Coding code;
  std::string sub_id;
  std::string value;
  std::string unit;
  std::string reference_range;
  CriticalGrounds grounds;
  CriticalState state = CriticalState::kDetected;
  absl::Time detected_at;
  std::optional<CriticalStep> verified;
  std::optional<CriticalStep> read_back;
  std::optional<CriticalStep> acted;
  std::string action;
  int tier = 0;
  bool action_overdue = false;
  std::optional<absl::Time> due_at;  // of the next step of the ladder, or of the action
  CriticalValueId replaces;
  int64_t version = 1;
  ClassSet sensitive{};  // of its report

  // Nobody has read it back yet.
  bool IsUnread() const;
  // Followed still, or followed to its end; not taken back by the laboratory.
  bool Stands() const;
  bool IsShownTo(const CriticalActor& reader) const;
  // By whom a command may be given now.
  std::vector<CriticalCommand> AvailableTo(const CriticalActor& by) const;

  absl::StatusOr<CriticalChange> Verify(const CriticalActor& by, absl::Time at) const;
  absl::StatusOr<CriticalChange> Notify(const CriticalActor& by, NotificationChannel channel,
                                        NotificationOutcome outcome, absl::Time at) const;
  absl::StatusOr<CriticalChange> ReadBack(const CriticalActor& by, std::string_view said,
                                          const CriticalRules& rules, absl::Time at) const;
  absl::StatusOr<CriticalChange> Act(const CriticalActor& by, std::string action,
                                     absl::Time at) const;
  // A clock ran out; nullopt where it is not due, or nothing is owed any more.
  std::optional<CriticalChange> Escalate(const CriticalRules& rules, absl::Time at) const;

 private:
  absl::Status Check(CriticalCommand command, const CriticalActor& by) const;
  CriticalChange Next(std::string_view event) const;

  friend std::vector<CriticalChange> FollowReport(const std::vector<CriticalValue>& known,
                                                  const Report& report, const CriticalRules& rules,
                                                  absl::Time at);
};

struct CriticalChange {
  CriticalValue after;
  std::string event;  // "CriticalValueEscalated"
  std::optional<NotificationAttempt> attempt;
};

// What a version of a report, the one that readers see from now on, means for the critical values
// that are known of it: new ones, those that it takes back, those whose value it changes (the old
// one is superseded and a new one begins, with clocks of its own). The same value again in another
// version changes nothing: nobody is called twice. Changes to known values come first.
std::vector<CriticalChange> FollowReport(const std::vector<CriticalValue>& known,
                                         const Report& report, const CriticalRules& rules,
                                         absl::Time at);

}  // namespace yilian::lab
