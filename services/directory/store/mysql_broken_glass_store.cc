#include "services/directory/store/mysql_broken_glass_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/saga/timer.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/access_events.h"
#include "services/directory/store/care_relationships.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kExplanationColumn = "broken_glass.explanation";
constexpr std::string_view kCommentColumn = "broken_glass.review_comment";
constexpr std::string_view kTimerName = "overdue";

#define YILIAN_GLASS_COLUMNS                                                            \
  "broken_glass_id, patient_id, organization_id, user_id, reason, explanation_cipher, " \
  "started_at, ends_at, review_due_at, escalated_at, verdict, review_comment_cipher, "  \
  "reviewer_id, reviewed_at, version FROM broken_glass "

constexpr Query kInsert{
    "directory.InsertBrokenGlass",
    "INSERT INTO broken_glass (broken_glass_id, patient_id, organization_id, user_id, reason, "
    "explanation_cipher, started_at, ends_at, review_due_at, reviewed, version) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1)"};
constexpr Query kLock{"directory.LockBrokenGlass",
                      "SELECT " YILIAN_GLASS_COLUMNS "WHERE broken_glass_id = ? FOR UPDATE"};
constexpr Query kReview{
    "directory.ReviewBrokenGlass",
    "UPDATE broken_glass SET reviewed = 1, verdict = ?, review_comment_cipher = ?, "
    "reviewer_id = ?, reviewed_at = ?, version = ? WHERE broken_glass_id = ? AND version = ?"};
constexpr Query kEscalate{"directory.EscalateBrokenGlass",
                          "UPDATE broken_glass SET escalated_at = ?, version = ? "
                          "WHERE broken_glass_id = ? AND version = ?"};
// Index: ix_broken_glass__worklist.
constexpr Query kToReview{
    "directory.ListGlassReviews",
    "SELECT " YILIAN_GLASS_COLUMNS
    "WHERE reviewed = 0 AND (review_due_at > ? OR (review_due_at = ? AND broken_glass_id > ?)) "
    "ORDER BY review_due_at, broken_glass_id LIMIT ?"};
// Index: ix_broken_glass__due.
constexpr Query kAll{"directory.ListBrokenGlasses",
                     "SELECT " YILIAN_GLASS_COLUMNS
                     "WHERE review_due_at > ? OR (review_due_at = ? AND broken_glass_id > ?) "
                     "ORDER BY review_due_at, broken_glass_id LIMIT ?"};
// Few rows: one authority a region.
constexpr Query kAuthorities{
    "directory.HealthAuthorities",
    "SELECT organization_id FROM organization WHERE tier = 'HEALTH_AUTHORITY'"};

#undef YILIAN_GLASS_COLUMNS

void AddTo(std::vector<base::Uuid>& audience, OrganizationId organization) {
  if (std::find(audience.begin(), audience.end(), organization.uuid()) == audience.end()) {
    audience.push_back(organization.uuid());
  }
}

// The person's own organization, and those that watch over the patient.
absl::StatusOr<std::vector<base::Uuid>> AudienceOf(Session& session, const BrokenGlass& glass,
                                                   absl::Time at) {
  std::vector<base::Uuid> audience = {glass.organization.uuid()};
  ASSIGN_OR_RETURN(const std::vector<OrganizationId> guardians,
                   care::GuardiansOf(session, glass.patient, at));
  for (const OrganizationId guardian : guardians) AddTo(audience, guardian);
  return audience;
}

}  // namespace

absl::StatusOr<BrokenGlass> MysqlBrokenGlassStore::ToGlass(const Row& row) const {
  const auto reason = GlassReasonFromName(row.Text(4));
  if (!reason) return absl::InternalError("an unknown reason is stored");
  BrokenGlass glass{.id = row.Id<BrokenGlassId>(0),
                    .patient = row.Id<PatientId>(1),
                    .organization = row.Id<OrganizationId>(2),
                    .user = row.Id<UserId>(3),
                    .reason = *reason,
                    .started_at = row.Time(6),
                    .ends_at = row.Time(7),
                    .review_due_at = row.Time(8),
                    .escalated_at = row.OptionalTime(9),
                    .version = row.Int(14)};
  ASSIGN_OR_RETURN(glass.explanation,
                   cipher_.Decrypt({kExplanationColumn, glass.id.uuid()}, row.Bytes(5)));
  if (row.IsNull(10)) return glass;
  const auto verdict = GlassVerdictFromName(row.Text(10));
  if (!verdict) return absl::InternalError("an unknown verdict is stored");
  GlassReview review{.verdict = *verdict, .reviewer = row.Id<UserId>(12), .at = row.Time(13)};
  ASSIGN_OR_RETURN(review.comment,
                   cipher_.Decrypt({kCommentColumn, glass.id.uuid()}, row.Bytes(11)));
  glass.review = std::move(review);
  return glass;
}

