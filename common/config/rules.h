// Defaults and checks of a configuration message, from the (rule) options of its fields.
#pragma once

#include <google/protobuf/message.h>

#include <vector>

#include "absl/status/status.h"
#include "common/config/keys.h"

namespace yilian::config {

// Gives unset fields their documented default, in every message that is there (and in those marked
// `always`).
void ApplyDefaults(google::protobuf::Message& message);

// Everything that breaks a rule: required fields, ranges, allowed texts, addresses, a loopback-only
// admin port, and what belongs together in `database`. Looks at no file. Expects ApplyDefaults to
// have run.
std::vector<Fault> CheckRules(const google::protobuf::Message& message);

// For `--check-config`: files and folders that are named exist and are as private as they must be.
std::vector<Fault> CheckFiles(const google::protobuf::Message& message);

}  // namespace yilian::config
