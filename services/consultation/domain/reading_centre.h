// A reading centre, its members and their duty. Pure: no clock, no store, no wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/consultation/domain/duty_hours.h"
#include "services/consultation/domain/types.h"

namespace yilian::consultation {

// Numbers are those of the proto's enums.
enum class Assignment { kClaim = 1, kBalanced };
enum class Duty { kOff = 1, kOn, kPaused };
enum class DutyAction { kStart = 1, kPause, kEnd };

std::string_view Name(Duty duty);

// What somebody wants a centre to be. Defaults as domain.md, "Consultation", has the clocks:
// received in 3 min, opinion in 10 min for emergencies and in duty hours.
struct CentrePlan {
  std::string name;
  std::vector<Kind> kinds;  // ascending
  std::string zone_name;    // IANA
  std::vector<DutyHours> duty_hours;
  absl::Duration receipt = absl::Minutes(3);
  absl::Duration opinion = absl::Minutes(10);
  absl::Duration parking = absl::Minutes(30);
  Assignment assignment = Assignment::kClaim;
  int most_in_hand = 2;
  int second_reading_percent = 0;
  bool first_reader_signs = false;  // after a second reading; else the second reader does
  bool operator==(const CentrePlan&) const = default;
};

// By when a study is owed.
struct ReadingClock {
  absl::Time receipt_due;
  absl::Time opinion_due;
};

struct ReadingCentre {
  CentreId id;
  OrganizationId organization;
  CentrePlan plan;
  absl::TimeZone zone;  // of plan.zone_name
  int64_t version = 0;  // 0: there is none

  std::string etag() const;
  bool Reads(Kind kind) const;
  // By the id, which nobody chooses: the same answer whoever asks, and evenly spread.
  bool DrawsSecondReading(ConsultationId study) const;
  // An emergency's clock runs always, any other's in duty hours.
  ReadingClock ClockOf(Urgency urgency, absl::Time at) const;
};

// The centre after it; `before` is empty but for its ids where it is new. FIELD_INVALID names every
// field that breaks a rule.
absl::StatusOr<ReadingCentre> DefineReadingCentre(const ReadingCentre& before, CentrePlan plan);

struct ReadingRights {
  std::vector<Kind> kinds;  // ascending
  std::vector<std::string> specialties;
  bool may_sign = false;
  std::vector<DutyHours> shifts;
  bool always_second_reading = false;
  bool operator==(const ReadingRights&) const = default;
};

struct MemberChange;

struct ReadingMember {
  CentreId centre;
  PractitionerId practitioner;
  ReadingRights rights;
  Duty duty = Duty::kOff;
  std::optional<absl::Time> duty_since;
  std::optional<absl::Time> duty_until;
  int64_t version = 0;

  // Who was taken out keeps the row, without kinds, so that versions go on.
  bool IsMember() const { return !rights.kinds.empty(); }
  std::string etag() const;  // "": no member
  bool Reads(Kind kind) const;
  // Duty as it stands at a time: one that ran out is off.
  Duty DutyAt(absl::Time at) const;
  void EndDuty();
  bool IsOnDuty(absl::Time at) const { return DutyAt(at) == Duty::kOn; }

  absl::StatusOr<MemberChange> Set(const ReadingCentre& of, ReadingRights wanted) const;
  absl::StatusOr<MemberChange> SetDuty(const ReadingCentre& of, DutyAction action,
                                       absl::Time at) const;
  absl::StatusOr<MemberChange> Remove() const;
};

struct MemberChange {
  ReadingMember after;
  std::string event;        // "ReaderDutyStarted"
  bool hands_back = false;  // what the reader has in hand goes back to the worklist
};

// Who could take a study that the centre gives out.
struct Candidate {
  ReadingMember member;
  int in_hand = 0;        // studies with a live claim that do not wait for an emergency
  int emergencies = 0;    // of them
  absl::Time last_given;  // when they last got one; far past: never
};

// Of the readers on duty who read the kind, the sub-specialists come first, then those for all
// specialties, then the rest; of equals whoever has the fewest studies in hand, then whoever waits
// longest. Nobody gets more than `most_in_hand`, but for an emergency: that goes to who has the
// fewest emergencies, and what else they have in hand is parked. nullopt: nobody.
std::optional<PractitionerId> ChooseReader(const std::vector<Candidate>& candidates, Kind kind,
                                           Urgency urgency, std::string_view specialty,
                                           int most_in_hand, absl::Time at);

}  // namespace yilian::consultation
