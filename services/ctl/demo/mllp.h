// The sending side of MLLP, as a HIS or LIS has it: one connection, one message at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::ctl::demo {

// One thread.
class MllpSender {
 public:
  // `address`: host:port.
  static absl::StatusOr<std::unique_ptr<MllpSender>> Connect(const std::string& address);
  ~MllpSender();
  MllpSender(const MllpSender&) = delete;
  MllpSender& operator=(const MllpSender&) = delete;

  // Sends a message whose sender counts on no answer (MSH-15 is NE).
  absl::Status Send(std::string_view message);
  // Sends a message and waits for its acknowledgement; UNAVAILABLE when the connection ends first.
  absl::StatusOr<std::string> Exchange(std::string_view message, absl::Duration timeout);

 private:
  explicit MllpSender(int socket) : socket_(socket) {}
  const int socket_;
};

// Whether a sender counts on an answer: with MSH-15 `NE` (enhanced mode) a refused message has
// none.
bool AsksForAnswer(std::string_view message);

// The message with another MSH-10: samples of many authors share theirs, and a sender that uses one
// twice is refused.
std::string WithControlId(std::string_view message, std::string_view control_id);

// MSA-1 of an acknowledgement: "AA", "AE", "AR"; "" when there is none.
std::string AcknowledgementCode(std::string_view acknowledgement);

// UTF-8 text in GB18030, as most Chinese laboratories send.
absl::StatusOr<std::string> ToGb18030(std::string_view utf8);

}  // namespace yilian::ctl::demo
