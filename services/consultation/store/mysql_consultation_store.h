// The consultation schema: every method is one transaction or one read.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/migration.h"
#include "common/unit/unit_of_work.h"
#include "services/consultation/domain/consultation_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::consultation {

// Thread-safe.
class MysqlConsultationStore : public ConsultationStore {
 public:
  explicit MysqlConsultationStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<Consultation> Get(ConsultationId id, OrganizationId party,
                                   absl::Time deadline) override;
  absl::StatusOr<std::vector<Consultation>> List(const WorklistQuery& query,
                                                 absl::Time deadline) override;

  // For jobs, inside their own transaction.
  using DecideJob = std::function<std::optional<Change>(const Consultation& now, absl::Time at)>;
  absl::Status ApplyInJob(mysql::Session& session, ConsultationId id, absl::Time at,
                          const DecideJob& decide);
  // Follows what patients agree to (relationship::ConsentEventTypes): the local consents, and what
  // waits for an expert without one.
  absl::Status ApplyConsent(mysql::Session& session, const event::v1::Event& event, absl::Time at);
  absl::Status MovePatient(mysql::Session& session, const event::v1::Event& merge);

 protected:
  absl::StatusOr<std::string> CreateBytes(const unit::WriteContext& context,
                                          const DecideNew& decide,
                                          const RespondBytes& respond) override;
  absl::StatusOr<std::string> UpdateBytes(const unit::WriteContext& context,
                                          std::optional<ConsultationId> id, const Actor& by,
                                          Standing standing, std::optional<std::string_view> etag,
                                          const Decide& decide,
                                          const RespondBytes& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

const std::vector<mysql::Migration>& ConsultationMigrations();

}  // namespace yilian::consultation
