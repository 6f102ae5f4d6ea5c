// Live sessions in the consultation schema: every method is one transaction or one read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/unit/unit_of_work.h"
#include "services/consultation/domain/live_session_store.h"

namespace yilian::consultation {

// Thread-safe.
class MysqlLiveSessionStore : public LiveSessionStore {
 public:
  explicit MysqlLiveSessionStore(unit::UnitOfWork& unit_of_work) : unit_of_work_(unit_of_work) {}

  absl::StatusOr<std::optional<TranscriptEntry>> Leave(const Connection& connection,
                                                       absl::Time deadline) override;
  absl::StatusOr<LiveSession> Get(LiveSessionId id, OrganizationId party,
                                  absl::Time deadline) override;
  absl::StatusOr<std::optional<Participant>> FindParticipant(LiveSessionId id, PractitionerId who,
                                                             absl::Time deadline) override;
  absl::StatusOr<std::vector<LiveSession>> List(ConsultationId consultation, OrganizationId party,
                                                absl::Time deadline) override;
  absl::StatusOr<std::vector<TranscriptEntry>> Entries(LiveSessionId id, int64_t after, int limit,
                                                       absl::Time deadline) override;
  absl::StatusOr<std::vector<Reached>> LastNumbers(const std::vector<LiveSessionId>& ids,
                                                   absl::Time deadline) override;
  absl::Status Renew(const Replica& self, absl::Duration lease, absl::Time deadline) override;
  absl::StatusOr<std::vector<Replica>> Replicas(absl::Time deadline) override;
  absl::StatusOr<std::vector<Connection>> Lapsed(absl::Time deadline) override;

 protected:
  absl::StatusOr<std::string> OpenBytes(const unit::WriteContext& context,
                                        ConsultationId consultation, const Actor& by,
                                        const wire::RespondBytes<LiveSession>& respond) override;
  absl::StatusOr<std::string> JoinBytes(const unit::WriteContext& context, LiveSessionId session,
                                        const Actor& by, ConnectionId connection, ReplicaId replica,
                                        const wire::RespondBytes<Joined>& respond) override;
  absl::StatusOr<std::string> ActBytes(const unit::WriteContext& context, LiveSessionId session,
                                       const Actor& by, const SessionCommand& command,
                                       const wire::RespondBytes<TranscriptEntry>& respond) override;

 private:
  unit::UnitOfWork& unit_of_work_;
};

}  // namespace yilian::consultation
