#include "common/config/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/config/address.h"
#include "common/config/config.pb.h"
#include "common/config/rule.pb.h"
#include "common/config/secret_file.h"

namespace yilian::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Calls `visit` for `message` and every message inside it that is there.
void ForEachMessage(const Message& message, const std::string& path,
                    const std::function<void(const Message&, const std::string&)>& visit) {
  visit(message, path);
  const Reflection& reflection = *message.GetReflection();
  const std::string prefix = path.empty() ? "" : path + ".";
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ForEachMessage(reflection.GetMessage(message, field), prefix + field->name(), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& item = reflection.GetRepeatedMessage(message, field, i);
      if (!field->is_map()) {
        ForEachMessage(item, fmt::format("{}{}[{}]", prefix, field->name(), i), visit);
        continue;
      }
      const FieldDescriptor* value = field->message_type()->map_value();
      const FieldDescriptor* key = field->message_type()->map_key();
      if (value->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      const std::string name = key->cpp_type() == FieldDescriptor::CPPTYPE_STRING
                                   ? item.GetReflection()->GetString(item, key)
                                   : std::to_string(i);
      ForEachMessage(item.GetReflection()->GetMessage(item, value),
                     fmt::format("{}{}.{}", prefix, field->name(), name), visit);
    }
  }
}

// Value of a numeric field; false for a field that holds no number.
bool NumberOf(const Message& message, const FieldDescriptor& field, double& number) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      number = reflection.GetInt32(message, &field);
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      number = static_cast<double>(reflection.GetInt64(message, &field));
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      number = reflection.GetUInt32(message, &field);
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      number = static_cast<double>(reflection.GetUInt64(message, &field));
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      number = reflection.GetDouble(message, &field);
      return true;
    case FieldDescriptor::CPPTYPE_FLOAT:
      number = reflection.GetFloat(message, &field);
      return true;
    default:
      return false;
  }
}

void SetFromText(Message& message, const FieldDescriptor& field, const std::string& text) {
  const Reflection& reflection = *message.GetReflection();
  int64_t integer = 0;
  double number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(&message, &field, text);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(&message, &field, text == "true");
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (absl::SimpleAtoi(text, &integer)) {
        reflection.SetInt32(&message, &field, static_cast<int32_t>(integer));
      }
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      if (absl::SimpleAtoi(text, &integer)) reflection.SetInt64(&message, &field, integer);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (absl::SimpleAtoi(text, &integer)) {
        reflection.SetUInt32(&message, &field, static_cast<uint32_t>(integer));
      }
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (absl::SimpleAtoi(text, &integer)) {
        reflection.SetUInt64(&message, &field, static_cast<uint64_t>(integer));
      }
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (absl::SimpleAtod(text, &number)) reflection.SetDouble(&message, &field, number);
      return;
    default:
      return;
  }
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

void CheckText(const std::string& text, const Rule& rule, const std::string& at,
               std::vector<Fault>& faults) {
  if (rule.allowed_size() > 0 &&
      std::find(rule.allowed().begin(), rule.allowed().end(), text) == rule.allowed().end()) {
    faults.push_back({at, fmt::format("\"{}\" is not allowed; one of: {}", text,
                                      fmt::join(rule.allowed(), ", "))});
  }
  std::string problem;
  if (rule.kind() == KIND_ADDRESS) problem = AddressProblem(text);
  if (rule.kind() == KIND_LOOPBACK_ADDRESS) problem = LoopbackAddressProblem(text);
  if (!problem.empty()) faults.push_back({at, problem});
}

void CheckNumber(double number, const Rule& rule, const std::string& at,
                 std::vector<Fault>& faults) {
  if (number < static_cast<double>(rule.min()) ||
      (rule.max() != 0 && number > static_cast<double>(rule.max()))) {
    const std::string range = rule.max() != 0 ? fmt::format("{} to {}", rule.min(), rule.max())
                                              : fmt::format("{} or more", rule.min());
    faults.push_back({at, fmt::format("{} is out of range; allowed: {}", number, range)});
  }
}

void CheckField(const Message& message, const FieldDescriptor& field, const std::string& at,
                std::vector<Fault>& faults) {
  const Rule& rule = field.options().GetExtension(config::rule);
  if (!IsSet(message, field)) {
    if (rule.required()) faults.push_back({at, "missing; it is required"});
    return;
  }
  if (field.is_repeated()) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      CheckText(message.GetReflection()->GetRepeatedString(message, &field, i), rule,
                fmt::format("{}[{}]", at, i), faults);
    }
    return;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    CheckText(message.GetReflection()->GetString(message, &field), rule, at, faults);
    return;
  }
  double number = 0;
  if (NumberOf(message, field, number)) CheckNumber(number, rule, at, faults);
}

