// yilian-bench-session-relay [--sessions N] [--seconds N]
//
// Live sessions of four, two of them at each of two replicas, all in this process over mutual TLS.
// In each session the cursor of one moves five times a second, and once in two seconds somebody
// writes. Measured is the time from the sender's Write to every other's Read: of cursors, which go
// the direct way, and of words, which are committed first; within a replica and across. Then the
// replicas are left without their direct way, so that only the poll tells them of words: what the
// hints are worth (`poll_p50_ms`). The last line is JSON; the exit code is 1 when a word did not
// reach everybody, or transcripts differ.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/consultation/testing/live_client.h"
#include "services/consultation/testing/live_replicas.h"
#include "tests/bench/support/figures.h"

namespace yilian::bench {
namespace {

namespace v1 = consultation::v1;
using consultation::LiveClient;
using consultation::LivePerson;
using consultation::LiveReplicas;

constexpr int kPeople = 4;
constexpr absl::Duration kMove = absl::Milliseconds(200);
constexpr int kMovesAWord = 10;
constexpr absl::Duration kPatience = absl::Seconds(60);

struct Arguments {
  int sessions = 100;
  int seconds = 20;
};

// Latencies of one kind of frame. Thread-safe.
class Latencies {
 public:
  void Add(absl::Duration took) {
    const std::lock_guard lock(mutex_);
    figures_.milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(took)));
  }
  std::string Json(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return fmt::format(",\"{0}\":{1},\"{0}_p50_ms\":{2:.2f},\"{0}_p99_ms\":{3:.2f}", name,
                       figures_.milliseconds.size(), figures_.Percentile(0.5),
                       figures_.Percentile(0.99));
  }
  double p99() {
    const std::lock_guard lock(mutex_);
    return figures_.Percentile(0.99);
  }
  double p50() {
    const std::lock_guard lock(mutex_);
    return figures_.Percentile(0.5);
  }

 private:
  std::mutex mutex_;
  Figures figures_;
};

struct Measured {
  Latencies cursor_within;
  Latencies cursor_across;
  Latencies word_within;
  Latencies word_across;
};

// When a frame was sent travels in it: the microseconds of a day do not fit into a cursor, the
// tenths of a millisecond of a minute do, in two coordinates.
constexpr int64_t kTurn = 600'000;
int64_t Tenths(absl::Time at) { return absl::ToUnixMicros(at) / 100 % kTurn; }
absl::Duration Since(int64_t tenths) {
  return absl::Microseconds(100) * ((Tenths(absl::Now()) - tenths + kTurn) % kTurn);
}

// A session of four: the first two at replica 0, the others at replica 1. The first one sends.
class Talk {
 public:
  Talk(LiveReplicas& replicas, const std::vector<std::shared_ptr<grpc::Channel>>& channels,
       Measured& measured)
      : session_(replicas.OpenSession()) {
    for (int p = 0; p < kPeople; ++p) {
      const LivePerson person = p == 0 ? LiveReplicas::Doctor(1) : LiveReplicas::Expert(p);
      people_.push_back(person);
      clients_.push_back(std::make_unique<LiveClient>(
          replicas.TokenOf(person), [this, p, &measured](const v1::JoinSessionResponse& frame) {
            Take(p, frame, measured);
          }));
      clients_.back()->Join(channels[static_cast<size_t>(p / 2)], session_);
      clients_.back()->Await([](const auto& heard) { return !heard.welcomes.empty(); }, kPatience);
      if (p > 0)
        clients_[0]->Send(consultation::ModerationOf(v1::MODERATOR_ACT_ADMIT, person.id()));
    }
  }

  bool Ready() {
    for (int p = 1; p < kPeople; ++p) {
      if (!clients_[static_cast<size_t>(p)]->Await(
              [](const auto& heard) { return heard.welcomes.size() == 2; }, kPatience)) {
        return false;
      }
    }
    return true;
  }

  void Move() {
    const int64_t now = Tenths(absl::Now());
    clients_[0]->Send(
        consultation::PointAt(static_cast<int>(now / 10'000), static_cast<int>(now % 10'000)));
  }
  void Say() {
    ++words_;
    clients_[0]->Send(consultation::ChatOf(fmt::format("{}", Tenths(absl::Now()))));
  }

