// What a rota is asked for, between the wire, which speaks of ids, and the domain, which counts
// positions.
#pragma once

#include "absl/status/statusor.h"
#include "services/scheduling/rota/rota.h"
#include "yilian/scheduling/v1/rota.pb.h"

namespace yilian::scheduling::convert {

// FIELD_INVALID names every field of `problem` that contradicts another, as
// `problem.needs[3].days`; what one field may hold the frame has checked.
absl::StatusOr<rota::Asked> ToDomain(const v1::RotaProblem& problem);

// FIELD_INVALID names experts and needs that the rota does not have.
absl::StatusOr<rota::Edit> ToDomain(const v1::EditRotaRequest& request, const rota::Asked& asked);

}  // namespace yilian::scheduling::convert
