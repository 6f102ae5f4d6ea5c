// Calendars are read again by libical, as a phone would.
#include "services/scheduling/ical/icalendar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libical/ical.h>

#include <functional>
#include <memory>

namespace yilian::scheduling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Parsed = std::unique_ptr<icalcomponent, std::function<void(icalcomponent*)>>;

Parsed Parse(const std::string& text) {
  return {icalparser_parse_string(text.c_str()), [](icalcomponent* one) {
            if (one != nullptr) icalcomponent_free(one);
          }};
}

icalcomponent* FirstEvent(const Parsed& calendar) {
  return icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
}

std::string Named(const Parsed& calendar, const std::string& name) {
  for (icalproperty* one = icalcomponent_get_first_property(calendar.get(), ICAL_ANY_PROPERTY);
       one != nullptr; one = icalcomponent_get_next_property(calendar.get(), ICAL_ANY_PROPERTY)) {
    if (name != icalproperty_get_property_name(one)) continue;
    return icalproperty_get_value_as_string(one);
  }
  return "";
}

// 1'790'000'000: 2026-09-21T14:13:20Z.
const absl::Time kChanged = absl::FromUnixSeconds(1'790'000'000);

CalendarEntry Entry() {
  return {.session = SessionId(base::Uuid::V5(base::Uuid(), "session")),
          .version = 3,
          .time = {kChanged + absl::Hours(24), kChanged + absl::Hours(28)},
          .resource = {ResourceKind::kRoom, "A-301"},
          .changed_at = kChanged,
          .department = "心内科",
          .expert = "陈大夫",
          .site = "桃溪镇卫生院"};
}

std::string TextOf(const CalendarEntry& entry, bool of_site = false) {
  return ICalendarOf({.name = "陈大夫", .of_site = of_site, .entries = {entry}}, "yilian.local");
}

TEST(ICalendar, AnEventSaysWhatWhenAndWhere) {
  const Parsed calendar = Parse(TextOf(Entry()));
  ASSERT_NE(calendar, nullptr);
  icalcomponent* const event = FirstEvent(calendar);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(icalcomponent_get_uid(event), Entry().session.ToString() + "@yilian.local");
  EXPECT_EQ(icalcomponent_get_sequence(event), 2);
  EXPECT_STREQ(icalcomponent_get_summary(event), "心内科 门诊");
  EXPECT_STREQ(icalcomponent_get_location(event), "桃溪镇卫生院 A-301");
  EXPECT_EQ(icalcomponent_get_status(event), ICAL_STATUS_CONFIRMED);
  EXPECT_STREQ(icaltime_as_ical_string(icalcomponent_get_dtstart(event)), "20260922T141320Z");
  EXPECT_STREQ(icaltime_as_ical_string(icalcomponent_get_dtend(event)), "20260922T181320Z");
  EXPECT_STREQ(icaltime_as_ical_string(icalcomponent_get_dtstamp(event)), "20260921T141320Z");
  EXPECT_EQ(Named(calendar, "X-WR-CALNAME"), "陈大夫 出诊日历");
  EXPECT_EQ(Named(calendar, "REFRESH-INTERVAL"), "PT1H");
  EXPECT_EQ(icalrestriction_check(calendar.get()), 1);
}

TEST(ICalendar, ASiteNamesItsExperts) {
  const Parsed calendar = Parse(TextOf(Entry(), true));
  EXPECT_STREQ(icalcomponent_get_summary(FirstEvent(calendar)), "心内科 门诊 陈大夫");
}

TEST(ICalendar, ACancelledSessionIsMarkedAsSuch) {
  CalendarEntry entry = Entry();
  entry.cancelled = true;
  const Parsed calendar = Parse(TextOf(entry));
  EXPECT_EQ(icalcomponent_get_status(FirstEvent(calendar)), ICAL_STATUS_CANCELLED);
  EXPECT_THAT(icalcomponent_get_summary(FirstEvent(calendar)), StartsWith("【停诊】"));
}

TEST(ICalendar, WhatSomebodyCallsADepartmentEndsNoLine) {
  CalendarEntry entry = Entry();
  entry.department = "内科, 心;血管\\科\nEND:VEVENT\r\nATTENDEE:mailto:x\x01@y";
  const std::string text = TextOf(entry);
  const Parsed calendar = Parse(text);
  ASSERT_NE(calendar, nullptr);
  EXPECT_EQ(icalcomponent_count_components(calendar.get(), ICAL_VEVENT_COMPONENT), 1);
  icalcomponent* const event = FirstEvent(calendar);
  EXPECT_STREQ(icalcomponent_get_summary(event),
               "内科, 心;血管\\科\nEND:VEVENT \nATTENDEE:mailto:x @y 门诊");
  EXPECT_EQ(icalcomponent_count_properties(event, ICAL_ATTENDEE_PROPERTY), 0);
  EXPECT_EQ(icalcomponent_count_errors(calendar.get()), 0);
}

TEST(ICalendar, TheNameOfACalendarIsEscapedToo) {
  const std::string text = ICalendarOf({.name = "一院,二部;\n三"}, "yilian.local");
  EXPECT_THAT(text, HasSubstr("NAME:一院\\,二部\\;\\n三"));
  EXPECT_THAT(text, HasSubstr("X-WR-CALNAME:一院，二部；\\n三"));
  EXPECT_NE(Parse(text), nullptr);
}

// Whether the bytes are whole UTF-8 characters.
bool IsWhole(std::string_view line) {
  for (size_t i = 0; i < line.size();) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const size_t length = byte < 0x80 ? 1 : byte >> 5 == 6 ? 2 : byte >> 4 == 14 ? 3 : 4;
    if (byte >> 6 == 2 || i + length > line.size()) return false;
    for (size_t j = 1; j < length; ++j) {
      if (static_cast<unsigned char>(line[i + j]) >> 6 != 2) return false;
    }
    i += length;
  }
  return true;
}

