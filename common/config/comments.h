// The comments of configuration .proto files, linked into the binary for `--help-config`.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace yilian::config {

// The comments of a .proto as protoc wrote them (a FileDescriptorSet with source info).
// yilian_config_proto makes one object of this beside the generated code. The bytes live for ever
// and are parsed only when they are printed.
class EmbeddedComments {
 public:
  EmbeddedComments(const char* bytes, size_t size);
};

// All that are linked in. Filled before main, read only afterwards.
const std::vector<std::string_view>& LinkedComments();

}  // namespace yilian::config
