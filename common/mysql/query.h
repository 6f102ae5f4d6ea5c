// A statement with a name. The name reaches metrics, traces and the slow log; the text never holds
// a value.
#pragma once

#include <string_view>

namespace yilian::mysql {

// `constexpr Query kTakeFreeSeat{"scheduling.TakeFreeSeat", "SELECT ... WHERE session_id = ?"}`
struct Query {
  std::string_view name;
  std::string_view sql;
};

}  // namespace yilian::mysql
