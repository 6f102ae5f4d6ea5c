// UUIDs: version 7 for every id (RFC 9562: sorts by creation time), version 5 for ids that must
// come out the same again, such as a saga step's request id.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::base {

class Uuid {
 public:
  // The nil UUID: no id.
  constexpr Uuid() = default;

  // A fresh version 7 id. Ids made by one thread in one millisecond still sort in the order they
  // were made.
  static Uuid V7(absl::Time now);
  static Uuid V7();
  // The same id for the same (space, name), always.
  static Uuid V5(const Uuid& space, std::string_view name);
  // From the standard 36-character text, upper or lower case. INVALID_ARGUMENT otherwise.
  static absl::StatusOr<Uuid> Parse(std::string_view text);
  // From the 16 bytes of a BINARY(16) column. INVALID_ARGUMENT for another length.
  static absl::StatusOr<Uuid> FromBytes(std::string_view bytes);

  std::string ToString() const;  // 0193f2c4-7b1e-7c3a-8a54-0123456789ab
  std::string ToBytes() const { return std::string(view()); }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  bool is_nil() const { return *this == Uuid(); }

  auto operator<=>(const Uuid&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.view());
  }

 private:
  std::array<uint8_t, 16> bytes_{};
};

// A UUID that cannot be taken for the id of another kind of thing: `using ReferralId =
// base::Id<struct ReferralTag>`.
template <typename Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(const Uuid& uuid) : uuid_(uuid) {}
  static Id New(absl::Time now) { return Id(Uuid::V7(now)); }
  static absl::StatusOr<Id> Parse(std::string_view text) {
    absl::StatusOr<Uuid> uuid = Uuid::Parse(text);
    if (!uuid.ok()) return uuid.status();
    return Id(*uuid);
  }
  const Uuid& uuid() const { return uuid_; }
  std::string ToString() const { return uuid_.ToString(); }
  bool is_nil() const { return uuid_.is_nil(); }
  auto operator<=>(const Id&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.uuid_);
  }

 private:
  Uuid uuid_;
};

}  // namespace yilian::base
