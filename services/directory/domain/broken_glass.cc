#include "services/directory/domain/broken_glass.h"

#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "services/directory/domain/errors.h"

namespace yilian::directory {
namespace {

constexpr auto kReasons = base::Names<GlassReason>({
    {GlassReason::kEmergency, "EMERGENCY"},
    {GlassReason::kUnableToConsent, "UNABLE_TO_CONSENT"},
    {GlassReason::kPublicHealth, "PUBLIC_HEALTH"},
    {GlassReason::kOther, "OTHER"},
});
constexpr auto kVerdicts = base::Names<GlassVerdict>({
    {GlassVerdict::kJustified, "JUSTIFIED"},
    {GlassVerdict::kUnjustified, "UNJUSTIFIED"},
});

}  // namespace

std::string_view Name(GlassReason reason) { return kReasons.NameOf(reason); }
std::string_view Name(GlassVerdict verdict) { return kVerdicts.NameOf(verdict); }
std::optional<GlassReason> GlassReasonFromName(std::string_view name) {
  return kReasons.ValueOf(name);
}
std::optional<GlassVerdict> GlassVerdictFromName(std::string_view name) {
  return kVerdicts.ValueOf(name);
}

BrokenGlass Break(const GlassRules& rules, PatientId patient, const Actor& by, GlassReason reason,
                  std::string explanation, absl::Time at) {
  return {.id = BrokenGlassId::New(at),
          .patient = patient,
          .organization = by.organization,
          .user = by.user,
          .reason = reason,
          .explanation = std::move(explanation),
          .started_at = at,
          .ends_at = at + rules.open_for,
          .review_due_at = at + rules.review_within};
}

absl::StatusOr<BrokenGlass> Reviewed(const BrokenGlass& glass, std::string_view etag,
                                     const GlassReview& review) {
  if (glass.user == review.reviewer) return errors::OwnAccount();
  if (glass.review) return errors::ReviewDone();
  if (etag != base::EtagOf(glass.version)) return errors::EtagStale(glass.version);
  BrokenGlass after = glass;
  after.review = review;
  ++after.version;
  return after;
}

std::optional<BrokenGlass> Escalated(const BrokenGlass& glass, absl::Time at) {
  if (glass.review || glass.escalated_at) return std::nullopt;
  BrokenGlass after = glass;
  after.escalated_at = at;
  ++after.version;
  return after;
}

}  // namespace yilian::directory
