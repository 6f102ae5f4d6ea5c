#include "tests/e2e/access-matrix/row_fields.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/uuid.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/e2e/access-matrix/people.h"

namespace yilian::e2e {
namespace {

using google::protobuf::FieldDescriptor;

using Names = std::set<std::string, std::less<>>;

// Rows of patients, and what belongs to them.
const Names kRows = {
    "patient_id",
    "surviving_patient_id",
    "merged_patient_id",
    "referral_id",
    "task_id",
    "follows_referral_id",
    "replaces_referral_id",
    "advice_id",
    "upload_id",
    "attachment_id",
    "consultation_id",
    "live_session_id",
    "booking_id",
    "consent_id",
    "contract_id",
    "report_id",
    "critical_value_id",
    "grant_id",
    "notice_id",
    "visit_number",
    "template_id",
    "absence_id",
    "entry_id",
    "rota_id",
    "link_id",
};
// Whom the caller acts for.
const Names kOrganizations = {"organization_id", "performing_organization_id",
                              "acting_organization_id"};
// Rows that everybody may read, where a request names nothing else.
const Names kOpenRows = {"department_id", "team_id"};
// What else everybody may read: organizations to turn to, their departments, reading centres,
// practitioners and sessions; and ids that the caller makes.
const Names kOpen = {
    "advising_department_id",
    "advising_organization_id",
    "advising_practitioner_id",
    "centre_id",
    "consulted_organization_id",
    "leader_practitioner_id",
    "ordering_organization_id",
    "organization_ids",
    "owner_id",
    "practitioner_id",
    "reader_organization_id",
    "receiving_department_id",
    "receiving_organization_id",
    "request_id",
    "session_id",
    "site_id",
    "source_message_id",
    "from_site_id",
    "to_site_id",
};

const std::map<std::string, std::string> kNoRow = {
    {"AcknowledgeCorrectionNotice",
     "a notice is made a minute after a correction; whose it is, its own tests ask"},
    {"CancelSession", "everybody may read a session; whose it is, its own tests ask"},
    {"CountWorklists", "counts of the caller's organization"},
    {"CreateCalendarLink",
     "of the caller's own sessions or organization; others', its own tests ask"},
    {"GetCalendar", "everybody may read a session; which ones a calendar shows, its own tests ask"},
    {"GetSessionCancellation", "everybody may read a session; whose it is, its own tests ask"},
    {"ListAdvice", "a list of the caller's organization"},
    {"ListCalendarLinks", "a list of the caller's links, or of the organization's"},
    {"ListConsultations", "a list of the caller's organization"},
    {"ListCorrectionNotices", "a list of the caller's, of the organization's or the laboratory's"},
    {"ListCriticalValues", "a list of the caller's organization"},
    {"ListReferrals", "a list of the caller's organization"},
    {"ListWorklist", "a list of the caller's organization"},
    {"RemoveTravelTime", "everybody may read a way; whose it is, its own tests ask"},
    {"SetTravelTime", "everybody may read a way; whose it is, its own tests ask"},
    {"Stream", "events whose audience names the caller's organization"},
    {"WatchReferrals", "changes of the caller's organization's referrals"},
    {"WatchReports", "changes of the reports that the caller's organization may see"},
};
const std::map<std::string, std::string> kNoRelationship = {
    {"BreakGlass", "opens the data of somebody else's patient: on record, told and reviewed"},
    {"DecideMatchReview", "the region's administrator settles duplicates of all organizations"},
    {"ListPatientMerges", "the region's administrator settles duplicates of all organizations"},
    {"SearchSessions",
     "sessions are open to all; who names a patient has to care for them, its own tests ask"},
};

const std::map<std::string, std::string> kOutOfReach = {
    {"GrantSensitiveAccess",
     "every time of a request that is made here is over, so its end is refused first; its own "
     "tests "
     "ask"},
    {"BookSeat", "nothing is looked up for who has not the token that the hold was answered with"},
};

struct Beyond {
  policy::v1::Role role;
  std::string why;
};
const char* const kRegion = "keeps the directory of the whole region; it is open to all";
const char* const kMappings = "says what the codes and values of every laboratory mean";
const char* const kRates = "compares what the organizations of the region recognize";
const std::map<std::string, Beyond> kBeyondOrganization = {
    {"DefineMapping", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"DefineReferenceInterval", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"ListReferenceIntervals", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"RemoveReferenceInterval", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"ListMappingItems", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"ListMappings", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"RemoveMapping", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"ListRecognitionStatistics", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRates}},
    {"SuggestMappings", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kMappings}},
    {"ListCareRelationships", {policy::v1::ROLE_AUDITOR, "audits every organization"}},
    {"ListConsents", {policy::v1::ROLE_AUDITOR, "audits every organization"}},
    {"ListRecordAccesses", {policy::v1::ROLE_AUDITOR, "audits every organization"}},
    {"CreateTeam", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion}},
    {"DefineCatalogEntry", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion}},
    {"LocateOrganization", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion}},
    {"RemoveTeamMember", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion}},
    {"SetTeamMember", {policy::v1::ROLE_REGIONAL_ADMINISTRATOR, kRegion}},
};

