// Every method x every caller: in where the policy names the caller, refused everywhere else.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/e2e/access-matrix/columns.h"
#include "tests/e2e/access-matrix/scene.h"

namespace yilian::e2e {

using Method = google::protobuf::MethodDescriptor;

// One thread.
class PolicyHalf {
 public:
  PolicyHalf(std::vector<Column> columns, const Scene& scene)
      : columns_(std::move(columns)), scene_(scene) {}

  // Who is named is asked with an empty request, which no handler sees that needs more; who is not
  // is asked with a complete one that names real rows: what a hole would let through.
  absl::Status Check(const Method& method);
  // Nothing but the methods of the protos, and of each only its own servers': `region`'s processes
  // tell by reflection what they serve.
  absl::Status CheckReach(const ctl::Region& region, const std::vector<const Method*>& methods);

  const std::vector<Column>& columns() const { return columns_; }
  // By method and column: what was answered.
  const std::map<const Method*, std::vector<std::string>>& cells() const { return cells_; }
  const std::vector<std::string>& findings() const { return findings_; }
  int calls() const { return calls_; }

 private:
  absl::Status Cell(const Method& method, const std::string& server, const Column& column);
  absl::Status Served(const ctl::Region& region, const std::string& server,
                      const std::vector<const Method*>& methods);

  const std::vector<Column> columns_;
  const Scene& scene_;
  std::map<const Method*, std::vector<std::string>> cells_;
  std::vector<std::string> findings_;
  int calls_ = 0;
};

policy::v1::MethodPolicy PolicyOf(const Method& method);

}  // namespace yilian::e2e
