// What a person is in which organization, over time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/period.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using AffiliationId = base::Id<struct AffiliationTag>;

struct Affiliation {
  AffiliationId id;  // of an account's first one: the account's own id
  UserId user;
  OrganizationId organization;
  std::string organization_name;  // filled where it is read
  PractitionerId practitioner;    // nil: none
  std::vector<std::string> roles;
  absl::Time started_at;
  std::optional<absl::Time> ends_at;
  int64_t version = 1;

  Period period() const { return {.start = started_at, .end = ends_at}; }
  bool IsLive(absl::Time at) const { return period().Holds(at); }
  bool IsOver(absl::Time at) const { return period().IsOver(at); }
};

// Whether `added` may stand beside `present` (those that are over do not count): it ends after it
// starts, and an administrator role stands alone among all that the person holds or will hold.
// FIELD_INVALID; IDENTIFIER_TAKEN when the person has one with that organization in that time.
absl::Status CheckAdded(const std::vector<Affiliation>& present, const Affiliation& added,
                        absl::Time now);

// FIELD_INVALID unless `ends_at` lies between now and the present end.
absl::Status CheckEnd(const Affiliation& affiliation, absl::Time ends_at, absl::Time now);

// The one to act by: with `wanted`, or, when that is nil, the one that began first. Nothing when
// there is none that is live.
std::optional<Affiliation> Choose(const std::vector<Affiliation>& all, OrganizationId wanted,
                                  absl::Time at);

// Where affiliations are kept. Thread-safe.
class AffiliationStore {
 public:
  virtual ~AffiliationStore() = default;
  // All of a person, by start. NOT_FOUND without the account.
  virtual absl::StatusOr<std::vector<Affiliation>> ListOf(UserId user, absl::Time deadline) = 0;
  // With the account locked, so that two additions are checked one after the other. Errors of
  // CheckAdded; NOT_FOUND (user, organization, practitioner there).
  virtual absl::StatusOr<Affiliation> Add(unit::Scope& scope, Affiliation affiliation) = 0;
  // Errors of CheckEnd; NOT_FOUND.
  virtual absl::StatusOr<Affiliation> End(unit::Scope& scope, UserId user, AffiliationId id,
                                          absl::Time ends_at) = 0;
};

}  // namespace yilian::directory
