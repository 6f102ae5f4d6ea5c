#include "services/referral/store/attachment_rows.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/mysql/or_null.h"

namespace yilian::referral::rows {
namespace {

using mysql::OrNull;

using mysql::Query;

#define YILIAN_UPLOAD_COLUMNS                                                   \
  "upload_id, referral_id, advice_id, organization_id, practitioner_id, name, " \
  "media_type, size, sha256, received, expires_at"
#define YILIAN_ATTACHMENT_COLUMNS                                                   \
  "attachment_id, referral_id, advice_id, organization_id, practitioner_id, name, " \
  "media_type, size, sha256, blob_id, added_at"

constexpr Query kInsertUpload{"attachment.InsertUpload",
                              "INSERT INTO upload (" YILIAN_UPLOAD_COLUMNS
                              ", is_over) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)"};
// Index: primary key.
constexpr Query kFindUpload{
    "attachment.FindUpload",
    "SELECT " YILIAN_UPLOAD_COLUMNS
    " FROM upload WHERE upload_id = ? AND organization_id = ? AND is_over = FALSE AND "
    "expires_at > ?"};
// Index: primary key. The row lock keeps expiry and a second completion out.
constexpr Query kLockUpload{
    "attachment.LockUpload",
    "SELECT " YILIAN_UPLOAD_COLUMNS
    " FROM upload WHERE upload_id = ? AND organization_id = ? AND is_over = FALSE AND "
    "expires_at > ? FOR UPDATE"};
constexpr Query kInsert{"attachment.Insert", "INSERT INTO attachment (" YILIAN_ATTACHMENT_COLUMNS
                                             ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
// Index: primary key.
constexpr Query kGet{"attachment.Get", "SELECT " YILIAN_ATTACHMENT_COLUMNS
                                       " FROM attachment WHERE attachment_id = ?"};
// Index: primary key.
constexpr Query kDelete{"attachment.Delete", "DELETE FROM attachment WHERE attachment_id = ?"};
// Index: ix_attachment__blob.
constexpr Query kOfBlob{"attachment.OfBlob", "SELECT 1 FROM attachment WHERE blob_id = ? LIMIT 1"};
// Index: ix_attachment__referral.
constexpr Query kListOfReferral{"attachment.ListOfReferral",
                                "SELECT " YILIAN_ATTACHMENT_COLUMNS
                                " FROM attachment WHERE referral_id = ? ORDER BY added_at, "
                                "attachment_id"};
// Index: ix_attachment__advice.
constexpr Query kListOfAdvice{"attachment.ListOfAdvice",
                              "SELECT " YILIAN_ATTACHMENT_COLUMNS
                              " FROM attachment WHERE advice_id = ? ORDER BY added_at, "
                              "attachment_id"};
// Index: ix_attachment__referral, ix_upload__referral.
constexpr Query kCountOfReferral{
    "attachment.CountOfReferral",
    "SELECT (SELECT COUNT(*) FROM attachment WHERE referral_id = ?) + (SELECT COUNT(*) FROM upload "
    "WHERE referral_id = ? AND is_over = FALSE)"};
// Index: ix_attachment__advice, ix_upload__advice.
constexpr Query kCountOfAdvice{
    "attachment.CountOfAdvice",
    "SELECT (SELECT COUNT(*) FROM attachment WHERE advice_id = ?) + (SELECT COUNT(*) FROM upload "
    "WHERE advice_id = ? AND is_over = FALSE)"};

constexpr std::string_view kUploadName = "upload.name";
constexpr std::string_view kAttachmentName = "attachment.name";

// The columns that uploads and attachments share, from `record` to `sha256`; the name apart.
mysql::Values Values(const base::Uuid& id, const Declaration& declared, const Actor& by,
                     std::string name) {
  return {id,
          OrNull(declared.record.referral),
          OrNull(declared.record.advice),
          by.organization,
          OrNull(by.practitioner),
          mysql::Blob{std::move(name)},
          static_cast<int>(declared.media_type),
          declared.size,
          mysql::Blob{declared.sha256}};
}

Declaration DeclarationFrom(const mysql::Row& row, std::string name) {
  return {.record = {.referral = row.Id<ReferralId>(1), .advice = row.Id<AdviceId>(2)},
          .name = std::move(name),
          .media_type = static_cast<MediaType>(row.Int(6)),
          .size = row.Int(7),
          .sha256 = row.Bytes(8)};
}

Actor ActorFrom(const mysql::Row& row) {
  return {.organization = row.Id<OrganizationId>(3), .practitioner = row.Id<PractitionerId>(4)};
}

absl::StatusOr<Upload> UploadFrom(const mysql::Row& row, const crypto::FieldCipher& cipher) {
  Upload upload;
  upload.id = row.Id<UploadId>(0);
  ASSIGN_OR_RETURN(std::string name, cipher.Decrypt({kUploadName, upload.id.uuid()}, row.Bytes(5)));
  upload.declared = DeclarationFrom(row, std::move(name));
  upload.by = ActorFrom(row);
  upload.received = row.Int(9);
  upload.expires_at = row.Time(10);
  return upload;
}

absl::StatusOr<Attachment> AttachmentFrom(const mysql::Row& row,
                                          const crypto::FieldCipher& cipher) {
  Attachment attachment;
  attachment.id = row.Id<AttachmentId>(0);
  ASSIGN_OR_RETURN(std::string name,
                   cipher.Decrypt({kAttachmentName, attachment.id.uuid()}, row.Bytes(5)));
  attachment.content = DeclarationFrom(row, std::move(name));
  attachment.by = ActorFrom(row);
  attachment.blob = row.Id(9);
  attachment.added_at = row.Time(10);
  return attachment;
}

}  // namespace

absl::Status InsertUpload(mysql::Session& session, const crypto::FieldCipher& cipher,
                          const Upload& upload) {
  ASSIGN_OR_RETURN(std::string name,
                   cipher.Encrypt({kUploadName, upload.id.uuid()}, upload.declared.name));
  mysql::Values values = Values(upload.id.uuid(), upload.declared, upload.by, std::move(name));
  values.emplace_back(upload.received);
  values.emplace_back(upload.expires_at);
  return session.ExecuteValues(kInsertUpload, values).status();
}

absl::StatusOr<std::optional<Upload>> FindUpload(mysql::Session& session,
                                                 const crypto::FieldCipher& cipher, UploadId id,
                                                 OrganizationId owner, absl::Time now, bool lock) {
  return session.SelectOne<Upload>(
      lock ? kLockUpload : kFindUpload,
      [&](const mysql::Row& row) { return UploadFrom(row, cipher); }, id, owner, now);
}

absl::Status InsertAttachment(mysql::Session& session, const crypto::FieldCipher& cipher,
                              const Attachment& attachment) {
  ASSIGN_OR_RETURN(std::string name, cipher.Encrypt({kAttachmentName, attachment.id.uuid()},
                                                    attachment.content.name));
  mysql::Values values =
      Values(attachment.id.uuid(), attachment.content, attachment.by, std::move(name));
  values.emplace_back(attachment.blob);
  values.emplace_back(attachment.added_at);
  return session.ExecuteValues(kInsert, values).status();
}

absl::StatusOr<std::optional<Attachment>> FindAttachment(mysql::Session& session,
                                                         const crypto::FieldCipher& cipher,
                                                         AttachmentId id) {
  return session.SelectOne<Attachment>(
      kGet, [&](const mysql::Row& row) { return AttachmentFrom(row, cipher); }, id);
}

absl::StatusOr<bool> DeleteAttachment(mysql::Session& session, AttachmentId id) {
  ASSIGN_OR_RETURN(const int64_t deleted, session.Execute(kDelete, id));
  return deleted == 1;
}

absl::StatusOr<bool> IsAttached(mysql::Session& session, const base::Uuid& blob) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> found,
                   session.SelectOne<int64_t>(
                       kOfBlob, [](const mysql::Row& row) { return row.Int(0); }, blob));
  return found.has_value();
}

