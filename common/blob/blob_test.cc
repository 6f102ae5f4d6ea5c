// Every store of blobs keeps the same promises, and the sniffer knows what the region exchanges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/blob/blob_store.h"
#include "common/blob/database_blob_store.h"
#include "common/blob/folder_blob_store.h"
#include "common/blob/media_sniffer.h"
#include "common/blob/running_hash.h"
#include "common/blob/s3_blob_store.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "tests/support/s3_server.h"
#include "tests/support/test_database.h"

namespace yilian::blob {
namespace {

using status::IsOk;
using status::StatusIs;

absl::Time Deadline() { return absl::Now() + absl::Seconds(20); }

// A store, and a way to damage what it keeps.
struct Subject {
  virtual ~Subject() = default;
  virtual BlobStore& store() = 0;
  virtual void Damage(const BlobId& blob, int64_t chunk) = 0;
};

struct DatabaseSubject : Subject {
  std::unique_ptr<mysql::Pool> pool;
  std::unique_ptr<DatabaseBlobStore> blobs;
  DatabaseSubject() {
    auto opened = mysql::Pool::Open(test_support::TestDatabase::Get().NewSchema(kMigrations));
    EXPECT_THAT(opened, IsOk());
    pool = *std::move(opened);
    blobs = std::make_unique<DatabaseBlobStore>(*pool);
  }
  BlobStore& store() override { return *blobs; }
  void Damage(const BlobId& blob, int64_t chunk) override {
    EXPECT_THAT(mysql::RunTransaction(
                    *pool, {.name = "test.Damage", .deadline = Deadline()},
                    [&](mysql::Session& session) {
                      return session
                          .Execute(
                              {"test.Damage",
                               "UPDATE blob_chunk SET content = ? WHERE blob_id = ? AND chunk = ?"},
                              mysql::Blob{"other"}, blob, chunk)
                          .status();
                    }),
                IsOk());
  }
};

struct FolderSubject : Subject {
  std::filesystem::path folder;
  std::unique_ptr<FolderBlobStore> blobs;
  FolderSubject() {
    folder = std::filesystem::temp_directory_path() / ("blob-" + base::Uuid::V7().ToString());
    std::filesystem::create_directory(folder);
    auto opened = FolderBlobStore::Open(folder);
    EXPECT_THAT(opened, IsOk());
    blobs = *std::move(opened);
  }
  ~FolderSubject() override { std::filesystem::remove_all(folder); }
  BlobStore& store() override { return *blobs; }
  void Damage(const BlobId& blob, int64_t chunk) override {
    const std::string id = blob.ToString();
    std::ofstream(folder / id.substr(id.size() - 2) / id / std::to_string(chunk), std::ios::app)
        << "x";
  }
};

S3Options OptionsFor(const test_support::S3Server& server) {
  S3Options options;
  options.endpoint = server.endpoint();
  options.bucket = server.bucket();
  options.prefix = "region-a/referral/";
  options.access_key_id = server.key();
  options.secret_access_key = crypto::SecretBytes(server.key());
  options.ca_file = server.ca_file();
  return options;
}

std::string ObjectOf(const BlobId& blob, int64_t chunk) {
  const std::string id = blob.ToString();
  return "region-a/referral/" + id.substr(id.size() - 2) + "/" + id + "/" + std::to_string(chunk);
}

struct S3Subject : Subject {
  test_support::S3Server server;
  std::unique_ptr<S3BlobStore> blobs;
  S3Subject() {
    auto opened = S3BlobStore::Open(OptionsFor(server));
    EXPECT_THAT(opened, IsOk());
    blobs = *std::move(opened);
  }
  BlobStore& store() override { return *blobs; }
  void Damage(const BlobId& blob, int64_t chunk) override {
    const std::string file = server.FileOf(ObjectOf(blob, chunk));
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
    std::ofstream(file, std::ios::app) << "x";
  }
};

#define SKIP_WITHOUT_S3()                                                                      \
  if (const std::string missing_ = test_support::S3Server::MissingReason(); !missing_.empty()) \
  GTEST_SKIP() << missing_

class BlobStoreTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() == std::string("database")) {
      SKIP_WITHOUT_DATABASE();
      subject_ = std::make_unique<DatabaseSubject>();
    } else if (GetParam() == std::string("s3")) {
      SKIP_WITHOUT_S3();
      subject_ = std::make_unique<S3Subject>();
    } else {
      subject_ = std::make_unique<FolderSubject>();
    }
  }
  absl::Status Put(int64_t chunk, std::string_view bytes) {
    return subject_->store().Put(blob_, chunk, bytes, Deadline());
  }
  absl::StatusOr<std::string> Get(int64_t chunk) {
    return subject_->store().Get(blob_, chunk, Deadline());
  }
  const BlobId blob_{base::Uuid::V7()};
  std::unique_ptr<Subject> subject_;
};

