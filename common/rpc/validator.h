// The rules of a request's fields (yilian.policy.v1.rule), compiled once and checked on every call.
#pragma once

#include <google/protobuf/message.h>
#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::rpc {

// Limits of fields without a rule of their own; see policy.proto.
inline constexpr uint32_t kDefaultMaxCharacters = 256;
inline constexpr uint32_t kDefaultMaxBytes = 4096;
inline constexpr uint32_t kDefaultMaxItems = 100;

struct Violation {
  std::string path;  // `tasks[2].due_date`
  std::string rule;  // what is allowed; never the value
};

// The rules of one message type and of those inside it. Immutable once made; threads share it.
class Validator {
 public:
  // FAILED_PRECONDITION naming the field whose rule makes no sense (a pattern that RE2 cannot read,
  // min above max ...).
  static absl::StatusOr<std::unique_ptr<Validator>> Compile(
      const google::protobuf::Descriptor& descriptor);
  ~Validator();

  // Every field that breaks a rule, at most 100; empty: the message is good.
  std::vector<Violation> Check(const google::protobuf::Message& message) const;
  // OK or INVALID_ARGUMENT (FIELD_INVALID) with every violation.
  absl::Status Validate(const google::protobuf::Message& message) const;

 private:
  struct FieldPlan;
  struct MessagePlan;
  class Walk;
  Validator();
  absl::StatusOr<MessagePlan*> PlanOf(const google::protobuf::Descriptor& descriptor);
  absl::Status PlanField(const google::protobuf::FieldDescriptor& field, MessagePlan& plan);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessagePlan>> plans_;
  const MessagePlan* root_ = nullptr;
};

// The error for fields that a rule cannot judge: a handler's own findings look like the frame's.
absl::Status FieldsInvalid(const std::vector<Violation>& violations);

}  // namespace yilian::rpc
