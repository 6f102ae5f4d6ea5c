#include "services/scheduling/domain/errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"

namespace yilian::scheduling::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

std::string Instant(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone());
}

status::Error NoSeatError(std::string_view where, int64_t reserved_elsewhere) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "NO_SEAT");
  error
      .Message(fmt::format("no free seat in this {} that your organization may take; {} more are "
                           "kept for others until they are released",
                           where, reserved_elsewhere))
      .Chinese(
          fmt::format("没有可预约的号源；另有 {} 个号为其他机构预留，到时释放", reserved_elsewhere))
      .Meta("reserved_elsewhere", std::to_string(reserved_elsewhere));
  return error;
}

status::Error NotAvailable(std::string_view command, std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "COMMAND_NOT_AVAILABLE")
      .Message(fmt::format("{} is not possible in state {}", command, state))
      .Chinese(fmt::format("当前状态 {} 不能执行 {}", state, command))
      .Meta("command", command)
      .Meta("state", state);
}

}  // namespace

absl::Status SessionNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such session")
      .Chinese("没有该门诊排班");
}

absl::Status BookingNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such booking, or none that your organization is a party of")
      .Chinese("没有该预约，或您的机构不是其中一方");
}

absl::Status PatientNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such patient, or none that your organization cares for")
      .Chinese("没有该患者，或您的机构与其没有诊疗关系");
}

absl::Status WaitListEntryNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such entry of a wait list, or none that your organization is a party of")
      .Chinese("没有该候补登记，或您的机构不是其中一方");
}

absl::Status CalendarLinkNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such calendar link, or it has ended")
      .Chinese("没有该日历链接，或链接已失效");
}

absl::Status DepartmentNotFound() {
  return kError(StatusCode::kNotFound, "NOT_FOUND")
      .Message("no such department, or none that offers sessions")
      .Chinese("没有该科室，或该科室没有门诊排班");
}

absl::Status NoSeat(SessionId session, int64_t reserved_elsewhere) {
  return NoSeatError("session", reserved_elsewhere).Meta("session_id", session.ToString());
}

absl::Status NoSeat(DepartmentId department, int64_t reserved_elsewhere) {
  return NoSeatError("department", reserved_elsewhere).Meta("department_id", department.ToString());
}

absl::Status HoldExpired(absl::Time expired_at) {
  return kError(StatusCode::kFailedPrecondition, "HOLD_EXPIRED")
      .Message("the hold has expired and the seat is free again; hold again")
      .Chinese("号源占用已过期，请重新占号")
      .Meta("expired_at", Instant(expired_at));
}

absl::Status PatientOverlap(BookingId blocking) {
  return kError(StatusCode::kFailedPrecondition, "PATIENT_OVERLAP")
      .Message("the patient has a booking at that time")
      .Chinese("该患者在同一时段已有预约")
      .Meta("blocking_booking_id", blocking.ToString());
}

absl::Status PatientLimit(int limit, std::string_view date, BookingId blocking) {
  return kError(StatusCode::kFailedPrecondition, "PATIENT_LIMIT")
      .Message(fmt::format("the patient has {} booking(s) of this department on {}, as many as are "
                           "allowed; take another day, or reschedule that one",
                           limit, date))
      .Chinese(fmt::format("该患者 {} 在本科室已有 {} 个预约，已达上限；请改日或改约", date, limit))
      .Meta("limit", std::to_string(limit))
      .Meta("date", date)
      .Meta("blocking_booking_id", blocking.ToString());
}

absl::Status NoShowLimit(int limit, absl::Duration period, absl::Time until) {
  const int64_t days = period / absl::Hours(24);
  return kError(StatusCode::kFailedPrecondition, "NO_SHOW_LIMIT")
      .Message(fmt::format("the patient did not come {} time(s) or more in {} days; a referral "
                           "coordinator or a scheduler has to book",
                           limit, days))
      .Chinese(fmt::format("该患者 {} 天内爽约达 {} 次，须由转诊办或号源管理员预约", days, limit))
      .Meta("limit", std::to_string(limit))
      .Meta("days", std::to_string(days))
      .Meta("until", Instant(until));
}

