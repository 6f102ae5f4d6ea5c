// The hash chain over audit records.
//
// A record at position p has hash(p) = SHA-256(hash(p-1) || bytes(p)), hash(0) = 32 zero bytes.
// bytes(p) is, in this order and without separators:
//   "yilian-audit-1"                                             14 bytes: names this layout
//   position, occurred_at in microseconds since 1970             8 bytes each, big-endian, two's
//   complement audit_id, user_id, organization_id, subject_id, data_subject_id   16 bytes each; no
//   id is the nil UUID method, action, peer, subject_type, outcome, trace_id        length in 4
//   bytes, big-endian, then the bytes
// action is "READ", "WRITE" or "REFUSED". Whoever changes, removes, inserts or swaps rows has to
// recompute every later hash and the head in audit_chain; an operator who keeps a head hash
// elsewhere notices even that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/audit/record.h"

namespace yilian::audit {

std::string_view ActionName(Action action);

// hash(0): what the first record is linked to.
std::string GenesisHash();
std::string CanonicalBytes(const Record& record, int64_t position);
// 32 bytes.
std::string LinkHash(std::string_view previous_hash, const Record& record, int64_t position);
std::string Hex(std::string_view bytes);

}  // namespace yilian::audit
