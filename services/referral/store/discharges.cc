// Discharges: what the hospital's system reports, and the follow-ups that nobody acted on
// afterwards.
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/relationship/merges.h"
#include "services/referral/domain/errors.h"
#include "services/referral/store/mysql_referral_store.h"
#include "services/referral/store/queries.h"
#include "services/referral/store/rows.h"

namespace yilian::referral {
namespace {

// A patient who was referred longer ago than this is not discharged because of it.
constexpr absl::Duration kLongestAdmission = absl::Hours(180 * 24);

ReferralId IdOf(const mysql::Row& row) { return row.Id<ReferralId>(0); }

// The referral that brought the patient to the hospital. Their record may have been merged since
// the hospital's system was told of it; the row moves before or after this transaction.
absl::StatusOr<std::optional<ReferralId>> AdmissionOf(mysql::Session& session,
                                                      const Discharge& discharge,
                                                      absl::Time not_before) {
  ASSIGN_OR_RETURN(const base::Uuid survivor,
                   relationship::HoldSurvivor(session, discharge.patient.uuid()));
  std::vector<PatientId> records = {discharge.patient};
  if (survivor != discharge.patient.uuid()) records.emplace_back(survivor);
  std::optional<ReferralId> found;
  for (const PatientId patient : records) {
    ASSIGN_OR_RETURN(found, session.SelectOne<ReferralId>(queries::kFindAdmission, IdOf, patient,
                                                          not_before, discharge.hospital));
    if (found) break;
  }
  return found;
}

base::Uuid SourceKeyOf(const Discharge& discharge) {
  Referral draft{.referring_organization = discharge.hospital};
  draft.source = Source{.kind = SourceKind::kEpisode, .id = discharge.episode};
  return draft.source_key();
}

// What the hospital said last of the end of an episode.
struct Said {
  absl::Time recorded_at;
  bool cancelled = false;
};

absl::StatusOr<std::optional<Said>> LastSaid(mysql::Session& session, const Discharge& discharge) {
  return session.SelectOne<Said>(
      queries::kFindDischarge,
      [](const mysql::Row& row) {
        return Said{.recorded_at = row.Time(0), .cancelled = row.Bool(1)};
      },
      SourceKeyOf(discharge));
}

absl::Status Save(mysql::Session& session, const Discharge& discharge, bool cancelled) {
  return session
      .Execute(queries::kSaveDischarge, SourceKeyOf(discharge), discharge.recorded_at, cancelled,
               discharge.recorded_at, cancelled)
      .status();
}

absl::StatusOr<NotActed> NotActedFromRow(const mysql::Row& row) {
  NotActed task{.referral = row.Id<ReferralId>(0),
                .task = row.Id<TaskId>(1),
                .escalation_tier = static_cast<int>(row.Int(3)),
                .reschedule_count = static_cast<int>(row.Int(4)),
                .referring_organization = row.Id<OrganizationId>(5),
                .receiving_organization = row.Id<OrganizationId>(6)};
  if (!absl::ParseCivilTime(row.Text(2), &task.due_date)) {
    return absl::InternalError("a follow-up task row has no date");
  }
  return task;
}

}  // namespace

absl::Status MysqlReferralStore::Apply(unit::Scope& scope, const Referral& before,
                                       const Change& change) {
  RETURN_IF_ERROR(Store(scope.sql(), &before, change, scope.now()));
  Announce(scope, change);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Referral>> MysqlReferralStore::DraftBefore(
    mysql::Session& session, const Referral& admission, const Discharge& discharge) {
  ASSIGN_OR_RETURN(
      std::optional<ReferralId> id,
      session.SelectOne<ReferralId>(queries::kFindSource, IdOf, SourceKeyOf(discharge)));
  if (!id) {
    ASSIGN_OR_RETURN(id, session.SelectOne<ReferralId>(queries::kFindDownReferralOf, IdOf,
                                                       admission.patient, admission.id));
  }
  if (!id) return std::optional<Referral>();
  return Lock(session, *id);
}

// One transaction after the other for an episode: each locks the admission's row first.
absl::StatusOr<std::string> MysqlReferralStore::DischargeBytes(const unit::WriteContext& context,
                                                               const Discharge& discharge,
                                                               const Deadlines& deadlines,
                                                               const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    ASSIGN_OR_RETURN(const std::optional<ReferralId> id,
                     AdmissionOf(sql, discharge, scope.now() - kLongestAdmission));
    if (!id) return respond({});
    ASSIGN_OR_RETURN(const std::optional<Referral> admission, Lock(sql, *id));
    if (!admission) return respond({});
    ASSIGN_OR_RETURN(const std::optional<Said> last, LastSaid(sql, discharge));
    const bool counts = !last || discharge.recorded_at > last->recorded_at;
    const bool begins = counts && (!last || last->cancelled);
    if (counts) RETURN_IF_ERROR(Save(sql, discharge, false));
    if (begins) {
      if (const auto ended = admission->NoteDischarge(deadlines, scope.now())) {
        RETURN_IF_ERROR(Apply(scope, *admission, *ended));
      }
    }
    ASSIGN_OR_RETURN(std::optional<Referral> before, DraftBefore(sql, *admission, discharge));
    if (before) {
      scope.Subject("referral", before->id.uuid(), before->patient.uuid());
      const auto again =
          begins ? before->NoteDischargedAgain(deadlines, scope.now()) : std::nullopt;
      if (!again) return respond({Change{.after = *std::move(before)}});
      RETURN_IF_ERROR(Apply(scope, *before, *again));
      return respond({*again});
    }
    if (!begins) return respond({});
    ASSIGN_OR_RETURN(Change draft,
                     admission->DraftDischarge(discharge.draft, discharge.first_task,
                                               discharge.episode, deadlines, scope.now()));
    RETURN_IF_ERROR(Insert(scope, draft));
    return respond({std::move(draft)});
  });
}

