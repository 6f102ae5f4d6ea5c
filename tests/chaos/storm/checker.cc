#include "tests/chaos/storm/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::chaos {
namespace {

using referral::v1::ReferralService;

constexpr std::array kServices = {"directory",    "referral", "scheduling",
                                  "consultation", "lab",      "gateway"};
// Services that keep a projection of who cares for whom.
constexpr std::array kProjections = {"referral", "scheduling", "consultation", "lab"};

std::map<std::string, int> Tally(const std::vector<EventRow>& events) {
  std::map<std::string, int> tally;
  for (const EventRow& event : events) ++tally[event.aggregate_id];
  return tally;
}

}  // namespace

void Verdict::Lost(std::string what) {
  ++lost;
  findings.push_back("lost: " + std::move(what));
}

void Verdict::Twice(std::string what) {
  ++duplicated;
  findings.push_back("twice: " + std::move(what));
}

absl::Status Checker::AwaitQuiet(absl::Time deadline) {
  absl::Time said = absl::Now();
  while (true) {
    ASSIGN_OR_RETURN(const std::string open, StillOpen());
    if (open.empty()) return absl::OkStatus();
    if (absl::Now() - said > absl::Seconds(5)) {
      fmt::print("  still open: {}\n", open);
      std::fflush(stdout);
      said = absl::Now();
    }
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("still open: " + open);
    absl::SleepFor(
        absl::Milliseconds(100));  // lint:allow(test-sleep) between looks, up to `deadline`
  }
}

absl::StatusOr<std::string> Checker::StillOpen() {
  Tables& tables = deps_.tables;
  ASSIGN_OR_RETURN(const int64_t sagas, tables.Count("chaos.OpenSagas",
                                                     "SELECT COUNT(*) FROM yilian_referral.saga "
                                                     "WHERE due_at IS NOT NULL"));
  if (sagas > 0) return fmt::format("{} sagas", sagas);
  ASSIGN_OR_RETURN(const int64_t messages, tables.Count("chaos.OpenMessages",
                                                        "SELECT COUNT(*) FROM "
                                                        "yilian_gateway.inbound_message WHERE "
                                                        "state = 'RECEIVED'"));
  if (messages > 0) return fmt::format("{} messages not delivered", messages);
  for (const std::string service : kServices) {
    ASSIGN_OR_RETURN(const StreamEnds ends, tables.Stream(service));
    if (ends.unnumbered > 0)
      return fmt::format("{} events of {} not numbered", ends.unnumbered, service);
    for (const auto& follower : deps_.followers) {
      if (follower->service() == service && follower->cursor() < ends.highest) {
        return fmt::format("the storm's subscriber of {} is at {} of {}", service,
                           follower->cursor(), ends.highest);
      }
    }
    ASSIGN_OR_RETURN(
        const int64_t unlinked,
        tables.Count("chaos.Unlinked",
                     fmt::format("SELECT COUNT(*) FROM yilian_{}.audit_pending", service)));
    if (unlinked > 0) return fmt::format("{} audit rows of {} not linked", unlinked, service);
  }
  // Every referral has left DRAFT: the directory opens a relationship for either side, and ends
  // both after a withdrawal; then the others follow.
  const auto referrals = deps_.journal.referrals();
  const auto withdrawn = std::count_if(referrals.begin(), referrals.end(),
                                       [](const auto& one) { return one.second.withdrawn; });
  for (const std::string service : {"directory", "referral", "scheduling", "consultation", "lab"}) {
    const std::string table = service == "directory" ? "care_relationship" : "relationship";
    const std::string sql =
        fmt::format("SELECT COUNT(*) FROM yilian_{}.{} WHERE source = 'REFERRAL'", service, table);
    ASSIGN_OR_RETURN(const int64_t opened, tables.Count("chaos.Opened", sql));
    ASSIGN_OR_RETURN(const int64_t ended,
                     tables.Count("chaos.Ended", sql + " AND ends_at IS NOT NULL"));
    if (opened < static_cast<int64_t>(2 * referrals.size()) || ended < 2 * withdrawn) {
      return fmt::format("{} knows {} of {} care relationships, {} of {} ended", service, opened,
                         2 * referrals.size(), ended, 2 * withdrawn);
    }
  }
  return "";
}

absl::StatusOr<Verdict> Checker::Check() {
  Verdict verdict;
  RETURN_IF_ERROR(CheckPatients(verdict));
  RETURN_IF_ERROR(CheckReferrals(verdict));
  RETURN_IF_ERROR(CheckBookings(verdict));
  RETURN_IF_ERROR(CheckDecisionEvents(verdict));
  RETURN_IF_ERROR(CheckThroughTheApi(verdict));
  RETURN_IF_ERROR(CheckConsultations(verdict));
  RETURN_IF_ERROR(CheckMessages(verdict));
  RETURN_IF_ERROR(CheckStreams(verdict));
  RETURN_IF_ERROR(CheckCare(verdict));
  return verdict;
}