absl::Status ExpertOverlap(const TravelClash& clash) {
  const int64_t needed = absl::ToInt64Minutes(clash.needed);
  const int64_t available = absl::ToInt64Minutes(clash.available);
  status::Error error = kError(StatusCode::kFailedPrecondition, "EXPERT_OVERLAP");
  if (needed == 0) {
    error.Message("the expert has a session at that time").Chinese("该专家在同一时段已有排班");
  } else {
    error
        .Message(fmt::format("the expert has a session at another site: the way takes {} min, and "
                             "there are {}; allowed: a time that leaves as long, or correct the "
                             "travel time",
                             needed, available))
        .Chinese(fmt::format(
            "该专家在另一地点已有排班：路途需 {} 分钟，仅有 {} 分钟；请另选时间或更正路途时间",
            needed, available));
  }
  return error.Meta("blocking_session_id", clash.blocking.ToString())
      .Meta("needed_minutes", std::to_string(needed))
      .Meta("available_minutes", std::to_string(available));
}

absl::Status ReferralBooked(BookingId blocking) {
  return kError(StatusCode::kFailedPrecondition, "REFERRAL_BOOKED")
      .Message("the referral has a live booking already; cancel it first")
      .Chinese("该转诊单已有有效预约，请先取消")
      .Meta("blocking_booking_id", blocking.ToString());
}

absl::Status CommandNotAvailable(std::string_view command, BookingState state) {
  return NotAvailable(command, Name(state));
}

absl::Status CommandNotAvailable(std::string_view command, WaitListState state) {
  return NotAvailable(command, Name(state));
}

absl::Status AlreadyWaiting(WaitListEntryId blocking) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "ALREADY_WAITING");
  error
      .Message(
          "the patient is on the wait list of that department already; that entry has to leave "
          "it first")
      .Chinese("该患者已在该科室候补名单中，请先取消原候补登记");
  if (!blocking.is_nil()) error.Meta("blocking_entry_id", blocking.ToString());
  return error;
}

absl::Status BookedByReferral(ReferralId referral) {
  return kError(StatusCode::kFailedPrecondition, "BOOKED_BY_REFERRAL")
      .Message(
          "the booking belongs to a referral and follows it: withdraw, reschedule or receive "
          "the patient there")
      .Chinese("该预约由转诊单管理，请在转诊单上撤回、改期或接诊")
      .Meta("referral_id", referral.ToString());
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

absl::Status ForeignOrganization() {
  return kError(StatusCode::kPermissionDenied, "FOREIGN_ORGANIZATION")
      .Message("that is another organization's to do")
      .Chinese("该操作属于其他机构");
}

absl::Status CalendarLinkLimit(int limit) {
  return kError(StatusCode::kFailedPrecondition, "CALENDAR_LINK_LIMIT")
      .Message(fmt::format(
          "you have {} live calendar links, as many as are allowed; revoke one first", limit))
      .Chinese(fmt::format("您已有 {} 个有效的日历链接，已达上限；请先撤销一个", limit))
      .Meta("limit", std::to_string(limit));
}

absl::Status NotToday(SessionId session, absl::Time starts_at) {
  return kError(StatusCode::kFailedPrecondition, "NOT_TODAY")
      .Message("the session is not of today; hold a seat instead")
      .Chinese("该门诊不在今天，请改为预约")
      .Meta("session_id", session.ToString())
      .Meta("starts_at", Instant(starts_at));
}

absl::Status SessionClosed(SessionId session, absl::Time starts_at) {
  return kError(StatusCode::kFailedPrecondition, "SESSION_CLOSED")
      .Message("the session has started or was cancelled")
      .Chinese("该门诊已开始或已取消")
      .Meta("session_id", session.ToString())
      .Meta("starts_at", Instant(starts_at));
}

}  // namespace yilian::scheduling::errors
