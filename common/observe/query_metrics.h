// Time and outcome of every named statement. Wired in `app/`, since neither side knows the other:
//
//   mysql::SetQueryObserver(observe::ObserveQueries(Metrics::Process()));
#pragma once

#include <functional>
#include <string_view>

#include "absl/time/time.h"
#include "common/observe/metrics.h"

namespace yilian::observe {

// yilian_query_seconds{query} and yilian_query_errors_total{query}. Query names are constants of
// the program, and so are few: at most 1,000 are told apart, the rest counts as "other". The
// function is thread-safe; `metrics` outlives it.
std::function<void(std::string_view name, absl::Duration duration, bool ok)> ObserveQueries(
    Metrics& metrics);

}  // namespace yilian::observe
