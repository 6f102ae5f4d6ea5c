#include "services/referral/rpc/attachment_handlers.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/blob/running_hash.h"
#include "common/wire/timestamp.h"
#include "services/referral/domain/attachment_errors.h"
#include "services/referral/domain/errors.h"
#include "services/referral/rpc/attachment_streams.h"
#include "services/referral/rpc/consent.h"
#include "services/referral/rpc/convert.h"

namespace yilian::referral {
namespace {

using convert::ActorOf;

absl::StatusOr<RecordRef> RecordOf(const std::string& referral_id, const std::string& advice_id) {
  RecordRef record;
  ASSIGN_OR_RETURN(record.referral, wire::OptionalId<ReferralId>(referral_id));
  ASSIGN_OR_RETURN(record.advice, wire::OptionalId<AdviceId>(advice_id));
  return record;
}

v1::Upload ToProto(const Upload& upload) {
  v1::Upload out;
  out.set_upload_id(upload.id.ToString());
  out.set_offset(upload.received);
  out.set_size(upload.declared.size);
  out.set_chunk_bytes(blob::kChunkBytes);
  wire::SetTime(out.mutable_expires_at(), upload.expires_at);
  return out;
}

v1::Attachment ToProto(const Attachment& attachment) {
  v1::Attachment out;
  out.set_attachment_id(attachment.id.ToString());
  out.set_referral_id(wire::TextOrEmpty(attachment.content.record.referral));
  out.set_advice_id(wire::TextOrEmpty(attachment.content.record.advice));
  out.set_name(attachment.content.name);
  out.set_media_type(static_cast<v1::MediaType>(attachment.content.media_type));
  out.set_size(attachment.content.size);
  out.set_sha256(attachment.content.sha256);
  out.set_organization_id(attachment.by.organization.ToString());
  out.set_practitioner_id(wire::TextOrEmpty(attachment.by.practitioner));
  wire::SetTime(out.mutable_added_at(), attachment.added_at);
  return out;
}

// The ledger of request ids keeps no file names: people write patients' names into them.
v1::Attachment ForLedger(const Attachment& attachment) {
  v1::Attachment out = ToProto(attachment);
  out.clear_name();
  return out;
}

}  // namespace

rpc::Dispatch Bind(AttachmentHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.referral.v1.AttachmentService");
  dispatch.Unary("BeginUpload", &handlers, &AttachmentHandlers::BeginUpload)
      .Collect("WriteUpload", &handlers, &AttachmentHandlers::WriteUpload)
      .Unary("GetUpload", &handlers, &AttachmentHandlers::GetUpload)
      .Unary("CompleteUpload", &handlers, &AttachmentHandlers::CompleteUpload)
      .Unary("ListAttachments", &handlers, &AttachmentHandlers::List)
      .Unary("RemoveAttachment", &handlers, &AttachmentHandlers::Remove)
      .Stream("DownloadAttachment", &handlers, &AttachmentHandlers::Download);
  return dispatch;
}

absl::StatusOr<v1::Upload> AttachmentHandlers::BeginUpload(const rpc::Call& call,
                                                           const v1::BeginUploadRequest& request) {
  Declaration declared{.name = request.name(),
                       .media_type = static_cast<MediaType>(request.media_type()),
                       .size = request.size(),
                       .sha256 = request.sha256()};
  ASSIGN_OR_RETURN(declared.record, RecordOf(request.referral_id(), request.advice_id()));
  RETURN_IF_ERROR(Check(declared, deps_.limits));
  RETURN_IF_ERROR(CheckSharing(call, declared.record));
  return deps_.store.Begin<v1::Upload>(call.write_context(), declared, ActorOf(call.caller()),
                                       [](const Upload& upload) { return ToProto(upload); });
}

absl::Status AttachmentHandlers::CheckSharing(const rpc::Call& call, const RecordRef& record) {
  const OrganizationId party(call.caller().organization_id);
  ASSIGN_OR_RETURN(const RecordView view, deps_.store.View(record, party, call.deadline()));
  // What the other side answers goes to where the patient is cared for already.
  if (view.shared_with.is_nil() || party != view.owner) return absl::OkStatus();
  return CheckConsent(
      deps_.relationships, call, view.patient, view.shared_with,
      record.advice.is_nil() ? directory::v1::CONSENT_PURPOSE_REFERRAL : kAdvicePurpose);
}

absl::Status AttachmentHandlers::WriteUpload(
    const rpc::Call& call,
    std::shared_ptr<rpc::BidiStream<v1::WriteUploadRequest, v1::Upload>> stream) {
  auto receiver = std::make_shared<UploadReceiver>(
      deps_.store, deps_.blobs, OrganizationId(call.caller().organization_id), call.deadline());
  stream->OnMessage([receiver, stream](const v1::WriteUploadRequest& piece) {
    if (absl::Status status = receiver->Take(piece); !status.ok()) stream->Finish(status);
  });
  stream->OnHalfClose([receiver, stream] {
    if (!receiver->upload()) {
      return stream->Finish(
          errors::FieldInvalid({{"upload_id", "is given: the stream brought no message"}}));
    }
    stream->Write(ToProto(*receiver->upload()));
    stream->Finish(absl::OkStatus());
  });
  return absl::OkStatus();
}

absl::StatusOr<v1::Upload> AttachmentHandlers::GetUpload(const rpc::Call& call,
                                                         const v1::GetUploadRequest& request) {
  ASSIGN_OR_RETURN(const UploadId id, UploadId::Parse(request.upload_id()));
  ASSIGN_OR_RETURN(
      const Upload upload,
      deps_.store.FindUpload(id, OrganizationId(call.caller().organization_id), call.deadline()));
  return ToProto(upload);
}

absl::Status AttachmentHandlers::CheckContent(const Upload& upload, absl::Time deadline) {
  const Declaration& declared = upload.declared;
  blob::RunningSha256 hash;
  TextCheck text;
  std::string found;
  bool agrees = false;
  for (int64_t chunk = 0; chunk < blob::ChunksOf(declared.size); ++chunk) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     deps_.blobs.Get(blob::BlobId(upload.id.uuid()), chunk, deadline));
    if (chunk == 0) {
      ASSIGN_OR_RETURN(found, deps_.sniffer.Sniff(bytes));
      agrees = Agrees(declared.media_type, found, bytes);
    }
    hash.Add(bytes);
    if (IsText(declared.media_type)) text.Add(bytes);
  }
  if (hash.Finish() != declared.sha256) return errors::ContentRefused("SHA256", "");
  if (!agrees) return errors::ContentRefused("MEDIA_TYPE", found);
  if (!text.Passed()) return errors::ContentRefused("TEXT", "");
  return absl::OkStatus();
}

