// A rota as something that an organization has: asked for, planned, edited, published. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/booking.h"
#include "services/scheduling/domain/wall_clock.h"
#include "services/scheduling/rota/plan.h"
#include "services/scheduling/rota/planner.h"
#include "services/scheduling/rota/problem.h"

namespace yilian::scheduling::rota {

// Numbers are those of the proto's enum; a test compares them.
enum class State { kPlanning = 1, kPlanned, kFailed, kCancelled, kPublished, kReplaced };
std::string_view Name(State state);
std::optional<State> StateFromName(std::string_view name);

// What a rota is planned from, and what its visits become.
struct Asked {
  Problem problem;
  std::vector<DepartmentId> departments;  // of each of Problem::needs, in their order
  WallHours hours;                        // of a visit, by its station's clock
  int seats = 0;                          // of the session that a visit becomes
};

// Planners that may end without a word before nobody tries again: one that takes the process down
// would do so for ever.
inline constexpr int64_t kMostClaims = 3;
inline constexpr std::string_view kGivenUp = "GIVEN_UP";
inline constexpr std::string_view kSolverFailed = "SOLVER_FAILED";

// All but its problem and its plan.
struct Rota {
  RotaId id;
  OrganizationId organization;
  std::string code;  // tells rotas of one period apart; "": the only one
  absl::CivilDay first_day;
  int weeks = 0;
  State state = State::kPlanning;
  std::optional<Phase> phase;  // while it is planned
  std::string failure;         // with kFailed
  int64_t cost = 0;
  int64_t bound = 0;
  int64_t visits = 0;
  int64_t unmet = 0;
  int64_t violations = 0;
  std::optional<absl::Time> published_at;
  absl::Time created_at;
  int64_t version = 1;

  std::string etag() const;
  bool IsOwn(const Actor& by) const { return by.service || by.organization == organization; }

  // COMMAND_NOT_AVAILABLE.
  absl::Status CheckMayEdit() const;
  absl::Status CheckMayCheck() const;
  absl::Status CheckMayPublish() const;
  // The rota after it; the same where it was cancelled before.
  absl::StatusOr<Rota> Cancel() const;
  // What its row says of a plan.
  void Summarize(const Cost& cost, const std::vector<Unmet>& missing, size_t visit_count,
                 size_t violation_count);
};

// What an edit does to the visits, in this order.
struct Edit {
  std::vector<Visit> remove;
  std::vector<std::pair<Visit, Visit>> move;
  std::vector<Visit> add;
};

// The visits after it, by expert and day. FIELD_INVALID names each visit that is not there, and an
// edit of nothing. Rules are Judge's to look at.
absl::StatusOr<std::vector<Visit>> Apply(const Edit& edit, std::vector<Visit> visits);

}  // namespace yilian::scheduling::rota
