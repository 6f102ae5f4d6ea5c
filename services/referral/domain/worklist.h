// Worklists: what an organization has to do next, by clock.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/referral/domain/referral.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

// Numbers are the proto's WorklistKind; which open referral is on which list is computed by the
// database (s030_worklist.sql). kRejected is of closed ones.
enum class WorklistKind {
  kToTriage = 1,
  kReturned,
  kAwaitingBooking,
  kArriving,
  kLettersOutstanding,
  kOverdue,
  kFollowUpsDue,
  kDrafts,
  kInCare,
  kRejected,
};
inline constexpr std::array kAllWorklists = {
    WorklistKind::kToTriage,
    WorklistKind::kReturned,
    WorklistKind::kAwaitingBooking,
    WorklistKind::kArriving,
    WorklistKind::kLettersOutstanding,
    WorklistKind::kOverdue,
    WorklistKind::kFollowUpsDue,
    WorklistKind::kDrafts,
    WorklistKind::kInCare,
    WorklistKind::kRejected,
};

// How long a referral that was refused is shown to its referrer, who has to choose what is next: so
// that a doctor who is there one day a week sees it.
inline constexpr absl::Duration kRejectedShown = absl::Hours(7 * 24);

// Who works on which list, by role in the organization.
enum class Desk { kClinic, kHospital, kReferralOffice, kRegion };
std::vector<WorklistKind> WorklistsOf(Desk desk);

// The day that ARRIVING and FOLLOW_UPS_DUE end with.
constexpr bool HasHorizon(WorklistKind kind) {
  return kind == WorklistKind::kArriving || kind == WorklistKind::kFollowUpsDue;
}

// Until when what lists hold is shown.
struct WorklistTimes {
  absl::Time now;               // a clock before it has run out
  absl::Time end_of_day;        // of the last day shown on ARRIVING
  absl::CivilDay last_day;      // of FOLLOW_UPS_DUE
  absl::Time oldest_rejection;  // on REJECTED

  static WorklistTimes At(absl::Time now, const absl::TimeZone& zone, int days_ahead);
};

struct WorklistPage {
  OrganizationId organization;
  WorklistKind kind = WorklistKind::kToTriage;
  bool of_region = false;  // OVERDUE of the health authority: what was escalated to it
  WorklistTimes times;
  // Key of the last row of the page before. A follow-up's time is its date's first moment in UTC.
  absl::Time after_time = absl::UnixEpoch();
  base::Uuid after_id;
  int limit = 50;
};

// A line of a list: the referral's short form.
struct WorklistEntry {
  ReferralId referral;
  PatientId patient;
  Direction direction = Direction::kUp;
  Channel channel = Channel::kStandard;
  Setting setting = Setting::kOutpatient;
  Urgency urgency = Urgency::kRoutine;
  State state = State::kDraft;
  OrganizationId referring_organization;
  OrganizationId receiving_organization;
  DepartmentId receiving_department;
  std::string complaint;
  absl::Time clock_at;
  std::optional<absl::Time> due_at;
  int escalation_tier = 0;
  int64_t version = 0;
  std::optional<FollowUpTask> task;

  // What the row is sorted by after its time.
  base::Uuid key_id() const { return task ? task->id.uuid() : referral.uuid(); }
};

struct WorklistCount {
  WorklistKind kind = WorklistKind::kToTriage;
  int entries = 0;  // at most kMaxCounted
  bool more = false;
};
inline constexpr int kMaxCounted = 500;

// Implementations are thread-safe.
class WorklistStore {
 public:
  virtual ~WorklistStore() = default;
  virtual absl::StatusOr<std::vector<WorklistEntry>> List(const WorklistPage& page,
                                                          absl::Time deadline) = 0;
  // Of every list, in the order of the enum.
  virtual absl::StatusOr<std::vector<WorklistCount>> Count(OrganizationId organization,
                                                           bool of_region,
                                                           const WorklistTimes& times,
                                                           absl::Time deadline) = 0;
};

}  // namespace yilian::referral