absl::StatusOr<std::vector<Attachment>> AttachmentsOf(mysql::Session& session,
                                                      const crypto::FieldCipher& cipher,
                                                      const RecordRef& record) {
  const auto make = [&](const mysql::Row& row) { return AttachmentFrom(row, cipher); };
  return record.advice.is_nil()
             ? session.SelectAll<Attachment>(kListOfReferral, make, record.referral)
             : session.SelectAll<Attachment>(kListOfAdvice, make, record.advice);
}

absl::StatusOr<int64_t> CountOf(mysql::Session& session, const RecordRef& record) {
  const auto count = [](const mysql::Row& row) { return row.Int(0); };
  ASSIGN_OR_RETURN(
      const std::optional<int64_t> there,
      record.advice.is_nil()
          ? session.SelectOne<int64_t>(kCountOfReferral, count, record.referral, record.referral)
          : session.SelectOne<int64_t>(kCountOfAdvice, count, record.advice, record.advice));
  return there.value_or(0);
}

absl::Status CopyAttachments(mysql::Session& session, const crypto::FieldCipher& cipher,
                             AdviceId from, ReferralId to) {
  ASSIGN_OR_RETURN(std::vector<Attachment> attachments,
                   AttachmentsOf(session, cipher, {.advice = from}));
  for (Attachment& attachment : attachments) {
    attachment.id = AttachmentId(base::Uuid::V5(to.uuid(), attachment.id.ToString()));
    attachment.content.record = {.referral = to};
    RETURN_IF_ERROR(InsertAttachment(session, cipher, attachment));
  }
  return absl::OkStatus();
}

}  // namespace yilian::referral::rows