absl::StatusOr<std::string> MysqlReferralStore::DischargeCancelledBytes(
    const unit::WriteContext& context, const Discharge& discharge, const RespondBytes& respond) {
  return unit_of_work_.RunBytes(context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
    mysql::Session& sql = scope.sql();
    ASSIGN_OR_RETURN(const std::optional<ReferralId> id,
                     AdmissionOf(sql, discharge, scope.now() - kLongestAdmission));
    if (!id) return respond({});
    ASSIGN_OR_RETURN(const std::optional<Referral> admission, Lock(sql, *id));
    if (!admission) return respond({});
    ASSIGN_OR_RETURN(const std::optional<Said> last, LastSaid(sql, discharge));
    if (last && discharge.recorded_at < last->recorded_at) return respond({});
    RETURN_IF_ERROR(Save(sql, discharge, true));
    if (last && last->cancelled) return respond({});
    ASSIGN_OR_RETURN(std::optional<Referral> draft, CancelDischarge(scope, *admission, discharge));
    if (!draft) return respond({});
    return respond({Change{.after = *std::move(draft)}});
  });
}

absl::StatusOr<std::optional<Referral>> MysqlReferralStore::CancelDischarge(
    unit::Scope& scope, const Referral& admission, const Discharge& discharge) {
  mysql::Session& sql = scope.sql();
  if (const auto stays = admission.NoteStay(scope.now())) {
    RETURN_IF_ERROR(Apply(scope, admission, *stays));
  }
  ASSIGN_OR_RETURN(const std::optional<ReferralId> id,
                   sql.SelectOne<ReferralId>(queries::kFindSource, IdOf, SourceKeyOf(discharge)));
  if (!id) return std::optional<Referral>();
  ASSIGN_OR_RETURN(std::optional<Referral> draft, Lock(sql, *id));
  if (!draft) return draft;
  scope.Subject("referral", draft->id.uuid(), draft->patient.uuid());
  // A draft has no text of its own before it is sent: who works on it adds attachments.
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> attached,
      sql.SelectOne<int64_t>(
          queries::kHasAttachment, [](const mysql::Row& row) { return row.Int(0); }, draft->id));
  const auto cancelled = draft->NoteDischargeCancelled(attached.has_value(), scope.now());
  // What was sent is with the community centre: the hospital withdraws it or not.
  if (!cancelled) return draft;
  RETURN_IF_ERROR(Apply(scope, *draft, *cancelled));
  return std::optional<Referral>(cancelled->after);
}

absl::StatusOr<bool> MysqlReferralStore::SendDraft(unit::Scope& scope, const Referral& admission,
                                                   Change& opened) {
  if (opened.after.direction != Direction::kDown || opened.after.follows != admission.id) {
    return false;
  }
  ASSIGN_OR_RETURN(const std::optional<ReferralId> id,
                   scope.sql().SelectOne<ReferralId>(queries::kFindDischargeDraft, IdOf,
                                                     admission.patient, admission.id));
  if (!id) return false;
  ASSIGN_OR_RETURN(const std::optional<Referral> draft, Lock(scope.sql(), *id));
  // Sent or withdrawn a moment ago.
  if (!draft || draft->state != State::kDraft) return false;
  opened = draft->SentAs(std::move(opened));
  RETURN_IF_ERROR(Apply(scope, *draft, opened));
  return true;
}

absl::StatusOr<std::vector<NotActed>> MysqlReferralStore::ListNotActed(const NotActedQuery& query,
                                                                       absl::Time deadline) {
  std::vector<NotActed> tasks;
  const std::string after = absl::FormatCivilTime(query.after_date);
  mysql::Values values{after, after, query.after_task};
  if (!query.organization.is_nil()) values.emplace_back(query.organization);
  values.emplace_back(query.limit);
  const mysql::Query& report = query.organization.is_nil() ? queries::kNotActedInRegion
                               : query.sent                ? queries::kNotActedSent
                                                           : queries::kNotActedOwed;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        tasks.clear();
        return session.SelectValues(report, values, [&](const mysql::Row& row) -> absl::Status {
          ASSIGN_OR_RETURN(NotActed task, NotActedFromRow(row));
          tasks.push_back(task);
          return absl::OkStatus();
        });
      }));
  return tasks;
}

}  // namespace yilian::referral
