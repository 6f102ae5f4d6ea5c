// Everything that is done with the bytes of a message before it is stored: no crash, no hang, and
// what is taken is UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "services/gateway/domain/hl7/acknowledgement.h"
#include "services/gateway/domain/inbound/interpretation.h"

namespace hl7 = yilian::gateway::hl7;
namespace inbound = yilian::gateway::inbound;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const hl7::HeaderReading& reading : hl7::ReadHeader(raw)) {
    hl7::BuildAcknowledgement(hl7::AckContext::Of(reading), hl7::AckCode::kAE, {}, "1",
                              absl::UnixEpoch());
  }
  hl7::Faults faults;
  auto decoded =
      hl7::DecodeMessage(raw, size % 2 == 0 ? hl7::Charset::kUtf8 : hl7::Charset::kGb18030, faults);
  if (decoded.has_value() != faults.empty()) std::abort();
  if (!decoded) return 0;
  const auto message =
      hl7::Message::Parse(std::move(decoded->text), decoded->charset, hl7::Limits(), faults);
  if (message.has_value() != faults.empty()) std::abort();
  if (!message) return 0;
  inbound::Sender sender;
  sender.accepts_test_messages = true;
  const inbound::Interpretation result = inbound::Interpret(*message, sender);
  if ((result.verdict == inbound::Verdict::kTaken) != result.faults.empty()) std::abort();
  for (const auto& patient : result.work.registrations) {
    if (!hl7::IsUtf8(patient.name)) std::abort();
  }
  for (const auto& one : result.work.results) {
    for (const auto& report : one.reports) {
      for (const auto& observation : report.observations) {
        if (!hl7::IsUtf8(observation.value) || !hl7::IsUtf8(observation.code.display)) std::abort();
      }
    }
  }
  const std::string answer =
      hl7::BuildAcknowledgement(hl7::AckContext::Of(*message, true), hl7::AckCode::kAE,
                                result.faults, "1", absl::UnixEpoch());
  if (answer.empty()) std::abort();
  return 0;
}
