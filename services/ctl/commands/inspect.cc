// audit verify, outbox, dead-letters, sagas, timers: what the schemas hold, read as the auditor.
#include "common/outbox/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/audit/log.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "common/saga/inspect.h"
#include "services/ctl/command.h"

namespace yilian::ctl {
namespace {

constexpr int kMostRows = 200;

absl::StatusOr<std::vector<std::string>> Chosen(const Arguments& arguments) {
  if (arguments.words.empty()) return ServiceNames();
  const auto& names = ServiceNames();
  if (std::find(names.begin(), names.end(), arguments.words[0]) == names.end()) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no service of the region", arguments.words[0]));
  }
  return std::vector<std::string>{arguments.words[0]};
}

// Runs `look` in each chosen service's schema.
absl::Status InEach(const Region& region, const Arguments& arguments,
                    const std::function<absl::Status(const std::string&, mysql::Session&)>& look) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, Chosen(arguments));
  for (const std::string& service : services) {
    ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Audit(service));
    RETURN_IF_ERROR(
        mysql::RunRead(*pool, absl::Now() + absl::Minutes(10),
                       [&](mysql::Session& session) { return look(service, session); }));
  }
  return absl::OkStatus();
}

absl::Status VerifyAudit(const Region& region, const Arguments& arguments) {
  std::vector<std::vector<std::string>> rows;
  std::string fault;
  RETURN_IF_ERROR(InEach(
      region, arguments, [&](const std::string& service, mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const audit::Verification found, audit::Verify(session));
        rows.push_back({service, fmt::to_string(found.records), fmt::to_string(found.unlinked),
                        found.head_hash.substr(0, 16), found.fault.empty() ? "good" : found.fault});
        if (!found.fault.empty()) fault = fmt::format("{}: {}", service, found.fault);
        return absl::OkStatus();
      }));
  PrintTable({"SERVICE", "RECORDS", "NOT YET LINKED", "HEAD", "CHAIN"}, rows);
  if (!fault.empty()) return absl::DataLossError("the audit chain is broken: " + fault);
  return absl::OkStatus();
}

absl::Status ShowOutbox(const Region& region, const Arguments& arguments) {
  std::vector<std::vector<std::string>> outboxes;
  std::vector<std::vector<std::string>> cursors;
  RETURN_IF_ERROR(InEach(
      region, arguments, [&](const std::string& service, mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const outbox::Backlog backlog, outbox::ReadBacklog(session));
        outboxes.push_back(
            {service, fmt::to_string(backlog.last_position), fmt::to_string(backlog.unnumbered),
             backlog.oldest ? ShowTime(*backlog.oldest) : "-", backlog.lease_live ? "yes" : "no",
             fmt::to_string(backlog.dead_letters)});
        ASSIGN_OR_RETURN(const std::vector<outbox::CursorState> found,
                         outbox::ListCursors(session));
        for (const auto& one : found) {
          cursors.push_back({service, one.consumer, one.source, fmt::to_string(one.position),
                             ShowTime(one.updated_at)});
        }
        return absl::OkStatus();
      }));
  PrintTable({"SERVICE", "LAST POSITION", "NOT NUMBERED", "OLDEST", "SEQUENCER", "DEAD LETTERS"},
             outboxes);
  fmt::print("\n");
  PrintTable({"SERVICE", "CONSUMER", "FOLLOWS", "POSITION", "SINCE"}, cursors);
  return absl::OkStatus();
}

absl::Status ShowDeadLetters(const Region& region, const Arguments& arguments) {
  std::vector<std::vector<std::string>> rows;
  RETURN_IF_ERROR(InEach(
      region, arguments, [&](const std::string& service, mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto letters, outbox::ListDeadLetters(session, kMostRows));
        for (const auto& one : letters) {
          rows.push_back({service, one.consumer, fmt::to_string(one.position), one.type, one.reason,
                          fmt::to_string(one.attempts), one.requeued ? "requeued" : "",
                          ShowTime(one.created_at)});
        }
        return absl::OkStatus();
      }));
  PrintTable({"SERVICE", "CONSUMER", "POSITION", "TYPE", "REASON", "ATTEMPTS", "", "SINCE"}, rows);
  return absl::OkStatus();
}

