// The public labelled set (shared/testdata/empi): who is who is known, so that links can be judged.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/directory/domain/matching.h"

namespace yilian::bench {

struct LabelledRecord {
  std::string id;
  // Half by the person it is about: 0 to tune on, 1 to report on.
  int half = 0;
  directory::RegisterPatient said;
};

struct LabelledSet {
  std::vector<LabelledRecord> records;
  // Indices of two records of one person, the lower one first.
  std::vector<std::pair<int, int>> links;
};

// NOT_FOUND where the folder is not there.
absl::StatusOr<LabelledSet> ReadLabelledSet(const std::string& folder);

// How well the links that the matcher makes are the true ones.
struct Accuracy {
  int true_links = 0;
  int made = 0;      // links made without anybody looking
  int right = 0;     // of them
  int review = 0;    // pairs that a person is asked about
  int reviewed = 0;  // true links among them
  double sensitivity() const {
    return true_links == 0 ? 0 : static_cast<double>(right) / true_links;
  }
  double precision() const { return made == 0 ? 1 : static_cast<double>(right) / made; }
  // When those who review decide rightly.
  double sensitivity_with_review() const {
    return true_links == 0 ? 0 : static_cast<double>(right + reviewed) / true_links;
  }
};

// Compares what shares a blocking key or an identifier, as the service does. `half`: pairs of whom
// one record is in that half; -1 for all.
Accuracy Score(const LabelledSet& set, int half);

// A table of how true links and other compared pairs of the half agree, field by field; what the
// weights are tuned on.
std::string AgreementTable(const LabelledSet& set, int half);

}  // namespace yilian::bench
