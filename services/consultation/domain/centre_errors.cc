#include "services/consultation/domain/centre_errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"

namespace yilian::consultation::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status CentreNotFound() {
  return kError(StatusCode::kNotFound, "CENTRE_NOT_FOUND")
      .Message("no such reading centre, or none of the organization that you name")
      .Chinese("没有该阅片中心，或不属于所填机构");
}

absl::Status CentreKindTaken(Kind kind, CentreId by) {
  return kError(StatusCode::kFailedPrecondition, "CENTRE_KIND_TAKEN")
      .Message(
          fmt::format("another centre of the organization reads {}: one centre a kind, so that "
                      "every study has one worklist",
                      Name(kind)))
      .Chinese("本机构已有其他中心负责该类阅片，一类只能由一个中心负责")
      .Meta("kind", Name(kind))
      .Meta("centre_id", by.ToString());
}

absl::Status MemberNotFound() {
  return kError(StatusCode::kNotFound, "MEMBER_NOT_FOUND")
      .Message("the practitioner is no member of this reading centre")
      .Chinese("该医师不是该阅片中心成员");
}

absl::Status DutyNotAvailable(Duty now) {
  return kError(StatusCode::kFailedPrecondition, "DUTY_NOT_AVAILABLE")
      .Message(fmt::format("not possible while your duty is {}; begin with DUTY_ACTION_START",
                           Name(now)))
      .Chinese("当前值班状态不能执行该操作，请先上岗")
      .Meta("duty", Name(now));
}

absl::Status OnDutyElsewhere(CentreId where) {
  return kError(StatusCode::kFailedPrecondition, "ON_DUTY_ELSEWHERE")
      .Message("you are on duty at another reading centre; end that first")
      .Chinese("您正在其他阅片中心值班，请先下岗")
      .Meta("centre_id", where.ToString());
}

absl::Status NotOnDuty(CentreId centre) {
  return kError(StatusCode::kFailedPrecondition, "NOT_ON_DUTY")
      .Message(
          "only readers on duty at the study's reading centre claim it; begin with SetReaderDuty")
      .Chinese("仅在岗阅片医生可领取，请先上岗")
      .Meta("centre_id", centre.ToString());
}

absl::Status NotAReader(CentreId centre, Kind kind) {
  return kError(StatusCode::kPermissionDenied, "NOT_A_READER")
      .Message(fmt::format("you do not read {} at this reading centre", Name(kind)))
      .Chinese("您不是该阅片中心此类检查的阅片医生")
      .Meta("centre_id", centre.ToString())
      .Meta("kind", Name(kind));
}

absl::Status MayNotSign(CentreId centre) {
  return kError(StatusCode::kPermissionDenied, "MAY_NOT_SIGN")
      .Message(
          "you draft at this reading centre and do not sign; release it, so that a member who "
          "signs can claim it with your draft")
      .Chinese("您在该阅片中心无签发权限，请释放后由有签发权限的医生领取签发")
      .Meta("centre_id", centre.ToString());
}

absl::Status SecondReadingRequired(PractitionerId first) {
  return kError(StatusCode::kFailedPrecondition, "SECOND_READING_REQUIRED")
      .Message(
          first.is_nil()
              ? "a second reader reads it before it is signed; hand it on with SubmitFirstReading"
              : "say what you find of the first reading, with RecordSecondReading, before you "
                "sign")
      .Chinese(first.is_nil() ? "签发前须经第二名医生复核，请先提交初读" : "请先记录复核结论再签发")
      .Meta("first_practitioner_id", first.is_nil() ? "" : first.ToString());
}

absl::Status SecondReaderDiffers() {
  return kError(StatusCode::kFailedPrecondition, "SECOND_READER_DIFFERS")
      .Message("you read it first; another reader reads it a second time")
      .Chinese("您是初读医生，复核须由另一名医生完成");
}

absl::Status NoSecondReading() {
  return kError(StatusCode::kFailedPrecondition, "NO_SECOND_READING")
      .Message(
          "no first reading waits for a second one here: a study of a reading centre has one, "
          "once")
      .Chinese("当前没有待复核的初读（仅限阅片中心，且仅一次）");
}

absl::Status OtherReaderSigns(PractitionerId signer) {
  return kError(StatusCode::kFailedPrecondition, "OTHER_READER_SIGNS")
      .Message("after this second reading another reader signs, until the clock escalates")
      .Chinese("复核后由另一名医生签发，超时后可由他人签发")
      .Meta("practitioner_id", signer.ToString());
}

absl::Status ForeignOrganization() {
  return kError(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION")
      .Message("the organization is not your own")
      .Chinese("不是本机构");
}

absl::Status CentreEtagStale(std::string_view current_etag) {
  return kError(StatusCode::kAborted, "ETAG_STALE")
      .Message("it changed since you read it; read it again and decide anew")
      .Chinese("内容已被更新，请重新读取后再操作")
      .Meta("current_etag", current_etag);
}

}  // namespace yilian::consultation::errors
