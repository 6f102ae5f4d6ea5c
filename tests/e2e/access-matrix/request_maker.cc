#include "tests/e2e/access-matrix/request_maker.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/rpc/validator.h"
#include "services/ctl/demo/catalogue.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using policy::v1::FieldRule;

std::string Padded(std::string text, const FieldRule& rule) {
  while (text.size() < rule.min_length()) text += text.back();
  return text;
}

std::string SampleText(const FieldRule& rule) {
  switch (rule.format()) {
    case policy::v1::FORMAT_UUID:
      return base::Uuid::V7().ToString();
    case policy::v1::FORMAT_NATIONAL_ID:
      return ctl::demo::NationalId("1980-01-01", 1);
    case policy::v1::FORMAT_PHONE:
      return "13900000000";
    case policy::v1::FORMAT_DATE:
      return absl::FormatTime("%F", absl::Now(), absl::UTCTimeZone());
    case policy::v1::FORMAT_CODE:
      return Padded("X", rule);
    default:
      break;
  }
  for (const char* sample : {"x", "X", "1", "x1", "X1"}) {
    if (rule.pattern().empty() || RE2::FullMatch(Padded(sample, rule), rule.pattern()))
      return Padded(sample, rule);
  }
  return "";
}

class Maker {
 public:
  explicit Maker(const FieldValues& values) : values_(values) {}

  void Fill(Message& message) const {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i)
      FillField(message, *message.GetDescriptor()->field(i));
  }

 private:
  const std::string* ValueOf(const FieldDescriptor& field) const {
    auto found = values_.find(fmt::format("{}.{}", field.containing_type()->name(), field.name()));
    if (found == values_.end()) found = values_.find(field.name());
    return found == values_.end() ? nullptr : &found->second;
  }

  void FillField(Message& message, const FieldDescriptor& field) const {
    const FieldRule& rule = field.options().GetExtension(policy::v1::rule);
    const std::string* given = ValueOf(field);
    const bool number_above_zero = rule.has_min() && rule.min() > 0;
    if (given == nullptr && !rule.required() && !number_above_zero) return;
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* inner = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                           : reflection.MutableMessage(&message, &field);
      if (inner->GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
        // A minute ago: what is asked for is mostly what has happened.
        inner->GetReflection()->SetInt64(inner, inner->GetDescriptor()->field(0),
                                         absl::ToUnixSeconds(absl::Now()) - 60);
      } else {
        Fill(*inner);
      }
      return;
    }
    Set(message, field, given != nullptr ? *given : Sample(field, rule));
  }

  static std::string Sample(const FieldDescriptor& field, const FieldRule& rule) {
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      return std::string(std::max<uint32_t>(rule.min_length(), 1), '\0');
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return SampleText(rule);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
      return field.enum_type()->value(1)->name();
    return fmt::to_string(std::max<int64_t>(rule.min(), 1));
  }

  static void Set(Message& message, const FieldDescriptor& field, const std::string& text) {
    const auto& reflection = *message.GetReflection();
    int64_t number = 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return field.is_repeated() ? reflection.AddString(&message, &field, text)
                                   : reflection.SetString(&message, &field, text);
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = field.enum_type()->FindValueByName(text);
        if (value == nullptr) return;
        return field.is_repeated() ? reflection.AddEnum(&message, &field, value)
                                   : reflection.SetEnum(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, text == "true");
      case FieldDescriptor::CPPTYPE_INT32:
        if (!absl::SimpleAtoi(text, &number)) return;
        return field.is_repeated()
                   ? reflection.AddInt32(&message, &field, static_cast<int32_t>(number))
                   : reflection.SetInt32(&message, &field, static_cast<int32_t>(number));
      case FieldDescriptor::CPPTYPE_INT64:
        if (!absl::SimpleAtoi(text, &number)) return;
        return field.is_repeated() ? reflection.AddInt64(&message, &field, number)
                                   : reflection.SetInt64(&message, &field, number);
      default:
        return;  // what is left unset, the rules judge
    }
  }

  const FieldValues& values_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> MakeRequest(const Descriptor& type,
                                                     const FieldValues& values) {
  std::unique_ptr<Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  Maker(values).Fill(*request);
  ASSIGN_OR_RETURN(const std::unique_ptr<rpc::Validator> rules, rpc::Validator::Compile(type));
  for (const rpc::Violation& violation : rules->Check(*request)) {
    return absl::FailedPreconditionError(
        fmt::format("no value for {}.{}, which {}: teach request_maker.cc its format, or name one "
                    "in the table of rows.cc",
                    type.name(), violation.path, violation.rule));
  }
  return request;
}

}  // namespace yilian::e2e
