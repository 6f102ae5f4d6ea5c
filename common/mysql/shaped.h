// Statements over a list.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/mysql/query.h"

namespace yilian::mysql {

// A statement whose text grows with a list, composed for a few lengths only: every connection keeps
// the prepared form of each, where a text for every length would push all others out of its cache.
// Lives as long as the process (`static const`). Thread-safe.
class Shaped {
 public:
  struct Shape {
    size_t length;
    std::string name;  // "audit.Insert64"
    std::string sql;
    Query query() const { return {name, sql}; }
  };
  // `lengths` ascend. `compose` gives the text for a list of one of them.
  Shaped(std::string_view name, std::initializer_list<size_t> lengths,
         const std::function<std::string(size_t length)>& compose);

  // The shortest shape that takes a list of `length`, whose rest the caller fills with what does no
  // harm (an id again); the longest one where none does.
  const Shape& AtLeast(size_t length) const;
  // The longest shape that a list of `length` fills; the shortest one is to be of length 1.
  const Shape& AtMost(size_t length) const;

 private:
  std::vector<Shape> shapes_;
};

// "?, ?, ?"
std::string Places(size_t count);
// "(?, ?), (?, ?)": `rows` of `columns`.
std::string PlaceRows(size_t rows, size_t columns);

}  // namespace yilian::mysql
