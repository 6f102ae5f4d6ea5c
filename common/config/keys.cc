#include "common/config/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace yilian::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

Json::Type ExpectedType(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Json::Type::kBool;
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
      return Json::Type::kString;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Json::Type::kObject;
    default:
      return Json::Type::kNumber;
  }
}

// google.protobuf.Duration and the like have a JSON form of their own; the library judges it.
bool IsWellKnown(const Descriptor& descriptor) {
  return descriptor.file()->package() == "google.protobuf";
}

std::string Join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

class Walk {
 public:
  explicit Walk(Lines& lines) : lines_(lines) {}

  void Object(const Json& json, const Descriptor& descriptor, const std::string& path) {
    for (const auto& [name, value] : json.members) {
      const std::string at = Join(path, name);
      lines_[at] = value.line;
      const FieldDescriptor* field = descriptor.FindFieldByName(name);
      if (field == nullptr) {
        faults_.push_back({at, fmt::format("unknown key; allowed here: {}", Allowed(descriptor))});
      } else {
        Field(value, *field, at);
      }
    }
  }

  std::vector<Fault> Take() { return std::move(faults_); }

 private:
  static std::string Allowed(const Descriptor& descriptor) {
    std::vector<std::string> names;
    for (int i = 0; i < descriptor.field_count(); ++i) names.push_back(descriptor.field(i)->name());
    return fmt::format("{}", fmt::join(names, ", "));
  }

  bool Is(const Json& value, Json::Type expected, const std::string& at) {
    if (value.type == expected) return true;
    faults_.push_back(
        {at, fmt::format("expected {}, found {}", NameOf(expected), NameOf(value.type))});
    return false;
  }

  void Field(const Json& value, const FieldDescriptor& field, const std::string& at) {
    if (field.is_map()) {
      if (!Is(value, Json::Type::kObject, at)) return;
      for (const auto& [name, item] : value.members) {
        lines_[Join(at, name)] = item.line;
        Single(item, *field.message_type()->map_value(), Join(at, name));
      }
    } else if (field.is_repeated()) {
      if (!Is(value, Json::Type::kArray, at)) return;
      for (size_t i = 0; i < value.items.size(); ++i) {
        const std::string item_at = fmt::format("{}[{}]", at, i);
        lines_[item_at] = value.items[i].line;
        Single(value.items[i], field, item_at);
      }
    } else {
      Single(value, field, at);
    }
  }

  void Single(const Json& value, const FieldDescriptor& field, const std::string& at) {
    const Descriptor* message = field.message_type();
    if (message != nullptr && IsWellKnown(*message)) return;
    if (!Is(value, ExpectedType(field), at)) return;
    if (message != nullptr) Object(value, *message, at);
  }

  Lines& lines_;
  std::vector<Fault> faults_;
};

}  // namespace

std::vector<Fault> CheckKeys(const Json& json, const Descriptor& descriptor, Lines& lines) {
  lines[""] = json.line;
  if (json.type != Json::Type::kObject) {
    return {{"", fmt::format("expected an object, found {}", NameOf(json.type))}};
  }
  Walk walk(lines);
  walk.Object(json, descriptor, "");
  return walk.Take();
}

}  // namespace yilian::config
