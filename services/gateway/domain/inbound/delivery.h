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

// Hears of discharges. Implemented over gRPC; thread-safe.
class DischargeDesk {
 public:
  virtual ~DischargeDesk() = default;
  virtual std::optional<DeliveryFailure> Draft(const Request& request, const base::Uuid& patient,
                                               const std::string& episode) = 0;
};

// Thread-safe.
class Delivery {
 public:
  // `discharges` may be null: then nobody is told of them.
  Delivery(PatientDirectory& patients, ReportIntake& reports, DischargeDesk* discharges = nullptr)
      : patients_(patients), reports_(reports), discharges_(discharges) {}

  // Does the work step by step; the first failure ends it. Done again from the start it changes
  // nothing that is done.
  std::optional<DeliveryFailure> Deliver(const Work& work, const base::Uuid& message_id,
                                         const Sender& sender, absl::Time deadline);

 private:
  PatientDirectory& patients_;
  ReportIntake& reports_;
  DischargeDesk* const discharges_;
};

}  // namespace yilian::gateway::inbound
