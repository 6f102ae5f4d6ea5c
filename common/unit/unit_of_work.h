// One write from end to end: decide, store, append events, leave the audit record, remember the
// request id, COMMIT.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/audit/record.h"
#include "common/base/clock.h"
#include "common/idempotency/ledger.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"

namespace yilian::unit {

// What a call brings along for its write; the frame fills it (rpc::Call::write_context), jobs make
// their own.
struct WriteContext {
  idempotency::Key key;
  // Method, peer, user, organization, trace; the subject is set by the body. Without a method no
  // record is left.
  audit::Record audit;
  std::string traceparent;
  absl::Time deadline;
  // When the call reached this process, before it waited for its turn; unset for jobs.
  std::optional<std::chrono::steady_clock::time_point> arrived_at;
};

// What the body may do beside SQL. Lives for one attempt; a re-run gets a fresh one.
class Scope {
 public:
  Scope(mysql::Session& session, const WriteContext& context, absl::Time now)
      : session_(session),
        context_(context),
        now_(now),
        audit_(context.audit),
        traceparent_(context.traceparent) {}
  mysql::Session& sql() { return session_; }
  absl::Time now() const { return now_; }  // one time for the whole write
  // Appends in order; an event without a traceparent gets the call's.
  void Append(outbox::NewEvent event) {
    if (event.traceparent.empty()) event.traceparent = traceparent_;
    events_.push_back(std::move(event));
  }
  // Whose record it is. Call once a subject; a write about several records leaves several audit
  // rows, one that names none leaves one row without a subject.
  void Subject(std::string type, const base::Uuid& id, const base::Uuid& data_subject);

  const WriteContext& context() const { return context_; }
  const std::vector<outbox::NewEvent>& events() const { return events_; }
  std::vector<audit::Record> AuditRecords() const;

 private:
  mysql::Session& session_;
  const WriteContext& context_;
  absl::Time now_;
  audit::Record audit_;
  std::string traceparent_;
  std::vector<outbox::NewEvent> events_;
  std::vector<audit::Record> subjects_;
};

// Thread-safe.
class UnitOfWork {
 public:
  // `sequencer` may be null (tests); it is woken after a commit that appended. `domain`:
  // "yilian.referral".
  UnitOfWork(mysql::Pool& pool, outbox::Sequencer* sequencer, const base::Clock& clock,
             std::string domain);

  // Runs `body` once in effect. A request id that was answered before gets the first answer,
  // whatever the state is now; with other content it is ALREADY_EXISTS (REQUEST_ID_REUSED). A lost
  // COMMIT answer is settled by the request id. Errors change nothing and are not remembered.
  template <typename Response>
  absl::StatusOr<Response> Run(const WriteContext& context,
                               const std::function<absl::StatusOr<Response>(Scope&)>& body) {
    Response response;
    absl::Status status = RunErased(
        context,
        [&](Scope& scope) -> absl::Status {
          absl::StatusOr<Response> attempt = body(scope);
          if (!attempt.ok()) return attempt.status();
          response = *std::move(attempt);
          return absl::OkStatus();
        },
        response);
    if (!status.ok()) return status;
    return response;
  }

  // Run for a store behind a port that speaks bytes (common/wire/answer.h): the ledger keeps them
  // in a BytesValue.
  absl::StatusOr<std::string> RunBytes(
      const WriteContext& context, const std::function<absl::StatusOr<std::string>(Scope&)>& body);

  // Whether Run would give the answer of before, by one read: for who knows without a transaction
  // that the request would be refused. Errors: as Run.
  absl::StatusOr<bool> WasAnswered(const WriteContext& context);

  mysql::Pool& pool() { return pool_; }
  const base::Clock& clock() const { return clock_; }

 private:
  class Runner;
  absl::Status RunErased(const WriteContext& context,
                         const std::function<absl::Status(Scope&)>& body,
                         google::protobuf::Message& response);

  mysql::Pool& pool_;
  outbox::Sequencer* sequencer_;
  const base::Clock& clock_;
  std::string domain_;
};

}  // namespace yilian::unit
