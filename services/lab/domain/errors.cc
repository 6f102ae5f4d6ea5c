#include "services/lab/domain/errors.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace yilian::lab::errors {

using absl::StatusCode;

absl::Status NotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "NOT_FOUND")
      .Message("no such report or critical value, or none that your organization may see")
      .Chinese("没有该检验报告或危急值，或您的机构无权查看");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error(StatusCode::kInvalidArgument, kDomain, "FIELD_INVALID");
  error
      .Message(
          fmt::format("{} field(s) break a rule; each is named in BadRequest", violations.size()))
      .Chinese(fmt::format("{} 个字段不符合规则，详见 BadRequest", violations.size()));
  for (const auto& [field, rule] : violations) error.Field(field, rule);
  return error;
}

absl::Status PatientContradicts(ReportId report) {
  return status::Error(StatusCode::kFailedPrecondition, kDomain, "PATIENT_CONTRADICTS")
      .Message(
          "this order number belongs to a report about another patient; withdraw that report first")
      .Chinese("该检验单号已属于另一位患者的报告，请先撤回原报告")
      .Meta("report_id", report.ToString());
}

absl::Status ForeignOrganization() {
  return status::Error(StatusCode::kPermissionDenied, kDomain, "FOREIGN_ORGANIZATION")
      .Message("a laboratory sends its own reports only")
      .Chinese("只能提交本机构实验室的报告");
}

absl::Status CommandNotAvailable(CriticalCommand command, CriticalState state,
                                 const std::vector<CriticalCommand>& available) {
  std::string list;
  for (const CriticalCommand one : available) {
    if (!list.empty()) list += ',';
    list += Name(one);
  }
  return status::Error(StatusCode::kFailedPrecondition, kDomain, "COMMAND_NOT_AVAILABLE")
      .Message(fmt::format("{} is not possible in state {}; possible now: {}", Name(command),
                           Name(state), list.empty() ? "nothing" : list))
      .Chinese(fmt::format("当前状态 {} 不能执行 {}", Name(state), Name(command)))
      .Meta("command", Name(command))
      .Meta("state", Name(state))
      .Meta("available", list);
}

absl::Status NotYourSide(CriticalCommand command, CriticalParty party) {
  return status::Error(StatusCode::kPermissionDenied, kDomain, "NOT_YOUR_SIDE")
      .Message(fmt::format("{} belongs to the {}", Name(command), Name(party)))
      .Chinese(party == CriticalParty::kLaboratory ? "该操作由检验科执行" : "该操作由临床方执行")
      .Meta("command", Name(command))
      .Meta("side", Name(party));
}

absl::Status ReadBackDiffers() {
  return status::Error(StatusCode::kInvalidArgument, kDomain, "READ_BACK_DIFFERS")
      .Message("what was read back is not the value: read the critical value again, digit by digit")
      .Chinese("复述的数值与危急值不一致，请重新核对")
      .Field("value", "is the critical value's `value`: the same text, or the same number");
}

absl::Status MappingNotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "MAPPING_NOT_FOUND")
      .Message("there is no mapping of this term; ListMappings shows those that there are")
      .Chinese("没有该项目或单位的对照");
}

absl::Status IntervalNotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "INTERVAL_NOT_FOUND")
      .Message("there is no such reference interval; ListReferenceIntervals shows those there are")
      .Chinese("没有该参考区间");
}

absl::Status GrantNotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "GRANT_NOT_FOUND")
      .Message("no such grant, or none that your organization gave; ListSensitiveGrants shows them")
      .Chinese("没有该授权，或不是贵机构作出的授权");
}

absl::Status NotRecognizable(const std::vector<Obstacle>& obstacles) {
  std::string list;
  for (const Obstacle one : obstacles) {
    if (!list.empty()) list += ',';
    list += Name(one);
  }
  return status::Error(StatusCode::kFailedPrecondition, kDomain, "NOT_RECOGNIZABLE")
      .Message(fmt::format("the result may not be recognized ({}), so there is nothing to decide: "
                           "order the item",
                           list))
      .Chinese(fmt::format("该结果不符合互认条件（{}），可直接开单检验", list))
      .Meta("reasons", list);
}

absl::Status AlreadyDecided(DecisionId decision, RecognitionOutcome outcome) {
  return status::Error(StatusCode::kAlreadyExists, kDomain, "ALREADY_DECIDED")
      .Message(fmt::format("this item of this order was decided before: {}; another order has a "
                           "number of its own",
                           Name(outcome)))
      .Chinese("该医嘱的此项目已作出互认决定，另开医嘱请使用新的单号")
      .Meta("decision_id", decision.ToString())
      .Meta("decision", Name(outcome));
}

absl::Status NoticeNotFound() {
  return status::Error(StatusCode::kNotFound, kDomain, "NOTICE_NOT_FOUND")
      .Message("no such notice, or none that is yours; ListCorrectionNotices shows those that are")
      .Chinese("没有该更正通知，或该通知不属于您");
}

absl::Status EtagStale(std::string_view current) {
  return status::Error(StatusCode::kAborted, kDomain, "ETAG_STALE")
      .Message("the record changed since it was read; read it again")
      .Chinese("记录已被他人修改，请刷新后重试")
      .Meta("current_etag", current);
}

}  // namespace yilian::lab::errors
