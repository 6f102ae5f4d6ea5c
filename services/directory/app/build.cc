#include "services/directory/app/build.h"

#include <memory>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/field_cipher.h"
#include "common/crypto/rotating_signer.h"
#include "common/observe/log.h"
#include "services/directory/clients/access_trails.h"
#include "services/directory/domain/sign_in.h"
#include "services/directory/jobs/care_consumers.h"
#include "services/directory/jobs/glass_timer.h"
#include "services/directory/jobs/match_settler.h"
#include "services/directory/jobs/seat_consumer.h"
#include "services/directory/jobs/throttle_pruner.h"
#include "services/directory/rpc/access_handlers.h"
#include "services/directory/rpc/account_handlers.h"
#include "services/directory/rpc/auth_handlers.h"
#include "services/directory/rpc/catalog_handlers.h"
#include "services/directory/rpc/consortium_handlers.h"
#include "services/directory/rpc/directory_service.h"
#include "services/directory/rpc/family_doctor_handlers.h"
#include "services/directory/rpc/own_account_handlers.h"
#include "services/directory/rpc/patient_fit_handlers.h"
#include "services/directory/rpc/patient_index_handlers.h"
#include "services/directory/rpc/practitioner_handlers.h"
#include "services/directory/store/mysql_access_directory.h"
#include "services/directory/store/mysql_account_store.h"
#include "services/directory/store/mysql_admission_store.h"
#include "services/directory/store/mysql_affiliation_store.h"
#include "services/directory/store/mysql_broken_glass_store.h"
#include "services/directory/store/mysql_catalog_store.h"
#include "services/directory/store/mysql_consent_store.h"
#include "services/directory/store/mysql_consortium_store.h"
#include "services/directory/store/mysql_contract_store.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/mysql_patient_index.h"
#include "services/directory/store/mysql_patient_store.h"
#include "services/directory/store/mysql_practitioner_store.h"
#include "services/directory/store/mysql_receiver_source.h"
#include "services/directory/store/mysql_second_factor_store.h"
#include "services/directory/store/mysql_team_store.h"
#include "yilian_directory_migrations.h"

