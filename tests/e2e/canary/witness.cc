#include "tests/e2e/canary/witness.h"

#include <fmt/format.h>

#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using test_support::RawAnswer;
using test_support::RegionCaller;

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Witness::Done(const RegionCaller& by,
                                                                         std::string_view method,
                                                                         const std::string& json) {
  auto answer = by.Call(method, json);
  if (!answer.ok()) {
    return absl::Status(answer.status().code(),
                        fmt::format("{}: {}", method, answer.status().ToString()));
  }
  LookInto(method, **answer, "");
  return answer;
}

void Witness::LookInto(std::string_view what, const Message& message, const std::string& path) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const auto& rule = field->options().GetExtension(policy::v1::rule);
    if (rule.sensitivity() != policy::v1::SENSITIVITY_UNSPECIFIED) continue;
    const std::string name = path + field->name();
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        LookInto(what,
                 field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                      : reflection.GetMessage(message, field),
                 name + '.');
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        ++fields_;
        LookAt(fmt::format("{} in {}, which is not declared to tell of a person,", what, name),
               field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                    : reflection.GetString(message, field));
      }
    }
  }
}

absl::Status Witness::Refused(const RegionCaller& by, std::string_view method,
                              const std::string& json, std::string_view reason) {
  ASSIGN_OR_RETURN(const RawAnswer answer, by.AskJson(method, json));
  if (answer.Reason() != reason) {
    findings_.push_back(
        fmt::format("{} was to be refused for {}, and is {}", method, reason, answer.Reason()));
  }
  Look(method, answer);
  return absl::OkStatus();
}

void Witness::Unfit(std::string_view what, const RawAnswer& answer, std::string_view path) {
  const absl::Status status = answer.ToStatus();
  std::string named;
  if (const auto bad = status::BadRequestOf(status)) {
    for (const auto& violation : bad->field_violations()) named += violation.field() + ' ';
  }
  if (answer.Reason() != "FIELD_INVALID" || named != fmt::format("{} ", path)) {
    findings_.push_back(fmt::format("{} of {} was to be refused for this field alone, and is {} {}",
                                    what, path, answer.Reason(), named));
  }
  Look(what, answer);
}

void Witness::Look(std::string_view what, const RawAnswer& answer) {
  if (answer.status.ok()) return;
  ++refusals_;
  std::string bytes = answer.status.error_message() + '\n' + answer.status.error_details();
  for (const auto& [key, value] : answer.trailing) bytes += fmt::format("\n{}: {}", key, value);
  LookAt(fmt::format("{}, refused for {}", what, answer.Reason()), bytes);
}

void Witness::LookAt(std::string_view what, std::string_view bytes) {
  for (const Form* form : finder_.FindIn(bytes))
    findings_.push_back(fmt::format("the answer to {} holds the {}", what, form->what));
}

}  // namespace yilian::e2e