absl::StatusOr<BrokenGlass> MysqlBrokenGlassStore::Lock(Session& session, BrokenGlassId id) const {
  ASSIGN_OR_RETURN(std::optional<BrokenGlass> there,
                   session.SelectOne<BrokenGlass>(
                       kLock, [this](const Row& row) { return ToGlass(row); }, id));
  if (!there) return errors::NotFound("broken_glass");
  return *std::move(there);
}

absl::Status MysqlBrokenGlassStore::Add(unit::Scope& scope, const BrokenGlass& glass) {
  Session& session = scope.sql();
  RETURN_IF_ERROR(care::RequireLivePatient(session, glass.patient));
  ASSIGN_OR_RETURN(const bool holds,
                   care::Holds(session, glass.patient, glass.organization, scope.now()));
  if (holds) return errors::GlassNotNeeded();
  ASSIGN_OR_RETURN(std::string explanation,
                   cipher_.Encrypt({kExplanationColumn, glass.id.uuid()}, glass.explanation));
  RETURN_IF_ERROR(session
                      .Execute(kInsert, glass.id, glass.patient, glass.organization, glass.user,
                               Name(glass.reason), Blob{std::move(explanation)}, glass.started_at,
                               glass.ends_at, glass.review_due_at)
                      .status());
  RETURN_IF_ERROR(saga::SetTimer(session, {.kind = std::string(kGlassReviewTimer),
                                           .aggregate_id = glass.id.uuid(),
                                           .name = std::string(kTimerName),
                                           .due_at = glass.review_due_at}));
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> audience, AudienceOf(session, glass, scope.now()));
  scope.Append(events::Broken(glass, audience, scope.now()));
  scope.Subject("broken_glass", glass.id.uuid(), glass.patient.uuid());
  return absl::OkStatus();
}

absl::StatusOr<BrokenGlass> MysqlBrokenGlassStore::Review(unit::Scope& scope, BrokenGlassId id,
                                                          std::string_view etag,
                                                          const GlassReview& review) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const BrokenGlass before, Lock(session, id));
  ASSIGN_OR_RETURN(const BrokenGlass after, Reviewed(before, etag, review));
  ASSIGN_OR_RETURN(std::string comment,
                   cipher_.Encrypt({kCommentColumn, id.uuid()}, review.comment));
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kReview, Name(review.verdict), Blob{std::move(comment)},
                                   review.reviewer, review.at, after.version, id, before.version));
  if (matched != 1) return absl::InternalError("a locked emergency access changed under its lock");
  RETURN_IF_ERROR(saga::CancelTimer(session, kGlassReviewTimer, id.uuid(), kTimerName));
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> audience, AudienceOf(session, after, scope.now()));
  scope.Append(events::Reviewed(after, audience, scope.now()));
  scope.Subject("broken_glass", id.uuid(), after.patient.uuid());
  return after;
}

absl::StatusOr<std::vector<BrokenGlass>> MysqlBrokenGlassStore::List(const GlassReviewsQuery& query,
                                                                     absl::Time deadline) {
  const absl::Time time = query.after ? query.after->first : absl::UnixEpoch();
  const BrokenGlassId id = query.after ? query.after->second : BrokenGlassId();
  std::vector<BrokenGlass> glasses;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        glasses, session.SelectAll<BrokenGlass>(
                     query.include_reviewed ? kAll : kToReview,
                     [this](const Row& row) { return ToGlass(row); }, time, time, id, query.limit));
    return absl::OkStatus();
  }));
  return glasses;
}

absl::Status MysqlBrokenGlassStore::Escalate(Session& session, BrokenGlassId id,
                                             absl::Time now) const {
  ASSIGN_OR_RETURN(const BrokenGlass before, Lock(session, id));
  const std::optional<BrokenGlass> after = Escalated(before, now);
  if (!after) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kEscalate, now, after->version, id, before.version));
  if (matched != 1) return absl::InternalError("a locked emergency access changed under its lock");
  ASSIGN_OR_RETURN(std::vector<base::Uuid> audience, AudienceOf(session, *after, now));
  ASSIGN_OR_RETURN(const std::vector<OrganizationId> authorities,
                   session.SelectAll<OrganizationId>(
                       kAuthorities, [](const Row& row) { return row.Id<OrganizationId>(0); }));
  for (const OrganizationId authority : authorities) AddTo(audience, authority);
  return outbox::Append(session, {events::ReviewOverdue(*after, audience, now)});
}

}  // namespace yilian::directory
