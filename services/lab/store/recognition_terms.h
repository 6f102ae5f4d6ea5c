// Rules, assessments and prices of mutual recognition, inside a transaction or a read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/lab/domain/recognition.h"

namespace yilian::lab {

// Of these items, the newest first. Three statements.
absl::StatusOr<RecognitionTerms> LoadTerms(mysql::Session& session,
                                           const std::vector<std::string>& loincs);

// The stored term of the same key, its row locked.
absl::StatusOr<std::optional<Stored<RecognitionRule>>> LockTerm(mysql::Session& session,
                                                                const RecognitionRule& rule);
absl::StatusOr<std::optional<Stored<QualityAssessment>>> LockTerm(
    mysql::Session& session, const QualityAssessment& assessment);
absl::StatusOr<std::optional<Stored<ItemPrice>>> LockTerm(mysql::Session& session,
                                                          const ItemPrice& price);
// Writes the term as its next version; `before`: 0 for a first one. ALREADY_EXISTS where another
// first one was quicker.
absl::Status WriteTerm(mysql::Session& session, const RecognitionRule& rule, int64_t before);
absl::Status WriteTerm(mysql::Session& session, const QualityAssessment& assessment,
                       int64_t before);
absl::Status WriteTerm(mysql::Session& session, const ItemPrice& price, int64_t before);

}  // namespace yilian::lab
