#include "services/referral/app/blob_stores.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/blob/database_blob_store.h"
#include "common/blob/folder_blob_store.h"
#include "common/blob/s3_blob_store.h"

namespace yilian::referral {
namespace {

absl::Status Of(std::string_view key, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(fmt::format("{}: {}", key, std::string(status.message())));
}

absl::StatusOr<blob::S3Options> S3OptionsFrom(const Attachments& config) {
  if (!config.has_s3()) {
    return absl::InvalidArgumentError("attachments.s3: required for the store \"s3\"");
  }
  const S3Store& s3 = config.s3();
  blob::S3Options options;
  options.endpoint = s3.endpoint();
  options.region = s3.region();
  options.bucket = s3.bucket();
  options.prefix = s3.prefix();
  options.ca_file = s3.ca_file();
  options.connect_timeout = absl::Seconds(s3.connect_seconds());
  options.request_timeout = absl::Seconds(s3.request_seconds());
  RETURN_IF_ERROR(
      blob::ReadS3Credentials(s3.credentials_file(), "attachments.s3.credentials_file", options));
  RETURN_IF_ERROR(Of("attachments.s3", blob::CheckS3Options(options)));
  return options;
}

}  // namespace

absl::Status CheckBlobStore(const Attachments& config) {
  if (config.store() == "s3") return S3OptionsFrom(config).status();
  if (config.store() == "folder" && config.folder().empty()) {
    return absl::InvalidArgumentError("attachments.folder: required for the store \"folder\"");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<blob::BlobStore>> OpenBlobStore(const Attachments& config,
                                                               mysql::Pool& pool) {
  RETURN_IF_ERROR(CheckBlobStore(config));
  std::unique_ptr<blob::BlobStore> store;
  if (config.store() == "folder") {
    ASSIGN_OR_RETURN(store, blob::FolderBlobStore::Open(config.folder()));
  } else if (config.store() == "s3") {
    ASSIGN_OR_RETURN(blob::S3Options options, S3OptionsFrom(config));
    ASSIGN_OR_RETURN(store, blob::S3BlobStore::Open(std::move(options)));
  } else {
    store = std::make_unique<blob::DatabaseBlobStore>(pool);
  }
  return store;
}

}  // namespace yilian::referral
