#include "services/gateway/domain/inbound/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/crypto/hash.h"

namespace yilian::gateway::inbound {
namespace {

using hl7::AckCode;
using hl7::FaultCode;
using Event = IntakeObserver::Event;

constexpr int kAcceptAck = 15;
constexpr int kApplicationAck = 16;
constexpr size_t kLongestControlId = 199;

// MSH-10 of our answers: 20 characters, the same for the same answer.
std::string OwnControlId(const base::Uuid& message_id, AckCode code) {
  const base::Uuid id = base::Uuid::V5(message_id, hl7::AckCodeText(code));
  return crypto::Hex(id.view()).substr(12);
}

// Printable ASCII, cut: what a hostile header may put into a column or a metric.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text.substr(0, 16)) {
    if (c > ' ' && c < 0x7F) plain.push_back(c);
  }
  return plain;
}

std::string HeaderText(const hl7::HeaderReading& header, size_t field) {
  std::string text = header.First(field);
  text.erase(0, text.find_first_not_of(' '));
  return text;
}

AckCode CodeFor(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken:
      return AckCode::kAA;
    case Verdict::kError:
      return AckCode::kAE;
    case Verdict::kRejected:
      return AckCode::kAR;
  }
  return AckCode::kAR;
}

hl7::Faults NotNow(std::string rule) {
  return {{FaultCode::kInternal, {"MSH", 1}, std::move(rule)}};
}

}  // namespace

std::string ContentHash(std::string_view content) { return crypto::Sha256(content); }

std::string_view StateName(MessageState state) {
  constexpr std::string_view kNames[] = {"RECEIVED", "DELIVERED", "PARKED", "REFUSED"};
  return kNames[static_cast<int>(state)];
}

std::optional<MessageState> StateNamed(std::string_view name) {
  for (const MessageState state : {MessageState::kReceived, MessageState::kDelivered,
                                   MessageState::kParked, MessageState::kRefused}) {
    if (StateName(state) == name) return state;
  }
  return std::nullopt;
}

// What is known of a frame before it is stored.
struct Intake::Incoming {
  NewMessage message;
  const Sender* sender = nullptr;
  hl7::AckContext context;
  AckMode mode;
  Verdict verdict = Verdict::kTaken;
  hl7::Faults faults;
  Work work;
};

std::string Intake::Ack(const Incoming& in, const base::Uuid& message_id, AckCode code,
                        const hl7::Faults& faults) {
  return hl7::BuildAcknowledgement(in.context, code, faults, OwnControlId(message_id, code),
                                   deps_.clock.Now());
}

void Intake::Refuse(Incoming& in, Verdict verdict, hl7::Faults faults) {
  in.verdict = verdict;
  in.faults = std::move(faults);
  in.message.state = MessageState::kRefused;
  in.message.reason = fmt::format("HL7_{}", static_cast<int>(in.faults.front().code));
}

// Everything that can be said without a look at the store. Never fails: a frame that cannot be read
// is a refusal.
Intake::Incoming Intake::Read(const Peer& peer, const mllp::Frame& frame) {
  Incoming in;
  const absl::Time now = deps_.clock.Now();
  in.message.message_id = base::Uuid::V7(now);
  in.message.peer = peer.identity;
  in.message.content = frame.content;
  in.message.size = static_cast<int64_t>(frame.total_bytes);
  in.message.content_hash = ContentHash(frame.content);
  in.message.received_at = now;
  const std::vector<hl7::HeaderReading> readings = hl7::ReadHeader(frame.content);
  const hl7::HeaderReading* header = readings.empty() ? nullptr : &readings.front();
  for (const hl7::HeaderReading& reading : readings) {
    in.sender = deps_.senders.Find(peer, HeaderText(reading, 3), HeaderText(reading, 4));
    if (in.sender == nullptr) continue;
    header = &reading;
    in.message.sender = in.sender->name;
    in.message.organization_id = in.sender->organization_id;
    break;
  }
  if (header != nullptr) {
    in.context = hl7::AckContext::Of(*header);
    in.mode = ReadAckMode(HeaderText(*header, kAcceptAck), HeaderText(*header, kApplicationAck));
    in.message.control_id = in.context.control_id;
    in.message.message_type = Plain(HeaderText(*header, 9));
    const std::string event = Plain(in.context.trigger_event);
    if (!event.empty()) in.message.message_type += "^" + event;
  }
  if (in.message.control_id.size() > kLongestControlId) {
    in.message.control_id.clear();
    Refuse(in, Verdict::kError,
           {{FaultCode::kValueTooLong, {"MSH", 1, 10}, "a control id has at most 199 bytes"}});
  } else if (frame.too_long) {
    Refuse(in, Verdict::kError,
           {{FaultCode::kValueTooLong,
             {"MSH", 1},
             fmt::format("a message has at most {} bytes", options_.limits.bytes)}});
  } else if (header != nullptr && in.sender == nullptr) {
    Refuse(in, Verdict::kRejected,
           {{FaultCode::kUnknownKey,
             {"MSH", 1, 3},
             "MSH-3 and MSH-4 name no sender that may use this connection"}});
  } else {
    ReadContent(in, readings, frame);
  }
  // Only a whole message of a known sender can be told from a repetition.
  in.message.claims_control_id =
      in.sender != nullptr && !in.message.control_id.empty() && !frame.too_long;
  return in;
}

