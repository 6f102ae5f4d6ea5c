#include "services/consultation/store/mysql_reading_centre_store.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/consultation/domain/centre_errors.h"
#include "services/consultation/store/centre_queries.h"
#include "services/consultation/store/centre_rows.h"
#include "services/consultation/store/records.h"
#include "yilian/consultation/v1/reading_centre.pb.h"

namespace yilian::consultation {
namespace {

absl::StatusOr<ReadingCentre> LoadCentre(mysql::Session& sql, const mysql::Query& query,
                                         CentreId id) {
  ASSIGN_OR_RETURN(std::optional<ReadingCentre> found,
                   sql.SelectOne<ReadingCentre>(query, rows::CentreFromRow, id));
  if (!found) return errors::CentreNotFound();
  return *std::move(found);
}

absl::Status SaveCentre(mysql::Session& sql, const ReadingCentre& centre, absl::Time at) {
  mysql::Values values = rows::CentreValues(centre, at);
  if (centre.version == 1) {
    values.insert(values.begin(), {centre.id, centre.organization});
    return sql.ExecuteValues(queries::kInsertCentre, values).status();
  }
  values.emplace_back(centre.id);
  return sql.ExecuteValues(queries::kUpdateCentre, values).status();
}

// Each kind is a UNIQUE key of the organization: of two centres that want one, the second is told.
absl::Status SaveKinds(mysql::Session& sql, const ReadingCentre& centre) {
  RETURN_IF_ERROR(sql.Execute(queries::kGiveUpKinds, centre.id).status());
  for (const Kind kind : centre.plan.kinds) {
    const absl::Status taken =
        sql.Execute(queries::kTakeKind, centre.organization, static_cast<int>(kind), centre.id)
            .status();
    if (!absl::IsAlreadyExists(taken)) {
      RETURN_IF_ERROR(taken);
      continue;
    }
    ASSIGN_OR_RETURN(
        const std::optional<CentreId> by,
        sql.SelectOne<CentreId>(
            queries::kKindTaken, [](const mysql::Row& row) { return row.Id<CentreId>(0); },
            centre.organization, static_cast<int>(kind)));
    return errors::CentreKindTaken(kind, by.value_or(CentreId()));
  }
  return absl::OkStatus();
}

absl::Status SaveMember(mysql::Session& sql, const MemberChange& change, absl::Time at) {
  const ReadingMember& member = change.after;
  mysql::Values values = rows::MemberValues(member, at);
  if (member.version == 1) {
    values.insert(values.begin(), {member.centre, member.practitioner});
    return sql.ExecuteValues(queries::kInsertMember, values).status();
  }
  values.emplace_back(member.centre);
  values.emplace_back(member.practitioner);
  return sql.ExecuteValues(queries::kUpdateMember, values).status();
}

// A reader is on duty at one centre. A duty elsewhere that ran out is ended on the way.
absl::Status LeaveElsewhere(mysql::Session& sql, const ReadingMember& member, absl::Time at) {
  ASSIGN_OR_RETURN(
      std::optional<ReadingMember> elsewhere,
      sql.SelectOne<ReadingMember>(queries::kLockOnDuty, rows::MemberFromRow, member.practitioner));
  if (!elsewhere || elsewhere->centre == member.centre) return absl::OkStatus();
  if (elsewhere->DutyAt(at) != Duty::kOff) return errors::OnDutyElsewhere(elsewhere->centre);
  elsewhere->EndDuty();
  ++elsewhere->version;
  return SaveMember(sql, {.after = *std::move(elsewhere)}, at);
}

struct Waiting {
  int count = 0;
  std::optional<absl::Time> next;
};

Waiting WaitingFromRow(const mysql::Row& row) {
  return {.count = static_cast<int>(row.Int(0)), .next = row.OptionalTime(1)};
}

absl::StatusOr<UrgencyCount> CountRank(mysql::Session& sql, const ReadingCentre& centre, int rank,
                                       absl::Time now) {
  UrgencyCount count;
  const auto add = [&](const std::optional<Waiting>& waiting) {
    if (!waiting) return;
    count.waiting = std::min(count.waiting + waiting->count, kMaxCounted + 1);
    if (waiting->next && (!count.next_due || *waiting->next < *count.next_due)) {
      count.next_due = waiting->next;
    }
  };
  for (const Kind kind : centre.plan.kinds) {
    ASSIGN_OR_RETURN(const std::optional<Waiting> requested,
                     sql.SelectOne<Waiting>(queries::kCountRequested, WaitingFromRow, centre.id,
                                            static_cast<int>(kind), rank));
    add(requested);
  }
  ASSIGN_OR_RETURN(
      const std::optional<Waiting> lapsed,
      sql.SelectOne<Waiting>(queries::kCountLapsed, WaitingFromRow, centre.id, now, rank));
  add(lapsed);
  ASSIGN_OR_RETURN(const std::optional<int64_t> held,
                   sql.SelectOne<int64_t>(
                       queries::kCountInWork, [](const mysql::Row& row) { return row.Int(0); },
                       centre.id, now, rank));
  count.in_work = static_cast<int>(held.value_or(0));
  return count;
}

}  // namespace

absl::StatusOr<std::string> MysqlReadingCentreStore::DefineBytes(
    const unit::WriteContext& context, OrganizationId organization, CentreId centre,
    const std::string& etag, const CentrePlan& plan,
    const wire::RespondBytes<ReadingCentre>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    ReadingCentre before{.organization = organization};
    if (centre.is_nil()) {
      before.id = CentreId::New(scope.now());
    } else {
      ASSIGN_OR_RETURN(before, LoadCentre(sql, queries::kLockCentre, centre));
      if (before.organization != organization) return errors::CentreNotFound();
    }
    if (before.etag() != etag) return errors::CentreEtagStale(before.etag());
    ASSIGN_OR_RETURN(const ReadingCentre after, DefineReadingCentre(before, plan));
    RETURN_IF_ERROR(SaveCentre(sql, after, scope.now()));
    RETURN_IF_ERROR(SaveKinds(sql, after));
    v1::ReadingCentreDefined payload;
    *payload.mutable_centre() = encoding_.centre(after);
    scope.Append(outbox::NewEvent::Of("reading_centre", after.id.uuid(), after.version, payload,
                                      scope.now(), {organization.uuid()}));
    scope.Subject("reading_centre", after.id.uuid(), base::Uuid());
    return respond(after);
  });
}

