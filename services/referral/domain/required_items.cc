#include "services/referral/domain/required_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "services/referral/domain/referral.h"

namespace yilian::referral {
namespace {

// Bytes between a vital's name and its figure: "血压（左臂）约 150/90" is close enough, another
// sentence is not.
constexpr size_t kCloseBehind = 30;

template <typename Code>
bool Applies(const std::vector<Code>& codes, Code code) {
  return codes.empty() || std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool Cites(const Referral& referral, CitationKind kind) {
  return std::any_of(referral.citations.begin(), referral.citations.end(),
                     [&](const Citation& citation) { return citation.kind == kind; });
}

bool MentionsWithFigure(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::string_view behind = text.substr(at + name.size(), kCloseBehind);
    if (behind.find_first_of("0123456789") != std::string_view::npos) return true;
  }
  return false;
}

// Where the item belongs, when it is missing.
std::optional<std::string> MissingReport(std::string_view code, const Referral& referral) {
  const bool met = (code == "LAB_REPORT" && Cites(referral, CitationKind::kLabReport)) ||
                   (code == "IMAGING_STUDY" && Cites(referral, CitationKind::kImagingStudy)) ||
                   (code == "OPINION" && Cites(referral, CitationKind::kOpinion));
  const bool known = code == "LAB_REPORT" || code == "IMAGING_STUDY" || code == "OPINION";
  if (met || !known) return std::nullopt;
  return "citations";
}

std::optional<std::string> MissingText(std::string_view code, const Referral& referral) {
  const ClinicalSummary& summary = referral.summary;
  const auto missing = [](const std::string& text,
                          const char* field) -> std::optional<std::string> {
    if (text.empty()) return field;
    return std::nullopt;
  };
  if (code == "HISTORY") return missing(summary.history, "summary.history");
  if (code == "TREATMENT") return missing(summary.treatment, "summary.treatment");
  if (code == "QUESTION") return missing(summary.question, "summary.question");
  if (code == "DIAGNOSIS_CODE") return missing(summary.diagnosis_code, "summary.diagnosis.code");
  return std::nullopt;
}

}  // namespace

errors::Violations MissingItems(const Requirements& requirements, const Referral& referral) {
  errors::Violations missing;
  int attachments = requirements.attachments;
  for (const RequiredItem& item : requirements.items) {
    if (!Applies(item.directions, referral.direction) ||
        !Applies(item.urgencies, referral.urgency)) {
      continue;
    }
    std::optional<std::string> field;
    switch (item.kind) {
      case RequiredItemKind::kReport:
        field = MissingReport(item.code, referral);
        break;
      case RequiredItemKind::kText:
        field = MissingText(item.code, referral);
        break;
      case RequiredItemKind::kVital:
        if (!MentionsWithFigure(referral.summary.history, item.name)) field = "summary.history";
        break;
      case RequiredItemKind::kAttachment:
        if (--attachments < 0) field = "attachments";
        break;
    }
    if (field) {
      missing.emplace_back(*field, fmt::format("{} ({}) is given: the department requires it",
                                               item.name, item.code));
    }
  }
  return missing;
}

errors::Violations NotTaken(const Requirements& requirements, const Referral& referral) {
  errors::Violations refused;
  if (!Applies(requirements.settings, referral.setting)) {
    refused.emplace_back("setting",
                         "is one that the department takes; its catalogue entry lists them");
  }
  if (!Applies(requirements.channels, referral.channel)) {
    refused.emplace_back("channel",
                         "is one that the department takes; its catalogue entry lists them");
  }
  return refused;
}

}  // namespace yilian::referral
