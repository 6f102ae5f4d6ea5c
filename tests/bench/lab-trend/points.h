// A schema with as many trend points as wanted, made by the database itself.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/mysql/pool.h"
#include "services/lab/domain/types.h"

namespace yilian::bench {

// Every patient has as many, in a small table and in a large one.
inline constexpr int kAnalytesAPatient = 20;
inline constexpr int kPointsAnAnalyte = 50;
inline constexpr int kPointsAPatient = kAnalytesAPatient * kPointsAnAnalyte;

// The patient with this number, from 0; ids are spread over the table as random ones are.
lab::PatientId PatientOf(int64_t number);
std::string LoincOf(int analyte);

// Inserts `count` points, patient after patient.
absl::Status InsertPoints(mysql::Pool& pool, int64_t count);

}  // namespace yilian::bench
