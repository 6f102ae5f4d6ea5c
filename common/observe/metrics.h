// Metrics that Prometheus reads. A metric is looked up once, by name and labels; what comes back is
// counted on without any lookup or lock, from any thread, for as long as the process lives.
//
//   Counter& parked = Metrics::Process().GetCounter("yilian_messages_parked_total", "Messages
//   nobody could read."); parked.Increment();
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::observe {

// Only grows.
class Counter {
 public:
  void Increment(uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Goes up and down.
class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts observations by size.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void Observe(double value);
  void Observe(absl::Duration duration) { Observe(absl::ToDoubleSeconds(duration)); }

  // What has been observed: how many up to each bound (cumulative; the last one is all), and their
  // sum.
  struct Snapshot {
    std::vector<uint64_t> counts;
    double sum = 0;
  };
  Snapshot GetSnapshot() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  const std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> counts_;  // one a bound, and one above
  std::atomic<double> sum_{0};
};

// 0.5 ms to 10 s: calls and statements.
std::vector<double> LatencyBounds();

using Labels = std::vector<std::pair<std::string, std::string>>;

// All metrics of a process. Thread-safe. Names and labels are constants of the program: never an
// id, never anything of a person, since every value of a label is a series that lives for ever.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The process's own; lives for ever.
  static Metrics& Process();

  // The same name and labels give the same metric. A name that is already of another kind, or that
  // Prometheus would not read, is a fault of the program: it is logged, and the metric counts
  // unseen.
  Counter& GetCounter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& GetGauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& GetHistogram(std::string_view name, std::string_view help, const Labels& labels = {},
                          const std::vector<double>& bounds = LatencyBounds());

  // A value that is asked for when Prometheus comes: `read` runs on its thread, must be quick and
  // thread-safe. It is not called any more once the registration is gone.
  class [[nodiscard]] Registration {
   public:
    Registration() = default;
    explicit Registration(std::function<void()> remove) : remove_(std::move(remove)) {}
    Registration(Registration&& other) noexcept : remove_(std::exchange(other.remove_, nullptr)) {}
    Registration& operator=(Registration&& other) noexcept {
      if (remove_) remove_();
      remove_ = std::exchange(other.remove_, nullptr);
      return *this;
    }
    ~Registration() {
      if (remove_) remove_();
    }

   private:
    std::function<void()> remove_;
  };
  Registration AddGauge(std::string_view name, std::string_view help, const Labels& labels,
                        std::function<double()> read);
  Registration AddCounter(std::string_view name, std::string_view help, const Labels& labels,
                          std::function<double()> read);

  // The page as Prometheus reads it.
  std::string Text() const;

  // Serves the page at http://<address>/metrics until the process ends. UNAVAILABLE, naming the
  // address, when it cannot listen there. Returns the port.
  absl::StatusOr<int> Serve(const std::string& address);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What every process shows of itself: resident memory, processor time, open files, start time.
void AddProcessMetrics(Metrics& metrics);

}  // namespace yilian::observe
