// Attachments and the uploads that become one.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/referral/domain/media.h"
#include "services/referral/domain/record.h"
#include "services/referral/domain/referral.h"

namespace yilian::referral {

using AttachmentId = base::Id<struct AttachmentTag>;
using UploadId = base::Id<struct UploadTag>;

// What the region takes; configuration.
struct AttachmentLimits {
  int64_t most_bytes = int64_t{100} * 1024 * 1024;
  int most_per_record = 50;  // with the uploads on their way
  absl::Duration upload_lifetime = absl::Hours(24);
};

// What a sender declares.
struct Declaration {
  RecordRef record;
  std::string name;
  MediaType media_type = MediaType::kPdf;
  int64_t size = 0;
  std::string sha256;  // 32 raw bytes
  bool operator==(const Declaration&) const = default;
};

// Its content is the blob of the same id.
struct Upload {
  UploadId id;
  Declaration declared;
  Actor by;
  int64_t received = 0;  // durable: whole chunks until everything is there
  absl::Time expires_at;

  bool complete() const { return received == declared.size; }
};

// Whole, checked and visible to the parties of its record.
struct Attachment {
  AttachmentId id;
  Declaration content;
  base::Uuid blob;  // several attachments may share one: what an advice thread becomes has its own
  Actor by;
  absl::Time added_at;
};

// May `by` remove it from its record? A draft is its owner's alone, whoever attached something to
// the advice that it came of. A returned referral is put right by both: each side takes back what
// it added. Everything else has been handed over, and somebody may have decided by it: it stays.
// ATTACHMENT_KEPT, ATTACHMENT_OF_OTHER_SIDE.
absl::Status CheckRemoval(const Attachment& attachment, const RecordView& record, const Actor& by);

// FIELD_INVALID with every bad field, ATTACHMENT_TOO_LARGE.
absl::Status Check(const Declaration& declared, const AttachmentLimits& limits);

}  // namespace yilian::referral
