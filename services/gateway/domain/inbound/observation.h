// One OBX segment.
#pragma once

#include <optional>

#include "services/gateway/domain/hl7/message.h"
#include "services/gateway/domain/inbound/report.h"

namespace yilian::gateway::inbound {

// Reads an OBX. `observed_at`: OBR-7, for an OBX that says no time of its own. Adds its faults;
// nullopt with one.
std::optional<Hl7Observation> ReadObservation(const hl7::Message& message, const hl7::Segment& obx,
                                              const std::string& observed_at, hl7::Faults& faults);

// A coded element (CE, CWE): the LOINC triplet where one of the two is LOINC, else the first with a
// code, else the text.
Coding ReadCoding(const hl7::Segment& segment, int field);

// Longest values that the laboratory service takes.
inline constexpr size_t kLongestSystem = 32;
inline constexpr size_t kLongestCode = 64;
inline constexpr size_t kLongestDisplay = 256;
inline constexpr size_t kLongestUnit = 64;
inline constexpr size_t kLongestMethod = 64;
inline constexpr size_t kLongestRange = 256;
inline constexpr size_t kLongestValue = 65536;
inline constexpr size_t kLongestFlag = 16;
inline constexpr size_t kMostFlags = 10;

// Adds a fault when a coding's part is too long; a display text is cut instead, the code says what
// it is.
void CheckCoding(const hl7::Segment& segment, int field, Coding& coding, hl7::Faults& faults);

}  // namespace yilian::gateway::inbound
