// Hands a message's work to the services that own it; each step is safe to repeat.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/gateway/domain/inbound/interpretation.h"

namespace yilian::gateway::inbound {

// Why a step did not succeed, and so what becomes of the message.
struct DeliveryFailure {
  enum class Kind {
    kRetry,   // the owner is away or busy: the message stays RECEIVED
    kPark,    // a person has to decide: two records claim one number, say
    kRefuse,  // the owner says the content is wrong
  };
  Kind kind = Kind::kRetry;
  std::string reason;  // coded: "IDENTIFIER_TAKEN"
  hl7::Faults faults;  // for kRefuse
  // The patient's record was merged meanwhile: the record that stands for it.
  std::optional<base::Uuid> survivor;
};

// Who asks, and by when.
struct Request {
  base::Uuid request_id;       // the same for every attempt of the same step of the same message
  base::Uuid organization_id;  // of the sender
  base::Uuid message_id;
  absl::TimeZone time_zone;  // of times without offset
  absl::Time deadline;
};

// The directory of patients. Implemented over gRPC; thread-safe.
class PatientDirectory {
 public:
  virtual ~PatientDirectory() = default;
  // Registers the patient or finds them; their id.
  virtual std::variant<base::Uuid, DeliveryFailure> Register(const Request& request,
                                                             const Hl7Patient& patient) = 0;
  virtual std::optional<DeliveryFailure> Merge(const Request& request, const base::Uuid& surviving,
                                               const base::Uuid& merged) = 0;
};

// Takes laboratory reports in. Implemented over gRPC; thread-safe.
class ReportIntake {
 public:
  virtual ~ReportIntake() = default;
  virtual std::optional<DeliveryFailure> Ingest(const Request& request, const base::Uuid& patient,
                                                const Hl7Report& report) = 0;
};

// What the message says of a patient's stay, its times as instants.
struct StayNews {
  StayEvent event = StayEvent::kAdmitted;
  std::string visit_number;
  std::optional<absl::Time> admitted_at;  // always there for kAdmitted
  absl::Time discharged_at;               // for kDischarged
  absl::Time recorded_at;
};

// Hears of stays: the hospital may see its patients while they last. Implemented over gRPC;
// thread-safe.
class StayDesk {
 public:
  virtual ~StayDesk() = default;
  virtual std::optional<DeliveryFailure> Tell(const Request& request, const base::Uuid& patient,
                                              const StayNews& news) = 0;
};

// What the message says of the end of an episode.
struct DischargeNews {
  std::string episode;
  absl::Time recorded_at;
};

// Hears of discharges: the way back is drafted, and withdrawn where the patient stays after all.
// Implemented over gRPC; thread-safe.
class DischargeDesk {
 public:
  virtual ~DischargeDesk() = default;
  virtual std::optional<DeliveryFailure> Draft(const Request& request, const base::Uuid& patient,
                                               const DischargeNews& news) = 0;
  virtual std::optional<DeliveryFailure> Withdraw(const Request& request, const base::Uuid& patient,
                                                  const DischargeNews& news) = 0;
};

// Thread-safe.
class Delivery {
 public:
  // `discharges` may be null: then no way back is drafted.
  Delivery(PatientDirectory& patients, ReportIntake& reports, StayDesk& stays,
           DischargeDesk* discharges = nullptr)
      : patients_(patients), reports_(reports), stays_(stays), discharges_(discharges) {}

  // Does the work step by step; the first failure ends it. Done again from the start it changes
  // nothing that is done. `received_at` stands in for times that the message lacks.
  std::optional<DeliveryFailure> Deliver(const Work& work, const base::Uuid& message_id,
                                         const Sender& sender, absl::Time received_at,
                                         absl::Time deadline);

 private:
  struct Envelope;
  std::optional<DeliveryFailure> DeliverRegistrations(const Work& work, const Envelope& envelope);
  std::optional<DeliveryFailure> DeliverMerges(const Work& work, const Envelope& envelope);
  std::optional<DeliveryFailure> DeliverResults(const Work& work, const Envelope& envelope);

  PatientDirectory& patients_;
  ReportIntake& reports_;
  StayDesk& stays_;
  DischargeDesk* const discharges_;
};

}  // namespace yilian::gateway::inbound
