// What a case's bookings, seats and releases are in the tables, compared with the model.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/mysql/session.h"
#include "services/scheduling/testing/booking_model.h"
#include "services/scheduling/testing/scheduling_desk.h"

namespace yilian::scheduling {

// One look; made for it and thrown away.
class BookingTables {
 public:
  // `begun`: rows from then on are the case's. `timers_ran`: nothing that is due is still to come.
  // `patient`: the id of one by its number.
  BookingTables(SchedulingDesk& desk, const BookingModel& model, absl::Time begun, bool timers_ran,
                std::function<std::string(int)> patient)
      : desk_(desk),
        model_(model),
        begun_(begun),
        timers_ran_(timers_ran),
        patient_(std::move(patient)) {}

  // What stands in the tables otherwise than in the model; "" for nothing.
  std::string Unlike();

 private:
  // By "session seat".
  struct Seats {
    std::map<std::string, std::string> taken;           // the booking
    std::map<std::string, std::set<std::string>> over;  // holds whose end may still be to come
  };

  std::string BookingUnlike(const ModelBooking& booking, const mysql::Row& row) const;
  std::string SeatUnlike(const mysql::Row& row, const Seats& seats) const;

  SchedulingDesk& desk_;
  const BookingModel& model_;
  const absl::Time begun_;
  const bool timers_ran_;
  const std::function<std::string(int)> patient_;
};

}  // namespace yilian::scheduling
