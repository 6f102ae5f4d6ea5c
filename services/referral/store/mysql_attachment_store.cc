#include "services/referral/store/mysql_attachment_store.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/mysql/transaction.h"
#include "services/referral/domain/attachment_errors.h"
#include "services/referral/store/attachment_rows.h"
#include "yilian/referral/v1/attachment.pb.h"

namespace yilian::referral {
namespace {

using mysql::Query;

// Index: primary key. No row: another stream was faster, or the upload is over.
constexpr Query kAdvance{"attachment.Advance",
                         "UPDATE upload SET received = ? WHERE upload_id = ? AND received = ? AND "
                         "is_over = FALSE"};
// Index: primary key.
constexpr Query kIsOver{"attachment.IsOver",
                        "SELECT is_over FROM upload WHERE upload_id = ? FOR UPDATE"};
// Index: primary key.
constexpr Query kEndUpload{"attachment.EndUpload",
                           "UPDATE upload SET is_over = TRUE WHERE upload_id = ?"};
// Index: primary key.
constexpr Query kDeleteUpload{"attachment.DeleteUpload", "DELETE FROM upload WHERE upload_id = ?"};

std::vector<base::Uuid> AudienceOf(const RecordView& view) {
  std::vector<base::Uuid> audience;
  for (const OrganizationId& party : view.parties) audience.push_back(party.uuid());
  return audience;
}

outbox::NewEvent EventOf(const Attachment& attachment, const RecordView& view) {
  v1::AttachmentAdded payload;
  payload.set_attachment_id(attachment.id.ToString());
  const RecordRef& record = attachment.content.record;
  if (!record.referral.is_nil()) payload.set_referral_id(record.referral.ToString());
  if (!record.advice.is_nil()) payload.set_advice_id(record.advice.ToString());
  payload.set_media_type(static_cast<v1::MediaType>(attachment.content.media_type));
  payload.set_size(attachment.content.size);
  payload.set_organization_id(attachment.by.organization.ToString());
  return outbox::NewEvent::Of("attachment", attachment.id.uuid(), 1, payload, attachment.added_at,
                              AudienceOf(view));
}

outbox::NewEvent RemovalOf(const Attachment& attachment, const RecordView& view, absl::Time at) {
  v1::AttachmentRemoved payload;
  payload.set_attachment_id(attachment.id.ToString());
  payload.set_referral_id(attachment.content.record.referral.ToString());
  payload.set_organization_id(attachment.by.organization.ToString());
  return outbox::NewEvent::Of("attachment", attachment.id.uuid(), 2, payload, at, AudienceOf(view));
}

}  // namespace

absl::StatusOr<Upload> MysqlAttachmentStore::BeginIn(unit::Scope& scope,
                                                     const Declaration& declared, const Actor& by) {
  const RecordRef& record = declared.record;
  RETURN_IF_ERROR(deps_.records.Lock(scope.sql(), record));
  ASSIGN_OR_RETURN(const auto view, deps_.records.View(scope.sql(), record, by.organization));
  if (!view) return Records::NotFound(record);
  if (!view->open) return errors::RecordClosed();
  ASSIGN_OR_RETURN(const int64_t there, rows::CountOf(scope.sql(), record));
  if (there >= deps_.limits.most_per_record) {
    return errors::TooManyAttachments(deps_.limits.most_per_record);
  }
  const Upload upload{.id = UploadId::New(scope.now()),
                      .declared = declared,
                      .by = by,
                      .expires_at = scope.now() + deps_.limits.upload_lifetime};
  RETURN_IF_ERROR(rows::InsertUpload(scope.sql(), deps_.cipher, upload));
  RETURN_IF_ERROR(saga::SetTimer(scope.sql(), {.kind = std::string(kUploadTimer),
                                               .aggregate_id = upload.id.uuid(),
                                               .due_at = upload.expires_at}));
  scope.Subject("upload", upload.id.uuid(), view->patient.uuid());
  return upload;
}

absl::StatusOr<std::string> MysqlAttachmentStore::BeginBytes(
    const unit::WriteContext& context, const Declaration& declared, const Actor& by,
    const wire::RespondBytes<Upload>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Upload upload, BeginIn(scope, declared, by));
        return respond(upload);
      });
}

