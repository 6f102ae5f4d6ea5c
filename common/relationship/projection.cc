#include "common/relationship/projection.h"

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/mysql/query.h"
#include "common/outbox/malformed.h"
#include "common/relationship/merges.h"
#include "yilian/directory/v1/access.pb.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::relationship {
namespace {

using outbox::Malformed;

using mysql::Query;

// Index: primary key prefix (data_subject_id, organization_id).
constexpr Query kHolds{
    "relationship.Holds",
    "SELECT 1 FROM relationship WHERE data_subject_id = ? AND organization_id = ? "
    "AND started_at <= ? AND (ends_at IS NULL OR ends_at > ?) LIMIT 1"};
constexpr Query kOrganizations{
    "relationship.Organizations",
    "SELECT DISTINCT organization_id FROM relationship WHERE data_subject_id = ? "
    "AND started_at <= ? AND (ends_at IS NULL OR ends_at > ?)"};
// An event that comes a second time leaves the row as it is; one that opens a reason anew takes its
// end away.
constexpr Query kOpen{"relationship.Open",
                      "INSERT INTO relationship "
                      "(data_subject_id, organization_id, source, source_id, started_at, ends_at) "
                      "VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE ends_at = ?"};
constexpr Query kEnd{"relationship.End",
                     "UPDATE relationship SET ends_at = ? WHERE data_subject_id = ? "
                     "AND organization_id = ? AND source = ? AND source_id = ?"};
// The merged record keeps its rows: a service may still have data under its id. A reason that names
// the person itself (a registration) names the survivor in the copy. Where both had the same
// reason, the survivor's row stands.
constexpr Query kInherit{
    "relationship.Inherit",
    "INSERT IGNORE INTO relationship "
    "(data_subject_id, organization_id, source, source_id, started_at, ends_at) "
    "SELECT ?, organization_id, source, CASE WHEN source_id = ? THEN ? ELSE source_id END, "
    "started_at, ends_at FROM relationship WHERE data_subject_id = ?"};

// Index: primary key prefix (data_subject_id, user_id).
constexpr Query kGlass{"relationship.BrokenGlass",
                       "SELECT 1 FROM relationship_broken_glass WHERE data_subject_id = ? "
                       "AND user_id = ? AND organization_id = ? AND ends_at > ? LIMIT 1"};
constexpr Query kBreak{"relationship.BreakGlass",
                       "INSERT INTO relationship_broken_glass "
                       "(data_subject_id, user_id, broken_glass_id, organization_id, ends_at) "
                       "VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE ends_at = ends_at"};
// Earlier ones of the same reader, so that the table stays small.
constexpr Query kForget{"relationship.ForgetGlass",
                        "DELETE FROM relationship_broken_glass WHERE data_subject_id = ? "
                        "AND user_id = ? AND ends_at < ?"};

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// What both events of a relationship name: the key of its row.
struct Key {
  base::Uuid data_subject;
  base::Uuid organization;
  std::string source;
  base::Uuid source_id;
};

template <typename Payload>
absl::StatusOr<Key> KeyOf(const Payload& payload) {
  Key key;
  ASSIGN_OR_RETURN(key.data_subject, base::Uuid::Parse(payload.patient_id()));
  ASSIGN_OR_RETURN(key.organization, base::Uuid::Parse(payload.organization_id()));
  ASSIGN_OR_RETURN(key.source_id, base::Uuid::Parse(payload.source_id()));
  key.source = directory::v1::CareSource_Name(payload.source());
  constexpr std::string_view kPrefix = "CARE_SOURCE_";
  if (!key.source.starts_with(kPrefix))
    key.source = "UNKNOWN";  // a reason newer than this binary
  else
    key.source.erase(0, kPrefix.size());
  return key;
}

absl::Status ApplyOpened(mysql::Session& session, const event::v1::Event& event) {
  directory::v1::CareRelationshipOpened opened;
  if (!event.payload().UnpackTo(&opened)) return Malformed(event);
  const absl::StatusOr<Key> key = KeyOf(opened);
  if (!key.ok() || !opened.has_started_at()) return Malformed(event);
  std::optional<absl::Time> ends_at;
  if (opened.has_ends_at()) ends_at = ToTime(opened.ends_at());
  return session
      .Execute(kOpen, key->data_subject, key->organization, key->source, key->source_id,
               ToTime(opened.started_at()), ends_at, ends_at)
      .status();
}

absl::Status ApplyEnded(mysql::Session& session, const event::v1::Event& event) {
  directory::v1::CareRelationshipEnded ended;
  if (!event.payload().UnpackTo(&ended)) return Malformed(event);
  const absl::StatusOr<Key> key = KeyOf(ended);
  if (!key.ok() || !ended.has_ends_at()) return Malformed(event);
  return session
      .Execute(kEnd, ToTime(ended.ends_at()), key->data_subject, key->organization, key->source,
               key->source_id)
      .status();
}

absl::Status ApplyMerge(mysql::Session& session, const SubjectMerge& merge) {
  RETURN_IF_ERROR(RecordMerge(session, merge));
  // What the survivor inherited ends by events of its own.
  if (merge.undone) return absl::OkStatus();
  return session.Execute(kInherit, merge.survivor, merge.merged, merge.survivor, merge.merged)
      .status();
}

absl::Status ApplyBroken(mysql::Session& session, const event::v1::Event& event) {
  directory::v1::GlassBroken broken;
  if (!event.payload().UnpackTo(&broken)) return Malformed(event);
  const directory::v1::BrokenGlass& glass = broken.broken_glass();
  const absl::StatusOr<base::Uuid> id = base::Uuid::Parse(glass.broken_glass_id());
  const absl::StatusOr<base::Uuid> subject = base::Uuid::Parse(glass.patient_id());
  const absl::StatusOr<base::Uuid> user = base::Uuid::Parse(glass.user_id());
  const absl::StatusOr<base::Uuid> organization = base::Uuid::Parse(glass.organization_id());
  if (!id.ok() || !subject.ok() || !user.ok() || !organization.ok() || !glass.has_ends_at()) {
    return Malformed(event);
  }
  RETURN_IF_ERROR(session.Execute(kForget, *subject, *user, ToTime(glass.started_at())).status());
  return session.Execute(kBreak, *subject, *user, *id, *organization, ToTime(glass.ends_at()))
      .status();
}

}  // namespace

