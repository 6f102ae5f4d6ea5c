// What the clients were promised: every acknowledged write, to be looked for afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace yilian::chaos {

struct AcknowledgedReferral {
  std::string referral_id;
  std::string marker;  // stands in summary.question, unique a request
  std::string patient_id;
  std::string referring;
  std::string receiving;
  bool accepted = false;
  bool withdrawn = false;
};

struct AcknowledgedConsultation {
  std::string consultation_id;
  std::string marker;  // stands in the question
  bool is_signed = false;
};

// A message that got its AA.
struct AcknowledgedMessage {
  std::string control_id;
  std::string order_number;  // of a report; "" for ADT
};

// Thread-safe while the storm blows; read by one thread afterwards.
class Journal {
 public:
  void Patient(std::string patient_id);
  void Referral(AcknowledgedReferral referral);
  void Accepted(const std::string& referral_id);
  void Withdrawn(const std::string& referral_id);
  void Consultation(AcknowledgedConsultation consultation);
  void Signed(const std::string& consultation_id);
  void Message(AcknowledgedMessage message);
  // An answer that no client should get while parts restart, or no answer at all within a minute.
  void Unexpected(std::string what);

  int64_t acknowledged() const;
  std::vector<std::string> patients() const;
  std::map<std::string, AcknowledgedReferral> referrals() const;
  std::map<std::string, AcknowledgedConsultation> consultations() const;
  std::vector<AcknowledgedMessage> messages() const;
  std::vector<std::string> unexpected() const;

 private:
  mutable absl::Mutex mutex_;
  int64_t acknowledged_ = 0;
  std::vector<std::string> patients_;
  std::map<std::string, AcknowledgedReferral> referrals_;
  std::map<std::string, AcknowledgedConsultation> consultations_;
  std::vector<AcknowledgedMessage> messages_;
  std::vector<std::string> unexpected_;
};

}  // namespace yilian::chaos
