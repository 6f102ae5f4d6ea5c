#include "common/mysql/shaped.h"

#include <fmt/format.h>

namespace yilian::mysql {

Shaped::Shaped(std::string_view name, std::initializer_list<size_t> lengths,
               const std::function<std::string(size_t length)>& compose) {
  for (const size_t length : lengths) {
    shapes_.push_back({length, fmt::format("{}{}", name, length), compose(length)});
  }
}

const Shaped::Shape& Shaped::AtLeast(size_t length) const {
  for (const Shape& shape : shapes_) {
    if (shape.length >= length) return shape;
  }
  return shapes_.back();
}

const Shaped::Shape& Shaped::AtMost(size_t length) const {
  for (size_t i = shapes_.size(); i-- > 1;) {
    if (shapes_[i].length <= length) return shapes_[i];
  }
  return shapes_.front();
}

std::string Places(size_t count) {
  std::string places;
  for (size_t i = 0; i < count; ++i) places += i == 0 ? "?" : ", ?";
  return places;
}

std::string PlaceRows(size_t rows, size_t columns) {
  const std::string row = "(" + Places(columns) + ")";
  std::string all;
  for (size_t i = 0; i < rows; ++i) all += (i == 0 ? "" : ", ") + row;
  return all;
}

}  // namespace yilian::mysql
