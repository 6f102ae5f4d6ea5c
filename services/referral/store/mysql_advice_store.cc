#include "services/referral/store/mysql_advice_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"
#include "common/mysql/transaction.h"
#include "common/outbox/outbox.h"
#include "common/relationship/merges.h"
#include "common/saga/timer.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/advice_errors.h"
#include "services/referral/store/attachment_rows.h"
#include "yilian/referral/v1/advice.pb.h"

namespace yilian::referral {
namespace {

using mysql::OrNull;

// Index: ix_advice__patient.
constexpr relationship::SubjectTable kPatientTables[] = {
    {.name = "advice", .row_id = "advice_id", .subject = "patient_id"},
};

using mysql::Query;

#define YILIAN_ADVICE_COLUMNS                                                                   \
  "advice_id, patient_id, state, urgency, asking_organization_id, asking_practitioner_id, "     \
  "advising_organization_id, advising_department_id, advising_practitioner_id, turn_count, "    \
  "referral_proposed, clock_started_at, due_at, escalation_tier, asked_at, first_answered_at, " \
  "updated_at, close_reason, referral_id, version"

// Index: primary key.
constexpr Query kGet{"advice.Get",
                     "SELECT " YILIAN_ADVICE_COLUMNS " FROM advice WHERE advice_id = ?"};
// Index: primary key. The row lock keeps a second decision out until this one is committed.
constexpr Query kGetForUpdate{"advice.GetForUpdate", "SELECT " YILIAN_ADVICE_COLUMNS
                                                     " FROM advice WHERE advice_id = ? FOR UPDATE"};
constexpr Query kInsert{
    "advice.Insert",
    "INSERT INTO advice (" YILIAN_ADVICE_COLUMNS
    ", worklist_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key; no row: somebody was faster.
constexpr Query kUpdate{
    "advice.Update",
    "UPDATE advice SET state = ?, turn_count = ?, referral_proposed = ?, clock_started_at = ?, "
    "due_at = ?, escalation_tier = ?, first_answered_at = ?, updated_at = ?, close_reason = ?, "
    "referral_id = ?, version = ?, worklist_at = ? WHERE advice_id = ? AND version = ?"};
constexpr Query kInsertTurn{"advice.InsertTurn",
                            "INSERT INTO advice_turn (advice_id, number, kind, text, "
                            "organization_id, practitioner_id, said_at) VALUES "
                            "(?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key prefix.
constexpr Query kTurns{"advice.Turns",
                       "SELECT number, kind, text, organization_id, practitioner_id, said_at FROM "
                       "advice_turn WHERE advice_id = ? ORDER BY number"};

// Worklists: keyset pages on (worklist_at, advice_id), the shortest clock first.
#define YILIAN_ADVICE_PAGE                                                                \
  " AND state = ? AND (worklist_at > ? OR (worklist_at = ? AND advice_id > ?)) ORDER BY " \
  "worklist_at, advice_id LIMIT ?"
// Index: ix_advice__advising.
constexpr Query kListAdvising{"advice.ListAdvising",
                              "SELECT " YILIAN_ADVICE_COLUMNS
                              " FROM advice WHERE advising_organization_id = ?" YILIAN_ADVICE_PAGE};
// Index: ix_advice__department.
constexpr Query kListDepartment{
    "advice.ListDepartment",
    "SELECT " YILIAN_ADVICE_COLUMNS
    " FROM advice WHERE advising_organization_id = ? AND advising_department_id = "
    "?" YILIAN_ADVICE_PAGE};
// Index: ix_advice__specialist.
constexpr Query kListSpecialist{
    "advice.ListSpecialist",
    "SELECT " YILIAN_ADVICE_COLUMNS
    " FROM advice WHERE advising_organization_id = ? AND advising_practitioner_id = "
    "?" YILIAN_ADVICE_PAGE};
// Index: ix_advice__asking.
constexpr Query kListAsking{"advice.ListAsking",
                            "SELECT " YILIAN_ADVICE_COLUMNS
                            " FROM advice WHERE asking_organization_id = ?" YILIAN_ADVICE_PAGE};
// Index: ix_advice__asker.
constexpr Query kListAsker{
    "advice.ListAsker",
    "SELECT " YILIAN_ADVICE_COLUMNS
    " FROM advice WHERE asking_organization_id = ? AND asking_practitioner_id = "
    "?" YILIAN_ADVICE_PAGE};

absl::StatusOr<Advice> FromRow(const mysql::Row& row) {
  Advice advice;
  advice.id = row.Id<AdviceId>(0);
  advice.patient = row.Id<PatientId>(1);
  const std::optional<AdviceState> state = AdviceStateFromName(row.Text(2));
  if (!state) return absl::InternalError("an advice row has a state that this binary lacks");
  advice.state = *state;
  advice.urgency = static_cast<Urgency>(row.Int(3));
  advice.asking = {.organization = row.Id<OrganizationId>(4),
                   .practitioner = row.Id<PractitionerId>(5)};
  advice.advising_organization = row.Id<OrganizationId>(6);
  advice.advising_department = row.Id<DepartmentId>(7);
  advice.advising_practitioner = row.Id<PractitionerId>(8);
  advice.turn_count = static_cast<int>(row.Int(9));
  advice.referral_proposed = row.Bool(10);
  advice.clock_started_at = row.OptionalTime(11);
  advice.due_at = row.OptionalTime(12);
  advice.escalation_tier = static_cast<int>(row.Int(13));
  advice.asked_at = row.Time(14);
  advice.first_answered_at = row.OptionalTime(15);
  advice.updated_at = row.Time(16);
  advice.close_reason = static_cast<ReasonCode>(row.Int(17));
  advice.referral = row.Id<ReferralId>(18);
  advice.version = row.Int(19);
  return advice;
}

AdviceTurn TurnFrom(const mysql::Row& row) {
  return {
      .number = static_cast<int>(row.Int(0)),
      .kind = static_cast<TurnKind>(row.Int(1)),
      .text = row.Text(2),
      .by = {.organization = row.Id<OrganizationId>(3), .practitioner = row.Id<PractitionerId>(4)},
      .said_at = row.Time(5)};
}

mysql::Values InsertValues(const Advice& advice) {
  return {advice.id,
          advice.patient,
          Name(advice.state),
          static_cast<int>(advice.urgency),
          advice.asking.organization,
          OrNull(advice.asking.practitioner),
          advice.advising_organization,
          advice.advising_department,
          OrNull(advice.advising_practitioner),
          advice.turn_count,
          advice.referral_proposed,
          advice.clock_started_at,
          advice.due_at,
          advice.escalation_tier,
          advice.asked_at,
          advice.first_answered_at,
          advice.updated_at,
          static_cast<int>(advice.close_reason),
          OrNull(advice.referral),
          advice.version,
          advice.worklist_time()};
}

mysql::Values UpdateValues(const Advice& advice, int64_t from_version) {
  return {Name(advice.state),
          advice.turn_count,
          advice.referral_proposed,
          advice.clock_started_at,
          advice.due_at,
          advice.escalation_tier,
          advice.first_answered_at,
          advice.updated_at,
          static_cast<int>(advice.close_reason),
          OrNull(advice.referral),
          advice.version,
          advice.worklist_time(),
          advice.id,
          from_version};
}

outbox::NewEvent EventOf(const AdviceChange& change) {
  const Advice& advice = change.after;
  v1::AdviceChanged payload;
  payload.set_advice_id(advice.id.ToString());
  payload.set_patient_id(advice.patient.ToString());
  payload.set_state(static_cast<v1::AdviceState>(advice.state));
  payload.set_asking_organization_id(advice.asking.organization.ToString());
  payload.set_advising_organization_id(advice.advising_organization.ToString());
  payload.set_advising_department_id(advice.advising_department.ToString());
  if (advice.due_at) wire::SetTime(payload.mutable_due_at(), *advice.due_at);
  payload.set_escalation_tier(advice.escalation_tier);
  payload.set_referral_id(wire::TextOrEmpty(advice.referral));
  outbox::NewEvent event = outbox::NewEvent::Of(
      "advice", advice.id.uuid(), advice.version, payload, advice.updated_at,
      {advice.asking.organization.uuid(), advice.advising_organization.uuid()});
  event.type = change.event;
  return event;
}

absl::Status WriteTimer(mysql::Session& session, const Advice& advice) {
  if (!advice.due_at || advice.escalation_tier >= Deadlines::kLastTier) {
    return saga::CancelTimer(session, kAdviceTimer, advice.id.uuid(), "");
  }
  return saga::SetTimer(session,
                        {.kind = std::string(kAdviceTimer),
                         .aggregate_id = advice.id.uuid(),
                         .due_at = Deadlines::EscalationAt(*advice.clock_started_at, *advice.due_at,
                                                           advice.escalation_tier + 1)});
}

}  // namespace

absl::Status MysqlAdviceStore::Store(mysql::Session& session, const Advice* before,
                                     const AdviceChange& change) {
  const Advice& after = change.after;
  if (before == nullptr) {
    RETURN_IF_ERROR(session.ExecuteValues(kInsert, InsertValues(after)).status());
  } else {
    ASSIGN_OR_RETURN(const int64_t matched,
                     session.ExecuteValues(kUpdate, UpdateValues(after, before->version)));
    // The row was locked when it was read, so this is a defect and not a race.
    if (matched != 1) return absl::InternalError("a locked advice thread changed under its lock");
  }
  if (change.said) {
    const AdviceTurn& turn = after.turns.back();
    RETURN_IF_ERROR(session
                        .Execute(kInsertTurn, after.id, turn.number, static_cast<int>(turn.kind),
                                 turn.text, turn.by.organization, OrNull(turn.by.practitioner),
                                 turn.said_at)
                        .status());
  }
  return WriteTimer(session, after);
}

absl::Status MysqlAdviceStore::StoreAndTell(unit::Scope& scope, const Advice* before,
                                            const AdviceChange& change) {
  RETURN_IF_ERROR(Store(scope.sql(), before, change));
  scope.Append(EventOf(change));
  scope.Subject("advice", change.after.id.uuid(), change.after.patient.uuid());
  return absl::OkStatus();
}

absl::StatusOr<Advice> MysqlAdviceStore::LoadForUpdate(unit::Scope& scope, AdviceId id,
                                                       OrganizationId party,
                                                       std::string_view etag) {
  ASSIGN_OR_RETURN(std::optional<Advice> now,
                   scope.sql().SelectOne<Advice>(kGetForUpdate, FromRow, id));
  if (!now || !now->SideOf(party)) return errors::AdviceNotFound();
  if (etag != now->etag()) return errors::AdviceEtagStale(now->etag());
  ASSIGN_OR_RETURN(now->turns, scope.sql().SelectAll<AdviceTurn>(kTurns, TurnFrom, id));
  return *std::move(now);
}

absl::StatusOr<std::string> MysqlAdviceStore::CreateBytes(
    const unit::WriteContext& context, const DecideNew& decide,
    const wire::RespondBytes<Advice>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const AdviceChange asked, decide(scope.now()));
        RETURN_IF_ERROR(relationship::HoldLive(scope.sql(), asked.after.patient.uuid()));
        RETURN_IF_ERROR(StoreAndTell(scope, nullptr, asked));
        return respond(asked.after);
      });
}