void Intake::ReadContent(Incoming& in, const std::vector<hl7::HeaderReading>& readings,
                         const mllp::Frame& frame) {
  const Sender unknown;
  const Sender& sender = in.sender == nullptr ? unknown : *in.sender;
  hl7::Faults faults;
  auto decoded = hl7::DecodeMessage(frame.content, sender.default_charset, faults);
  std::optional<hl7::Message> message;
  bool declared = false;
  if (decoded) {
    declared = decoded->declared;
    // Answers to a header that needs no other set go back as the message came.
    in.context.charset = decoded->charset;
    in.context.charset_declared = declared;
    message =
        hl7::Message::Parse(std::move(decoded->text), decoded->charset, options_.limits, faults);
  }
  if (!message) {
    Refuse(in, readings.empty() ? Verdict::kRejected : Verdict::kError, std::move(faults));
    return;
  }
  in.context = hl7::AckContext::Of(*message, declared);
  in.message.control_id = in.context.control_id.substr(0, kLongestControlId);
  if (in.message.control_id != in.context.control_id) {
    // In the set that the header was first read in it was short enough.
    in.message.control_id.clear();
    Refuse(in, Verdict::kError,
           {{FaultCode::kValueTooLong, {"MSH", 1, 10}, "a control id has at most 199 bytes"}});
    return;
  }
  if (in.message.control_id.empty()) {
    Refuse(in, Verdict::kError,
           {{FaultCode::kRequiredFieldMissing, {"MSH", 1, 10}, "the control id is required"}});
    return;
  }
  Interpretation interpretation = Interpret(*message, sender);
  if (interpretation.verdict != Verdict::kTaken) {
    Refuse(in, interpretation.verdict, std::move(interpretation.faults));
    return;
  }
  in.work = std::move(interpretation.work);
}

void Intake::Handle(const Peer& peer, const mllp::Frame& frame, const Answer& answer) {
  Incoming in = Read(peer, frame);
  if (in.verdict != Verdict::kTaken) {
    in.message.answer = Ack(in, in.message.message_id, CodeFor(in.verdict), in.faults);
  }
  const absl::Time deadline = deps_.clock.Now() + options_.delivery_timeout;
  const absl::StatusOr<Receipt> receipt = deps_.store.Receive(in.message, deadline);
  if (!receipt.ok()) {
    Tell(in, Event::kStoreFailed);
    const AckCode code = in.mode.enhanced ? AckCode::kCR : AckCode::kAR;
    if (!in.mode.enhanced || IsWanted(in.mode.accept, false)) {
      answer(Ack(in, in.message.message_id, code,
                 NotNow("the message could not be stored; send it again")));
    }
    return;
  }
  if (!receipt->is_new) {
    AnswerExisting(in, receipt->stored, answer);
    return;
  }
  if (in.verdict != Verdict::kTaken) {
    Tell(in, Event::kRefused, in.message.reason);
    AnswerRefused(in, answer);
    return;
  }
  if (in.mode.enhanced && IsWanted(in.mode.accept, true)) {
    answer(Ack(in, in.message.message_id, AckCode::kCA, {}));
  }
  const std::optional<std::string> outcome = DeliverAndSettle(in, receipt->stored);
  if (outcome) answer(*outcome);
}

void Intake::AnswerRefused(Incoming& in, const Answer& answer) {
  if (!in.mode.enhanced) {
    answer(in.message.answer);
    return;
  }
  // What the header alone forbids is not accepted; wrong content is, and then answered by the
  // application.
  const bool header = in.verdict == Verdict::kRejected;
  if (IsWanted(in.mode.accept, !header)) {
    answer(Ack(in, in.message.message_id, header ? AckCode::kCR : AckCode::kCA,
               header ? in.faults : hl7::Faults()));
  }
  if (!header && IsWanted(in.mode.application, false)) answer(in.message.answer);
}

