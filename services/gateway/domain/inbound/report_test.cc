#include "services/gateway/domain/inbound/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::gateway::inbound {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Reading {
  std::optional<std::vector<PatientReports>> patients;
  std::vector<std::string> faults;
};

Reading Read(const std::string& body) {
  hl7::Faults faults;
  const auto message = hl7::Message::Parse("MSH|^~\\&|TXLIS|TAOXI|Y|R|||ORU^R01|1|P|2.5.1\r" + body,
                                           hl7::Charset::kUtf8, hl7::Limits(), faults);
  EXPECT_TRUE(message);
  Reading reading;
  reading.patients = ReadReports(*message, {}, faults);
  for (const hl7::Fault& fault : faults) reading.faults.push_back(fault.ToString());
  return reading;
}

constexpr char kPid[] = "PID|1||7||王小明||19800101|M\r";
constexpr char kObr[] =
    "OBR|1|P1|F1|58410-2^CBC^LN|||20261120110000|||||||||||||||20261120111000|||F\r";

Reading ReadObx(const std::string& obx) { return Read(std::string(kPid) + kObr + obx + "\r"); }

Hl7Observation One(const std::string& obx) {
  const Reading reading = ReadObx(obx);
  EXPECT_THAT(reading.faults, ElementsAre()) << obx;
  if (!reading.patients) return {};
  return reading.patients->at(0).reports.at(0).observations.at(0);
}

TEST(ReportTest, ReportOfOneOrderIsReadWhole) {
  const Reading reading = ReadObx(
      "OBX|1|NM|2823-3^Potassium^LN^K^血钾^L|a|6.80|mmol/L^^UCUM|3.5-5.3|HH~A|||F|||202611201055|||"
      "ISE^离子选择电极法^L");
  ASSERT_TRUE(reading.patients);
  ASSERT_EQ(reading.patients->size(), 1u);
  const Hl7Report& report = reading.patients->at(0).reports.at(0);
  EXPECT_EQ(reading.patients->at(0).patient.name, "王小明");
  EXPECT_EQ(report.filler_order_number, "F1");
  EXPECT_EQ(report.placer_order_number, "P1");
  EXPECT_EQ(report.code.code, "58410-2");
  EXPECT_EQ(report.status, ResultStatus::kFinal);
  EXPECT_EQ(report.issued_at->ToIso(), "2026-11-20T11:10:00");
  const Hl7Observation& potassium = report.observations.at(0);
  EXPECT_EQ(potassium.code.system, "LN");
  EXPECT_EQ(potassium.code.code, "2823-3");
  EXPECT_EQ(potassium.sub_id, "a");
  EXPECT_EQ(potassium.kind, ValueKind::kNumeric);
  EXPECT_EQ(potassium.value, "6.80");
  EXPECT_EQ(potassium.unit, "mmol/L");
  EXPECT_EQ(potassium.reference_range, "3.5-5.3");
  EXPECT_THAT(potassium.abnormal_flags, ElementsAre("HH", "A"));
  EXPECT_EQ(potassium.observed_at, "202611201055");
  EXPECT_EQ(potassium.method, "ISE");
  EXPECT_EQ(report.birth_date, "1980-01-01");
  EXPECT_EQ(report.sex, Sex::kMale);
}

