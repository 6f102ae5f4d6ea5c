#include "tests/e2e/canary/breaches.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "common/base/status_macros.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using policy::v1::FieldRule;

// The limits that policy.proto promises where a rule names none.
constexpr uint32_t kCharactersWithoutARule = 256;
constexpr uint32_t kBytesWithoutARule = 4096;
constexpr uint32_t kItemsWithoutARule = 100;
// As much of a text as tells who it is of, where a field takes as much.
constexpr uint32_t kReadable = 40;
constexpr int kNoEnumHasIt = 4711;

bool IsTimestamp(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == "google.protobuf.Timestamp";
}

// The text over and over, `count` code points of it.
std::string CodePoints(const std::string& text, uint32_t count) {
  std::string result;
  for (size_t i = 0;; i = (i + 1) % text.size()) {
    const bool first_byte = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (first_byte && count-- == 0) return result;
    result += text[i];
  }
}

// Sets a field that is no message; what a list held goes first.
void Set(Message& message, const FieldDescriptor& field, const std::string& text) {
  const auto& reflection = *message.GetReflection();
  reflection.ClearField(&message, &field);
  if (field.is_repeated()) return reflection.AddString(&message, &field, text);
  reflection.SetString(&message, &field, text);
}

void SetNumber(Message& message, const FieldDescriptor& field, int64_t number) {
  const auto& reflection = *message.GetReflection();
  const bool list = field.is_repeated();
  reflection.ClearField(&message, &field);
  const auto set = [&](auto value, auto add, auto put) {
    list ? (reflection.*add)(&message, &field, value) : (reflection.*put)(&message, &field, value);
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(static_cast<int32_t>(number), &R::AddInt32, &R::SetInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return set(number, &R::AddInt64, &R::SetInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(static_cast<uint32_t>(number), &R::AddUInt32, &R::SetUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(static_cast<uint64_t>(number), &R::AddUInt64, &R::SetUInt64);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(static_cast<float>(number), &R::AddFloat, &R::SetFloat);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(static_cast<double>(number), &R::AddDouble, &R::SetDouble);
    default:
      return set(static_cast<int>(number), &R::AddEnumValue, &R::SetEnumValue);
  }
}

// Whether the field's type holds the number at all.
bool Holds(const FieldDescriptor& field, int64_t number) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::in_range<int32_t>(number);
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::in_range<uint32_t>(number);
    case FieldDescriptor::CPPTYPE_UINT64:
      return number >= 0;
    default:
      return true;
  }
}

class Breaker {
 public:
  Breaker(const Descriptor& type, const FieldValues& values, const std::string& text)
      : type_(type), values_(values), text_(text) {}

  // The fields of a message of this type, which `steps_` lead to.
  absl::Status Visit(const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      RETURN_IF_ERROR(VisitField(field, field.options().GetExtension(policy::v1::rule)));
    }
    return absl::OkStatus();
  }

  std::vector<Breach> breaches;

 private:
  absl::Status VisitField(const FieldDescriptor& field, const FieldRule& rule) {
    if (rule.required()) {
      RETURN_IF_ERROR(Add(field, "required", false, [&](Message& message) {
        message.GetReflection()->ClearField(&message, &field);
      }));
    }
    if (field.is_repeated()) RETURN_IF_ERROR(TooMany(field, rule));
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return UnfitText(field, rule);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Inside(field);
      case FieldDescriptor::CPPTYPE_ENUM:
        return AddNumber(field, "an unknown value", kNoEnumHasIt);
      case FieldDescriptor::CPPTYPE_BOOL:
        return absl::OkStatus();
      default:
        return OutOfRange(field, rule);
    }
  }

  absl::Status TooMany(const FieldDescriptor& field, const FieldRule& rule) {
    const uint32_t most = rule.max_items() != 0 ? rule.max_items() : kItemsWithoutARule;
    return Add(field, "max_items", false, [&](Message& message) {
      // What is in them does not matter: a list that is too long is not looked into.
      for (uint32_t i = 0; i <= most; ++i) {
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          message.GetReflection()->AddMessage(&message, &field);
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
          message.GetReflection()->AddString(&message, &field, "");
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
          message.GetReflection()->AddEnumValue(&message, &field, 1);
        } else {
          message.GetReflection()->AddInt32(&message, &field, 1);
        }
      }
    });
  }

  absl::Status UnfitText(const FieldDescriptor& field, const FieldRule& rule) {
    const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
    const auto of_length = [&](uint32_t length) {
      return bytes ? std::string(length, '\0') : CodePoints(text_, length);
    };
    const uint32_t most = rule.max_length() != 0 ? rule.max_length()
                          : bytes                ? kBytesWithoutARule
                                                 : kCharactersWithoutARule;
    RETURN_IF_ERROR(AddText(field, "max_length", of_length(most + 1)));
    // An empty string is one that is not set; an empty element is an element.
    if (rule.min_length() > (field.is_repeated() ? 0 : 1)) {
      RETURN_IF_ERROR(AddText(field, "min_length", of_length(rule.min_length() - 1)));
    }
    const std::string fitting = CodePoints(text_, std::clamp(kReadable, rule.min_length(), most));
    if (rule.format() != policy::v1::FORMAT_UNSPECIFIED) {
      RETURN_IF_ERROR(AddText(field, "format", fitting));
    }
    if (rule.pattern().empty()) return absl::OkStatus();
    for (const char* end : {"", "/"}) {
      if (!RE2::FullMatch(fitting + end, rule.pattern())) {
        return AddText(field, "pattern", fitting + end);
      }
    }
    return absl::FailedPreconditionError(fmt::format(
        "no text that {} refuses: teach breaches.cc one that its pattern does not match",
        field.full_name()));
  }

  absl::Status OutOfRange(const FieldDescriptor& field, const FieldRule& rule) {
    using Limits = std::numeric_limits<int64_t>;
    if (rule.has_min() && rule.min() > Limits::min() && Holds(field, rule.min() - 1)) {
      RETURN_IF_ERROR(AddNumber(field, "min", rule.min() - 1));
    }
    if (rule.has_max() && rule.max() < Limits::max() && Holds(field, rule.max() + 1)) {
      RETURN_IF_ERROR(AddNumber(field, "max", rule.max() + 1));
    }
    return absl::OkStatus();
  }

  absl::Status Inside(const FieldDescriptor& field) {
    if (IsTimestamp(field)) {
      steps_.push_back(&field);
      const FieldDescriptor& seconds = *field.message_type()->field(0);
      absl::Status added = Add(PathTo(nullptr, false), "a time after the year 9999",
                               [&](Message& time) { SetNumber(time, seconds, int64_t{1} << 60); });
      steps_.pop_back();
      return added;
    }
    // What others define (Any, Struct) has no rules of ours. A type inside itself has had its turn.
    if (field.message_type()->file()->package().starts_with("google.")) return absl::OkStatus();
    for (const FieldDescriptor* step : steps_) {
      if (step->message_type() == field.message_type()) return absl::OkStatus();
    }
    if (field.message_type() == &type_) return absl::OkStatus();
    steps_.push_back(&field);
    absl::Status visited = Visit(*field.message_type());
    steps_.pop_back();
    return visited;
  }

  absl::Status AddText(const FieldDescriptor& field, std::string_view clause,
                       const std::string& text) {
    return Add(field, clause, field.is_repeated(),
               [&](Message& message) { Set(message, field, text); });
  }

  absl::Status AddNumber(const FieldDescriptor& field, std::string_view clause, int64_t number) {
    return Add(field, clause, field.is_repeated(),
               [&](Message& message) { SetNumber(message, field, number); });
  }

  template <typename Break>
  absl::Status Add(const FieldDescriptor& field, std::string_view clause, bool element,
                   const Break& break_it) {
    return Add(PathTo(&field, element), clause, break_it);
  }

  // `break_it` gets the message that `steps_` lead to, in a request that is good so far.
  template <typename Break>
  absl::Status Add(std::string path, std::string_view clause, const Break& break_it) {
    ASSIGN_OR_RETURN(auto request, MakeRequest(type_, values_));
    Message* at = request.get();
    for (const FieldDescriptor* step : steps_) {
      const auto& reflection = *at->GetReflection();
      const bool there = step->is_repeated() ? reflection.FieldSize(*at, step) > 0
                                             : reflection.HasField(*at, step);
      Message* inner = !step->is_repeated() ? reflection.MutableMessage(at, step)
                       : there              ? reflection.MutableRepeatedMessage(at, step, 0)
                                            : reflection.AddMessage(at, step);
      if (!there && !IsTimestamp(*step)) {
        ASSIGN_OR_RETURN(const auto good, MakeRequest(*step->message_type(), values_));
        inner->CopyFrom(*good);
      }
      at = inner;
    }
    break_it(*at);
    breaches.push_back({std::move(path), std::string(clause), std::move(request)});
    return absl::OkStatus();
  }

  std::string PathTo(const FieldDescriptor* field, bool element) const {
    std::string path;
    for (const FieldDescriptor* step : steps_) {
      path += fmt::format("{}{}{}", path.empty() ? "" : ".", step->name(),
                          step->is_repeated() ? "[0]" : "");
    }
    if (field != nullptr) {
      path += fmt::format("{}{}{}", path.empty() ? "" : ".", field->name(), element ? "[0]" : "");
    }
    return path;
  }

  const Descriptor& type_;
  const FieldValues& values_;
  const std::string& text_;
  std::vector<const FieldDescriptor*> steps_;
};

}  // namespace

absl::StatusOr<std::vector<Breach>> BreachesOf(const Descriptor& type, const FieldValues& values,
                                               const std::string& text) {
  Breaker breaker(type, values, text);
  RETURN_IF_ERROR(breaker.Visit(type));
  return std::move(breaker.breaches);
}

}  // namespace yilian::e2e
