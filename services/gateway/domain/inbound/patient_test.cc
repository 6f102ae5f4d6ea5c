#include "services/gateway/domain/inbound/patient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/domain/inbound/national_id.h"

namespace yilian::gateway::inbound {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Reading {
  std::optional<Hl7Patient> patient;
  std::vector<std::string> faults;
};

Reading Read(const std::string& pid, const OwnAuthorities& own = {}) {
  hl7::Faults faults;
  const auto message =
      hl7::Message::Parse("MSH|^~\\&|TXHIS|TAOXI|Y|R|||ADT^A04|1|P|2.5.1\r" + pid + "\r",
                          hl7::Charset::kUtf8, hl7::Limits(), faults);
  EXPECT_TRUE(message);
  Reading reading;
  reading.patient = ReadPatient(*message, *message->First("PID"), own, faults);
  for (const hl7::Fault& fault : faults) reading.faults.push_back(fault.ToString());
  return reading;
}

TEST(NationalIdTest, CheckCharacterDecides) {
  EXPECT_TRUE(IsNationalId("999901198001010016"));
  EXPECT_TRUE(IsNationalId("99990119920315002X"));
  EXPECT_TRUE(IsNationalId("99990119920315002x"));
  EXPECT_FALSE(IsNationalId("999901198001010017"));
  EXPECT_FALSE(IsNationalId("999901198001010061"));
  EXPECT_FALSE(IsNationalId("99990119800101001"));
  EXPECT_TRUE(LooksLikeNationalId("999901198001010017"));
  EXPECT_FALSE(LooksLikeNationalId("101-01-0001"));
}

TEST(PatientTest, ChinesePatientIsReadWhole) {
  const Reading reading = Read(
      "PID|1||TX-1^^^TXHIS^MR~99990119920315002x^^^^NI~V9^^^^VN||陈^瑋~Chen^Wei||19920315|2|||||"
      "139 0000-0002");
  ASSERT_TRUE(reading.patient);
  EXPECT_EQ(reading.patient->name, "陈瑋");
  EXPECT_EQ(reading.patient->national_id, "99990119920315002X");
  EXPECT_EQ(reading.patient->BirthDate(), "1992-03-15");
  EXPECT_EQ(reading.patient->sex, Sex::kFemale);
  EXPECT_EQ(reading.patient->phone, "139 0000-0002");
  EXPECT_THAT(reading.patient->identifiers, ElementsAre(PatientIdentifier{"TX-1"}));
}

TEST(PatientTest, IdeographicNameGoesBeforeItsTranscription) {
  EXPECT_EQ(Read("PID|1||1||Chen^Wei^^^^^L^A~陈^瑋^^^^^L^I").patient->name, "陈瑋");
  EXPECT_EQ(Read("PID|1||1||𠮷^𫍯").patient->name, "𠮷𫍯");
  EXPECT_EQ(Read("PID|1||1||DUCK^DONALD^D").patient->name, "DONALD D DUCK");
  EXPECT_EQ(Read("PID|1||1||王小明").patient->name, "王小明");
}

TEST(PatientTest, SexInHl7AndInGbT2261) {
  for (const char* code : {"M", "m", "1", "男", "M^Male^HL70001"})
    EXPECT_EQ(Read(std::string("PID|1||1||王||19800101|") + code).patient->sex, Sex::kMale) << code;
  for (const char* code : {"F", "2", "女"})
    EXPECT_EQ(Read(std::string("PID|1||1||王|||") + code).patient->sex, Sex::kFemale) << code;
  for (const char* code : {"", "U", "O", "0", "9"})
    EXPECT_EQ(Read(std::string("PID|1||1||王|||") + code).patient->sex, Sex::kUnknown) << code;
  EXPECT_THAT(Read("PID|1||1||王|||Q").faults,
              ElementsAre("103 PID[1]-8: M, F, O, U, A, N or 0, 1, 2, 9"));
}

TEST(PatientTest, BirthDateOnlyWhereTheDayIsKnown) {
  EXPECT_EQ(Read("PID|1||1||王||1970").patient->BirthDate(), "");
  EXPECT_EQ(Read("PID|1||1||王||197010").patient->BirthDate(), "");
  EXPECT_EQ(Read("PID|1||1||王||19701031030405.6789").patient->BirthDate(), "1970-10-31");
}

TEST(PatientTest, NumbersOfDifferentKindsAndIssuersNeverMeet) {
  const auto values = [](const Reading& reading) {
    std::vector<std::string> all;
    for (const PatientIdentifier& one : reading.patient->identifiers) all.push_back(one.value);
    return all;
  };
  EXPECT_THAT(values(Read("PID|1||7^^^TXHIS^MR~7^^^BCBS^MR~7^^^^HC~7||王")),
              ElementsAre("7", "7@BCBS", "HC:7"));
  EXPECT_THAT(values(Read("PID|1||7^^^BCBS^MR||王", {"BCBS"})), ElementsAre("7"));
}

TEST(PatientTest, NationalIdInPid19Counts) {
  const Reading reading = Read("PID|1||||张||19800101|M|||||||||||999901198001010016");
  ASSERT_TRUE(reading.patient);
  EXPECT_EQ(reading.patient->national_id, "999901198001010016");
  EXPECT_THAT(reading.patient->identifiers, IsEmpty());
  EXPECT_TRUE(Read("PID|1||1||BROS^MARIO||||||||||||||123-45-6789").patient->national_id.empty());
}

TEST(PatientTest, EveryFaultIsNamedAndNoneShowsContent) {
  const Reading reading =
      Read("PID|1||999901198001010017^^^^NI||||19800230|Q|||||||||||||||||||||0000");
  EXPECT_FALSE(reading.patient);
  EXPECT_THAT(
      reading.faults,
      ElementsAre("102 PID[1]-3.1: the check character of the resident identity number is wrong",
                  "101 PID[1]-5: the patient's name is required",
                  "102 PID[1]-7: a birth date YYYY[MM[DD]] that exists",
                  "102 PID[1]-29: a time of death YYYY[MM[DD[HH[MM[SS]]]]] that exists",
                  "103 PID[1]-8: M, F, O, U, A, N or 0, 1, 2, 9"));
}

TEST(PatientTest, IdentifierIsRequired) {
  EXPECT_THAT(Read("PID|1||V1^^^^VN||王").faults,
              ElementsAre("101 PID[1]-3: an identifier of the patient is required"));
}

TEST(PatientTest, TooLongAndTooManyAreRefused) {
  EXPECT_EQ(Read("PID|1||" + std::string(65, '7') + "||王").faults.size(), 1u);
  std::string many = "1";
  for (int i = 2; i <= 21; ++i) many += "~" + std::to_string(i);
  EXPECT_EQ(Read("PID|1||" + many + "||王").faults.size(), 1u);
  std::string name;
  for (int i = 0; i < 101; ++i) name += "王";
  EXPECT_EQ(Read("PID|1||1||" + name).faults.size(), 1u);
}

TEST(PatientTest, PhoneThatCannotBeDialledIsLeftOut) {
  EXPECT_EQ(Read("PID|1||1||王||||||||(111)111-1111^^PH").patient->phone, "111111-1111");
  EXPECT_EQ(Read("PID|1||1||王||||||||^^PH^^^010^66660000").patient->phone, "01066660000");
  EXPECT_EQ(Read("PID|1||1||王||||||||^^^a@b.example").patient->phone, "");
  EXPECT_EQ(Read("PID|1||1||王|||||||||13900000001").patient->phone, "13900000001");
}

}  // namespace
}  // namespace yilian::gateway::inbound
