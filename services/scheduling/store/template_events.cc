#include "services/scheduling/store/template_events.h"

#include <string>
#include <vector>

#include "common/wire/timestamp.h"
#include "services/scheduling/store/events.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling::events {

outbox::NewEvent TemplateChanged(std::string_view type, const TemplateView& view,
                                 const TemplateEncoding& encoding, absl::Time now) {
  v1::SessionTemplateChanged payload;
  *payload.mutable_template_() = encoding.made(view);
  outbox::NewEvent event =
      outbox::NewEvent::Of("session_template", view.made.id.uuid(), view.made.version, payload, now,
                           Audience(view.made.organization, view.made.plan.site));
  event.type = std::string(type);
  return event;
}

outbox::NewEvent ConflictChanged(std::string_view type, const SessionTemplate& made,
                                 const TemplateConflict& conflict, const TemplateEncoding& encoding,
                                 absl::Time now) {
  v1::TemplateConflictChanged payload;
  *payload.mutable_conflict() = encoding.conflict(conflict);
  outbox::NewEvent event =
      outbox::NewEvent::Of("session_template", made.id.uuid(), made.version, payload, now,
                           Audience(made.organization, made.organization));
  event.type = std::string(type);
  return event;
}

outbox::NewEvent SessionWithdrawn(const Session& session, absl::CivilDay date, absl::Time now) {
  v1::SessionWithdrawn payload;
  payload.set_session_id(session.id.ToString());
  payload.set_template_id(wire::TextOrEmpty(session.made_from));
  payload.set_date(absl::FormatCivilTime(date));
  return outbox::NewEvent::Of("session", session.id.uuid(), session.version, payload, now,
                              Audience(session.organization, session.site));
}

outbox::NewEvent AbsenceChanged(std::string_view type, const Absence& absence,
                                const TemplateEncoding& encoding, absl::Time now) {
  v1::AbsenceChanged payload;
  *payload.mutable_absence() = encoding.absence(absence);
  outbox::NewEvent event =
      outbox::NewEvent::Of("absence", absence.id.uuid(), absence.version, payload, now,
                           Audience(absence.organization, absence.organization));
  event.type = std::string(type);
  return event;
}

outbox::NewEvent SiteDefined(const Site& site, const TemplateEncoding& encoding, absl::Time now) {
  v1::SiteDefined payload;
  *payload.mutable_site() = encoding.site(site);
  return outbox::NewEvent::Of("site", site.id.uuid(), site.version, payload, now,
                              Audience(site.id, site.id));
}

}  // namespace yilian::scheduling::events