TEST(ICalendar, LinesAreFoldedBetweenCharacters) {
  // One octet more each time, so that the fold meets every place of a character.
  for (size_t shift = 0; shift < 8; ++shift) {
    CalendarEntry entry = Entry();
    entry.department = std::string(shift, 'a');
    for (int i = 0; i < 40; ++i) entry.department += "心é𠀀,";
    const std::string text = TextOf(entry);
    EXPECT_STREQ(icalcomponent_get_summary(FirstEvent(Parse(text))),
                 (entry.department + " 门诊").c_str());
    size_t start = 0;
    for (size_t end = text.find("\r\n"); end != std::string::npos;
         start = end + 2, end = text.find("\r\n", start)) {
      const std::string line = text.substr(start, end - start);
      EXPECT_LE(line.size(), 75u);
      EXPECT_TRUE(IsWhole(line)) << line;
    }
    EXPECT_THAT(text.substr(start), IsEmpty());
  }
}

TEST(ICalendar, TheSameContentHasTheSameBytes) {
  EXPECT_EQ(TextOf(Entry()), TextOf(Entry()));
  CalendarEntry later = Entry();
  ++later.version;
  EXPECT_NE(TextOf(Entry()), TextOf(later));
}

TEST(ICalendar, WhatTheDirectoryHasNotToldIsLeftOut) {
  CalendarEntry entry = Entry();
  entry.department = entry.expert = entry.site = "";
  entry.resource = {};
  const std::string text = ICalendarOf({.entries = {entry}}, "yilian.local");
  EXPECT_THAT(text, HasSubstr("SUMMARY:门诊\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("LOCATION")));
  EXPECT_THAT(text, HasSubstr("X-WR-CALNAME:出诊日历\r\n"));
}

}  // namespace
}  // namespace yilian::scheduling
