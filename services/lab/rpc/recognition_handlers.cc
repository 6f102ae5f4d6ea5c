#include "services/lab/rpc/recognition_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "services/lab/domain/errors.h"
#include "services/lab/rpc/convert.h"
#include "services/lab/rpc/laboratory_of.h"
#include "services/lab/rpc/recognition_convert.h"
#include "services/lab/rpc/trend_convert.h"

namespace yilian::lab {
namespace {

// Newest results of an item that are looked at: an older one is recognizable only where none of
// these is newer and as good.
constexpr int kCandidates = 10;

// The month's first day, a line feed, LOINC code.
std::string PageKeyOf(const RecognitionStatistic& last) {
  return absl::FormatCivilTime(absl::CivilDay(last.month)) + "\n" + last.loinc;
}

absl::Status CheckMonths(absl::CivilDay from, absl::CivilDay to) {
  errors::Violations violations;
  if (from.day() != 1) violations.emplace_back("from_month", "is the first day of a month");
  if (to.day() != 1) violations.emplace_back("to_month", "is the first day of a month");
  if (to < from) violations.emplace_back("to_month", "is not before `from_month`");
  return violations.empty() ? absl::OkStatus() : errors::FieldInvalid(violations);
}

std::vector<std::string> Distinct(const google::protobuf::RepeatedPtrField<std::string>& loincs) {
  std::vector<std::string> distinct(loincs.begin(), loincs.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  return distinct;
}

}  // namespace

rpc::Dispatch Bind(RecognitionHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.lab.v1.RecognitionService");
  dispatch.Unary("DefineRecognitionRule", &handlers, &RecognitionHandlers::DefineRule)
      .Unary("DefineQualityAssessment", &handlers, &RecognitionHandlers::DefineAssessment)
      .Unary("DefineItemPrice", &handlers, &RecognitionHandlers::DefinePrice)
      .Unary("ListRecognitionTerms", &handlers, &RecognitionHandlers::ListTerms)
      .Unary("FindRecognizableResults", &handlers, &RecognitionHandlers::Find)
      .Unary("DecideRecognition", &handlers, &RecognitionHandlers::Decide)
      .Unary("ListRecognitionStatistics", &handlers, &RecognitionHandlers::ListStatistics);
  return dispatch;
}

absl::StatusOr<v1::RecognitionRule> RecognitionHandlers::DefineRule(
    const rpc::Call& call, const v1::DefineRecognitionRuleRequest& request) {
  const RecognitionRule rule = convert::ToDomain(request.rule());
  RETURN_IF_ERROR(rule.Check());
  return deps_.store.Define<v1::RecognitionRule, RecognitionRule>(
      call.write_context(), rule, request.rule().etag(),
      [](const Stored<RecognitionRule>& after) { return convert::ToProto(after); });
}

absl::StatusOr<v1::QualityAssessment> RecognitionHandlers::DefineAssessment(
    const rpc::Call& call, const v1::DefineQualityAssessmentRequest& request) {
  ASSIGN_OR_RETURN(const QualityAssessment assessment, convert::ToDomain(request.assessment()));
  RETURN_IF_ERROR(assessment.Check());
  return deps_.store.Define<v1::QualityAssessment, QualityAssessment>(
      call.write_context(), assessment, request.assessment().etag(),
      [](const Stored<QualityAssessment>& after) { return convert::ToProto(after); });
}

absl::StatusOr<v1::ItemPrice> RecognitionHandlers::DefinePrice(
    const rpc::Call& call, const v1::DefineItemPriceRequest& request) {
  ASSIGN_OR_RETURN(const ItemPrice price, convert::ToDomain(request.price()));
  RETURN_IF_ERROR(price.Check());
  return deps_.store.Define<v1::ItemPrice, ItemPrice>(
      call.write_context(), price, request.price().etag(),
      [](const Stored<ItemPrice>& after) { return convert::ToProto(after); });
}

absl::StatusOr<v1::RecognitionTerms> RecognitionHandlers::ListTerms(
    const rpc::Call& call, const v1::ListRecognitionTermsRequest& request) {
  ASSIGN_OR_RETURN(const RecognitionTerms terms,
                   deps_.store.Terms(Distinct(request.loincs()), call.deadline()));
  v1::RecognitionTerms response;
  for (const auto& one : terms.rules) *response.add_rules() = convert::ToProto(one);
  for (const auto& one : terms.assessments) *response.add_assessments() = convert::ToProto(one);
  for (const auto& one : terms.prices) *response.add_prices() = convert::ToProto(one);
  return response;
}

absl::StatusOr<v1::FindRecognizableResultsResponse> RecognitionHandlers::Find(
    const rpc::Call& call, const v1::FindRecognizableResultsRequest& request) {
  TrendReader reader;
  ASSIGN_OR_RETURN(reader.patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(reader.sight, deps_.sights.OfCaller(call, reader.patient));
  const std::vector<std::string> loincs = Distinct(request.loincs());
  ASSIGN_OR_RETURN(const std::vector<TrendPoint> results,
                   deps_.trends.Newest(reader, loincs, kCandidates, call.deadline()));
  ASSIGN_OR_RETURN(const RecognitionTerms terms, deps_.store.Terms(loincs, call.deadline()));
  const std::vector<RepeatReason> circumstances = convert::ToReasons(request.circumstances());
  const absl::Time now = deps_.clock.Now();
  v1::FindRecognizableResultsResponse response;
  ShownReports shown(call);
  for (const std::string& loinc : loincs) {
    v1::ItemCandidates& item = *response.add_items();
    item.set_loinc(loinc);
    for (const TrendPoint& result : results) {
      if (result.loinc != loinc) continue;
      shown.Add(result);
      *item.add_candidates() =
          convert::ToProto(result, JudgeRecognition(terms, result, circumstances, now));
    }
  }
  return response;
}

absl::StatusOr<v1::RecognitionDecision> RecognitionHandlers::Decide(
    const rpc::Call& call, const v1::DecideRecognitionRequest& request) {
  ASSIGN_OR_RETURN(NewDecision decision, convert::ToDomain(request));
  decision.practitioner = PractitionerId(call.caller().practitioner_id);
  RETURN_IF_ERROR(decision.Check());
  // Before the transaction, so that no handler asks the directory while it holds a row.
  ASSIGN_OR_RETURN(
      const Sight sight,
      deps_.sights.OfOrganization(decision.patient, OrganizationId(call.caller().organization_id),
                                  call.deadline()));
  return deps_.store.Decide<v1::RecognitionDecision>(
      call.write_context(), decision, sight,
      [](const RecognitionDecision& made) { return convert::ToProto(made); });
}

absl::StatusOr<v1::ListRecognitionStatisticsResponse> RecognitionHandlers::ListStatistics(
    const rpc::Call& call, const v1::ListRecognitionStatisticsRequest& request) {
  const absl::CivilDay from = *convert::ToDay(request.from_month());
  const absl::CivilDay to = *convert::ToDay(request.to_month());
  RETURN_IF_ERROR(CheckMonths(from, to));
  const wire::Pages pages(deps_.sealer, call, request);
  RecognitionStatisticsQuery query{
      .from = absl::CivilMonth(from), .to = absl::CivilMonth(to), .limit = pages.rows()};
  ASSIGN_OR_RETURN(query.organization, LaboratoryOf(call, request));
  ASSIGN_OR_RETURN(const std::optional<std::string> after, pages.AfterText());
  if (after) {
    const size_t end = after->find('\n');
    if (end == std::string::npos) return absl::InternalError("a sealed page key does not parse");
    query.after_month = absl::CivilMonth(*convert::ToDay(after->substr(0, end)));
    query.after_loinc = after->substr(end + 1);
  }
  ASSIGN_OR_RETURN(std::vector<RecognitionStatistic> found,
                   deps_.store.Statistics(query, call.deadline()));
  v1::ListRecognitionStatisticsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(found, PageKeyOf));
  for (const RecognitionStatistic& one : found) *response.add_statistics() = convert::ToProto(one);
  return response;
}

}  // namespace yilian::lab
