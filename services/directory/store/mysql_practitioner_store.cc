#include "services/directory/store/mysql_practitioner_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/civil_day.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/practitioner_rows.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kNumberColumn = "practitioner_certificate.number";

constexpr Query kCertificate{"directory.FindCertificate",
                             "SELECT certificate_id, practitioner_id FROM practitioner_certificate "
                             "WHERE kind = ? AND number_index = ?"};
constexpr Query kInsertCertificate{
    "directory.InsertCertificate",
    "INSERT INTO practitioner_certificate (kind, number_index, certificate_id, practitioner_id, "
    "number_cipher) VALUES (?, ?, ?, ?, ?)"};
// Indexes: ix_practitioner_qualification__practitioner, uq_practitioner_certificate__id.
constexpr Query kQualifications{
    "directory.PractitionerQualifications",
    "SELECT q.qualification_id, q.practitioner_id, q.kind, q.category, q.scopes, q.valid_from, "
    "q.valid_until, q.end_reason, q.certificate_id, c.number_cipher "
    "FROM practitioner_qualification q "
    "JOIN practitioner_certificate c ON c.certificate_id = q.certificate_id "
    "WHERE q.practitioner_id = ? ORDER BY q.valid_from DESC, q.qualification_id DESC"};
constexpr Query kInsertQualification{
    "directory.InsertQualification",
    "INSERT INTO practitioner_qualification (qualification_id, practitioner_id, certificate_id, "
    "kind, category, scopes, valid_from, valid_until, end_reason, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr Query kEndQualification{
    "directory.EndQualification",
    "UPDATE practitioner_qualification SET valid_until = ?, end_reason = ? "
    "WHERE qualification_id = ?"};
// Index: ix_practitioner_practice__organization; the practitioner by primary key.
constexpr Query kList{
    "directory.ListPractitioners",
    "SELECT DISTINCT p.practitioner_id, p.organization_id, p.department_id, p.name, p.title, "
    "p.expert, p.title_code, p.version FROM practitioner_practice a "
    "JOIN practitioner p ON p.practitioner_id = a.practitioner_id "
    "WHERE a.organization_id = ? AND a.practitioner_id > ? AND a.started_at < ? "
    "AND (a.ended_at IS NULL OR a.ended_at > ?) AND (? = 1 OR a.department_id = ?) "
    "ORDER BY p.practitioner_id LIMIT ?"};

// Counts the version up, writes what the practitioner is now, and tells of it where that changed.
absl::Status Save(unit::Scope& scope, const Practitioner& before, Practitioner& after) {
  ++after.version;
  RETURN_IF_ERROR(practitioners::Update(scope.sql(), after));
  if (after.organization != before.organization || after.department != before.department ||
      after.professional_title != before.professional_title || after.title != before.title) {
    scope.Append(events::Registered(after, scope.now()));
  }
  scope.Subject("practitioner", after.id.uuid(), base::Uuid());
  return absl::OkStatus();
}

// Where they mainly practise is what their record says; who practises nowhere keeps the last place.
void Settle(const std::vector<Practice>& practices, absl::Time now, Practitioner& practitioner) {
  const std::optional<Practice> main = MainAt(practices, now);
  if (!main) return;
  practitioner.organization = main->organization;
  practitioner.department = main->department;
}

}  // namespace

std::string MysqlPractitionerStore::IndexOf(QualificationKind kind,
                                            const std::string& number) const {
  return index_.Of(fmt::format("{}/{}", kNumberColumn, Name(kind)), number);
}

absl::StatusOr<Practitioner> MysqlPractitionerStore::Award(unit::Scope& scope, PractitionerId id,
                                                           int64_t version,
                                                           const TitleAward& award) {
  Session& session = scope.sql();
  const absl::CivilDay today = DayOf(scope.now());
  RETURN_IF_ERROR(Check(award, today));
  ASSIGN_OR_RETURN(const Practitioner before, practitioners::LockAt(session, id, version));
  RETURN_IF_ERROR(practitioners::WriteTitle(session, id, award));
  ASSIGN_OR_RETURN(const std::vector<TitleAward> titles, practitioners::TitlesOf(session, id));
  Practitioner after = before;
  after.professional_title = TitleOn(titles, today);
  // A position stays under the name, a title in words follows.
  if (before.title.empty() || before.title == Name(before.professional_title)) {
    after.title = Name(after.professional_title);
  }
  RETURN_IF_ERROR(Save(scope, before, after));
  return after;
}

