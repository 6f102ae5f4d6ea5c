#include "services/scheduling/rpc/series_handlers.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/scheduling/domain/errors.h"
#include "services/scheduling/rpc/actor.h"
#include "services/scheduling/rpc/template_convert.h"

namespace yilian::scheduling {
namespace {

absl::StatusOr<SeriesWish> ToDomain(const v1::BookSeriesRequest& request) {
  SeriesWish wish;
  ASSIGN_OR_RETURN(wish.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(wish.organization, OrganizationId::Parse(request.organization_id()));
  ASSIGN_OR_RETURN(wish.department, DepartmentId::Parse(request.department_id()));
  ASSIGN_OR_RETURN(wish.practitioner, wire::OptionalId<PractitionerId>(request.practitioner_id()));
  for (const int kind : request.kinds()) wish.kinds.push_back(static_cast<SessionKind>(kind));
  wish.first = convert::ToOptionalDay(request.first_date()).value_or(absl::CivilDay());
  wish.interval_days = request.interval_days();
  wish.visits = request.visits();
  if (request.has_hours()) {
    wish.hours = WallHours{TimeOfDay::Parse(request.hours().start()),
                           TimeOfDay::Parse(request.hours().end())};
  }
  return wish;
}

}  // namespace

rpc::Dispatch Bind(SeriesHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.scheduling.v1.SeriesService");
  dispatch.Unary("BookSeries", &handlers, &SeriesHandlers::BookSeries);
  return dispatch;
}

absl::StatusOr<v1::SeriesBooking> SeriesHandlers::BookSeries(const rpc::Call& call,
                                                             const v1::BookSeriesRequest& request) {
  ASSIGN_OR_RETURN(SeriesWish wish, ToDomain(request));
  wish.coordinator = IsCoordinator(call.caller());
  RETURN_IF_ERROR(CheckActsFor(call.caller(), wish.organization));
  ASSIGN_OR_RETURN(
      const bool known,
      deps_.relationships.MaySee(wish.patient.uuid(), wish.organization.uuid(), call.deadline()));
  if (!known) return errors::PatientNotFound();
  return deps_.series.Book(call.write_context(), wish);
}

}  // namespace yilian::scheduling
