// What a write answers, and the ledger keeps for a repeated request: a message of the wire, of
// which a store sees no more than the bytes. So a port of the domain needs no generated types: its
// virtual methods speak bytes, and templates around them give the use case its messages.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace yilian::wire {

// Makes the answer of what a decision came to.
template <typename Response, typename Outcome>
using Respond = std::function<Response(const Outcome&)>;
template <typename Outcome>
using RespondBytes = std::function<std::string(const Outcome&)>;

// Refers to `respond`, which outlives the call that it is passed to.
template <typename Response, typename Outcome>
RespondBytes<Outcome> BytesOf(const Respond<Response, Outcome>& respond) {
  return [&respond](const Outcome& outcome) { return respond(outcome).SerializeAsString(); };
}

template <typename Response>
absl::StatusOr<Response> ParseAnswer(const absl::StatusOr<std::string>& bytes) {
  if (!bytes.ok()) return bytes.status();
  Response response;
  if (!response.ParseFromString(*bytes)) {
    return absl::DataLossError("a stored answer does not parse");
  }
  return response;
}

}  // namespace yilian::wire
