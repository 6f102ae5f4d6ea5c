// Compares a JSON text with the message it is meant for, so that every misplaced key is named with
// its line.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "common/config/json.h"

namespace yilian::config {

// One thing wrong in a configuration: where (a dotted path, "" for the whole) and what.
struct Fault {
  std::string path;
  std::string text;
};

// Line of every value by its path: "database.port" -> 12.
using Lines = std::map<std::string, int>;

// Unknown keys, null, and values of the wrong JSON type. Keys are the field names as the .proto
// spells them. Fills `lines`.
std::vector<Fault> CheckKeys(const Json& json, const google::protobuf::Descriptor& descriptor,
                             Lines& lines);

}  // namespace yilian::config
