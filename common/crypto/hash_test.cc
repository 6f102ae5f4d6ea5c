#include "common/crypto/hash.h"

#include <gtest/gtest.h>

#include "common/crypto/aes_gcm.h"

namespace yilian::crypto {
namespace {

TEST(Sha256, IsThePublishedExample) {
  // FIPS 180-2, appendix B.1 and B.2.
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256({"a", "", "bc"}), Sha256("abc"));
}

TEST(HmacSha256, IsThePublishedExample) {
  // RFC 4231, cases 1, 2 and 6.
  EXPECT_EQ(Hex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe", {"what do ya want ", "for nothing?"})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(Hex(HmacSha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(AesGcm, IsThePublishedExample) {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
  const std::string key =
      *FromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = *FromHex("cafebabefacedbaddecaf888");
  const std::string additional = *FromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plaintext = *FromHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b525"
      "b16aedf5aa0de657ba637b39");
  const std::string sealed = *FromHex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
      "8838"
      "c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(AesGcmSeal(key, nonce, additional, plaintext), sealed);
  EXPECT_EQ(AesGcmOpen(key, nonce, additional, sealed), plaintext);
  EXPECT_EQ(AesGcmOpen(key, nonce, additional + "x", sealed), std::nullopt);
  EXPECT_EQ(AesGcmOpen(key, nonce.substr(1), additional, sealed), std::nullopt);
  EXPECT_EQ(AesGcmOpen(key.substr(1), nonce, additional, sealed), std::nullopt);
}

TEST(Hex, GoesThereAndBackAndRefusesTheRest) {
  EXPECT_EQ(Hex(std::string("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(FromHex("00Ff1A"), std::string("\x00\xff\x1a", 3));
  for (const char* text : {"0", "0g", "0x00", " 00"})
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
}

TEST(Base64Url, GoesThereAndBack) {
  // RFC 4648, section 10, without padding.
  EXPECT_EQ(Base64Url("f"), "Zg");
  EXPECT_EQ(Base64Url("fo"), "Zm8");
  EXPECT_EQ(Base64Url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Url("\xfb\xff"), "-_8");
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(FromBase64Url(Base64Url(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64Url, HasOneTextForAValue) {
  EXPECT_EQ(FromBase64Url("Zg"), "f");
  for (const char* text :
       {"Zh", "Zg==", "Zg=", "Z", "Zm9", "Zm8=", "Z g", "Zg\n", "+/8", "Zm9vYmFy\r"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abcd"));
}

}  // namespace
}  // namespace yilian::crypto
