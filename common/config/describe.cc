#include "common/config/describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/config/comments.h"
#include "common/config/rule.pb.h"

namespace yilian::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptorProto;

using Comments = std::map<std::string, std::string>;  // full name of a field -> its comment

// In SourceCodeInfo a path of [4, m, 2, f] is field f of top-level message m; nested messages add
// [3, n].
void Collect(const FileDescriptorProto& file, Comments& comments) {
  for (const auto& location : file.source_code_info().location()) {
    const auto& path = location.path();
    if (path.size() < 4 || path.size() % 2 != 0 || path[0] != 4 || path[path.size() - 2] != 2)
      continue;
    const google::protobuf::DescriptorProto* message = &file.message_type(path[1]);
    std::string name = fmt::format("{}.{}", file.package(), message->name());
    bool is_field = true;
    for (int i = 2; i + 2 < path.size(); i += 2) {
      is_field = is_field && path[i] == 3;
      if (!is_field) break;
      message = &message->nested_type(path[i + 1]);
      name += "." + message->name();
    }
    if (!is_field) continue;
    comments[name + "." + message->field(path[path.size() - 1]).name()] =
        location.leading_comments();
  }
}

Comments ReadComments() {
  Comments comments;
  for (const std::string_view bytes : LinkedComments()) {
    google::protobuf::FileDescriptorSet set;
    if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) continue;
    for (const auto& file : set.file()) Collect(file, comments);
  }
  return comments;
}

std::string TypeName(const FieldDescriptor& field) {
  if (field.is_map()) return "object of objects by name";
  std::string name;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      name = "text";
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      name = "true or false";
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      name = "object";
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      name = "number";
      break;
    default:
      name = "whole number";
  }
  return field.is_repeated() ? "list of " + name : name;
}

std::string RuleText(const FieldDescriptor& field) {
  const Rule& rule = field.options().GetExtension(config::rule);
  std::string text = TypeName(field);
  if (rule.required()) text += "; required";
  if (!rule.default_().empty()) text += "; default " + rule.default_();
  if (rule.allowed_size() > 0) text += fmt::format("; one of {}", fmt::join(rule.allowed(), ", "));
  if (rule.max() != 0) text += fmt::format("; {} to {}", rule.min(), rule.max());
  return text;
}

void Print(const Descriptor& descriptor, const Comments& comments, int depth,
           std::set<const Descriptor*>& above, std::string& out) {
  const std::string indent(static_cast<size_t>(depth) * 2, ' ');
  if (!above.insert(&descriptor).second) return;  // a message that holds itself
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    out += fmt::format("{}{}  ({})\n", indent, field.name(), RuleText(field));
    if (const auto found = comments.find(std::string(field.full_name())); found != comments.end()) {
      for (const auto line : absl::StrSplit(found->second, '\n', absl::SkipWhitespace())) {
        out += fmt::format("{}   {}\n", indent, std::string(absl::StripAsciiWhitespace(line)));
      }
    }
    const Descriptor* nested =
        field.is_map() ? field.message_type()->map_value()->message_type() : field.message_type();
    if (nested != nullptr && nested->file()->package() != "google.protobuf") {
      Print(*nested, comments, depth + 1, above, out);
    }
  }
  above.erase(&descriptor);
}

}  // namespace

std::string Describe(const Descriptor& descriptor) {
  const Comments comments = ReadComments();
  std::set<const Descriptor*> above;
  std::string out;
  Print(descriptor, comments, 0, above, out);
  return out;
}

}  // namespace yilian::config
