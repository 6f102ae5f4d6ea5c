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
#include "services/lab/domain/report.h"

namespace yilian::lab {

struct ReportsQuery {
  PatientId patient;
  // Where set: only reports that this organization ordered or performed.
  std::optional<OrganizationId> party_only;
  // Key of the last row of the page before; newest first.
  absl::Time before_time = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31: the last DATETIME
  ReportId before_id;
  int limit = 50;
};

// Thread-safe.
class MysqlReportStore {
 public:
  template <typename Response>
  using Respond = std::function<Response(const Report&)>;

  explicit MysqlReportStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  // Takes a report in (domain: TakeIn); answers the version that was stored, or the current one
  // where nothing was new.
  template <typename Response>
  absl::StatusOr<Response> TakeIn(const unit::WriteContext& context, const IncomingReport& incoming,
                                  const Respond<Response>& respond) {
    // Of two first versions at once the unique key lets one in; the other finds it the second time.
    for (int attempt = 1;; ++attempt) {
      absl::StatusOr<Response> answer =
          unit_of_work_.Run<Response>(context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
            absl::StatusOr<Report> stored = Store(scope, incoming);
            if (!stored.ok()) return stored.status();
            return respond(*stored);
          });
      if (!absl::IsAborted(answer.status()) || attempt == kAttempts) return answer;
    }
  }

  // `version` 0: the current one. nullopt: there is none.
  absl::StatusOr<std::optional<Report>> Get(ReportId id, int version, absl::Time deadline);
  absl::StatusOr<std::vector<Report>> List(const ReportsQuery& query, absl::Time deadline);

  // For jobs, inside their own transaction.
  absl::Status MovePatient(mysql::Session& session, PatientId from, PatientId to);

 private:
  static constexpr int kAttempts = 3;
  absl::StatusOr<Report> Store(unit::Scope& scope, const IncomingReport& incoming);

  unit::UnitOfWork& unit_of_work_;
};

const std::vector<mysql::Migration>& LabMigrations();

}  // namespace yilian::lab
