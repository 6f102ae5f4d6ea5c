#include "services/directory/app/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "common/base/status_macros.h"
#include "common/crypto/field_cipher.h"
#include "common/crypto/jwt.h"
#include "common/crypto/key_files.h"
#include "services/directory/domain/sign_in.h"
#include "services/directory/jobs/care_consumers.h"
#include "services/directory/jobs/throttle_pruner.h"
#include "services/directory/rpc/auth_handlers.h"
#include "services/directory/rpc/directory_service.h"
#include "services/directory/store/mysql_account_store.h"
#include "services/directory/store/mysql_contract_store.h"
#include "services/directory/store/mysql_organization_store.h"
#include "services/directory/store/mysql_patient_store.h"
#include "yilian_directory_migrations.h"

namespace yilian::directory {
namespace {

absl::StatusOr<std::unique_ptr<crypto::JwtSigner>> SignerFrom(const DirectoryConfig& config,
                                                              const base::Clock& clock) {
  const TokenSigning& signing = config.signing();
  ASSIGN_OR_RETURN(const std::string kid, NewestKeyId(signing.keys_folder()));
  return crypto::JwtSigner::Open(
      {.private_key_file = fmt::format("{}/{}.key", signing.keys_folder(), kid),
       .kid = kid,
       .issuer = config.service().tokens().issuer(),
       .audience = config.service().tokens().audience(),
       .lifetime = absl::Seconds(signing.lifetime_seconds())},
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

}  // namespace

ThrottleRules ThrottleRulesFrom(const SignInThrottle& config) {
  return {.free_failures = config.free_failures(),
          .first_delay = absl::Seconds(config.first_delay_seconds()),
          .longest_delay = absl::Seconds(config.longest_delay_seconds()),
          .forget_after = absl::Hours(config.forget_after_hours())};
}

absl::StatusOr<std::string> NewestKeyId(const std::string& folder) {
  std::string newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".key") continue;
    const std::string kid = entry.path().stem().string();
    if (crypto::IsKeyId(kid)) newest = std::max(newest, kid);
  }
  if (!newest.empty()) return newest;
  return absl::FailedPreconditionError(fmt::format(
      "signing.keys_folder: {} holds no <kid>.key; make one with openssl genpkey -algorithm EC "
      "-pkeyopt ec_paramgen_curve:P-256",
      folder));
}

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const DirectoryConfig&>(message);
  ASSIGN_OR_RETURN(const crypto::FieldCipher* cipher, context.FieldCipher());
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());
  ASSIGN_OR_RETURN(auto opened_index,
                   crypto::BlindIndex::Open(context.config().field_keys_folder()));
  ASSIGN_OR_RETURN(auto opened_signer, SignerFrom(config, context.clock()));
  const auto* index = context.Own(std::move(opened_index));
  const auto* signer = context.Own(std::move(opened_signer));

  mysql::Pool& pool = context.pool();
  auto* organizations = context.Own(std::make_unique<MysqlOrganizationStore>(pool));
  auto* accounts = context.Own(std::make_unique<MysqlAccountStore>(pool));
  auto* patients = context.Own(std::make_unique<MysqlPatientStore>(pool, *cipher, *index));
  auto* contracts = context.Own(std::make_unique<MysqlContractStore>());
  const ThrottleRules rules = ThrottleRulesFrom(config.sign_in_throttle());
  auto* sign_in = context.Own(std::make_unique<SignIn>(*accounts, context.clock(), rules,
                                                       config.passwords().checks_at_once()));
  FollowCare(context);
  context.Own(std::make_unique<ThrottlePruner>(*accounts, context.clock(), rules));

  unit::UnitOfWork& unit = context.unit_of_work();
  auto* auth = context.Own(std::make_unique<AuthHandlers>(AuthHandlers::Deps{
      .unit = unit, .accounts = *accounts, .sign_in = *sign_in, .signer = *signer}));
  auto* organization_handlers = context.Own(std::make_unique<OrganizationHandlers>(
      OrganizationHandlers::Deps{.unit = unit,
                                 .organizations = *organizations,
                                 .accounts = *accounts,
                                 .sealer = *sealer}));
  auto* patient_handlers = context.Own(std::make_unique<PatientHandlers>(
      PatientHandlers::Deps{.unit = unit, .patients = *patients, .contracts = *contracts}));
  context.Serve(Bind(*auth));
  context.Serve(Bind(*organization_handlers, *patient_handlers));
  return absl::OkStatus();
}

service::Definition DirectoryDefinition() {
  return {.name = "directory",
          .config_default = &DirectoryConfig::default_instance(),
          .migrations = kMigrations,
          .build = &Build};
}

}  // namespace yilian::directory
