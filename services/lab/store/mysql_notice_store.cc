#include "services/lab/store/mysql_notice_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/audit/readers.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/merges.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/lab/domain/errors.h"
#include "yilian/lab/v1/notice.pb.h"

namespace yilian::lab {
namespace {

using mysql::Query;

// In the order that FromRow expects.
#define YILIAN_NOTICE_COLUMNS                                                            \
  "notice_id, kind, report_id, report_version, patient_id, performing_organization_id, " \
  "organization_id, user_id, read_at, created_at, tier, due_at, acknowledged_at, "       \
  "acknowledged_by, "                                                                    \
  "version"

// Index: primary key.
constexpr Query kLock{"lab.LockNotice", "SELECT " YILIAN_NOTICE_COLUMNS
                                        " FROM correction_notice WHERE notice_id = ? FOR UPDATE"};
constexpr Query kInsert{"lab.InsertNotice",
                        "INSERT INTO correction_notice (" YILIAN_NOTICE_COLUMNS
                        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
constexpr Query kUpdate{"lab.UpdateNotice",
                        "UPDATE correction_notice SET tier = ?, due_at = ?, acknowledged_at = ?, "
                        "acknowledged_by = ?, version = ? WHERE notice_id = ? AND version = ?"};

// Worklists: keyset pages on (created_at, notice_id).
#define YILIAN_NOTICE_PAGE                                                                      \
  " AND (created_at > ? OR (created_at = ? AND notice_id > ?)) ORDER BY created_at, notice_id " \
  "LIMIT ?"
// Index: ix_correction_notice__reader.
constexpr Query kListMine{"lab.ListNoticesOfReader",
                          "SELECT " YILIAN_NOTICE_COLUMNS
                          " FROM correction_notice WHERE organization_id = ? AND user_id = ? AND "
                          "is_open = 1" YILIAN_NOTICE_PAGE};
// Index: ix_correction_notice__organization.
constexpr Query kListOfOrganization{"lab.ListNoticesOfOrganization",
                                    "SELECT " YILIAN_NOTICE_COLUMNS
                                    " FROM correction_notice WHERE organization_id = ? AND is_open "
                                    "= 1 AND tier >= ?" YILIAN_NOTICE_PAGE};
// Index: ix_correction_notice__performing.
constexpr Query kListOfLaboratory{"lab.ListNoticesOfLaboratory",
                                  "SELECT " YILIAN_NOTICE_COLUMNS
                                  " FROM correction_notice WHERE performing_organization_id = ? "
                                  "AND is_open = 1 AND tier >= ?" YILIAN_NOTICE_PAGE};

// What is asked of a report's versions: the one that took the place, the one that readers saw
// before it, and since when there was anything to read. Index: primary keys.
constexpr Query kSuperseded{
    "lab.SupersededVersion",
    "SELECT r.performing_organization_id, n.status, n.received_at, o.patient_id, (SELECT "
    "MIN(f.received_at) FROM report_version f WHERE f.report_id = r.report_id) FROM report r JOIN "
    "report_version n ON n.report_id = r.report_id AND n.version = ? JOIN report_version o ON "
    "o.report_id = r.report_id AND o.version = ? WHERE r.report_id = ?"};

// How long after a correction its readers are looked for. By then every read that began before it
// has its record: handlers and the audit's own write are done, or have failed, within 10 s each.
constexpr absl::Duration kSettle = absl::Minutes(1);
// A read that the audit dates this long after the correction may still have shown what was before.
constexpr absl::Duration kOverlap = absl::Seconds(10);
// Until the next look, where the journal of the audit is not empty yet.
constexpr absl::Duration kLookAgain = absl::Seconds(5);

CorrectionNotice FromRow(const mysql::Row& row) {
  CorrectionNotice notice;
  int at = 0;
  notice.id = row.Id<NoticeId>(at++);
  notice.kind = static_cast<NoticeKind>(row.Int(at++));
  notice.report = row.Id<ReportId>(at++);
  notice.report_version = static_cast<int>(row.Int(at++));
  notice.patient = row.Id<PatientId>(at++);
  notice.performing_organization = row.Id<OrganizationId>(at++);
  notice.organization = row.Id<OrganizationId>(at++);
  notice.user = row.Id<AccountId>(at++);
  notice.read_at = row.Time(at++);
  notice.created_at = row.Time(at++);
  notice.tier = static_cast<int>(row.Int(at++));
  notice.due_at = row.OptionalTime(at++);
  notice.acknowledged_at = row.OptionalTime(at++);
  notice.acknowledged_by = AccountId(row.OptionalId(at++).value_or(base::Uuid()));
  notice.version = row.Int(at);
  return notice;
}

outbox::NewEvent EventOf(const NoticeChange& change, absl::Time at) {
  const CorrectionNotice& notice = change.after;
  v1::CorrectionNoticeChanged payload;
  payload.set_notice_id(notice.id.ToString());
  payload.set_kind(static_cast<v1::NoticeKind>(notice.kind));
  payload.set_report_id(notice.report.ToString());
  payload.set_organization_id(notice.organization.ToString());
  payload.set_user_id(wire::TextOrEmpty(notice.user));
  payload.set_tier(notice.tier);
  if (notice.due_at) wire::SetTime(payload.mutable_due_at(), *notice.due_at);
  payload.set_acknowledged(notice.acknowledged_at.has_value());
  std::vector<base::Uuid> audience = {notice.organization.uuid()};
  if (notice.tier >= kTierLaboratory && notice.performing_organization != notice.organization) {
    audience.push_back(notice.performing_organization.uuid());
  }
  outbox::NewEvent event = outbox::NewEvent::Of("correction_notice", notice.id.uuid(),
                                                notice.version, payload, at, std::move(audience));
  event.type = change.event;
  return event;
}

absl::Status FollowClock(mysql::Session& session, const CorrectionNotice& after) {
  if (!after.due_at) return saga::CancelTimer(session, kNoticeTimer, after.id.uuid(), "");
  return saga::SetTimer(session, {.kind = std::string(kNoticeTimer),
                                  .aggregate_id = after.id.uuid(),
                                  .due_at = *after.due_at});
}

absl::Status Insert(mysql::Session& session, const CorrectionNotice& notice) {
  RETURN_IF_ERROR(session
                      .Execute(kInsert, notice.id, static_cast<int>(notice.kind), notice.report,
                               notice.report_version, notice.patient,
                               notice.performing_organization, notice.organization, notice.user,
                               notice.read_at, notice.created_at, notice.tier, notice.due_at,
                               notice.acknowledged_at, nullptr, notice.version)
                      .status());
  return FollowClock(session, notice);
}

absl::Status Update(mysql::Session& session, const CorrectionNotice& before,
                    const CorrectionNotice& after) {
  ASSIGN_OR_RETURN(const int64_t matched,
                   session.Execute(kUpdate, after.tier, after.due_at, after.acknowledged_at,
                                   after.acknowledged_at ? mysql::Value(after.acknowledged_by)
                                                         : mysql::Value(nullptr),
                                   after.version, after.id, before.version));
  // The row was locked when it was read, so this is a defect and not a race.
  if (matched != 1) return absl::InternalError("a locked notice changed under its lock");
  return FollowClock(session, after);
}

absl::StatusOr<std::optional<CorrectionNotice>> Lock(mysql::Session& session, NoticeId id) {
  return session.SelectOne<CorrectionNotice>(kLock, FromRow, id);
}

// The two versions of a readers' timer, in its name.
std::string TimerName(const Report& before, const Report& after) {
  return fmt::format("{}-{}", before.version, after.version);
}
struct Versions {
  int before = 0;
  int after = 0;
};
std::optional<Versions> ParseTimerName(const std::string& name) {
  const size_t dash = name.find('-');
  Versions versions;
  if (dash == std::string::npos || !absl::SimpleAtoi(name.substr(0, dash), &versions.before) ||
      !absl::SimpleAtoi(name.substr(dash + 1), &versions.after)) {
    return std::nullopt;
  }
  return versions;
}

struct Superseded {
  OrganizationId performing_organization;
  ResultStatus status = ResultStatus::kCorrected;  // of what took the place
  absl::Time since;                                // when the first version was there
  absl::Time until;                                // when it was replaced
  PatientId patient;
};

}  // namespace

absl::Status TellReaders(mysql::Session& session, const Report& before, const Report& after,
                         absl::Time at) {
  // Shown to nobody, so nobody has read it.
  if (before.status == ResultStatus::kWithdrawn) return absl::OkStatus();
  return saga::SetTimer(session, {.kind = std::string(kReadersTimer),
                                  .aggregate_id = after.id.uuid(),
                                  .name = TimerName(before, after),
                                  .due_at = at + kSettle});
}

absl::Status MysqlNoticeStore::Issue(mysql::Session& session, ReportId report,
                                     const std::string& name, absl::Time at) {
  const std::optional<Versions> versions = ParseTimerName(name);
  if (!versions) return absl::InternalError("a readers' timer has another name");
  ASSIGN_OR_RETURN(const bool linked, audit::IsLinkedUpTo(session, at));
  if (!linked) {
    return saga::SetTimer(session, {.kind = std::string(kReadersTimer),
                                    .aggregate_id = report.uuid(),
                                    .name = name,
                                    .due_at = at + kLookAgain});
  }
  ASSIGN_OR_RETURN(const std::optional<Superseded> old,
                   session.SelectOne<Superseded>(
                       kSuperseded,
                       [](const mysql::Row& row) {
                         return Superseded{.performing_organization = row.Id<OrganizationId>(0),
                                           .status = static_cast<ResultStatus>(row.Int(1)),
                                           .since = row.Time(4),
                                           .until = row.Time(2),
                                           .patient = row.Id<PatientId>(3)};
                       },
                       versions->after, versions->before, report));
  if (!old) return absl::DataLossError("a version that was corrected is missing");
  ASSIGN_OR_RETURN(const base::Uuid patient,
                   relationship::HoldSurvivor(session, old->patient.uuid()));
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> records,
                   relationship::RecordsOf(session, patient));
  ASSIGN_OR_RETURN(const std::vector<audit::Reader> readers,
                   audit::ReadersOf(session, "report", report.uuid(), records, old->since,
                                    old->until + kOverlap));
  std::vector<outbox::NewEvent> events;
  for (const audit::Reader& reader : readers) {
    const NoticeChange issued = CorrectionNotice::Issue(
        {.kind = old->status == ResultStatus::kWithdrawn ? NoticeKind::kWithdrawn
                                                         : NoticeKind::kCorrected,
         .report = report,
         .report_version = versions->after,
         .patient = PatientId(patient),
         .performing_organization = old->performing_organization,
         .organization = OrganizationId(reader.organization),
         .user = AccountId(reader.user),
         .read_at = reader.last_read_at,
         .created_at = at},
        rules_);
    RETURN_IF_ERROR(Insert(session, issued.after));
    events.push_back(EventOf(issued, at));
  }
  return events.empty() ? absl::OkStatus() : outbox::Append(session, events);
}

absl::Status MysqlNoticeStore::Escalate(mysql::Session& session, NoticeId id, absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<CorrectionNotice> now, Lock(session, id));
  if (!now) return absl::OkStatus();
  const std::optional<NoticeChange> change = now->Escalate(rules_, at);
  if (!change) return absl::OkStatus();
  RETURN_IF_ERROR(Update(session, *now, change->after));
  return outbox::Append(session, {EventOf(*change, at)});
}

