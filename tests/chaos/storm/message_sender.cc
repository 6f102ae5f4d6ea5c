#include "tests/chaos/storm/message_sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "services/ctl/demo/messages.h"
#include "tests/chaos/storm/people.h"

namespace yilian::chaos {
namespace {

constexpr absl::Duration kAcknowledgement = absl::Seconds(6);
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

absl::Status MessageSender::Start() {
  ASSIGN_OR_RETURN(address_, region_.ConfigValue("gateway", "mllp.0.listen"));
  thread_ = std::thread([this] { Work(); });
  return absl::OkStatus();
}

void MessageSender::Work() {
  while (!weather_.over.HasBeenNotified()) {
    const NewResident resident = NextResident();
    const ctl::demo::MessagePatient patient{
        .national_id = resident.national_id,
        .record_number = "ST-" + ctl::demo::NewId().substr(0, 23),
        .name = "風^暴",
        .birth_date = absl::StrReplaceAll(resident.birth_date, {{"-", ""}}),
        .sex = 'M'};
    const std::string admission = "A04-" + ctl::demo::NewId().substr(9);
    absl::Status status = Deliver(
        ctl::demo::RegisterMessage(patient, admission, "UNICODE UTF-8", absl::Now()), "gateway");
    if (status.ok()) weather_.journal.Message({.control_id = admission});
    if (status.ok()) {
      const std::string result = "R01-" + ctl::demo::NewId().substr(9);
      const std::string order = "STORM-" + ctl::demo::NewId();
      status = Deliver(
          ctl::demo::ReportMessage(patient, result, order, "UNICODE UTF-8", absl::Now()), "lab");
      if (status.ok()) weather_.journal.Message({.control_id = result, .order_number = order});
    }
    if (!status.ok()) weather_.journal.Unexpected("HIS: " + status.ToString());
  }
}

absl::Status MessageSender::Deliver(const std::string& message, const std::string& service) {
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Duration pause = absl::Milliseconds(50);
  std::string last = "nothing";
  while (absl::Now() < deadline) {
    const absl::Time sent = absl::Now();
    absl::StatusOr<std::string> answer = absl::UnavailableError("not connected");
    if (connection_ == nullptr) {
      auto connection = ctl::demo::MllpSender::Connect(address_);
      if (connection.ok()) connection_ = *std::move(connection);
    }
    if (connection_ != nullptr) answer = connection_->Exchange(message, kAcknowledgement);
    if (answer.ok()) {
      last = ctl::demo::AcknowledgementCode(*answer);
      if (last == "AA") {
        weather_.answers.Note(service, sent);
        return absl::OkStatus();
      }
      // AE: the content is wrong, which no repetition mends.
      if (last != "AR") return absl::InternalError("answered " + last + ": " + *answer);
    } else {
      // An answer that comes later must not be taken for the next message's.
      connection_.reset();
    }
    absl::SleepFor(pause);  // lint:allow(test-sleep) the sender's own backoff, up to `deadline`
    pause = std::min(pause * 2, absl::Milliseconds(500));
  }
  return absl::DeadlineExceededError("no AA within a minute; last answer: " + last);
}

}  // namespace yilian::chaos
