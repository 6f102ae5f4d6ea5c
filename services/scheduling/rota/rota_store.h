// Where rotas are kept, as the use cases ask for them; store/ implements the port.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/rota/judgement.h"
#include "services/scheduling/rota/rota.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

// Messages of the wire; nothing here looks into them.
namespace v1 {
class PublishRotaResponse;
class Rota;
class RotaReview;
}  // namespace v1

namespace rota {

// A plan with what was said of it.
struct Planned {
  std::vector<Visit> visits;
  std::vector<SessionId> sessions;  // of each visit; nil, or empty: none yet
  Judgement judgement;
  double bound = 0;
  bool stopped_early = false;
};

// What PublishRota did.
struct Published {
  int made = 0;
  int stayed = 0;
  int withdrawn = 0;
  std::vector<Standing> kept;
};

// How they look on the wire, and as the schema keeps them; rpc/ knows.
struct RotaEncoding {
  std::function<v1::Rota(const Rota&)> rota;
  std::function<v1::RotaReview(const Rota&, const Asked&, const std::vector<Visit>&,
                               const Judgement&)>
      review;
  std::function<v1::PublishRotaResponse(const Rota&, const Published&)> published;
  std::function<absl::StatusOr<Asked>(const std::string& bytes)> read_problem;
  std::function<std::string(const Asked&, const Planned&)> plan;
  // Visits, sessions and what the solver said; not the judgement.
  std::function<absl::StatusOr<Planned>(const Asked&, const std::string& bytes)> read_plan;
};

struct RotaView {
  Rota rota;
  std::string problem;  // bytes of a RotaProblem
  std::string plan;     // bytes of a RotaPlan; "": there is none
};

// What somebody asks for.
struct NewRota {
  OrganizationId organization;
  std::string code;
  absl::CivilDay first_day;
  int weeks = 0;
  std::string problem;  // bytes of a RotaProblem that was checked
};

// Makes an Edit of a request, which speaks of the problem's ids.
using EditOf = std::function<absl::StatusOr<Edit>(const Asked&)>;

// Implementations are thread-safe.
class RotaStore {
 public:
  virtual ~RotaStore() = default;
  virtual absl::StatusOr<v1::Rota> Plan(const unit::WriteContext& context,
                                        const NewRota& wanted) = 0;
  virtual absl::StatusOr<RotaView> Get(RotaId id, const Actor& by, absl::Time deadline) = 0;
  // The newest first, those before `before`; nil: from the newest.
  virtual absl::StatusOr<std::vector<Rota>> List(OrganizationId organization, RotaId before,
                                                 int limit, absl::Time deadline) = 0;
  virtual absl::StatusOr<v1::Rota> Cancel(const unit::WriteContext& context, RotaId id,
                                          const Actor& by) = 0;
  virtual absl::StatusOr<v1::RotaReview> Edit(const unit::WriteContext& context, RotaId id,
                                              const Actor& by, const std::string& etag,
                                              const EditOf& edit) = 0;
  virtual absl::StatusOr<v1::RotaReview> Check(RotaId id, const Actor& by, absl::Time deadline) = 0;
  virtual absl::StatusOr<v1::PublishRotaResponse> Publish(const unit::WriteContext& context,
                                                          RotaId id, const Actor& by,
                                                          const std::string& etag) = 0;
};

}  // namespace rota
}  // namespace yilian::scheduling