absl::StatusOr<std::string> MysqlNoticeStore::AcknowledgeBytes(const unit::WriteContext& context,
                                                               NoticeId id, const NoticeActor& by,
                                                               const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const std::optional<CorrectionNotice> now, Lock(scope.sql(), id));
    if (!now) return errors::NoticeNotFound();
    ASSIGN_OR_RETURN(const std::optional<NoticeChange> change, now->Acknowledge(by, scope.now()));
    if (change) {
      RETURN_IF_ERROR(Update(scope.sql(), *now, change->after));
      scope.Append(EventOf(*change, scope.now()));
    }
    scope.Subject("correction_notice", id.uuid(), now->patient.uuid());
    return respond(change ? change->after : *now);
  });
}

absl::StatusOr<std::vector<CorrectionNotice>> MysqlNoticeStore::List(const NoticesQuery& query,
                                                                     absl::Time deadline) {
  const Query* statement = &kListMine;
  mysql::Values values = {query.reader.organization, query.reader.user};
  if (query.worklist == NoticeWorklist::kOfOrganization) {
    statement = &kListOfOrganization;
    values = {query.reader.organization, kTierOrganization};
  }
  if (query.worklist == NoticeWorklist::kOfLaboratory) {
    statement = &kListOfLaboratory;
    values = {query.reader.organization, kTierLaboratory};
  }
  values.insert(values.end(), {query.after_time, query.after_time, query.after_id, query.limit});
  std::vector<CorrectionNotice> found;
  RETURN_IF_ERROR(mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) {
    found.clear();
    return session.SelectValues(*statement, values, [&](const mysql::Row& row) {
      found.push_back(FromRow(row));
      return absl::OkStatus();
    });
  }));
  return found;
}

}  // namespace yilian::lab
