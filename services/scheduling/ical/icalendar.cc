#include "services/scheduling/ical/icalendar.h"

#include <fmt/format.h>
#include <libical/ical.h>

#include <memory>

namespace yilian::scheduling {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
struct FreeText {
  void operator()(char* text) const { icalmemory_free_buffer(text); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

// How often a phone should look, in seconds: a session may be cancelled on its day.
constexpr int kRefreshSeconds = 60 * 60;

std::string_view ChineseName(SessionKind kind) {
  switch (kind) {
    case SessionKind::kOutpatient:
      return "门诊";
    case SessionKind::kOutreach:
      return "下沉坐诊";
    case SessionKind::kRemote:
      return "远程会诊";
    case SessionKind::kDevice:
      return "检查";
    case SessionKind::kBed:
      return "床位";
  }
  return "门诊";
}

// RFC 5545, 3.3.11: of the control characters a TEXT has the line feed and the tab.
std::string Clean(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) c = ' ';
  }
  return clean;
}

// The parts that are known, a blank between them.
std::string Words(std::initializer_list<std::string_view> parts) {
  std::string words;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!words.empty()) words += ' ';
    words += part;
  }
  return words;
}

icaltimetype Utc(absl::Time time) {
  static icaltimezone* const utc = icaltimezone_get_utc_timezone();
  return icaltime_from_timet_with_zone(static_cast<time_t>(absl::ToUnixSeconds(time)), 0, utc);
}

void Add(const Component& component, icalproperty* property) {
  icalcomponent_add_property(component.get(), property);
}

void AddNamed(const Component& component, const char* name, const std::string& text) {
  icalproperty* const property = icalproperty_new_x(text.c_str());
  icalproperty_set_x_name(property, name);
  Add(component, property);
}

// libical escapes no comma and semicolon in an X- property, unless it says VALUE=TEXT, which phones
// do not read.
std::string WithWideMarks(std::string_view text) {
  std::string wide;
  for (const char c : text) {
    if (c == ',') {
      wide += "，";
    } else if (c == ';') {
      wide += "；";
    } else {
      wide += c;
    }
  }
  return wide;
}

icalcomponent* EventOf(const CalendarEntry& entry, bool of_site, std::string_view region) {
  Component event(icalcomponent_new(ICAL_VEVENT_COMPONENT));
  Add(event, icalproperty_new_uid(fmt::format("{}@{}", entry.session.ToString(), region).c_str()));
  Add(event, icalproperty_new_sequence(static_cast<int>(entry.version - 1)));
  // Without a METHOD, DTSTAMP is when the event was last changed (3.8.7.2).
  Add(event, icalproperty_new_dtstamp(Utc(entry.changed_at)));
  Add(event, icalproperty_new_lastmodified(Utc(entry.changed_at)));
  Add(event, icalproperty_new_dtstart(Utc(entry.time.start)));
  Add(event, icalproperty_new_dtend(Utc(entry.time.end)));
  // Whose it is goes without saying in the expert's own calendar.
  const std::string summary =
      Words({entry.cancelled ? "【停诊】" : "", entry.department, ChineseName(entry.kind),
             of_site ? std::string_view(entry.expert) : std::string_view()});
  Add(event, icalproperty_new_summary(Clean(summary).c_str()));
  const std::string place = Words({entry.site, entry.resource.code});
  if (!place.empty()) Add(event, icalproperty_new_location(Clean(place).c_str()));
  Add(event,
      icalproperty_new_status(entry.cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
  return event.release();
}

}  // namespace

std::string ICalendarOf(const CalendarContent& content, std::string_view region) {
  Component calendar(icalcomponent_new(ICAL_VCALENDAR_COMPONENT));
  Add(calendar, icalproperty_new_version("2.0"));
  Add(calendar, icalproperty_new_prodid("-//Yilian//scheduling//ZH"));
  Add(calendar, icalproperty_new_calscale("GREGORIAN"));
  const std::string title = Clean(Words({content.name, content.of_site ? "出诊安排" : "出诊日历"}));
  Add(calendar, icalproperty_new_name(title.c_str()));
  AddNamed(calendar, "X-WR-CALNAME", WithWideMarks(title));
  icalproperty* const refresh =
      icalproperty_new_refreshinterval(icaldurationtype_from_int(kRefreshSeconds));
  icalproperty_add_parameter(refresh, icalparameter_new_value(ICAL_VALUE_DURATION));
  Add(calendar, refresh);
  AddNamed(calendar, "X-PUBLISHED-TTL",
           icaldurationtype_as_ical_string(icaldurationtype_from_int(kRefreshSeconds)));
  for (const CalendarEntry& entry : content.entries) {
    icalcomponent_add_component(calendar.get(), EventOf(entry, content.of_site, region));
  }
  const std::unique_ptr<char, FreeText> text(icalcomponent_as_ical_string_r(calendar.get()));
  return text == nullptr ? std::string() : std::string(text.get());
}

}  // namespace yilian::scheduling
