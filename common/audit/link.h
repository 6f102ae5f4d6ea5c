// One step of linking: pending records move into the chain.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/audit/record.h"
#include "common/mysql/pool.h"

namespace yilian::audit {

struct LinkOptions {
  base::Uuid holder;        // who links
  bool heed_lease = true;   // leave it to another holder while its lease lasts
  absl::Duration lease;     // of this holder, counted from each link
  absl::Duration patience;  // for the whole step
  base::Uuid after;         // look at pending rows behind this id only
};

struct LinkStep {
  int linked = 0;
  bool more = false;  // there was more than one step takes, or somebody else was faster
};

// Takes the oldest pending rows and, in one transaction, moves the head, inserts their records with
// position and hash, deletes exactly these rows. Whatever ends it early (a deadline, a lost
// connection, kill -9) leaves all or nothing; the next step reads the head anew. Any number may run
// at once: only one can move a head that both have read.
// Rows that are deleted stay in the index until the server has purged them, and a backup may keep
// it from that for hours: who looks often says where to begin (FirstIdAt).
absl::StatusOr<LinkStep> LinkPending(mysql::Pool& pool, const LinkOptions& options);

// Below every version 7 id made at `time` or later.
base::Uuid FirstIdAt(absl::Time time);

}  // namespace yilian::audit
