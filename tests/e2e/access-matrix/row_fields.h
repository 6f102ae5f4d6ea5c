// Which fields of requests name a row: the one thing that descriptors do not say.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "tests/e2e/access-matrix/request_maker.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::e2e {

// How a method's request names rows that not everybody may know of.
struct RowFields {
  std::vector<std::string> required;      // all of them name the row that is asked for
  std::vector<std::string> optional;      // each may name another one beside it
  std::vector<std::string> organization;  // the organization that the caller acts for
  bool open = false;                      // `required` names what everybody may read
  std::vector<std::string> unknown;       // UUIDs that no table here explains: a finding
};

RowFields RowFieldsOf(const google::protobuf::MethodDescriptor& method);

// Why a method whose policy asks for a relationship names no row, or one whose policy asks for none
// names one; "" where nothing here says so: a finding.
std::string WhyNoRow(const std::string& method);
std::string WhyNoRelationship(const std::string& method);
// Why not even a party's generated request comes as far as the row.
std::string WhyOutOfReach(const std::string& method);
// Why a role's organization is no party and the answer is not "no such row" all the same; "" for
// most.
std::string WhyBeyondOrganization(const std::string& method, policy::v1::Role role);

// Values that let a generated request come as far as the check of its row, for a caller of this
// organization.
FieldValues ValuesFor(const std::string& organization);

}  // namespace yilian::e2e