absl::StatusOr<v1::Attachment> AttachmentHandlers::CompleteUpload(
    const rpc::Call& call, const v1::CompleteUploadRequest& request) {
  ASSIGN_OR_RETURN(const UploadId id, UploadId::Parse(request.upload_id()));
  const Actor by = ActorOf(call.caller());
  const absl::StatusOr<Upload> upload =
      deps_.store.FindUpload(id, by.organization, call.deadline());
  // An upload that is gone may have become the attachment by this very request: the ledger knows.
  if (!upload.ok() && !absl::IsNotFound(upload.status())) return upload.status();
  const bool complete = upload.ok() && upload->complete();
  if (complete) {
    absl::Status content = CheckContent(*upload, call.deadline());
    if (absl::IsFailedPrecondition(content)) {
      RETURN_IF_ERROR(deps_.store.Refuse(*upload, call.deadline()));
    }
    RETURN_IF_ERROR(content);
  }
  std::optional<std::string> name;
  ASSIGN_OR_RETURN(v1::Attachment answer,
                   deps_.store.Complete<v1::Attachment>(call.write_context(), id, by, complete,
                                                        [&](const Attachment& attachment) {
                                                          name = attachment.content.name;
                                                          return ForLedger(attachment);
                                                        }));
  if (!name) {
    // This request's first answer once more; the attachment may have been removed meanwhile.
    ASSIGN_OR_RETURN(const AttachmentId made, AttachmentId::Parse(answer.attachment_id()));
    const absl::StatusOr<AttachmentStore::Found> found =
        deps_.store.Find(made, by.organization, call.deadline());
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    name = found.ok() ? found->attachment.content.name : "";
  }
  answer.set_name(*name);
  return answer;
}

absl::StatusOr<v1::ListAttachmentsResponse> AttachmentHandlers::List(
    const rpc::Call& call, const v1::ListAttachmentsRequest& request) {
  ASSIGN_OR_RETURN(const RecordRef record, RecordOf(request.referral_id(), request.advice_id()));
  if (record.referral.is_nil() == record.advice.is_nil()) {
    return errors::FieldInvalid({{"referral_id, advice_id", "exactly one of the two is given"}});
  }
  ASSIGN_OR_RETURN(
      const AttachmentStore::Listed listed,
      deps_.store.List(record, OrganizationId(call.caller().organization_id), call.deadline()));
  v1::ListAttachmentsResponse response;
  for (const Attachment& attachment : listed.attachments) {
    call.Subject("attachment", attachment.id.uuid(), listed.patient.uuid());
    *response.add_attachments() = ToProto(attachment);
  }
  return response;
}

absl::StatusOr<v1::RemoveAttachmentResponse> AttachmentHandlers::Remove(
    const rpc::Call& call, const v1::RemoveAttachmentRequest& request) {
  ASSIGN_OR_RETURN(const AttachmentId id, AttachmentId::Parse(request.attachment_id()));
  std::string name;  // gone with the attachment where a repeated request gets the first answer
  ASSIGN_OR_RETURN(
      v1::RemoveAttachmentResponse answer,
      deps_.store.Remove<v1::RemoveAttachmentResponse>(
          call.write_context(), id, ActorOf(call.caller()), [&name](const Attachment& attachment) {
            v1::RemoveAttachmentResponse response;
            name = attachment.content.name;
            *response.mutable_attachment() = ForLedger(attachment);
            return response;
          }));
  answer.mutable_attachment()->set_name(name);
  return answer;
}

absl::Status AttachmentHandlers::Download(
    const rpc::Call& call, const v1::DownloadAttachmentRequest& request,
    std::shared_ptr<rpc::ServerStream<v1::DownloadAttachmentResponse>> stream) {
  ASSIGN_OR_RETURN(const AttachmentId id, AttachmentId::Parse(request.attachment_id()));
  ASSIGN_OR_RETURN(
      const AttachmentStore::Found found,
      deps_.store.Find(id, OrganizationId(call.caller().organization_id), call.deadline()));
  const Attachment& attachment = found.attachment;
  if (request.offset() > attachment.content.size) {
    return errors::FieldInvalid({{"offset", "is not beyond the attachment's end"}});
  }
  call.Subject("attachment", attachment.id.uuid(), found.patient.uuid());
  auto sender = std::make_shared<DownloadSender>(deps_.blobs, attachment, ToProto(attachment),
                                                 request.offset(), call.deadline());
  // The stream lets go of its callbacks, and they of it, at its end.
  stream->OnDrained(
      [stream, sender] { stream->Post([stream, sender] { sender->Next(*stream); }); });
  sender->Next(*stream);
  return absl::OkStatus();
}

}  // namespace yilian::referral
