#include "services/consultation/store/centre_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace yilian::consultation::rows {
namespace {

std::string JoinKinds(const std::vector<Kind>& kinds) {
  std::vector<int> numbers;
  for (const Kind kind : kinds) numbers.push_back(static_cast<int>(kind));
  return fmt::format("{}", fmt::join(numbers, " "));
}

std::vector<Kind> SplitKinds(const std::string& text) {
  std::vector<Kind> kinds;
  for (const auto& part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    int kind = 0;
    if (absl::SimpleAtoi(part, &kind)) kinds.push_back(static_cast<Kind>(kind));
  }
  return kinds;
}

std::string JoinHours(const std::vector<DutyHours>& hours) {
  std::vector<std::string> parts;
  for (const DutyHours& one : hours) {
    parts.push_back(
        fmt::format("{}:{}-{}", static_cast<int>(one.weekday), one.start_minute, one.end_minute));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::vector<DutyHours> SplitHours(const std::string& text) {
  std::vector<DutyHours> hours;
  for (const auto& part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> numbers = absl::StrSplit(part, absl::ByAnyChar(":-"));
    int weekday = 0;
    DutyHours one;
    if (numbers.size() == 3 && absl::SimpleAtoi(numbers[0], &weekday) &&
        absl::SimpleAtoi(numbers[1], &one.start_minute) &&
        absl::SimpleAtoi(numbers[2], &one.end_minute)) {
      one.weekday = static_cast<absl::Weekday>(weekday);
      hours.push_back(one);
    }
  }
  return hours;
}

}  // namespace

absl::StatusOr<ReadingCentre> CentreFromRow(const mysql::Row& row) {
  ReadingCentre centre;
  int at = 0;
  centre.id = row.Id<CentreId>(at++);
  centre.organization = row.Id<OrganizationId>(at++);
  centre.plan.name = row.Text(at++);
  centre.plan.kinds = SplitKinds(row.Text(at++));
  centre.plan.zone_name = row.Text(at++);
  if (!absl::LoadTimeZone(centre.plan.zone_name, &centre.zone)) {
    return absl::InternalError("this machine lacks the time zone of a reading centre");
  }
  centre.plan.duty_hours = SplitHours(row.Text(at++));
  centre.plan.receipt = absl::Minutes(row.Int(at++));
  centre.plan.opinion = absl::Minutes(row.Int(at++));
  centre.plan.parking = absl::Minutes(row.Int(at++));
  centre.plan.assignment = static_cast<Assignment>(row.Int(at++));
  centre.plan.most_in_hand = static_cast<int>(row.Int(at++));
  centre.plan.second_reading_percent = static_cast<int>(row.Int(at++));
  centre.plan.first_reader_signs = row.Bool(at++);
  centre.version = row.Int(at++);
  return centre;
}

mysql::Values CentreValues(const ReadingCentre& centre, absl::Time at) {
  const CentrePlan& plan = centre.plan;
  return {plan.name,
          JoinKinds(plan.kinds),
          plan.zone_name,
          JoinHours(plan.duty_hours),
          absl::ToInt64Minutes(plan.receipt),
          absl::ToInt64Minutes(plan.opinion),
          absl::ToInt64Minutes(plan.parking),
          static_cast<int>(plan.assignment),
          plan.most_in_hand,
          plan.second_reading_percent,
          plan.first_reader_signs,
          centre.version,
          at};
}

ReadingMember MemberFromRow(const mysql::Row& row) {
  ReadingMember member;
  int at = 0;
  member.centre = row.Id<CentreId>(at++);
  member.practitioner = row.Id<PractitionerId>(at++);
  member.rights.kinds = SplitKinds(row.Text(at++));
  member.rights.specialties = absl::StrSplit(row.Text(at++), ' ', absl::SkipEmpty());
  member.rights.may_sign = row.Bool(at++);
  member.rights.shifts = SplitHours(row.Text(at++));
  member.rights.always_second_reading = row.Bool(at++);
  member.duty = static_cast<Duty>(row.Int(at++));
  member.duty_since = row.OptionalTime(at++);
  member.duty_until = row.OptionalTime(at++);
  member.version = row.Int(at++);
  return member;
}

mysql::Values MemberValues(const ReadingMember& member, absl::Time at) {
  const ReadingRights& rights = member.rights;
  return {JoinKinds(rights.kinds),
          fmt::format("{}", fmt::join(rights.specialties, " ")),
          rights.may_sign,
          JoinHours(rights.shifts),
          rights.always_second_reading,
          static_cast<int>(member.duty),
          member.duty_since,
          member.duty_until,
          member.version,
          at};
}

}  // namespace yilian::consultation::rows
