// The referral service as others meet it: its own server with mutual TLS on a schema of its own,
// and clients with the certificates of hospitals' systems.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "common/crypto/key_files.h"
#include "common/rpc/channel.h"
#include "common/service/context.h"
#include "common/status/matchers.h"
#include "services/referral/app/build.h"
#include "services/referral/app/config.pb.h"
#include "services/referral/store/mysql_referral_store.h"
#include "tests/contract/test_pki.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"
#include "yilian/referral/v1/referral.pb.h"

namespace yilian::referral {

// No peers: what a test does goes through the store, as another replica would do it, or through
// methods that ask nobody.
class ServiceFixture {
 protected:
  static constexpr char kRegion[] = "test.region";
  static inline const Actor kTownship{.organization =
                                          OrganizationId(base::Uuid::V5(base::Uuid(), "township"))};
  static inline const Actor kHospital{.organization =
                                          OrganizationId(base::Uuid::V5(base::Uuid(), "hospital"))};
  static inline const Actor kStranger{.organization =
                                          OrganizationId(base::Uuid::V5(base::Uuid(), "stranger"))};

  ~ServiceFixture() {
    if (context_) context_->Drain(absl::Seconds(5));
  }

  void OpenSchema() {
    for (const char* folder : {"field", "seal", "blobs"}) {
      std::filesystem::create_directories(Folder(folder));
    }
    ASSERT_THAT(crypto::CreateKeyFile(Folder("field") + "/2026-11-22.key"), status::IsOk());
    ASSERT_THAT(crypto::CreateKeyFile(Folder("seal") + "/2026-11-22.key"), status::IsOk());
    database_ =
        test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ReferralMigrations()));
    ASSERT_THAT(crypto::CreateFile(Folder("database"), database_.password + "\n", 0600),
                status::IsOk());
    auto pool = mysql::Pool::Open(database_);
    ASSERT_THAT(pool, status::IsOk());
    pool_ = *std::move(pool);
    unit_ =
        std::make_unique<unit::UnitOfWork>(*pool_, nullptr, base::SystemClock(), "yilian.referral");
    store_ = std::make_unique<MysqlReferralStore>(*unit_, absl::UTCTimeZone());
  }
  std::unique_ptr<service::ServiceContext> NewReplica(const ReferralConfig& config) {
    const service::Definition definition = ReferralDefinition();
    auto context = service::ServiceContext::Open(definition, config.service());
    EXPECT_THAT(context, status::IsOk());
    if (!context.ok()) return nullptr;
    EXPECT_THAT(definition.build(**context, config), status::IsOk());
    EXPECT_THAT((*context)->Start(), status::IsOk());
    return *std::move(context);
  }

  std::string Folder(const std::string& name) const { return pki_.folder() + "/" + name; }
  ReferralConfig Config(const std::string& blob_store = "database") {
    ReferralConfig config;
    config::Service& service = *config.mutable_service();
    service.set_listen("127.0.0.1:0");
    service.set_region(kRegion);
    const rpc::TlsFiles files = Certificate("service/referral");
    service.mutable_tls()->set_ca_file(files.ca_file);
    service.mutable_tls()->set_certificate_file(files.certificate_file);
    service.mutable_tls()->set_key_file(files.key_file);
    service.mutable_database()->set_socket(database_.socket);
    service.mutable_database()->set_schema(database_.schema);
    service.mutable_database()->set_user(database_.user);
    service.mutable_database()->set_password_file(Folder("database"));
    service.mutable_database()->set_pool_size(4);
    service.mutable_database()->set_statement_timeout_ms(10000);
    service.mutable_admission()->set_queue_length(256);
    service.mutable_admission()->set_priority_threads(2);
    service.set_field_keys_folder(Folder("field"));
    service.set_seal_keys_folder(Folder("seal"));
    service.set_max_request_bytes(4 * 1024 * 1024);
    config.set_time_zone("Asia/Shanghai");
    config.mutable_attachments()->set_store(blob_store);
    config.mutable_attachments()->set_folder(Folder("blobs"));
    config.mutable_attachments()->set_most_mebibytes(64);
    config.mutable_attachments()->set_most_per_record(50);
    config.mutable_attachments()->set_upload_hours(24);
    return config;
  }
  rpc::TlsFiles Certificate(const std::string& path) {
    std::string name = path;
    std::replace(name.begin(), name.end(), '/', '-');
    return pki_.Issue(name, std::string("spiffe://") + kRegion + "/" + path);
  }
  // With the certificate of the organization's HIS.
  std::shared_ptr<grpc::Channel> ChannelOf(const Actor& actor, int port) {
    auto channel =
        rpc::MakeChannel("127.0.0.1:" + std::to_string(port),
                         Certificate("org/" + actor.organization.ToString() + "/system/his"),
                         {.region = kRegion, .service = "referral"});
    EXPECT_THAT(channel, status::IsOk());
    return channel.ok() ? *channel : nullptr;
  }

  // A referral of one organization to another, submitted or a draft, as another replica makes it.
  ReferralId Refer(const Actor& from, const Actor& to, bool submit = true) {
    NewReferral input;
    input.id = ReferralId(base::Uuid::V7());
    input.patient = PatientId(base::Uuid::V7());
    input.receiving_organization = to.organization;
    input.receiving_department = DepartmentId(base::Uuid::V7());
    input.summary = {.complaint = "胸痛", .diagnosis_display = "心绞痛"};
    EXPECT_THAT(store_->Create<v1::Referral>(
                    test_support::WriteAs(from.organization.uuid()),
                    [&](absl::Time at) -> absl::StatusOr<Change> {
                      auto created = CreateReferral(input, from, deadlines_, at);
                      if (!created.ok() || !submit) return created;
                      return created->after.Submit(from, Submission{.consented = true}, deadlines_,
                                                   at);
                    },
                    [](const std::vector<Change>&) { return v1::Referral(); }),
                status::IsOk());
    return input.id;
  }

  contract::TestPki pki_;
  mysql::PoolOptions database_;
  const Deadlines deadlines_{{}, WorkingCalendar(absl::UTCTimeZone(), {}, {})};
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<unit::UnitOfWork> unit_;
  std::unique_ptr<MysqlReferralStore> store_;
  std::unique_ptr<service::ServiceContext> context_;
};

}  // namespace yilian::referral
