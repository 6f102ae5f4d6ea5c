// Between reading centres, their members and their rows.
#pragma once

#include "absl/status/statusor.h"
#include "common/mysql/session.h"
#include "services/consultation/domain/reading_centre.h"

namespace yilian::consultation::rows {

// Of a SELECT of YILIAN_CENTRE_COLUMNS.
absl::StatusOr<ReadingCentre> CentreFromRow(const mysql::Row& row);
// From the name to the time of the change, as insert and update share them.
mysql::Values CentreValues(const ReadingCentre& centre, absl::Time at);

// Of a SELECT of YILIAN_MEMBER_COLUMNS.
ReadingMember MemberFromRow(const mysql::Row& row);
// From the kinds to the time of the change.
mysql::Values MemberValues(const ReadingMember& member, absl::Time at);

}  // namespace yilian::consultation::rows
