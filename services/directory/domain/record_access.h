// Who saw a patient's record: the parts of all services' audit trails, as one list.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/types.h"

namespace yilian::directory {

// Numbers are those of the proto's enum.
enum class AccessAction { kRead = 1, kWrite, kRefused };

struct RecordAccess {
  std::string service;
  base::Uuid audit_id;
  absl::Time occurred_at;
  std::string method;
  AccessAction action = AccessAction::kRead;
  std::string peer;
  UserId user;                  // nil: no person
  OrganizationId organization;  // nil: a service of the region
  std::string subject_type;
  base::Uuid subject_id;
  std::string outcome;
  std::string organization_name;
  std::string display_name;
};

struct AccessesQuery {
  std::vector<PatientId> records;  // the patient's and those merged into it
  std::optional<absl::Time> not_before;
  std::optional<absl::Time> before;
  base::Uuid before_id;  // nil: all of `before`'s time are after it
  int limit = 50;
};

// The part of one service. Thread-safe; blocks.
class AccessTrail {
 public:
  virtual ~AccessTrail() = default;
  virtual const std::string& service() const = 0;
  // Latest first.
  virtual absl::StatusOr<std::vector<RecordAccess>> List(const AccessesQuery& query,
                                                         absl::Time deadline) = 0;
};

struct MergedAccesses {
  std::vector<RecordAccess> accesses;  // latest first, at most the limit
  struct Missing {
    std::string service;
    std::string reason;
  };
  std::vector<Missing> missing;  // by name; empty: complete
};

// Asks all trails at once. A trail that fails is named, and what it holds is missing.
MergedAccesses ListAccesses(const std::vector<AccessTrail*>& trails, const AccessesQuery& query,
                            absl::Time deadline);

struct NamedCareRelationship {
  CareRelationship relationship;
  std::string organization_name;
};

struct CareQuery {
  PatientId patient;
  bool include_ended = false;
  // Rows after this one, latest first; nothing for the first page.
  std::optional<std::pair<absl::Time, base::Uuid>> after;
  int limit = 50;
};

// What the directory knows of those who may see a patient, and who are named by the trails.
// Thread-safe.
class AccessDirectory {
 public:
  virtual ~AccessDirectory() = default;
  // The ids under which a patient's data may lie: the record's own and those merged into it.
  // NOT_FOUND unless the actor's organization has a live contract with the patient, or `any`.
  virtual absl::StatusOr<std::vector<PatientId>> RecordsOf(PatientId patient, const Actor& actor,
                                                           bool any, absl::Time now,
                                                           absl::Time deadline) = 0;
  // NOT_FOUND unless the actor may read, or `any`.
  virtual absl::StatusOr<std::vector<NamedCareRelationship>> ListCare(const CareQuery& query,
                                                                      const Actor& actor, bool any,
                                                                      absl::Time now,
                                                                      absl::Time deadline) = 0;
  // Fills the names of organizations and people.
  virtual absl::Status AddNames(std::vector<RecordAccess>& accesses, absl::Time deadline) = 0;
};

}  // namespace yilian::directory