absl::StatusOr<base::Uuid> MysqlPractitionerStore::Certify(Session& session,
                                                           const Qualification& qualification,
                                                           absl::Time now) const {
  const Blob index{IndexOf(qualification.kind, qualification.number)};
  using Owned = std::pair<base::Uuid, PractitionerId>;
  ASSIGN_OR_RETURN(
      const std::optional<Owned> there,
      session.SelectOne<Owned>(
          kCertificate, [](const Row& row) { return Owned(row.Id(0), row.Id<PractitionerId>(1)); },
          Name(qualification.kind), index));
  if (there && there->second == qualification.practitioner) return there->first;
  if (there) return errors::IdentifierTaken("certificate_number");
  const base::Uuid id = base::Uuid::V7(now);
  ASSIGN_OR_RETURN(std::string sealed, cipher_.Encrypt({kNumberColumn, id}, qualification.number));
  const absl::Status inserted =
      session
          .Execute(kInsertCertificate, Name(qualification.kind), index, id,
                   qualification.practitioner, Blob{std::move(sealed)})
          .status();
  // Somebody else recorded it this moment: for another practitioner, because this one is locked.
  if (!DuplicateKeyOf(inserted).empty()) return errors::IdentifierTaken("certificate_number");
  RETURN_IF_ERROR(inserted);
  return id;
}

absl::StatusOr<std::vector<Qualification>> MysqlPractitionerStore::QualificationsOf(
    Session& session, PractitionerId id) const {
  return session.SelectAll<Qualification>(
      kQualifications,
      [this](const Row& row) -> absl::StatusOr<Qualification> {
        const auto kind = QualificationKindFromName(row.Text(2));
        const auto category = PracticeCategoryFromName(row.Text(3));
        const auto end = QualificationEndFromName(row.Text(7));
        if (!kind || !category || !end) {
          return absl::InternalError("an unknown qualification is stored");
        }
        const std::string scopes = row.Text(4);
        Qualification one{.id = row.Id<QualificationId>(0),
                          .practitioner = row.Id<PractitionerId>(1),
                          .kind = *kind,
                          .category = *category,
                          .scopes = absl::StrSplit(scopes, '\n', absl::SkipEmpty()),
                          .end = *end};
        ASSIGN_OR_RETURN(one.valid_from, FromSqlDate(row.Text(5)));
        if (!row.IsNull(6)) {
          ASSIGN_OR_RETURN(one.valid_until, FromSqlDate(row.Text(6)));
        }
        ASSIGN_OR_RETURN(one.number, cipher_.Decrypt({kNumberColumn, row.Id(8)}, row.Bytes(9)));
        return one;
      },
      id);
}

absl::StatusOr<QualificationChange> MysqlPractitionerStore::Record(
    unit::Scope& scope, int64_t version, const Qualification& qualification) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Practitioner before,
                   practitioners::LockAt(session, qualification.practitioner, version));
  ASSIGN_OR_RETURN(const std::vector<Qualification> present,
                   QualificationsOf(session, qualification.practitioner));
  RETURN_IF_ERROR(CheckRecorded(present, qualification));
  ASSIGN_OR_RETURN(const base::Uuid certificate, Certify(session, qualification, scope.now()));
  RETURN_IF_ERROR(
      session
          .Execute(kInsertQualification, qualification.id, qualification.practitioner, certificate,
                   Name(qualification.kind), Name(qualification.category),
                   absl::StrJoin(qualification.scopes, "\n"), ToSqlDate(qualification.valid_from),
                   ToSqlDate(qualification.valid_until), Name(qualification.end), scope.now())
          .status());
  Practitioner after = before;
  RETURN_IF_ERROR(Save(scope, before, after));
  return QualificationChange{.practitioner = after, .qualification = qualification};
}

absl::StatusOr<QualificationChange> MysqlPractitionerStore::EndQualification(
    unit::Scope& scope, PractitionerId id, int64_t version, QualificationId qualification,
    absl::CivilDay last, QualificationEnd end) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Practitioner before, practitioners::LockAt(session, id, version));
  ASSIGN_OR_RETURN(const std::vector<Qualification> present, QualificationsOf(session, id));
  const auto found = std::find_if(present.begin(), present.end(), [&](const Qualification& one) {
    return one.id == qualification;
  });
  if (found == present.end()) return errors::NotFound("qualification");
  ASSIGN_OR_RETURN(const Qualification ended, Ended(*found, last, end, DayOf(scope.now())));
  RETURN_IF_ERROR(
      session
          .Execute(kEndQualification, ToSqlDate(ended.valid_until), Name(ended.end), qualification)
          .status());
  Practitioner after = before;
  RETURN_IF_ERROR(Save(scope, before, after));
  return QualificationChange{.practitioner = after, .qualification = ended};
}