absl::Status Checker::CheckPatients(Verdict& verdict) {
  ASSIGN_OR_RETURN(const std::set<std::string> there, deps_.tables.Patients());
  std::set<std::string> seen;
  for (const std::string& id : deps_.journal.patients()) {
    if (!there.contains(id)) verdict.Lost("patient " + id);
    // Each registration was of another person.
    if (!seen.insert(id).second) verdict.Broken("two people became patient " + id);
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckReferrals(Verdict& verdict) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows, deps_.tables.Referrals(deps_.run));
  std::map<std::string, std::vector<const ReferralRow*>> by_marker;
  for (const ReferralRow& row : rows) by_marker[row.marker].push_back(&row);
  for (const auto& [id, promised] : deps_.journal.referrals()) {
    const auto& found = by_marker[promised.marker];
    if (found.size() > 1) verdict.Twice("referral \"" + promised.marker + "\"");
    const auto same = std::find_if(found.begin(), found.end(), [&id = id](const ReferralRow* row) {
      return row->referral_id == id;
    });
    if (same == found.end()) {
      verdict.Lost("referral " + id);
      continue;
    }
    const ReferralRow& row = **same;
    if (promised.withdrawn && row.state != "CANCELLED") {
      verdict.Lost(fmt::format("the withdrawal of referral {}: it is {}", id, row.state));
    }
    if (promised.accepted && !row.answered) {
      verdict.Lost(fmt::format("the acceptance of referral {}: it is {}", id, row.state));
    }
    by_marker.erase(promised.marker);
  }
  // All requests were answered in the end, so every row has its acknowledgement.
  for (const auto& [marker, found] : by_marker) {
    for (const ReferralRow* row : found) {
      verdict.Broken(
          fmt::format("referral {} (\"{}\") was never acknowledged", row->referral_id, marker));
    }
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckBookings(Verdict& verdict) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows, deps_.tables.Referrals(deps_.run));
  ASSIGN_OR_RETURN(const std::vector<BookingRow> bookings, deps_.tables.Bookings());
  std::map<std::string, std::vector<const BookingRow*>> live;
  for (const BookingRow& booking : bookings) {
    if (booking.live()) live[booking.referral_id].push_back(&booking);
  }
  for (const ReferralRow& row : rows) {
    const auto& booked = live[row.referral_id];
    if (booked.size() > 1) verdict.Twice("booking of referral " + row.referral_id);
    if (row.state == "SLOT_HELD") {
      verdict.Broken("referral " + row.referral_id + " is still SLOT_HELD, its saga ended");
    } else if (row.state == "SCHEDULED") {
      if (booked.empty()) {
        verdict.Lost("booking of the scheduled referral " + row.referral_id);
      } else if (booked[0]->booking_id != row.booking_id || booked[0]->state != "BOOKED") {
        verdict.Broken("referral " + row.referral_id + " names another booking than it has");
      }
    } else if (!booked.empty()) {
      verdict.Broken(fmt::format("referral {} is {} and keeps booking {}", row.referral_id,
                                 row.state, booked[0]->booking_id));
    }
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckDecisionEvents(Verdict& verdict) {
  struct Decision {
    const char* event;
    bool AcknowledgedReferral::*taken;  // nullptr: every referral
  };
  constexpr std::array kDecisions = {
      Decision{"ReferralSubmitted", nullptr},
      Decision{"ReferralAccepted", &AcknowledgedReferral::accepted},
      Decision{"ReferralWithdrawn", &AcknowledgedReferral::withdrawn},
  };
  const auto referrals = deps_.journal.referrals();
  for (const Decision& decision : kDecisions) {
    ASSIGN_OR_RETURN(const auto events, deps_.tables.Events("referral", decision.event));
    std::map<std::string, int> stored = Tally(events);
    for (const auto& [id, promised] : referrals) {
      const int wanted = decision.taken == nullptr || promised.*decision.taken ? 1 : 0;
      const int found = stored[id];
      if (found < wanted) verdict.Lost(fmt::format("{} of referral {}", decision.event, id));
      if (found > 1) verdict.Twice(fmt::format("{} of referral {}", decision.event, id));
      if (found > wanted && found == 1) {
        verdict.Broken(fmt::format("{} of referral {} was never acknowledged", decision.event, id));
      }
      for (const auto& follower : deps_.followers) {
        if (follower->service() != "referral") continue;
        const int came = follower->Count(decision.event, id);
        if (came < found)
          verdict.Lost(fmt::format("{} of {} on its way to the subscriber", decision.event, id));
        if (came > found)
          verdict.Twice(fmt::format("{} of {} at the subscriber", decision.event, id));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckThroughTheApi(Verdict& verdict) {
  // A person reads their own organization's referrals.
  const std::string own = deps_.run + " taoxi ";
  for (const auto& [id, promised] : deps_.journal.referrals()) {
    if (!promised.marker.starts_with(own)) continue;
    referral::v1::GetReferralRequest request;
    request.set_referral_id(id);
    const auto read = deps_.reader.Call<ReferralService>(
        "referral", &ReferralService::Stub::GetReferral, request);
    if (!read.ok()) {
      verdict.Lost(fmt::format("referral {}, asked for by its doctor: {}", id,
                               absl::StatusCodeToString(read.status().code())));
      continue;
    }
    if (read->summary().question() != promised.marker ||
        read->patient_id() != promised.patient_id) {
      verdict.Broken("referral " + id + " reads otherwise than it was written");
    }
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckConsultations(Verdict& verdict) {
  ASSIGN_OR_RETURN(const auto rows, deps_.tables.Consultations(deps_.run));
  std::map<std::string, std::vector<const ConsultationRow*>> by_marker;
  for (const ConsultationRow& row : rows) by_marker[row.marker].push_back(&row);
  for (const auto& [id, promised] : deps_.journal.consultations()) {
    const auto& found = by_marker[promised.marker];
    if (found.size() > 1) verdict.Twice("consultation \"" + promised.marker + "\"");
    if (found.empty() || found[0]->consultation_id != id) {
      verdict.Lost("consultation " + id);
    } else if (promised.is_signed && found[0]->opinions == 0) {
      verdict.Lost("opinion of consultation " + id);
    } else if (found[0]->opinions > 1) {
      verdict.Twice("opinion of consultation " + id);
    }
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckMessages(Verdict& verdict) {
  ASSIGN_OR_RETURN(const auto rows, deps_.tables.Messages());
  ASSIGN_OR_RETURN(const auto orders, deps_.tables.ReportOrders());
  std::map<std::string, std::vector<std::string>> states;
  for (const MessageRow& row : rows) states[row.control_id].push_back(row.state);
  std::map<std::string, int> reports;
  for (const std::string& order : orders) ++reports[order];
  for (const AcknowledgedMessage& promised : deps_.journal.messages()) {
    const auto& found = states[promised.control_id];
    if (found.empty() || found[0] != "DELIVERED") verdict.Lost("message " + promised.control_id);
    if (found.size() > 1) verdict.Twice("message " + promised.control_id);
    if (promised.order_number.empty()) continue;
    const int taken = reports[promised.order_number];
    if (taken == 0) verdict.Lost("report of order " + promised.order_number);
    if (taken > 1) verdict.Twice("report of order " + promised.order_number);
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckStreams(Verdict& verdict) {
  for (const std::string service : kServices) {
    ASSIGN_OR_RETURN(const StreamEnds ends, deps_.tables.Stream(service));
    if (ends.numbered > 0 && (ends.lowest != 1 || ends.highest != ends.numbered)) {
      verdict.Broken(fmt::format("the events of {} run from {} to {}, and are {}", service,
                                 ends.lowest, ends.highest, ends.numbered));
    }
    ASSIGN_OR_RETURN(
        const int64_t dead,
        deps_.tables.Count("chaos.DeadLetters",
                           fmt::format("SELECT COUNT(*) FROM yilian_{}.dead_letter", service)));
    if (dead > 0) verdict.Broken(fmt::format("{} dead letters in {}", dead, service));
  }
  for (const auto& follower : deps_.followers) {
    for (const std::string& fault : follower->faults()) verdict.Broken(fault);
  }
  return absl::OkStatus();
}

absl::Status Checker::CheckCare(Verdict& verdict) {
  ASSIGN_OR_RETURN(const auto own, deps_.tables.Care("directory"));
  std::map<std::string, std::multiset<std::string>> organizations;
  for (const CareRow& row : own) organizations[row.referral_id].insert(row.organization_id);
  for (const auto& [id, promised] : deps_.journal.referrals()) {
    const auto& found = organizations[id];
    for (const std::string& party : {promised.referring, promised.receiving}) {
      const size_t times = found.count(party);
      if (times == 0) verdict.Lost(fmt::format("relationship of {} by referral {}", party, id));
      if (times > 1) verdict.Twice(fmt::format("relationship of {} by referral {}", party, id));
    }
  }
  // Opened once each: an event that had its effect twice would have opened or ended again.
  ASSIGN_OR_RETURN(const int64_t rows, deps_.tables.Count("chaos.CareRows",
                                                          "SELECT COUNT(*) FROM "
                                                          "yilian_directory.care_relationship"));
  ASSIGN_OR_RETURN(const auto opened, deps_.tables.Events("directory", "CareRelationshipOpened"));
  if (static_cast<int64_t>(opened.size()) > rows) {
    verdict.Twice(fmt::format("{} relationships were opened {} times", rows, opened.size()));
  }
  if (static_cast<int64_t>(opened.size()) < rows) {
    verdict.Lost(fmt::format("{} relationships were announced {} times", rows, opened.size()));
  }
  for (const std::string service : kProjections) {
    ASSIGN_OR_RETURN(const auto projected, deps_.tables.Care(service));
    if (projected.size() < own.size()) {
      verdict.Lost(
          fmt::format("{} knows {} of {} relationships", service, projected.size(), own.size()));
    }
    if (projected.size() > own.size()) {
      verdict.Twice(
          fmt::format("{} knows {} of {} relationships", service, projected.size(), own.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace yilian::chaos
