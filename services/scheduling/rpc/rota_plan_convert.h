// Rotas, their plans and what is said of them, on the wire and as the schema keeps them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/scheduling/rota/rota_store.h"
#include "yilian/scheduling/v1/rota.pb.h"

namespace yilian::scheduling::convert {

v1::Rota ToProto(const rota::Rota& rota);
v1::RotaPlan ToProto(const rota::Asked& asked, const rota::Planned& planned);
v1::RotaReview ToProto(const rota::Rota& rota, const rota::Asked& asked,
                       const std::vector<rota::Visit>& visits, const rota::Judgement& judgement);
v1::PublishRotaResponse ToProto(const rota::Rota& rota, const rota::Published& published);

// Visits, sessions and what the solver said, of a plan as ToProto made it; DATA_LOSS where it does
// not fit the problem.
absl::StatusOr<rota::Planned> ToDomain(const rota::Asked& asked, const v1::RotaPlan& plan);

// All of it, as the store and the planner take it.
rota::RotaEncoding RotaStoreEncoding();

}  // namespace yilian::scheduling::convert
