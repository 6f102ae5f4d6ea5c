#include "services/directory/domain/second_factor.h"

#include <bit>

#include "common/crypto/hash.h"
#include "common/crypto/totp.h"

namespace yilian::directory {
namespace {

constexpr size_t kRecoveryBytes = 10;  // 16 letters of base32

std::string RecoveryLetters(std::string_view secret, int number) {
  const std::string bytes =
      crypto::HmacSha256(secret, {"yilian recovery code ", std::to_string(number)});
  return crypto::Base32(bytes.substr(0, kRecoveryBytes));
}

}  // namespace

std::vector<std::string> RecoveryCodes(std::string_view secret) {
  std::vector<std::string> codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string letters = RecoveryLetters(secret, i);
    std::string code;
    for (size_t at = 0; at < letters.size(); at += 4) {
      if (at > 0) code += '-';
      code += letters.substr(at, 4);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

int RecoveryCodesLeft(const SecondFactor& factor) {
  return factor.counts() ? kRecoveryCodes - std::popcount(factor.recovery_used) : 0;
}

std::optional<SecondFactor> AfterCode(const SecondFactor& factor, std::string_view code,
                                      absl::Time now) {
  if (!factor.counts()) return std::nullopt;
  SecondFactor after = factor;
  if (const auto step = crypto::MatchTotp(factor.secret, code, now, factor.last_step)) {
    after.last_step = *step;
    return after;
  }
  const std::optional<std::string> given = crypto::FromBase32(code);
  if (!given || given->size() != kRecoveryBytes) return std::nullopt;
  const std::string letters = crypto::Base32(*given);
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const uint32_t bit = 1U << i;
    if (crypto::ConstantTimeEqual(RecoveryLetters(factor.secret, i), letters) &&
        (factor.recovery_used & bit) == 0) {
      after.recovery_used |= bit;
      return after;
    }
  }
  return std::nullopt;
}

std::optional<SecondFactor> AfterConfirmation(const SecondFactor& factor, std::string_view code,
                                              absl::Time now) {
  if (!factor.IsPending(now)) return std::nullopt;
  const auto step = crypto::MatchTotp(factor.pending, code, now, 0);
  if (!step) return std::nullopt;
  SecondFactor after = factor;
  after.secret = factor.pending;
  after.last_step = *step;
  after.recovery_used = 0;
  after.pending.clear();
  after.pending_since = absl::InfinitePast();
  return after;
}

}  // namespace yilian::directory
