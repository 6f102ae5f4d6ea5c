// What a sender's codes and units are, and what is asked about them.
#include "services/lab/domain/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/lab/domain/critical_limit.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Term kPotassium{.kind = TermKind::kCode, .system = "L", .text = "K"};
const Term kSeconds{.kind = TermKind::kUnit, .system = "", .text = "sec"};

Observation Sent(Coding code, std::string unit) {
  return {.code = std::move(code),
          .value_type = ValueType::kNumeric,
          .value = "6.9",
          .unit = std::move(unit)};
}

TEST(MappingTest, LoincAndUcumNeedNone) {
  EXPECT_THAT(TermsOf({Sent({.system = "LN", .code = "2823-3"}, "mmol/L"),
                       Sent({.system = "http://loinc.org", .code = "718-7"}, ""),
                       Sent({.system = "LN", .code = "2823-3"}, " g/L ")}),
              IsEmpty());
}

TEST(MappingTest, EveryTermIsAskedAboutOnce) {
  const Term name{.kind = TermKind::kName, .system = "", .text = "血钾"};
  // A mistyped LOINC code is the sender's own.
  const Term mistyped{.kind = TermKind::kCode, .system = "LN", .text = "2823-4"};
  EXPECT_THAT(
      TermsOf({Sent({.system = "L", .code = " K ", .display = "血钾"}, "sec"),
               Sent({.system = "L", .code = "K", .display = "钾"}, "sec "),
               Sent({.display = "血钾"}, "mmol/L"), Sent({.system = "LN", .code = "2823-4"}, "")}),
      ElementsAre(kPotassium, mistyped, name, kSeconds));
}

TEST(MappingTest, WhatWasSentStaysBesideWhatItMeans) {
  std::vector<Observation> all = {Sent({.system = "L", .code = "K"}, "sec"),
                                  Sent({.system = "L", .code = "Q"}, "mmol/L"),
                                  Sent({.system = "LN", .code = "2823-3"}, "")};
  Map({{kPotassium, "2823-3"}, {kSeconds, "s"}}, all);
  EXPECT_EQ(all[0].code.code, "K");
  EXPECT_EQ(all[0].unit, "sec");
  EXPECT_EQ(all[0].mapped, (Mapped{"2823-3", "s", MappingStatus::kMapped, MappingStatus::kMapped}));
  EXPECT_EQ(all[1].mapped,
            (Mapped{"", "mmol/L", MappingStatus::kUnmapped, MappingStatus::kAsSent}));
  EXPECT_EQ(all[2].mapped, (Mapped{"2823-3", "", MappingStatus::kAsSent, MappingStatus::kNone}));
  const auto unmapped = UnmappedIn(all);
  ASSERT_THAT(unmapped, SizeIs(1));
  EXPECT_EQ(unmapped.begin()->first.text, "Q");
  // Mapped anew, with less: nothing of before is left.
  Map({}, all);
  EXPECT_EQ(all[0].mapped, (Mapped{"", "", MappingStatus::kUnmapped, MappingStatus::kUnmapped}));
}

TEST(MappingTest, IdsTellTermsAndSendersApart) {
  const Term name{.kind = TermKind::kName, .system = "L", .text = "K"};
  const OrganizationId one(base::Uuid::V5(base::Uuid(), "one"));
  EXPECT_NE(IdOf(kPotassium), IdOf(name));
  EXPECT_EQ(IdOf(kPotassium), IdOf(Trimmed({TermKind::kCode, "L", "K "})));
  EXPECT_NE(IdOf(IdOf(kPotassium), one), IdOf(IdOf(kPotassium), OrganizationId()));
}

TEST(MappingTest, ATargetIsWhatItSaysItIs) {
  EXPECT_THAT(CheckMapping({.term = kPotassium, .target = "2823-3"}), IsOk());
  EXPECT_THAT(CheckMapping({.term = kSeconds, .target = "s"}), IsOk());
  const NewMapping wrong[] = {
      {.term = kPotassium, .target = "2823-4"},
      {.term = kPotassium, .target = "mmol/L"},
      {.term = kSeconds, .target = "sec"},
      {.term = {TermKind::kUnit, "", "mmol/L"}, .target = "mmol/L"},
      {.term = {TermKind::kCode, "LN", "2823-3"}, .target = "2823-3"},
      {.term = {TermKind::kUnit, "L", "sec"}, .target = "s"},
      {.term = {TermKind::kName, "", ""}, .target = "2823-3"},
  };
  for (const NewMapping& mapping : wrong) {
    EXPECT_THAT(CheckMapping(mapping),
                StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
        << mapping.term.text;
  }
}

TEST(MappingTest, CriticalLimitsJudgeWhatIsMapped) {
  const std::vector<CriticalLimit> limits = {
      {.loinc = "2823-3", .units = {"mmol/L"}, .below = "2.8", .above = "6.2"},
      {.loinc = "718-7", .units = {"g/L"}, .below = "50"}};
  std::vector<Observation> all = {Sent({.system = "L", .code = "K"}, "mM")};
  const Term millimolar{.kind = TermKind::kUnit, .system = "", .text = "mM"};
  Map({}, all);
  EXPECT_FALSE(Judge(all[0], limits).has_value());
  Map({{kPotassium, "2823-3"}}, all);  // the unit is not guessed at
  EXPECT_FALSE(Judge(all[0], limits).has_value());
  Map({{kPotassium, "2823-3"}, {millimolar, "mmol/L"}}, all);
  ASSERT_TRUE(Judge(all[0], limits).has_value());
  EXPECT_EQ(Judge(all[0], limits)->limit, "> 6.2 mmol/L");
  // Converted as UCUM says: 4.9 g/dL is 49 g/L.
  std::vector<Observation> haemoglobin = {Sent({.system = "LN", .code = "718-7"}, "g/dL")};
  haemoglobin[0].value = "4.9";
  Map({}, haemoglobin);
  ASSERT_TRUE(Judge(haemoglobin[0], limits).has_value());
  EXPECT_EQ(Judge(haemoglobin[0], limits)->limit, "< 50 g/L");
  haemoglobin[0].value = "5.0";
  EXPECT_FALSE(Judge(haemoglobin[0], limits).has_value());
}

TEST(MappingTest, SuggestsWhatFitsTheUnitFirst) {
  const std::vector<KnownMapping> known = {
      {"2345-7", "葡萄糖 mg/dL", "mg/dL", SuggestionGround::kSameTerm},
      {"2345-7", "葡萄糖 mg/dL", "mg/dL", SuggestionGround::kSameTerm},
      {"14749-6", "葡萄糖 mmol/L", "mmol/L", SuggestionGround::kSameName}};
  const auto suggestions =
      Suggest({.kind = TermKind::kCode, .system = "L", .text = "GLU"}, "umol/L", known);
  ASSERT_THAT(suggestions, SizeIs(2));
  EXPECT_EQ(suggestions[0].target, "14749-6");
  EXPECT_TRUE(suggestions[0].same_unit_family);
  EXPECT_EQ(suggestions[1].target, "2345-7");
  EXPECT_EQ(suggestions[1].mappings, 2);
  EXPECT_FALSE(suggestions[1].same_unit_family);
  const auto unit = Suggest(kSeconds, "sec", {});
  ASSERT_THAT(unit, SizeIs(1));
  EXPECT_EQ(unit[0].target, "s");
  EXPECT_EQ(unit[0].ground, SuggestionGround::kSpelling);
}

}  // namespace
}  // namespace yilian::lab
