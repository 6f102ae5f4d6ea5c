#include "tests/chaos/saga/watcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"

namespace yilian::chaos {
namespace {

using referral::v1::Referral;
using referral::v1::ReferralService;

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(5);

int64_t VersionOf(const Referral& referral) {
  int64_t version = 0;
  const std::string& etag = referral.etag();
  if (!absl::SimpleAtoi(etag.substr(std::min<size_t>(1, etag.size())), &version)) return -1;
  return version;
}

// What one answer says must hold together.
std::string Contradiction(const Referral& seen) {
  const bool shows_seat = seen.has_booking();
  switch (seen.state()) {
    case referral::v1::STATE_SLOT_HELD:
    case referral::v1::STATE_SCHEDULED:
      return shows_seat ? "" : "held or scheduled without a seat";
    case referral::v1::STATE_SUBMITTED:
    case referral::v1::STATE_ACCEPTED:
    case referral::v1::STATE_CANCELLED:
      return shows_seat ? "a seat that it cannot have" : "";
    default:
      return "";
  }
}

}  // namespace

Watcher::Watcher(const ctl::Region& region, const ctl::demo::Person& doctor,
                 std::string referral_id, bool always_booked)
    : doctor_(doctor), referral_id_(std::move(referral_id)), always_booked_(always_booked) {
  auto tables = Tables::Open(region);
  if (tables.ok()) {
    tables_ = *std::move(tables);
    threads_.emplace_back([this] { LookAtTheTables(); });
  } else {
    Note("the tables cannot be read: " + tables.status().ToString());
  }
  threads_.emplace_back([this] { LookThroughTheApi(); });
}

Watcher::~Watcher() { Stop(); }

std::vector<std::string> Watcher::Stop() {
  over_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  absl::MutexLock lock(&mutex_);
  return findings_;
}

void Watcher::Note(std::string what) {
  absl::MutexLock lock(&mutex_);
  if (std::find(findings_.begin(), findings_.end(), what) == findings_.end()) {
    findings_.push_back(std::move(what));
  }
}

void Watcher::LookThroughTheApi() {
  referral::v1::GetReferralRequest request;
  request.set_referral_id(referral_id_);
  int64_t last = 0;
  while (!over_) {
    const auto seen =
        doctor_.Call<ReferralService>("referral", &ReferralService::Stub::GetReferral, request);
    if (seen.ok()) {
      ++looks_;
      if (const std::string wrong = Contradiction(*seen); !wrong.empty()) {
        Note(fmt::format("{}: {}", referral::v1::State_Name(seen->state()), wrong));
      }
      if (VersionOf(*seen) < last) Note("an answer was older than the one before");
      last = VersionOf(*seen);
    }
    absl::SleepFor(kBetweenLooks);  // lint:allow(test-sleep) between looks
  }
}

void Watcher::LookAtTheTables() {
  std::string id;
  for (const char c : referral_id_) {
    if (c != '-') id += c;
  }
  const std::string live = fmt::format(
      "SELECT COUNT(*) FROM yilian_scheduling.booking WHERE referral_id = X'{}' AND state IN "
      "('HELD', 'BOOKED', 'CHECKED_IN')",
      id);
  // One snapshot of both schemas: what the referral shows as booked is booked.
  const std::string astray = fmt::format(
      "SELECT COUNT(*) FROM yilian_referral.referral r LEFT JOIN yilian_scheduling.booking b ON "
      "b.booking_id = r.booking_id WHERE r.referral_id = X'{}' AND r.state = 'SCHEDULED' AND "
      "(b.state IS NULL OR b.state <> 'BOOKED')",
      id);
  bool booked = false;
  while (!over_) {
    const auto bookings = tables_->Count("chaos.LiveBookings", live);
    const auto lost = tables_->Count("chaos.Astray", astray);
    if (bookings.ok()) {
      ++looks_;
      if (*bookings > 1) Note(fmt::format("{} live bookings at once", *bookings));
      if (always_booked_ && booked && *bookings == 0) Note("for a moment no booking at all");
      booked = booked || *bookings == 1;
    }
    if (lost.ok() && *lost > 0) Note("scheduled, and its booking is not booked");
    absl::SleepFor(kBetweenLooks);  // lint:allow(test-sleep) between looks
  }
}

}  // namespace yilian::chaos