absl::StatusOr<std::string> MysqlReadingCentreStore::ChangeMemberBytes(
    const unit::WriteContext& context, OrganizationId organization, CentreId centre,
    PractitionerId practitioner, const std::optional<std::string>& etag, const DecideMember& decide,
    const wire::RespondBytes<ReadingMember>& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    ASSIGN_OR_RETURN(const ReadingCentre of, LoadCentre(sql, queries::kGetCentre, centre));
    if (of.organization != organization) return errors::CentreNotFound();
    ASSIGN_OR_RETURN(std::optional<ReadingMember> found,
                     sql.SelectOne<ReadingMember>(queries::kLockMember, rows::MemberFromRow, centre,
                                                  practitioner));
    const ReadingMember before =
        found.value_or(ReadingMember{.centre = centre, .practitioner = practitioner});
    if (etag && before.etag() != *etag) return errors::CentreEtagStale(before.etag());
    ASSIGN_OR_RETURN(const MemberChange change, decide(of, before, scope.now()));
    if (change.event == "ReaderDutyStarted") {
      RETURN_IF_ERROR(LeaveElsewhere(sql, before, scope.now()));
    }
    RETURN_IF_ERROR(SaveMember(sql, change, scope.now()));
    if (change.hands_back) {
      ASSIGN_OR_RETURN(const std::vector<Change> back,
                       records::HandBack(sql, centre, practitioner, scope.now()));
      for (const Change& one : back) {
        scope.Append(records::EventOf(one));
        scope.Subject("consultation", one.after.id.uuid(), one.after.patient.uuid());
      }
    }
    if (change.event == "ReaderDutyStarted") {
      RETURN_IF_ERROR(records::WakeAssignment(sql, of, practitioner.uuid(), scope.now()));
    }
    v1::ReadingMemberChanged payload;
    *payload.mutable_member() = encoding_.member(change.after);
    const base::Uuid member_id = base::Uuid::V5(centre.uuid(), practitioner.ToString());
    outbox::NewEvent event = outbox::NewEvent::Of("reading_member", member_id, change.after.version,
                                                  payload, scope.now(), {organization.uuid()});
    event.type = change.event;
    scope.Append(std::move(event));
    scope.Subject("reading_member", member_id, base::Uuid());
    return respond(change.after);
  });
}

absl::StatusOr<ReadingCentre> MysqlReadingCentreStore::Get(CentreId id, absl::Time deadline) {
  std::optional<ReadingCentre> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found, LoadCentre(sql, queries::kGetCentre, id));
        return absl::OkStatus();
      }));
  return *std::move(found);
}

absl::StatusOr<std::optional<ReadingCentre>> MysqlReadingCentreStore::CentreFor(
    OrganizationId organization, Kind kind, absl::Time deadline) {
  std::optional<ReadingCentre> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(found,
                         sql.SelectOne<ReadingCentre>(queries::kCentreFor, rows::CentreFromRow,
                                                      organization, static_cast<int>(kind)));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<ReadingCentre>> MysqlReadingCentreStore::List(
    OrganizationId organization, CentreId after, int limit, absl::Time deadline) {
  std::vector<ReadingCentre> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        if (organization.is_nil()) {
          ASSIGN_OR_RETURN(found, sql.SelectAll<ReadingCentre>(queries::kListCentres,
                                                               rows::CentreFromRow, after, limit));
        } else {
          ASSIGN_OR_RETURN(
              found, sql.SelectAll<ReadingCentre>(queries::kListCentresOf, rows::CentreFromRow,
                                                  organization, after, limit));
        }
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<ReadingMember>> MysqlReadingCentreStore::ListMembers(
    CentreId centre, PractitionerId after, int limit, absl::Time deadline) {
  std::vector<ReadingMember> found;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(
            found, sql.SelectAll<ReadingMember>(queries::kListMembers, rows::MemberFromRow, centre,
                                                after, limit));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<ReadingCounts> MysqlReadingCentreStore::Count(CentreId centre, absl::Time deadline) {
  ReadingCounts counts;
  const absl::Time now = unit_of_work_.clock().Now();
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(const ReadingCentre of, LoadCentre(sql, queries::kGetCentre, centre));
        for (size_t rank = 0; rank < counts.of_rank.size(); ++rank) {
          ASSIGN_OR_RETURN(counts.of_rank[rank], CountRank(sql, of, static_cast<int>(rank), now));
        }
        ASSIGN_OR_RETURN(const std::optional<int64_t> readers,
                         sql.SelectOne<int64_t>(
                             queries::kCountOnDuty,
                             [](const mysql::Row& row) { return row.Int(0); }, centre, now));
        counts.readers_on_duty = static_cast<int>(readers.value_or(0));
        return absl::OkStatus();
      }));
  return counts;
}

}  // namespace yilian::consultation
