#include "services/gateway/domain/inbound/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/gateway/domain/hl7/acknowledgement.h"
#include "services/gateway/domain/inbound/observation.h"

namespace yilian::gateway::inbound {
namespace {

using hl7::FaultCode;
using hl7::Faults;
using hl7::Segment;

constexpr int kPlacerNumber = 2;
constexpr int kFillerNumber = 3;
constexpr int kService = 4;
constexpr int kObservedAt = 7;
constexpr int kIssuedAt = 22;
constexpr int kStatus = 25;
constexpr size_t kMostObservations = 2000;
constexpr size_t kLongestOrderNumber = 199;
// More would make an answer nobody reads; reading stops there.
constexpr size_t kMostFaults = 200;

std::optional<ResultStatus> StatusOf(std::string_view code) {
  if (code.size() != 1) return std::nullopt;
  switch (code[0]) {
    case 'F':
      return ResultStatus::kFinal;
    case 'P':
    case 'R':
      return ResultStatus::kPreliminary;
    case 'A':
      return ResultStatus::kPartial;
    case 'C':
    case 'M':
      return ResultStatus::kCorrected;
    case 'I':
    case 'N':
    case 'O':
    case 'S':
      return ResultStatus::kRegistered;
    case 'X':
      return ResultStatus::kCancelled;
    default:
      return std::nullopt;
  }
}

bool All(const Hl7Report& report, ResultStatus status) {
  return !report.observations.empty() &&
         std::all_of(report.observations.begin(), report.observations.end(),
                     [&](const Hl7Observation& one) { return one.status == status; });
}

bool Any(const Hl7Report& report, ResultStatus status) {
  return std::any_of(report.observations.begin(), report.observations.end(),
                     [&](const Hl7Observation& one) { return one.status == status; });
}

// For an OBR without a status: what its observations add up to.
ResultStatus StatusFromObservations(const Hl7Report& report) {
  for (const ResultStatus status :
       {ResultStatus::kFinal, ResultStatus::kCancelled, ResultStatus::kRegistered}) {
    if (All(report, status)) return status;
  }
  if (Any(report, ResultStatus::kPreliminary) || Any(report, ResultStatus::kRegistered)) {
    return ResultStatus::kPartial;
  }
  if (Any(report, ResultStatus::kCorrected)) return ResultStatus::kCorrected;
  if (Any(report, ResultStatus::kAmended)) return ResultStatus::kAmended;
  return ResultStatus::kPartial;
}

// Walks the message once and builds patients, reports and observations as their segments come.
class Reader {
 public:
  Reader(const hl7::Message& message, const OwnAuthorities& own, Faults& faults)
      : message_(message), own_(own), faults_(faults) {}

  std::vector<PatientReports> Read() {
    for (size_t i = 1; i < message_.size() && faults_.size() < kMostFaults; ++i) {
      const Segment segment = message_[i];
      const std::string_view name = segment.name();
      if (name == "PID") {
        EndReport();
        StartPatient(segment);
      } else if (name == "ORC") {
        EndReport();
        order_ = segment;
      } else if (name == "OBR") {
        EndReport();
        StartReport(segment);
      } else if (name == "OBX") {
        AddObservation(segment);
      } else if (name == "SPM") {
        // An OBX behind it describes the specimen, not the order's result.
        in_specimen_ = true;
      }
    }
    EndReport();
    if (!patient_seen_) {
      faults_.push_back({FaultCode::kSegmentSequence, {"PID", 1}, "a report needs a PID segment"});
    } else if (!report_seen_) {
      faults_.push_back({FaultCode::kSegmentSequence, {"OBR", 1}, "a report needs an OBR segment"});
    }
    return std::move(patients_);
  }

 private:
  void StartPatient(const Segment& pid) {
    patient_seen_ = true;
    order_.reset();
    patients_.push_back({ReadPatient(message_, pid, own_, faults_).value_or(Hl7Patient()), {}});
  }

