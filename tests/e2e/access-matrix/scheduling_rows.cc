#include "tests/e2e/access-matrix/scheduling_rows.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace yilian::e2e {
namespace {

using test_support::RegionCaller;
using test_support::TextOf;

// One thread.
class Play {
 public:
  Play(People& people, const std::string& patient, Scene& scene)
      : people_(people), patient_(patient), scene_(scene) {}

  absl::Status Run() {
    RETURN_IF_ERROR(TemplateAndAbsence());
    RETURN_IF_ERROR(WaitList());
    RETURN_IF_ERROR(Rota());
    return CalendarLink();
  }

 private:
  absl::Status TemplateAndAbsence() {
    ASSIGN_OR_RETURN(const RegionCaller his, people_.System("taoxi"));
    const std::string organization = OrganizationId("taoxi");
    // Of an expert whom nobody else has: what other requests make runs into nothing.
    const std::string expert = base::Uuid::V7().ToString();
    const auto at = [](absl::Duration ahead, const char* format) {
      return absl::FormatTime(format, absl::Now() + ahead, absl::UTCTimeZone());
    };
    ASSIGN_OR_RETURN(
        const auto made,
        his.Call("CreateSessionTemplate",
                 fmt::format(R"({{"organization_id": "{}", "plan": {{"department_id": "{}",
                                  "specialty": "CARDIOLOGY", "practitioner_id": "{}",
                                  "kind": "SESSION_KIND_OUTPATIENT",
                                  "weekdays": ["WEEKDAY_MONDAY"], "seats": 2,
                                  "hours": {{"start": "08:00", "end": "12:00"}},
                                  "effective_from": "{}"}}}})",
                             organization, DepartmentId("first.cardiology"), expert,
                             at(absl::Hours(24), "%F"))));
    scene_.Add("session template", {{"template_id", TextOf(*made, "template_id")}}, "taoxi", "");
    ASSIGN_OR_RETURN(
        const auto absence,
        his.Call("RecordAbsence",
                 fmt::format(R"({{"organization_id": "{}", "practitioner_id": "{}",
                                  "time": {{"start": "{}", "end": "{}"}}}})",
                             organization, expert, at(absl::Hours(1), "%Y-%m-%dT%H:%M:%SZ"),
                             at(absl::Hours(48), "%Y-%m-%dT%H:%M:%SZ"))));
    scene_.Add("absence", {{"absence_id", TextOf(*absence, "absence_id")}}, "taoxi", "");
    return absl::OkStatus();
  }

  absl::Status Rota() {
    ASSIGN_OR_RETURN(const RegionCaller his, people_.System("taoxi"));
    const std::string organization = OrganizationId("taoxi");
    const auto asked = his.Call(
        "PlanRota",
        fmt::format(R"({{"organization_id": "{0}", "problem": {{
                         "first_day": "{1}", "weeks": 1, "seats": 2,
                         "hours": {{"start": "08:00", "end": "12:00"}},
                         "sites": [{{"site_id": "{0}", "travel_minutes": [20]}}],
                         "stations": [{{"station_id": "{0}", "rooms": 1}}],
                         "experts": [{{"practitioner_id": "{2}", "site_id": "{0}",
                                       "title": "EXPERT_TITLE_CHIEF",
                                       "specialties": ["CARDIOLOGY"]}}],
                         "needs": [{{"station_id": "{0}", "specialty": "CARDIOLOGY",
                                     "department_id": "{3}", "priority": 1, "days": [1],
                                     "least_title": "EXPERT_TITLE_RESIDENT"}}]}}}})",
                    organization,
                    absl::FormatTime("%F", absl::Now() + absl::Hours(240), absl::UTCTimeZone()),
                    base::Uuid::V7().ToString(), DepartmentId("first.cardiology")));
    RETURN_IF_ERROR(asked.status());
    scene_.Add("rota", {{"rota_id", TextOf(**asked, "rota_id")}}, "taoxi", "");
    return absl::OkStatus();
  }

  absl::Status WaitList() {
    ASSIGN_OR_RETURN(const RegionCaller his, people_.System("taoxi"));
    // Further ahead than sessions are made: nothing is offered to it.
    const auto day = [](int ahead) {
      return absl::FormatTime("%FT00:00:00Z", absl::Now() + absl::Hours(24) * ahead,
                              absl::UTCTimeZone());
    };
    ASSIGN_OR_RETURN(
        const auto entry,
        his.Call("JoinWaitList", fmt::format(R"({{"patient_id": "{}", "organization_id": "{}",
                                  "department_id": "{}",
                                  "time": {{"start": "{}", "end": "{}"}}}})",
                                             patient_, OrganizationId("taoxi"),
                                             DepartmentId("first.cardiology"), day(80), day(90))));
    scene_.Add("wait list entry", {{"entry_id", TextOf(*entry, "entry_id")}}, "taoxi", "first");
    return absl::OkStatus();
  }

  absl::Status CalendarLink() {
    ASSIGN_OR_RETURN(const RegionCaller scheduler,
                     people_.Person(policy::v1::ROLE_SCHEDULER, "taoxi"));
    ASSIGN_OR_RETURN(const auto link,
                     scheduler.Call("CreateCalendarLink", fmt::format(R"({{"site_id": "{}"}})",
                                                                      OrganizationId("taoxi"))));
    scene_.Add("calendar link", {{"link_id", TextOf(*link, "link_id")}}, "taoxi", "");
    return absl::OkStatus();
  }

  People& people_;
  const std::string patient_;
  Scene& scene_;
};

}  // namespace

absl::Status AddSchedulingRows(People& people, const std::string& patient, Scene& scene) {
  return Play(people, patient, scene).Run();
}

}  // namespace yilian::e2e
