// How often the two ends of an idle connection ask whether the other is still there.
#pragma once

namespace yilian::rpc {

// A client that vanished without a word is noticed after 60 + 20 s, a server after 30 + 10 s.
inline constexpr int kServerKeepaliveMs = 60'000;
inline constexpr int kServerKeepaliveTimeoutMs = 20'000;
inline constexpr int kClientKeepaliveMs = 30'000;
inline constexpr int kClientKeepaliveTimeoutMs = 10'000;
// Clients that ask more often are cut off (too_many_pings). Twice as often leaves room for timers
// that are late.
inline constexpr int kLeastPingIntervalMs = 10'000;
static_assert(kClientKeepaliveMs >= 2 * kLeastPingIntervalMs);

}  // namespace yilian::rpc
