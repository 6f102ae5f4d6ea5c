#include "services/lab/rpc/reference_handlers.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/lab/rpc/convert.h"
#include "services/lab/rpc/laboratory_of.h"

namespace yilian::lab {
namespace {

v1::ReferenceInterval ToProto(const StoredInterval& stored) {
  const ReferenceInterval& interval = stored.interval;
  v1::ReferenceInterval out;
  out.set_organization_id(wire::TextOrEmpty(interval.organization));
  out.set_loinc(interval.loinc);
  out.set_sex(static_cast<v1::PatientSex>(interval.sex));
  out.set_age_from_days(interval.age_from_days);
  out.set_age_to_days(interval.age_to_days);
  out.set_method(interval.method);
  out.set_effective_from(absl::FormatCivilTime(interval.effective_from));
  if (interval.effective_to) {
    out.set_effective_to(absl::FormatCivilTime(*interval.effective_to));
  }
  out.set_unit(interval.unit);
  out.set_low(interval.low);
  out.set_high(interval.high);
  out.set_critically_low(interval.critically_low);
  out.set_critically_high(interval.critically_high);
  out.set_etag(stored.etag());
  return out;
}

ReferenceInterval ToDomain(const v1::ReferenceInterval& wire, OrganizationId laboratory) {
  return {.organization = laboratory,
          .loinc = wire.loinc(),
          .sex = static_cast<PatientSex>(wire.sex()),
          .age_from_days = wire.age_from_days(),
          .age_to_days = wire.age_to_days() == 0 ? kOldestDays : wire.age_to_days(),
          .method = wire.method(),
          .effective_from = *convert::ToDay(wire.effective_from()),
          .effective_to = convert::ToDay(wire.effective_to()),
          .unit = wire.unit(),
          .low = wire.low(),
          .high = wire.high(),
          .critically_low = wire.critically_low(),
          .critically_high = wire.critically_high()};
}

// LOINC code, a line feed, id.
std::string PageKeyOf(const StoredInterval& last) {
  return last.interval.loinc + "\n" + last.interval.id().ToString();
}

}  // namespace

rpc::Dispatch Bind(ReferenceHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.ReferenceService");
  dispatch.Unary("DefineReferenceInterval", &handlers, &ReferenceHandlers::Define)
      .Unary("RemoveReferenceInterval", &handlers, &ReferenceHandlers::Remove)
      .Unary("ListReferenceIntervals", &handlers, &ReferenceHandlers::List);
  return dispatch;
}

absl::StatusOr<v1::ReferenceInterval> ReferenceHandlers::Define(
    const rpc::Call& call, const v1::DefineReferenceIntervalRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId laboratory, LaboratoryOf(call, request));
  const ReferenceInterval interval = ToDomain(request.interval(), laboratory);
  RETURN_IF_ERROR(CheckInterval(interval));
  return store_.Write<v1::ReferenceInterval>(
      call.write_context(), ReferenceStore::Change::kDefine, interval, request.interval().etag(),
      [](const StoredInterval& after) { return ToProto(after); });
}

absl::StatusOr<v1::ReferenceInterval> ReferenceHandlers::Remove(
    const rpc::Call& call, const v1::RemoveReferenceIntervalRequest& request) {
  ASSIGN_OR_RETURN(const OrganizationId laboratory, LaboratoryOf(call, request));
  return store_.Write<v1::ReferenceInterval>(
      call.write_context(), ReferenceStore::Change::kRemove,
      ToDomain(request.interval(), laboratory), request.interval().etag(),
      [](const StoredInterval& gone) { return ToProto(gone); });
}

absl::StatusOr<v1::ListReferenceIntervalsResponse> ReferenceHandlers::List(
    const rpc::Call& call, const v1::ListReferenceIntervalsRequest& request) {
  const wire::Pages pages(sealer_, call, request);
  IntervalsQuery query{.loinc = request.loinc(), .limit = pages.rows()};
  ASSIGN_OR_RETURN(query.organization, LaboratoryOrRegionOf(call, request));
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  if (after) {
    const size_t end = after->find('\n');
    if (end == std::string::npos) return absl::InternalError("a sealed page key does not parse");
    query.after_loinc = after->substr(0, end);
    ASSIGN_OR_RETURN(query.after_id, ReferenceIntervalId::Parse(after->substr(end + 1)));
  }
  ASSIGN_OR_RETURN(std::vector<StoredInterval> found, store_.List(query, call.deadline()));
  v1::ListReferenceIntervalsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, PageKeyOf));
  for (const StoredInterval& one : found) *response.add_intervals() = ToProto(one);
  return response;
}

}  // namespace yilian::lab
