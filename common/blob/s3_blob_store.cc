#include "common/blob/s3_blob_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "common/blob/s3_client.h"
#include "common/config/secret_file.h"
#include "common/crypto/hash.h"

namespace yilian::blob {
namespace {

using Faults = std::vector<std::string>;

constexpr long kOk = 200;
constexpr long kNoContent = 204;
constexpr long kNotFound = 404;
constexpr long kPreconditionFailed = 412;
// Keys in one page of a list, and room for their XML.
constexpr int kListed = 1000;
constexpr size_t kListBytes = 1024 * 1024;

bool IsOneOf(char c, std::string_view more) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
}

bool Consists(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return IsOneOf(c, more); });
}

void CheckEndpoint(const std::string& endpoint, Faults& faults) {
  constexpr std::string_view kSecure = "https://";
  constexpr std::string_view kPlain = "http://";
  const bool secure = endpoint.starts_with(kSecure);
  if (!secure && !endpoint.starts_with(kPlain)) {
    faults.push_back("endpoint: begins with https://");
    return;
  }
  const std::string_view host =
      std::string_view(endpoint).substr(secure ? kSecure.size() : kPlain.size());
  if (host.empty() || !Consists(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-:[]")) {
    faults.push_back("endpoint: is https://HOST or https://HOST:PORT, without a path");
  }
  const bool loopback = host.starts_with("127.0.0.1:") || host.starts_with("[::1]:") ||
                        host.starts_with("localhost:");
  if (!secure && !loopback) {
    faults.push_back("endpoint: without TLS only on loopback; use https://");
  }
}

// Keys hold nothing that XML escapes, so a list's are read as they stand.
absl::StatusOr<std::vector<std::string>> KeysOf(const std::string& xml, std::string_view folder) {
  constexpr std::string_view kBegin = "<Key>";
  constexpr std::string_view kEnd = "</Key>";
  std::vector<std::string> keys;
  for (size_t at = xml.find(kBegin); at != std::string::npos; at = xml.find(kBegin, at)) {
    at += kBegin.size();
    const size_t end = xml.find(kEnd, at);
    if (end == std::string::npos) break;
    std::string key = xml.substr(at, end - at);
    // A store that lists more than it was asked for must not have it deleted.
    if (!key.starts_with(folder)) return absl::InternalError("the blob store lists foreign keys");
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string Escaped(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '/') {
      escaped += "%2F";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

absl::Status ReadS3Credentials(const std::string& path, std::string_view key, S3Options& options) {
  ASSIGN_OR_RETURN(std::string text, config::ReadSecretFile(path, key));
  const size_t line = text.find('\n');
  if (line == 0 || line == std::string::npos || line + 1 == text.size() ||
      text.find('\n', line + 1) != std::string::npos) {
    return absl::FailedPreconditionError(
        fmt::format("{}: {} has two lines: the access key's id and its secret", key, path));
  }
  options.access_key_id = text.substr(0, line);
  options.secret_access_key = crypto::SecretBytes(text.substr(line + 1));
  const crypto::SecretBytes wiped(std::move(text));
  return absl::OkStatus();
}

absl::Status CheckS3Options(const S3Options& options) {
  Faults faults;
  CheckEndpoint(options.endpoint, faults);
  const size_t length = options.bucket.size();
  if (length < 3 || length > 63 || !Consists(options.bucket, ".-")) {
    faults.push_back("bucket: 3 to 63 small letters, digits, '.' and '-'");
  }
  if (options.region.empty() || !Consists(options.region, "-")) {
    faults.push_back("region: small letters, digits and '-'");
  }
  if (!Consists(options.prefix, "-_./")) {
    faults.push_back("prefix: small letters, digits, '-', '_', '.' and '/'");
  }
  if (options.prefix.starts_with("/") || options.prefix.find("//") != std::string::npos) {
    faults.push_back("prefix: does not begin with '/', and has no empty part");
  }
  if (options.access_key_id.empty()) faults.push_back("credentials: an access key is required");
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(faults, "; ")));
}

absl::StatusOr<std::unique_ptr<S3BlobStore>> S3BlobStore::Open(S3Options options) {
  RETURN_IF_ERROR(CheckS3Options(options));
  return std::unique_ptr<S3BlobStore>(
      new S3BlobStore(std::make_unique<Client>(std::move(options))));
}

S3BlobStore::S3BlobStore(std::unique_ptr<Client> client) : client_(std::move(client)) {}
S3BlobStore::~S3BlobStore() = default;

std::string S3BlobStore::KeyOf(const BlobId& blob) const {
  // As in a folder: the end of an id is random, and spreads over the store.
  const std::string text = blob.ToString();
  return fmt::format("{}{}/{}/", client_->options().prefix, text.substr(text.size() - 2), text);
}

absl::Status S3BlobStore::Put(const BlobId& blob, int64_t chunk, std::string_view bytes,
                              absl::Time deadline) {
  const Client::Request look{.method = Client::Method::kHead,
                             .key = KeyOf(blob) + std::to_string(chunk)};
  Client::Request put = {.method = Client::Method::kPut,
                         .key = look.key,
                         .body = bytes,
                         .sha256 = crypto::Hex(crypto::Sha256(bytes))};
  // Twice: another one may put the chunk between the look and the put.
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(const S3Answer there, client_->Send(look, deadline));
    if (there.status == kOk) {
      return there.sha256 == put.sha256 ? absl::OkStatus() : errors::ChunkDiffers(blob, chunk);
    }
    if (there.status != kNotFound) return client_->Trouble(look, there);
    ASSIGN_OR_RETURN(const S3Answer written, client_->Send(put, deadline));
    if (written.status == kOk) return absl::OkStatus();
    if (written.status != kPreconditionFailed || attempt == 2)
      return client_->Trouble(put, written);
  }
}

absl::StatusOr<std::string> S3BlobStore::Get(const BlobId& blob, int64_t chunk,
                                             absl::Time deadline) {
  const Client::Request get{.key = KeyOf(blob) + std::to_string(chunk),
                            .most_bytes = kChunkBytes + kChunkBytes / 2};
  ASSIGN_OR_RETURN(S3Answer answer, client_->Send(get, deadline));
  if (answer.too_long) return errors::ChunkDamaged(blob, chunk);
  // A bucket that is not there says nothing about the chunk.
  if (answer.status == kNotFound && answer.body.find("NoSuchBucket") == std::string::npos) {
    return errors::ChunkMissing(blob, chunk);
  }
  if (answer.status != kOk) return client_->Trouble(get, answer);
  if (crypto::Hex(crypto::Sha256(answer.body)) != answer.sha256) {
    return errors::ChunkDamaged(blob, chunk);
  }
  return std::move(answer.body);
}

absl::Status S3BlobStore::Delete(const BlobId& blob, absl::Time deadline) {
  const std::string folder = KeyOf(blob);
  const Client::Request list{
      .query = fmt::format("list-type=2&max-keys={}&prefix={}", kListed, Escaped(folder)),
      .most_bytes = kListBytes};
  // Until nothing is left, or the deadline.
  while (true) {
    ASSIGN_OR_RETURN(const S3Answer listed, client_->Send(list, deadline));
    if (listed.status != kOk || listed.too_long) return client_->Trouble(list, listed);
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, KeysOf(listed.body, folder));
    if (keys.empty()) return absl::OkStatus();
    for (const std::string& key : keys) {
      const Client::Request remove{.method = Client::Method::kDelete, .key = key};
      ASSIGN_OR_RETURN(const S3Answer removed, client_->Send(remove, deadline));
      const bool gone =
          removed.status == kOk || removed.status == kNoContent || removed.status == kNotFound;
      if (!gone) return client_->Trouble(remove, removed);
    }
  }
}

}  // namespace yilian::blob
