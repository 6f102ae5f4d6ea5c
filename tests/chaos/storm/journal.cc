#include "tests/chaos/storm/journal.h"

#include <utility>

namespace yilian::chaos {

void Journal::Patient(std::string patient_id) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  patients_.push_back(std::move(patient_id));
}

void Journal::Referral(AcknowledgedReferral referral) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  referrals_[referral.referral_id] = std::move(referral);
}

void Journal::Accepted(const std::string& referral_id) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  referrals_[referral_id].accepted = true;
}

void Journal::Withdrawn(const std::string& referral_id) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  referrals_[referral_id].withdrawn = true;
}

void Journal::Consultation(AcknowledgedConsultation consultation) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  consultations_[consultation.consultation_id] = std::move(consultation);
}

void Journal::Signed(const std::string& consultation_id) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  consultations_[consultation_id].is_signed = true;
}

void Journal::Message(AcknowledgedMessage message) {
  absl::MutexLock lock(&mutex_);
  ++acknowledged_;
  messages_.push_back(std::move(message));
}

void Journal::Unexpected(std::string what) {
  absl::MutexLock lock(&mutex_);
  unexpected_.push_back(std::move(what));
}

int64_t Journal::acknowledged() const {
  absl::MutexLock lock(&mutex_);
  return acknowledged_;
}

std::vector<std::string> Journal::patients() const {
  absl::MutexLock lock(&mutex_);
  return patients_;
}

std::map<std::string, AcknowledgedReferral> Journal::referrals() const {
  absl::MutexLock lock(&mutex_);
  return referrals_;
}

std::map<std::string, AcknowledgedConsultation> Journal::consultations() const {
  absl::MutexLock lock(&mutex_);
  return consultations_;
}

std::vector<AcknowledgedMessage> Journal::messages() const {
  absl::MutexLock lock(&mutex_);
  return messages_;
}

std::vector<std::string> Journal::unexpected() const {
  absl::MutexLock lock(&mutex_);
  return unexpected_;
}

}  // namespace yilian::chaos
