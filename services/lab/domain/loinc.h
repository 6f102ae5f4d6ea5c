// LOINC codes by their form.
#pragma once

#include <string_view>

#include "services/lab/domain/types.h"

namespace yilian::lab {

// One to seven digits, a hyphen and the check digit of them (mod 10, as LOINC's Users' Guide has
// it): 2823-3. A digit that was mistyped is not one.
bool IsLoinc(std::string_view code);
// By its system and its form: HL7's `LN` or the address that FHIR uses.
bool IsLoinc(const Coding& coding);

}  // namespace yilian::lab
