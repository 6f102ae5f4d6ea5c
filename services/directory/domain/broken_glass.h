// Emergency access: one person reads the data of a patient whom their organization does not treat,
// for a short time; others are told, and somebody reviews it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/directory/domain/types.h"

namespace yilian::unit {
class Scope;  // the transaction of a write
}

namespace yilian::directory {

using BrokenGlassId = base::Id<struct BrokenGlassTag>;

// Numbers are those of the proto's enums.
enum class GlassReason { kEmergency = 1, kUnableToConsent, kPublicHealth, kOther };
enum class GlassVerdict { kJustified = 1, kUnjustified };
std::string_view Name(GlassReason reason);
std::string_view Name(GlassVerdict verdict);
std::optional<GlassReason> GlassReasonFromName(std::string_view name);
std::optional<GlassVerdict> GlassVerdictFromName(std::string_view name);

struct GlassRules {
  absl::Duration open_for = absl::Minutes(60);
  absl::Duration review_within = absl::Hours(72);
};

struct GlassReview {
  GlassVerdict verdict = GlassVerdict::kJustified;
  std::string comment;
  UserId reviewer;
  absl::Time at;
};

struct BrokenGlass {
  BrokenGlassId id;
  PatientId patient;
  OrganizationId organization;
  UserId user;
  GlassReason reason = GlassReason::kOther;
  std::string explanation;
  absl::Time started_at;
  absl::Time ends_at;
  absl::Time review_due_at;
  std::optional<absl::Time> escalated_at;
  std::optional<GlassReview> review;
  int64_t version = 1;
};

// A new one, from `at` on.
BrokenGlass Break(const GlassRules& rules, PatientId patient, const Actor& by, GlassReason reason,
                  std::string explanation, absl::Time at);

// ETAG_STALE, REVIEW_DONE, OWN_ACCOUNT (nobody reviews their own access).
absl::StatusOr<BrokenGlass> Reviewed(const BrokenGlass& glass, std::string_view etag,
                                     const GlassReview& review);
// Nothing when it was reviewed in time, or is escalated already.
std::optional<BrokenGlass> Escalated(const BrokenGlass& glass, absl::Time at);

struct GlassReviewsQuery {
  bool include_reviewed = false;
  // Rows after this one, by due time; nothing for the first page.
  std::optional<std::pair<absl::Time, BrokenGlassId>> after;
  int limit = 50;
};

// Where emergency accesses are kept, words encrypted. Thread-safe.
class BrokenGlassStore {
 public:
  virtual ~BrokenGlassStore() = default;
  // Tells who has to know and sets the timer of the review. NOT_FOUND, PATIENT_MERGED,
  // GLASS_NOT_NEEDED.
  virtual absl::Status Add(unit::Scope& scope, const BrokenGlass& glass) = 0;
  // NOT_FOUND; errors of Reviewed.
  virtual absl::StatusOr<BrokenGlass> Review(unit::Scope& scope, BrokenGlassId id,
                                             std::string_view etag, const GlassReview& review) = 0;
  virtual absl::StatusOr<std::vector<BrokenGlass>> List(const GlassReviewsQuery& query,
                                                        absl::Time deadline) = 0;
};

}  // namespace yilian::directory
