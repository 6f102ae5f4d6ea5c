#include "services/consultation/domain/reading_centre.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/etag.h"
#include "common/base/name_table.h"
#include "services/consultation/domain/centre_errors.h"

namespace yilian::consultation {
namespace {

constexpr auto kDuties =
    base::Names<Duty>({{Duty::kOff, "OFF"}, {Duty::kOn, "ON"}, {Duty::kPaused, "PAUSED"}});

// Whoever comes a little early begins the shift.
constexpr absl::Duration kEarliest = absl::Hours(1);
// Nobody is on duty for longer without saying so again: a reader who forgot to end it would be
// given studies that nobody reads.
constexpr absl::Duration kLongestDuty = absl::Hours(12);

void CheckHours(std::string_view field, const std::vector<DutyHours>& hours,
                errors::Violations& violations) {
  for (const auto& [i, j] : Overlaps(hours)) {
    violations.emplace_back(fmt::format("{}[{}].hours", field, i),
                            fmt::format("overlap {}[{}]; allowed: hours that do not", field, j));
  }
}

bool Holds(const std::vector<Kind>& kinds, Kind kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// 0 their sub-specialty, 1 all specialties, 2 another one.
int DistanceTo(const ReadingMember& member, std::string_view specialty) {
  const auto& own = member.rights.specialties;
  if (own.empty()) return 1;
  return std::find(own.begin(), own.end(), specialty) != own.end() ? 0 : 2;
}

}  // namespace

std::string_view Name(Duty duty) { return kDuties.NameOf(duty); }

std::string ReadingCentre::etag() const { return version == 0 ? "" : base::EtagOf(version); }
bool ReadingCentre::Reads(Kind kind) const { return Holds(plan.kinds, kind); }

bool ReadingCentre::DrawsSecondReading(ConsultationId study) const {
  // The end of a version 7 id is random.
  const std::string bytes = study.uuid().ToBytes();
  const int lot =
      static_cast<unsigned char>(bytes[14]) << 8 | static_cast<unsigned char>(bytes[15]);
  return lot % 100 < plan.second_reading_percent;
}

ReadingClock ReadingCentre::ClockOf(Urgency urgency, absl::Time at) const {
  static const std::vector<DutyHours> always;
  const std::vector<DutyHours>& hours = urgency == Urgency::kEmergency ? always : plan.duty_hours;
  return {.receipt_due = AfterHours(hours, zone, at, plan.receipt),
          .opinion_due = AfterHours(hours, zone, at, plan.opinion)};
}

absl::StatusOr<ReadingCentre> DefineReadingCentre(const ReadingCentre& before, CentrePlan plan) {
  errors::Violations violations;
  ReadingCentre after = before;
  for (const Kind kind : plan.kinds) {
    if (!IsReading(kind)) {
      violations.emplace_back("plan.kinds",
                              "holds a kind that no centre reads; allowed: KIND_IMAGING_READING, "
                              "KIND_ECG_READING, KIND_PATHOLOGY");
      break;
    }
  }
  if (!absl::LoadTimeZone(plan.zone_name, &after.zone)) {
    violations.emplace_back("plan.time_zone", "is no IANA time zone; allowed: e.g. Asia/Shanghai");
  }
  CheckHours("plan.duty_hours", plan.duty_hours, violations);
  if (plan.opinion < plan.receipt) {
    violations.emplace_back("plan.opinion_minutes", "is less than plan.receipt_minutes");
  }
  if (!violations.empty()) return errors::FieldInvalid(violations);
  after.plan = std::move(plan);
  ++after.version;
  return after;
}

std::string ReadingMember::etag() const { return IsMember() ? base::EtagOf(version) : ""; }
bool ReadingMember::Reads(Kind kind) const { return Holds(rights.kinds, kind); }

Duty ReadingMember::DutyAt(absl::Time at) const {
  return duty_until && at < *duty_until ? duty : Duty::kOff;
}

void ReadingMember::EndDuty() {
  duty = Duty::kOff;
  duty_since.reset();
  duty_until.reset();
}

absl::StatusOr<MemberChange> ReadingMember::Set(const ReadingCentre& of,
                                                ReadingRights wanted) const {
  errors::Violations violations;
  for (const Kind kind : wanted.kinds) {
    if (!of.Reads(kind)) {
      violations.emplace_back("rights.kinds",
                              fmt::format("holds {}, which the centre does not read", Name(kind)));
    }
  }
  CheckHours("rights.shifts", wanted.shifts, violations);
  if (!violations.empty()) return errors::FieldInvalid(violations);
  MemberChange change{.after = *this, .event = "ReadingMemberSet"};
  change.after.rights = std::move(wanted);
  ++change.after.version;
  return change;
}

absl::StatusOr<MemberChange> ReadingMember::SetDuty(const ReadingCentre& of, DutyAction action,
                                                    absl::Time at) const {
  if (!IsMember()) return errors::MemberNotFound();
  const Duty now = DutyAt(at);
  MemberChange change{.after = *this};
  ++change.after.version;
  if (action == DutyAction::kStart) {
    auto end = EndOfHours(rights.shifts, of.zone, at);
    if (!end) end = EndOfHours(rights.shifts, of.zone, at + kEarliest);
    change.event = "ReaderDutyStarted";
    change.after.duty = Duty::kOn;
    if (now == Duty::kOff) change.after.duty_since = at;
    change.after.duty_until = std::min(end.value_or(at + kLongestDuty), at + kLongestDuty);
    return change;
  }
  if (now == Duty::kOff || (action == DutyAction::kPause && now == Duty::kPaused)) {
    return errors::DutyNotAvailable(now);
  }
  if (action == DutyAction::kPause) {
    change.event = "ReaderDutyPaused";
    change.after.duty = Duty::kPaused;
    return change;
  }
  change.event = "ReaderDutyEnded";
  change.after.EndDuty();
  change.hands_back = true;
  return change;
}

absl::StatusOr<MemberChange> ReadingMember::Remove() const {
  if (!IsMember()) return errors::MemberNotFound();
  MemberChange change{.after = *this, .event = "ReadingMemberRemoved", .hands_back = true};
  change.after.rights = {};
  change.after.EndDuty();
  ++change.after.version;
  return change;
}

std::optional<PractitionerId> ChooseReader(const std::vector<Candidate>& candidates, Kind kind,
                                           Urgency urgency, std::string_view specialty,
                                           int most_in_hand, absl::Time at) {
  const bool emergency = urgency == Urgency::kEmergency;
  const Candidate* best = nullptr;
  const auto rank = [&](const Candidate& one) {
    return std::tuple(emergency ? one.emergencies : 0, DistanceTo(one.member, specialty),
                      one.in_hand, one.last_given, one.member.practitioner);
  };
  for (const Candidate& one : candidates) {
    if (!one.member.IsOnDuty(at) || !one.member.Reads(kind)) continue;
    if (!emergency && one.in_hand >= most_in_hand) continue;
    if (best == nullptr || rank(one) < rank(*best)) best = &one;
  }
  if (best == nullptr) return std::nullopt;
  return best->member.practitioner;
}

}  // namespace yilian::consultation
