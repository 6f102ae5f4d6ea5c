#include "services/lab/domain/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "services/lab/domain/errors.h"
#include "services/lab/domain/loinc.h"
#include "services/lab/domain/ucum.h"

namespace yilian::lab {
namespace {

// Made once, for this: 7d3f1c92-6f0e-4b6f-9d0b-2f5a8f1f6a11.
const base::Uuid kSpace = *base::Uuid::Parse("7d3f1c92-6f0e-4b6f-9d0b-2f5a8f1f6a11");

// Databases compare without the blanks at the end; nobody means others.
std::string Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

const std::string* Find(const Targets& targets, const std::optional<Term>& term) {
  if (!term) return nullptr;
  const auto found = targets.find(*term);
  return found == targets.end() ? nullptr : &found->second;
}

}  // namespace

TermId IdOf(const Term& term) {
  return TermId(base::Uuid::V5(
      kSpace, fmt::format("{}\n{}\n{}", static_cast<int>(term.kind), term.system, term.text)));
}

MappingId IdOf(TermId term, OrganizationId organization) {
  return MappingId(base::Uuid::V5(term.uuid(), organization.uuid().view()));
}

std::optional<Term> CodeTermOf(const Observation& o) {
  if (IsLoinc(o.code)) return std::nullopt;
  Term term{.kind = TermKind::kCode, .system = Trim(o.code.system), .text = Trim(o.code.code)};
  if (!term.text.empty()) return term;
  term = {.kind = TermKind::kName, .system = "", .text = Trim(o.code.display)};
  return term.text.empty() ? std::nullopt : std::optional(term);
}

std::optional<Term> UnitTermOf(const Observation& o) {
  Term term{.kind = TermKind::kUnit, .system = "", .text = Trim(o.unit)};
  if (term.text.empty() || IsUcum(term.text)) return std::nullopt;
  return term;
}

std::vector<Term> TermsOf(const std::vector<Observation>& observations) {
  std::vector<Term> terms;
  for (const Observation& o : observations) {
    if (auto code = CodeTermOf(o)) terms.push_back(*std::move(code));
    if (auto unit = UnitTermOf(o)) terms.push_back(*std::move(unit));
  }
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

void Map(const Targets& targets, std::vector<Observation>& observations) {
  for (Observation& o : observations) {
    Mapped mapped;
    const std::optional<Term> code = CodeTermOf(o);
    if (IsLoinc(o.code)) {
      mapped.loinc = o.code.code;
      mapped.code_mapping = MappingStatus::kAsSent;
    } else if (const std::string* target = Find(targets, code)) {
      mapped.loinc = *target;
      mapped.code_mapping = MappingStatus::kMapped;
    } else if (code) {
      mapped.code_mapping = MappingStatus::kUnmapped;
    }
    const std::optional<Term> unit = UnitTermOf(o);
    const std::string sent = Trim(o.unit);
    if (const std::string* target = Find(targets, unit)) {
      mapped.unit = *target;
      mapped.unit_mapping = MappingStatus::kMapped;
    } else if (unit) {
      mapped.unit_mapping = MappingStatus::kUnmapped;
    } else if (!sent.empty()) {
      mapped.unit = sent;
      mapped.unit_mapping = MappingStatus::kAsSent;
    }
    o.mapped = std::move(mapped);
  }
}

std::map<Term, const Observation*> UnmappedIn(const std::vector<Observation>& observations) {
  std::map<Term, const Observation*> unmapped;
  for (const Observation& o : observations) {
    if (o.mapped.code_mapping == MappingStatus::kUnmapped) unmapped.emplace(*CodeTermOf(o), &o);
    if (o.mapped.unit_mapping == MappingStatus::kUnmapped) unmapped.emplace(*UnitTermOf(o), &o);
  }
  return unmapped;
}

std::string Mapping::etag() const { return target.empty() ? "" : fmt::format("v{}", version); }

Term Trimmed(Term term) {
  term.system = Trim(term.system);
  term.text = Trim(term.text);
  return term;
}

std::vector<MappingSuggestion> Suggest(const Term& term, const std::string& unit,
                                       const std::vector<KnownMapping>& known) {
  const auto ucum = [](const std::string& sent) {
    return IsUcum(sent) ? sent : UcumOfSpelling(sent);
  };
  std::vector<MappingSuggestion> suggestions;
  for (const KnownMapping& one : known) {
    auto same = std::find_if(suggestions.begin(), suggestions.end(),
                             [&](const auto& other) { return other.target == one.target; });
    if (same == suggestions.end()) {
      same = suggestions.insert(
          same, {.target = one.target, .target_display = one.target_display, .ground = one.ground});
    }
    same->ground = std::min(same->ground, one.ground);
    ++same->mappings;
    same->same_unit_family |= IsSameFamily(ucum(unit), ucum(one.sample_unit));
  }
  const std::string spelling = term.kind == TermKind::kUnit ? UcumOfSpelling(term.text) : "";
  if (!spelling.empty() && std::none_of(suggestions.begin(), suggestions.end(),
                                        [&](const auto& one) { return one.target == spelling; })) {
    suggestions.push_back({.target = spelling, .ground = SuggestionGround::kSpelling});
  }
  std::stable_sort(suggestions.begin(), suggestions.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const MappingSuggestion& one) {
      return std::tuple(!one.same_unit_family, one.ground, -one.mappings);
    };
    return rank(a) < rank(b);
  });
  return suggestions;
}

absl::Status CheckMapping(const NewMapping& mapping) {
  errors::Violations violations;
  const Term& term = mapping.term;
  const bool unit = term.kind == TermKind::kUnit;
  if (term.text.empty()) violations.emplace_back("term.text", "is not blank");
  if (term.kind != TermKind::kCode && !term.system.empty()) {
    violations.emplace_back("term.system", "is empty for a name and a unit: only codes have one");
  }
  if (term.kind == TermKind::kCode && IsLoinc({.system = term.system, .code = term.text})) {
    violations.emplace_back("term", "needs no mapping: it is in LOINC");
  }
  if (unit && IsUcum(term.text)) {
    violations.emplace_back("term", "needs no mapping: it is in UCUM");
  }
  if (unit && !IsUcum(mapping.target)) {
    violations.emplace_back("target", "is a unit in UCUM that laboratories use, e.g. 10*9/L");
  }
  if (!unit && !IsLoinc(mapping.target)) {
    violations.emplace_back("target", "is a LOINC code with its check digit, e.g. 2823-3");
  }
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

}  // namespace yilian::lab
