#include "services/scheduling/rota/rota.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rota/errors.h"

namespace yilian::scheduling::rota {
namespace {

constexpr auto kStates = base::Names<State>({
    {State::kPlanning, "PLANNING"},
    {State::kPlanned, "PLANNED"},
    {State::kFailed, "FAILED"},
    {State::kCancelled, "CANCELLED"},
    {State::kPublished, "PUBLISHED"},
    {State::kReplaced, "REPLACED"},
});

}  // namespace

std::string_view Name(State state) { return kStates.NameOf(state); }
std::optional<State> StateFromName(std::string_view name) { return kStates.ValueOf(name); }

std::string Rota::etag() const { return base::EtagOf(version); }

absl::Status Rota::CheckMayEdit() const {
  if (state == State::kPlanned) return absl::OkStatus();
  return errors::RotaCommandNotAvailable("EditRota", Name(state));
}

absl::Status Rota::CheckMayCheck() const {
  if (state == State::kPlanned || state == State::kPublished) return absl::OkStatus();
  return errors::RotaCommandNotAvailable("CheckRota", Name(state));
}

absl::Status Rota::CheckMayPublish() const {
  if (state == State::kPlanned) return absl::OkStatus();
  return errors::RotaCommandNotAvailable("PublishRota", Name(state));
}

absl::StatusOr<Rota> Rota::Cancel() const {
  if (state == State::kCancelled) return *this;
  if (state != State::kPlanning && state != State::kPlanned) {
    return errors::RotaCommandNotAvailable("CancelRota", Name(state));
  }
  Rota after = *this;
  after.state = State::kCancelled;
  after.phase.reset();
  ++after.version;
  return after;
}

void Rota::Summarize(const Cost& total, const std::vector<Unmet>& missing, size_t visit_count,
                     size_t violation_count) {
  cost = total.total();
  visits = static_cast<int64_t>(visit_count);
  violations = static_cast<int64_t>(violation_count);
  unmet = 0;
  for (const Unmet& one : missing) unmet += one.days;
}

absl::StatusOr<std::vector<Visit>> Apply(const Edit& edit, std::vector<Visit> visits) {
  errors::Violations broken;
  if (edit.remove.empty() && edit.move.empty() && edit.add.empty()) {
    broken.emplace_back("add", "give a visit to remove, to move or to add");
  }
  const auto take = [&](const Visit& visit, std::string field) {
    const auto found = std::find(visits.begin(), visits.end(), visit);
    if (found == visits.end()) {
      broken.emplace_back(std::move(field), "must be a visit of the plan");
    } else {
      visits.erase(found);
    }
  };
  for (size_t i = 0; i < edit.remove.size(); ++i) {
    take(edit.remove[i], fmt::format("remove[{}]", i));
  }
  for (size_t i = 0; i < edit.move.size(); ++i) {
    take(edit.move[i].first, fmt::format("move[{}].from", i));
  }
  if (!broken.empty()) return errors::FieldInvalid(broken);
  for (const auto& [from, to] : edit.move) visits.push_back(to);
  visits.insert(visits.end(), edit.add.begin(), edit.add.end());
  std::stable_sort(visits.begin(), visits.end());
  return visits;
}

}  // namespace yilian::scheduling::rota
