// yilian-bench-critical --region FOLDER [--seconds N] [--callers N]
//
// From the moment in which a township's LIS sends a report with a critical potassium until the
// doctor's event stream has it: first alone, then while `callers` other connections send reports of
// twenty observations as fast as they are acknowledged. Against a running region with the demo
// data. The last line is JSON; the floor is the same without the load.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/messages.h"
#include "services/ctl/demo/mllp.h"
#include "services/ctl/demo/person.h"
#include "tests/bench/support/figures.h"
#include "yilian/event/v1/event.grpc.pb.h"
#include "yilian/lab/v1/critical.pb.h"

namespace yilian::bench {
namespace {

using ctl::demo::MessagePatient;
using ctl::demo::MllpSender;

constexpr absl::Duration kAcknowledgement = absl::Seconds(20);
constexpr absl::Duration kStraggler = absl::Seconds(20);
constexpr int kObservations = 20;

struct Arguments {
  std::string region;
  int seconds = 10;
  int callers = 8;
};

const MessagePatient kPatient{.national_id = "",
                              .record_number = "BENCH-CRITICAL",
                              .name = "压^测",
                              .birth_date = "19500505",
                              .sex = 'F'};

std::string Stamp(absl::Time time) {
  return absl::FormatTime("%Y%m%d%H%M%S", time, absl::FixedTimeZone(8 * 3600)) + "+0800";
}

// A report of one observation or twenty; the first is the potassium.
std::string Report(const std::string& number, int observations, std::string_view potassium) {
  const std::string at = Stamp(absl::Now());
  std::string text = fmt::format(
      "MSH|^~\\&|TXLIS|桃溪镇卫生院|YILIAN|REGION|{0}||ORU^R01^ORU_R01|{1}|P|2.5.1|||||CHN|UNICODE "
      "UTF-8\r"
      "PID|1||{2}^^^TXHIS^MR||{3}||{4}|{5}\r"
      "OBR|1||{1}|24323-8^Comprehensive metabolic panel^LN|||{0}|||||||||||||||{0}|||F\r",
      at, number, kPatient.record_number, kPatient.name, kPatient.birth_date, kPatient.sex);
  for (int i = 1; i <= observations; ++i) {
    const std::string code = i == 1 ? "2823-3^Potassium^LN" : fmt::format("T{}^项目{}^L", i, i);
    text += fmt::format("OBX|{}|NM|{}||{}|mmol/L^^UCUM|3.5-5.3||||F|||{}\r", i, code,
                        i == 1 ? potassium : "4.20", at);
  }
  return text;
}

absl::Status Exchange(MllpSender& sender, const std::string& message) {
  ASSIGN_OR_RETURN(const std::string answer, sender.Exchange(message, kAcknowledgement));
  if (ctl::demo::AcknowledgementCode(answer) == "AA") return absl::OkStatus();
  return absl::InternalError(answer);
}

// The doctor's stream, read on a thread of its own: how many critical values it has shown.
class Clinician {
 public:
  static absl::StatusOr<std::unique_ptr<Clinician>> Start(const ctl::demo::Person& doctor) {
    ASSIGN_OR_RETURN(const auto channel, doctor.ChannelTo("lab"));
    return std::unique_ptr<Clinician>(
        new Clinician(event::v1::EventFeed::NewStub(channel), doctor.token()));
  }
  ~Clinician() {
    context_.TryCancel();
    thread_.join();
  }

  int seen() const {
    absl::MutexLock lock(&mutex_);
    return seen_;
  }
  // Until more than `before` have come; when the last of them did.
  std::optional<absl::Time> AwaitAfter(int before) {
    absl::MutexLock lock(&mutex_);
    const auto more = [&] { return seen_ > before; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&more), kStraggler)) return std::nullopt;
    return last_;
  }

 private:
  Clinician(std::unique_ptr<event::v1::EventFeed::Stub> stub, const std::string& token)
      : stub_(std::move(stub)) {
    context_.AddMetadata("authorization", "Bearer " + token);
    event::v1::StreamRequest request;
    request.set_subscriber("bench");
    reader_ = stub_->Stream(&context_, request);
    thread_ = std::thread([this] { Read(); });
  }
  void Read() {
    event::v1::StreamResponse response;
    while (reader_->Read(&response)) {
      for (const auto& event : response.events()) {
        if (event.type() != "CriticalValueDetected") continue;
        absl::MutexLock lock(&mutex_);
        ++seen_;
        last_ = absl::Now();
      }
    }
    reader_->Finish();
  }