absl::StatusOr<PracticeChange> MysqlPractitionerStore::Begin(unit::Scope& scope, int64_t version,
                                                             const Practice& practice) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Practitioner before,
                   practitioners::LockAt(session, practice.practitioner, version));
  RETURN_IF_ERROR(RequireOrganization(session, practice.organization));
  RETURN_IF_ERROR(RequireDepartment(session, practice.department, practice.organization));
  ASSIGN_OR_RETURN(std::vector<Practice> practices,
                   practitioners::PracticesOf(session, practice.practitioner));
  RETURN_IF_ERROR(CheckBegun(practices, practice, scope.now()));
  practices.insert(practices.begin(), practice);
  // Also the one that an earlier release did not write.
  for (const Practice& one : practices) {
    RETURN_IF_ERROR(practitioners::WritePractice(session, one));
  }
  Practitioner after = before;
  Settle(practices, scope.now(), after);
  RETURN_IF_ERROR(Save(scope, before, after));
  return PracticeChange{.practitioner = after, .practice = practice};
}

absl::StatusOr<PracticeChange> MysqlPractitionerStore::EndPractice(unit::Scope& scope,
                                                                   PractitionerId id,
                                                                   int64_t version,
                                                                   PracticeId practice,
                                                                   absl::Time ended_at) {
  Session& session = scope.sql();
  ASSIGN_OR_RETURN(const Practitioner before, practitioners::LockAt(session, id, version));
  ASSIGN_OR_RETURN(std::vector<Practice> practices, practitioners::PracticesOf(session, id));
  const auto found = std::find_if(practices.begin(), practices.end(),
                                  [&](const Practice& one) { return one.id == practice; });
  if (found == practices.end()) return errors::NotFound("practice");
  ASSIGN_OR_RETURN(*found, Ended(*found, ended_at, scope.now()));
  RETURN_IF_ERROR(practitioners::WritePractice(session, *found));
  Practitioner after = before;
  Settle(practices, scope.now(), after);
  RETURN_IF_ERROR(Save(scope, before, after));
  return PracticeChange{.practitioner = after, .practice = *found};
}

absl::StatusOr<PractitionerProfile> MysqlPractitionerStore::Profile(PractitionerId id,
                                                                    absl::Time deadline) {
  PractitionerProfile profile;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto found, practitioners::Read(session, id));
    if (!found) return errors::NotFound("practitioner");
    profile.practitioner = *found;
    ASSIGN_OR_RETURN(profile.titles, practitioners::TitlesOf(session, id));
    ASSIGN_OR_RETURN(profile.qualifications, QualificationsOf(session, id));
    ASSIGN_OR_RETURN(profile.practices, practitioners::PracticesOf(session, id));
    return absl::OkStatus();
  }));
  return profile;
}

absl::StatusOr<std::vector<Practitioner>> MysqlPractitionerStore::List(
    const PractitionersQuery& query, absl::Time deadline) {
  std::vector<Practitioner> page;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(RequireOrganization(session, query.organization));
    ASSIGN_OR_RETURN(page, session.SelectAll<Practitioner>(
                               kList, practitioners::ToPractitioner, query.organization,
                               query.after, *query.day.end, query.day.start,
                               query.department.is_nil(), query.department, query.limit));
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<Practitioner> MysqlPractitionerStore::Find(QualificationKind kind,
                                                          const std::string& number,
                                                          absl::Time deadline) {
  std::optional<Practitioner> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto owner,
                     session.SelectOne<PractitionerId>(
                         kCertificate, [](const Row& row) { return row.Id<PractitionerId>(1); },
                         Name(kind), Blob{IndexOf(kind, number)}));
    if (!owner) return errors::NotFound("practitioner");
    ASSIGN_OR_RETURN(found, practitioners::Read(session, *owner));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("practitioner");
  return *std::move(found);
}

}  // namespace yilian::directory