TEST_P(BlobStoreTest, WhatIsPutIsGotAgain) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  std::string full;
  while (full.size() < kChunkBytes) full += every_byte;
  ASSERT_THAT(Put(0, full), IsOk());
  ASSERT_THAT(Put(1, every_byte), IsOk());
  EXPECT_EQ(*Get(0), full);
  EXPECT_EQ(*Get(1), every_byte);
}

TEST_P(BlobStoreTest, AChunkIsWrittenOnce) {
  ASSERT_THAT(Put(0, "first"), IsOk());
  EXPECT_THAT(Put(0, "first"), IsOk());
  EXPECT_THAT(Put(0, "second"), StatusIs(absl::StatusCode::kAlreadyExists, "CHUNK_DIFFERS"));
  EXPECT_EQ(*Get(0), "first");
}

TEST_P(BlobStoreTest, AMissingChunkIsNotFound) {
  EXPECT_THAT(Get(0).status(), StatusIs(absl::StatusCode::kDataLoss, "CHUNK_MISSING"));
  ASSERT_THAT(Put(0, "there"), IsOk());
  EXPECT_THAT(Get(1).status(), StatusIs(absl::StatusCode::kDataLoss, "CHUNK_MISSING"));
}

TEST_P(BlobStoreTest, DamageIsNoticed) {
  ASSERT_THAT(Put(0, "true"), IsOk());
  subject_->Damage(blob_, 0);
  EXPECT_THAT(Get(0).status(), StatusIs(absl::StatusCode::kDataLoss, "CHUNK_DAMAGED"));
}

TEST_P(BlobStoreTest, DeletingTakesAllChunksOfOneBlob) {
  const BlobId other{base::Uuid::V7()};
  for (int64_t chunk = 0; chunk < 20; ++chunk) ASSERT_THAT(Put(chunk, "bytes"), IsOk());
  ASSERT_THAT(subject_->store().Put(other, 0, "other", Deadline()), IsOk());
  ASSERT_THAT(subject_->store().Delete(blob_, Deadline()), IsOk());
  ASSERT_THAT(subject_->store().Delete(blob_, Deadline()), IsOk());
  for (int64_t chunk = 0; chunk < 20; ++chunk) {
    EXPECT_THAT(Get(chunk).status(), StatusIs(absl::StatusCode::kDataLoss, "CHUNK_MISSING"));
  }
  EXPECT_EQ(*subject_->store().Get(other, 0, Deadline()), "other");
}

INSTANTIATE_TEST_SUITE_P(EveryStore, BlobStoreTest, ::testing::Values("database", "folder", "s3"),
                         [](const auto& info) { return std::string(info.param); });

TEST(FolderBlobStoreTest, AFolderThatIsNotThereIsSaidAtTheStart) {
  EXPECT_THAT(FolderBlobStore::Open("/nowhere/at/all").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "BLOB_FOLDER_UNUSABLE"));
}

TEST(FolderBlobStoreTest, WhatWasBeingWrittenWhenThePowerFailedIsNoChunk) {
  FolderSubject subject;
  const BlobId blob{base::Uuid::V7()};
  ASSERT_THAT(subject.store().Put(blob, 0, "whole", Deadline()), IsOk());
  const std::string id = blob.ToString();
  std::ofstream(subject.folder / id.substr(id.size() - 2) / id / ".1-cut") << "hal";
  EXPECT_THAT(subject.store().Get(blob, 1, Deadline()).status(),
              StatusIs(absl::StatusCode::kDataLoss, "CHUNK_MISSING"));
  ASSERT_THAT(subject.store().Delete(blob, Deadline()), IsOk());
  EXPECT_FALSE(std::filesystem::exists(subject.folder / id.substr(id.size() - 2) / id));
}

absl::Status PutBy(S3Options options, absl::Duration within = absl::Seconds(20)) {
  auto store = S3BlobStore::Open(std::move(options));
  if (!store.ok()) return store.status();
  return (*store)->Put(BlobId(base::Uuid::V7()), 0, "bytes", absl::Now() + within);
}

TEST(S3BlobStoreTest, WhoIsNotTrustedOrDoesNotTrustPutsNothing) {
  SKIP_WITHOUT_S3();
  const test_support::S3Server server;
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable, "BLOB_STORE_UNAVAILABLE");
  ASSERT_THAT(PutBy(OptionsFor(server)), IsOk());
  S3Options options = OptionsFor(server);
  options.secret_access_key = crypto::SecretBytes("another");
  EXPECT_THAT(PutBy(std::move(options)), unavailable);
  options = OptionsFor(server);
  options.ca_file.clear();
  EXPECT_THAT(PutBy(std::move(options)), unavailable) << "the system does not know this authority";
  options = OptionsFor(server);
  options.endpoint.replace(options.endpoint.find("127.0.0.1"), 9, "localhost");
  EXPECT_THAT(PutBy(std::move(options)), unavailable) << "the certificate is another host's";
  options = OptionsFor(server);
  options.bucket = "not-there";
  EXPECT_THAT(PutBy(std::move(options)), unavailable);
}

