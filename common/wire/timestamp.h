// Times and optional ids between the wire and C++.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::wire {

// Whole microseconds, as the database keeps them.
inline void SetTime(google::protobuf::Timestamp* out, absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000;
  }
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(rest * 1000));
}

inline absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// An optional id is an empty text on the wire and the nil id in C++.
template <typename IdType>
std::string TextOrEmpty(const IdType& id) {
  return id.is_nil() ? std::string() : id.ToString();
}

template <typename IdType>
absl::StatusOr<IdType> OptionalId(const std::string& text) {
  if (text.empty()) return IdType();
  return IdType::Parse(text);
}

}  // namespace yilian::wire
