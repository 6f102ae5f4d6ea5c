#include "common/config/comments.h"

namespace yilian::config {
namespace {

// A function's static: objects of other files add to it before main, in whatever order.
std::vector<std::string_view>& All() {
  static auto* const all = new std::vector<std::string_view>();
  return *all;
}

}  // namespace

EmbeddedComments::EmbeddedComments(const char* bytes, size_t size) {
  All().emplace_back(bytes, size);
}

const std::vector<std::string_view>& LinkedComments() { return All(); }

}  // namespace yilian::config
