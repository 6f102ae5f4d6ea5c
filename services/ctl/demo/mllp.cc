#include "services/ctl/demo/mllp.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"

namespace yilian::ctl::demo {
namespace {

constexpr char kStart = 0x0b;
constexpr char kEnd = 0x1c;

absl::Status Failed(std::string_view what) {
  return absl::UnavailableError(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<MllpSender>> MllpSender::Connect(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1) {
    return absl::InvalidArgumentError(fmt::format("{} is no address:port", address));
  }
  to.sin_port = htons(static_cast<uint16_t>(port));
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return Failed("socket");
  std::unique_ptr<MllpSender> sender(new MllpSender(socket));
  if (connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0)
    return Failed("MLLP " + address);
  return sender;
}

MllpSender::~MllpSender() { close(socket_); }

absl::Status MllpSender::Send(std::string_view message) {
  std::string frame(1, kStart);
  frame.append(message);
  frame += {kEnd, '\r'};
  for (size_t sent = 0; sent < frame.size();) {
    const ssize_t n = send(socket_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (n < 0) return Failed("MLLP send");
    sent += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MllpSender::Exchange(std::string_view message, absl::Duration timeout) {
  RETURN_IF_ERROR(Send(message));
  const absl::Time deadline = absl::Now() + timeout;
  std::string answer;
  while (!answer.ends_with(std::string{kEnd, '\r'})) {
    pollfd wait{.fd = socket_, .events = POLLIN};
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0 || poll(&wait, 1, static_cast<int>(left)) == 0) {
      return absl::DeadlineExceededError("no acknowledgement in time");
    }
    char buffer[4096];
    const ssize_t n = recv(socket_, buffer, sizeof(buffer), 0);
    if (n <= 0) return absl::UnavailableError("the connection ended before the acknowledgement");
    answer.append(buffer, static_cast<size_t>(n));
  }
  return answer.substr(1, answer.size() - 3);
}

namespace {

// The header's fields: [0] is MSH, and since the separator itself is MSH-1, MSH-n is [n - 1].
std::vector<std::string> HeaderFields(std::string_view message, size_t* start, size_t* length) {
  *start = message.find("MSH");
  if (*start == std::string_view::npos || message.size() < *start + 4) return {};
  *length = std::min(message.find_first_of("\r\n", *start), message.size()) - *start;
  return absl::StrSplit(std::string(message.substr(*start, *length)), message[*start + 3]);
}

}  // namespace

bool AsksForAnswer(std::string_view message) {
  size_t start = 0;
  size_t length = 0;
  const std::vector<std::string> fields = HeaderFields(message, &start, &length);
  return fields.size() < 16 || fields[14] != "NE";
}

std::string WithControlId(std::string_view message, std::string_view control_id) {
  size_t start = 0;
  size_t length = 0;
  std::vector<std::string> fields = HeaderFields(message, &start, &length);
  if (fields.size() < 10) return std::string(message);
  fields[9] = std::string(control_id);
  std::string header = fields[0];
  for (size_t i = 1; i < fields.size(); ++i) header += message[start + 3] + fields[i];
  return std::string(message.substr(0, start)) + header +
         std::string(message.substr(start + length));
}

std::string AcknowledgementCode(std::string_view acknowledgement) {
  const size_t segment = acknowledgement.find("MSA|");
  if (segment == std::string_view::npos) return "";
  const std::string_view rest = acknowledgement.substr(segment + 4);
  return std::string(rest.substr(0, rest.find_first_of("|\r")));
}

absl::StatusOr<std::string> ToGb18030(std::string_view utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open("gb18030", &error);
  if (U_FAILURE(error)) return absl::InternalError("ICU has no GB18030");
  std::string out(static_cast<size_t>(text.length()) * 4 + 8, '\0');
  const int32_t length = ucnv_fromUChars(converter, out.data(), static_cast<int32_t>(out.size()),
                                         text.getBuffer(), text.length(), &error);
  ucnv_close(converter);
  if (U_FAILURE(error)) return absl::InternalError("the text has no form in GB18030");
  out.resize(static_cast<size_t>(length));
  return out;
}

}  // namespace yilian::ctl::demo