// The control id was used before: the same message again, or another one under the same id.
void Intake::AnswerExisting(Incoming& in, const StoredMessage& stored, const Answer& answer) {
  if (stored.content_hash != in.message.content_hash) {
    Tell(in, Event::kControlIdReused);
    in.message.claims_control_id = false;
    Refuse(in, Verdict::kError,
           {{FaultCode::kDuplicateKey,
             {"MSH", 1, 10},
             "this control id was used for a message with other content"}});
    in.message.reason = "CONTROL_ID_REUSED";
    in.message.answer = Ack(in, in.message.message_id, AckCode::kAE, in.faults);
    const absl::Time deadline = deps_.clock.Now() + options_.delivery_timeout;
    if (!deps_.store.Receive(in.message, deadline).ok()) {
      Tell(in, Event::kStoreFailed);
    }
    if (!in.mode.enhanced) {
      answer(in.message.answer);
    } else if (IsWanted(in.mode.accept, false)) {
      answer(Ack(in, in.message.message_id, AckCode::kCE, in.faults));
    }
    return;
  }
  in.message.message_id = stored.message_id;
  const bool rejected = in.verdict == Verdict::kRejected;
  if (in.mode.enhanced && IsWanted(in.mode.accept, !rejected)) {
    answer(Ack(in, stored.message_id, rejected ? AckCode::kCR : AckCode::kCA,
               rejected ? in.faults : hl7::Faults()));
  }
  if (stored.state == MessageState::kReceived && in.verdict == Verdict::kTaken) {
    // Not settled yet: its first delivery failed, or is under way elsewhere. Every step may be
    // repeated.
    const std::optional<std::string> outcome = DeliverAndSettle(in, stored);
    if (outcome) answer(*outcome);
    return;
  }
  Tell(in, Event::kReplayed);
  const bool success = stored.state == MessageState::kDelivered;
  if (!in.mode.enhanced || (!rejected && IsWanted(in.mode.application, success)))
    answer(stored.answer);
}

// Delivers, writes the outcome; the application acknowledgement, where the sender wants it.
std::optional<std::string> Intake::DeliverAndSettle(const Incoming& in,
                                                    const StoredMessage& stored) {
  const absl::Time deadline = deps_.clock.Now() + options_.delivery_timeout;
  const std::optional<DeliveryFailure> failure =
      deps_.delivery.Deliver(in.work, stored.message_id, *in.sender, stored.received_at, deadline);
  const auto wanted = [&](std::string text, bool success) -> std::optional<std::string> {
    if (in.mode.enhanced && !IsWanted(in.mode.application, success)) return std::nullopt;
    return text;
  };
  const auto later = [&]() {
    return wanted(Ack(in, stored.message_id, AckCode::kAR,
                      NotNow("stored, not yet delivered; it will be; the same message again asks "
                             "for the outcome")),
                  false);
  };
  // The outcome is written even when delivery used up its time.
  const absl::Time settle_by = std::max(deadline, deps_.clock.Now() + absl::Seconds(5));
  if (failure && failure->kind == DeliveryFailure::Kind::kRetry &&
      stored.attempts < options_.most_attempts) {
    Tell(in, Event::kPostponed, failure->reason);
    const absl::Status postponed =
        deps_.store.Postpone(stored.message_id, failure->reason, Pause(stored.attempts), settle_by);
    if (!postponed.ok()) Tell(in, Event::kStoreFailed);
    return later();
  }
  MessageState state = MessageState::kDelivered;
  AckCode code = AckCode::kAA;
  hl7::Faults faults;
  Event event = Event::kDelivered;
  std::string reason;
  if (failure && failure->kind == DeliveryFailure::Kind::kRefuse) {
    state = MessageState::kRefused;
    code = AckCode::kAE;
    faults = failure->faults;
    event = Event::kRefused;
    reason = failure->reason;
  } else if (failure) {
    state = MessageState::kParked;
    code = AckCode::kAE;
    faults = NotNow(fmt::format(
        "parked ({}): a person of the region will settle it; nothing is lost", failure->reason));
    event = Event::kParked;
    reason = failure->reason;
  }
  std::string text = Ack(in, stored.message_id, code, faults);
  const absl::Status settled =
      deps_.store.Settle(stored.message_id, state, reason, text, settle_by);
  if (!settled.ok()) {
    Tell(in, Event::kStoreFailed);
    return later();
  }
  Tell(in, event, reason);
  return wanted(std::move(text), state == MessageState::kDelivered);
}

absl::Status Intake::Redeliver(const PendingMessage& pending) {
  const Sender* sender = deps_.senders.Named(pending.stored.sender);
  const Peer peer{"redelivery", {pending.stored.sender}};
  mllp::Frame frame{pending.content, false, pending.content.size()};
  Incoming in = Read(peer, frame);
  in.message.message_id = pending.stored.message_id;
  in.mode = AckMode();  // the answer is kept for the sender who asks again
  if (sender == nullptr || in.verdict != Verdict::kTaken) {
    // It was taken once: the configuration or our reading of it changed since.
    return deps_.store.Settle(pending.stored.message_id, MessageState::kParked,
                              "NOT_READABLE_ANY_MORE",
                              Ack(in, pending.stored.message_id, AckCode::kAE, in.faults),
                              deps_.clock.Now() + options_.delivery_timeout);
  }
  DeliverAndSettle(in, pending.stored);
  return absl::OkStatus();
}

void Intake::Tell(const Incoming& in, Event event, std::string_view reason) {
  deps_.observer.OnMessage(in.message, event, reason);
}

absl::Duration Intake::Pause(int attempts) const {
  return std::min(absl::Seconds(1) * (1 << std::min(attempts, 12)), options_.longest_pause);
}

}  // namespace yilian::gateway::inbound
