// A parameter of a statement, and a row of its result. Nothing here knows the driver.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace yilian::mysql {

// Marks bytes that are not text (BLOB, VARBINARY).
struct Blob {
  std::string bytes;
};

// One bound parameter. Implicit: `Execute(kQuery, id, "text", 3, now)`.
class Value {
 public:
  Value(std::nullptr_t) {}                                        // NOLINT: NULL
  Value(bool value) : value_(int64_t{value}) {}                   // NOLINT
  Value(int value) : value_(int64_t{value}) {}                    // NOLINT
  Value(int64_t value) : value_(value) {}                         // NOLINT
  Value(uint32_t value) : value_(int64_t{value}) {}               // NOLINT
  Value(uint64_t value) : value_(static_cast<int64_t>(value)) {}  // NOLINT: below 2^63 by contract
  Value(const char* value) : value_(std::string(value)) {}        // NOLINT
  Value(std::string value) : value_(std::move(value)) {}          // NOLINT
  Value(std::string_view value) : value_(std::string(value)) {}   // NOLINT
  Value(Blob value) : value_(std::move(value)) {}                 // NOLINT
  Value(const base::Uuid& id) : value_(Blob{id.ToBytes()}) {}     // NOLINT: BINARY(16)
  Value(absl::Time time);                                         // NOLINT: DATETIME(6), UTC
  template <typename Tag>
  Value(const base::Id<Tag>& id) : Value(id.uuid()) {}  // NOLINT
  template <typename T>
  Value(const std::optional<T>& value) {  // NOLINT: nullopt is NULL
    if (value) *this = Value(*value);
  }
  Value(double) = delete;  // values are DECIMAL or text, never DOUBLE

  using Variant = std::variant<std::monostate, int64_t, std::string, Blob>;
  const Variant& get() const { return value_; }

 private:
  Variant value_;
};

// The current row of a result, columns counted from 0. Valid inside the callback only. A NULL in a
// getter without `Optional` reads as the type's empty value.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int(int column) const = 0;
  virtual std::string Text(int column) const = 0;   // VARCHAR, TEXT, DECIMAL (exact digits)
  virtual std::string Bytes(int column) const = 0;  // BLOB, VARBINARY
  bool Bool(int column) const { return Int(column) != 0; }
  absl::Time Time(int column) const;  // DATETIME(6), UTC
  base::Uuid Id(int column) const;    // BINARY(16)
  template <typename IdType>
  IdType Id(int column) const {
    return IdType(Id(column));
  }
  std::optional<absl::Time> OptionalTime(int column) const;
  std::optional<base::Uuid> OptionalId(int column) const;
  std::optional<std::string> OptionalText(int column) const;
  std::optional<int64_t> OptionalInt(int column) const;
};

// `YYYY-MM-DD hh:mm:ss.ffffff` in UTC, and back: the only form both servers take for DATETIME(6).
std::string ToSqlTime(absl::Time time);
absl::StatusOr<absl::Time> FromSqlTime(std::string_view text);

}  // namespace yilian::mysql
