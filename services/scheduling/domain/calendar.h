// Calendars of experts and sites, and the links under which they are served without a sign-in.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/session.h"
#include "services/scheduling/domain/span.h"
#include "services/scheduling/domain/types.h"

namespace yilian::scheduling {

// Who asks for a calendar or keeps links.
struct CalendarReader {
  OrganizationId organization;
  UserId user;
  PractitionerId practitioner;  // nil: the account belongs to none
  bool scheduler = false;
};

// Whose sessions, and which of them. Either `practitioner` or `site`.
struct CalendarView {
  PractitionerId practitioner;
  OrganizationId site;
  // Only sessions that it offers or that take place there; nil: all.
  OrganizationId seen_by;
  bool operator==(const CalendarView&) const = default;
};

// What `by` may see: the own sessions wherever they are, of another expert those that the own
// organization has to do with, of a site those of the own organization. FIELD_INVALID unless
// exactly one is given; FOREIGN_ORGANIZATION for another's site.
absl::StatusOr<CalendarView> ViewFor(const CalendarReader& by, PractitionerId practitioner,
                                     OrganizationId site);

// A session of a calendar, with what people call its parts ("" where the directory has not told).
struct CalendarEntry {
  SessionId session;
  int64_t version = 1;
  Span time;
  SessionKind kind = SessionKind::kOutpatient;
  Resource resource;
  bool cancelled = false;
  absl::Time changed_at;  // made, or cancelled
  std::string department;
  std::string expert;
  std::string site;
};

struct CalendarContent {
  std::string name;  // of the expert or the site; "" where it is not known
  bool of_site = false;
  std::vector<CalendarEntry> entries;  // by start
};

// What a calendar may hold: a large hospital's weeks, within what one answer can carry.
inline constexpr int kCalendarEntries = 5000;
inline constexpr absl::Duration kLongestCalendar = absl::Hours(24 * 366);

// Of a feed, and where a request names none: from 30 days ago to `horizon_days` ahead. By whole
// days (UTC), so that a calendar stays the same until a session or the day changes.
Span DefaultCalendarPeriod(absl::Time now, int horizon_days);
absl::Status CheckCalendarPeriod(const Span& time);

struct CalendarRules {
  std::string region;  // behind the at sign of every UID
  int horizon_days = 28;
  absl::Duration link_life = absl::Hours(24 * 366);
  int links_each = 20;  // live ones that one person made
};

struct CalendarLink {
  CalendarLinkId id;
  OrganizationId organization;
  UserId user;
  CalendarView view;
  absl::Time created_at;
  absl::Time expires_at;
  std::optional<absl::Time> revoked_at;
  int64_t version = 1;

  bool LiveAt(absl::Time now) const { return !revoked_at && now < expires_at; }
  // An expert's own: shows the sessions at every organization.
  bool own() const { return !view.practitioner.is_nil() && view.seen_by.is_nil(); }
  // Whether `by` may know of it: who made it, or a scheduler of its organization.
  bool IsKeptBy(const CalendarReader& by) const;
};

// FOREIGN_ORGANIZATION for a calendar of which `by` may make no link: without being a scheduler one
// makes them for oneself.
absl::StatusOr<CalendarLink> MakeCalendarLink(const CalendarReader& by, const CalendarView& view,
                                              const CalendarRules& rules, absl::Time now);
// One that is revoked stays as it is.
CalendarLink RevokeCalendarLink(const CalendarLink& link, absl::Time now);

}  // namespace yilian::scheduling
