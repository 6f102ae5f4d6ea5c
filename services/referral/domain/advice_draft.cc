// What a thread hands over to the referral that it becomes.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/referral/domain/advice.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral {
namespace {

// Lengths count characters (code points), as the proto's rules do.
int Length(std::string_view utf8) {
  return static_cast<int>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view Label(TurnKind kind) {
  switch (kind) {
    case TurnKind::kQuestion:
      return "提问";
    case TurnKind::kAnswer:
      return "答复";
    case TurnKind::kProposal:
      return "建议转诊";
    case TurnKind::kProposalDeclined:
      return "未同意转诊";
    case TurnKind::kClosing:
      return "结束语";
  }
  return "";
}

// The latest turns that fit into `room` characters, the oldest of them first.
std::string Transcript(const Advice& advice, int room, const absl::TimeZone& zone) {
  constexpr std::string_view kHeading = "【咨询记录】";
  std::string said;
  int left = room - Length(kHeading);
  size_t shown = 0;
  for (auto turn = advice.turns.rbegin(); turn != advice.turns.rend(); ++turn) {
    const std::string line =
        fmt::format("\n[{} {}] {}", absl::FormatTime("%Y-%m-%d %H:%M", turn->said_at, zone),
                    Label(turn->kind), turn->text);
    const size_t older = advice.turns.size() - shown - 1;
    const std::string note =
        older > 0 ? fmt::format("\n（更早的 {} 条见咨询 {}）", older, advice.id.ToString()) : "";
    if (Length(line) + Length(note) > left) break;
    said.insert(0, line);
    left -= Length(line);
    ++shown;
  }
  const size_t omitted = advice.turns.size() - shown;
  std::string note;
  if (omitted > 0) note = fmt::format("\n（更早的 {} 条见咨询 {}）", omitted, advice.id.ToString());
  if (Length(note) > left) return {};
  return std::string(kHeading) + note + said;
}

}  // namespace

absl::StatusOr<NewReferral> DraftFrom(const Advice& advice, NewReferral input,
                                      const absl::TimeZone& zone) {
  errors::Violations violations;
  if (input.direction == Direction::kDown) {
    violations.emplace_back("direction", "is UP or LATERAL");
  }
  if (!input.receiving_organization.is_nil() && input.receiving_department.is_nil() &&
      input.receiving_organization != advice.advising_organization) {
    violations.emplace_back("receiving_department_id",
                            "is given when another organization than the advising one receives");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  if (input.receiving_organization.is_nil()) {
    input.receiving_organization = advice.advising_organization;
  }
  if (input.receiving_department.is_nil()) {
    input.receiving_department = advice.advising_department;
  }
  input.patient = advice.patient;
  input.source = Source{.kind = SourceKind::kAdvice, .id = advice.id.ToString()};
  std::string& history = input.summary.history;
  const std::string_view gap = history.empty() ? "" : "\n\n";
  const std::string said = Transcript(advice, kHistoryLength - Length(history) - Length(gap), zone);
  if (!said.empty()) history = fmt::format("{}{}{}", history, gap, said);
  return input;
}

}  // namespace yilian::referral
