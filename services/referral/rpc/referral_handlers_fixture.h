// The handlers of referrals on a real database, with peers that answer as a test says.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/referral/rpc/handlers.h"
#include "services/referral/store/advice_fixture.h"
#include "services/referral/store/mysql_attachment_count.h"
#include "tests/support/directory_consents.h"
#include "tests/support/relate.h"
#include "tests/support/test_call.h"

namespace yilian::referral {

// What `directory`, `consultation` and `lab` say. Organizations that are not named exist nowhere.
struct ToldRegion : ReceiverDirectory,
                    OrganizationDirectory,
                    OpinionDirectory,
                    CitedReports,
                    RequiredItems {
  absl::StatusOr<bool> Exists(OrganizationId organization, DepartmentId, absl::Time) override {
    return organizations.contains(organization);
  }
  absl::StatusOr<std::optional<Organization>> Find(OrganizationId organization,
                                                   absl::Time) override {
    const auto found = organizations.find(organization);
    if (found == organizations.end()) return std::optional<Organization>();
    return found->second;
  }
  absl::StatusOr<std::optional<SignedOpinion>> Find(const std::string&, std::string_view,
                                                    absl::Time) override {
    return opinion;
  }
  absl::StatusOr<std::vector<std::string>> Unknown(OrganizationId organization, PatientId patient,
                                                   const std::vector<std::string>& reports,
                                                   absl::Time) override {
    ++asked_for_reports;
    if (!lab.ok()) return lab;
    asked_by = organization;
    asked_about = patient;
    std::vector<std::string> unknown;
    for (const std::string& report : reports) {
      if (!known_reports.contains(report)) unknown.push_back(report);
    }
    return unknown;
  }
  absl::StatusOr<Requirements> Of(DepartmentId department, absl::Time) override {
    return required_by == department ? required : Requirements();
  }

  void Add(OrganizationId id, Tier tier, const char* consortium = "consortium") {
    organizations[id] = {id, tier, OrganizationId(base::Uuid::V5(base::Uuid(), consortium))};
  }

  std::map<OrganizationId, Organization> organizations;
  std::optional<SignedOpinion> opinion;
  std::set<std::string> known_reports;
  absl::Status lab;  // what it answers instead
  OrganizationId asked_by;
  PatientId asked_about;
  int asked_for_reports = 0;
  DepartmentId required_by;
  Requirements required;
};

// kAsker, a township hospital, refers to kSpecialist, a tertiary one.
class ReferralHandlersFixture : public AdviceFixture {
 protected:
  static inline const Actor kOtherHospital{.organization = Org(3), .practitioner = Person(3)};

  void SetUp() override {
    AdviceFixture::SetUp();
    if (IsSkipped()) return;
    region_.Add(kAsker.organization, Tier::kTownshipHospital);
    region_.Add(kSpecialist.organization, Tier::kTertiaryHospital);
    region_.Add(kOtherHospital.organization, Tier::kSecondaryHospital);
    const std::string folder = pki_.folder() + "/seal";
    std::filesystem::create_directories(folder);
    ASSERT_THAT(crypto::CreateKeyFile(folder + "/2026-11-22.key"), status::IsOk());
    sealer_ = *crypto::Sealer::Open(folder);
    count_ = std::make_unique<MysqlAttachmentCount>(*pool_);
    relationships_ = std::make_unique<relationship::Check>(*pool_, directory_.NewChannel(), clock_);
    handlers_ =
        std::make_unique<ReferralHandlers>(ReferralHandlers::Deps{.store = *referrals_,
                                                                  .deadlines = deadlines_,
                                                                  .receivers = region_,
                                                                  .organizations = region_,
                                                                  .opinions = region_,
                                                                  .cited_reports = region_,
                                                                  .required_items = region_,
                                                                  .attachments = *count_,
                                                                  .relationships = *relationships_,
                                                                  .sealer = *sealer_,
                                                                  .wake_sagas = [] {}});
    ASSERT_THAT(
        test_support::Relate(*pool_, patient_.uuid(), kAsker.organization.uuid(), clock_.Now()),
        status::IsOk());
  }

  static rpc::Caller CallerOf(const Actor& actor) {
    return {.user_id = actor.practitioner.uuid(),
            .practitioner_id = actor.practitioner.uuid(),
            .organization_id = actor.organization.uuid(),
            .roles = {policy::v1::ROLE_HOSPITAL_DOCTOR}};
  }
  // A person's calls bear a token, a system's do not.
  template <typename Request>
  static test_support::TestCall By(const Actor& actor, const Request& request,
                                   const std::string& token = "token") {
    return {CallerOf(actor), request, {.token = token}};
  }
  v1::CreateReferralRequest NewRequest() {
    v1::CreateReferralRequest request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_patient_id(patient_.ToString());
    request.set_direction(v1::DIRECTION_UP);
    request.set_channel(v1::CHANNEL_STANDARD);
    request.set_setting(v1::SETTING_OUTPATIENT);
    request.set_urgency(v1::URGENCY_ROUTINE);
    request.set_receiving_organization_id(kSpecialist.organization.ToString());
    request.set_receiving_department_id(kCardiology.ToString());
    request.mutable_summary()->set_complaint("胸痛");
    request.mutable_summary()->mutable_diagnosis()->set_code("I20.0");
    request.set_submit(true);
    request.set_patient_consented(true);
    return request;
  }
  absl::StatusOr<v1::Referral> Create(const v1::CreateReferralRequest& request) {
    return handlers_->Create(By(kAsker, request), request);
  }
  template <typename Request>
  static Request On(const v1::Referral& referral) {
    Request request;
    request.set_request_id(base::Uuid::V7().ToString());
    request.set_referral_id(referral.referral_id());
    request.set_etag(referral.etag());
    return request;
  }
  absl::StatusOr<v1::Referral> Redirect(const v1::Referral& referral, OrganizationId to,
                                        DepartmentId department = DepartmentId(base::Uuid::V7())) {
    auto request = On<v1::RedirectReferralRequest>(referral);
    request.set_receiving_organization_id(to.ToString());
    request.set_receiving_department_id(department.ToString());
    request.set_reason(v1::REASON_CODE_WRONG_DEPARTMENT);
    request.set_comment("请贵院看");
    return handlers_->Redirect(By(kSpecialist, request), request);
  }

  const PatientId patient_{base::Uuid::V7()};
  test_support::DirectoryConsents directory_;
  ToldRegion region_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<MysqlAttachmentCount> count_;
  std::unique_ptr<relationship::Check> relationships_;
  std::unique_ptr<ReferralHandlers> handlers_;
};

// The fields that a refusal names, in order.
inline std::vector<std::string> RefusedFields(const absl::Status& refused) {
  std::vector<std::string> fields;
  const auto bad = status::BadRequestOf(refused);
  if (!bad) return fields;
  for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  return fields;
}

}  // namespace yilian::referral
