// Many sessions with their seats, made by the database itself: a million seats take a minute or
// two, through the service they would take hours.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::bench {

// Executes one statement and commits it.
using RunSql = std::function<absl::Status(const std::string& sql)>;

// One session of many. Its seats are OPEN but for the first `reserved`, which are the consortium's.
struct SeededSession {
  base::Uuid id;
  base::Uuid organization;
  base::Uuid department;
  std::string specialty;
  base::Uuid practitioner;  // nil: none
  absl::Time starts_at;     // four hours long
  absl::Time opens_at;      // when its reserve is released; in the past: it is already
  bool full = false;        // every seat is taken, else every `taken_of`th
};

struct SeededSeats {
  int seats = 0;     // of each session; at most 1000
  int reserved = 0;  // of them, the first
  int taken_of = 0;  // 0: none is taken in a session that is not full
  bool timers = false;
};

absl::Status SeedSessions(const RunSql& run, const std::vector<SeededSession>& sessions,
                          const SeededSeats& seats);

// The organization cares for each of these patients.
absl::Status SeedCare(const RunSql& run, const std::vector<base::Uuid>& patients,
                      const base::Uuid& organization);

// X'...'.
std::string Literal(const base::Uuid& id);

}  // namespace yilian::bench
