#include "services/directory/store/mysql_patient_store.h"

#include <algorithm>
#include <optional>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/mysql/transaction.h"
#include "common/unit/unit_of_work.h"
#include "services/directory/domain/care.h"
#include "services/directory/domain/errors.h"
#include "services/directory/store/care_relationships.h"
#include "services/directory/store/duplicate.h"
#include "services/directory/store/events.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/patient_merges.h"

namespace yilian::directory {
namespace {

using mysql::Query;
using mysql::Session;

// Each round that fails means that another writer has committed: more than a few in one transaction
// are not a race but a mistake.
constexpr int kRounds = 8;

constexpr Query kTouch{"directory.TouchPatient",
                       "UPDATE patient SET version = version + 1, updated_at = ? "
                       "WHERE patient_id = ? AND version = ?"};

constexpr Query kIsLive{"directory.PatientIsLive",
                        "SELECT 1 FROM patient WHERE patient_id = ? AND merged_into IS NULL"};

// All identifiers of the command, in one order for every writer: two that insert the same ones wait
// for each other and do not deadlock.
std::vector<Identifier> AllIdentifiers(const RegisterPatient& command) {
  std::vector<Identifier> all = command.identifiers;
  if (!command.national_id.empty()) {
    all.push_back({std::string(kNationalIdIssuer), command.national_id});
  }
  std::sort(all.begin(), all.end(), [](const Identifier& a, const Identifier& b) {
    return std::tie(a.issuer, a.value) < std::tie(b.issuer, b.value);
  });
  return all;
}

std::string KindOf(const Identifier& identifier) {
  return identifier.issuer == kNationalIdIssuer ? "national_id" : "identifier";
}

std::string IssuerOf(const Actor& actor) {
  return actor.organization.is_nil() ? "" : actor.organization.ToString();
}

Patient NewPatient(PatientId id, const RegisterPatient& command) {
  return {.id = id,
          .name = command.name,
          .sex = command.sex,
          .birth_date = command.birth_date,
          .phone = command.phone,
          .address = command.address};
}

// The one record that is the same person's beyond doubt. Two that are leave a doubt.
std::optional<PatientId> OnlySame(const std::vector<Resemblance>& like) {
  std::optional<PatientId> same;
  for (const Resemblance& one : like) {
    if (one.verdict != Verdict::kSame) continue;
    if (same) return std::nullopt;
    same = one.patient;
  }
  return same;
}

absl::Status OpenRegistration(unit::Scope& scope, PatientId patient, OrganizationId organization) {
  const CareRelationship relationship = RegistrationOf(patient, organization, scope.now());
  ASSIGN_OR_RETURN(const bool added, care::AddUnlessThere(scope.sql(), relationship));
  if (added) scope.Append(events::Opened(relationship, scope.now()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Registration> MysqlPatientStore::Register(unit::Scope& scope,
                                                         const RegisterPatient& command) {
  RETURN_IF_ERROR(RequireOrganization(scope.sql(), command.organization));
  const std::vector<Identifier> identifiers = AllIdentifiers(command);
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(std::optional<Registration> registration, Claim(scope, command, identifiers));
    if (!registration) continue;
    const PatientId id = registration->patient;
    RETURN_IF_ERROR(OpenRegistration(scope, id, command.organization));
    scope.Subject("patient", id.uuid(), id.uuid());
    return *registration;
  }
  return errors::Contention();
}

absl::StatusOr<std::optional<Registration>> MysqlPatientStore::Claim(
    unit::Scope& scope, const RegisterPatient& command,
    const std::vector<Identifier>& identifiers) {
  std::optional<PatientId> owner;
  RegistrationOutcome outcome = RegistrationOutcome::kFoundByIdentifier;
  std::vector<Identifier> missing;
  for (const Identifier& identifier : identifiers) {
    ASSIGN_OR_RETURN(const auto found, rows_.OwnerOf(scope.sql(), identifier));
    if (!found) {
      missing.push_back(identifier);
    } else if (owner && *owner != *found) {
      return errors::IdentifierTaken(KindOf(identifier));
    } else {
      owner = found;
    }
  }
  if (!owner) {
    const MatchFacts facts = MatchFactsOf(matches_.names(), command);
    ASSIGN_OR_RETURN(const std::vector<Resemblance> like, matches_.Find(scope.sql(), facts));
    owner = OnlySame(like);
    outcome = RegistrationOutcome::kFoundByResemblance;
    if (!owner) return Create(scope, command, missing, facts, like);
  }
  ASSIGN_OR_RETURN(const auto patient, rows_.Lock(scope.sql(), *owner, ""));
  // Between the look and the lock a merge may have moved the identifier.
  if (!patient || !patient->merged_into.is_nil()) return std::nullopt;
  if (!command.national_id.empty() && !patient->national_id.empty() &&
      patient->national_id != command.national_id) {
    return errors::IdentifierTaken("identifier");
  }
  if (missing.empty()) return Registration{*owner, outcome};
  ASSIGN_OR_RETURN(const bool inserted, InsertMissing(scope, *owner, missing));
  if (!inserted) return std::nullopt;
  RETURN_IF_ERROR(scope.sql().Execute(kTouch, scope.now(), *owner, patient->version).status());
  return Registration{*owner, outcome};
}

absl::StatusOr<std::optional<Registration>> MysqlPatientStore::Create(
    unit::Scope& scope, const RegisterPatient& command, const std::vector<Identifier>& identifiers,
    const MatchFacts& facts, const std::vector<Resemblance>& like) {
  const Patient patient = NewPatient(PatientId::New(scope.now()), command);
  ASSIGN_OR_RETURN(const bool inserted, InsertMissing(scope, patient.id, identifiers));
  if (!inserted) return std::nullopt;
  RETURN_IF_ERROR(rows_.Insert(scope.sql(), patient, scope.now()));
  RETURN_IF_ERROR(matches_.WriteKeys(scope.sql(), patient.id, facts));
  for (const Resemblance& one : like) {
    RETURN_IF_ERROR(
        matches_
            .AddReview(scope.sql(), NewReview(patient.id, one.patient, one.comparison, scope.now()))
            .status());
  }
  scope.Append(events::Registered(patient, command.organization, scope.now()));
  return Registration{patient.id, like.empty() ? RegistrationOutcome::kCreated
                                               : RegistrationOutcome::kCreatedForReview};
}

absl::StatusOr<bool> MysqlPatientStore::InsertMissing(unit::Scope& scope, PatientId owner,
                                                      const std::vector<Identifier>& missing) {
  std::vector<base::Uuid> done;
  for (const Identifier& identifier : missing) {
    const auto inserted = rows_.InsertIdentifier(scope.sql(), owner, identifier, scope.now());
    if (inserted.ok()) {
      done.push_back(*inserted);
      continue;
    }
    if (DuplicateKeyOf(inserted.status()).empty()) return inserted.status();
    for (size_t i = 0; i < done.size(); ++i) {
      RETURN_IF_ERROR(rows_.DeleteIdentifier(scope.sql(), missing[i], done[i]));
    }
    return false;
  }
  return true;
}

absl::StatusOr<Patient> MysqlPatientStore::LockRelated(Session& session, PatientId id,
                                                       const Actor& actor, absl::Time now) {
  if (!actor.is_service) {
    ASSIGN_OR_RETURN(const bool holds, care::Holds(session, id, actor.organization, now));
    if (!holds) return errors::NotFound("patient");
  }
  ASSIGN_OR_RETURN(auto patient, rows_.Lock(session, id, IssuerOf(actor)));
  if (!patient) return errors::NotFound("patient");
  return *std::move(patient);
}

absl::Status MysqlPatientStore::Merge(unit::Scope& scope, const MergePatients& command,
                                      const Actor& actor) {
  Session& session = scope.sql();
  // Locked in the order of their ids, so that two merges of the same records do not deadlock.
  std::optional<Patient> survivor;
  std::optional<Patient> merged;
  for (const PatientId id :
       {std::min(command.survivor, command.merged), std::max(command.survivor, command.merged)}) {
    ASSIGN_OR_RETURN((id == command.survivor ? survivor : merged),
                     LockRelated(session, id, actor, scope.now()));
  }
  RETURN_IF_ERROR(CheckMerge(*survivor, *merged));
  return merges::Merge(scope, *survivor, *merged);
}

absl::StatusOr<Patient> MysqlPatientStore::Get(PatientId id, const Actor& actor, absl::Time now,
                                               absl::Time deadline) {
  std::optional<Patient> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    found.reset();
    if (!actor.is_service) {
      ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, id, actor, now));
      if (!reads) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(found, rows_.Read(session, id, IssuerOf(actor)));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("patient");
  return *std::move(found);
}

absl::StatusOr<Patient> MysqlPatientStore::Find(const Identifier& identifier, const Actor& actor,
                                                absl::Time now, absl::Time deadline) {
  // Who can give a resident identity number in full has the patient, or their card, in front of
  // them.
  const bool proves_presence = identifier.issuer == kNationalIdIssuer;
  std::optional<Patient> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    found.reset();
    ASSIGN_OR_RETURN(const std::optional<PatientId> owner, rows_.OwnerOf(session, identifier));
    if (!owner) return absl::OkStatus();
    if (!actor.is_service && !proves_presence) {
      ASSIGN_OR_RETURN(const bool reads, care::MayRead(session, *owner, actor, now));
      if (!reads) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(found, rows_.Read(session, *owner, IssuerOf(actor)));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("patient");
  return *std::move(found);
}

absl::StatusOr<bool> MysqlPatientStore::MaySee(PatientId id, const Actor& reader, absl::Time now,
                                               absl::Time deadline) {
  bool may_see = false;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(may_see, care::MayRead(session, id, reader, now));
    if (!may_see) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto live, session.SelectOne<bool>(
                                          kIsLive, [](const mysql::Row&) { return true; }, id));
    may_see = live.has_value();
    return absl::OkStatus();
  }));
  return may_see;
}

absl::StatusOr<PatientTraits> MysqlPatientStore::TraitsOf(PatientId id, absl::Time deadline) {
  std::optional<PatientTraits> found;
  RETURN_IF_ERROR(mysql::RunRead(pool_, deadline, [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(found, PatientRows::ReadTraits(session, id));
    return absl::OkStatus();
  }));
  if (!found) return errors::NotFound("patient");
  return *found;
}

}  // namespace yilian::directory
