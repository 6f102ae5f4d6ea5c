// Between a consultation and its row.
#pragma once

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation::rows {

// Of a SELECT of YILIAN_CONSULTATION_COLUMNS. The opinion is read apart: only its version is here.
absl::StatusOr<Consultation> FromRow(const mysql::Row& row);
// Of kGetReadings.
Reading ReadingFromRow(const mysql::Row& row);
absl::StatusOr<SignedOpinion> OpinionFromRow(const mysql::Row& row, int version);

mysql::Values InsertValues(const Consultation& consultation);
mysql::Values UpdateValues(const Consultation& consultation, int64_t from_version);

}  // namespace yilian::consultation::rows
