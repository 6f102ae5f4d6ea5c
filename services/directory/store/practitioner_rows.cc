#include "services/directory/store/practitioner_rows.h"

#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/civil_day.h"
#include "services/directory/store/null_id.h"

namespace yilian::directory {
namespace practitioners {
namespace {

using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr Query kRead{
    "directory.GetPractitioner",
    "SELECT p.practitioner_id, p.organization_id, p.department_id, p.name, p.title, p.expert, "
    "p.title_code, p.version FROM practitioner p WHERE p.practitioner_id = ?"};
constexpr Query kLock{
    "directory.LockPractitioner",
    "SELECT p.practitioner_id, p.organization_id, p.department_id, p.name, p.title, p.expert, "
    "p.title_code, p.version FROM practitioner p WHERE p.practitioner_id = ? FOR UPDATE"};
constexpr Query kInsert{
    "directory.InsertPractitioner",
    "INSERT INTO practitioner (practitioner_id, organization_id, department_id, name, title, "
    "expert, title_code, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kUpdate{
    "directory.UpdatePractitioner",
    "UPDATE practitioner SET organization_id = ?, department_id = ?, title = ?, title_code = ?, "
    "version = ? WHERE practitioner_id = ?"};
constexpr Query kWriteTitle{
    "directory.WritePractitionerTitle",
    "INSERT INTO practitioner_title (practitioner_id, since, title_code) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE title_code = ?"};
// Index: primary key, prefix.
constexpr Query kTitles{"directory.PractitionerTitles",
                        "SELECT title_code, since FROM practitioner_title "
                        "WHERE practitioner_id = ? ORDER BY since DESC"};
// Index: ix_practitioner_practice__practitioner.
constexpr Query kPractices{
    "directory.PractitionerPractices",
    "SELECT practice_id, practitioner_id, organization_id, department_id, kind, started_at, "
    "ended_at FROM practitioner_practice WHERE practitioner_id = ? "
    "ORDER BY started_at DESC, practice_id DESC"};
constexpr Query kPracticeSaid{
    "directory.PracticeOfPractitioner",
    "SELECT practitioner_id, practitioner_id, organization_id, department_id, 'MAIN', created_at, "
    "NULL FROM practitioner WHERE practitioner_id = ?"};
constexpr Query kWritePractice{
    "directory.WritePractice",
    "INSERT INTO practitioner_practice (practice_id, practitioner_id, organization_id, "
    "department_id, kind, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE ended_at = ?"};
// Index: primary key, then ix_practitioner_practice__practitioner.
constexpr Query kPractisesIn{
    "directory.PractisesIn",
    "SELECT 1 FROM practitioner p WHERE p.practitioner_id = ? AND (EXISTS (SELECT 1 "
    "FROM practitioner_practice a WHERE a.practitioner_id = p.practitioner_id "
    "AND a.organization_id = ? AND a.started_at <= ? AND (a.ended_at IS NULL OR a.ended_at > ?)) "
    "OR (p.organization_id = ? AND NOT EXISTS (SELECT 1 FROM practitioner_practice b "
    "WHERE b.practitioner_id = p.practitioner_id)))"};

absl::StatusOr<Practice> ToPractice(const Row& row) {
  const std::optional<PracticeKind> kind = PracticeKindFromName(row.Text(4));
  if (!kind) return absl::InternalError("an unknown kind of practice is stored");
  return Practice{.id = row.Id<PracticeId>(0),
                  .practitioner = row.Id<PractitionerId>(1),
                  .organization = row.Id<OrganizationId>(2),
                  .department = row.Id<DepartmentId>(3),
                  .kind = *kind,
                  .started_at = row.Time(5),
                  .ended_at = row.OptionalTime(6)};
}

}  // namespace

Practitioner ToPractitioner(const Row& row) {
  return {.id = row.Id<PractitionerId>(0),
          .organization = row.Id<OrganizationId>(1),
          .department = row.Id<DepartmentId>(2),
          .name = row.Text(3),
          .title = row.Text(4),
          .expert = row.Bool(5),
          .professional_title = static_cast<ProfessionalTitle>(row.Int(6)),
          .version = row.Int(7)};
}

absl::StatusOr<std::optional<Practitioner>> Read(Session& session, PractitionerId id) {
  return session.SelectOne<Practitioner>(kRead, ToPractitioner, id);
}

absl::StatusOr<Practitioner> LockAt(Session& session, PractitionerId id, int64_t version) {
  ASSIGN_OR_RETURN(const std::optional<Practitioner> found,
                   session.SelectOne<Practitioner>(kLock, ToPractitioner, id));
  if (!found) return errors::NotFound("practitioner");
  if (found->version != version) return errors::EtagStale(found->version);
  return *found;
}

absl::Status Insert(Session& session, const Practitioner& practitioner, absl::Time now) {
  RETURN_IF_ERROR(session
                      .Execute(kInsert, practitioner.id, practitioner.organization,
                               NullIfNil(practitioner.department), practitioner.name,
                               practitioner.title, practitioner.expert,
                               static_cast<int>(practitioner.professional_title),
                               practitioner.version, now)
                      .status());
  if (practitioner.professional_title != ProfessionalTitle::kNone) {
    RETURN_IF_ERROR(
        WriteTitle(session, practitioner.id,
                   {.title = practitioner.professional_title, .since = practitioner.title_since}));
  }
  return WritePractice(session, {.id = PracticeId(practitioner.id.uuid()),
                                 .practitioner = practitioner.id,
                                 .organization = practitioner.organization,
                                 .department = practitioner.department,
                                 .kind = PracticeKind::kMain,
                                 .started_at = now});
}

absl::Status Update(Session& session, const Practitioner& practitioner) {
  return session
      .Execute(kUpdate, practitioner.organization, NullIfNil(practitioner.department),
               practitioner.title, static_cast<int>(practitioner.professional_title),
               practitioner.version, practitioner.id)
      .status();
}

absl::Status WriteTitle(Session& session, PractitionerId id, const TitleAward& award) {
  const int code = static_cast<int>(award.title);
  return session.Execute(kWriteTitle, id, ToSqlDate(award.since), code, code).status();
}

absl::StatusOr<std::vector<TitleAward>> TitlesOf(Session& session, PractitionerId id) {
  return session.SelectAll<TitleAward>(
      kTitles,
      [](const Row& row) -> absl::StatusOr<TitleAward> {
        TitleAward award{.title = static_cast<ProfessionalTitle>(row.Int(0))};
        ASSIGN_OR_RETURN(award.since, FromSqlDate(row.Text(1)));
        return award;
      },
      id);
}

absl::StatusOr<std::vector<Practice>> PracticesOf(Session& session, PractitionerId id) {
  ASSIGN_OR_RETURN(const std::vector<Practice> stored,
                   session.SelectAll<Practice>(kPractices, ToPractice, id));
  if (!stored.empty()) return stored;
  return session.SelectAll<Practice>(kPracticeSaid, ToPractice, id);
}

absl::Status WritePractice(Session& session, const Practice& practice) {
  return session
      .Execute(kWritePractice, practice.id, practice.practitioner, practice.organization,
               NullIfNil(practice.department), Name(practice.kind), practice.started_at,
               practice.ended_at, practice.ended_at)
      .status();
}

}  // namespace practitioners

absl::Status RequirePractitioner(mysql::Session& session, PractitionerId practitioner,
                                 OrganizationId organization, absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(
                       practitioners::kPractisesIn, [](const mysql::Row&) { return true; },
                       practitioner, organization, at, at, organization));
  return found ? absl::OkStatus() : errors::NotFound("practitioner");
}

}  // namespace yilian::directory
