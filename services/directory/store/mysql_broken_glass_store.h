// BrokenGlassStore on the table broken_glass.
#pragma once

#include <vector>

#include "common/crypto/field_cipher.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"
#include "services/directory/domain/broken_glass.h"

namespace yilian::directory {

// The timer of a review: one an access.
inline constexpr std::string_view kGlassReviewTimer = "directory.GlassReview";

// Thread-safe; everything it is given outlives it.
class MysqlBrokenGlassStore : public BrokenGlassStore {
 public:
  MysqlBrokenGlassStore(mysql::Pool& pool, const crypto::FieldCipher& cipher)
      : pool_(pool), cipher_(cipher) {}

  absl::Status Add(unit::Scope& scope, const BrokenGlass& glass) override;
  absl::StatusOr<BrokenGlass> Review(unit::Scope& scope, BrokenGlassId id, std::string_view etag,
                                     const GlassReview& review) override;
  absl::StatusOr<std::vector<BrokenGlass>> List(const GlassReviewsQuery& query,
                                                absl::Time deadline) override;

  // Effect of the timer: tells the health authority, who broke and who was told, unless it was
  // reviewed.
  absl::Status Escalate(mysql::Session& session, BrokenGlassId id, absl::Time now) const;

 private:
  absl::StatusOr<BrokenGlass> ToGlass(const mysql::Row& row) const;
  absl::StatusOr<BrokenGlass> Lock(mysql::Session& session, BrokenGlassId id) const;

  mysql::Pool& pool_;
  const crypto::FieldCipher& cipher_;
};

}  // namespace yilian::directory
