// From the bytes of one frame to its answer: store, interpret, deliver, settle.
//
//   frame -> readable? known sender? type taken? content right?   no -> REFUSED, AE or AR
//         -> stored (RECEIVED, committed); enhanced mode: CA
//         -> delivered: the owning services have committed        -> DELIVERED, AA
//            owner away                                           -> stays RECEIVED, AR; the
//            redelivery job goes on a person has to decide                               -> PARKED,
//            AE
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "services/gateway/domain/hl7/acknowledgement.h"
#include "services/gateway/domain/inbound/delivery.h"
#include "services/gateway/domain/inbound/message_store.h"
#include "services/gateway/domain/inbound/sender.h"
#include "services/gateway/domain/mllp/framer.h"

namespace yilian::gateway::inbound {

// Learns what happens, for metrics and alarms. Thread-safe.
class IntakeObserver {
 public:
  virtual ~IntakeObserver() = default;
  enum class Event {
    kDelivered,
    kParked,
    kRefused,
    kPostponed,
    kReplayed,
    kControlIdReused,
    kStoreFailed
  };
  // `reason`: coded, why a message is not delivered; "" where there is nothing to say.
  virtual void OnMessage(const NewMessage& message, Event event, std::string_view reason) = 0;
};

// Thread-safe.
class Intake {
 public:
  struct Deps {
    const SenderRegistry& senders;
    MessageStore& store;
    Delivery& delivery;
    const base::Clock& clock;
    IntakeObserver& observer;
  };
  struct Options {
    absl::Duration delivery_timeout = absl::Seconds(20);
    // Longest pause between two attempts to deliver.
    absl::Duration longest_pause = absl::Minutes(5);
    // With pauses of five minutes about four days; then a person has to look.
    int most_attempts = 1200;
    hl7::Limits limits;
  };
  Intake(Deps deps, Options options) : deps_(deps), options_(options) {}

  // Handles one frame; blocks until it is settled or postponed. `answer` is called with each
  // acknowledgement in turn: none to two of them, by the sender's acknowledgement mode.
  using Answer = std::function<void(std::string)>;
  void Handle(const Peer& peer, const mllp::Frame& frame, const Answer& answer);

  // Delivers a stored message again and writes the outcome, whatever it is. Errors: of the store.
  absl::Status Redeliver(const PendingMessage& pending);

 private:
  struct Incoming;
  Incoming Read(const Peer& peer, const mllp::Frame& frame);
  void ReadContent(Incoming& in, const std::vector<hl7::HeaderReading>& readings,
                   const mllp::Frame& frame);
  void Refuse(Incoming& in, Verdict verdict, hl7::Faults faults);
  std::string Ack(const Incoming& in, const base::Uuid& message_id, hl7::AckCode code,
                  const hl7::Faults& faults);
  void AnswerExisting(Incoming& in, const StoredMessage& stored, const Answer& answer);
  void AnswerRefused(Incoming& in, const Answer& answer);
  std::optional<std::string> DeliverAndSettle(const Incoming& in, const StoredMessage& stored);
  void Tell(const Incoming& in, IntakeObserver::Event event, std::string_view reason = {});
  absl::Duration Pause(int attempts) const;

  const Deps deps_;
  const Options options_;
};

// SHA-256, 32 bytes.
std::string ContentHash(std::string_view content);

}  // namespace yilian::gateway::inbound