TEST(S3BlobStoreTest, ABucketThatIsNotThereIsNoMissingChunk) {
  SKIP_WITHOUT_S3();
  const test_support::S3Server server;
  S3Options options = OptionsFor(server);
  options.bucket = "not-there";
  const auto store = S3BlobStore::Open(std::move(options));
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT((*store)->Get(BlobId(base::Uuid::V7()), 0, Deadline()).status(),
              StatusIs(absl::StatusCode::kUnavailable, "BLOB_STORE_UNAVAILABLE"));
}

TEST(S3BlobStoreTest, AnObjectThatIsTooLongIsNotReadToItsEndAndDamaged) {
  SKIP_WITHOUT_S3();
  S3Subject subject;
  const BlobId blob{base::Uuid::V7()};
  ASSERT_THAT(subject.store().Put(blob, 0, "short", Deadline()), IsOk());
  std::filesystem::resize_file(subject.server.FileOf(ObjectOf(blob, 0)), 64 * kChunkBytes);
  EXPECT_THAT(subject.store().Get(blob, 0, Deadline()).status(),
              StatusIs(absl::StatusCode::kDataLoss, "CHUNK_DAMAGED"));
}

TEST(S3BlobStoreTest, AStoreThatIsAwayIsSaidWithinTheDeadline) {
  SKIP_WITHOUT_S3();
  S3Subject subject;
  const BlobId blob{base::Uuid::V7()};
  ASSERT_THAT(subject.store().Put(blob, 0, "bytes", Deadline()), IsOk());
  subject.server.Kill9();
  EXPECT_THAT(subject.store().Put(blob, 1, "bytes", Deadline()),
              StatusIs(absl::StatusCode::kUnavailable, "BLOB_STORE_UNAVAILABLE"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      subject.store().Put(blob, 1, "bytes", absl::Now() - absl::Seconds(1))));
}

TEST(S3BlobStoreTest, EveryWrongOptionIsNamed) {
  S3Options options;
  options.endpoint = "http://store.example:9000";
  options.bucket = "B";
  options.region = "US East";
  options.prefix = "/a//b";
  const std::string said(CheckS3Options(options).message());
  for (const char* part : {"endpoint", "bucket", "region", "prefix", "credentials"}) {
    EXPECT_THAT(said, ::testing::HasSubstr(part));
  }
  options.endpoint = "https://store.example/path";
  EXPECT_THAT(std::string(CheckS3Options(options).message()),
              ::testing::HasSubstr("without a path"));
}

TEST(S3BlobStoreTest, CredentialsAreTwoLinesThatOnlyTheirOwnerReads) {
  const auto file = std::filesystem::temp_directory_path() / ("s3-" + base::Uuid::V7().ToString());
  const auto read = [&](const std::string& text, std::filesystem::perms perms) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, perms);
    S3Options options;
    const absl::Status status = ReadS3Credentials(file, "attachments.s3.credentials_file", options);
    return status.ok() ? options.access_key_id + "/" + std::string(options.secret_access_key.view())
                       : std::string(status.message());
  };
  constexpr auto kOwner = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  EXPECT_EQ(read("id\nsecret\n", kOwner), "id/secret");
  for (const char* wrong : {"secret\n", "\nsecret", "id\n\n", "id\nsecret\nmore"}) {
    EXPECT_THAT(read(wrong, kOwner), ::testing::HasSubstr("two lines")) << wrong;
    EXPECT_THAT(read(wrong, kOwner), ::testing::Not(::testing::HasSubstr("secret\n")));
  }
  EXPECT_THAT(read("id\nsecret\n", std::filesystem::perms(0644)), ::testing::HasSubstr("chmod"));
  std::filesystem::remove(file);
}

TEST(MediaSnifferTest, KnowsWhatTheRegionExchanges) {
  const auto sniffer = MediaSniffer::Open();
  ASSERT_THAT(sniffer, IsOk());
  const std::string dicom = std::string(128, '\0') + "DICM" + std::string("\2\0\0\0UL\4\0", 8);
  using namespace std::string_literals;
  EXPECT_EQ(*(*sniffer)->Sniff("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "application/pdf");
  EXPECT_EQ(*(*sniffer)->Sniff("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"s), "image/jpeg");
  EXPECT_EQ(*(*sniffer)->Sniff("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\6\0\0\0"s),
            "image/png");
  EXPECT_EQ(*(*sniffer)->Sniff("GIF89a\1\0\1\0\x80\0\0"s), "image/gif");
  EXPECT_EQ(*(*sniffer)->Sniff(dicom), "application/dicom");
  EXPECT_EQ(*(*sniffer)->Sniff("患者三天前出现胸痛，活动后加重。\n"), "text/plain");
  EXPECT_EQ(*(*sniffer)->Sniff("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AnnotatedECG/>"),
            "text/xml");
}

TEST(RunningSha256Test, IsTheHashOfTheWhole) {
  RunningSha256 hash;
  hash.Add("one, ");
  hash.Add("");
  hash.Add("two");
  EXPECT_EQ(hash.Finish(), crypto::Sha256("one, two"));
}

}  // namespace
}  // namespace yilian::blob