bool IsText(const FieldDescriptor& field) { return field.type() == FieldDescriptor::TYPE_STRING; }

}  // namespace

RowFields RowFieldsOf(const google::protobuf::MethodDescriptor& method) {
  RowFields fields;
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const FieldDescriptor& field = *method.input_type()->field(i);
    const std::string& name = field.name();
    const policy::v1::FieldRule& rule = field.options().GetExtension(policy::v1::rule);
    if (!IsText(field)) continue;
    if (kOrganizations.contains(name)) {
      fields.organization.push_back(name);
    } else if (kRows.contains(name)) {
      (rule.required() ? fields.required : fields.optional).push_back(name);
    } else if (rule.format() == policy::v1::FORMAT_UUID && !kOpen.contains(name) &&
               !kOpenRows.contains(name)) {
      fields.unknown.push_back(name);
    }
  }
  if (fields.required.empty() && fields.optional.empty() && fields.organization.empty()) {
    for (const std::string& name : kOpenRows) {
      const FieldDescriptor* field = method.input_type()->FindFieldByName(name);
      if (field != nullptr && field->options().GetExtension(policy::v1::rule).required())
        fields.required.push_back(name);
    }
    fields.open = !fields.required.empty();
  }
  // What a record is found by, where nothing else names it.
  if (method.name() == "FindPatient") fields.required.emplace_back("PatientIdentifier.value");
  // A new stay's number is the caller's to choose; the patient is the row.
  if (fields.required.size() > 1) {
    fields.required.erase(
        std::remove(fields.required.begin(), fields.required.end(), "visit_number"),
        fields.required.end());
  }
  return fields;
}

std::string WhyNoRow(const std::string& method) {
  const auto found = kNoRow.find(method);
  return found == kNoRow.end() ? "" : found->second;
}

std::string WhyNoRelationship(const std::string& method) {
  const auto found = kNoRelationship.find(method);
  return found == kNoRelationship.end() ? "" : found->second;
}

std::string WhyOutOfReach(const std::string& method) {
  const auto found = kOutOfReach.find(method);
  return found == kOutOfReach.end() ? "" : found->second;
}

std::string WhyBeyondOrganization(const std::string& method, policy::v1::Role role) {
  const auto found = kBeyondOrganization.find(method);
  return found == kBeyondOrganization.end() || found->second.role != role ? "" : found->second.why;
}

FieldValues ValuesFor(const std::string& organization) {
  const auto department = [](std::string_view key) {
    return ctl::demo::DemoId("department", key).ToString();
  };
  return {
      {"organization_id", OrganizationId(organization)},
      {"performing_organization_id", OrganizationId(organization)},
      {"receiving_organization_id", OrganizationId("first")},
      {"receiving_department_id", department("first.cardiology")},
      {"advising_organization_id", OrganizationId("first")},
      {"advising_department_id", department("first.cardiology")},
      {"consulted_organization_id", OrganizationId("first")},
      {"HoldSeatRequest.department_id", department("first.cardiology")},
      {"RescheduleBookingRequest.department_id", department("first.cardiology")},
      {"specialty", "CARDIOLOGY"},
      {"GetTrendRequest.loinc", "2823-3"},
      {"FindRecognizableResultsRequest.loincs", "2823-3"},
      {"DecideRecognitionRequest.loinc", "2823-3"},
      {"from_month", "2026-01-01"},
      {"to_month", "2026-01-01"},
      {"time_zone", "Asia/Shanghai"},
      {"WallClockHours.start", "08:00"},
      {"WallClockHours.end", "12:00"},
      {"RecordConsentRequest.purpose", "CONSENT_PURPOSE_RESEARCH"},
      // One order has one patient.
      {"filler_order_number", base::Uuid::V7().ToString()},
      {"patient_consented", "true"},
      {"CreateReferralRequest.summary", "+"},
      {"FindPatientRequest.identifier", "+"},
      {"PatientIdentifier.issuer", "CN-INSURANCE"},
      {"PatientIdentifier.value", "MATRIX0002"},
      // Of no version: what passes the check of the row changes nothing.
      {"etag", "v999999"},
      {"subscriber", "matrix"},
      {"explanation", "access matrix"},
  };
}

}  // namespace yilian::e2e
