#include "common/observe/metrics.h"

#include <fmt/format.h>
#include <prometheus/check_names.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/log.h"

namespace yilian::observe {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

struct Series {
  Labels labels;
  std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>,
               std::function<double()>>
      source;
  uint64_t registration = 0;  // of a function: who may take it away
};

struct Family {
  std::string help;
  MetricType type = MetricType::Untyped;
  std::map<Labels, Series> series;
};

void SetValue(ClientMetric& out, MetricType type, double value) {
  if (type == MetricType::Counter) {
    out.counter.value = value;
  } else {
    out.gauge.value = value;
  }
}

ClientMetric Collect(const Series& series, MetricType type) {
  ClientMetric out;
  for (const auto& [name, value] : series.labels) out.label.push_back({name, value});
  if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&series.source)) {
    SetValue(out, type, static_cast<double>((*counter)->value()));
  } else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&series.source)) {
    SetValue(out, type, (*gauge)->value());
  } else if (const auto* read = std::get_if<std::function<double()>>(&series.source)) {
    SetValue(out, type, (*read)());
  } else {
    const Histogram& histogram = *std::get<std::unique_ptr<Histogram>>(series.source);
    const Histogram::Snapshot snapshot = histogram.GetSnapshot();
    out.histogram.sample_sum = snapshot.sum;
    out.histogram.sample_count = snapshot.counts.back();
    for (size_t i = 0; i < histogram.bounds().size(); ++i) {
      out.histogram.bucket.push_back({snapshot.counts[i], histogram.bounds()[i]});
    }
    out.histogram.bucket.push_back(
        {snapshot.counts.back(), std::numeric_limits<double>::infinity()});
  }
  return out;
}

bool AreGoodNames(const std::string& name, const Labels& labels) {
  return prometheus::CheckMetricName(name) &&
         std::all_of(labels.begin(), labels.end(),
                     [](const auto& label) { return prometheus::CheckLabelName(label.first); });
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(new std::atomic<uint64_t>[bounds_.size() + 1]()) {}

void Histogram::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::GetSnapshot() const {
  Snapshot snapshot;
  uint64_t total = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    snapshot.counts.push_back(total);
  }
  snapshot.sum = sum_.load(std::memory_order_relaxed);
  return snapshot;
}

std::vector<double> LatencyBounds() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

struct Metrics::State : prometheus::Collectable {
  mutable absl::Mutex mutex;
  std::map<std::string, Family> families ABSL_GUARDED_BY(mutex);
  uint64_t registrations ABSL_GUARDED_BY(mutex) = 0;
  std::deque<Series> unseen
      ABSL_GUARDED_BY(mutex);  // asked for wrongly; a deque: references stay good

  // The series of that name and labels, made by `make` when it is new.
  template <typename Make>
  Series& GetSeries(std::string_view name, std::string_view help, const Labels& labels,
                    MetricType type, const Make& make) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const std::string key(name);
    const auto known = families.find(key);
    if (!AreGoodNames(key, labels) || (known != families.end() && known->second.type != type)) {
      Log(Level::kError, "a metric has a bad name, or is of two kinds; it is not shown",
          {{"metric", key}});
      unseen.push_back({labels, make()});
      return unseen.back();
    }
    Family& family = families[key];
    family.type = type;
    if (family.help.empty()) family.help = std::string(help);
    const auto [found, is_new] = family.series.try_emplace(labels);
    if (is_new) found->second = Series{labels, make()};
    return found->second;
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex);
    std::vector<prometheus::MetricFamily> out;
    for (const auto& [name, family] : families) {
      if (family.series.empty()) continue;
      prometheus::MetricFamily collected{name, family.help, family.type, {}};
      for (const auto& [labels, series] : family.series) {
        collected.metric.push_back(observe::Collect(series, family.type));
      }
      out.push_back(std::move(collected));
    }
    return out;
  }

  // Lets `read` give the value of a series; the latest registration is the one that is read.
  Registration Add(std::shared_ptr<State> self, std::string_view name, std::string_view help,
                   const Labels& labels, MetricType type, std::function<double()> read) {
    absl::MutexLock lock(&mutex);
    Series& series = GetSeries(name, help, labels, type, [] { return std::function<double()>(); });
    if (!std::holds_alternative<std::function<double()>>(series.source)) {
      Log(Level::kError, "a metric is counted and read by a function; the function is not used",
          {{"metric", name}});
      return Registration();
    }
    series.source = std::move(read);
    series.registration = ++registrations;
    return Registration([self = std::move(self), key = std::string(name), labels,
                         id = series.registration] { self->Remove(key, labels, id); });
  }

  void Remove(const std::string& name, const Labels& labels, uint64_t registration) {
    absl::MutexLock lock(&mutex);
    const auto family = families.find(name);
    if (family == families.end()) return;
    const auto series = family->second.series.find(labels);
    if (series != family->second.series.end() && series->second.registration == registration) {
      family->second.series.erase(series);
    }
  }
};

