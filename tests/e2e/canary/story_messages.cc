// The messages of the story, HL7 v2 over MLLP, good and bad.
#include <fmt/format.h>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/ctl/demo/messages.h"
#include "services/ctl/demo/mllp.h"
#include "tests/e2e/canary/story.h"

namespace yilian::e2e {
namespace {

using ctl::demo::MessagePatient;

std::string Fresh(std::string_view prefix) {
  return fmt::format("{}-{}", prefix, base::Uuid::V7().ToString().substr(16));
}

MessagePatient In(const Canary& person, char sex) {
  return {.national_id = person.national_id,
          .record_number = person.record_number,
          .name = person.family + "^" + person.given,
          .birth_date = absl::StrReplaceAll(person.birth_date, {{"-", ""}}),
          .sex = sex};
}

// The demo's message with the canary's address, telephone and words.
std::string Of(const Canary& person, const std::string& message) {
  return absl::StrReplaceAll(message, {{"桃溪镇解放路1号", person.address},
                                       {"13900000001", person.phone},
                                       {"标本无溶血", fmt::format("{}，标本无溶血", kClinical)}});
}

std::string Registration(const Canary& person, const MessagePatient& patient,
                         std::string_view charset) {
  return Of(person, ctl::demo::RegisterMessage(patient, Fresh("A04"), charset, absl::Now()));
}

}  // namespace

absl::Status Story::SendMessages() {
  ASSIGN_OR_RETURN(const std::string address, region_.ConfigValue("gateway", "mllp.0.listen"));
  const auto send = [&](std::string_view what, const std::string& message,
                        std::string_view expected) -> absl::Status {
    // A connection each: a sender that was refused may be cut off.
    ASSIGN_OR_RETURN(const auto sender, ctl::demo::MllpSender::Connect(address));
    ASSIGN_OR_RETURN(const std::string answer, sender->Exchange(message, absl::Seconds(20)));
    witness_.LookAt(what, answer);
    const std::string code = ctl::demo::AcknowledgementCode(answer);
    if (code != expected)
      return absl::DataLossError(fmt::format("{}: {} instead of {}", what, code, expected));
    return absl::OkStatus();
  };
  const Canary& she = Rare();
  const MessagePatient patient = In(she, 'F');
  constexpr std::string_view kUtf8 = "UNICODE UTF-8";
  RETURN_IF_ERROR(send("a registration in UTF-8", Registration(she, patient, kUtf8), "AA"));
  ASSIGN_OR_RETURN(
      const std::string report,
      ctl::demo::ToGb18030(Of(she, ctl::demo::ReportMessage(patient, Fresh("R01"), Fresh("ORDER"),
                                                            "GB 18030-2000", absl::Now()))));
  RETURN_IF_ERROR(send("a report in GB18030", report, "AA"));
  MessagePatient wrong = patient;
  wrong.national_id.back() = wrong.national_id.back() == '0' ? '1' : '0';
  RETURN_IF_ERROR(send("a wrong check character", Registration(she, wrong, kUtf8), "AE"));
  wrong = patient;
  wrong.birth_date = "21990101";
  RETURN_IF_ERROR(send("a birth in the future", Registration(she, wrong, kUtf8), "AE"));
  wrong = patient;
  wrong.birth_date = she.name();
  RETURN_IF_ERROR(send("a name for a birth date", Registration(she, wrong, kUtf8), "AE"));
  // One person's record number with another's identity number: for somebody to decide.
  wrong = In(Latin(), 'F');
  wrong.record_number = she.record_number;
  RETURN_IF_ERROR(send("two people in one", Registration(Latin(), wrong, kUtf8), "AE"));
  // Says UTF-8, and is GB18030.
  ASSIGN_OR_RETURN(const std::string mislabelled,
                   ctl::demo::ToGb18030(Registration(she, patient, kUtf8)));
  RETURN_IF_ERROR(send("a wrong character set", mislabelled, "AE"));
  const std::string unknown = absl::StrReplaceAll(Registration(she, patient, kUtf8),
                                                  {{"ADT^A04^ADT_A01", "ADT^Z99^ADT_A01"}});
  RETURN_IF_ERROR(send("an unknown event", unknown, "AR"));
  ASSIGN_OR_RETURN(const auto administrator, people_.Demo("administrator.region"));
  ASSIGN_OR_RETURN(const auto parked, witness_.Done(administrator, "ListParkedMessages", "{}"));
  witness_.LookAt("the list of parked messages", parked->SerializeAsString());
  return absl::OkStatus();
}

}  // namespace yilian::e2e