absl::Status Requeue(const Region& region, const Arguments& arguments) {
  int64_t position = 0;
  if (arguments.words.size() != 3 || !absl::SimpleAtoi(arguments.words[2], &position)) {
    return absl::InvalidArgumentError("dead-letters requeue SERVICE CONSUMER POSITION");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Own(arguments.words[0]));
  return mysql::RunTransaction(
      *pool, {.name = "ctl.Requeue", .deadline = absl::Now() + absl::Seconds(10)},
      [&](mysql::Session& session) {
        return outbox::RequeueDeadLetter(session, arguments.words[1], position);
      });
}

absl::Status ShowSagas(const Region& region, const Arguments& arguments) {
  std::vector<std::vector<std::string>> rows;
  RETURN_IF_ERROR(InEach(
      region, arguments, [&](const std::string& service, mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto sagas, saga::ListOpenSagas(session, kMostRows));
        for (const auto& one : sagas) {
          rows.push_back({service, one.kind, one.aggregate_id.ToString(), one.step,
                          fmt::to_string(one.attempt), ShowTime(one.due_at),
                          one.running ? "running" : "", one.last_error});
        }
        return absl::OkStatus();
      }));
  PrintTable({"SERVICE", "KIND", "AGGREGATE", "STEP", "ATTEMPT", "DUE", "", "LAST ERROR"}, rows);
  return absl::OkStatus();
}

absl::Status ShowTimers(const Region& region, const Arguments& arguments) {
  std::vector<std::vector<std::string>> rows;
  RETURN_IF_ERROR(InEach(
      region, arguments, [&](const std::string& service, mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto timers,
                         saga::ListOverdueTimers(session, absl::Now(), kMostRows));
        for (const auto& one : timers) {
          rows.push_back({service, one.kind, one.aggregate_id.ToString(), one.name,
                          ShowTime(one.due_at), fmt::to_string(one.attempt), one.last_error});
        }
        return absl::OkStatus();
      }));
  PrintTable({"SERVICE", "KIND", "AGGREGATE", "NAME", "DUE", "ATTEMPT", "LAST ERROR"}, rows);
  return absl::OkStatus();
}

// Parked messages by key only: what they hold is about patients and stays encrypted.
absl::Status ShowParked(const Region& region, const Arguments&) {
  ASSIGN_OR_RETURN(const std::unique_ptr<mysql::Pool> pool, region.Audit("gateway"));
  constexpr mysql::Query kCount{
      "ctl.CountMessages",
      "SELECT state, COUNT(*) FROM inbound_message GROUP BY state ORDER BY state"};
  std::vector<std::vector<std::string>> rows;
  RETURN_IF_ERROR(
      mysql::RunRead(*pool, absl::Now() + absl::Minutes(1), [&](mysql::Session& session) {
        return session.SelectValues(kCount, {}, [&](const mysql::Row& row) {
          rows.push_back({row.Text(0), fmt::to_string(row.Int(1))});
          return absl::OkStatus();
        });
      }));
  PrintTable({"STATE", "MESSAGES"}, rows);
  fmt::print("\nEach parked message: yilianctl call ListParkedMessages\n");
  return absl::OkStatus();
}

}  // namespace

void AddInspectCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "audit verify",
       .usage = "[SERVICE]",
       .explanation =
           "Walks the audit chain of each service; fails when a record was changed, removed, "
           "added or moved.",
       .run = VerifyAudit});
  commands.push_back({.name = "outbox",
                      .usage = "[SERVICE]",
                      .explanation = "Events on their way out, and how far each follower has come.",
                      .run = ShowOutbox});
  commands.push_back({.name = "dead-letters",
                      .usage = "[SERVICE]",
                      .explanation = "Events that a follower could not apply.",
                      .run = ShowDeadLetters});
  commands.push_back({.name = "dead-letters requeue",
                      .usage = "SERVICE CONSUMER POSITION",
                      .explanation = "Has the follower try one again.",
                      .run = Requeue});
  commands.push_back({.name = "sagas",
                      .usage = "[SERVICE]",
                      .explanation = "Work across services that has not ended.",
                      .run = ShowSagas});
  commands.push_back({.name = "timers",
                      .usage = "[SERVICE]",
                      .explanation = "Timers that are overdue.",
                      .run = ShowTimers});
  commands.push_back({.name = "parked",
                      .usage = "",
                      .explanation = "HL7 messages by state: received, delivered, parked, refused.",
                      .run = ShowParked});
}

}  // namespace yilian::ctl
