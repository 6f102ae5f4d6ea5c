// What the service promises, as simply as it can be said: lists in memory, one command after the
// other. It shares no code with the service.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace yilian::scheduling {

enum class Deed {
  kHold,
  kHoldInDepartment,
  kBook,
  kCancel,
  kReschedule,
  kCheckIn,
  kDone,
  kNoShow,
  kOffer,   // a session of an expert
  kSearch,  // of the department; timers run before
  kRepeat,  // an earlier request, with its request_id
  kWait,    // the clock moves
  kRunTimers,
  kRush,  // one patient is held in three sessions at once
};

// One thing that one client asks for. Numbers are taken modulo what there is.
struct Command {
  Deed deed = Deed::kHold;
  bool together = false;  // with the one before it, at the same time
  bool crash = false;     // the database is killed meanwhile
  int session = 0;
  int booking = 0;
  int patient = 0;
  int client = 0;    // which organization; the last one asks for a green-channel referral
  int referral = 0;  // 0: none
  int amount = 0;
};

// What the service answered. `reason` "" is yes.
struct Answer {
  std::string reason;
  std::string booking;
  std::string session;
  std::string state;
  int seat = 0;
  std::map<std::string, int64_t> free;  // of a search
};

// A pool of the model: "OPEN", "GREEN", "CONSORTIUM", or the organization's name.
struct ModelSession {
  absl::Time start;
  absl::Duration length;
  std::vector<std::string> pools;  // as made, of each seat
  int stage_as_made = 0;           // 1: organizations' reserves are the consortium's already
  int expert = -1;

  absl::Time end() const { return start + length; }
  // 0 nothing released, 1 organizations' reserves, 2 all.
  int StageAt(absl::Time now) const;
  std::string PoolAt(int seat, int stage) const;
  std::pair<absl::Time, absl::Time> SeatTime(int seat) const;
};

struct ModelBooking {
  std::string session;
  int seat = 0;
  int patient = 0;
  int client = 0;
  int referral = 0;
  std::string state = "HELD";  // ENDED for both ways to end
  absl::Time until;            // of the hold

  bool OverAt(absl::Time now) const { return state == "HELD" && until <= now; }
  bool TakesSeatAt(absl::Time now) const { return state != "ENDED" && !OverAt(now); }
  bool LiveAt(absl::Time now) const {
    return TakesSeatAt(now) && state != "DONE" && state != "NO_SHOW";
  }
};

// One case; copied to try an order of commands.
class BookingModel {
 public:
  static constexpr int kClients = 4;  // a township of the consortium, a city hospital outside it, a
                                      // village with reserves of its own, a green-channel referral
  static const std::vector<std::string>& Clients();
  static constexpr absl::Duration kHold = absl::Minutes(5);

  // Whether this answer may be given now; if so it is carried out. Otherwise says why not.
  std::string Take(const Command& command, const std::string& booking, const std::string& session,
                   const Answer& answer);

  absl::Time now;
  std::map<std::string, ModelSession> sessions;
  std::map<std::string, ModelBooking> bookings;

 private:
  std::string TakeSeat(const Command& command, const std::string& moving,
                       const std::string& session, const Answer& answer);
  std::string TakeInDepartment(const Command& command, const Answer& answer);
  std::string TakeMove(ModelBooking& booking, const std::string& from, const std::string& to,
                       const Answer& answer);
  std::string TakeOffer(const Command& command, const Answer& answer);
  std::string TakeSearch(const Command& command, const Answer& answer) const;

  bool May(int client, const std::string& pool) const;
  // Free ones that the client may take, whatever else the patient does then.
  std::set<int> FreeSeats(const std::string& session, int client) const;
  // Of them, those at which the patient has time; `but`: a booking that is being moved.
  std::set<int> FitSeats(const std::string& session, int client, int patient,
                         const std::string& but) const;
};

std::string ShowCommand(const Command& command);

}  // namespace yilian::scheduling