absl::StatusOr<Upload> MysqlAttachmentStore::FindUpload(UploadId id, OrganizationId owner,
                                                        absl::Time deadline) {
  std::optional<Upload> found;
  const absl::Time now = deps_.unit_of_work.clock().Now();
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(found, rows::FindUpload(session, deps_.cipher, id, owner, now, false));
        return absl::OkStatus();
      }));
  if (!found) return errors::UploadNotFound();
  return *std::move(found);
}

absl::Status MysqlAttachmentStore::Advance(const Upload& upload, int64_t from, int64_t to,
                                           absl::Time deadline) {
  int64_t moved = 0;
  RETURN_IF_ERROR(mysql::RunTransaction(
      deps_.unit_of_work.pool(),
      // A lost answer is not settled here: the stream ends, and the client asks how far it came.
      {.name = "attachment.Advance", .deadline = deadline},
      [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(moved, session.Execute(kAdvance, to, upload.id, from));
        return absl::OkStatus();
      }));
  if (moved == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Upload now, FindUpload(upload.id, upload.by.organization, deadline));
  return errors::OffsetStale(now.received);
}

absl::Status MysqlAttachmentStore::Refuse(const Upload& upload, absl::Time deadline) {
  const absl::Time now = deps_.unit_of_work.clock().Now();
  return mysql::RunTransaction(
      deps_.unit_of_work.pool(), {.name = "attachment.Refuse", .deadline = deadline},
      [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const int64_t ended, session.Execute(kEndUpload, upload.id));
        if (ended == 0) return absl::OkStatus();
        return saga::SetTimer(session, {.kind = std::string(kUploadTimer),
                                        .aggregate_id = upload.id.uuid(),
                                        .due_at = now + kUploadSweepDelay});
      });
}

absl::Status MysqlAttachmentStore::OnTimer(mysql::Session& session, const saga::Timer& timer) {
  const UploadId id(timer.aggregate_id);
  ASSIGN_OR_RETURN(const std::optional<bool> over,
                   session.SelectOne<bool>(
                       kIsOver, [](const mysql::Row& row) { return row.Bool(0); }, id));
  if (!over) return absl::OkStatus();
  if (!*over) {
    RETURN_IF_ERROR(session.Execute(kEndUpload, id).status());
    saga::Timer sweep = timer;
    sweep.due_at = deps_.unit_of_work.clock().Now() + kUploadSweepDelay;
    return saga::SetTimer(session, sweep);
  }
  // Outside the session, but of a blob that nobody can reach any more, and as good twice as once.
  RETURN_IF_ERROR(deps_.blobs.Delete(blob::BlobId(id.uuid()), absl::Now() + absl::Seconds(30)));
  return session.Execute(kDeleteUpload, id).status();
}

absl::StatusOr<Attachment> MysqlAttachmentStore::CompleteIn(unit::Scope& scope, UploadId id,
                                                            const Actor& by, bool checked) {
  ASSIGN_OR_RETURN(
      const std::optional<Upload> upload,
      rows::FindUpload(scope.sql(), deps_.cipher, id, by.organization, scope.now(), true));
  if (!upload) return errors::UploadNotFound();
  if (!checked || !upload->complete()) return errors::UploadIncomplete(upload->received);
  const RecordRef& record = upload->declared.record;
  ASSIGN_OR_RETURN(const auto view, deps_.records.View(scope.sql(), record, by.organization));
  if (!view) return Records::NotFound(record);
  if (!view->open) return errors::RecordClosed();

  const Attachment attachment{.id = AttachmentId(id.uuid()),
                              .content = upload->declared,
                              .blob = id.uuid(),
                              .by = upload->by,
                              .added_at = scope.now()};
  RETURN_IF_ERROR(rows::InsertAttachment(scope.sql(), deps_.cipher, attachment));
  RETURN_IF_ERROR(scope.sql().Execute(kDeleteUpload, id).status());
  RETURN_IF_ERROR(saga::CancelTimer(scope.sql(), kUploadTimer, id.uuid(), ""));
  scope.Append(EventOf(attachment, *view));
  scope.Subject("attachment", attachment.id.uuid(), view->patient.uuid());
  return attachment;
}

