// Rows of every kind, with the organizations that are parties of them: what the row half of the
// matrix asks for.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/access-matrix/people.h"
#include "tests/e2e/access-matrix/request_maker.h"

namespace yilian::e2e {

// One row, or a row with those that belong to it (a down-referral and its task).
struct Row {
  std::string name;   // "referral, submitted"
  FieldValues ids;    // by the request's field: {"referral_id": UUID}
  std::string own;    // key of the organization that made it
  std::string party;  // of the other one that may know of it; empty: none
  bool open = false;  // everybody may read it: a stranger is refused, and may be told why
};

struct Scene {
  void Add(std::string name, FieldValues ids, std::string own, std::string party) {
    rows.push_back({std::move(name), std::move(ids), std::move(own), std::move(party)});
  }

  std::vector<Row> rows;
  // By organization's key: a patient and a draft referral that are its own, for requests that name
  // one of the caller's beside another's. Not every organization has a referral.
  std::map<std::string, std::string> own_patient;
  std::map<std::string, std::string> own_referral;
};

// Organizations that are a party of no row: one of the same consortium, one of another.
inline const std::vector<std::string>& Strangers() {
  static const std::vector<std::string> keys = {"shiqiao", "central"};
  return keys;
}

// Plays what makes the rows, by the people of the demo, over the wire.
absl::StatusOr<Scene> MakeScene(People& people);

}  // namespace yilian::e2e
