// Passwords of people: Argon2id (RFC 9106), parameters and salt inside the stored text.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace yilian::crypto {

// Longest password that is looked at; the sign-in's field rule is below it.
inline constexpr size_t kMaxPasswordBytes = 1024;

// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash", about 100 characters. Takes about 40 ms and 19 MiB on
// the machine of tests/bench/RESULTS.md: call it on the executor, never on a gRPC thread.
// INVALID_ARGUMENT for an empty or longer one.
absl::StatusOr<std::string> HashPassword(std::string_view password);

// True when `password` is the one that `encoded` was made from. False for anything malformed, and
// for parameters so large that checking them would be an attack.
bool VerifyPassword(std::string_view password, const std::string& encoded);

// Takes as long as VerifyPassword and says nothing: for a sign-in with a name that does not exist,
// which must not be faster than one that does.
void VerifyNobody(std::string_view password);

// True when `encoded` was made with other parameters than HashPassword uses now: hash again at the
// next sign-in.
bool NeedsRehash(std::string_view encoded);

}  // namespace yilian::crypto
