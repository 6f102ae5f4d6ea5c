// Prints every field of a configuration with its comment, rule and default: `--help-config`.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace yilian::config {

// One paragraph a field, nested messages indented, as the .proto documents them.
std::string Describe(const google::protobuf::Descriptor& descriptor);

template <class T>
std::string Describe() {
  return Describe(*T::descriptor());
}

}  // namespace yilian::config
