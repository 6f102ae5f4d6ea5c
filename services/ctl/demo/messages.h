// The HL7 v2 messages of the journey, as a township's HIS and LIS would send them.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace yilian::ctl::demo {

struct MessagePatient {
  std::string national_id;
  std::string record_number;  // the township's own
  std::string name;           // family^given
  std::string birth_date;     // YYYYMMDD
  char sex = 'M';
};

// ADT^A04 of the HIS; `charset` is written into MSH-18.
std::string RegisterMessage(const MessagePatient& patient, std::string_view control_id,
                            std::string_view charset, absl::Time now);
// ORU^R01 of the LIS: troponin and potassium, one of them critical.
std::string ReportMessage(const MessagePatient& patient, std::string_view control_id,
                          std::string_view order_number, std::string_view charset, absl::Time now);

}  // namespace yilian::ctl::demo
