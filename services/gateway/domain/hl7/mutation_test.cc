// A bounded, repeatable stand-in for the fuzzer in tests/fuzz: messages broken at random never
// crash, never hang, and either become a message or a fault.
#include <gtest/gtest.h>

#include <random>

#include "services/gateway/domain/hl7/acknowledgement.h"
#include "services/gateway/domain/hl7/charset.h"
#include "services/gateway/domain/hl7/message.h"
#include "services/gateway/domain/inbound/report.h"

namespace yilian::gateway::hl7 {
namespace {

std::string Seed(Charset charset) {
  return FromUtf8(
      "MSH|^~\\&|TXLIS|珅桃溪|Y|R|20261120||ORU^R01^ORU_R01|C1|P|2.5.1|||||CHN|" +
          std::string(Hl7Name(charset)) +
          "\rPID|1||TX-1^^^TXHIS^MR~999901198001010016^^^^NI||张^誠珅||19800101|M|||||139\r"
          "OBR|1|P1|F1|58410-2^CBC^LN|||20261120110000|||||||||||||||20261120111000|||F\r"
          "OBX|1|NM|2823-3^K^LN^K^血钾^L||6.80|mmol/L|3.5-5.3|HH|||F|||20261120094500+0800\r"
          "OBX|2|SN|1988-5^CRP^LN||<^0.41|mg/"
          "L|<0.41|N|||F\rOBX|3|TX|8251-1^备注^LN||溶血\\.br\\复查\\X41\\||||||F\r",
      charset);
}

// Everything the gateway does with a message before it is forwarded.
void Digest(std::string_view raw, Charset sender_default) {
  Faults faults;
  const std::vector<HeaderReading> readings = ReadHeader(raw);
  for (const HeaderReading& reading : readings) {
    BuildAcknowledgement(AckContext::Of(reading), AckCode::kAE, {}, "1", absl::UnixEpoch());
  }
  const auto decoded = DecodeMessage(raw, sender_default, faults);
  EXPECT_EQ(decoded.has_value(), faults.empty());
  if (!decoded) return;
  EXPECT_TRUE(IsUtf8(decoded->text));
  const auto message = Message::Parse(decoded->text, decoded->charset, Limits(), faults);
  EXPECT_EQ(message.has_value(), faults.empty());
  if (!message) return;
  const auto reports = inbound::ReadReports(*message, {}, faults);
  EXPECT_EQ(reports.has_value(), faults.empty());
  const std::string ack = BuildAcknowledgement(AckContext::Of(*message, true), AckCode::kAE, faults,
                                               "1", absl::UnixEpoch());
  EXPECT_FALSE(ack.empty());
  if (!reports) return;
  for (const auto& patient : *reports) EXPECT_TRUE(IsUtf8(patient.patient.name));
}

TEST(MutationTest, BrokenMessagesBecomeAMessageOrAFault) {
  std::mt19937 random(20261122);
  constexpr char kTelling[] = {'|', '^', '~',    '\\',   '&',    '\r',   '\n',   '"',
                               '.', 'X', '\x1C', '\x0B', '\x81', '\xFE', '\x30', '\0'};
  for (const Charset charset : {Charset::kUtf8, Charset::kGb18030}) {
    const std::string seed = Seed(charset);
    for (int round = 0; round < 6000; ++round) {
      std::string raw = seed;
      const int changes = 1 + static_cast<int>(random() % 6);
      for (int change = 0; change < changes && !raw.empty(); ++change) {
        const size_t at = random() % raw.size();
        switch (random() % 5) {
          case 0:
            raw[at] = static_cast<char>(random() % 256);
            break;
          case 1:
            raw[at] = kTelling[random() % sizeof(kTelling)];
            break;
          case 2:
            raw.erase(at, 1 + random() % 20);
            break;
          case 3:
            raw.insert(at, raw.substr(random() % raw.size(), random() % 40));
            break;
          default:
            raw.resize(at);
        }
      }
      Digest(raw, round % 2 == 0 ? Charset::kUtf8 : Charset::kGb18030);
    }
  }
}

TEST(MutationTest, CostGrowsWithTheSizeOnly) {
  // Shapes that would be slow in a parser that looks at anything twice; each is a few megabytes.
  const std::string header = "MSH|^~\\&|A|B|C|D|||ORU^R01|1|P|2.5.1\r";
  std::string escapes = header + "NTE|1||";
  for (int i = 0; i < 500'000; ++i) escapes += "\\X";
  std::string lines = header;
  for (int i = 0; i < 99'000; ++i) lines += "ZZ1|x\r";
  const std::string one_field =
      header + "OBX|1|ED|1^X||^PDF^^Base64^" + std::string(4'000'000, 'Q') + "||||||F\r";
  const std::string repetitions = header + "PID|1||" + std::string(2'000'000, '~');
  const std::string components = header + "PID|1||" + std::string(2'000'000, '^') + "||x\r";
  for (const std::string& raw : {escapes, lines, one_field, repetitions, components}) {
    const absl::Time start = absl::Now();
    Digest(raw, Charset::kUtf8);
    Faults faults;
    const auto message = Message::Parse(raw, Charset::kUtf8, Limits(), faults);
    if (message) (*message)[1].FreeText(3);
    // Generous: a linear pass takes milliseconds, a quadratic one minutes.
    EXPECT_LT(absl::Now() - start, absl::Seconds(10)) << raw.substr(0, 60);
  }
}

}  // namespace
}  // namespace yilian::gateway::hl7
