#include "common/blob/s3_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "common/crypto/hash.h"
#include "common/status/error.h"

namespace yilian::blob {
namespace {

// As many connections as are kept; more are opened when more calls come at once.
constexpr size_t kIdleHandles = 16;
// A connection that moves less for so long hangs: a chunk takes a second at 1 MiB/s.
constexpr long kLeastBytesASecond = 1024;
constexpr long kSlowSeconds = 10;
constexpr std::string_view kHashHeader = "x-amz-meta-sha256";

absl::Status Unavailable(std::string message) {
  return status::Error(absl::StatusCode::kUnavailable, "yilian", "BLOB_STORE_UNAVAILABLE")
      .Message(std::move(message))
      .Chinese("附件存储暂不可用，请稍后重试");
}

// The text between two tags of an error's XML, for the operator: a code, never content.
std::string CodeOf(const std::string& xml) {
  const size_t begin = xml.find("<Code>");
  const size_t end = xml.find("</Code>");
  if (begin == std::string::npos || end == std::string::npos || end < begin + 6) return "";
  std::string code = xml.substr(begin + 6, std::min<size_t>(end - begin - 6, 40));
  std::erase_if(code, [](char c) { return !absl::ascii_isalnum(static_cast<unsigned char>(c)); });
  return code;
}

// What the callbacks of one request work on.
struct Transfer {
  std::string_view body;
  std::string_view unsent = body;
  size_t most_bytes = 0;
  S3Answer answer;
};

size_t OnRead(char* buffer, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const size_t bytes = std::min(size * count, transfer->unsent.size());
  std::memcpy(buffer, transfer->unsent.data(), bytes);
  transfer->unsent.remove_prefix(bytes);
  return bytes;
}

// A connection that was kept and turned out dead: the request is sent again on a new one.
int OnSeek(void* user, curl_off_t offset, int origin) {
  auto* transfer = static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset < 0 || static_cast<size_t>(offset) > transfer->body.size()) {
    return CURL_SEEKFUNC_CANTSEEK;
  }
  transfer->unsent = transfer->body.substr(static_cast<size_t>(offset));
  return CURL_SEEKFUNC_OK;
}

// Less than `size * count` ends the transfer: an answer that is longer than asked for.
size_t OnWrite(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  std::string& body = transfer->answer.body;
  if (body.size() + size * count > transfer->most_bytes) {
    transfer->answer.too_long = true;
    return 0;
  }
  body.append(data, size * count);
  return size * count;
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  const std::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  const std::string name = absl::AsciiStrToLower({line.data(), colon});
  if (name == kHashHeader) {
    const std::string value(line.substr(colon + 1));
    static_cast<Transfer*>(user)->answer.sha256 =
        std::string(absl::StripAsciiWhitespace({value.data(), value.size()}));
  }
  return line.size();
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

S3BlobStore::Client::Client(S3Options options) : options_(std::move(options)) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

S3BlobStore::Client::Handle S3BlobStore::Client::Take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      Handle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  return Handle(curl_easy_init());
}

void S3BlobStore::Client::GiveBack(Handle handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < kIdleHandles) idle_.push_back(std::move(handle));
}

// What is the same for every request: nothing of an earlier one is left but its connection.
void S3BlobStore::Client::Prepare(CURL* handle, const Request& request, absl::Duration left) const {
  curl_easy_reset(handle);
  std::string url = fmt::format("{}/{}", options_.endpoint, options_.bucket);
  if (!request.key.empty()) url += "/" + request.key;
  if (!request.query.empty()) url += "?" + request.query;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  const auto milliseconds = [](absl::Duration time) {
    return std::max(1L, static_cast<long>(absl::ToInt64Milliseconds(time)));
  };
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds(left));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   milliseconds(std::min(left, options_.connect_timeout)));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kLeastBytesASecond);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  const std::string signature = fmt::format("aws:amz:{}:s3", options_.region);
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, signature.c_str());
  curl_easy_setopt(handle, CURLOPT_USERNAME, options_.access_key_id.c_str());
  const std::string secret(options_.secret_access_key.view());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, secret.c_str());
}

absl::StatusOr<S3Answer> S3BlobStore::Client::Send(const Request& request, absl::Time deadline) {
  const absl::Duration left = std::min(deadline - absl::Now(), options_.request_timeout);
  if (left <= absl::ZeroDuration())
    return absl::DeadlineExceededError("no time left for the store");
  Handle owned = Take();
  CURL* handle = owned.get();
  if (handle == nullptr) return Unavailable("no memory for a request to the blob store");
  Prepare(handle, request, left);
  Transfer transfer{.body = request.body, .most_bytes = request.most_bytes};
  std::unique_ptr<curl_slist, FreeList> headers;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer != nullptr) {
      static_cast<void>(headers.release());  // `longer` begins with it
      headers.reset(longer);
    }
  };
  // Signed with the payload's own hash: what arrives is what was sent, or is refused.
  add("x-amz-content-sha256: " + crypto::Hex(crypto::Sha256(request.body)));
  if (request.method == Method::kHead) curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  if (request.method == Method::kDelete) curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
  if (request.method == Method::kPut) {
    add(fmt::format("{}: {}", kHashHeader, request.sha256));
    add("If-None-Match: *");
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, &OnRead);
    curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, &OnSeek);
    curl_easy_setopt(handle, CURLOPT_SEEKDATA, &transfer);
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnWrite);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  const CURLcode code = curl_easy_perform(handle);
  // The connection is in the middle of the rest, and goes with its handle.
  if (transfer.answer.too_long) return std::move(transfer.answer);
  if (code != CURLE_OK) {
    return Unavailable(fmt::format("the blob store at {} did not answer: {}", options_.endpoint,
                                   curl_easy_strerror(code)));
  }
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  GiveBack(std::move(owned));
  return std::move(transfer.answer);
}

absl::Status S3BlobStore::Client::Trouble(const Request& request, const S3Answer& answer) const {
  const std::string code = CodeOf(answer.body);
  return Unavailable(fmt::format("the blob store at {} answered {}{}{} about bucket {}{}",
                                 options_.endpoint, answer.status, code.empty() ? "" : " ", code,
                                 options_.bucket, request.key.empty() ? "" : ", " + request.key));
}

}  // namespace yilian::blob