TEST(ReportTest, ValuesStayAsSent) {
  static const struct {
    const char* type;
    const char* sent;
    ValueKind kind;
    const char* value;
  } cases[] = {
      {"NM", "5.60", ValueKind::kNumeric, "5.60"},
      {"NM", "0.0000001", ValueKind::kNumeric, "0.0000001"},
      {"NM", "105600", ValueKind::kNumeric, "105600"},
      {"NM", "-3", ValueKind::kNumeric, "-3"},
      {"NM", "<0.41", ValueKind::kStructured, "<0.41"},
      {"NM", "1:640", ValueKind::kStructured, "1:640"},
      {"NM", "4-6", ValueKind::kStructured, "4-6"},
      {"SN", "<^0.41", ValueKind::kStructured, "<0.41"},
      {"SN", "^1^:^640", ValueKind::kStructured, "1:640"},
      {"SN", "=^0.5", ValueKind::kNumeric, "0.5"},
      {"SN", ">^1^.^3", ValueKind::kStructured, ">1.3"},
      {"ST", "10^9/L & more", ValueKind::kText, "10^9/L & more"},
      {"TX", "a\\.br\\b~c", ValueKind::kText, "a\nb\nc"},
      {"FT", "Some \\F\\ value", ValueKind::kText, "Some | value"},
      {"CWE", "1^Display^L", ValueKind::kCoded, "Display"},
      {"CE", "260373001^^SCT", ValueKind::kCoded, "260373001"},
      {"DT", "20230501", ValueKind::kTime, "20230501"},
      {"DTM", "20230501102531-0400", ValueKind::kTime, "20230501102531-0400"},
      {"TM", "223100.0000", ValueKind::kTime, "223100.0000"},
      {"DR", "20230501102531-0400^20230501112531-0400", ValueKind::kTime,
       "20230501102531-0400^20230501112531-0400"},
      {"ST", "", ValueKind::kAbsent, ""},
      {"CE", "^^", ValueKind::kAbsent, ""},
      {"ED", "^TEXT^^Base64^QUJD", ValueKind::kAbsent, ""},
      {"", "", ValueKind::kAbsent, ""},
  };
  for (const auto& one : cases) {
    const Hl7Observation observation =
        One(std::string("OBX|1|") + one.type + "|1^X^L||" + one.sent + "||||||F");
    EXPECT_EQ(observation.kind, one.kind) << one.type << " " << one.sent;
    EXPECT_EQ(observation.value, one.value) << one.type << " " << one.sent;
  }
}

TEST(ReportTest, ValuesThatContradictTheirTypeAreRefusedWithTheirPlace) {
  static const struct {
    const char* obx;
    const char* fault;
  } cases[] = {
      {"OBX|1|NM|1^X||阴性||||||F", "102 OBX[1]-5: "},
      {"OBX|1|NM|1^X||1e5||||||F", "102 OBX[1]-5: "},
      {"OBX|1|SN|1^X||\"^1^:^3||||||F", "102 OBX[1]-5.1: "},
      {"OBX|1|SN|1^X||^x||||||F", "102 OBX[1]-5.2: "},
      {"OBX|1|DT|1^X||20230230||||||F", "102 OBX[1]-5: "},
      {"OBX|1|TM|1^X||2561||||||F", "102 OBX[1]-5: "},
      {"OBX|1|QQ|1^X||1||||||F", "103 OBX[1]-2: "},
      {"OBX|1||1^X||1||||||F", "101 OBX[1]-2: "},
      {"OBX|1|NM|||1||||||F", "101 OBX[1]-3: "},
      {"OBX|1|NM|1^X||1", "101 OBX[1]-11: "},
      {"OBX|1|NM|1^X||1||||||Q", "103 OBX[1]-11: "},
      {"OBX|1|NM|1^X||1||||||F|||yesterday", "102 OBX[1]-14: "},
  };
  for (const auto& one : cases) {
    const Reading reading = ReadObx(one.obx);
    EXPECT_FALSE(reading.patients) << one.obx;
    ASSERT_EQ(reading.faults.size(), 1u) << one.obx;
    EXPECT_THAT(reading.faults[0], HasSubstr(one.fault)) << one.obx;
  }
}

TEST(ReportTest, EveryFaultOfTheMessageIsNamed) {
  const Reading reading =
      Read(std::string("PID|1\rOBR|1\rOBX|1|NM|1^X||x||||||F\rOBX|2|NM|1^X||1\r"));
  EXPECT_EQ(reading.faults.size(), 7u) << ::testing::PrintToString(reading.faults);
}

TEST(ReportTest, SegmentsInAnImpossibleOrderAreRefused) {
  EXPECT_THAT(Read("OBX|1|NM|1^X||1||||||F\r").faults[0], HasSubstr("100 OBX[1]"));
  EXPECT_THAT(Read(kObr).faults[0], HasSubstr("100 OBR[1]"));
  EXPECT_THAT(Read(kPid).faults[0], HasSubstr("100 OBR[1]"));
}

