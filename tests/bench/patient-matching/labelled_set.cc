#include "tests/bench/patient-matching/labelled_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <unordered_map>

#include "common/base/status_macros.h"
#include "services/directory/domain/blocking.h"

namespace yilian::bench {
namespace {

using directory::Comparison;
using directory::MatchFacts;
using directory::Verdict;

// Blocks that hold more say too little; the service cuts them as well.
constexpr size_t kLargestBlock = 100;

absl::StatusOr<std::vector<std::vector<std::string>>> ReadRows(const std::string& file) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(file + " is not there");
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);  // names of the columns
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string>& row = rows.emplace_back(1);
    for (const char c : line) {
      if (c == ',') {
        row.emplace_back();
      } else {
        row.back().push_back(c);
      }
    }
  }
  return rows;
}

std::optional<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day;
  if (text.size() != 8 ||
      !absl::ParseCivilTime(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6),
                            &day)) {
    return std::nullopt;
  }
  return day;
}

directory::RegisterPatient SaidBy(const std::vector<std::string>& row) {
  directory::RegisterPatient said;
  said.sex = row[1] == "m"   ? directory::Sex::kMale
             : row[1] == "f" ? directory::Sex::kFemale
                             : directory::Sex::kUnknown;
  said.birth_date = DayOf(row[2]);
  said.name = row[3] + " " + row[4];
  said.phone = row[5];
  if (!row[6].empty()) said.identifiers.push_back({"national", row[6]});
  if (!row[7].empty()) said.identifiers.push_back({"clinic", row[7]});
  return said;
}

struct Pairs {
  std::vector<MatchFacts> facts;
  std::set<std::pair<int, int>> compared;
};

Pairs Candidates(const LabelledSet& set) {
  static const directory::NameReader* const names = new directory::NameReader();
  Pairs pairs;
  std::unordered_map<std::string, std::vector<int>> blocks;
  for (size_t i = 0; i < set.records.size(); ++i) {
    pairs.facts.push_back(MatchFactsOf(*names, set.records[i].said));
    std::vector<std::string> keys = BlockingKeys(pairs.facts.back());
    for (std::string& key : LookupKeys(pairs.facts.back())) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
    }
    for (const directory::Identifier& one : pairs.facts.back().identifiers) {
      keys.push_back("identifier|" + one.issuer + "|" + one.value);
    }
    for (const std::string& key : keys) blocks[key].push_back(static_cast<int>(i));
  }
  for (const auto& [key, block] : blocks) {
    const size_t size = std::min(block.size(), kLargestBlock);
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = i + 1; j < size; ++j) pairs.compared.emplace(block[i], block[j]);
    }
  }
  return pairs;
}

bool IsOfHalf(const LabelledSet& set, const std::pair<int, int>& pair, int half) {
  return half < 0 || set.records[pair.first].half == half;
}

}  // namespace

absl::StatusOr<LabelledSet> ReadLabelledSet(const std::string& folder) {
  LabelledSet set;
  std::map<std::string, int> numbers;
  ASSIGN_OR_RETURN(const auto patients, ReadRows(folder + "/patients.csv"));
  for (const std::vector<std::string>& row : patients) {
    if (row.size() != 8) return absl::DataLossError("patients.csv has a row without eight columns");
    numbers[row[0]] = static_cast<int>(set.records.size());
    // rec-2762-org and rec-2762-dup-0 are one person; the set keeps even numbers only.
    int person = 0;
    std::istringstream(row[0].substr(4)) >> person;
    set.records.push_back({.id = row[0], .half = person / 2 % 2, .said = SaidBy(row)});
  }
  ASSIGN_OR_RETURN(const auto links, ReadRows(folder + "/true_links.csv"));
  for (const std::vector<std::string>& row : links) {
    if (row.size() != 2 || !numbers.contains(row[0]) || !numbers.contains(row[1])) continue;
    set.links.push_back(std::minmax({numbers[row[0]], numbers[row[1]]}));
  }
  return set;
}

Accuracy Score(const LabelledSet& set, int half) {
  const Pairs pairs = Candidates(set);
  const std::set<std::pair<int, int>> truth(set.links.begin(), set.links.end());
  Accuracy accuracy;
  accuracy.true_links = static_cast<int>(std::count_if(
      truth.begin(), truth.end(), [&](const auto& pair) { return IsOfHalf(set, pair, half); }));
  for (const auto& pair : pairs.compared) {
    if (!IsOfHalf(set, pair, half)) continue;
    const Verdict verdict = Judge(Compare(pairs.facts[pair.first], pairs.facts[pair.second]));
    const bool is_true = truth.contains(pair);
    if (verdict == Verdict::kSame) {
      ++accuracy.made;
      if (is_true) ++accuracy.right;
    } else if (verdict == Verdict::kReview) {
      ++accuracy.review;
      if (is_true) ++accuracy.reviewed;
    }
  }
  return accuracy;
}

std::string AgreementTable(const LabelledSet& set, int half) {
  const Pairs pairs = Candidates(set);
  const std::set<std::pair<int, int>> truth(set.links.begin(), set.links.end());
  std::map<std::pair<int, int>, std::pair<int, int>> counts;
  for (const auto& pair : pairs.compared) {
    if (!IsOfHalf(set, pair, half)) continue;
    for (const directory::FieldAgreement& one :
         Compare(pairs.facts[pair.first], pairs.facts[pair.second]).fields) {
      auto& count = counts[{static_cast<int>(one.field), static_cast<int>(one.agreement)}];
      ++(truth.contains(pair) ? count.first : count.second);
    }
  }
  std::string table = "field agreement true other\n";
  for (const auto& [key, count] : counts) {
    table += fmt::format("{:5} {:9} {:4} {:5}\n", key.first, key.second, count.first, count.second);
  }
  return table;
}

}  // namespace yilian::bench