namespace yilian::directory {
namespace {

absl::StatusOr<std::unique_ptr<crypto::RotatingSigner>> SignerFrom(const DirectoryConfig& config,
                                                                   const base::Clock& clock) {
  const TokenSigning& signing = config.signing();
  const config::Tokens& tokens = config.service().tokens();
  return crypto::RotatingSigner::Open(
      {.private_keys_folder = signing.keys_folder(),
       .public_keys_folder = tokens.public_keys_folder(),
       .issuer = tokens.issuer(),
       .audience = tokens.audience(),
       .lifetime = absl::Seconds(signing.lifetime_seconds()),
       .on_fault =
           [](std::string_view fault) {
             observe::Log(observe::Level::kError, "signing key", {{"fault", fault}});
           }},
      clock);
}

// A referral or consultation service that this region does not run is not followed.
void FollowCare(service::Context& context) {
  if (context.config().peers().contains("referral")) {
    context.Consume({.name = "directory.referrals", .source = "referral"}, &ApplyReferralEvent);
  }
  if (context.config().peers().contains("consultation")) {
    context.Consume({.name = "directory.consultations", .source = "consultation"},
                    &ApplyConsultationEvent);
  }
}

// Every service keeps a part of who saw a record; one that is not configured is told as missing.
std::vector<AccessTrail*> TrailsOf(service::Context& context) {
  std::vector<AccessTrail*> trails = {
      context.Own(std::make_unique<OwnAccessTrail>("directory", context.pool()))};
  for (const char* peer : {"referral", "scheduling", "consultation", "lab", "gateway"}) {
    trails.push_back(context.Own(std::make_unique<PeerAccessTrail>(peer, context.Channel(peer))));
  }
  return trails;
}

GlassRules GlassRulesFrom(const EmergencyAccess& config) {
  return {.open_for = absl::Minutes(config.open_minutes()),
          .review_within = absl::Hours(config.review_hours())};
}

// Who may see a patient's data: admissions, consent, emergencies, the report.
AccessHandlers* MakeAccess(service::Context& context, const DirectoryConfig& config,
                           const crypto::FieldCipher& cipher, const crypto::BlindIndex& index,
                           const crypto::Sealer& sealer) {
  mysql::Pool& pool = context.pool();
  auto* directory = context.Own(std::make_unique<MysqlAccessDirectory>(pool));
  auto* admissions = context.Own(std::make_unique<MysqlAdmissionStore>(index));
  auto* consents = context.Own(std::make_unique<MysqlConsentStore>(pool, cipher));
  auto* glasses = context.Own(std::make_unique<MysqlBrokenGlassStore>(pool, cipher));
  DefineGlassTimer(context.timers(), *glasses, context.clock());
  return context.Own(std::make_unique<AccessHandlers>(
      AccessHandlers::Deps{.unit = context.unit_of_work(),
                           .directory = *directory,
                           .admissions = *admissions,
                           .consents = *consents,
                           .glasses = *glasses,
                           .glass_rules = GlassRulesFrom(config.emergency_access()),
                           .trails = TrailsOf(context),
                           .sealer = sealer}));
}

void ServeCatalog(service::Context& context, const crypto::Sealer& sealer) {
  auto* catalog = context.Own(std::make_unique<MysqlCatalogStore>(context.pool()));
  auto* receivers = context.Own(std::make_unique<MysqlReceiverSource>(context.pool()));
  if (context.config().peers().contains("scheduling")) {
    context.Consume({.name = "directory.seats", .source = "scheduling", .types = SeatEventTypes()},
                    &ApplySeatEvent);
  }
  auto* handlers = context.Own(
      std::make_unique<CatalogHandlers>(CatalogHandlers::Deps{.unit = context.unit_of_work(),
                                                              .catalog = *catalog,
                                                              .receivers = *receivers,
                                                              .sealer = sealer}));
  context.Serve(Bind(*handlers));
  auto* consortia = context.Own(std::make_unique<MysqlConsortiumStore>(context.pool()));
  context.Serve(Bind(*context.Own(std::make_unique<ConsortiumHandlers>(
      ConsortiumHandlers::Deps{.unit = context.unit_of_work(), .consortia = *consortia}))));
}

// Practitioners over time; teams, and contracts with them.
void ServePeople(service::Context& context, const crypto::FieldCipher& cipher,
                 const crypto::BlindIndex& index, const crypto::Sealer& sealer,
                 ContractStore& contracts) {
  mysql::Pool& pool = context.pool();
  auto* practitioners = context.Own(std::make_unique<MysqlPractitionerStore>(pool, cipher, index));
  context.Serve(Bind(*context.Own(std::make_unique<PractitionerHandlers>(PractitionerHandlers::Deps{
      .unit = context.unit_of_work(), .practitioners = *practitioners, .sealer = sealer}))));
  auto* teams = context.Own(std::make_unique<MysqlTeamStore>(pool));
  context.Serve(Bind(*context.Own(std::make_unique<FamilyDoctorHandlers>(
      FamilyDoctorHandlers::Deps{.unit = context.unit_of_work(),
                                 .teams = *teams,
                                 .contracts = contracts,
                                 .sealer = sealer}))));
}

}  // namespace

ThrottleRules ThrottleRulesFrom(const SignInThrottle& config) {
  return {.free_failures = config.free_failures(),
          .first_delay = absl::Seconds(config.first_delay_seconds()),
          .longest_delay = absl::Seconds(config.longest_delay_seconds()),
          .forget_after = absl::Hours(config.forget_after_hours())};
}

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const DirectoryConfig&>(message);
  ASSIGN_OR_RETURN(const crypto::FieldCipher* cipher, context.FieldCipher());
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  ASSIGN_OR_RETURN(auto opened_index,
                   crypto::BlindIndex::Open(context.config().field_keys_folder()));
  ASSIGN_OR_RETURN(auto opened_signer, SignerFrom(config, context.clock()));
  const auto* index = context.Own(std::move(opened_index));
  auto* signer = context.Own(std::move(opened_signer));