TEST(ReportTest, LoincIsPreferredWhicheverTripletItIsIn) {
  EXPECT_EQ(One("OBX|1|NM|K^血钾^L^2823-3^Potassium^LN||1||||||F").code.code, "2823-3");
  EXPECT_EQ(One("OBX|1|NM|K^血钾^L^2823-3^^LN||1||||||F").code.display, "血钾");
  EXPECT_EQ(One("OBX|1|NM|K^血钾||1||||||F").code.system, "L");
}

TEST(ReportTest, TextInThePlaceOfTheCodeSystemIsNoCodeSystem) {
  const Hl7Observation glucose =
      One("OBX|1|SN|1554-5^GLUCOSE^POST 12H CFST:MCNC:PT:SER/PLAS:QN||^182|mg/dl|70_105|H|||F");
  EXPECT_EQ(glucose.code.system, "L");
  EXPECT_EQ(glucose.code.code, "1554-5");
  EXPECT_EQ(glucose.value, "182");
  EXPECT_EQ(glucose.reference_range, "70_105");
}

TEST(ReportTest, SeveralOrdersEachMakeAReportWithItsOwnStatus) {
  const Reading reading =
      Read(std::string(kPid) +
           "ORC|RE|P1|F1\rOBR|1|||1^A^L|||||||||||||||||||||F\rOBX|1|NM|1^X||1||||||F\r"
           "ORC|RE|P2|F2\rOBR|2|||2^B^L|||||||||||||||||||||P\rOBX|1|NM|1^X||1||||||P\r"
           "OBR|3||F3|3^C^L|||||||||||||||||||||C\rOBX|1|NM|1^X||1||||||C\r");
  ASSERT_TRUE(reading.patients) << ::testing::PrintToString(reading.faults);
  const auto& reports = reading.patients->at(0).reports;
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[0].filler_order_number, "F1");
  EXPECT_EQ(reports[1].filler_order_number, "F2");
  EXPECT_EQ(reports[1].status, ResultStatus::kPreliminary);
  EXPECT_EQ(reports[2].placer_order_number, "");
  EXPECT_EQ(reports[2].status, ResultStatus::kCorrected);
}

TEST(ReportTest, StatusOfAnOrderWithoutOneFollowsItsObservations) {
  const auto status = [](const char* first, const char* second) {
    const Reading reading = Read(std::string(kPid) + "OBR|1||F1|1^A^L\rOBX|1|NM|1^X||1||||||" +
                                 first + "\rOBX|2|NM|1^X||1||||||" + second + "\r");
    EXPECT_TRUE(reading.patients);
    return reading.patients->at(0).reports.at(0).status;
  };
  EXPECT_EQ(status("F", "F"), ResultStatus::kFinal);
  EXPECT_EQ(status("F", "P"), ResultStatus::kPartial);
  EXPECT_EQ(status("F", "C"), ResultStatus::kCorrected);
  EXPECT_EQ(status("X", "X"), ResultStatus::kCancelled);
}

TEST(ReportTest, ReportWithOnlyWrongValuesIsWithdrawn) {
  const Reading reading = ReadObx("OBX|1|NM|1^X||||||||W");
  EXPECT_EQ(reading.patients->at(0).reports.at(0).status, ResultStatus::kWithdrawn);
}

TEST(ReportTest, ObservationOfTheSpecimenIsNotOneOfTheOrder) {
  const Reading reading = ReadObx("OBX|1|NM|1^X||1||||||F\rSPM|1\rOBX|1|NM|9^weight||2||||||F");
  EXPECT_EQ(reading.patients->at(0).reports.at(0).observations.size(), 1u);
}

TEST(ReportTest, SeveralPatientsKeepTheirOwnReports) {
  const Reading reading =
      Read(std::string(kPid) + kObr + "OBX|1|NM|1^X||1||||||F\rPID|2||8||李雷||19900101|M\r" +
           kObr + "OBX|1|NM|1^X||2||||||F\r");
  ASSERT_TRUE(reading.patients);
  ASSERT_EQ(reading.patients->size(), 2u);
  EXPECT_EQ(reading.patients->at(1).reports.at(0).observations.at(0).value, "2");
}

}  // namespace
}  // namespace yilian::gateway::inbound
