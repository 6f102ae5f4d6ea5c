// Where templates, sites and absences are kept, as the use cases ask for them. store/ implements
// both ports.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scheduling/domain/absence.h"
#include "services/scheduling/domain/replan.h"
#include "services/scheduling/domain/session_template.h"

namespace yilian::unit {
struct WriteContext;  // who asks, the request's id, the deadline; handed through
}

namespace yilian::scheduling {

// Messages of the wire; nothing here looks into them.
namespace v1 {
class SessionTemplate;
class TemplateConflict;
class Absence;
class Site;
}  // namespace v1

// A template as its organization sees it.
struct TemplateView {
  SessionTemplate made;
  std::string zone_name;
  int64_t conflicts = 0;
};

// How they look on the wire; see domain/encoding.h.
struct TemplateEncoding {
  std::function<v1::SessionTemplate(const TemplateView&)> made;
  std::function<v1::TemplateConflict(const TemplateConflict&)> conflict;
  std::function<v1::Absence(const Absence&)> absence;
  std::function<v1::Site(const Site&)> site;
};

// Nil and empty fields match all.
struct TemplateFilter {
  OrganizationId organization;
  PractitionerId practitioner;
  bool with_ended = false;
};

struct ConflictPosition {
  absl::CivilDay date{1970, 1, 1};
  TemplateId made_from;
};
struct ConflictFilter {
  OrganizationId organization;
  TemplateId made_from;  // nil: all
};

struct AbsencePosition {
  absl::Time ends_at = absl::UnixEpoch();
  AbsenceId absence;
};
struct AbsenceFilter {
  OrganizationId organization;
  PractitionerId practitioner;
};

// Answers of writes are the RPCs' own messages: the ledger remembers them for a repeated request.
// NOT_FOUND unless it is the actor's own, as for what does not exist. Implementations are
// thread-safe.
class TemplateStore {
 public:
  virtual ~TemplateStore() = default;
  virtual absl::StatusOr<v1::SessionTemplate> Create(const unit::WriteContext& context,
                                                     OrganizationId organization,
                                                     const TemplatePlan& plan) = 0;
  virtual absl::StatusOr<v1::SessionTemplate> Change(const unit::WriteContext& context,
                                                     TemplateId id, const Actor& by,
                                                     const std::string& etag,
                                                     const TemplatePlan& plan) = 0;
  // `last`: nothing: today.
  virtual absl::StatusOr<v1::SessionTemplate> End(const unit::WriteContext& context, TemplateId id,
                                                  const Actor& by, const std::string& etag,
                                                  std::optional<absl::CivilDay> last) = 0;
  virtual absl::StatusOr<TemplateView> Get(TemplateId id, const Actor& by, absl::Time deadline) = 0;
  // By id; `limit` after `after`.
  virtual absl::StatusOr<std::vector<TemplateView>> List(const TemplateFilter& filter,
                                                         TemplateId after, int limit,
                                                         absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<TemplateConflict>> ListConflicts(const ConflictFilter& filter,
                                                                      const ConflictPosition& after,
                                                                      int limit,
                                                                      absl::Time deadline) = 0;
};

class AvailabilityStore {
 public:
  virtual ~AvailabilityStore() = default;
  virtual absl::StatusOr<v1::Absence> RecordAbsence(const unit::WriteContext& context,
                                                    OrganizationId organization,
                                                    PractitionerId practitioner,
                                                    const Span& time) = 0;
  // `back_at`: nothing: now.
  virtual absl::StatusOr<v1::Absence> EndAbsence(const unit::WriteContext& context, AbsenceId id,
                                                 const Actor& by, const std::string& etag,
                                                 std::optional<absl::Time> back_at) = 0;
  virtual absl::StatusOr<std::vector<Absence>> ListAbsences(const AbsenceFilter& filter,
                                                            const AbsencePosition& after, int limit,
                                                            absl::Time deadline) = 0;
  // `etag`: as last read; "" for a site that was never defined.
  virtual absl::StatusOr<v1::Site> DefineSite(const unit::WriteContext& context,
                                              const NewSite& wanted, const std::string& etag) = 0;
  virtual absl::StatusOr<Site> GetSite(OrganizationId id, absl::Time deadline) = 0;
};

}  // namespace yilian::scheduling
