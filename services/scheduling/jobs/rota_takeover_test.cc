// Processes that plan rotas, killed and stopped by signals, on a real database.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "services/scheduling/rpc/rota_plan_convert.h"
#include "services/scheduling/testing/rota_fixture.h"
#include "tests/support/eventually.h"

namespace yilian::scheduling {
namespace {

using status::IsOk;
using test_support::Eventually;

// The solver on a busy machine.
constexpr absl::Duration kPatience = absl::Minutes(1);
// The lease is short, so that the test is; ten signs of life fit into it.
constexpr RotaPlanner::Options kOptions{
    .poll = absl::Milliseconds(50), .lease = absl::Seconds(3), .keep = absl::Milliseconds(200)};
// Of a planner that is killed or stopped before the end, and of one that comes to it.
constexpr int kLongSeconds = 300;
constexpr int kShortSeconds = 2;

// How a process is told where to plan; nothing of it is secret.
constexpr const char* kSocket = "YILIAN_TEST_PLANNER_SOCKET";
constexpr const char* kSchema = "YILIAN_TEST_PLANNER_SCHEMA";
constexpr const char* kUser = "YILIAN_TEST_PLANNER_USER";
constexpr const char* kPassword = "YILIAN_TEST_PLANNER_PASSWORD";
constexpr const char* kSeconds = "YILIAN_TEST_PLANNER_SECONDS";  // for one rota

// What the processes below run: a planner, until somebody ends them.
TEST(PlannerProcess, DISABLED_Plans) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  mysql::PoolOptions options;
  options.socket = std::getenv(kSocket);
  options.schema = std::getenv(kSchema);
  options.user = std::getenv(kUser);
  options.password = std::getenv(kPassword);
  SchedulingDesk desk(options, absl::FromUnixSeconds(1'790'000'000));
  RotaPlanner::Options planning = kOptions;
  planning.time_limit = absl::Seconds(std::atoi(std::getenv(kSeconds)));
  const std::unique_ptr<RotaPlanner> planner = desk.NewRotaPlanner(planning);
  planner->Run();
  for (;;) pause();
}

class PlannerProcesses : public RotaFixture {
 protected:
  void TearDown() override {
    while (!running_.empty()) Kill(running_.back());
  }

  pid_t Start(int seconds) {
    setenv(kSeconds, std::to_string(seconds).c_str(), 1);
    setenv(kSocket, options_.socket.c_str(), 1);
    setenv(kSchema, options_.schema.c_str(), 1);
    setenv(kUser, options_.user.c_str(), 1);
    setenv(kPassword, options_.password.c_str(), 1);
    const pid_t pid = fork();
    if (pid == 0) {
      dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
      execl("/proc/self/exe", "planner", "--gtest_also_run_disabled_tests",
            "--gtest_filter=PlannerProcess.DISABLED_Plans", nullptr);
      _exit(127);
    }
    EXPECT_GT(pid, 0);
    running_.push_back(pid);
    return pid;
  }
  void Kill(pid_t pid) {
    EXPECT_EQ(kill(pid, SIGKILL), 0);
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
    std::erase(running_, pid);
  }

  std::string EpochOf(const v1::Rota& rota) {
    return desk_->Read("SELECT claim_epoch FROM rota WHERE rota_id = UNHEX(REPLACE('" +
                       rota.rota_id() + "', '-', ''))");
  }
  v1::RotaState StateOf(const v1::Rota& rota) { return Get(rota.rota_id()).rota().state(); }
  // Some planner is at it for the `epoch`th time, and says how far it is.
  bool IsPlanned(const v1::Rota& rota, int epoch) {
    return Eventually(
        [&] {
          const v1::Rota now = Get(rota.rota_id()).rota();
          return now.state() == v1::ROTA_STATE_PLANNING && now.phase() != 0 &&
                 EpochOf(rota) == std::to_string(epoch);
        },
        kPatience);
  }
  bool Ends(const v1::Rota& rota) {
    return Eventually([&] { return StateOf(rota) == v1::ROTA_STATE_PLANNED; }, kPatience);
  }

  std::vector<pid_t> running_;
};

TEST_F(PlannerProcesses, OneThatIsKilledIsFollowedAndNoRotaIsLostOrPlannedTwice) {
  const auto long_one = Ask(LongProblem(), "long");
  ASSERT_THAT(long_one, IsOk());
  const pid_t first = Start(kLongSeconds);
  ASSERT_TRUE(IsPlanned(*long_one, 1));
  const pid_t second = Start(kLongSeconds);
  // The second one plans what comes, and each time passes over the one that has waited longest.
  for (const char* name : {"behind", "further behind"}) {
    const auto other = Ask(Problem(), name);
    ASSERT_THAT(other, IsOk());
    ASSERT_TRUE(Ends(*other));
    EXPECT_EQ(EpochOf(*other), "1");
    EXPECT_EQ(EpochOf(*long_one), "1") << "somebody lives who plans it";
  }
  Kill(first);
  ASSERT_TRUE(IsPlanned(*long_one, 2));
  Start(kShortSeconds);
  Kill(second);
  EXPECT_TRUE(Ends(*long_one));
  EXPECT_EQ(EpochOf(*long_one), "3");
  EXPECT_EQ(Events("RotaPlanned"), "3");
  EXPECT_GT(Get(long_one->rota_id()).plan().visits_size(), 0);
}

TEST_F(PlannerProcesses, OneThatGoesOnAfterItsLeaseChangesNothing) {
  const auto asked = Ask(LongProblem());
  ASSERT_THAT(asked, IsOk());
  const pid_t paused = Start(kLongSeconds);
  ASSERT_TRUE(IsPlanned(*asked, 1));
  ASSERT_EQ(kill(paused, SIGSTOP), 0);
  Start(kShortSeconds);
  ASSERT_TRUE(Ends(*asked));
  const v1::GetRotaResponse planned = Get(asked->rota_id());
  ASSERT_EQ(kill(paused, SIGCONT), 0);
  // It is at the next rota once it has given up this one, and has the long ones to itself then.
  Kill(running_.back());
  const auto next = Ask(Problem(), "next");
  ASSERT_THAT(next, IsOk());
  EXPECT_TRUE(Ends(*next));
  EXPECT_EQ(Get(asked->rota_id()).SerializeAsString(), planned.SerializeAsString());
  EXPECT_EQ(EpochOf(*asked), "2");
  EXPECT_EQ(Events("RotaPlanned"), "2");
}

}  // namespace
}  // namespace yilian::scheduling
