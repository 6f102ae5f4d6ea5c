#include "services/directory/store/patient_rows.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "services/directory/store/civil_day.h"

namespace yilian::directory {
namespace {

using mysql::Blob;
using mysql::Query;
using mysql::Row;
using mysql::Session;

constexpr std::string_view kNameColumn = "patient.name";
constexpr std::string_view kPhoneColumn = "patient.phone";
constexpr std::string_view kAddressColumn = "patient.address";
constexpr std::string_view kIdentifierColumn = "patient_identifier.value";

constexpr Query kRead{"directory.ReadPatient",
                      "SELECT patient_id, name_cipher, sex, birth_date, phone_cipher, merged_into, "
                      "version, address_cipher FROM patient WHERE patient_id = ?"};
constexpr Query kLock{"directory.LockPatient",
                      "SELECT patient_id, name_cipher, sex, birth_date, phone_cipher, merged_into, "
                      "version, address_cipher FROM patient WHERE patient_id = ? FOR UPDATE"};
constexpr Query kInsert{
    "directory.InsertPatient",
    "INSERT INTO patient (patient_id, name_cipher, sex, birth_date, phone_cipher, address_cipher, "
    "merged_into, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)"};
// Primary key.
constexpr Query kReadTraits{
    "directory.ReadPatientTraits",
    "SELECT sex, birth_date, merged_into FROM patient WHERE patient_id = ?"};
// Index: ix_patient_identifier__patient_issuer.
constexpr Query kIdentifiers{
    "directory.ReadIdentifiers",
    "SELECT identifier_id, issuer, value_cipher FROM patient_identifier "
    "WHERE patient_id = ? AND issuer IN ('CN-ID', 'CN-INSURANCE', 'CN-HEALTH-CARD', ?) "
    "ORDER BY issuer, identifier_id"};
// Index: ix_patient_identifier__patient_issuer.
constexpr Query kAllIdentifiers{"directory.ReadAllIdentifiers",
                                "SELECT identifier_id, issuer, value_cipher "
                                "FROM patient_identifier WHERE patient_id = ?"};
constexpr Query kOwner{
    "directory.IdentifierOwner",
    "SELECT patient_id FROM patient_identifier WHERE issuer = ? AND value_index = ?"};
constexpr Query kInsertIdentifier{
    "directory.InsertIdentifier",
    "INSERT INTO patient_identifier (issuer, value_index, identifier_id, patient_id, value_cipher, "
    "created_at) VALUES (?, ?, ?, ?, ?, ?)"};
constexpr Query kDeleteIdentifier{
    "directory.DeleteIdentifier",
    "DELETE FROM patient_identifier WHERE issuer = ? AND value_index = ? AND identifier_id = ?"};

// One statement for every batch: its shape never changes, so that it is prepared once. Places that
// are left over name nobody.
std::string InBatch(std::string_view head) {
  std::string sql(head);
  for (int i = 0; i < PatientRows::kBatch; ++i) sql += i == 0 ? "?" : ", ?";
  return sql + ")";
}

template <typename Ids>
mysql::Values BatchOf(const Ids& ids) {
  mysql::Values values(ids.begin(), ids.end());
  values.resize(PatientRows::kBatch, mysql::Value(base::Uuid()));
  return values;
}

// Index: primary key.
const std::string& ReadBatchSql() {
  static const std::string* const sql = new std::string(InBatch(
      "SELECT patient_id, name_cipher, sex, birth_date, phone_cipher, merged_into, version, "
      "address_cipher FROM patient WHERE patient_id IN ("));
  return *sql;
}

// Index: ix_patient_identifier__patient_issuer.
const std::string& IdentifierBatchSql() {
  static const std::string* const sql =
      new std::string(InBatch("SELECT identifier_id, issuer, value_cipher, patient_id "
                              "FROM patient_identifier WHERE patient_id IN ("));
  return *sql;
}

}  // namespace

absl::StatusOr<std::optional<Patient>> PatientRows::Read(Session& session, PatientId id,
                                                         const std::string& issuer) const {
  return ReadWith(session, kRead, id, issuer);
}

absl::StatusOr<std::optional<Patient>> PatientRows::Lock(Session& session, PatientId id,
                                                         const std::string& issuer) const {
  return ReadWith(session, kLock, id, issuer);
}

absl::StatusOr<std::optional<PatientTraits>> PatientRows::ReadTraits(Session& session,
                                                                     PatientId id) {
  for (;;) {
    PatientId survivor;
    ASSIGN_OR_RETURN(
        const std::optional<PatientTraits> traits,
        session.SelectOne<PatientTraits>(
            kReadTraits,
            [&](const Row& row) -> absl::StatusOr<PatientTraits> {
              survivor = row.Id<PatientId>(2);
              PatientTraits read{.sex = SexFromName(row.Text(0)).value_or(Sex::kUnknown)};
              if (!row.IsNull(1)) {
                ASSIGN_OR_RETURN(read.birth_date, FromSqlDate(row.Text(1)));
              }
              return read;
            },
            id));
    // Only a live record survives another, so that this ends at one.
    if (!traits || survivor.is_nil()) return traits;
    id = survivor;
  }
}

absl::StatusOr<std::optional<Patient>> PatientRows::ReadWith(Session& session, const Query& query,
                                                             PatientId id,
                                                             const std::string& issuer) const {
  ASSIGN_OR_RETURN(std::optional<Patient> patient,
                   session.SelectOne<Patient>(
                       query, [&](const Row& row) { return Open(row); }, id));
  if (!patient) return patient;
  ASSIGN_OR_RETURN(std::vector<Identifier> identifiers, IdentifiersOf(session, id, issuer));
  for (Identifier& identifier : identifiers) {
    if (identifier.issuer == kNationalIdIssuer) {
      patient->national_id = std::move(identifier.value);
    } else {
      patient->identifiers.push_back(std::move(identifier));
    }
  }
  return patient;
}

absl::StatusOr<std::vector<Patient>> PatientRows::ReadBatch(
    Session& session, const std::vector<PatientId>& ids) const {
  std::vector<Patient> patients;
  RETURN_IF_ERROR(session.SelectValues({"directory.ReadPatients", ReadBatchSql()}, BatchOf(ids),
                                       [&](const Row& row) -> absl::Status {
                                         ASSIGN_OR_RETURN(Patient one, Open(row));
                                         patients.push_back(std::move(one));
                                         return absl::OkStatus();
                                       }));
  return patients;
}

absl::StatusOr<std::vector<std::pair<PatientId, Identifier>>> PatientRows::IdentifiersOfBatch(
    Session& session, const std::vector<PatientId>& ids,
    const std::vector<Identifier>& of_issuers) const {
  std::vector<std::pair<PatientId, Identifier>> all;
  RETURN_IF_ERROR(session.SelectValues(
      {"directory.ReadIdentifiersOfPatients", IdentifierBatchSql()}, BatchOf(ids),
      [&](const Row& row) -> absl::Status {
        const std::string issuer = row.Text(1);
        const bool wanted =
            std::any_of(of_issuers.begin(), of_issuers.end(),
                        [&](const Identifier& one) { return one.issuer == issuer; });
        if (!wanted) return absl::OkStatus();
        ASSIGN_OR_RETURN(std::string value,
                         cipher_.Decrypt({kIdentifierColumn, row.Id(0)}, row.Bytes(2)));
        all.push_back({row.Id<PatientId>(3), {issuer, std::move(value)}});
        return absl::OkStatus();
      }));
  return all;
}

absl::StatusOr<Patient> PatientRows::ReadWhole(Session& session, PatientId id) const {
  ASSIGN_OR_RETURN(auto patient, Read(session, id, ""));
  if (!patient) return absl::InternalError("a patient that was there is gone");
  ASSIGN_OR_RETURN(patient->identifiers,
                   session.SelectAll<Identifier>(
                       kAllIdentifiers,
                       [&](const Row& row) -> absl::StatusOr<Identifier> {
                         ASSIGN_OR_RETURN(
                             std::string value,
                             cipher_.Decrypt({kIdentifierColumn, row.Id(0)}, row.Bytes(2)));
                         return Identifier{row.Text(1), std::move(value)};
                       },
                       id));
  // It has a field of its own.
  std::erase_if(patient->identifiers,
                [](const Identifier& one) { return one.issuer == kNationalIdIssuer; });
  return *std::move(patient);
}

absl::StatusOr<Patient> PatientRows::Open(const Row& row) const {
  Patient patient{
      .id = row.Id<PatientId>(0), .merged_into = row.Id<PatientId>(5), .version = row.Int(6)};
  ASSIGN_OR_RETURN(patient.name, cipher_.Decrypt({kNameColumn, patient.id.uuid()}, row.Bytes(1)));
  const std::optional<Sex> sex = SexFromName(row.Text(2));
  if (!sex) return absl::InternalError("unknown sex is stored");
  patient.sex = *sex;
  if (!row.IsNull(3)) {
    ASSIGN_OR_RETURN(patient.birth_date, FromSqlDate(row.Text(3)));
  }
  if (!row.IsNull(4)) {
    ASSIGN_OR_RETURN(patient.phone,
                     cipher_.Decrypt({kPhoneColumn, patient.id.uuid()}, row.Bytes(4)));
  }
  if (!row.IsNull(7)) {
    ASSIGN_OR_RETURN(patient.address,
                     cipher_.Decrypt({kAddressColumn, patient.id.uuid()}, row.Bytes(7)));
  }
  return patient;
}

absl::StatusOr<std::vector<Identifier>> PatientRows::IdentifiersOf(
    Session& session, PatientId patient, const std::string& issuer) const {
  return session.SelectAll<Identifier>(
      kIdentifiers,
      [&](const Row& row) -> absl::StatusOr<Identifier> {
        ASSIGN_OR_RETURN(std::string value,
                         cipher_.Decrypt({kIdentifierColumn, row.Id(0)}, row.Bytes(2)));
        return Identifier{row.Text(1), std::move(value)};
      },
      patient, issuer);
}

absl::Status PatientRows::Insert(Session& session, const Patient& patient, absl::Time now) const {
  ASSIGN_OR_RETURN(std::string name,
                   cipher_.Encrypt({kNameColumn, patient.id.uuid()}, patient.name));
  const auto seal = [&](std::string_view column,
                        const std::string& value) -> absl::StatusOr<std::optional<Blob>> {
    if (value.empty()) return std::nullopt;
    ASSIGN_OR_RETURN(std::string sealed, cipher_.Encrypt({column, patient.id.uuid()}, value));
    return Blob{std::move(sealed)};
  };
  ASSIGN_OR_RETURN(const std::optional<Blob> phone, seal(kPhoneColumn, patient.phone));
  ASSIGN_OR_RETURN(const std::optional<Blob> address, seal(kAddressColumn, patient.address));
  return session
      .Execute(kInsert, patient.id, Blob{std::move(name)}, Name(patient.sex),
               ToSqlDate(patient.birth_date), phone, address, patient.version, now, now)
      .status();
}

absl::StatusOr<std::optional<PatientId>> PatientRows::OwnerOf(Session& session,
                                                              const Identifier& identifier) const {
  return session.SelectOne<PatientId>(
      kOwner, [](const Row& row) { return row.Id<PatientId>(0); }, identifier.issuer,
      Blob{IndexOf(identifier)});
}

absl::StatusOr<base::Uuid> PatientRows::InsertIdentifier(Session& session, PatientId patient,
                                                         const Identifier& identifier,
                                                         absl::Time now) const {
  const base::Uuid id = base::Uuid::V7(now);
  ASSIGN_OR_RETURN(std::string sealed, cipher_.Encrypt({kIdentifierColumn, id}, identifier.value));
  RETURN_IF_ERROR(session
                      .Execute(kInsertIdentifier, identifier.issuer, Blob{IndexOf(identifier)}, id,
                               patient, Blob{std::move(sealed)}, now)
                      .status());
  return id;
}

absl::Status PatientRows::DeleteIdentifier(Session& session, const Identifier& identifier,
                                           const base::Uuid& identifier_id) const {
  return session
      .Execute(kDeleteIdentifier, identifier.issuer, Blob{IndexOf(identifier)}, identifier_id)
      .status();
}

// The issuer is part of the column: equal numbers of two hospitals have nothing in common.
std::string PatientRows::IndexOf(const Identifier& identifier) const {
  return index_.Of(std::string(kIdentifierColumn) + "/" + identifier.issuer, identifier.value);
}

}  // namespace yilian::directory
