// Where to refer 精准转诊: which departments could take a patient, in which order, and why. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/catalog.h"
#include "services/directory/domain/organization.h"

namespace yilian::directory {

// What is sought.
struct ReceiverQuery {
  OrganizationId referrer;
  Direction direction = Direction::kUp;
  Channel channel = Channel::kStandard;
  Setting setting = Setting::kOutpatient;
  std::string specialty;  // "": any
  std::vector<std::string> capabilities;
  std::optional<Condition> condition;
  PatientId patient;  // nil: nobody in particular
};

// Whom the patient's family-doctor contract is with.
struct ContractedCare {
  OrganizationId organization;
  OrganizationId consortium;  // of that organization; nil: none
};

// Who asks.
struct Referrer {
  Organization organization;
  std::optional<Location> location;
  std::optional<ContractedCare> contracted;  // of the query's patient; nothing without a contract
};

// A department with what is known of it.
struct Candidate {
  CatalogEntry entry;
  Department department;
  Organization organization;
  std::optional<Location> location;
  // Of the seats that the referrer may take: start of the first session with a free one, and how
  // many free ones are kept for the referrer or its like.
  std::optional<absl::Time> first_free;
  int64_t reserved_free = 0;
};

// Which reserves a referrer may take from, beside what is open to everybody; as `scheduling` gives
// seats.
struct Entitlement {
  bool consortium = false;  // grass-roots members: the consortium's reserve
  bool green = false;       // referrals by the green channel
  OrganizationId organization;
};
Entitlement EntitlementOf(const ReceiverQuery& query, const Referrer& referrer);

// Numbers are those of the proto's enum.
enum class Factor {
  kCapability = 1,
  kDistance = 3,
  kWaitingTime,
  kReservedSeats,
  kConsortium,
  kResidentContract
};

// One reason: `value` of 1000, what it counts in parts of 100, and value * weight / 100.
struct RankingFactor {
  Factor factor = Factor::kCapability;
  int64_t value = 0;
  int64_t weight = 0;
  int64_t contribution = 0;
  std::string chinese;
  std::string english;
};

struct Receiver {
  Candidate candidate;
  int64_t score = 0;  // sum of the contributions, 0 to 1000
  std::vector<RankingFactor> factors;
};

// How far an organization can treat; as the referral service's rule of directions has it. 0 for one
// that treats nobody.
int CareLevel(Tier tier);

// Whether the department would take such a referral from that referrer at all.
bool WouldTake(const ReceiverQuery& query, const Referrer& referrer, const Candidate& candidate);

// Metres along the great circle, on a sphere of the earth's mean radius: within 0.5 %.
int64_t DistanceInMetres(const Location& from, const Location& to);

// Those that would take it and can do something of what is asked, best first: by score, then the
// nearer, then by id, so that the same world gives the same order.
std::vector<Receiver> Rank(const ReceiverQuery& query, const Referrer& referrer,
                           std::vector<Candidate> candidates, absl::Time now);

// Where the candidates come from. Thread-safe.
class ReceiverSource {
 public:
  virtual ~ReceiverSource() = default;
  // With the contract of the query's patient. NOT_FOUND (organization; a patient of whom the actor
  // may not know).
  virtual absl::StatusOr<Referrer> GetReferrer(const ReceiverQuery& query, const Actor& actor,
                                               absl::Time now, absl::Time deadline) = 0;
  // Departments of the referrer's consortium that take the query's setting and channel, with the
  // seats that scheduling offers the referrer within the next weeks. At most 2,000.
  virtual absl::StatusOr<std::vector<Candidate>> Candidates(const ReceiverQuery& query,
                                                            const Referrer& referrer,
                                                            absl::Time now,
                                                            absl::Time deadline) = 0;
};

}  // namespace yilian::directory
