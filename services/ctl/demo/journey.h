// A patient's whole journey through the region, played by the people and systems that make it, each
// step checked.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/ctl/demo/following.h"
#include "services/ctl/demo/person.h"
#include "services/ctl/region.h"
#include "yilian/consultation/v1/consultation.pb.h"
#include "yilian/directory/v1/directory.pb.h"
#include "yilian/lab/v1/lab.pb.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::ctl::demo {

// One run with a patient of its own; may be run again and again, and beside others. One thread.
class Journey {
 public:
  // `samples`: folder of public HL7 v2 messages that are sent as well; "" for none.
  Journey(const Region& region, std::string samples)
      : region_(region), samples_(std::move(samples)) {}
  // Plays it, printing each step with who, what and how long. The first expectation that fails ends
  // it with an error.
  absl::Status Play();

 private:
  // Times and prints one step; `act` returns what happened, in words.
  absl::Status Step(std::string_view who, std::string_view what,
                    const std::function<absl::StatusOr<std::string>()>& act);

  absl::Status SignEverybodyIn();
  // 1: HIS and LIS, over MLLP.
  absl::Status SendMessages();
  absl::StatusOr<std::string> SendSamples();
  // 2: the township doctor.
  absl::StatusOr<std::string> ReadBackPotassium();
  absl::Status ReferUp();
  // 3: the hospital's coordinator; the saga.
  absl::Status AcceptAndBook();
  // 4: the remote consultation.
  absl::Status Consult();
  // 5: discharge and what follows.
  absl::Status ReferDown();
  // 6: what everybody saw.
  absl::Status CheckStream();
  absl::Status CheckRates();
  absl::Status CheckStranger();
  absl::Status CheckAudit();

  absl::StatusOr<referral::v1::Referral> ReadReferral(const Person& reader,
                                                      const std::string& id) const;

  const Region region_;
  const std::string samples_;
  std::string national_id_;
  std::string patient_id_;
  std::string report_id_;
  std::string referral_id_;
  std::string down_referral_id_;
  std::string consultation_id_;
  std::optional<Person> doctor_;       // township
  std::optional<Person> coordinator_;  // hospital
  std::optional<Person> expert_;       // hospital
  std::optional<Person> family_;       // community centre
  std::optional<Person> stranger_;     // a hospital that is no party
  std::unique_ptr<Following> referral_events_;
  std::unique_ptr<Following> consultation_events_;
  std::unique_ptr<Following> lab_events_;
  int steps_ = 0;
};

}  // namespace yilian::ctl::demo
