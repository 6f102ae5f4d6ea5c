#include "common/config/load.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "common/base/status_macros.h"
#include "common/config/json.h"
#include "common/config/keys.h"
#include "common/config/rules.h"

namespace yilian::config {
namespace {

// Line of the value at `path`, or of the nearest object around it (for keys that are missing).
int LineOf(const Lines& lines, std::string path) {
  while (true) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
    const size_t dot = path.rfind('.');
    path = dot == std::string::npos ? "" : path.substr(0, dot);
    if (path.empty() && !lines.contains("")) return 1;
  }
}

absl::Status Report(const std::vector<Fault>& faults, std::string_view source, const Lines& lines) {
  if (faults.empty()) return absl::OkStatus();
  std::string text;
  for (const Fault& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}:{}: {}{}{}", source, LineOf(lines, fault.path), fault.path,
                        fault.path.empty() ? "" : ": ", fault.text);
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::Status ParseInto(std::string_view json, std::string_view source,
                       google::protobuf::Message& message) {
  const absl::StatusOr<Json> tree = ParseJson(json);
  if (!tree.ok()) {
    // "line 3: what" becomes "FILE:3: what", as compilers write it.
    return absl::InvalidArgumentError(fmt::format(
        "{}:{}", source, std::string(tree.status().message()).substr(sizeof("line ") - 1)));
  }
  Lines lines;
  RETURN_IF_ERROR(Report(CheckKeys(*tree, *message.GetDescriptor(), lines), source, lines));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &message, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", source, std::string(status.message())));
  }
  ApplyDefaults(message);
  return Report(CheckRules(message), source, lines);
}

absl::Status LoadInto(const std::string& path, google::protobuf::Message& message) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  if (file) content << file.rdbuf();
  if (!file || content.fail()) {
    const int error = errno;
    const std::string text = fmt::format("{}: cannot be read: {}", path, std::strerror(error));
    return error == ENOENT ? absl::NotFoundError(text) : absl::PermissionDeniedError(text);
  }
  return ParseInto(content.str(), path, message);
}

absl::Status CheckNamedFiles(const google::protobuf::Message& message, std::string_view source) {
  std::string text;
  for (const Fault& fault : CheckFiles(message)) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}: {}: {}", source, fault.path, fault.text);
  }
  if (text.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(text);
}

}  // namespace yilian::config
