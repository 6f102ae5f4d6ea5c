// Reads a service's configuration: a JSON file into its config message.
//
//   ASSIGN_OR_RETURN(const v1::ReferralConfig config, config::Load<v1::ReferralConfig>(path));
//
// What comes back is complete: unknown keys refused, defaults filled in, every (rule) checked.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace yilian::config {

// As Load and Parse, into a message that the caller owns.
absl::Status LoadInto(const std::string& path, google::protobuf::Message& message);
absl::Status ParseInto(std::string_view json, std::string_view source,
                       google::protobuf::Message& message);

// Reads the file at `path`. INVALID_ARGUMENT lists every fault, one a line: "FILE:LINE: key.path:
// what, and what is allowed"; NOT_FOUND or PERMISSION_DENIED when the file cannot be read.
template <class T>
absl::StatusOr<T> Load(const std::string& path) {
  T message;
  if (absl::Status status = LoadInto(path, message); !status.ok()) return status;
  return message;
}

// The same from a text; `source` stands for the file in errors.
template <class T>
absl::StatusOr<T> Parse(std::string_view json, std::string_view source) {
  T message;
  if (absl::Status status = ParseInto(json, source, message); !status.ok()) return status;
  return message;
}

// For `--check-config`, after Load: the files and folders it names exist and are private enough.
// Lists every fault.
absl::Status CheckNamedFiles(const google::protobuf::Message& message, std::string_view source);

}  // namespace yilian::config
