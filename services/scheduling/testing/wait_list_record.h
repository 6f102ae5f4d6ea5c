// What the wait list promises, checked event by event: a record of its own, which shares no code
// with the service and is told of nothing but what was published. For tests.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "yilian/event/v1/event.pb.h"
#include "yilian/scheduling/v1/scheduling.pb.h"
#include "yilian/scheduling/v1/wait_list.pb.h"

namespace yilian::scheduling {

// One department, whose seats are open to everybody; a patient has one booking a day there. A
// finding is a text, "" for none. For one thread.
class WaitListRecord {
 public:
  struct Waiting {
    std::string patient;
    std::string organization;
    std::string session;  // "": any
    int64_t turn = 0;
    int joined = 0;  // its number in the order of joining
    std::string state = "WAITING";
    int passed = 0;
    std::set<std::string> offered;  // sessions
    absl::Time offer_ends;
  };
  struct Taken {
    std::string session;
    int seat = 0;
    std::string patient;
    std::string state = "HELD";  // BOOKED, ENDED
    absl::Time until;
  };

  void Open(const v1::Session& session);
  // In the order of the outbox.
  std::string Take(const std::string& type, const google::protobuf::Any& payload, absl::Time at);
  // Somebody is about to decline an offer or to cancel its hold: it may end before its time.
  void GiveUp(bool giving_up) { giving_up_ = giving_up; }
  // After a command and every timer that is due at `now`.
  std::string Settled(absl::Time now);
  // What HoldSeat has to answer.
  std::string RefusalOf(const std::string& session, const std::string& patient,
                        absl::Time now) const;

  const std::map<std::string, Waiting>& entries() const { return entries_; }
  const std::map<std::string, Taken>& bookings() const { return bookings_; }
  const std::map<std::string, v1::Session>& sessions() const { return sessions_; }

 private:
  using Time = std::pair<absl::Time, absl::Time>;

  std::string TakeEntry(const std::string& type, const v1::WaitListEntry& entry, absl::Time at);
  std::string TakeBooking(const std::string& type, const v1::Booking& booking, absl::Time at);
  std::string Join(const v1::WaitListEntry& entry);
  std::string Offer(const v1::WaitListEntry& entry, absl::Time at);
  std::string Pass(const v1::WaitListEntry& entry, const std::string& type, absl::Time at);
  std::string Hold(const v1::Booking& booking, absl::Time at);

  Time TimeOf(const std::string& session, int seat) const;
  static int64_t DayOf(absl::Time at);
  std::set<int> FreeSeats(const std::string& session) const;
  bool Overlaps(const std::string& patient, const Time& time, absl::Time at) const;
  bool HasTheDay(const std::string& patient, absl::Time start, absl::Time at) const;
  bool Wants(const Waiting& entry, const std::string& session) const;
  // Somebody who wants it, may have it, and is asked before `than` (nullptr: anybody); "": nobody.
  std::string ComesFirst(const std::string& session, int seat, const Waiting* than,
                         absl::Time at) const;

  std::map<std::string, v1::Session> sessions_;
  std::map<std::string, Waiting> entries_;
  std::map<std::string, Taken> bookings_;
  int64_t served_ = 0;
  int joined_ = 0;
  bool giving_up_ = false;
  std::vector<std::pair<std::string, int>> given_back_;  // since the last Settled
};

}  // namespace yilian::scheduling
