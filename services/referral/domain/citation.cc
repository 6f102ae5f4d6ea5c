#include "services/referral/domain/citation.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/uuid.h"

namespace yilian::referral {
namespace {

constexpr size_t kLongestUid = 64;

bool IsComponent(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool IsDicomUid(std::string_view text) {
  if (text.size() > kLongestUid || text.find('.') == std::string_view::npos) return false;
  while (true) {
    const size_t point = text.find('.');
    if (!IsComponent(text.substr(0, point))) return false;
    if (point == std::string_view::npos) return true;
    text.remove_prefix(point + 1);
  }
}

void CheckCitations(const std::vector<Citation>& citations, errors::Violations& violations) {
  for (size_t i = 0; i < citations.size(); ++i) {
    const Citation& citation = citations[i];
    const std::string field = fmt::format("citations[{}].id", i);
    if (citation.kind == CitationKind::kImagingStudy) {
      if (!IsDicomUid(citation.id)) {
        violations.emplace_back(field,
                                "is the Study Instance UID of a study: numbers without "
                                "leading zeros between points, at most 64 characters");
      }
    } else if (!base::Uuid::Parse(citation.id).ok()) {
      violations.emplace_back(field, "is the UUID of a report or an opinion");
    }
    if (std::find(citations.begin(), citations.begin() + static_cast<std::ptrdiff_t>(i),
                  citation) != citations.begin() + static_cast<std::ptrdiff_t>(i)) {
      violations.emplace_back(field, "is cited once");
    }
  }
}

}  // namespace yilian::referral