absl::StatusOr<std::string> MysqlAttachmentStore::CompleteBytes(
    const unit::WriteContext& context, UploadId id, const Actor& by, bool checked,
    const wire::RespondBytes<Attachment>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Attachment attachment, CompleteIn(scope, id, by, checked));
        return respond(attachment);
      });
}

absl::StatusOr<Attachment> MysqlAttachmentStore::RemoveIn(unit::Scope& scope, AttachmentId id,
                                                          const Actor& by) {
  ASSIGN_OR_RETURN(const std::optional<Attachment> attachment,
                   rows::FindAttachment(scope.sql(), deps_.cipher, id));
  if (!attachment) return errors::AttachmentNotFound();
  const RecordRef& record = attachment->content.record;
  // What is removed is not submitted in the same moment, or was before.
  RETURN_IF_ERROR(deps_.records.Lock(scope.sql(), record));
  ASSIGN_OR_RETURN(const auto view, deps_.records.View(scope.sql(), record, by.organization));
  if (!view) return errors::AttachmentNotFound();
  RETURN_IF_ERROR(CheckRemoval(*attachment, *view, by));
  ASSIGN_OR_RETURN(const bool deleted, rows::DeleteAttachment(scope.sql(), id));
  if (!deleted) return errors::AttachmentNotFound();
  RETURN_IF_ERROR(saga::SetTimer(scope.sql(), {.kind = std::string(kRemovedBlobTimer),
                                               .aggregate_id = attachment->blob,
                                               .due_at = scope.now() + kUploadSweepDelay}));
  scope.Append(RemovalOf(*attachment, *view, scope.now()));
  scope.Subject("attachment", id.uuid(), view->patient.uuid());
  return *attachment;
}

absl::StatusOr<std::string> MysqlAttachmentStore::RemoveBytes(
    const unit::WriteContext& context, AttachmentId id, const Actor& by,
    const wire::RespondBytes<Attachment>& respond) {
  return deps_.unit_of_work.RunBytes(
      context, [&](unit::Scope& scope) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const Attachment attachment, RemoveIn(scope, id, by));
        return respond(attachment);
      });
}

absl::Status MysqlAttachmentStore::OnRemovedBlob(mysql::Session& session,
                                                 const saga::Timer& timer) {
  ASSIGN_OR_RETURN(const bool attached, rows::IsAttached(session, timer.aggregate_id));
  if (attached) return absl::OkStatus();
  // Outside the session, as with uploads: of a blob that nobody can reach any more.
  return deps_.blobs.Delete(blob::BlobId(timer.aggregate_id), absl::Now() + absl::Seconds(30));
}

absl::StatusOr<RecordView> MysqlAttachmentStore::View(const RecordRef& record, OrganizationId party,
                                                      absl::Time deadline) {
  std::optional<RecordView> view;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(view, deps_.records.View(session, record, party));
        return absl::OkStatus();
      }));
  if (!view) return Records::NotFound(record);
  return *std::move(view);
}

absl::StatusOr<AttachmentStore::Listed> MysqlAttachmentStore::List(const RecordRef& record,
                                                                   OrganizationId party,
                                                                   absl::Time deadline) {
  Listed listed;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto view, deps_.records.View(session, record, party));
        if (!view) return Records::NotFound(record);
        listed.patient = view->patient;
        ASSIGN_OR_RETURN(listed.attachments, rows::AttachmentsOf(session, deps_.cipher, record));
        return absl::OkStatus();
      }));
  return listed;
}

absl::StatusOr<AttachmentStore::Found> MysqlAttachmentStore::Find(AttachmentId id,
                                                                  OrganizationId party,
                                                                  absl::Time deadline) {
  std::optional<Found> found;
  RETURN_IF_ERROR(mysql::RunRead(
      deps_.unit_of_work.pool(), deadline, [&](mysql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<Attachment> attachment,
                         rows::FindAttachment(session, deps_.cipher, id));
        if (!attachment) return absl::OkStatus();
        ASSIGN_OR_RETURN(const auto view,
                         deps_.records.View(session, attachment->content.record, party));
        if (view) found = Found{.attachment = *std::move(attachment), .patient = view->patient};
        return absl::OkStatus();
      }));
  if (!found) return errors::AttachmentNotFound();
  return *std::move(found);
}

}  // namespace yilian::referral
