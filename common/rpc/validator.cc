#include "common/rpc/validator.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/format.h"
#include "common/status/error.h"

namespace yilian::rpc {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

constexpr size_t kMostViolations = 100;
// Protobuf itself reads 100 levels; nothing we define needs more than a few.
constexpr int kDeepest = 32;

absl::Status BadRule(const FieldDescriptor& field, std::string_view fault) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "RULE_INVALID")
      .Message(fmt::format("the rule of field {} cannot be kept: {}", field.full_name(), fault));
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    default:
      return true;
  }
}

}  // namespace

struct Validator::FieldPlan {
  const FieldDescriptor* field;
  policy::v1::FieldRule rule;
  uint32_t max_length = 0;
  uint32_t max_items = 0;
  std::unique_ptr<RE2> pattern;
  const MessagePlan* message = nullptr;  // of a message field whose inside is checked
};

struct Validator::MessagePlan {
  std::vector<FieldPlan> fields;
  bool timestamp = false;
};

Validator::Validator() = default;
Validator::~Validator() = default;

absl::StatusOr<std::unique_ptr<Validator>> Validator::Compile(const Descriptor& descriptor) {
  std::unique_ptr<Validator> validator(new Validator);
  ASSIGN_OR_RETURN(validator->root_, validator->PlanOf(descriptor));
  return validator;
}

absl::StatusOr<Validator::MessagePlan*> Validator::PlanOf(const Descriptor& descriptor) {
  auto [entry, fresh] = plans_.try_emplace(&descriptor);
  if (!fresh) return entry->second.get();  // also ends the recursion of a type that holds itself
  entry->second = std::make_unique<MessagePlan>();
  MessagePlan* const plan = entry->second.get();
  if (descriptor.full_name() == "google.protobuf.Timestamp") {
    plan->timestamp = true;
    return plan;
  }
  // Well-known types (Any, Struct ...) carry others' data: our default limits are not theirs.
  if (descriptor.file()->package().rfind("google.", 0) == 0) return plan;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    RETURN_IF_ERROR(PlanField(*descriptor.field(i), *plan));
  }
  return plan;
}

absl::Status Validator::PlanField(const FieldDescriptor& field, MessagePlan& plan) {
  FieldPlan made;
  made.field = &field;
  made.rule = field.options().GetExtension(policy::v1::rule);
  const policy::v1::FieldRule& rule = made.rule;
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  made.max_items = rule.max_items() != 0 ? rule.max_items() : kDefaultMaxItems;
  made.max_length = rule.max_length() != 0 ? rule.max_length()
                    : bytes                ? kDefaultMaxBytes
                                           : kDefaultMaxCharacters;
  if (rule.min_length() > made.max_length) return BadRule(field, "min_length is above max_length");
  if (!text && !bytes && (rule.min_length() != 0 || rule.max_length() != 0)) {
    return BadRule(field, "only strings and bytes have a length");
  }
  if (!text && (rule.format() != policy::v1::FORMAT_UNSPECIFIED || !rule.pattern().empty())) {
    return BadRule(field, "only strings have a format or a pattern");
  }
  if (!IsNumber(field) && (rule.has_min() || rule.has_max())) {
    return BadRule(field, "only numbers have min and max");
  }
  if (rule.has_min() && rule.has_max() && rule.min() > rule.max()) {
    return BadRule(field, "min is above max");
  }
  if (!field.is_repeated() && rule.max_items() != 0) {
    return BadRule(field, "only repeated fields have max_items");
  }
  if (!rule.pattern().empty()) {
    made.pattern = std::make_unique<RE2>(rule.pattern(), RE2::Quiet);
    if (!made.pattern->ok()) return BadRule(field, "RE2 cannot read the pattern");
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    ASSIGN_OR_RETURN(made.message, PlanOf(*field.message_type()));
  }
  plan.fields.push_back(std::move(made));
  return absl::OkStatus();
}

// One pass over one message; collects violations. The path is built only where there is one.
class Validator::Walk {
 public:
  std::vector<Violation> violations;

  void Visit(const MessagePlan& plan, const Message& message) {
    if (plan.timestamp) return VisitTimestamp(message);
    if (path_.size() >= kDeepest) return Add("must not be nested deeper");
    const Reflection& reflection = *message.GetReflection();
    for (const FieldPlan& field : plan.fields) {
      if (violations.size() >= kMostViolations) return;
      path_.push_back({field.field, -1});
      if (field.field->is_repeated()) {
        VisitRepeated(field, message, reflection);
      } else {
        VisitSingle(field, message, reflection);
      }
      path_.pop_back();
    }
  }

 private:
  struct Step {
    const FieldDescriptor* field;
    int index;
  };

  void Add(std::string_view rule) {
    std::string path;
    for (const Step& step : path_) {
      if (!path.empty()) path += '.';
      path += step.field->name();
      if (step.index >= 0) path += fmt::format("[{}]", step.index);
    }
    violations.push_back({std::move(path), std::string(rule)});
  }

  void VisitTimestamp(const Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const int64_t seconds = reflection.GetInt64(message, message.GetDescriptor()->field(0));
    const int32_t nanos = reflection.GetInt32(message, message.GetDescriptor()->field(1));
    // 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, as timestamp.proto has it.
    if (seconds < -62135596800 || seconds > 253402300799 || nanos < 0 || nanos > 999999999) {
      Add("must be a time between the years 1 and 9999");
    }
  }

