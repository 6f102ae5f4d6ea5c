#include "services/scheduling/store/mysql_availability_store.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/scheduling/domain/template_check.h"
#include "services/scheduling/domain/template_errors.h"
#include "services/scheduling/store/availability_rows.h"
#include "services/scheduling/store/party_rows.h"
#include "services/scheduling/store/template_events.h"
#include "services/scheduling/store/template_rows.h"

namespace yilian::scheduling {
namespace {

// The day somewhere on earth where it is earliest: no template that is in force is missed.
absl::CivilDay EarliestToday(absl::Time now) {
  return absl::ToCivilDay(now, absl::FixedTimeZone(-12 * 60 * 60));
}

// Templates of the expert's that the organization may have sessions of, by id.
absl::StatusOr<std::vector<TemplateId>> OwnTemplates(mysql::Session& sql, const Absence& absence,
                                                     absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<SessionTemplate> all,
                   TemplatesOf(sql, absence.practitioner, EarliestToday(now)));
  std::vector<TemplateId> own;
  for (const SessionTemplate& made : all) {
    if (made.organization == absence.organization) own.push_back(made.id);
  }
  return own;
}

}  // namespace

absl::StatusOr<v1::Absence> MysqlAvailabilityStore::RecordAbsence(const unit::WriteContext& context,
                                                                  OrganizationId organization,
                                                                  PractitionerId practitioner,
                                                                  const Span& time) {
  return unit_of_work_.Run<v1::Absence>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Absence> {
        mysql::Session& sql = scope.sql();
        RETURN_IF_ERROR(CheckAbsence(time, scope.now()));
        // The job guards the expert before it reads absences: it makes no session that this one
        // does not see.
        RETURN_IF_ERROR(GuardExpert(sql, practitioner));
        const Absence absence{.id = AbsenceId::New(scope.now()),
                              .organization = organization,
                              .practitioner = practitioner,
                              .time = time};
        RETURN_IF_ERROR(InsertAbsence(sql, absence, scope.now()));
        scope.Append(events::AbsenceChanged(events::kAbsenceRecorded, absence,
                                            upkeep_.parts().templates, scope.now()));
        scope.Subject("absence", absence.id.uuid(), base::Uuid());
        ASSIGN_OR_RETURN(const std::vector<TemplateId> own,
                         OwnTemplates(sql, absence, scope.now()));
        std::vector<outbox::NewEvent> follow;
        for (const TemplateId id : own) {
          ASSIGN_OR_RETURN(const std::optional<SessionTemplate> made, LockTemplate(sql, id));
          // Of somebody else by now: its change has taken back the sessions of the old plan.
          if (!made || made->plan.practitioner != practitioner) continue;
          RETURN_IF_ERROR(upkeep_.Retract(sql, *made, scope.now(), follow).status());
        }
        for (outbox::NewEvent& one : follow) scope.Append(std::move(one));
        return upkeep_.parts().templates.absence(absence);
      });
}

absl::StatusOr<v1::Absence> MysqlAvailabilityStore::EndAbsence(const unit::WriteContext& context,
                                                               AbsenceId id, const Actor& by,
                                                               const std::string& etag,
                                                               std::optional<absl::Time> back_at) {
  return unit_of_work_.Run<v1::Absence>(
      context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Absence> {
        mysql::Session& sql = scope.sql();
        ASSIGN_OR_RETURN(const std::optional<Absence> before, LockAbsence(sql, id));
        if (!before || !before->IsOwn(by)) return errors::AbsenceNotFound();
        if (before->etag() != etag) return errors::EtagStale(before->etag());
        ASSIGN_OR_RETURN(
            const Absence after,
            scheduling::EndAbsence(*before, back_at.value_or(scope.now()), scope.now()));
        RETURN_IF_ERROR(SaveAbsence(sql, after));
        ASSIGN_OR_RETURN(const std::vector<TemplateId> own, OwnTemplates(sql, after, scope.now()));
        for (const TemplateId made : own) {
          RETURN_IF_ERROR(SetTemplateTimer(sql, made, scope.now()));
        }
        scope.Append(events::AbsenceChanged(events::kAbsenceEnded, after, upkeep_.parts().templates,
                                            scope.now()));
        scope.Subject("absence", after.id.uuid(), base::Uuid());
        return upkeep_.parts().templates.absence(after);
      });
}

absl::StatusOr<std::vector<Absence>> MysqlAvailabilityStore::ListAbsences(
    const AbsenceFilter& filter, const AbsencePosition& after, int limit, absl::Time deadline) {
  std::vector<Absence> absences;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(absences, scheduling::ListAbsences(sql, filter, after, limit));
        return absl::OkStatus();
      }));
  return absences;
}

absl::Status MysqlAvailabilityStore::CheckTemplates(mysql::Session& sql, const Site& before,
                                                    const Site& after, absl::Time now) const {
  const absl::CivilDay today = absl::ToCivilDay(now, before.zone);
  ASSIGN_OR_RETURN(const std::vector<SessionTemplate> there, TemplatesAt(sql, after.id, today));
  for (const SessionTemplate& made : there) {
    if (after.zone_name != before.zone_name) return errors::SiteInUse(made.id);
    RETURN_IF_ERROR(CheckSiteHours(after, made, today));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Site> MysqlAvailabilityStore::DefineSite(const unit::WriteContext& context,
                                                            const NewSite& wanted,
                                                            const std::string& etag) {
  return unit_of_work_.Run<v1::Site>(context, [&](unit::Scope& scope) -> absl::StatusOr<v1::Site> {
    mysql::Session& sql = scope.sql();
    RETURN_IF_ERROR(GuardSite(sql, wanted.id));
    ASSIGN_OR_RETURN(const Site before, LoadSite(sql, wanted.id, upkeep_.parts().template_rules));
    if (before.etag() != etag) return errors::EtagStale(before.etag());
    ASSIGN_OR_RETURN(const Site after, scheduling::DefineSite(before, wanted));
    RETURN_IF_ERROR(CheckTemplates(sql, before, after, scope.now()));
    RETURN_IF_ERROR(SaveSite(sql, after, scope.now()));
    scope.Append(events::SiteDefined(after, upkeep_.parts().templates, scope.now()));
    scope.Subject("site", after.id.uuid(), base::Uuid());
    return upkeep_.parts().templates.site(after);
  });
}

absl::StatusOr<Site> MysqlAvailabilityStore::GetSite(OrganizationId id, absl::Time deadline) {
  std::optional<Site> site;
  RETURN_IF_ERROR(
      mysql::RunRead(unit_of_work_.pool(), deadline, [&](mysql::Session& sql) -> absl::Status {
        ASSIGN_OR_RETURN(site, LoadSite(sql, id, upkeep_.parts().template_rules));
        return absl::OkStatus();
      }));
  return *std::move(site);
}

}  // namespace yilian::scheduling
