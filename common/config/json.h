// JSON with line numbers, read strictly: what is wrong in a file can be named by its line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace yilian::config {

// One value. Members keep the order of the file.
struct Json {
  enum class Type { kNull, kBool, kNumber, kString, kArray, kObject };
  Type type = Type::kNull;
  int line = 1;             // where the value begins, from 1
  bool boolean = false;     // kBool
  std::string text;         // kString: the decoded text; kNumber: as written
  std::vector<Json> items;  // kArray
  std::vector<std::pair<std::string, Json>> members;  // kObject; names are unique

  // The member of that name, or null.
  const Json* Find(std::string_view name) const;
};

// "an object", "a string" ...: for messages.
std::string_view NameOf(Json::Type type);

// Reads one value as RFC 8259 has it, nothing after it. Refused: a name twice in one object,
// comments, trailing commas, more than 32 levels, text that is not UTF-8. INVALID_ARGUMENT says
// "line N: what".
absl::StatusOr<Json> ParseJson(std::string_view text);

}  // namespace yilian::config
