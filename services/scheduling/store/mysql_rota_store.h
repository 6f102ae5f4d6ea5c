// Rotas in the scheduling schema: every method is one transaction or one read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/scheduling/rota/rota_store.h"
#include "services/scheduling/store/template_replan.h"
#include "yilian/scheduling/v1/rota.pb.h"

namespace yilian::scheduling {

// Thread-safe.
class MysqlRotaStore : public rota::RotaStore {
 public:
  // `parts` outlive the store.
  MysqlRotaStore(unit::UnitOfWork& unit_of_work, rota::RotaEncoding encoding,
                 const ReplanParts& parts)
      : unit_of_work_(unit_of_work), encoding_(std::move(encoding)), parts_(parts) {}

  absl::StatusOr<v1::Rota> Plan(const unit::WriteContext& context,
                                const rota::NewRota& wanted) override;
  absl::StatusOr<rota::RotaView> Get(RotaId id, const Actor& by, absl::Time deadline) override;
  absl::StatusOr<std::vector<rota::Rota>> List(OrganizationId organization, RotaId before,
                                               int limit, absl::Time deadline) override;
  absl::StatusOr<v1::Rota> Cancel(const unit::WriteContext& context, RotaId id,
                                  const Actor& by) override;
  absl::StatusOr<v1::RotaReview> Edit(const unit::WriteContext& context, RotaId id, const Actor& by,
                                      const std::string& etag, const rota::EditOf& edit) override;
  absl::StatusOr<v1::RotaReview> Check(RotaId id, const Actor& by, absl::Time deadline) override;
  absl::StatusOr<v1::PublishRotaResponse> Publish(const unit::WriteContext& context, RotaId id,
                                                  const Actor& by,
                                                  const std::string& etag) override;

 private:
  unit::UnitOfWork& unit_of_work_;
  const rota::RotaEncoding encoding_;
  const ReplanParts& parts_;
};

}  // namespace yilian::scheduling