  const std::unique_ptr<event::v1::EventFeed::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<event::v1::StreamResponse>> reader_;
  mutable absl::Mutex mutex_;
  int seen_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

std::string Number() { return "BC-" + ctl::demo::NewId().substr(14); }

// One critical report after the other, each awaited on the stream.
absl::StatusOr<Slice> Measure(const std::string& address, Clinician& clinician,
                              absl::Duration duration) {
  ASSIGN_OR_RETURN(const std::unique_ptr<MllpSender> sender, MllpSender::Connect(address));
  const absl::Time begun = absl::Now();
  Slice slice;
  while (absl::Now() < begun + duration) {
    const int before = clinician.seen();
    const absl::Time sent = absl::Now();
    RETURN_IF_ERROR(Exchange(*sender, Report(Number(), 1, "6.90")));
    const std::optional<absl::Time> arrived = clinician.AwaitAfter(before);
    if (!arrived) return absl::DeadlineExceededError("a critical value did not come");
    ++slice.calls;
    slice.milliseconds.push_back(static_cast<float>(absl::ToDoubleMilliseconds(*arrived - sent)));
  }
  slice.took = absl::Now() - begun;
  return slice;
}

// Other connections that send as fast as they are acknowledged, until it is stopped.
class Load {
 public:
  static absl::StatusOr<std::unique_ptr<Load>> Start(const std::string& address, int connections) {
    std::unique_ptr<Load> load(new Load);
    for (int i = 0; i < connections; ++i) {
      ASSIGN_OR_RETURN(std::unique_ptr<MllpSender> sender, MllpSender::Connect(address));
      load->threads_.emplace_back([&all = *load, own = std::move(sender)] {
        while (!all.stopped_) {
          if (Exchange(*own, Report(Number(), kObservations, "4.10")).ok()) {
            ++all.acknowledged_;
          } else {
            ++all.failed_;
          }
        }
      });
    }
    return load;
  }
  ~Load() { Stop(); }
  void Stop() {
    stopped_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  int64_t acknowledged() const { return acknowledged_; }
  int64_t failed() const { return failed_; }

 private:
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> acknowledged_ = 0;
  std::atomic<int64_t> failed_ = 0;
  std::vector<std::thread> threads_;
};

absl::Status Run(const Arguments& arguments) {
  const ctl::Region region(arguments.region);
  ASSIGN_OR_RETURN(const ctl::demo::Person doctor,
                   ctl::demo::Person::SignIn(region, "doctor.taoxi"));
  ASSIGN_OR_RETURN(const std::string address, region.ConfigValue("gateway", "mllp.0.listen"));
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<MllpSender> his, MllpSender::Connect(address));
    RETURN_IF_ERROR(Exchange(
        *his, ctl::demo::RegisterMessage(kPatient, Number(), "UNICODE UTF-8", absl::Now())));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Clinician> clinician, Clinician::Start(doctor));
  const absl::Duration half = absl::Seconds(arguments.seconds) / 2;
  Figures quiet;
  ASSIGN_OR_RETURN(Slice alone, Measure(address, *clinician, half));
  quiet.Add(std::move(alone));
  ASSIGN_OR_RETURN(const std::unique_ptr<Load> load, Load::Start(address, arguments.callers));
  const int64_t before = load->acknowledged();
  const absl::Time begun = absl::Now();
  ASSIGN_OR_RETURN(Slice slice, Measure(address, *clinician, half));
  const double per_second = static_cast<double>(load->acknowledged() - before) /
                            absl::ToDoubleSeconds(absl::Now() - begun);
  load->Stop();
  slice.failed = load->failed();
  Figures loaded;
  loaded.Add(std::move(slice));
  fmt::print("{}\n", JsonLine("critical", loaded, quiet, arguments.callers,
                              fmt::format(",\"bulk_reports_per_second\":{:.0f},"
                                          "\"bulk_observations_per_report\":{}",
                                          per_second, kObservations)));
  return loaded.failed == 0 ? absl::OkStatus()
                            : absl::InternalError("reports of the load were not acknowledged");
}

}  // namespace
}  // namespace yilian::bench

int main(int argc, char** argv) {
  yilian::bench::Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--region") arguments.region = argv[i + 1];
    if (option == "--seconds") arguments.seconds = std::max(2, std::atoi(argv[i + 1]));
    if (option == "--callers") arguments.callers = std::max(1, std::atoi(argv[i + 1]));
  }
  if (arguments.region.empty()) {
    fmt::print(stderr,
               "usage: yilian-bench-critical --region FOLDER [--seconds N] [--callers N]\n");
    return 2;
  }
  const absl::Status status = yilian::bench::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.ToString());
  return 1;
}