absl::StatusOr<bool> HasBrokenGlass(mysql::Session& session, const base::Uuid& data_subject,
                                    const base::Uuid& user, const base::Uuid& organization,
                                    absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(
                       kGlass, [](const mysql::Row&) -> absl::StatusOr<bool> { return true; },
                       data_subject, user, organization, at));
  return found.has_value();
}

absl::StatusOr<bool> Holds(mysql::Session& session, const base::Uuid& data_subject,
                           const base::Uuid& organization, absl::Time at) {
  ASSIGN_OR_RETURN(const std::optional<bool> found,
                   session.SelectOne<bool>(
                       kHolds, [](const mysql::Row&) -> absl::StatusOr<bool> { return true; },
                       data_subject, organization, at, at));
  return found.has_value();
}

absl::StatusOr<std::vector<base::Uuid>> OrganizationsOf(mysql::Session& session,
                                                        const base::Uuid& data_subject,
                                                        absl::Time at) {
  return session.SelectAll<base::Uuid>(
      kOrganizations,
      [](const mysql::Row& row) -> absl::StatusOr<base::Uuid> { return row.Id<base::Uuid>(0); },
      data_subject, at, at);
}

absl::Status Apply(mysql::Session& session, const event::v1::Event& event) {
  if (event.type() == "CareRelationshipOpened") return ApplyOpened(session, event);
  if (event.type() == "CareRelationshipEnded") return ApplyEnded(session, event);
  ASSIGN_OR_RETURN(const std::optional<SubjectMerge> merge, MergeOf(event));
  if (merge) return ApplyMerge(session, *merge);
  if (event.type() == "GlassBroken") return ApplyBroken(session, event);
  return absl::OkStatus();
}

}  // namespace yilian::relationship
