// One-time codes by time, as every authenticator application makes them: RFC 6238 over RFC 4226
// with HMAC-SHA-1, 30 s a step, six digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace yilian::crypto {

inline constexpr absl::Duration kTotpStep = absl::Seconds(30);
// 160 bits, as RFC 4226 recommends (section 4, R6).
inline constexpr size_t kTotpSecretBytes = 20;

int64_t TotpStepOf(absl::Time time);
// Six digits.
std::string TotpCode(std::string_view secret, int64_t step);

// The step that `code` belongs to: that of `now`, the one before or the one after it (clocks of
// telephones differ), and later than `last_step`, so that a code counts once. Nothing: not a code
// of now. Takes as long for any six digits.
std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now,
                                 int64_t last_step);

// What an application reads from a QR code. Issuer and account are shown to the person.
std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret);

// RFC 4648 section 6, upper case, without padding.
std::string Base32(std::string_view bytes);
// Both cases, blanks and hyphens ignored, padding not needed; nothing for anything else.
std::optional<std::string> FromBase32(std::string_view text);

}  // namespace yilian::crypto