Metrics::Metrics() : state_(std::make_shared<State>()) {}
Metrics::~Metrics() = default;

Metrics& Metrics::Process() {
  static auto* const process = new Metrics();
  return *process;
}

namespace {

// A series that is counted on wins over one that a function reads: nothing that counts may fail.
template <typename T, typename Series, typename Make>
T& Counted(std::string_view name, Series& series, const Make& make) {
  if (!std::holds_alternative<std::unique_ptr<T>>(series.source)) {
    Log(Level::kError, "a metric is read by a function and counted; the function is not used",
        {{"metric", name}});
    series.source = make();
  }
  return *std::get<std::unique_ptr<T>>(series.source);
}

}  // namespace

Counter& Metrics::GetCounter(std::string_view name, std::string_view help, const Labels& labels) {
  absl::MutexLock lock(&state_->mutex);
  const auto make = [] { return std::make_unique<Counter>(); };
  return Counted<Counter>(name, state_->GetSeries(name, help, labels, MetricType::Counter, make),
                          make);
}

Gauge& Metrics::GetGauge(std::string_view name, std::string_view help, const Labels& labels) {
  absl::MutexLock lock(&state_->mutex);
  const auto make = [] { return std::make_unique<Gauge>(); };
  return Counted<Gauge>(name, state_->GetSeries(name, help, labels, MetricType::Gauge, make), make);
}

Histogram& Metrics::GetHistogram(std::string_view name, std::string_view help, const Labels& labels,
                                 const std::vector<double>& bounds) {
  absl::MutexLock lock(&state_->mutex);
  const auto make = [&] { return std::make_unique<Histogram>(bounds); };
  return Counted<Histogram>(
      name, state_->GetSeries(name, help, labels, MetricType::Histogram, make), make);
}

Metrics::Registration Metrics::AddGauge(std::string_view name, std::string_view help,
                                        const Labels& labels, std::function<double()> read) {
  return state_->Add(state_, name, help, labels, MetricType::Gauge, std::move(read));
}

Metrics::Registration Metrics::AddCounter(std::string_view name, std::string_view help,
                                          const Labels& labels, std::function<double()> read) {
  return state_->Add(state_, name, help, labels, MetricType::Counter, std::move(read));
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->Collect());
}

absl::StatusOr<int> Metrics::Serve(const std::string& address) {
  // One thread answers, so that an idle service pays for one stack; a client that stops half-way is
  // cut off.
  const std::vector<std::string> options = {"listening_ports",    address, "num_threads", "1",
                                            "request_timeout_ms", "2000"};
  try {
    // The exposer's threads use the state until the process ends: neither is ever freed.
    auto* const exposer = new prometheus::Exposer(options);
    exposer->RegisterCollectable(state_);
    static absl::Mutex mutex;
    static auto* const kept =
        new std::vector<std::pair<prometheus::Exposer*, std::shared_ptr<State>>>();
    absl::MutexLock lock(&mutex);
    kept->emplace_back(exposer, state_);
    const std::vector<int> ports = exposer->GetListeningPorts();
    return ports.empty() ? 0 : ports.front();
  } catch (const std::exception& error) {  // civetweb's wrapper throws when it cannot listen
    return absl::UnavailableError(fmt::format(
        "metrics_listen: cannot listen on {} (is the port taken? ss -ltnp shows by whom): {}",
        address, error.what()));
  }
}

}  // namespace yilian::observe
