#include "services/lab/domain/ucum.h"

#include <gtest/gtest.h>

#include "services/lab/domain/decimal.h"
#include "services/lab/domain/loinc.h"

namespace yilian::lab {
namespace {

TEST(UcumTest, KnowsWhatLaboratoriesMeasureIn) {
  for (const char* unit :
       {"mmol/L",      "umol/l", "g/L",       "mg/dL",   "ng/mL",      "pg",     "fL",
        "10*9/L",      "10^9/L", "10*12/L",   "/uL",     "{cells}/uL", "U/L",    "kU/L",
        "nkat/L",      "ukat/L", "[IU]/mL",   "m[IU]/L", "k[IU]/L",    "%",      "[ppth]",
        "mm[Hg]",      "kPa",    "s",         "min",     "mm/h",       "mL/min", "mL/min/{1.73_m2}",
        "mg/g{creat}", "meq/L",  "mosm/kg",   "[pH]",    "Cel",        "/[HPF]", "/100{WBC}",
        "m2",          "s-1",    "ug{FEU}/mL"}) {
    EXPECT_TRUE(IsUcum(unit)) << unit;
  }
}

TEST(UcumTest, AsksAboutEverythingElse) {
  for (const char* unit : {"",        "mmol/(24.h)",
                           "mmHg",    "IU/L",
                           "sec",     "x10^9/L",
                           "10E9/L",  "G/L",
                           "Mmol/L",  "MG/DL",
                           "μmol/L",  "pH",
                           "mEq/L",   "copies/mL",
                           "/HP",     "mg/",
                           "//L",     "mg//L",
                           "{",       "}",
                           "mg{a}b",  "m0",
                           "0",       "阴性",
                           "10*99/L", "mmol/L mmol/L",
                           "..",      "99999999999999999999/L"}) {
    EXPECT_FALSE(IsUcum(unit)) << unit;
  }
}

TEST(UcumTest, ConvertsExactlyAndKeepsTheDigitsThatWereSent) {
  EXPECT_EQ(Convert("5.60", "mmol/L", "mmol/L"), "5.60");
  EXPECT_EQ(Convert("5.60", "mmol/L", "umol/L"), "5600");
  EXPECT_EQ(Convert("13.5", "g/dL", "g/L"), "135");
  EXPECT_EQ(Convert("0.5", "mg/dL", "g/L"), "0.005");
  EXPECT_EQ(Convert("-0.10", "g", "mg"), "-100");
  EXPECT_EQ(Convert("4500", "/uL", "10*9/L"), "4.500");
  EXPECT_EQ(Convert("4.5", "10^9/L", "/uL"), "4500");
  EXPECT_EQ(Convert("105600", "[IU]/L", "k[IU]/L"), "105.600");
  EXPECT_EQ(Convert("0.0000001", "g/L", "ng/L"), "100");
  EXPECT_EQ(Convert("45", "%", "[ppth]"), "450");
  EXPECT_EQ(Convert("3", "nkat/L", "U/L"), "0.180");
  EXPECT_EQ(Convert("100", "mm[Hg]", "kPa"), "13.332200");
}

TEST(UcumTest, NeverGuesses) {
  EXPECT_EQ(Convert("5.6", "mmol/L", "mg/dL"), std::nullopt);  // needs a molar mass
  EXPECT_EQ(Convert("2.5", "meq/L", "mmol/L"), std::nullopt);  // needs a valence
  EXPECT_EQ(Convert("1", "[IU]/L", "U/L"), std::nullopt);
  EXPECT_EQ(Convert("0.5", "ug{FEU}/mL", "ug{DDU}/mL"), std::nullopt);
  EXPECT_EQ(Convert("1", "mmHg", "kPa"), std::nullopt);
  EXPECT_EQ(Convert("<0.41", "g/L", "mg/L"), std::nullopt);
  EXPECT_EQ(Convert("1", "U/L", "nkat/L"), std::nullopt);  // 16.666...
}

TEST(UcumTest, ComparesWhereTheDigitsOfAConversionNeverEnd) {
  const auto order = CompareQuantities("1", "U/L", "16.6667", "nkat/L");
  ASSERT_TRUE(order.has_value());
  EXPECT_TRUE(*order < 0);
  EXPECT_TRUE(*CompareQuantities("3", "U/L", "50", "nkat/L") == 0);
  EXPECT_TRUE(*CompareQuantities("5.0", "g/dL", "50", "g/L") == 0);
  EXPECT_FALSE(CompareQuantities("5.0", "g/dL", "50", "mmol/L").has_value());
  EXPECT_TRUE(*CompareQuantities("1.0", "sec", "1", "sec") ==
              0);  // one and the same, whatever it is
}

TEST(UcumTest, CommonSpellingsAreSuggested) {
  const std::pair<const char*, const char*> spellings[] = {
      {"x10^9/L", "10^9/L"},  {"10E9/L", "10*9/L"}, {"IU/L", "[IU]/L"},
      {"mIU/mL", "m[IU]/mL"}, {"μmol/L", "umol/L"}, {"µg/L", "ug/L"},
      {"mmHg", "mm[Hg]"},     {"sec", "s"},         {"mEq/L", "meq/L"},
      {"G/L", "10*9/L"},      {"MG/DL", "mg/dL"},   {"pH", "[pH]"},
      {"/HP", "/[HPF]"},      {"/HPF", "/[HPF]"},   {"copies/mL", "{copies}/mL"},
      {"℃", "Cel"},           {"Mmol/L", "mmol/L"}, {"阴性", ""},
      {"mmol/L", ""}};
  for (const auto& [written, ucum] : spellings) EXPECT_EQ(UcumOfSpelling(written), ucum) << written;
}

TEST(LoincTest, HasATrueCheckDigit) {
  for (const char* code : {"2823-3", "2951-2", "718-7", "6690-2", "14749-6", "5902-2"})
    EXPECT_TRUE(IsLoinc(code)) << code;
  for (const char* code : {"2823-4", "28233", "2823-", "-3", "2823-33", "K", "", "282 3-3"})
    EXPECT_FALSE(IsLoinc(code)) << code;
  EXPECT_TRUE(IsLoinc({.system = "http://loinc.org", .code = "2823-3"}));
  EXPECT_FALSE(IsLoinc({.system = "L", .code = "2823-3"}));
}

TEST(ScaleTest, PutsThePointWhereItBelongs) {
  EXPECT_EQ(Scale("0.05", 2, 1, 0), "0.10");
  EXPECT_EQ(Scale("007", 1, 1, 0), "7");
  EXPECT_EQ(Scale(".5", 1, 1, -2), "0.005");
  EXPECT_EQ(Scale("1", 1, 8, 0), "0.125");
  EXPECT_EQ(Scale("0", 5, 1, 3), "0");
  EXPECT_EQ(Scale("1", 1, 3, 0), std::nullopt);
  EXPECT_EQ(Scale("18446744073709551615", 18446744073709551615U, 1, 0),
            "340282366920938463426481119284349108225");
}

}  // namespace
}  // namespace yilian::lab
