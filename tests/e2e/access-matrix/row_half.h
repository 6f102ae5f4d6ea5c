// Every method that names a row x who may call it x the row's own, its party's and a stranger's
// organization: for a stranger, a row that is there is answered as one that never was.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/access-matrix/policy_half.h"
#include "tests/e2e/access-matrix/row_fields.h"
#include "tests/e2e/access-matrix/scene.h"

namespace yilian::e2e {

// What was answered for one method and one kind of row: reasons, one of each.
struct RowLine {
  std::string method;
  std::string row;
  std::set<std::string> own, party, stranger;
  std::string remark;
};

// One thread.
class RowHalf {
 public:
  // `strangers`: keys of the organizations that are told nothing.
  RowHalf(People& people, const Scene& scene, std::vector<std::string> strangers)
      : people_(people), scene_(scene), strangers_(std::move(strangers)) {}

  // First what strangers get, of every method, since it changes nothing; then what the row's own
  // organizations get, which shows that the question came as far as the row.
  absl::Status Run(std::vector<const Method*> methods);

  const std::vector<RowLine>& lines() const { return lines_; }
  const std::vector<std::string>& findings() const { return findings_; }
  int calls() const { return calls_; }

 private:
  // One question: which row, by which fields of the request. A primary one must be seen to reach
  // the row.
  struct Probe {
    const Row* row = nullptr;
    std::vector<std::string> fields;
    bool primary = true;
    std::string name() const;
  };
  struct Asker {
    std::string name;
    policy::v1::Role role;
    test_support::RegionCaller caller;
  };

  absl::Status AskAsStrangers(const Method& method);
  absl::Status AskAsParties(const Method& method);
  // Whether the question for a row came as close to it as a stranger may.
  bool LookAlike(const Method& method, const Probe& probe, const test_support::RawAnswer& for_real,
                 const FieldValues& real, const test_support::RawAnswer& for_never,
                 const FieldValues& never) const;
  std::vector<Probe> ProbesOf(const Method& method);
  absl::StatusOr<std::vector<Asker>> Askers(const Method& method, const std::string& organization);
  // The values of a request by a caller of `organization`, with these ids for the probe's fields.
  FieldValues Values(const Probe& probe, const std::string& organization,
                     const FieldValues& ids) const;
  absl::StatusOr<test_support::RawAnswer> Ask(const Asker& asker, const Method& method,
                                              const FieldValues& values);
  absl::Status Stranger(const Method& method, const Probe& probe, const std::string& organization);
  absl::Status List(const Method& method);
  absl::Status ListAs(const Method& method, const std::string& organization, bool stranger);
  // Ids of the scene in an answer that the caller did not send.
  std::string Shown(const test_support::RawAnswer& answer, const FieldValues& sent) const;
  RowLine& LineOf(const Method& method, const std::string& row);

  People& people_;
  const Scene& scene_;
  const std::vector<std::string> strangers_;
  std::vector<RowLine> lines_;
  std::map<std::string, std::string> missing_;  // by method, probe and role: the answer for no row
  std::vector<std::string> findings_;
  int calls_ = 0;
};

}  // namespace yilian::e2e
