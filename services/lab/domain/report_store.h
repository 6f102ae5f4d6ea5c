// Where reports are kept, as the use cases ask for it. store/ implements it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/wire/answer.h"
#include "services/lab/domain/report.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::lab {

struct ReportsQuery {
  PatientId patient;
  Sight sight;
  // Key of the last row of the page before; newest first.
  absl::Time before_time = absl::FromUnixSeconds(253'402'300'799);  // 9999-12-31: the last DATETIME
  ReportId before_id;
  int limit = 50;
};

// Implementations are thread-safe.
class ReportStore {
 public:
  template <typename Response>
  using Respond = wire::Respond<Response, Report>;
  using RespondBytes = wire::RespondBytes<Report>;

  virtual ~ReportStore() = default;

  // Takes a report in (TakeIn of report.h); answers the version that was stored, or the current one
  // where nothing was new.
  template <typename Response>
  absl::StatusOr<Response> TakeIn(const unit::WriteContext& context, const IncomingReport& incoming,
                                  const Respond<Response>& respond) {
    return wire::ParseAnswer<Response>(TakeInBytes(context, incoming, wire::BytesOf(respond)));
  }

  // `version` 0: the current one. nullopt: there is none.
  virtual absl::StatusOr<std::optional<Report>> Get(ReportId id, int version,
                                                    absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<Report>> List(const ReportsQuery& query,
                                                   absl::Time deadline) = 0;
  // Those of the named reports that are about the patient (of a merged record: its survivor), as
  // readers see them now, without observations.
  virtual absl::StatusOr<std::vector<Report>> Of(PatientId patient,
                                                 const std::vector<ReportId>& reports,
                                                 absl::Time deadline) = 0;

 protected:
  virtual absl::StatusOr<std::string> TakeInBytes(const unit::WriteContext& context,
                                                  const IncomingReport& incoming,
                                                  const RespondBytes& respond) = 0;
};

}  // namespace yilian::lab
