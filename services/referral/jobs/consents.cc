#include "services/referral/jobs/consents.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/relationship/consents.h"

namespace yilian::referral {

absl::Status ApplyConsentEvent(mysql::Session& session, const event::v1::Event& event,
                               MysqlReferralStore& store, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<base::Uuid> patients,
                   relationship::ApplyConsent(session, event));
  for (const base::Uuid& patient : patients) {
    ASSIGN_OR_RETURN(const std::vector<Handed> open, store.HandedOver(session, PatientId(patient)));
    for (const Handed& one : open) {
      ASSIGN_OR_RETURN(
          const bool withdrawn,
          relationship::ConsentWithdrawn(session, patient, one.receiving_organization.uuid(),
                                         directory::v1::CONSENT_PURPOSE_REFERRAL, now));
      RETURN_IF_ERROR(store
                          .ApplyInJob(session, one.referral, now,
                                      [&](const Referral& read, absl::Time at) {
                                        return read.NoteConsent(withdrawn, at);
                                      })
                          .status());
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::referral