// What one field's rule cannot say about the database's fields together.
void CheckDatabase(const Database& database, const std::string& path, std::vector<Fault>& faults) {
  const bool has_host = !database.host().empty();
  const bool has_socket = !database.socket().empty();
  if (has_host == has_socket) {
    faults.push_back({path, "exactly one of host and socket must be set"});
  }
  if (database.host().find(',') != std::string::npos) {
    for (const absl::string_view member : absl::StrSplit(database.host(), ',')) {
      const std::string problem = AddressProblem(std::string_view(member.data(), member.size()));
      if (!problem.empty()) faults.push_back({path + ".host", problem});
    }
  }
  if (has_host && database.tls_ca_file().empty()) {
    faults.push_back(
        {path + ".tls_ca_file", "missing; it is required with host (a socket needs none)"});
  }
  if (database.migrator_user().empty() != database.migrator_password_file().empty()) {
    faults.push_back({path, "migrator_user and migrator_password_file must be set together"});
  }
}

void CheckPath(const std::string& text, Kind kind, const std::string& at,
               std::vector<Fault>& faults) {
  std::error_code error;
  const bool folder = kind == KIND_FOLDER || kind == KIND_SECRET_FOLDER;
  if (!folder) {
    if (kind != KIND_FILE && kind != KIND_SECRET_FILE) return;
    const absl::Status status =
        kind == KIND_SECRET_FILE ? CheckSecretFile(text) : CheckReadableFile(text);
    if (!status.ok()) faults.push_back({at, std::string(status.message())});
    return;
  }
  if (!std::filesystem::is_directory(text, error)) {
    faults.push_back({at, fmt::format("{} is no folder, or may not be read", text)});
    return;
  }
  if (kind != KIND_SECRET_FOLDER) return;
  for (const auto& entry : std::filesystem::directory_iterator(text, error)) {
    if (entry.path().extension() != ".key") continue;
    const absl::Status status = CheckSecretFile(entry.path().string());
    if (!status.ok()) faults.push_back({at, std::string(status.message())});
  }
}

}  // namespace

void ApplyDefaults(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const Rule& rule = field.options().GetExtension(config::rule);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field.is_repeated() && !rule.default_().empty() &&
          !reflection.HasField(message, &field)) {
        SetFromText(message, field, rule.default_());
      }
    } else if (!field.is_repeated()) {
      if (rule.always() || reflection.HasField(message, &field)) {
        ApplyDefaults(*reflection.MutableMessage(&message, &field));
      }
    } else {
      for (int item = 0; item < reflection.FieldSize(message, &field); ++item) {
        ApplyDefaults(*reflection.MutableRepeatedMessage(&message, &field, item));
      }
    }
  }
  if (&descriptor == Service::descriptor()) {
    auto& service = static_cast<Service&>(message);
    if (service.admission().threads() == 0) {
      const int pool_size = std::clamp(service.database().pool_size(), 1, 512);
      service.mutable_admission()->set_threads(std::max(1, pool_size * 3 / 4));
    }
  }
}

std::vector<Fault> CheckRules(const Message& message) {
  std::vector<Fault> faults;
  ForEachMessage(message, "", [&](const Message& part, const std::string& path) {
    const auto& descriptor = *part.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      CheckField(part, field,
                 path.empty() ? field.name() : fmt::format("{}.{}", path, field.name()), faults);
    }
    if (&descriptor == Database::descriptor()) {
      CheckDatabase(static_cast<const Database&>(part), path, faults);
    }
  });
  return faults;
}

std::vector<Fault> CheckFiles(const Message& message) {
  std::vector<Fault> faults;
  ForEachMessage(message, "", [&](const Message& part, const std::string& path) {
    std::vector<const FieldDescriptor*> fields;
    part.GetReflection()->ListFields(part, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) continue;
      CheckPath(part.GetReflection()->GetString(part, field),
                field->options().GetExtension(config::rule).kind(),
                path.empty() ? field->name() : fmt::format("{}.{}", path, field->name()), faults);
    }
  });
  return faults;
}

}  // namespace yilian::config
