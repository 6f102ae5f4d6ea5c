// Whoever read a version that was corrected or withdrawn is told, until somebody has acknowledged
// it. Pure: no clock, no store, no wire.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/lab/domain/types.h"

namespace yilian::lab {

using NoticeId = base::Id<struct NoticeTag>;

// Numbers are those of the proto's enum.
enum class NoticeKind { kCorrected = 1, kWithdrawn };

// When the next one is told, counted from the making of the notice, ascending: the reader's whole
// organization, then the laboratory, which calls it.
struct NoticeRules {
  std::vector<absl::Duration> ladder = {absl::Hours(4), absl::Hours(24)};
};

// From this step on anybody of the reader's organization may acknowledge it.
inline constexpr int kTierOrganization = 1;
// From this step on the laboratory is told as well.
inline constexpr int kTierLaboratory = 2;

struct NoticeActor {
  OrganizationId organization;
  AccountId user;  // nil: a system
};

struct NoticeChange;

struct CorrectionNotice {
  NoticeId id;
  NoticeKind kind = NoticeKind::kCorrected;
  ReportId report;
  int report_version = 0;  // that took the place of what was read
  PatientId patient;       // of what was read
  OrganizationId performing_organization;
  OrganizationId organization;  // of the reader
  AccountId user;               // the reader; nil: a system of the organization
  absl::Time read_at;
  absl::Time created_at;
  int tier = 0;
  std::optional<absl::Time> due_at;
  std::optional<absl::Time> acknowledged_at;
  AccountId acknowledged_by;
  int64_t version = 1;

  // One a report, version and reader, however often it is made.
  NoticeId MakeId() const;
  // A notice that begins its ladder.
  static NoticeChange Issue(CorrectionNotice notice, const NoticeRules& rules);

  bool MayBeAcknowledgedBy(const NoticeActor& by) const;
  // nullopt: it was acknowledged before, and stays as it is. NOTICE_NOT_FOUND for anybody else.
  absl::StatusOr<std::optional<NoticeChange>> Acknowledge(const NoticeActor& by,
                                                          absl::Time at) const;
  // A clock ran out; nullopt where it is not due, or was acknowledged.
  std::optional<NoticeChange> Escalate(const NoticeRules& rules, absl::Time at) const;
};

struct NoticeChange {
  CorrectionNotice after;
  std::string event;  // "CorrectionNoticeEscalated"
};

}  // namespace yilian::lab
