#include "services/consultation/rpc/centre_convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/wire/timestamp.h"

namespace yilian::consultation::convert {
namespace {

// `HH:MM`; the frame checked the form.
int MinuteOf(const std::string& text) {
  if (text.size() != 5) return 0;
  const auto digit = [&](size_t i) { return text[i] - '0'; };
  return (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
}

std::string TextOf(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

template <typename Repeated>
std::vector<DutyHours> ToHours(const Repeated& wanted) {
  std::vector<DutyHours> hours;
  for (const v1::DutyHours& one : wanted) {
    // absl::Weekday counts from Monday as 0, the proto as 1.
    hours.push_back({.weekday = static_cast<absl::Weekday>(one.weekday() - 1),
                     .start_minute = MinuteOf(one.hours().start()),
                     .end_minute = MinuteOf(one.hours().end())});
  }
  return hours;
}

void SetHours(const DutyHours& hours, v1::DutyHours* out) {
  out->set_weekday(static_cast<scheduling::v1::Weekday>(static_cast<int>(hours.weekday) + 1));
  out->mutable_hours()->set_start(TextOf(hours.start_minute));
  out->mutable_hours()->set_end(TextOf(hours.end_minute));
}

template <typename Repeated>
std::vector<Kind> ToKinds(const Repeated& wanted) {
  std::vector<Kind> kinds;
  for (const int kind : wanted) kinds.push_back(static_cast<Kind>(kind));
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

absl::Duration MinutesOr(int minutes, absl::Duration otherwise) {
  return minutes > 0 ? absl::Minutes(minutes) : otherwise;
}

int32_t WholeMinutes(absl::Duration duration) {
  return static_cast<int32_t>(absl::ToInt64Minutes(duration));
}

}  // namespace

v1::ReadingCentre ToProto(const ReadingCentre& centre) {
  v1::ReadingCentre out;
  out.set_centre_id(centre.id.ToString());
  out.set_organization_id(centre.organization.ToString());
  out.set_etag(centre.etag());
  v1::ReadingCentrePlan& plan = *out.mutable_plan();
  plan.set_name(centre.plan.name);
  for (const Kind kind : centre.plan.kinds) plan.add_kinds(static_cast<v1::Kind>(kind));
  plan.set_time_zone(centre.plan.zone_name);
  for (const DutyHours& hours : centre.plan.duty_hours) SetHours(hours, plan.add_duty_hours());
  plan.set_receipt_minutes(WholeMinutes(centre.plan.receipt));
  plan.set_opinion_minutes(WholeMinutes(centre.plan.opinion));
  plan.set_parking_minutes(WholeMinutes(centre.plan.parking));
  plan.set_assignment(static_cast<v1::Assignment>(centre.plan.assignment));
  plan.set_most_in_hand(centre.plan.most_in_hand);
  plan.set_second_reading_percent(centre.plan.second_reading_percent);
  plan.set_first_reader_signs(centre.plan.first_reader_signs);
  return out;
}

v1::ReadingMember ToProto(const ReadingMember& member) {
  v1::ReadingMember out;
  out.set_centre_id(member.centre.ToString());
  out.set_practitioner_id(member.practitioner.ToString());
  v1::ReadingRights& rights = *out.mutable_rights();
  for (const Kind kind : member.rights.kinds) rights.add_kinds(static_cast<v1::Kind>(kind));
  for (const std::string& one : member.rights.specialties) rights.add_specialties(one);
  rights.set_may_sign(member.rights.may_sign);
  for (const DutyHours& hours : member.rights.shifts) SetHours(hours, rights.add_shifts());
  rights.set_always_second_reading(member.rights.always_second_reading);
  out.set_duty(static_cast<v1::Duty>(member.duty));
  if (member.duty_since) wire::SetTime(out.mutable_duty_since(), *member.duty_since);
  if (member.duty_until) wire::SetTime(out.mutable_duty_until(), *member.duty_until);
  out.set_etag(member.etag());
  return out;
}

v1::CountReadingWorklistResponse ToProto(const ReadingCounts& counts) {
  v1::CountReadingWorklistResponse out;
  for (size_t rank = 0; rank < counts.of_rank.size(); ++rank) {
    const UrgencyCount& of = counts.of_rank[rank];
    auto* count = out.add_counts();
    count->set_urgency(
        static_cast<v1::Urgency>(static_cast<int>(Urgency::kEmergency) - static_cast<int>(rank)));
    count->set_waiting(of.waiting);
    count->set_in_work(of.in_work);
    if (of.next_due) wire::SetTime(count->mutable_next_due_at(), *of.next_due);
  }
  out.set_readers_on_duty(counts.readers_on_duty);
  return out;
}

CentrePlan ToDomain(const v1::ReadingCentrePlan& wanted) {
  const CentrePlan defaults;
  CentrePlan plan;
  plan.name = wanted.name();
  plan.kinds = ToKinds(wanted.kinds());
  plan.zone_name = wanted.time_zone();
  plan.duty_hours = ToHours(wanted.duty_hours());
  plan.receipt = MinutesOr(wanted.receipt_minutes(), defaults.receipt);
  plan.opinion = MinutesOr(wanted.opinion_minutes(), defaults.opinion);
  plan.parking = MinutesOr(wanted.parking_minutes(), defaults.parking);
  plan.assignment = static_cast<Assignment>(wanted.assignment());
  if (wanted.most_in_hand() > 0) plan.most_in_hand = wanted.most_in_hand();
  plan.second_reading_percent = wanted.second_reading_percent();
  plan.first_reader_signs = wanted.first_reader_signs();
  return plan;
}

ReadingRights ToDomain(const v1::ReadingRights& wanted) {
  return {.kinds = ToKinds(wanted.kinds()),
          .specialties = {wanted.specialties().begin(), wanted.specialties().end()},
          .may_sign = wanted.may_sign(),
          .shifts = ToHours(wanted.shifts()),
          .always_second_reading = wanted.always_second_reading()};
}

CentreEncoding CentreEncodingOfTheWire() {
  return {.centre = [](const ReadingCentre& centre) { return ToProto(centre); },
          .member = [](const ReadingMember& member) { return ToProto(member); }};
}

}  // namespace yilian::consultation::convert
