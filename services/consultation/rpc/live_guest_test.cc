#include "services/consultation/rpc/live_guest.h"

#include <gtest/gtest.h>

#include "services/consultation/rpc/turn.h"

namespace yilian::consultation {
namespace {

TEST(Allowance, GivesABurstAndThenSoManyASecond) {
  Allowance allowance(5, 20);
  const absl::Time start = absl::FromUnixSeconds(1764000000);
  int taken = 0;
  while (allowance.Take(start)) ++taken;
  EXPECT_EQ(taken, 20);
  taken = 0;
  for (int tenth = 1; tenth <= 100; ++tenth) {
    taken += allowance.Take(start + absl::Milliseconds(100) * tenth);
  }
  EXPECT_EQ(taken, 50);
}

// The expected value was made by another program: Base64 of HMAC-SHA1 of the name.
TEST(Turn, APassIsTheOneThatCoturnReckonsFromTheSharedSecret) {
  const TurnServer server{.urls = {"turn:turn.example:3478"},
                          .secret = "north of the lake",
                          .lifetime = absl::Hours(1)};
  const TurnPass pass = MakeTurnPass(server, "0193f2c4-7b1e-7c3a-8a54-0123456789ab",
                                     absl::FromUnixSeconds(1764000000 - 3600));
  EXPECT_EQ(pass.username, "1764000000:0193f2c4-7b1e-7c3a-8a54-0123456789ab");
  EXPECT_EQ(pass.password, "0RbudAsVaUxWGsKjzGPToyDsxIE=");
  EXPECT_EQ(pass.expires_at, absl::FromUnixSeconds(1764000000));
}

}  // namespace
}  // namespace yilian::consultation
