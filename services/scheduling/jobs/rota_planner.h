// Plans the rotas that were asked for, one at a time, away from the calls.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/mysql/pool.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/rota/rota_store.h"
#include "services/scheduling/store/rota_rows.h"

namespace yilian::scheduling {

// One thread that plans, at a lower priority than calls, and while it does one that keeps its
// claim. May run in every replica: a rota is claimed by one of them at a time, by the database's
// clock, and what a planner that lost its claim comes to is thrown away. After kill -9 another one
// claims the rota when the lease is over and begins anew.
class RotaPlanner {
 public:
  struct Options {
    // For one rota; the best plan until then is taken.
    absl::Duration time_limit = absl::Seconds(60);
    absl::Duration poll = absl::Seconds(1);
    absl::Duration lease = absl::Seconds(30);
    // Between two signs of life, each with the progress; also how soon a cancelled rota is noticed.
    absl::Duration keep = absl::Seconds(2);
  };
  struct Deps {
    mysql::Pool& pool;
    const base::Clock& clock;
    rota::RotaEncoding encoding;
    const TemplateRules& rules;     // the clock of sites that were never defined
    std::function<void()> planned;  // after a commit that appended an event; may be empty
  };
  RotaPlanner(Deps deps, Options options);
  // Lets go of the rota that is being planned, so that another replica goes on at once.
  ~RotaPlanner();
  RotaPlanner(const RotaPlanner&) = delete;
  RotaPlanner& operator=(const RotaPlanner&) = delete;

  void Run();  // starts the thread
  // Plans the rota that waited longest. False: none waits. For tests.
  absl::StatusOr<bool> RunOnce();

 private:
  class Claim;

  void Loop();
  absl::Status Plan(const RotaClaim& claim);
  // Stores what came of it, if the claim holds still. Empty `failure`: `planned`.
  absl::Status Finish(const RotaClaim& claim, const rota::Asked& asked,
                      const rota::Planned& planned, std::string_view failure);

  const Deps deps_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace yilian::scheduling
