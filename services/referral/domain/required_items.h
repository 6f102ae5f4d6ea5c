// What the receiving department wants before it looks, and whom it takes: data of the directory's
// catalogue.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/referral/domain/errors.h"
#include "services/referral/domain/types.h"

namespace yilian::referral {

struct Referral;

// Numbers are those of yilian.directory.v1.RequiredItemKind.
enum class RequiredItemKind { kReport = 1, kAttachment, kText, kVital };

struct RequiredItem {
  std::string code;
  RequiredItemKind kind = RequiredItemKind::kText;
  std::string name;
  std::vector<Direction> directions;  // empty: all
  std::vector<Urgency> urgencies;     // empty: all
};

// Of one department, with how many attachments the referral has. A department without an entry in
// the catalogue requires nothing and takes everything.
struct Requirements {
  std::vector<RequiredItem> items;
  std::vector<Setting> settings;  // empty: all
  std::vector<Channel> channels;  // empty: all
  int attachments = 0;
};

// Each item that the referral does not meet, with the place where it belongs. A report is met by a
// citation, a text by a part of the summary, a vital by its name with a figure close behind it in
// the history, attachments in their order by as many as there are. A code that this release does
// not know asks for nothing.
errors::Violations MissingItems(const Requirements& requirements, const Referral& referral);
// The setting and the channel, where the department takes others only.
errors::Violations NotTaken(const Requirements& requirements, const Referral& referral);

// The catalogue. Answers may be minutes old, and older while the directory cannot be asked.
class RequiredItems {
 public:
  virtual ~RequiredItems() = default;
  // `department` may be nil: nothing is required. UNAVAILABLE when the directory cannot be asked
  // and was never asked for this department before.
  virtual absl::StatusOr<Requirements> Of(DepartmentId department, absl::Time deadline) = 0;
};

// How many attachments a referral has. Thread-safe.
class AttachmentCount {
 public:
  virtual ~AttachmentCount() = default;
  virtual absl::StatusOr<int> Of(ReferralId referral, absl::Time deadline) = 0;
};

}  // namespace yilian::referral
