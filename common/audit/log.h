// The audit trail of one service: durable before the answer, chained by hash afterwards.
//
// A record first goes to a journal (table audit_pending, pending.h): those of a write in the
// write's own transaction (InsertRecords), those of reads through ReadLog, which makes one row of
// many calls. The Chainer (one a schema, by lease) moves committed records from there to
// audit_entry, where it numbers and links them: hash = SHA-256(previous hash || position ||
// canonical bytes of the record). That takes 100 ms at most; until then only the journal has them.
// Verify walks the chain and counts what waits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/audit/record.h"
#include "common/mysql/migration.h"
#include "common/mysql/pool.h"
#include "common/mysql/session.h"

namespace yilian::audit {

// Stores the records inside the caller's transaction: one row of the journal.
absl::Status InsertRecords(mysql::Session& session, const std::vector<Record>& records);

// Makes records of reads durable, many in one commit. Thread-safe; two background threads, each
// with a connection while it writes.
class ReadLog {
 public:
  explicit ReadLog(mysql::Pool& pool);
  ~ReadLog();  // drains what was appended
  // `done` runs on one of the log's threads once the record is durable (or could not be made so:
  // the answer must not go out). At most 10,000 records wait; past that `done` gets
  // RESOURCE_EXHAUSTED at once.
  void Append(Record record, std::function<void(absl::Status)> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Links committed records into the chain within 100 ms or when Notify'd; safe to run in every
// replica: a lease spares double work, and the head, compared and moved by the transaction that
// links, decides whose link counts. Writers never wait for it. Thread-safe; one background thread,
// which takes a connection from the pool for each step.
class Chainer {
 public:
  explicit Chainer(mysql::Pool& pool);
  ~Chainer();
  void Notify();
  absl::StatusOr<int> RunOnce();  // for tests: links what is there, returns how many

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Links what is committed now, whoever holds the lease; returns how many. For tests and tools that
// want to find each record in audit_entry.
absl::StatusOr<int> LinkAll(mysql::Pool& pool);

struct Verification {
  int64_t records = 0;    // linked and checked
  int64_t unlinked = 0;   // committed, not yet linked
  std::string head_hash;  // hex
  std::string fault;      // empty, or the first position that does not fit and why
};
// Walks the chain from `from_position` (with keyset pages) to its head, then the journal; a broken
// chain or an unreadable row is not an error here but Verification.fault. May run beside writers
// and the chainer.
absl::StatusOr<Verification> Verify(mysql::Session& session, int64_t from_position = 1);

extern const std::vector<mysql::Migration> kMigrations;

}  // namespace yilian::audit
