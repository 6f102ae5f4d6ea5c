// Templates, sites and clocks for tests: Monday 21 September 2026 is today, National Day three days
// from Thursday, 1 October.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "services/scheduling/domain/session_template.h"

namespace yilian::scheduling {

inline const absl::CivilDay kMonday(2026, 9, 21);
inline const OrganizationId kHospital(base::Uuid::V5(base::Uuid(), "hospital"));
inline const PractitionerId kExpert(base::Uuid::V5(base::Uuid(), "expert"));

inline absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) std::abort();
  return zone;
}

inline WallHours Hours(const std::string& start, const std::string& end) {
  return {TimeOfDay::Parse(start), TimeOfDay::Parse(end)};
}

inline PlanGround Ground(const std::string& zone = "Asia/Shanghai") {
  return {.site = {.id = kHospital, .zone_name = zone, .zone = Zone(zone)},
          .holidays = calendar::Calendar(calendar::ChinaStandardTime(),
                                         {absl::CivilDay(2026, 10, 1), absl::CivilDay(2026, 10, 2),
                                          absl::CivilDay(2026, 10, 3)},
                                         {}),
          .absences = {}};
}

inline Weekdays On(std::initializer_list<absl::Weekday> days) {
  Weekdays weekdays;
  for (const absl::Weekday day : days) weekdays.Add(day);
  return weekdays;
}

// Mondays and Thursdays, 08:00 to 12:00, from 21 September on.
inline SessionTemplate Clinic() {
  SessionTemplate made;
  made.id = TemplateId(base::Uuid::V5(base::Uuid(), "template"));
  made.organization = kHospital;
  made.plan.department = DepartmentId(base::Uuid::V5(base::Uuid(), "cardiology"));
  made.plan.specialty = "CARDIOLOGY";
  made.plan.practitioner = kExpert;
  made.plan.site = kHospital;
  made.plan.weekdays = On({absl::Weekday::monday, absl::Weekday::thursday});
  made.plan.hours = Hours("08:00", "12:00");
  made.plan.seats = 10;
  made.plan.effective_from = kMonday;
  return made;
}

// The first field that BadRequest names, and its rule.
inline std::string BadField(const absl::Status& status) {
  const auto bad = status::BadRequestOf(status);
  return bad && bad->field_violations_size() > 0 ? bad->field_violations(0).field() : "";
}
inline std::string BadRule(const absl::Status& status) {
  const auto bad = status::BadRequestOf(status);
  return bad && bad->field_violations_size() > 0 ? bad->field_violations(0).description() : "";
}
inline std::string MetaOf(const absl::Status& status, const std::string& key) {
  const auto info = status::InfoOf(status);
  return info && info->metadata().contains(key) ? info->metadata().at(key) : "";
}

}  // namespace yilian::scheduling
