#include "common/relationship/consents.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/outbox/malformed.h"
#include "common/relationship/merges.h"
#include "common/status/error.h"

namespace yilian::relationship {
namespace {

using directory::v1::ConsentPurpose;
using mysql::Blob;
using mysql::Query;
using outbox::Malformed;

constexpr size_t kIdBytes = 16;

// An event that comes a second time, or behind its own withdrawal, leaves the row as it is.
constexpr Query kRecord{"relationship.RecordConsent",
                        "INSERT INTO relationship_consent (data_subject_id, consent_id, merge_id, "
                        "purpose, organizations, starts_at, ends_at, revoked_at) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, NULL) "
                        "ON DUPLICATE KEY UPDATE consent_id = consent_id"};
// Index: ix_relationship_consent__consent; also the rows that a merge gave to others.
constexpr Query kRevoke{"relationship.RevokeConsent",
                        "UPDATE relationship_consent SET revoked_at = ? WHERE consent_id = ?"};
// Index: as above.
constexpr Query kSubjectsOf{"relationship.SubjectsOfConsent",
                            "SELECT data_subject_id FROM relationship_consent WHERE consent_id = ? "
                            "ORDER BY data_subject_id"};
// Index: primary key prefix.
constexpr Query kInherit{
    "relationship.InheritConsents",
    "INSERT IGNORE INTO relationship_consent (data_subject_id, consent_id, merge_id, purpose, "
    "organizations, starts_at, ends_at, revoked_at) SELECT ?, consent_id, ?, purpose, "
    "organizations, starts_at, ends_at, revoked_at FROM relationship_consent "
    "WHERE data_subject_id = ?"};
// Index: primary key prefix.
constexpr Query kDisinherit{"relationship.DisinheritConsents",
                            "DELETE FROM relationship_consent WHERE data_subject_id = ? "
                            "AND merge_id = ?"};
// Index: primary key prefix.
constexpr Query kTerms{"relationship.ConsentTerms",
                       "SELECT organizations, starts_at, ends_at, revoked_at "
                       "FROM relationship_consent WHERE data_subject_id = ? AND purpose = ?"};

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::StatusOr<ConsentTerms> TermsFrom(const mysql::Row& row) {
  ConsentTerms terms{
      .starts_at = row.Time(1), .ends_at = row.OptionalTime(2), .revoked_at = row.OptionalTime(3)};
  const std::string packed = row.Bytes(0);
  for (size_t at = 0; at + kIdBytes <= packed.size(); at += kIdBytes) {
    ASSIGN_OR_RETURN(const base::Uuid id, base::Uuid::FromBytes(packed.substr(at, kIdBytes)));
    terms.organizations.push_back(id);
  }
  return terms;
}

absl::StatusOr<std::vector<base::Uuid>> Apply(mysql::Session& session,
                                              const event::v1::Event& event,
                                              const directory::v1::Consent& consent) {
  const absl::StatusOr<base::Uuid> id = base::Uuid::Parse(consent.consent_id());
  const absl::StatusOr<base::Uuid> subject = base::Uuid::Parse(consent.patient_id());
  if (!id.ok() || !subject.ok() || !consent.has_starts_at()) return Malformed(event);
  std::string organizations;
  for (const std::string& text : consent.organization_ids()) {
    const absl::StatusOr<base::Uuid> organization = base::Uuid::Parse(text);
    if (!organization.ok()) return Malformed(event);
    organizations += organization->ToBytes();
  }
  std::optional<absl::Time> ends_at;
  if (consent.has_ends_at()) ends_at = ToTime(consent.ends_at());
  RETURN_IF_ERROR(session
                      .Execute(kRecord, *subject, *id, base::Uuid(),
                               static_cast<int>(consent.purpose()), Blob{std::move(organizations)},
                               ToTime(consent.starts_at()), ends_at)
                      .status());
  if (consent.has_revoked_at()) {
    RETURN_IF_ERROR(session.Execute(kRevoke, ToTime(consent.revoked_at()), *id).status());
  }
  return session.SelectAll<base::Uuid>(
      kSubjectsOf, [](const mysql::Row& row) { return row.Id(0); }, *id);
}

absl::StatusOr<std::vector<base::Uuid>> Apply(mysql::Session& session, const SubjectMerge& merge) {
  RETURN_IF_ERROR((merge.undone ? session.Execute(kDisinherit, merge.survivor, merge.id)
                                : session.Execute(kInherit, merge.survivor, merge.id, merge.merged))
                      .status());
  return std::vector<base::Uuid>{merge.survivor, merge.merged};
}

// "REFERRAL".
std::string NameOf(ConsentPurpose purpose) {
  return directory::v1::ConsentPurpose_Name(purpose).substr(sizeof("CONSENT_PURPOSE_") - 1);
}

std::string_view ChineseOf(ConsentPurpose purpose) {
  switch (purpose) {
    case directory::v1::CONSENT_PURPOSE_REFERRAL:
      return "转诊";
    case directory::v1::CONSENT_PURPOSE_REMOTE_CONSULTATION:
      return "远程会诊";
    case directory::v1::CONSENT_PURPOSE_RESULT_RECOGNITION:
      return "检验结果互认";
    case directory::v1::CONSENT_PURPOSE_RESEARCH:
      return "科研";
    case directory::v1::CONSENT_PURPOSE_TEACHING:
      return "教学";
    default:
      return "该用途";
  }
}

}  // namespace

bool LastWordIsNo(const std::vector<ConsentTerms>& consents, const base::Uuid& organization,
                  absl::Time at) {
  absl::Time given = absl::InfinitePast();
  absl::Time withdrawn = absl::InfinitePast();
  for (const ConsentTerms& one : consents) {
    if (!one.organizations.empty() && std::find(one.organizations.begin(), one.organizations.end(),
                                                organization) == one.organizations.end()) {
      continue;
    }
    if (one.revoked_at && *one.revoked_at <= at) {
      withdrawn = std::max(withdrawn, *one.revoked_at);
    } else if (one.starts_at <= at) {
      // One that holds outweighs every withdrawal of another, whichever came first.
      if (!one.ends_at || *one.ends_at > at) return false;
      given = std::max(given, one.starts_at);
    }
  }
  return withdrawn > given;
}

std::vector<std::string> ConsentEventTypes() {
  std::vector<std::string> types = MergeEventTypes();
  types.insert(types.end(), {"ConsentRecorded", "ConsentRevoked"});
  return types;
}

absl::StatusOr<std::vector<base::Uuid>> ApplyConsent(mysql::Session& session,
                                                     const event::v1::Event& event) {
  if (event.type() == "ConsentRecorded") {
    directory::v1::ConsentRecorded recorded;
    if (!event.payload().UnpackTo(&recorded)) return Malformed(event);
    return Apply(session, event, recorded.consent());
  }
  if (event.type() == "ConsentRevoked") {
    directory::v1::ConsentRevoked revoked;
    if (!event.payload().UnpackTo(&revoked)) return Malformed(event);
    return Apply(session, event, revoked.consent());
  }
  ASSIGN_OR_RETURN(const std::optional<SubjectMerge> merge, MergeOf(event));
  if (!merge) return std::vector<base::Uuid>();
  return Apply(session, *merge);
}

absl::StatusOr<bool> ConsentWithdrawn(mysql::Session& session, const base::Uuid& data_subject,
                                      const base::Uuid& organization, ConsentPurpose purpose,
                                      absl::Time at) {
  ASSIGN_OR_RETURN(
      const std::vector<ConsentTerms> consents,
      session.SelectAll<ConsentTerms>(kTerms, TermsFrom, data_subject, static_cast<int>(purpose)));
  return LastWordIsNo(consents, organization, at);
}

absl::Status ConsentWithdrawnError(std::string_view domain, const base::Uuid& organization,
                                   ConsentPurpose purpose) {
  const std::string name = NameOf(purpose);
  return status::Error(absl::StatusCode::kFailedPrecondition, domain, "CONSENT_WITHDRAWN")
      .Message(
          fmt::format("the patient withdrew their consent ({}) for this organization: ask them; "
                      "nothing is shared with it until they agree anew",
                      name))
      .Chinese(fmt::format("患者已撤回对该机构的知情同意（{}"
                           "）：请先征得患者同意并重新登记知情同意书，此前不得共享资料",
                           ChineseOf(purpose)))
      .Meta("organization_id", organization.ToString())
      .Meta("purpose", name)
      .Precondition("CONSENT", organization.ToString(),
                    fmt::format("if the patient agrees, record it (AccessService.RecordConsent, "
                                "purpose {}, for this organization or every one), then repeat the "
                                "call",
                                name));
}

}  // namespace yilian::relationship
