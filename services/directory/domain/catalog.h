// The service catalogue: what each department can do, whom it takes, and what it wants to know
// before it looks at a referral.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

// Numbers are those of yilian.referral.v1 and of the proto's enums.
enum class Direction { kUp = 1, kDown, kLateral };
enum class Channel { kStandard = 1, kGreen };
enum class Setting { kOutpatient = 1, kInpatient, kEmergency, kExamination };
enum class Urgency { kRoutine = 1, kUrgent, kEmergency };
enum class RequiredItemKind { kReport = 1, kAttachment, kText, kVital };

// A set of the values of one such enum, as a number: bit n for the value n.
template <typename Code>
class CodeSet {
 public:
  CodeSet() = default;
  CodeSet(std::initializer_list<Code> codes) {
    for (const Code code : codes) Add(code);
  }
  static CodeSet FromBits(int64_t bits) {
    CodeSet set;
    set.bits_ = bits;
    return set;
  }
  void Add(Code code) { bits_ |= BitOf(code); }
  bool Contains(Code code) const { return (bits_ & BitOf(code)) != 0; }
  bool empty() const { return bits_ == 0; }
  int64_t bits() const { return bits_; }
  static int64_t BitOf(Code code) { return int64_t{1} << static_cast<int>(code); }
  bool operator==(const CodeSet&) const = default;

 private:
  int64_t bits_ = 0;
};

struct RequiredItem {
  std::string code;
  RequiredItemKind kind = RequiredItemKind::kText;
  std::string name;
  CodeSet<Direction> directions;  // empty: all
  CodeSet<Urgency> urgencies;     // empty: all
  bool operator==(const RequiredItem&) const = default;
};

// A code stands for the longer ones that begin with it: I20 for I20.0.
struct Condition {
  std::string system;
  std::string code;
  bool operator==(const Condition&) const = default;
};

struct CatalogEntry {
  DepartmentId department;
  OrganizationId organization;
  std::vector<std::string> capabilities;
  CodeSet<Setting> settings;
  CodeSet<Channel> channels;
  std::vector<RequiredItem> required_items;
  std::vector<Condition> conditions;
  int64_t version = 0;
};

// Where an organization is, in millionths of a degree (WGS 84): 0.1 m.
struct Location {
  int64_t longitude_e6 = 0;
  int64_t latitude_e6 = 0;
  bool operator==(const Location&) const = default;
};

struct OrganizationLocation {
  OrganizationId organization;
  Location location;
  int64_t version = 0;
};

// The rules across fields, each break named with its place: a code twice, a report or a text whose
// code no referral could meet.
Violations Check(const CatalogEntry& entry);
Violations Check(const Location& location);

// FOREIGN_ORGANIZATION unless the actor speaks for the organization or for the region.
absl::Status MaySpeakFor(const Actor& actor, OrganizationId organization);

// The version that follows `stored` (0: none), when `expected` is the one the caller has read.
// ETAG_STALE.
absl::StatusOr<int64_t> NextVersion(int64_t stored, int64_t expected);

// Where the catalogue is kept. A write runs in the transaction of its scope; the caller appends its
// event. Thread-safe.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;
  // Replaces the department's entry and answers it with its organization and new version.
  // `entry.version`: as the caller has read it, 0 for none. NOT_FOUND (department), ETAG_STALE,
  // FOREIGN_ORGANIZATION.
  virtual absl::StatusOr<CatalogEntry> Define(unit::Scope& scope, CatalogEntry entry,
                                              const Actor& actor) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<CatalogEntry> Get(DepartmentId department, absl::Time deadline) = 0;
  // By department id, those after `after` that have the capability ("": all), at most `limit`.
  // NOT_FOUND (organization).
  virtual absl::StatusOr<std::vector<CatalogEntry>> List(OrganizationId organization,
                                                         const std::string& capability,
                                                         DepartmentId after, int limit,
                                                         absl::Time deadline) = 0;
  // As Define. NOT_FOUND (organization), ETAG_STALE.
  virtual absl::StatusOr<OrganizationLocation> Locate(unit::Scope& scope,
                                                      OrganizationLocation location) = 0;
};

}  // namespace yilian::directory
