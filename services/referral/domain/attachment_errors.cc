#include "services/referral/domain/attachment_errors.h"

#include <fmt/format.h>

#include "common/status/errors_of.h"
#include "services/referral/domain/errors.h"

namespace yilian::referral::errors {
namespace {

using absl::StatusCode;

constexpr status::ErrorsOf kError(kDomain);

}  // namespace

absl::Status UploadNotFound() {
  return kError(StatusCode::kNotFound, "UPLOAD_NOT_FOUND")
      .Message("no such upload of your organization, or it has expired: begin anew")
      .Chinese("本机构没有该上传任务，或已过期，请重新上传");
}

absl::Status AttachmentNotFound() {
  return kError(StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND")
      .Message("no such attachment, or none of a record that your organization is a party of")
      .Chinese("没有该附件，或您的机构不是所属记录的一方");
}

absl::Status AttachmentTooLarge(int64_t limit) {
  return kError(StatusCode::kInvalidArgument, "ATTACHMENT_TOO_LARGE")
      .Message(fmt::format("an attachment has at most {} bytes here", limit))
      .Chinese(fmt::format("附件不能超过 {} 字节", limit))
      .Field("size", fmt::format("is at most {}", limit))
      .Meta("limit", std::to_string(limit));
}

absl::Status TooManyAttachments(int limit) {
  return kError(StatusCode::kFailedPrecondition, "TOO_MANY_ATTACHMENTS")
      .Message(fmt::format("a record has at most {} attachments, uploads included", limit))
      .Chinese(fmt::format("每条记录最多 {} 个附件（含上传中的）", limit))
      .Meta("limit", std::to_string(limit));
}

absl::Status RecordClosed() {
  return kError(StatusCode::kFailedPrecondition, "RECORD_CLOSED")
      .Message("the record is closed: nothing is added to it any more")
      .Chinese("该记录已结束，不能再添加附件");
}

absl::Status OffsetStale(int64_t offset) {
  return kError(StatusCode::kAborted, "OFFSET_STALE")
      .Message(fmt::format("the upload stands at {}: go on from there", offset))
      .Chinese(fmt::format("上传位置为 {}，请从该处继续", offset))
      .Meta("offset", std::to_string(offset));
}

absl::Status UploadIncomplete(int64_t offset) {
  return kError(StatusCode::kFailedPrecondition, "UPLOAD_INCOMPLETE")
      .Message(fmt::format("only the first {} bytes are there: send the rest first", offset))
      .Chinese(fmt::format("仅收到前 {} 字节，请先上传剩余部分", offset))
      .Meta("offset", std::to_string(offset));
}

absl::Status ContentRefused(std::string_view rule, std::string_view found) {
  status::Error error = kError(StatusCode::kFailedPrecondition, "CONTENT_REFUSED");
  if (rule == "SHA256") {
    error.Message("the content has not the declared SHA-256: begin the upload anew")
        .Chinese("附件内容与声明的 SHA-256 不一致，请重新上传");
  } else if (rule == "TEXT") {
    error.Message("the content is no UTF-8 text throughout: convert it and begin anew")
        .Chinese("附件内容不是有效的 UTF-8 文本，请转换后重新上传");
  } else {
    error.Message(fmt::format("the content is not of the declared type but looks like {}", found))
        .Chinese(fmt::format("附件内容与声明的类型不符，实际为 {}", found))
        .Meta("found", found);
  }
  return error.Meta("rule", rule);
}

absl::Status AttachmentKept(std::string_view state) {
  return kError(StatusCode::kFailedPrecondition, "ATTACHMENT_KEPT")
      .Message(
          "what has been handed over stays: an attachment is removed while its referral is a draft "
          "or returned; add the right one, and say so")
      .Chinese(
          "资料已提交，附件不能删除：仅草稿或退回状态的转诊单可删除附件，请补充正确的附件并说明")
      .Meta("state", state);
}

absl::Status AttachmentOfOtherSide() {
  return kError(StatusCode::kPermissionDenied, "ATTACHMENT_OF_OTHER_SIDE")
      .Message("the other side added this attachment, and only they remove it")
      .Chinese("该附件由对方机构上传，只能由对方删除");
}

}  // namespace yilian::referral::errors
