// Requests that break the rules of their fields, one rule at a time, made from the descriptors.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/access-matrix/request_maker.h"

namespace yilian::e2e {

struct Breach {
  std::string path;    // of the field, as its refusal must name it: "patient.identifiers[0].value"
  std::string clause;  // what of the rule is broken: "max_length"
  std::unique_ptr<google::protobuf::Message> request;  // good but for this
};

// One for every clause of the rule of every field, as policy.proto tells of them and not as the
// frame checks them: those of messages inside, and the limits of fields without a rule. Where text
// breaks a rule, it is made of `text`. FAILED_PRECONDITION: a rule that nothing here can break.
absl::StatusOr<std::vector<Breach>> BreachesOf(const google::protobuf::Descriptor& type,
                                               const FieldValues& values, const std::string& text);

}  // namespace yilian::e2e
