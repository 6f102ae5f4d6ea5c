// What a sender's codes and units are in LOINC and UCUM. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/lab/domain/report.h"
#include "services/lab/domain/types.h"

namespace yilian::lab {

// Numbers are those of the proto's enums.
enum class TermKind { kCode = 1, kName, kUnit };
enum class SuggestionGround { kSameTerm = 1, kSameName, kSpelling };

// A sender's own code, name or unit.
struct Term {
  TermKind kind = TermKind::kCode;
  std::string system;  // of a code
  std::string text;
  auto operator<=>(const Term&) const = default;
};

// The same for everybody who says the same.
TermId IdOf(const Term& term);
// Of the mapping of a term for a sender, or for the region (nil), and of the queue's item.
MappingId IdOf(TermId term, OrganizationId organization);

// What has to be mapped before anybody but the sender knows what was measured; nothing where it is
// in LOINC or UCUM, or not there.
std::optional<Term> CodeTermOf(const Observation& observation);
std::optional<Term> UnitTermOf(const Observation& observation);
// Of all of them, each once.
std::vector<Term> TermsOf(const std::vector<Observation>& observations);

// LOINC code or UCUM unit, by term: the sender's own mapping before the region's.
using Targets = std::map<Term, std::string>;
// Sets `mapped` of each observation.
void Map(const Targets& targets, std::vector<Observation>& observations);
// Terms that are not mapped, each with the first observation that has it.
std::map<Term, const Observation*> UnmappedIn(const std::vector<Observation>& observations);

// How far the stored reports have come.
struct MappingRun {
  int64_t seen = 0;
  int64_t changed = 0;
  absl::Time started_at;
  std::optional<absl::Time> finished_at;
};

struct Mapping {
  OrganizationId organization;  // nil: the region
  Term term;
  std::string target;  // empty: removed
  std::string target_display;
  int64_t version = 0;
  MappingRun run;

  std::string etag() const;
};

struct MappingItem {
  OrganizationId organization;
  Term term;
  std::string display;
  std::string unit;
  std::string reference_range;
  ValueType value_type = ValueType::kAbsent;
  absl::Time first_seen_at;
  absl::Time last_seen_at;
  int waiting_reports = 0;  // counted up to kMostCounted
};
inline constexpr int kMostCounted = 1000;

struct MappingSuggestion {
  std::string target;
  std::string target_display;
  SuggestionGround ground = SuggestionGround::kSameTerm;
  int mappings = 0;
  bool same_unit_family = false;
};

// What somewhere else, or for somebody else, a term means.
struct KnownMapping {
  std::string target;
  std::string target_display;
  std::string sample_unit;  // in which the analyte comes there, as sent
  SuggestionGround ground = SuggestionGround::kSameTerm;
};
// What a term may mean, the likeliest first. `unit`: in which its analyte comes, as sent.
std::vector<MappingSuggestion> Suggest(const Term& term, const std::string& unit,
                                       const std::vector<KnownMapping>& known);

// What somebody says that a term means.
struct NewMapping {
  OrganizationId organization;
  Term term;
  std::string target;  // empty: nothing any more
  std::string target_display;
  std::string etag;  // as last read; empty: there was none
};

// FIELD_INVALID names every rule that is broken.
absl::Status CheckMapping(const NewMapping& mapping);
// The term without blanks around it.
Term Trimmed(Term term);

}  // namespace yilian::lab
