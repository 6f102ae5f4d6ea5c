#include "services/referral/domain/errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"

namespace yilian::referral::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

std::string Join(const std::vector<Command>& commands) {
  std::string text;
  for (const Command command : commands) {
    if (!text.empty()) text += ',';
    text += Name(command);
  }
  return text;
}

}  // namespace

absl::Status NotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such referral, or none that your organization is a party of")
      .Chinese("没有该转诊单，或您的机构不是其中一方");
}

absl::Status CommandNotAvailable(Command command, State state,
                                 const std::vector<Command>& available) {
  const std::string list = Join(available);
  status::Error error = kError(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE");
  if (IsTerminal(state)) {
    error
        .Message(fmt::format("the referral is closed ({}): {} is not possible any more; possible "
                             "now: {}",
                             Name(state), Name(command), list.empty() ? "nothing" : list))
        .Chinese(fmt::format("转诊单已结束（{}），不能再执行 {}；现在可执行：{}", Name(state),
                             Name(command), list.empty() ? "无" : list))
        .Meta("closed", "true");
  } else {
    error
        .Message(fmt::format("{} is not possible in state {}; possible now: {}", Name(command),
                             Name(state), list.empty() ? "nothing" : list))
        .Chinese(fmt::format("当前状态 {} 不能执行 {}；现在可执行：{}", Name(state), Name(command),
                             list.empty() ? "无" : list));
  }
  return error.Meta("command", Name(command)).Meta("state", Name(state)).Meta("available", list);
}

absl::Status TooEarly(absl::Time starts_at) {
  const std::string when = absl::FormatTime(absl::RFC3339_sec, starts_at, absl::UTCTimeZone());
  return kError(StatusCode::kFailedPrecondition, "TOO_EARLY")
      .Message(fmt::format("the booked time has not come yet: {}", when))
      .Chinese(fmt::format("预约时间未到：{}", when))
      .Meta("starts_at", when);
}

absl::Status Duplicate(ReferralId first) {
  return kError(StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL")
      .Message(fmt::format("the patient has an open referral to this department for this "
                           "complaint: {}; to withdraw it in favour of this one name it in "
                           "`replaces_referral_id`",
                           first.ToString()))
      .Chinese(fmt::format("该患者已有同一科室、同一主诉的未结转诊单 {}；如需替换，请填写 "
                           "replaces_referral_id",
                           first.ToString()))
      .Meta("first_referral_id", first.ToString());
}

absl::Status DuplicateElsewhere() {
  return kError(StatusCode::kFailedPrecondition, "DUPLICATE_REFERRAL")
      .Message(
          "another organization has referred the patient to this department for this "
          "complaint, and that referral is open; the department knows it: ask there, or wait "
          "until it is closed")
      .Chinese(
          "其他机构已将该患者以同一主诉转诊至该科室，且尚未办结；请联系该科室，或待其办结后再提交");
}

absl::Status SourceUnfit(std::string_view field, std::string_view rule) {
  return kError(StatusCode::kInvalidArgument, "SOURCE_UNFIT")
      .Message("the referral cannot be made from this source; BadRequest says why")
      .Chinese("不能由该来源生成转诊单，原因见 BadRequest")
      .Field(field, rule);
}

absl::Status NotYourSide(Command command, Side side) {
  return kError(StatusCode::kPermissionDenied, "NOT_YOUR_SIDE")
      .Message(fmt::format("{} belongs to the {} side", Name(command), Name(side)))
      .Chinese(side == Side::kReferring  ? "该操作由转出机构执行"
               : side == Side::kPrevious ? "该操作由首接机构执行"
                                         : "该操作由接收机构执行")
      .Meta("command", Name(command))
      .Meta("side", Name(side));
}

absl::Status NotForWhoIsJudged(Command command) {
  return kError(StatusCode::kPermissionDenied, "NOT_YOUR_SIDE")
      .Message(
          fmt::format("{}: on the receiving side its referral office asks the patient, not who "
                      "treated them; leave it to the office or to the referring side",
                      Name(command)))
      .Chinese("接收方由其转诊办询问患者，经治人员不能代为记录：请由转诊办或转出机构记录")
      .Meta("command", Name(command))
      .Meta("side", Name(Side::kReferring));
}

absl::Status EtagStale(std::string_view current_etag) {
  return kError(StatusCode::kAborted, "ETAG_STALE")
      .Message("the referral changed since you read it; read it again and decide anew")
      .Chinese("转诊单已被更新，请重新读取后再操作")
      .Meta("current_etag", current_etag);
}

absl::Status Incomplete(const Violations& missing) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "INCOMPLETE");
  error
      .Message(fmt::format("{} required item(s) are missing; each is named in PreconditionFailure",
                           missing.size()))
      .Chinese(fmt::format("缺少 {} 项必填内容，详见 PreconditionFailure", missing.size()));
  for (const auto& [subject, rule] : missing) error.Precondition("REQUIRED_ITEM", subject, rule);
  return error;
}

absl::Status CitationsUnchecked() {
  return kError(StatusCode::kUnavailable, "CITATIONS_UNCHECKED")
      .Message(
          "the laboratory service does not answer, so nobody can say whether the cited reports "
          "exist: submit again in a moment, or without them; the green channel and emergencies "
          "are not held up")
      .Chinese(
          "检验服务暂时无法应答，不能核实所引用的检验报告：请稍后重新提交，或先去掉引用；绿色通道和"
          "急诊转诊不受影响")
      .RetryAfter(absl::Seconds(5));
}

absl::Status ReceiverUnknown(std::string_view field) {
  return kError(StatusCode::kInvalidArgument, "RECEIVER_UNKNOWN")
      .Message("the receiver is no organization or department of this region")
      .Chinese("接收机构或科室不在本区域内")
      .Field(field, "names an organization of the region and one of its departments");
}

absl::Status FieldInvalid(const Violations& violations) {
  status::Error error = kError(StatusCode::kInvalidArgument, "FIELD_INVALID");
  error
      .Message(
          fmt::format("{} field(s) break a rule; each is named in BadRequest", violations.size()))
      .Chinese(fmt::format("{} 个字段不符合规则，详见 BadRequest", violations.size()));
  for (const auto& [field, rule] : violations) error.Field(field, rule);
  return error;
}

absl::Status PatientUnavailable() {
  return kError(StatusCode::kFailedPrecondition, "PATIENT_UNAVAILABLE")
      .Message(
          "your organization has no care relationship with this patient, or the record was merged: "
          "register or "
          "find the patient first")
      .Chinese("本机构与该患者没有诊疗关系，或档案已合并：请先登记或检索患者");
}

absl::Status TaskNotFound() {
  return kError(StatusCode::kNotFound, "TASK_NOT_FOUND")
      .Message("this referral has no such follow-up task")
      .Chinese("该转诊单没有此随访任务");
}

absl::Status TaskClosed(std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "TASK_CLOSED")
      .Message("the follow-up task is closed already")
      .Chinese("该随访任务已完成")
      .Meta("state", state);
}

}  // namespace yilian::referral::errors
