#include "tests/chaos/storm/sabotage.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"

namespace yilian::chaos {
namespace {

struct Harm {
  std::string what;
  std::string service;  // whose own account does it
  std::string sql;
  int64_t Verdict::*counted;  // nullptr: only a finding
};

std::string Literal(const std::string& id) {
  std::string hex;
  for (const char c : id) {
    if (c != '-') hex += c;
  }
  return "X'" + hex + "'";
}

// Referrals to harm: the first that is withdrawn, and the first that is not.
absl::StatusOr<std::vector<Harm>> Harms(const Journal& journal) {
  std::string withdrawn;
  std::string kept;
  for (const auto& [id, referral] : journal.referrals()) {
    (referral.withdrawn ? withdrawn : kept) = id;
  }
  const auto consultations = journal.consultations();
  const auto messages = journal.messages();
  if (withdrawn.empty() || kept.empty() || consultations.empty() || messages.empty()) {
    return absl::FailedPreconditionError("the storm wrote too little to be spoilt");
  }
  return std::vector<Harm>{
      {"a withdrawal that is undone", "referral",
       fmt::format("UPDATE referral SET state = 'SUBMITTED' WHERE referral_id = {}",
                   Literal(withdrawn)),
       &Verdict::lost},
      {"a referral that is applied twice", "referral",
       fmt::format(
           "UPDATE referral a, (SELECT question FROM referral WHERE referral_id = {}) b SET "
           "a.question = b.question WHERE a.referral_id = {}",
           Literal(kept), Literal(withdrawn)),
       &Verdict::duplicated},
      {"a referral that is gone", "referral",
       fmt::format("DELETE FROM referral WHERE referral_id = {}", Literal(kept)), &Verdict::lost},
      {"a consultation that is gone", "consultation",
       fmt::format("DELETE FROM consultation WHERE consultation_id = {}",
                   Literal(consultations.begin()->first)),
       &Verdict::lost},
      {"a message that is gone", "gateway",
       fmt::format("DELETE FROM inbound_message WHERE control_id = '{}'", messages[0].control_id),
       &Verdict::lost},
      {"a gap in the events", "referral",
       "UPDATE outbox SET position = position + 1000000 WHERE position > 100", nullptr},
      {"a seat that is given up behind the referral's back", "scheduling",
       "UPDATE booking SET state = 'CANCELLED' WHERE state = 'BOOKED' AND referral_id IS NOT NULL "
       "LIMIT 1",
       &Verdict::lost},
      {"a relationship that a follower missed", "lab",
       "DELETE FROM relationship WHERE source = 'REFERRAL' LIMIT 1", &Verdict::lost},
      {"an effect that came twice", "directory",
       "INSERT INTO outbox (event_id, aggregate_type, aggregate_id, aggregate_version, type, "
       "payload, "
       "occurred_at, traceparent, audience) SELECT event_id, aggregate_type, aggregate_id, "
       "aggregate_version, type, payload, occurred_at, traceparent, audience FROM outbox WHERE "
       "type = "
       "'CareRelationshipOpened' LIMIT 1",
       &Verdict::duplicated},
  };
}

}  // namespace

absl::Status ProveTheCheckerNotices(const ctl::Region& region, const Journal& journal,
                                    Checker& checker) {
  ASSIGN_OR_RETURN(Verdict before, checker.Check());
  ASSIGN_OR_RETURN(const std::vector<Harm> harms, Harms(journal));
  for (const Harm& harm : harms) {
    ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Own(harm.service));
    int64_t touched = 0;
    RETURN_IF_ERROR(mysql::RunRead(
        *pool, absl::Now() + absl::Seconds(10), [&](mysql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(touched, session.ExecuteComposed("chaos.Sabotage", harm.sql, {}));
          return absl::OkStatus();
        }));
    if (touched == 0)
      return absl::FailedPreconditionError("there was nothing to do for: " + harm.what);
    ASSIGN_OR_RETURN(Verdict after, checker.Check());
    const bool noticed = harm.counted == nullptr ? after.findings.size() > before.findings.size()
                                                 : after.*harm.counted > before.*harm.counted;
    if (!noticed) return absl::InternalError("the checker did not notice " + harm.what);
    fmt::print("  noticed: {}\n", harm.what);
    before = std::move(after);
  }
  return absl::OkStatus();
}

}  // namespace yilian::chaos
