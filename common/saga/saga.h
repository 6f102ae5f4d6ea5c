// Work that crosses services: durable steps that go on after any crash until they are done or
// undone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::saga {

// A saga as stored. `state` is the definition's own serialized message.
struct Saga {
  base::Uuid saga_id;
  std::string kind;  // "referral.BookSeat"
  base::Uuid aggregate_id;
  std::string step;  // name of the step to run next; "" when it has ended
  std::string state;
  int attempt = 0;    // of this step
  int64_t epoch = 0;  // grows with every claim: a late holder's write is refused
  // Id for the callee's ledger: the same for every attempt of the same step.
  base::Uuid StepRequestId() const { return base::Uuid::V5(saga_id, step); }
};

// What a step decided. `step` empty: the saga has ended.
struct Next {
  std::string step;
  std::string state;
  absl::Duration delay = absl::ZeroDuration();
  // Runs in the transaction that advances the saga: the effect in the own schema (state change,
  // outbox rows). May run several times before it is committed; an error puts the whole step off.
  std::function<absl::Status(mysql::Session&)> effect;
};

// Inserts a saga in the caller's transaction; it starts as soon as that commits.
absl::Status Start(mysql::Session& session, const base::Uuid& saga_id, std::string_view kind,
                   const base::Uuid& aggregate_id, std::string_view first_step,
                   const std::string& state, absl::Time now);

// A step calls out (outside any transaction) and returns what follows. Retryable errors
// (UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL) re-run the step with
// backoff for ever (100 ms doubling to 30 s); any other error must be turned into a Next by the
// step itself, or it is treated as retryable and raises an alarm metric.
using Step = std::function<absl::StatusOr<Next>(const Saga&)>;

// Claims due sagas with SKIP LOCKED and a lease, runs their steps. Replicas may all run one.
// Threads of its own; one of them renews the leases of the steps that run, so that a lease may be
// short (what a killed runner held goes on that soon) and a step long. A runner that stalls past
// its lease is fenced by the epoch.
class Runner {
 public:
  struct Options {
    int threads = 2;
    absl::Duration lease = absl::Seconds(5);
    absl::Duration poll = absl::Milliseconds(200);
  };
  Runner(mysql::Pool& pool, const base::Clock& clock, Options options);
  ~Runner();
  void Define(std::string kind, std::map<std::string, Step> steps);  // before Run
  void Run();                                                        // starts the threads
  void Notify();                                                     // a saga was started: look now
  absl::StatusOr<int> RunDue();  // for tests: runs each due saga one step, returns how many

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::saga