absl::StatusOr<std::string> MysqlAdviceStore::UpdateBytes(
    const unit::WriteContext& context, AdviceId id, OrganizationId party, std::string_view etag,
    const Decide& decide, const wire::RespondBytes<Advice>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Advice now, LoadForUpdate(scope, id, party, etag));
        ASSIGN_OR_RETURN(const AdviceChange change, decide(now, scope.now()));
        RETURN_IF_ERROR(StoreAndTell(scope, &now, change));
        return respond(change.after);
      });
}

absl::StatusOr<std::string> MysqlAdviceStore::ConvertBytes(
    const unit::WriteContext& context, AdviceId id, OrganizationId party, std::string_view etag,
    const DecideConversion& decide, const wire::RespondBytes<Conversion>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Advice now, LoadForUpdate(scope, id, party, etag));
        ASSIGN_OR_RETURN(Conversion conversion, decide(now, scope.now()));
        RETURN_IF_ERROR(StoreAndTell(scope, &now, conversion.advice));
        RETURN_IF_ERROR(relationship::HoldBeside(scope.sql(), now.patient.uuid()));
        RETURN_IF_ERROR(deps_.referrals.Insert(scope, conversion.referral));
        RETURN_IF_ERROR(
            rows::CopyAttachments(scope.sql(), deps_.cipher, id, conversion.referral.after.id));
        return respond(conversion);
      });
}

