// The laboratory schema: every method is one transaction or one read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/migration.h"
#include "common/unit/unit_of_work.h"
#include "services/lab/domain/critical_value.h"
#include "services/lab/domain/report_store.h"
#include "yilian/event/v1/event.pb.h"

namespace yilian::lab {

// Thread-safe.
class MysqlReportStore : public ReportStore {
 public:
  MysqlReportStore(unit::UnitOfWork& unit_of_work, const CriticalRules& rules)
      : unit_of_work_(unit_of_work), rules_(rules) {}

  absl::StatusOr<std::optional<Report>> Get(ReportId id, int version, absl::Time deadline) override;
  absl::StatusOr<std::vector<Report>> List(const ReportsQuery& query, absl::Time deadline) override;
  absl::StatusOr<std::vector<Report>> Of(PatientId patient, const std::vector<ReportId>& reports,
                                         absl::Time deadline) override;

  // For jobs, inside their own transaction.
  absl::Status MovePatient(mysql::Session& session, const event::v1::Event& merge);

 protected:
  absl::StatusOr<std::string> TakeInBytes(const unit::WriteContext& context,
                                          const IncomingReport& incoming,
                                          const RespondBytes& respond) override;

 private:
  static constexpr int kAttempts = 3;
  absl::StatusOr<Report> Store(unit::Scope& scope, const IncomingReport& incoming);

  unit::UnitOfWork& unit_of_work_;
  const CriticalRules& rules_;
};

const std::vector<mysql::Migration>& LabMigrations();

}  // namespace yilian::lab
