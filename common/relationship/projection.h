// Which organization may see which person's data, as this service knows it from the directory's
// events: one local query instead of a call for every check.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/migration.h"
#include "common/mysql/session.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::relationship {

// True when `organization` has a relationship with `data_subject` at `at`. Index: primary key
// prefix.
absl::StatusOr<bool> Holds(mysql::Session& session, const base::Uuid& data_subject,
                           const base::Uuid& organization, absl::Time at);

// Every organization that has a relationship with `data_subject` at `at`. Index: primary key
// prefix.
absl::StatusOr<std::vector<base::Uuid>> OrganizationsOf(mysql::Session& session,
                                                        const base::Uuid& data_subject,
                                                        absl::Time at);

// True when `user`, acting for `organization`, has opened the person's data in an emergency and the
// time is not over. For reads only, never before a write. Index: primary key prefix.
absl::StatusOr<bool> HasBrokenGlass(mysql::Session& session, const base::Uuid& data_subject,
                                    const base::Uuid& user, const base::Uuid& organization,
                                    absl::Time at);

// The effect of one of the directory's events (CareRelationshipOpened, CareRelationshipEnded,
// PatientsMerged: the survivor inherits; GlassBroken) on the projection; every other type is
// ignored. For outbox::Consumer.
absl::Status Apply(mysql::Session& session, const event::v1::Event& event);

extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::relationship
