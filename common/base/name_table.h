// The names of an enum's values, as proto, database and metadata write them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace yilian::base {

template <typename Value>
struct Named {
  Value value;
  std::string_view name;
};

// An immutable table, made by Names below as a constant of the file that knows the enum. Two rows
// with one value or one name do not compile. Threads may share it.
template <typename Value, size_t kSize>
class NameTable {
 public:
  consteval explicit NameTable(const Named<Value> (&rows)[kSize]) {
    for (size_t i = 0; i < kSize; ++i) {
      rows_[i] = rows[i];
      for (size_t j = 0; j < i; ++j) {
        if (rows[i].value == rows[j].value) throw "two names for one value";
        if (rows[i].name == rows[j].name) throw "two values of one name";
      }
    }
  }

  // "" for a value that the table lacks, such as a number of a newer release.
  constexpr std::string_view NameOf(Value value) const {
    for (const Named<Value>& row : rows_) {
      if (row.value == value) return row.name;
    }
    return "";
  }
  constexpr std::optional<Value> ValueOf(std::string_view name) const {
    for (const Named<Value>& row : rows_) {
      if (row.name == name) return row.value;
    }
    return std::nullopt;
  }

 private:
  std::array<Named<Value>, kSize> rows_{};
};

// constexpr auto kStates = base::Names<State>({{State::kDraft, "DRAFT"}, ...});
template <typename Value, size_t kSize>
consteval NameTable<Value, kSize> Names(const Named<Value> (&rows)[kSize]) {
  return NameTable<Value, kSize>(rows);
}

}  // namespace yilian::base
