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
#include "services/consultation/domain/consultation.h"

namespace yilian::consultation {

enum class Worklist { kToClaim = 1, kMine, kRequested, kToAcknowledge };

// Which rows a page of a worklist holds.
struct WorklistQuery {
  Worklist worklist = Worklist::kToClaim;
  OrganizationId organization;
  PractitionerId practitioner;  // for kMine
  // Key of the last row of the page before.
  int after_rank = -1;
  absl::Time after_time = absl::FromUnixSeconds(0);
  ConsultationId after_id;
  int limit = 50;
};

inline constexpr std::string_view kClockTimer = "consultation.Clock";

// Thread-safe.
class MysqlConsultationStore {
 public:
  using Decide = std::function<absl::StatusOr<Change>(const Consultation& now, absl::Time at)>;
  using DecideNew = std::function<absl::StatusOr<Change>(absl::Time at)>;
  template <typename Response>
  using Respond = std::function<Response(const Consultation&)>;

  explicit MysqlConsultationStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  template <typename Response>
  absl::StatusOr<Response> Create(const unit::WriteContext& context, const DecideNew& decide,
                                  const Respond<Response>& respond) {
    return unit_of_work_.Run<Response>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          absl::StatusOr<Change> change = decide(scope.now());
          if (!change.ok()) return change.status();
          if (absl::Status status = Write(scope, nullptr, *change); !status.ok()) return status;
          return respond(change->after);
        });
  }

  // NOT_FOUND unless `party` is one. `etag`: ETAG_STALE unless it is the current one; nullopt skips
  // the check (a claim's epoch fences instead).
  template <typename Response>
  absl::StatusOr<Response> Update(const unit::WriteContext& context, ConsultationId id,
                                  OrganizationId party, std::optional<std::string_view> etag,
                                  const Decide& decide, const Respond<Response>& respond) {
    return unit_of_work_.Run<Response>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          absl::StatusOr<Consultation> after = Decided(scope, id, party, etag, decide);
          if (!after.ok()) return after.status();
          return respond(*after);
        });
  }

  // As Update, on the most pressing consultation that the organization may claim now;
  // NOTHING_TO_CLAIM without one.
  template <typename Response>
  absl::StatusOr<Response> UpdateMostPressing(const unit::WriteContext& context,
                                              OrganizationId consulted, const Decide& decide,
                                              const Respond<Response>& respond) {
    return unit_of_work_.Run<Response>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<Response> {
          absl::StatusOr<ConsultationId> id = MostPressing(scope, consulted);
          if (!id.ok()) return id.status();
          absl::StatusOr<Consultation> after = Decided(scope, *id, consulted, std::nullopt, decide);
          if (!after.ok()) return after.status();
          return respond(*after);
        });
  }

  // With its opinion; NOT_FOUND unless `party` is one.
  absl::StatusOr<Consultation> Get(ConsultationId id, OrganizationId party, absl::Time deadline);
  absl::StatusOr<std::vector<Consultation>> List(const WorklistQuery& query, absl::Time deadline);

  // For jobs, inside their own transaction.
  using DecideJob = std::function<std::optional<Change>(const Consultation& now, absl::Time at)>;
  absl::Status ApplyInJob(mysql::Session& session, ConsultationId id, absl::Time at,
                          const DecideJob& decide);
  absl::Status MovePatient(mysql::Session& session, PatientId from, PatientId to);

 private:
  absl::StatusOr<Consultation> Decided(unit::Scope& scope, ConsultationId id, OrganizationId party,
                                       std::optional<std::string_view> etag, const Decide& decide);
  absl::StatusOr<ConsultationId> MostPressing(unit::Scope& scope, OrganizationId consulted);
  absl::Status Write(unit::Scope& scope, const Consultation* before, const Change& change);

  unit::UnitOfWork& unit_of_work_;
};

const std::vector<mysql::Migration>& ConsultationMigrations();

}  // namespace yilian::consultation