  void StartReport(const Segment& obr) {
    report_seen_ = true;
    in_specimen_ = false;
    if (!patient_seen_) {
      faults_.push_back({FaultCode::kSegmentSequence, obr.At(0), "PID comes before OBR"});
      patients_.emplace_back();
      patient_seen_ = true;
    }
    Hl7Report report;
    report.where = obr.At(0);
    report.filler_order_number = OrderNumber(obr, kFillerNumber);
    if (report.filler_order_number.empty()) {
      faults_.push_back({FaultCode::kRequiredFieldMissing, obr.At(kFillerNumber, 1),
                         "the laboratory's order number is required"});
    }
    report.placer_order_number = OrderNumber(obr, kPlacerNumber);
    report.code = ReadCoding(obr, kService);
    if (report.code.code.empty() && report.code.display.empty()) {
      faults_.push_back(
          {FaultCode::kRequiredFieldMissing, obr.At(kService), "what was ordered is required"});
    }
    CheckCoding(obr, kService, report.code, faults_);
    report.issued_at = Time(obr, kIssuedAt);
    observed_at_ = Time(obr, kObservedAt) ? obr.Text(kObservedAt) : "";
    report_ = std::move(report);
    obr_ = obr;
    order_.reset();  // an ORC stands for the one OBR behind it
  }

  std::string OrderNumber(const Segment& obr, int field) {
    std::string number = obr.Text(field);
    if (number.empty() && order_) number = order_->Text(field);
    if (CodePoints(number) > kLongestOrderNumber) {
      faults_.push_back({FaultCode::kValueTooLong, obr.At(field),
                         fmt::format("at most {} characters", kLongestOrderNumber)});
    }
    return number;
  }

  std::optional<hl7::DateTime> Time(const Segment& obr, int field) {
    const std::string text = obr.Text(field);
    if (text.empty()) return std::nullopt;
    const std::optional<hl7::DateTime> time = hl7::ParseDateTime(text);
    if (!time)
      faults_.push_back(
          {FaultCode::kDataType, obr.At(field), "a time YYYY[MM[DD[HH[MM[SS[.S]]]]]] that exists"});
    return time;
  }

  void AddObservation(const Segment& obx) {
    if (in_specimen_) return;
    if (!report_) {
      // From 2.7 on, an OBX before any OBR describes the patient or a document, not a report's
      // result.
      if (hl7::VersionNumber(message_.header().Text(12)) >= 270) return;
      faults_.push_back({FaultCode::kSegmentSequence, obx.At(0), "OBR comes before OBX"});
      return;
    }
    if (report_->observations.size() == kMostObservations) {
      faults_.push_back({FaultCode::kValueTooLong, obx.At(0),
                         fmt::format("a report has at most {} observations", kMostObservations)});
      return;
    }
    std::optional<Hl7Observation> observation =
        ReadObservation(message_, obx, observed_at_, faults_);
    if (observation) report_->observations.push_back(*std::move(observation));
  }

  void EndReport() {
    if (!report_) return;
    const std::string code = obr_->Text(kStatus);
    if (All(*report_, ResultStatus::kWithdrawn)) {
      // Every value was wrong: so is the report, whatever the OBR says.
      report_->status = ResultStatus::kWithdrawn;
    } else if (const std::optional<ResultStatus> status = StatusOf(code)) {
      report_->status = *status;
    } else if (!code.empty()) {
      faults_.push_back(
          {FaultCode::kTableValueNotFound, obr_->At(kStatus), "a status of table 0123"});
    } else if (report_->observations.empty()) {
      faults_.push_back({FaultCode::kRequiredFieldMissing, obr_->At(kStatus),
                         "a report without observations needs a status"});
    } else {
      report_->status = StatusFromObservations(*report_);
    }
    report_->birth_date = patients_.back().patient.BirthDate();
    report_->sex = patients_.back().patient.sex;
    patients_.back().reports.push_back(*std::move(report_));
    report_.reset();
    obr_.reset();
  }

  const hl7::Message& message_;
  const OwnAuthorities& own_;
  Faults& faults_;
  std::vector<PatientReports> patients_;
  std::optional<Segment> order_;  // ORC before the next OBR
  std::optional<Segment> obr_;
  std::optional<Hl7Report> report_;
  std::string observed_at_;
  bool patient_seen_ = false;
  bool report_seen_ = false;
  bool in_specimen_ = false;
};

}  // namespace

std::optional<std::vector<PatientReports>> ReadReports(const hl7::Message& message,
                                                       const OwnAuthorities& own, Faults& faults) {
  const size_t before = faults.size();
  std::vector<PatientReports> patients = Reader(message, own, faults).Read();
  if (faults.size() != before) return std::nullopt;
  return patients;
}

}  // namespace yilian::gateway::inbound
