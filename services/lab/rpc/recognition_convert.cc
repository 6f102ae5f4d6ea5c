#include "services/lab/rpc/recognition_convert.h"

#include "common/base/status_macros.h"
#include "common/wire/timestamp.h"
#include "services/lab/rpc/convert.h"
#include "services/lab/rpc/trend_convert.h"

namespace yilian::lab::convert {

std::vector<RepeatReason> ToReasons(const google::protobuf::RepeatedField<int>& wire) {
  std::vector<RepeatReason> reasons;
  for (const int one : wire) reasons.push_back(static_cast<RepeatReason>(one));
  return reasons;
}

RecognitionRule ToDomain(const v1::RecognitionRule& wire) {
  return {.loinc = wire.loinc(),
          .effective_from = *ToDay(wire.effective_from()),
          .effective_to = ToDay(wire.effective_to()),
          .least_scope = static_cast<RecognitionScope>(wire.least_scope()),
          .max_age = absl::Hours(wire.max_age_hours()),
          .methods = {wire.methods().begin(), wire.methods().end()},
          .excluded = ToReasons(wire.excluded())};
}

absl::StatusOr<QualityAssessment> ToDomain(const v1::QualityAssessment& wire) {
  QualityAssessment assessment{.loinc = wire.loinc(),
                               .method = wire.method(),
                               .valid_from = *ToDay(wire.valid_from()),
                               .valid_to = *ToDay(wire.valid_to()),
                               .scope = static_cast<RecognitionScope>(wire.scope())};
  ASSIGN_OR_RETURN(assessment.laboratory, OrganizationId::Parse(wire.organization_id()));
  return assessment;
}

absl::StatusOr<ItemPrice> ToDomain(const v1::ItemPrice& wire) {
  ItemPrice price{.loinc = wire.loinc(),
                  .effective_from = *ToDay(wire.effective_from()),
                  .fen = wire.price_fen()};
  ASSIGN_OR_RETURN(price.organization, wire::OptionalId<OrganizationId>(wire.organization_id()));
  return price;
}

absl::StatusOr<NewDecision> ToDomain(const v1::DecideRecognitionRequest& wire) {
  NewDecision decision{.loinc = wire.loinc(),
                       .order_number = wire.order_number(),
                       .outcome = static_cast<RecognitionOutcome>(wire.outcome()),
                       .reason = static_cast<RepeatReason>(wire.reason()),
                       .comment = wire.comment()};
  ASSIGN_OR_RETURN(decision.patient, PatientId::Parse(wire.patient_id()));
  ASSIGN_OR_RETURN(decision.report, ReportId::Parse(wire.report_id()));
  return decision;
}

v1::RecognitionRule ToProto(const Stored<RecognitionRule>& stored) {
  const RecognitionRule& rule = stored.term;
  v1::RecognitionRule out;
  out.set_loinc(rule.loinc);
  out.set_effective_from(absl::FormatCivilTime(rule.effective_from));
  if (rule.effective_to) out.set_effective_to(absl::FormatCivilTime(*rule.effective_to));
  out.set_least_scope(static_cast<v1::RecognitionScope>(rule.least_scope));
  out.set_max_age_hours(static_cast<int32_t>(absl::ToInt64Hours(rule.max_age)));
  for (const std::string& method : rule.methods) out.add_methods(method);
  for (const RepeatReason one : rule.excluded) {
    out.add_excluded(static_cast<v1::RepeatReason>(one));
  }
  out.set_etag(stored.etag());
  return out;
}

v1::QualityAssessment ToProto(const Stored<QualityAssessment>& stored) {
  const QualityAssessment& assessment = stored.term;
  v1::QualityAssessment out;
  out.set_organization_id(assessment.laboratory.ToString());
  out.set_loinc(assessment.loinc);
  out.set_method(assessment.method);
  out.set_valid_from(absl::FormatCivilTime(assessment.valid_from));
  out.set_valid_to(absl::FormatCivilTime(assessment.valid_to));
  out.set_scope(static_cast<v1::RecognitionScope>(assessment.scope));
  out.set_etag(stored.etag());
  return out;
}

v1::ItemPrice ToProto(const Stored<ItemPrice>& stored) {
  v1::ItemPrice out;
  out.set_organization_id(wire::TextOrEmpty(stored.term.organization));
  out.set_loinc(stored.term.loinc);
  out.set_effective_from(absl::FormatCivilTime(stored.term.effective_from));
  out.set_price_fen(stored.term.fen);
  out.set_etag(stored.etag());
  return out;
}

v1::RecognitionCandidate ToProto(const TrendPoint& result, const RecognitionJudgement& judgement) {
  v1::RecognitionCandidate out;
  *out.mutable_result() = ToProto(result);
  for (const Obstacle one : judgement.obstacles) {
    out.add_obstacles(static_cast<v1::RecognitionObstacle>(one));
  }
  out.set_scope(static_cast<v1::RecognitionScope>(judgement.scope));
  if (judgement.expires_at) wire::SetTime(out.mutable_expires_at(), *judgement.expires_at);
  return out;
}

v1::RecognitionDecision ToProto(const RecognitionDecision& decision) {
  const NewDecision& asked = decision.asked;
  v1::RecognitionDecision out;
  out.set_decision_id(decision.id.ToString());
  out.set_patient_id(asked.patient.ToString());
  out.set_organization_id(decision.organization.ToString());
  out.set_practitioner_id(wire::TextOrEmpty(asked.practitioner));
  out.set_loinc(asked.loinc);
  out.set_order_number(asked.order_number);
  out.set_report_id(asked.report.ToString());
  out.set_report_version(decision.report_version);
  out.set_outcome(static_cast<v1::RecognitionOutcome>(asked.outcome));
  out.set_reason(static_cast<v1::RepeatReason>(asked.reason));
  out.set_comment(asked.comment);
  wire::SetTime(out.mutable_decided_at(), decision.decided_at);
  out.set_saved_fen(decision.saved_fen);
  return out;
}

v1::RecognitionStatistic ToProto(const RecognitionStatistic& statistic) {
  v1::RecognitionStatistic out;
  out.set_month(absl::FormatCivilTime(absl::CivilDay(statistic.month)));
  out.set_loinc(statistic.loinc);
  out.set_recognized(statistic.recognized);
  for (const auto& [reason, count] : statistic.repeated) {
    v1::RepeatCount* repeated = out.add_repeated();
    repeated->set_reason(static_cast<v1::RepeatReason>(reason));
    repeated->set_count(count);
  }
  out.set_recognized_permille(statistic.recognized_permille());
  out.set_saved_fen(statistic.saved_fen);
  return out;
}

}  // namespace yilian::lab::convert