  // Everybody heard every word, in one order.
  bool Agree() {
    std::string transcript;
    for (const auto& client : clients_) {
      const bool all = client->Await(
          [&](const auto& heard) {
            return std::count_if(heard.entries.begin(), heard.entries.end(), [](const auto& one) {
                     return one.kind() == v1::ENTRY_KIND_CHAT;
                   }) == words_;
          },
          kPatience);
      std::string own;
      for (const auto& entry : client->heard().entries) own += entry.SerializeAsString();
      if (transcript.empty()) transcript = own;
      if (!all || own != transcript) return false;
    }
    return true;
  }

 private:
  void Take(int person, const v1::JoinSessionResponse& frame, Measured& measured) {
    const bool across = person / 2 == 1;
    if (person == 0) return;
    if (frame.has_attention()) {
      const v1::Attention& at = frame.attention();
      (across ? measured.cursor_across : measured.cursor_within)
          .Add(Since(int64_t{at.x()} * 10'000 + at.y()));
    } else if (frame.has_entry() && frame.entry().kind() == v1::ENTRY_KIND_CHAT) {
      (across ? measured.word_across : measured.word_within)
          .Add(Since(std::atoll(frame.entry().text().c_str())));
    }
  }

  const std::string session_;
  std::vector<LivePerson> people_;
  std::vector<std::unique_ptr<LiveClient>> clients_;
  int words_ = 0;
};

// Talks for a while; whether all transcripts agree in the end.
bool Run(const Arguments& arguments, int sessions, consultation::LiveHub::Options options,
         bool linked, Measured& measured) {
  LiveReplicas replicas(base::SystemClock(), options, linked);
  replicas.Start();
  replicas.Start();
  const std::vector<std::shared_ptr<grpc::Channel>> channels = {replicas.Channel(0),
                                                                replicas.Channel(1)};
  std::vector<std::unique_ptr<Talk>> talks;
  for (int i = 0; i < sessions; ++i) {
    talks.push_back(std::make_unique<Talk>(replicas, channels, measured));
  }
  bool good = true;
  for (const auto& talk : talks) good = good && talk->Ready();
  const absl::Time begun = absl::Now();
  const absl::Time end = begun + absl::Seconds(arguments.seconds);
  // One thread sends for all, spread evenly over each interval, as people are not in step.
  for (int move = 0; absl::Now() < end; ++move) {
    for (size_t i = 0; i < talks.size(); ++i) {
      const absl::Time turn =
          begun + kMove * move + kMove * static_cast<int>(i) / static_cast<int>(talks.size());
      absl::SleepFor(turn - absl::Now());  // lint:allow(test-sleep) the pace that is measured
      talks[i]->Move();
      if ((move + static_cast<int>(i)) % kMovesAWord == 0) talks[i]->Say();
    }
  }
  for (const auto& talk : talks) good = talk->Agree() && good;
  return good;
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--sessions") arguments.sessions = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--seconds") arguments.seconds = std::max(1, std::atoi(argv[i + 1]));
  }
  yilian::bench::Measured linked;
  const bool good = yilian::bench::Run(arguments, arguments.sessions, {}, true, linked);
  // A few are enough to see how long the poll alone takes.
  yilian::bench::Measured polled;
  const bool also =
      yilian::bench::Run(arguments, std::min(10, arguments.sessions), {}, false, polled);
  fmt::print(
      "{{\"bench\":\"session-relay\",\"sessions\":{},\"participants\":{},\"agree\":{}{}{}{}{},"
      "\"poll_p50_ms\":{:.2f},\"poll_p99_ms\":{:.2f},\"p99_ms\":{:.2f},\"across_p99_ms\":{:.2f}}}"
      "\n",
      arguments.sessions, arguments.sessions * 4, good && also,
      linked.cursor_within.Json("cursor_within"), linked.cursor_across.Json("cursor_across"),
      linked.word_within.Json("word_within"), linked.word_across.Json("word_across"),
      polled.word_across.p50(), polled.word_across.p99(),
      std::max(linked.cursor_within.p99(), linked.word_within.p99()),
      std::max(linked.cursor_across.p99(), linked.word_across.p99()));
  return good && also ? 0 : 1;
}
