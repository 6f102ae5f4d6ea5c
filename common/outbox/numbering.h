// The two steps of the sequencer, apart, so that a test can stop between them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/mysql/session.h"

namespace yilian::outbox {

// What one statement saw: the sequencer row and the committed events without a position.
struct Unnumbered {
  int64_t next_position = 1;
  int64_t epoch = 0;
  base::Uuid holder;
  bool lease_live = false;          // by the database's clock
  std::vector<int64_t> outbox_ids;  // in order of insertion
};

// Most events that one statement numbers.
inline constexpr int kMostNumbered = 256;

// Reads up to `limit` events, at most kMostNumbered, that are committed and have no position, in
// one consistent read. That the read takes no row locks matters twice: it never waits for a writer,
// and what it sees is closed under "committed before". A scan that locks rows and skips locked ones
// could pass version 1 of an aggregate while its writer still holds it and then meet version 2,
// committed a moment later.
absl::StatusOr<Unnumbered> ReadUnnumbered(mysql::Session& session, int limit);

// Numbers what was read and takes the lease, in one statement that commits by itself: a process
// that freezes holds no lock while it is frozen. False, and nothing changed, when anybody else has
// numbered since the read.
absl::StatusOr<bool> Number(mysql::Session& session, const Unnumbered& read,
                            const base::Uuid& holder, absl::Duration lease);

// Makes the sequencer row if this schema has none yet.
absl::Status EnsureSequencerRow(mysql::Session& session);

}  // namespace yilian::outbox
