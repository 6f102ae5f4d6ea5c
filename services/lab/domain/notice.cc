#include "services/lab/domain/notice.h"

#include <fmt/format.h>

#include <utility>

#include "services/lab/domain/errors.h"

namespace yilian::lab {
namespace {

std::optional<absl::Time> DueAt(const CorrectionNotice& notice, const NoticeRules& rules) {
  if (static_cast<size_t>(notice.tier) >= rules.ladder.size()) return std::nullopt;
  return notice.created_at + rules.ladder[static_cast<size_t>(notice.tier)];
}

NoticeChange Next(const CorrectionNotice& now, std::string event) {
  NoticeChange change{.after = now, .event = std::move(event)};
  ++change.after.version;
  return change;
}

}  // namespace

NoticeId CorrectionNotice::MakeId() const {
  return NoticeId(base::Uuid::V5(
      report.uuid(),
      fmt::format("notice {} {} {}", report_version, organization.ToString(), user.ToString())));
}

NoticeChange CorrectionNotice::Issue(CorrectionNotice notice, const NoticeRules& rules) {
  notice.id = notice.MakeId();
  notice.due_at = DueAt(notice, rules);
  return {.after = notice, .event = "CorrectionNoticeIssued"};
}

bool CorrectionNotice::MayBeAcknowledgedBy(const NoticeActor& by) const {
  return by.organization == organization && (by.user == user || tier >= kTierOrganization);
}

absl::StatusOr<std::optional<NoticeChange>> CorrectionNotice::Acknowledge(const NoticeActor& by,
                                                                          absl::Time at) const {
  if (!MayBeAcknowledgedBy(by)) return errors::NoticeNotFound();
  if (acknowledged_at) return std::optional<NoticeChange>();
  NoticeChange change = Next(*this, "CorrectionNoticeAcknowledged");
  change.after.acknowledged_at = at;
  change.after.acknowledged_by = by.user;
  change.after.due_at.reset();
  return std::optional(std::move(change));
}

std::optional<NoticeChange> CorrectionNotice::Escalate(const NoticeRules& rules,
                                                       absl::Time at) const {
  if (acknowledged_at || !due_at || at < *due_at) return std::nullopt;
  NoticeChange change = Next(*this, "CorrectionNoticeEscalated");
  ++change.after.tier;
  change.after.due_at = DueAt(change.after, rules);
  return change;
}

}  // namespace yilian::lab
