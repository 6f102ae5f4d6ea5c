#include "services/gateway/domain/hl7/acknowledgement.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/gateway/domain/hl7/datetime.h"
#include "services/gateway/domain/hl7/escape.h"

namespace yilian::gateway::hl7 {
namespace {

constexpr size_t kMostErrors = 50;

std::string Encoding(const Separators& separators) {
  std::string text{separators.component, separators.repetition};
  if (separators.escape != 0) text.push_back(separators.escape);
  if (separators.subcomponent != 0) text.push_back(separators.subcomponent);
  if (separators.truncation != 0) text.push_back(separators.truncation);
  return text;
}

std::string Number(int number) { return number > 0 ? fmt::format("{}", number) : ""; }

std::string Error25(const Fault& fault, const Separators& separators) {
  const char f = separators.field;
  const char c = separators.component;
  std::string place = fmt::format("{}{}{}", fault.where.segment, c, Number(fault.where.sequence));
  if (fault.where.field > 0) place += fmt::format("{}{}", c, fault.where.field);
  if (fault.where.component > 0 || fault.where.repetition > 0) {
    place += fmt::format("{}{}", c, std::max(fault.where.repetition, 1));
  }
  if (fault.where.component > 0) place += fmt::format("{}{}", c, fault.where.component);
  return fmt::format("ERR{0}{0}{1}{0}{2}{3}{4}{3}HL70357{0}E{0}{0}{0}{0}{5}\r", f, place,
                     static_cast<int>(fault.code), c, FaultText(fault.code),
                     Escape(fault.rule, separators));
}

// ERR-1 before 2.5: segment, sequence, field, and the code as subcomponents.
std::string ErrorBefore25(const Fault& fault, const Separators& separators) {
  const char c = separators.component;
  const char s = separators.subcomponent == 0 ? ' ' : separators.subcomponent;
  return fmt::format("ERR{}{}{}{}{}{}{}{}{}{}{}HL70357\r", separators.field, fault.where.segment, c,
                     Number(fault.where.sequence), c, Number(fault.where.field), c,
                     static_cast<int>(fault.code), s, FaultText(fault.code), s);
}

}  // namespace

std::string_view AckCodeText(AckCode code) {
  constexpr std::string_view kTexts[] = {"AA", "AE", "AR", "CA", "CE", "CR"};
  return kTexts[static_cast<int>(code)];
}

int VersionNumber(std::string_view version) {
  if (version.size() < 3 || version[0] != '2' || version[1] != '.') return 0;
  int number = 200;
  if (version[2] < '0' || version[2] > '9') return 0;
  number += (version[2] - '0') * 10;
  if (version.size() >= 5 && version[3] == '.' && version[4] >= '0' && version[4] <= '9') {
    number += version[4] - '0';
  }
  return number;
}

bool IsAtLeast25(std::string_view version) {
  const int number = VersionNumber(version);
  return number == 0 || number >= 250;
}

AckContext AckContext::Of(const Message& message, bool charset_declared) {
  const Segment header = message.header();
  AckContext context;
  context.separators = message.separators();
  context.charset = message.charset();
  context.charset_declared = charset_declared;
  context.sending_application = header.Raw(3);
  context.sending_facility = header.Raw(4);
  context.receiving_application = header.Raw(5);
  context.receiving_facility = header.Raw(6);
  context.trigger_event = message.Component(header.Raw(9), 2);
  context.control_id = header.Raw(10);
  if (header.Has(11)) context.processing_id = header.Raw(11);
  if (header.Has(12)) context.version = header.Raw(12);
  return context;
}

AckContext AckContext::Of(const HeaderReading& reading) {
  AckContext context;
  const auto field = [&](size_t number) {
    return number < reading.fields.size() ? reading.fields[number] : std::string();
  };
  context.charset = reading.charset;
  // Separators that cannot be told apart would make the answer unreadable as well: then ours are
  // used, and only what holds none of them is repeated.
  Faults ignored;
  const std::string header = "MSH" + field(1) + field(2) + field(1);
  if (const auto probe = Message::Parse(header, reading.charset, Limits(), ignored)) {
    context.separators = probe->separators();
  } else {
    if (field(10).find_first_of("|^~\\&") == std::string::npos) context.control_id = field(10);
    return context;
  }
  context.sending_application = field(3);
  context.sending_facility = field(4);
  context.receiving_application = field(5);
  context.receiving_facility = field(6);
  const std::string type = field(9);
  const size_t event = type.find(context.separators.component);
  if (event != std::string::npos) {
    const std::string rest = type.substr(event + 1);
    context.trigger_event = rest.substr(0, rest.find(context.separators.component));
  }
  context.control_id = field(10);
  if (!field(11).empty()) context.processing_id = field(11);
  if (!field(12).empty()) context.version = field(12);
  return context;
}

std::string BuildAcknowledgement(const AckContext& to, AckCode code, const Faults& faults,
                                 std::string_view own_control_id, absl::Time now) {
  const char f = to.separators.field;
  const char c = to.separators.component;
  const int version = VersionNumber(to.version);
  std::string type = "ACK";
  if (!to.trigger_event.empty() && (version == 0 || version >= 231)) {
    type += fmt::format("{}{}{}ACK", c, to.trigger_event, c);
  }
  std::string text =
      fmt::format("MSH{0}{1}{0}{2}{0}{3}{0}{4}{0}{5}{0}{6}{0}{0}{7}{0}{8}{0}{9}{0}{10}", f,
                  Encoding(to.separators), to.receiving_application, to.receiving_facility,
                  to.sending_application, to.sending_facility, FormatDateTime(now), type,
                  own_control_id, to.processing_id, to.version);
  if (to.charset_declared) text += std::string(6, f) + std::string(Hl7Name(to.charset));
  text += fmt::format("\rMSA{}{}{}{}", f, AckCodeText(code), f, to.control_id);
  // MSA-3 is where systems before 2.5 look for the reason.
  if (!faults.empty() && !IsAtLeast25(to.version)) {
    text += f + Escape(faults.front().ToString(), to.separators);
  }
  text += '\r';
  for (size_t i = 0; i < std::min(faults.size(), kMostErrors); ++i) {
    text += IsAtLeast25(to.version) ? Error25(faults[i], to.separators)
                                    : ErrorBefore25(faults[i], to.separators);
  }
  return FromUtf8(text, to.charset);
}

}  // namespace yilian::gateway::hl7