  void VisitRepeated(const FieldPlan& plan, const Message& message, const Reflection& reflection) {
    const int size = reflection.FieldSize(message, plan.field);
    if (size == 0 && plan.rule.required()) return Add("must have at least one element");
    if (static_cast<uint32_t>(size) > plan.max_items) {
      return Add(fmt::format("must have at most {} elements", plan.max_items));
    }
    for (int i = 0; i < size && violations.size() < kMostViolations; ++i) {
      path_.back().index = i;
      if (plan.message != nullptr) {
        Visit(*plan.message, reflection.GetRepeatedMessage(message, plan.field, i));
      } else if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        CheckString(plan, reflection.GetRepeatedStringReference(message, plan.field, i, &scratch_));
      } else if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        CheckEnum(plan, reflection.GetRepeatedEnumValue(message, plan.field, i), true);
      } else {
        CheckNumber(plan, message, reflection, i);
      }
    }
  }

  void VisitSingle(const FieldPlan& plan, const Message& message, const Reflection& reflection) {
    const bool presence = plan.field->has_presence();
    const bool present = !presence || reflection.HasField(message, plan.field);
    if (!present) {
      if (plan.rule.required()) Add("must be set");
      return;
    }
    if (plan.message != nullptr) {
      Visit(*plan.message, reflection.GetMessage(message, plan.field));
    } else if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string& text = reflection.GetStringReference(message, plan.field, &scratch_);
      if (!text.empty()) {
        CheckString(plan, text);
      } else if (plan.rule.required()) {
        Add("must be set");
      }
    } else if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      CheckEnum(plan, reflection.GetEnumValue(message, plan.field), plan.rule.required());
    } else {
      CheckNumber(plan, message, reflection, -1);
    }
  }

  void CheckEnum(const FieldPlan& plan, int value, bool required) {
    if (value == 0 && required) return Add("must be a value other than UNSPECIFIED");
    if (plan.field->enum_type()->FindValueByNumber(value) == nullptr) {
      Add(fmt::format("must be a value of {}", plan.field->enum_type()->full_name()));
    }
  }

  void CheckString(const FieldPlan& plan, const std::string& text) {
    const bool bytes = plan.field->type() == FieldDescriptor::TYPE_BYTES;
    const std::optional<uint32_t> length =
        bytes ? static_cast<uint32_t>(text.size()) : CodePoints(text);
    const std::string_view unit = bytes ? "bytes" : "characters";
    if (!length) return Add("must be valid UTF-8");
    if (*length > plan.max_length) {
      return Add(fmt::format("must have at most {} {}", plan.max_length, unit));
    }
    if (*length < plan.rule.min_length()) {
      return Add(fmt::format("must have at least {} {}", plan.rule.min_length(), unit));
    }
    if (!HasFormat(plan.rule.format(), text)) return Add(FormatRule(plan.rule.format()));
    if (plan.pattern != nullptr && !RE2::FullMatch(text, *plan.pattern)) {
      Add(fmt::format("must match {}", plan.rule.pattern()));
    }
  }

  void CheckNumber(const FieldPlan& plan, const Message& message, const Reflection& reflection,
                   int index) {
    const policy::v1::FieldRule& rule = plan.rule;
    if (!rule.has_min() && !rule.has_max()) return;
    if (!InRange(rule, message, *plan.field, reflection, index)) {
      if (rule.has_min() && rule.has_max()) {
        Add(fmt::format("must be between {} and {}", rule.min(), rule.max()));
      } else if (rule.has_min()) {
        Add(fmt::format("must be at least {}", rule.min()));
      } else {
        Add(fmt::format("must be at most {}", rule.max()));
      }
    }
  }

  static bool InRange(const policy::v1::FieldRule& rule, const Message& message,
                      const FieldDescriptor& field, const Reflection& reflection, int index) {
    const auto within = [&](auto value) {
      if constexpr (std::is_floating_point_v<decltype(value)>) {
        // Written so that NaN is out of range.
        return (!rule.has_min() || value >= static_cast<double>(rule.min())) &&
               (!rule.has_max() || value <= static_cast<double>(rule.max()));
      } else {
        return (!rule.has_min() || !std::cmp_less(value, rule.min())) &&
               (!rule.has_max() || !std::cmp_greater(value, rule.max()));
      }
    };
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return within(one ? reflection.GetInt32(message, &field)
                          : reflection.GetRepeatedInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_INT64:
        return within(one ? reflection.GetInt64(message, &field)
                          : reflection.GetRepeatedInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT32:
        return within(one ? reflection.GetUInt32(message, &field)
                          : reflection.GetRepeatedUInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT64:
        return within(one ? reflection.GetUInt64(message, &field)
                          : reflection.GetRepeatedUInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return within(one ? reflection.GetFloat(message, &field)
                          : reflection.GetRepeatedFloat(message, &field, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return within(one ? reflection.GetDouble(message, &field)
                          : reflection.GetRepeatedDouble(message, &field, index));
      default:
        return true;
    }
  }

  std::vector<Step> path_;
  std::string scratch_;
};

std::vector<Violation> Validator::Check(const Message& message) const {
  Walk walk;
  walk.Visit(*root_, message);
  return std::move(walk.violations);
}

absl::Status Validator::Validate(const Message& message) const {
  const std::vector<Violation> violations = Check(message);
  return violations.empty() ? absl::OkStatus() : FieldsInvalid(violations);
}

absl::Status FieldsInvalid(const std::vector<Violation>& violations) {
  status::Error error(absl::StatusCode::kInvalidArgument, "yilian", "FIELD_INVALID");
  std::string message = violations.size() == 1
                            ? "a field is not valid:"
                            : fmt::format("{} fields are not valid:", violations.size());
  for (const Violation& violation : violations) {
    error.Field(violation.path, violation.rule);
    if (message.size() < 500) message += fmt::format(" {} {};", violation.path, violation.rule);
  }
  message.pop_back();
  error.Message(message);
  return error;
}

}  // namespace yilian::rpc
