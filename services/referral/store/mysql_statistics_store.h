// The aggregates of referrals: kept by following this service's own events, read without a scan.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/referral/domain/statistics_store.h"
#include "services/referral/store/mysql_referral_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::referral {

namespace v1 {
class ReferralChanged;
}  // namespace v1

// The consumer of this service's own events that applies them. Who locks the row of its cursor
// keeps the aggregates still.
inline constexpr std::string_view kStatisticsConsumer = "referral.statistics";
inline constexpr std::string_view kStatisticsSource = "referral";

// Thread-safe. What a referral adds is a function of its row alone; `referral_counted` remembers
// what was added for it. So an event is no more than the word that a referral changed: whatever it
// says, and however often it comes, the difference is added once, and a late correction takes back
// what it corrects, in the period where it was. What leaves no trace in the row (a rejection's
// reason, a seat that was not found) becomes a row of `referral_fact` first, and counts with it.
//
// Writers of referrals pay nothing for it. One consumer over all replicas applies (its cursor row
// is locked), so the aggregates are not contended for.
class MysqlStatisticsStore : public StatisticsStore {
 public:
  MysqlStatisticsStore(mysql::Pool& pool, MysqlReferralStore& referrals)
      : pool_(pool), referrals_(referrals) {}

  // The effects of events of this service, in the consumer's transaction. Costs about as much for
  // a hundred as for one.
  absl::Status Apply(mysql::Session& session, std::span<const event::v1::Event> events);
  // Counts referrals as they stand; returns how many were not counted so. With the consumer's
  // cursor locked.
  absl::StatusOr<int64_t> Recount(mysql::Session& session, std::span<const ReferralId> ids);

  absl::StatusOr<std::map<absl::CivilDay, PeriodStatistics>> Periods(const StatisticsQuery& query,
                                                                     absl::Time deadline) override;
  absl::StatusOr<std::map<OrganizationId, PeriodStatistics>> Month(absl::CivilDay first,
                                                                   absl::Time deadline) override;

 private:
  // nullopt: the event tells none.
  absl::StatusOr<std::optional<Fact>> FactFrom(const event::v1::Event& event, ReferralId id,
                                               const v1::ReferralChanged& changed) const;
  absl::Status AddFact(mysql::Session& session, const Fact& fact);

  mysql::Pool& pool_;
  MysqlReferralStore& referrals_;
};

}  // namespace yilian::referral