absl::StatusOr<Advice> MysqlAdviceStore::Get(AdviceId id, OrganizationId party,
                                             absl::Time deadline) {
  std::optional<Advice> found;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, Find(session, id));
        if (!found) return absl::OkStatus();
        ASSIGN_OR_RETURN(found->turns, session.SelectAll<AdviceTurn>(kTurns, TurnFrom, id));
        return absl::OkStatus();
      }));
  if (!found || !found->SideOf(party)) return errors::AdviceNotFound();
  return *std::move(found);
}

absl::StatusOr<std::vector<Advice>> MysqlAdviceStore::List(const AdviceQuery& query,
                                                           absl::Time deadline) {
  const bool advising = query.side == AdviceSide::kAdvising;
  const bool by_person = !query.practitioner.is_nil();
  const bool by_department = advising && !by_person && !query.department.is_nil();
  const Query& list = by_person       ? (advising ? kListSpecialist : kListAsker)
                      : by_department ? kListDepartment
                      : advising      ? kListAdvising
                                      : kListAsking;
  mysql::Values values = {query.organization};
  if (by_person) values.emplace_back(query.practitioner);
  if (by_department) values.emplace_back(query.department);
  for (const mysql::Value& value : mysql::Values{Name(query.state), query.after_time,
                                                 query.after_time, query.after_id, query.limit}) {
    values.push_back(value);
  }
  std::vector<Advice> found;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        found.clear();
        return session.SelectValues(list, values, [&](const mysql::Row& row) -> absl::Status {
          ASSIGN_OR_RETURN(found.emplace_back(), FromRow(row));
          return absl::OkStatus();
        });
      }));
  return found;
}

absl::StatusOr<std::optional<Advice>> MysqlAdviceStore::Find(mysql::Session& session, AdviceId id) {
  return session.SelectOne<Advice>(kGet, FromRow, id);
}

absl::Status MysqlAdviceStore::Escalate(mysql::Session& session, AdviceId id, absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<Advice> now,
                   session.SelectOne<Advice>(kGetForUpdate, FromRow, id));
  if (!now) return absl::OkStatus();
  const std::optional<AdviceChange> change = now->Escalate(at);
  if (!change) return absl::OkStatus();
  RETURN_IF_ERROR(Store(session, &*now, *change));
  return outbox::Append(session, {EventOf(*change)});
}

absl::Status MysqlAdviceStore::MovePatient(mysql::Session& session, const event::v1::Event& merge) {
  return relationship::MoveRows(session, merge, kPatientTables);
}

}  // namespace yilian::referral
