// The rows of care_relationship. Each function works in the transaction it is given: registration,
// contract, merge and the consumers write them beside rows of their own.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "common/outbox/outbox.h"
#include "services/directory/domain/care.h"

namespace yilian::directory::care {

// True when the organization may see the patient at `at`.
absl::StatusOr<bool> Holds(mysql::Session& session, PatientId patient, OrganizationId organization,
                           absl::Time at);

// The same, or the actor's person has opened the patient's data in an emergency (BreakGlass): for
// reads only, never before a write. A service reads for others.
absl::StatusOr<bool> MayRead(mysql::Session& session, PatientId patient, const Actor& actor,
                             absl::Time at);

// True when the organization has a live contract with the patient.
absl::StatusOr<bool> HasContract(mysql::Session& session, PatientId patient,
                                 OrganizationId organization, absl::Time at);

// Organizations that are told of an emergency access: those with a live contract, else those that
// registered the patient.
absl::StatusOr<std::vector<OrganizationId>> GuardiansOf(mysql::Session& session, PatientId patient,
                                                        absl::Time at);

// Locks the record, so that a merge waits. NOT_FOUND, PATIENT_MERGED.
absl::Status RequireLivePatient(mysql::Session& session, PatientId patient);

// Organizations that may see the patient at `at` or later.
absl::StatusOr<std::vector<OrganizationId>> OrganizationsOf(mysql::Session& session,
                                                            PatientId patient, absl::Time at);

// Adds a relationship whose reason is new. False, and nothing changed, when it was there already.
absl::StatusOr<bool> AddUnlessThere(mysql::Session& session, const CareRelationship& relationship);

// Applies what Reconcile finds for the parties and returns the events of it.
absl::StatusOr<std::vector<outbox::NewEvent>> Apply(mysql::Session& session,
                                                    const CareParties& parties, absl::Time at);

// Gives the survivor a copy of each relationship of the merged record. The merged record keeps its
// own: other services may still have data under its id. No event: PatientsMerged says it. The ids
// of the copies.
absl::StatusOr<std::vector<base::Uuid>> Inherit(mysql::Session& session, PatientId survivor,
                                                PatientId merged, absl::Time at);

// The record itself and, where it was merged, its survivor. Keeps a merge of the record waiting
// until the transaction ends.
absl::StatusOr<std::vector<PatientId>> RecordsOf(mysql::Session& session, PatientId patient);

}  // namespace yilian::directory::care