  mysql::Pool& pool = context.pool();
  auto* organizations = context.Own(std::make_unique<MysqlOrganizationStore>(pool));
  auto* accounts = context.Own(std::make_unique<MysqlAccountStore>(pool));
  const auto* names = context.Own(std::make_unique<NameReader>());
  auto* patients = context.Own(std::make_unique<MysqlPatientStore>(pool, *cipher, *index, *names));
  auto* patient_index =
      context.Own(std::make_unique<MysqlPatientIndex>(pool, *cipher, *index, *names));
  context.Serve(Bind(*context.Own(std::make_unique<PatientFitHandlers>(*patients))));
  auto* contracts = context.Own(std::make_unique<MysqlContractStore>(pool));
  const ThrottleRules rules = ThrottleRulesFrom(config.sign_in_throttle());
  auto* affiliations = context.Own(std::make_unique<MysqlAffiliationStore>(pool));
  auto* factors = context.Own(std::make_unique<MysqlSecondFactorStore>(pool, *cipher));
  auto* sign_in = context.Own(std::make_unique<SignIn>(SignIn::Deps{.accounts = *accounts,
                                                                    .affiliations = *affiliations,
                                                                    .factors = *factors,
                                                                    .clock = context.clock()},
                                                       rules, config.passwords().checks_at_once()));
  FollowCare(context);
  ServeCatalog(context, *sealer);
  ServePeople(context, *cipher, *index, *sealer, *contracts);
  context.Own(std::make_unique<ThrottlePruner>(*accounts, context.clock(), rules));
  context.Own(std::make_unique<MatchSettler>(*patient_index, context.clock()));

  unit::UnitOfWork& unit = context.unit_of_work();
  auto* auth =
      context.Own(std::make_unique<AuthHandlers>(AuthHandlers::Deps{.unit = unit,
                                                                    .accounts = *accounts,
                                                                    .affiliations = *affiliations,
                                                                    .sign_in = *sign_in,
                                                                    .signer = *signer}));
  auto* own_account = context.Own(std::make_unique<OwnAccountHandlers>(
      OwnAccountHandlers::Deps{.unit = unit,
                               .accounts = *accounts,
                               .factors = *factors,
                               .sign_in = *sign_in,
                               .signer = *signer,
                               .region = context.config().region()}));
  auto* account_handlers = context.Own(std::make_unique<AccountHandlers>(AccountHandlers::Deps{
      .unit = unit, .accounts = *accounts, .affiliations = *affiliations, .factors = *factors}));
  auto* organization_handlers = context.Own(std::make_unique<OrganizationHandlers>(
      OrganizationHandlers::Deps{.unit = unit,
                                 .organizations = *organizations,
                                 .accounts = *accounts,
                                 .sealer = *sealer}));
  auto* patient_handlers = context.Own(std::make_unique<PatientHandlers>(
      PatientHandlers::Deps{.unit = unit, .patients = *patients, .contracts = *contracts}));
  context.Serve(Bind(*auth));
  context.Serve(Bind(*own_account, *account_handlers));
  context.Serve(Bind(*MakeAccess(context, config, *cipher, *index, *sealer)));
  context.Serve(Bind(*organization_handlers, *patient_handlers));
  auto* patient_index_handlers =
      context.Own(std::make_unique<PatientIndexHandlers>(PatientIndexHandlers::Deps{
          .unit = unit, .patients = *patients, .index = *patient_index, .sealer = *sealer}));
  context.Serve(Bind(*patient_index_handlers));
  return absl::OkStatus();
}

service::Definition DirectoryDefinition() {
  return {.name = "directory",
          .config_default = &DirectoryConfig::default_instance(),
          .migrations = kMigrations,
          .build = &Build};
}

}  // namespace yilian::directory
