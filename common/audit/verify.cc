#include <fmt/format.h>

#include "common/audit/chain.h"
#include "common/audit/entry_store.h"
#include "common/audit/log.h"
#include "common/audit/pending.h"
#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::audit {
namespace {

constexpr int kPage = 1000;

// Checks one record against what went before; sets `fault` at the first that does not fit.
bool Fits(const Linked& linked, int64_t position, const std::string& previous, std::string& fault) {
  if (linked.position != position) {
    fault = fmt::format("position {}: the record is missing; the next one is {}", position,
                        linked.position);
  } else if (linked.hash != LinkHash(previous, linked.record, position)) {
    fault = fmt::format("position {}: the record does not match its hash", position);
  } else {
    return true;
  }
  return false;
}

// What waits must be readable: the chainer stops at a row that is not, and links nothing behind it.
absl::Status CheckPending(mysql::Session& session, std::string& fault) {
  constexpr int kRows = 100;
  base::Uuid after;
  while (true) {
    const absl::StatusOr<std::vector<PendingRow>> rows = ReadPending(session, after, kRows);
    if (absl::IsDataLoss(rows.status())) {
      const auto info = status::InfoOf(rows.status());
      fault = fmt::format("pending {}: its records cannot be read",
                          info ? info->metadata().at("pending_id") : "row");
      return absl::OkStatus();
    }
    if (!rows.ok()) return rows.status();
    if (rows->size() < kRows) return absl::OkStatus();
    after = rows->back().id;
  }
}

}  // namespace

absl::StatusOr<Verification> Verify(mysql::Session& session, int64_t from_position) {
  Verification result;
  int64_t position = std::max<int64_t>(from_position, 1);
  std::string previous = GenesisHash();
  if (position > 1) {
    ASSIGN_OR_RETURN(const std::vector<Linked> before, ReadLinked(session, position - 1, 1));
    if (before.empty() || before.front().position != position - 1) {
      result.fault = fmt::format("position {}: the record is missing", position - 1);
      return result;
    }
    previous = before.front().hash;
  }
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<Linked> page, ReadLinked(session, position, kPage));
    for (const Linked& linked : page) {
      if (!Fits(linked, position, previous, result.fault)) return result;
      previous = linked.hash;
      ++position;
      ++result.records;
      result.head_hash = Hex(previous);
    }
    if (page.size() == kPage) continue;
    // The head is read together with the last row's position: what the chainer links meanwhile
    // sends us round again.
    ASSIGN_OR_RETURN(const End end, ReadEnd(session));
    result.unlinked = end.unlinked;
    if (end.last_row >= position) continue;
    if (end.next_position != position) {
      result.fault = fmt::format("position {}: the record is missing; the chain reaches {}",
                                 position, end.next_position - 1);
    } else if (end.head_hash != previous) {
      result.fault =
          fmt::format("position {}: the record's hash is not the chain's head", position - 1);
    } else {
      RETURN_IF_ERROR(CheckPending(session, result.fault));
    }
    return result;
  }
}

}  // namespace yilian::audit
