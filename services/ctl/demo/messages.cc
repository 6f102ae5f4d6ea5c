#include "services/ctl/demo/messages.h"

#include <fmt/format.h>

namespace yilian::ctl::demo {
namespace {

std::string Stamp(absl::Time time) {
  return absl::FormatTime("%Y%m%d%H%M%S", time, absl::FixedTimeZone(8 * 3600)) + "+0800";
}

std::string Header(std::string_view application, std::string_view type, std::string_view control_id,
                   std::string_view charset, absl::Time now) {
  return fmt::format("MSH|^~\\&|{}|桃溪镇卫生院|YILIAN|REGION|{}||{}|{}|P|2.5.1|||||CHN|{}\r",
                     application, Stamp(now), type, control_id, charset);
}

std::string PatientSegment(const MessagePatient& p) {
  return fmt::format(
      "PID|1||{}^^^TXHIS^MR~{}^^^^NI||{}||{}|{}|||桃溪镇解放路1号^^桃溪镇^^^CHN||13900000001\r",
      p.record_number, p.national_id, p.name, p.birth_date, p.sex);
}

}  // namespace

std::string RegisterMessage(const MessagePatient& patient, std::string_view control_id,
                            std::string_view charset, absl::Time now) {
  return Header("TXHIS", "ADT^A04^ADT_A01", control_id, charset, now) +
         fmt::format("EVN|A04|{}\r", Stamp(now)) + PatientSegment(patient) +
         "PV1|1|O|内科门诊^01\r";
}

std::string ReportMessage(const MessagePatient& patient, std::string_view control_id,
                          std::string_view order_number, std::string_view charset, absl::Time now) {
  const std::string at = Stamp(now - absl::Minutes(20));
  return Header("TXLIS", "ORU^R01^ORU_R01", control_id, charset, now) + PatientSegment(patient) +
         fmt::format("ORC|RE|P{0}|{0}\r", order_number) +
         fmt::format(
             "OBR|1|P{0}|{0}|24323-8^Comprehensive metabolic "
             "panel^LN^SH01^生化检查^L|||{1}|||||||||李建国|||||||"
             "{1}|||F\r",
             order_number, at) +
         fmt::format(
             "OBX|1|NM|2823-3^Potassium^LN^K^血钾^L||6.80|mmol/L^^UCUM|3.5-5.3|HH|||F|||{}\r", at) +
         fmt::format(
             "OBX|2|SN|6598-7^Troponin T "
             "cardiac^LN^TNT^肌钙蛋白T^L||>^0.50|ng/mL^^UCUM|<0.014|HH|||F|||{}\r",
             at) +
         fmt::format("OBX|3|TX|8251-1^备注^LN||标本无溶血\\.br\\已复查||||||F|||{}\r", at);
}

}  // namespace yilian::ctl::demo
