// What people have agreed to, as this service knows it from the directory's events: one local query
// tells a consent that was withdrawn from one that nobody has asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"
#include "yilian/directory/v1/access.pb.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::relationship {

// A consent as far as it is asked about.
struct ConsentTerms {
  std::vector<base::Uuid> organizations;  // empty: every one of the region
  absl::Time starts_at;
  std::optional<absl::Time> ends_at;
  std::optional<absl::Time> revoked_at;
};

// True where the person's last word to this organization, of all consents for one purpose, is a
// withdrawal. One that merely ended is none; neither is one that was withdrawn for others, or that
// was given anew. Pure.
bool LastWordIsNo(const std::vector<ConsentTerms>& consents, const base::Uuid& organization,
                  absl::Time at);

// Event types of which ApplyConsent knows. A service that asks ConsentWithdrawn has a consumer of
// its own for these, which begins with the directory's first event: a consent may be older than
// the service's question.
std::vector<std::string> ConsentEventTypes();
// The effect of ConsentRecorded, ConsentRevoked, PatientsMerged (the survivor has what the merged
// record agreed to) and PatientsUnmerged. May run twice. Answers whose consents it touched.
// INVALID_ARGUMENT (EVENT_MALFORMED). For outbox::Consumer.
absl::StatusOr<std::vector<base::Uuid>> ApplyConsent(mysql::Session& session,
                                                     const event::v1::Event& event);

// LastWordIsNo of the consents that are known here. Index: primary key prefix; a person has few.
absl::StatusOr<bool> ConsentWithdrawn(mysql::Session& session, const base::Uuid& data_subject,
                                      const base::Uuid& organization,
                                      directory::v1::ConsentPurpose purpose, absl::Time at);

// FAILED_PRECONDITION CONSENT_WITHDRAWN of `domain` ("yilian.referral"), with what to do about it.
absl::Status ConsentWithdrawnError(std::string_view domain, const base::Uuid& organization,
                                   directory::v1::ConsentPurpose purpose);

}  // namespace yilian::relationship
