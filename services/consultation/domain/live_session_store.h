// Where live sessions are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/consultation/domain/live_session.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::consultation {

// Another process of the service, which can be reached at `target`.
struct Replica {
  ReplicaId id;
  std::string target;
  bool operator==(const Replica&) const = default;
};

struct Connection {
  LiveSessionId session;
  PractitionerId practitioner;
  ConnectionId id;
};

// What a join came to, with everybody who had come by then.
struct Joined {
  SessionChange change;
  std::vector<Participant> roll;
};

// How far a transcript has come.
using Reached = std::pair<LiveSessionId, int64_t>;

// Implementations are thread-safe. A session of others looks like none.
class LiveSessionStore {
 public:
  template <typename Response, typename Outcome>
  using Respond = wire::Respond<Response, Outcome>;

  virtual ~LiveSessionStore() = default;

  // The open one of the consultation, else a new one.
  template <typename Response>
  absl::StatusOr<Response> Open(const unit::WriteContext& context, ConsultationId consultation,
                                const Actor& by, const Respond<Response, LiveSession>& respond) {
    return wire::ParseAnswer<Response>(
        OpenBytes(context, consultation, by, wire::BytesOf(respond)));
  }
  template <typename Response>
  absl::StatusOr<Response> Join(const unit::WriteContext& context, LiveSessionId session,
                                const Actor& by, ConnectionId connection, ReplicaId replica,
                                const Respond<Response, Joined>& respond) {
    return wire::ParseAnswer<Response>(
        JoinBytes(context, session, by, connection, replica, wire::BytesOf(respond)));
  }
  template <typename Response>
  absl::StatusOr<Response> Act(const unit::WriteContext& context, LiveSessionId session,
                               const Actor& by, const SessionCommand& command,
                               const Respond<Response, TranscriptEntry>& respond) {
    return wire::ParseAnswer<Response>(
        ActBytes(context, session, by, command, wire::BytesOf(respond)));
  }
  // nullopt: the participant has come back by another connection, or is gone already.
  virtual absl::StatusOr<std::optional<TranscriptEntry>> Leave(const Connection& connection,
                                                               absl::Time deadline) = 0;

  virtual absl::StatusOr<LiveSession> Get(LiveSessionId id, OrganizationId party,
                                          absl::Time deadline) = 0;
  // nullopt: they have not come to it.
  virtual absl::StatusOr<std::optional<Participant>> FindParticipant(LiveSessionId id,
                                                                     PractitionerId who,
                                                                     absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<LiveSession>> List(ConsultationId consultation,
                                                        OrganizationId party,
                                                        absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<TranscriptEntry>> Entries(LiveSessionId id, int64_t after,
                                                               int limit, absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Reached>> LastNumbers(const std::vector<LiveSessionId>& ids,
                                                           absl::Time deadline) = 0;

  // This replica and its connections are there for another `lease`, by the database's clock.
  virtual absl::Status Renew(const Replica& self, absl::Duration lease, absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Replica>> Replicas(absl::Time deadline) = 0;
  // Connections of replicas that have gone without a word; a few at a time.
  virtual absl::StatusOr<std::vector<Connection>> Lapsed(absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> OpenBytes(const unit::WriteContext& context,
                                                ConsultationId consultation, const Actor& by,
                                                const wire::RespondBytes<LiveSession>& respond) = 0;
  virtual absl::StatusOr<std::string> JoinBytes(const unit::WriteContext& context,
                                                LiveSessionId session, const Actor& by,
                                                ConnectionId connection, ReplicaId replica,
                                                const wire::RespondBytes<Joined>& respond) = 0;
  virtual absl::StatusOr<std::string> ActBytes(
      const unit::WriteContext& context, LiveSessionId session, const Actor& by,
      const SessionCommand& command, const wire::RespondBytes<TranscriptEntry>& respond) = 0;
};

}  // namespace yilian::consultation
