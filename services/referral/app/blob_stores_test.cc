// What --check-config says about where attachments are to be kept.
#include "services/referral/app/blob_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/base/uuid.h"

namespace yilian::referral {
namespace {

using ::testing::HasSubstr;

class BlobStoresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(credentials_) << "id\nsecret\n";
    std::filesystem::permissions(credentials_, std::filesystem::perms(0600));
    config_.set_store("s3");
    S3Store& s3 = *config_.mutable_s3();
    s3.set_endpoint("https://objects.example:9000");
    s3.set_region("us-east-1");
    s3.set_bucket("attachments");
    s3.set_credentials_file(credentials_);
    s3.set_connect_seconds(5);
    s3.set_request_seconds(30);
  }
  void TearDown() override { std::filesystem::remove(credentials_); }
  std::string Said() const { return std::string(CheckBlobStore(config_).message()); }

  const std::string credentials_ =
      std::filesystem::temp_directory_path() / ("credentials-" + base::Uuid::V7().ToString());
  Attachments config_;
};

TEST_F(BlobStoresTest, EachStoreNeedsWhatIsItsOwn) {
  EXPECT_EQ(Said(), "");
  config_.clear_s3();
  EXPECT_THAT(Said(), HasSubstr("attachments.s3"));
  config_.set_store("folder");
  EXPECT_THAT(Said(), HasSubstr("attachments.folder"));
  config_.set_store("database");
  EXPECT_EQ(Said(), "");
}

TEST_F(BlobStoresTest, WhatIsWrongWithTheStoreIsNamedByItsKeyAndNeverTheSecret) {
  config_.mutable_s3()->set_endpoint("http://objects.example");
  config_.mutable_s3()->set_bucket("Attachments");
  EXPECT_THAT(Said(), HasSubstr("attachments.s3: endpoint: without TLS"));
  EXPECT_THAT(Said(), HasSubstr("bucket: "));
  std::ofstream(credentials_) << "only-a-secret\n";
  EXPECT_THAT(Said(), HasSubstr("attachments.s3.credentials_file"));
  EXPECT_THAT(Said(), ::testing::Not(HasSubstr("only-a-secret")));
}

}  // namespace
}  // namespace yilian::referral
