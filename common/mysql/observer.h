// Where metrics hook in: one call a statement. This library knows no metrics library.
#pragma once

#include <functional>
#include <string_view>

#include "absl/time/time.h"

namespace yilian::mysql {

// `name` is the query's or transaction's name; called on the thread that ran it, so it must be
// quick and thread-safe.
using QueryObserver = std::function<void(std::string_view name, absl::Duration duration, bool ok)>;

// Set once at start, before the first pool. Unset, a statement pays one atomic load.
void SetQueryObserver(QueryObserver observer);
const QueryObserver* GetQueryObserver();

}  // namespace yilian::mysql
