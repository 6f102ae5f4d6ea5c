#include "common/crypto/aead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/crypto/field_cipher.h"
#include "common/crypto/hash.h"
#include "common/crypto/key_files.h"
#include "common/crypto/sealed.h"
#include "common/crypto/test_folder.h"
#include "common/status/matchers.h"

namespace yilian::crypto {
namespace {

using absl::StatusCode;
using status::IsOk;
using status::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

const FieldPlace kPlace{"patient.national_id",
                        *base::Uuid::Parse("0193f2c4-7b1e-7c3a-8a54-0123456789ab")};

TEST(FieldCipher, GivesBackWhatItEncrypted) {
  const FieldCipher cipher(KeyRing::Ephemeral());
  for (const std::string& value :
       {std::string(""), std::string("11010519491231002X"), std::string(5'000, '\0')}) {
    const auto sealed = cipher.Encrypt(kPlace, value);
    ASSERT_THAT(sealed, IsOk());
    EXPECT_EQ(*cipher.Decrypt(kPlace, *sealed), value);
    EXPECT_LE(sealed->size(), value.size() + 62);
  }
}

TEST(FieldCipher, WritesTheSameValueDifferentlyEachTime) {
  const FieldCipher cipher(KeyRing::Ephemeral());
  EXPECT_NE(*cipher.Encrypt(kPlace, "same"), *cipher.Encrypt(kPlace, "same"));
}

TEST(FieldCipher, RefusesAnyChangedByte) {
  const FieldCipher cipher(KeyRing::Ephemeral());
  const std::string sealed = *cipher.Encrypt(kPlace, "11010519491231002X");
  for (size_t i = 0; i < sealed.size(); ++i) {
    for (const int flip : {0x01, 0x80}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_THAT(cipher.Decrypt(kPlace, changed), Not(IsOk())) << "byte " << i;
    }
    EXPECT_THAT(cipher.Decrypt(kPlace, sealed.substr(0, i)), Not(IsOk())) << "cut at " << i;
  }
  EXPECT_THAT(cipher.Decrypt(kPlace, sealed + "x"), StatusIs(StatusCode::kDataLoss));
}

TEST(FieldCipher, RefusesAValueThatWasMovedToAnotherRowOrColumn) {
  const FieldCipher cipher(KeyRing::Ephemeral());
  const std::string sealed = *cipher.Encrypt(kPlace, "13800000000");
  EXPECT_THAT(cipher.Decrypt({kPlace.column, base::Uuid::V7()}, sealed),
              StatusIs(StatusCode::kDataLoss));
  const auto moved = cipher.Decrypt({"patient.phone", kPlace.row_id}, sealed);
  EXPECT_THAT(moved, StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(std::string(moved.status().message()), HasSubstr("patient.phone of row 0193f2c4"));
}

TEST(FieldCipher, WritesWithTheNewestKeyAndReadsWithAll) {
  const std::string folder = FreshFolder();
  ASSERT_THAT(CreateKeyFile(folder + "/2026-01-01.key"), IsOk());
  auto before = FieldCipher::Open(folder);
  ASSERT_THAT(before, IsOk());
  const std::string old = *(*before)->Encrypt(kPlace, "value");
  ASSERT_THAT(CreateKeyFile(folder + "/2026-06-01.key"), IsOk());
  auto after = FieldCipher::Open(folder);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(*(*after)->Decrypt(kPlace, old), "value");
  EXPECT_TRUE((*after)->IsStale(old));
  const std::string fresh = *(*after)->Encrypt(kPlace, "value");
  EXPECT_EQ(AeadKeyId(fresh), "2026-06-01");
  EXPECT_FALSE((*after)->IsStale(fresh));
  // A replica that started before the new key was there finds it when it first meets it.
  EXPECT_EQ(*(*before)->Decrypt(kPlace, fresh), "value");
  std::filesystem::remove(folder + "/2026-01-01.key");
  auto without = FieldCipher::Open(folder);
  EXPECT_THAT((*without)->Decrypt(kPlace, old), StatusIs(StatusCode::kFailedPrecondition));
}

TEST(BlindIndex, IsEqualForEqualValuesOfOneColumnAndOneKeyOnly) {
  const std::string folder = FreshFolder();
  ASSERT_THAT(CreateKeyFile(folder + "/blind-index.key"), IsOk());
  const auto index = BlindIndex::Open(folder);
  ASSERT_THAT(index, IsOk());
  const std::string bytes = (*index)->Of("patient.phone", "13800000000");
  EXPECT_EQ(bytes.size(), 16u);
  EXPECT_EQ((*BlindIndex::Open(folder))->Of("patient.phone", "13800000000"), bytes);
  EXPECT_NE((*index)->Of("patient.phone", "13800000001"), bytes);
  EXPECT_NE((*index)->Of("patient.phon", "e13800000000"), bytes);
  EXPECT_NE(BlindIndex(SecretBytes(RandomBytes(32))).Of("patient.phone", "13800000000"), bytes);
  EXPECT_THAT(KeyRing::Open(folder), Not(IsOk())) << "the index's key encrypts nothing";
}

TEST(Sealer, OpensOnlyForItsPurposeAndContext) {
  const Sealer sealer(KeyRing::Ephemeral());
  const std::string token = *sealer.Seal("lab.page.ListReports", "user-1|patient=7", "cursor");
  EXPECT_EQ(*sealer.Unseal("lab.page.ListReports", "user-1|patient=7", token), "cursor");
  EXPECT_THAT(sealer.Unseal("lab.page.ListOrders", "user-1|patient=7", token),
              StatusIs(StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
  EXPECT_THAT(sealer.Unseal("lab.page.ListReports", "user-2|patient=7", token),
              StatusIs(StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
  EXPECT_THAT(sealer.Unseal("lab.page.ListReportsuser-1", "|patient=7", token), Not(IsOk()));
  EXPECT_THAT(
      Sealer(KeyRing::Ephemeral()).Unseal("lab.page.ListReports", "user-1|patient=7", token),
      Not(IsOk()));
}

TEST(Sealer, RefusesAnyChangedCharacter) {
  const Sealer sealer(KeyRing::Ephemeral());
  const std::string token = *sealer.Seal("p", "c", "cursor");
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '_', '9', '=', ' ', '\0', '\x80'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_THAT(sealer.Unseal("p", "c", changed), Not(IsOk())) << "character " << i;
    }
  }
  for (const std::string& bad :
       {std::string(), token + "A", token + "=", std::string(100'000, 'A')}) {
    EXPECT_THAT(sealer.Unseal("p", "c", bad),
                StatusIs(StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
  }
}

// A ciphertext that somebody copied out of the database is no token, though both may be sealed by
// one key.
TEST(Sealer, DoesNotOpenAnEncryptedField) {
  const std::string folder = FreshFolder();
  ASSERT_THAT(CreateKeyFile(folder + "/2026-01-01.key"), IsOk());
  const std::string sealed = *(*FieldCipher::Open(folder))->Encrypt(kPlace, "value");
  EXPECT_THAT(
      (*Sealer::Open(folder))->Unseal(kPlace.column, kPlace.row_id.view(), Base64Url(sealed)),
      Not(IsOk()));
}

}  // namespace
}  // namespace yilian::crypto
