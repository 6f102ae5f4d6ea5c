#include <fmt/format.h>

#include <map>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "tests/bench/referral/bench.h"
#include "tests/bench/referral/township.h"
#include "tests/bench/support/figures.h"
#include "yilian/event/v1/event.grpc.pb.h"

namespace yilian::bench {
namespace {

using referral::v1::ReferralService;

constexpr int kPatients = 50;
constexpr int kWriters = 4;
// A region of 33 institutions has some thousand writes a day; this is as many a minute.
constexpr absl::Duration kPace = absl::Milliseconds(20);
constexpr absl::Duration kStragglers = absl::Seconds(5);

// When each referral's answer came, and when its event.
class Arrivals {
 public:
  void Answered(const std::string& referral) {
    absl::MutexLock lock(&mutex_);
    answered_[referral] = absl::Now();
  }
  void Arrived(const std::string& referral) {
    absl::MutexLock lock(&mutex_);
    arrived_.emplace(referral, absl::Now());
  }
  // Until each answered referral's event has come.
  bool AwaitAll(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    const auto all = [&] {
      for (const auto& [referral, at] : answered_) {
        if (!arrived_.contains(referral)) return false;
      }
      return true;
    };
    return mutex_.AwaitWithDeadline(absl::Condition(&all), deadline);
  }
  // An event that overtook its answer took no time.
  Slice Latencies() const {
    absl::MutexLock lock(&mutex_);
    Slice slice;
    for (const auto& [referral, at] : answered_) {
      const auto arrived = arrived_.find(referral);
      if (arrived == arrived_.end()) {
        ++slice.failed;
        continue;
      }
      ++slice.calls;
      slice.milliseconds.push_back(static_cast<float>(
          absl::ToDoubleMilliseconds(std::max(absl::ZeroDuration(), arrived->second - at))));
    }
    return slice;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, absl::Time> answered_;
  std::map<std::string, absl::Time> arrived_;
};

void Write(const Township& township, ReferralService::Stub& stub, int writer, absl::Time end,
           Arrivals& arrivals, std::atomic<int64_t>& failed) {
  absl::Time next = absl::Now() + writer * kPace / kWriters;
  for (size_t patient = static_cast<size_t>(writer); next < end; patient += kWriters) {
    // lint:allow(test-sleep) the pace is what is being measured at
    absl::SleepFor(next - absl::Now());
    next += kPace * kWriters;
    const auto answer =
        rpc::ClientCall()
            .WithToken(township.doctor().token())
            .Invoke(stub, &ReferralService::Stub::CreateReferral, township.NewReferral(patient));
    if (answer.ok()) {
      arrivals.Answered(answer->referral_id());
    } else {
      ++failed;
    }
  }
}

}  // namespace

absl::Status BenchEvents(const Arguments& arguments) {
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const std::unique_ptr<Township> township, Township::Make(region, kPatients));
  ASSIGN_OR_RETURN(const auto stubs, township->Stubs());
  ASSIGN_OR_RETURN(const auto channel, region.Channel("referral", "yilianctl"));
  Arrivals arrivals;
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + township->doctor().token());
  const auto feed = event::v1::EventFeed::NewStub(channel);
  event::v1::StreamRequest request;
  request.set_subscriber("bench");
  const auto reader = feed->Stream(&context, request);
  std::thread subscriber([&] {
    event::v1::StreamResponse response;
    while (reader->Read(&response)) {
      for (const auto& event : response.events()) {
        if (event.type() == "ReferralSubmitted") arrivals.Arrived(event.aggregate_id());
      }
    }
    reader->Finish();
  });

  const absl::Time begun = absl::Now();
  const absl::Time end = begun + absl::Seconds(arguments.seconds);
  std::atomic<int64_t> failed = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      Write(*township, *stubs[static_cast<size_t>(i) % stubs.size()], i, end, arrivals, failed);
    });
  }
  for (std::thread& writer : writers) writer.join();
  const absl::Duration took = absl::Now() - begun;
  const bool all = arrivals.AwaitAll(absl::Now() + kStragglers);
  context.TryCancel();
  subscriber.join();

  Figures figures;
  Slice slice = arrivals.Latencies();
  slice.took = took;
  figures.Add(std::move(slice));
  // ratio: of the events that came at all; the floor is the pace.
  const double offered = 1 / absl::ToDoubleSeconds(kPace);
  fmt::print(
      "{{\"bench\":\"events\",\"ratio\":{:.3f},\"per_second\":{:.0f},\"p50_ms\":{:.1f},\"p99_ms\":{"
      ":.1f},"
      "\"floor_per_second\":{:.0f},\"failed\":{}}}\n",
      static_cast<double>(figures.calls) / static_cast<double>(figures.calls + figures.failed),
      figures.per_second(), figures.Percentile(0.5), figures.Percentile(0.99), offered,
      failed.load() + figures.failed);
  return all && failed == 0 ? absl::OkStatus()
                            : absl::InternalError("writes failed or events did not come");
}

}  // namespace yilian::bench
