#include "services/referral/domain/complaint.h"

#include <gtest/gtest.h>

namespace yilian::referral {
namespace {

TEST(ComplaintTest, PunctuationWidthAndCaseMakeNoOtherComplaint) {
  for (const char* written :
       {"胸痛3天", "胸痛 3天。", "胸痛，３天", "「胸痛」3天！", "\u3000胸痛3天\n"}) {
    EXPECT_EQ(BareComplaint(written), "胸痛3天") << written;
  }
  EXPECT_EQ(BareComplaint("Chest pain, T wave"), BareComplaint("chest PAIN (T-wave)"));
}

TEST(ComplaintTest, OtherWordsDo) {
  EXPECT_NE(BareComplaint("胸痛3天"), BareComplaint("胸痛5天"));
  EXPECT_NE(BareComplaint("胸痛"), BareComplaint("腹痛"));
}

TEST(ComplaintTest, WithoutALetterItStaysAsItIs) { EXPECT_EQ(BareComplaint("？！"), "？！"); }

}  // namespace
}  // namespace yilian::referral
