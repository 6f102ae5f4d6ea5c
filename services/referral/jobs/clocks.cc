#include "services/referral/jobs/clocks.h"

#include <optional>
#include <vector>

#include "common/base/status_macros.h"
#include "common/relationship/merges.h"
#include "services/referral/store/effects.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::referral {
namespace {

// Index: ix_referral__patient.
constexpr relationship::SubjectTable kPatientTable = {
    .name = "referral", .row_id = "referral_id", .subject = "patient_id"};

}  // namespace

void DefineTimers(saga::TimerRunner& timers, MysqlReferralStore& store, const Deadlines& deadlines,
                  const base::Clock& clock) {
  timers.Define(
      std::string(kClockTimer),
      [&store, &clock](mysql::Session& session, const saga::Timer& timer) -> absl::Status {
        ASSIGN_OR_RETURN(const OrganizationId authority, store.HealthAuthority(session));
        return store
            .ApplyInJob(
                session, ReferralId(timer.aggregate_id), clock.Now(),
                [&](const Referral& now, absl::Time at) { return now.Escalate(authority, at); })
            .status();
      });
  timers.Define(
      std::string(kFollowUpTimer),
      [&store, &clock](mysql::Session& session, const saga::Timer& timer) -> absl::Status {
        ASSIGN_OR_RETURN(const TaskId task, TaskId::Parse(timer.name));
        ASSIGN_OR_RETURN(const OrganizationId authority, store.HealthAuthority(session));
        return store
            .ApplyInJob(session, ReferralId(timer.aggregate_id), clock.Now(),
                        [&](const Referral& now, absl::Time at) {
                          return now.EscalateTask(task, authority, store.zone(), at);
                        })
            .status();
      });
  timers.Define(std::string(kStayTimer),
                [&store, &deadlines, &clock](mysql::Session& session,
                                             const saga::Timer& timer) -> absl::Status {
                  return store
                      .ApplyInJob(session, ReferralId(timer.aggregate_id), clock.Now(),
                                  [&](const Referral& now, absl::Time at) {
                                    return now.OweLetter(deadlines, at);
                                  })
                      .status();
                });
}

absl::Status ApplyDirectoryEvent(mysql::Session& session, const event::v1::Event& event,
                                 MysqlReferralStore& store) {
  directory::v1::OrganizationRegistered registered;
  if (event.payload().UnpackTo(&registered)) {
    const directory::v1::Organization& organization = registered.organization();
    ASSIGN_OR_RETURN(const OrganizationId id,
                     OrganizationId::Parse(organization.organization_id()));
    return store.RegisterOrganization(session, id, static_cast<Tier>(organization.tier()));
  }
  ASSIGN_OR_RETURN(const std::optional<relationship::SubjectMerge> merge,
                   relationship::MergeOf(event));
  if (!merge) return absl::OkStatus();
  RETURN_IF_ERROR(relationship::RecordMerge(session, *merge));
  const PatientId survivor(merge->survivor);
  const PatientId merged(merge->merged);
  if (!merge->undone) {
    RETURN_IF_ERROR(relationship::NoteRows(session, *merge, kPatientTable));
    return store.MovePatient(session, merged, survivor);
  }
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> moved,
                   relationship::RememberedRows(session, *merge, kPatientTable.name));
  for (const base::Uuid& referral : moved) {
    RETURN_IF_ERROR(store.MoveBack(session, ReferralId(referral), survivor, merged));
  }
  return absl::OkStatus();
}

}  // namespace yilian::referral
