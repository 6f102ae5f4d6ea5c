// The gateway between a real MLLP peer, a real database and owners that speak real gRPC.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/mysql/transaction.h"
#include "common/status/matchers.h"
#include "services/gateway/app/metered_observer.h"
#include "services/gateway/app/recording_owners.h"
#include "services/gateway/clients/directory_client.h"
#include "services/gateway/clients/lab_client.h"
#include "services/gateway/clients/referral_client.h"
#include "services/gateway/clients/stay_client.h"
#include "services/gateway/domain/inbound/intake.h"
#include "services/gateway/jobs/redelivery.h"
#include "services/gateway/mllp/listener.h"
#include "services/gateway/mllp/mllp_client_fixture.h"
#include "services/gateway/store/mysql_message_store.h"
#include "tests/support/eventually.h"
#include "tests/support/test_database.h"

namespace yilian::gateway {
namespace {

using mllp::MllpClient;
using status::IsOk;
using test_support::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kOrganization[] = "0193f2c4-7b1e-7c3a-8a54-00000000c111";

std::string Sample(const std::string& name) {
  std::ifstream file("services/gateway/testdata/" + name, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_FALSE(content.str().empty()) << name;
  return content.str();
}

class GatewayIntegrationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    auto pool = mysql::Pool::Open(TestDatabase::Get().NewSchema(GatewayMigrations()));
    ASSERT_THAT(pool, IsOk());
    pool_ = *std::move(pool);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(static_cast<directory::v1::DirectoryService::Service*>(&owners_));
    builder.RegisterService(static_cast<directory::v1::AccessService::Service*>(&owners_));
    builder.RegisterService(static_cast<referral::v1::ReferralService::Service*>(&owners_));
    builder.RegisterService(static_cast<lab::v1::LabService::Service*>(&owners_));
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
    StartGateway();
  }

  static std::vector<inbound::Sender> Senders() {
    inbound::Sender his;
    his.name = "taoxi-his";
    his.organization_id = *base::Uuid::Parse(kOrganization);
    his.application = "TXHIS";
    his.default_charset = hl7::Charset::kGb18030;
    inbound::Sender lis = his;
    lis.name = "taoxi-lis";
    lis.application = "TXLIS";
    lis.own_authorities = {"TXHIS"};
    return {his, lis};
  }

  void StartGateway() {
    store_ = std::make_unique<MysqlMessageStore>(*pool_, cipher_);
    patients_ = std::make_unique<DirectoryClient>(channel_);
    reports_ = std::make_unique<LabClient>(channel_);
    stays_ = std::make_unique<StayClient>(channel_);
    discharges_ = std::make_unique<ReferralClient>(channel_);
    delivery_ =
        std::make_unique<inbound::Delivery>(*patients_, *reports_, *stays_, discharges_.get());
    inbound::Intake::Options options;
    options.longest_pause = absl::ZeroDuration();
    intake_ = std::make_unique<inbound::Intake>(
        inbound::Intake::Deps{senders_, *store_, *delivery_, base::SystemClock(), observer_},
        options);
    redelivery_ = std::make_unique<Redelivery>(*store_, *intake_, Redelivery::Options());
    mllp::ListenerOptions listener;
    listener.address = "127.0.0.1:0";
    auto started = mllp::Listener::Start(
        std::move(listener),
        [](const mllp::ConnectionIdentity& identity) {
          return inbound::Peer{identity.address, {"taoxi-his", "taoxi-lis"}};
        },
        [this](const inbound::Peer& peer, const mllp::Frame& frame,
               const inbound::Intake::Answer& answer) { intake_->Handle(peer, frame, answer); });
    ASSERT_THAT(started, IsOk());
    listener_ = *std::move(started);
  }
  void Fail(absl::Status directory, absl::Status lab = absl::OkStatus()) {
    std::lock_guard<std::mutex> lock(owners_.mutex);
    owners_.directory_failure = directory;
    owners_.lab_failure = lab;
  }
  inbound::Counts Counts() {
    const auto counts = store_->Count(absl::Now() + absl::Seconds(10));
    EXPECT_THAT(counts, IsOk());
    return counts.value_or(inbound::Counts());
  }

  Owners owners_;
  std::unique_ptr<mysql::Pool> pool_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  const crypto::FieldCipher cipher_{crypto::KeyRing::Ephemeral()};
  observe::Metrics metrics_;
  MeteredObserver observer_{metrics_, Senders()};
  inbound::SenderRegistry senders_{Senders()};
  std::unique_ptr<MysqlMessageStore> store_;
  std::unique_ptr<DirectoryClient> patients_;
  std::unique_ptr<LabClient> reports_;
  std::unique_ptr<StayClient> stays_;
  std::unique_ptr<ReferralClient> discharges_;
  std::unique_ptr<inbound::Delivery> delivery_;
  std::unique_ptr<inbound::Intake> intake_;
  std::unique_ptr<Redelivery> redelivery_;
  std::unique_ptr<mllp::Listener> listener_;
};

TEST_F(GatewayIntegrationTest, ChinesePatientsArriveInEveryCharset) {
  MllpClient his(listener_->port());
  const struct {
    const char* file;
    const char* control_id;
    const char* name;
  } cases[] = {{"adt-a04-utf8.hl7", "TXHIS-20261120-0001", "张誠珅"},
               {"adt-a04-gb18030.hl7", "TXHIS-20261120-0002", "陈瑋"},
               {"adt-a04-gb18030-undeclared.hl7", "TXHIS-20261120-0003", "赵晓燕"},
               {"adt-a04-supplementary.hl7", "TXHIS-20261120-0004", "𠮷𫍯"}};
  for (const auto& one : cases) {
    EXPECT_THAT(his.Ask(Sample(one.file)),
                HasSubstr(std::string("MSA|AA|") + one.control_id + "\r"))
        << one.file;
    EXPECT_EQ(owners_.registered.back().name(), one.name);
    EXPECT_EQ(owners_.registered.back().organization_id(), kOrganization);
  }
  EXPECT_EQ(owners_.registered[0].national_id(), "999901198001010016");
  EXPECT_EQ(owners_.registered[0].birth_date(), "1980-01-01");
  EXPECT_EQ(owners_.registered[0].sex(), directory::v1::SEX_MALE);
  EXPECT_EQ(owners_.registered[0].phone(), "13900000001");
  EXPECT_EQ(owners_.registered[0].identifiers(0).issuer(), kOrganization);
  EXPECT_EQ(owners_.registered[0].identifiers(0).value(), "TX-10001");
  EXPECT_EQ(owners_.registered[2].birth_date(), "") << "only the month was sent";
  EXPECT_EQ(Counts().delivered, 4);
}

TEST_F(GatewayIntegrationTest, AnswerGoesBackInTheSendersCharset) {
  MllpClient his(listener_->port());
  EXPECT_THAT(his.Ask(Sample("adt-a04-gb18030.hl7")),
              AllOf(HasSubstr(hl7::FromUtf8("|TXHIS|珅桃溪镇卫生院|", hl7::Charset::kGb18030)),
                    HasSubstr("GB 18030-2000\r")));
}

TEST_F(GatewayIntegrationTest, ReportArrivesWithItsPatientAndEveryValueAsSent) {
  MllpClient his(listener_->port());
  MllpClient lis(listener_->port());
  EXPECT_THAT(his.Ask(Sample("adt-a04-utf8.hl7")), HasSubstr("MSA|AA|"));
  EXPECT_THAT(lis.Ask(Sample("oru-r01-utf8.hl7")), HasSubstr("MSA|AA|TXLIS-20261120-0001\r"));
  ASSERT_EQ(owners_.reports.size(), 1u);
  const lab::v1::IngestReportRequest& report = owners_.reports[0];
  EXPECT_EQ(report.patient_id(), owners_.patients["TX-10001"])
      << "the HIS's patient, though the LIS names the authority";
  EXPECT_EQ(report.performing_organization_id(), kOrganization);
  EXPECT_EQ(report.filler_order_number(), "TXLIS-RPT-9001");
  EXPECT_EQ(report.code().code(), "24323-8");
  EXPECT_EQ(report.status(), lab::v1::RESULT_STATUS_FINAL);
  EXPECT_EQ(absl::FromUnixSeconds(report.issued_at().seconds()),
            absl::FromCivil(absl::CivilSecond(2026, 11, 20, 2, 10, 0), absl::UTCTimeZone()));
  ASSERT_EQ(report.observations_size(), 6);
  EXPECT_EQ(report.observations(0).value(), "6.80");
  EXPECT_EQ(report.observations(0).abnormal_flags(0), "HH");
  EXPECT_EQ(report.observations(0).code().system(), "LN");
  EXPECT_EQ(report.observations(2).value(), "<0.41");
  EXPECT_EQ(report.observations(2).value_type(), lab::v1::VALUE_TYPE_STRUCTURED);
  EXPECT_EQ(report.observations(3).value(), "1:640");
  EXPECT_EQ(report.observations(4).value(), "0.0000001");
  EXPECT_EQ(report.observations(4).reference_range(), "70_105");
  EXPECT_EQ(report.observations(5).value(), "标本轻度溶血\n建议复查血钾");
  EXPECT_THAT(lis.Ask(Sample("oru-r01-gb18030.hl7")), HasSubstr("MSA|AA|TXLIS-20261120-0002\r"));
  EXPECT_EQ(owners_.reports[1].status(), lab::v1::RESULT_STATUS_PRELIMINARY);
}

TEST_F(GatewayIntegrationTest, MergeReachesTheDirectory) {
  MllpClient his(listener_->port());
  EXPECT_THAT(his.Ask(Sample("adt-a40-utf8.hl7")), HasSubstr("MSA|AA|TXHIS-20261120-0005\r"));
  ASSERT_EQ(owners_.merged.size(), 1u);
  EXPECT_EQ(owners_.merged[0].surviving_patient_id(), owners_.patients["TX-10001"]);
  EXPECT_EQ(owners_.merged[0].merged_patient_id(), owners_.patients["TX-10009"]);
}

// A message about a stay, recorded at the given second.
std::string AboutStay(const std::string& event, const std::string& control_id, int second) {
  return "MSH|^~\\&|TXHIS|T|Y|R|||ADT^" + event + "|" + control_id +
         "|P|2.5.1\rEVN||2026112010300" + std::to_string(second) +
         "\rPID|1||TX-1||王小明\rPV1|1|I" + std::string(17, '|') + "ZY-1\r";
}

TEST_F(GatewayIntegrationTest, StaysReachTheDirectoryWithWhatTheirOrderNeeds) {
  MllpClient his(listener_->port());
  int second = 0;
  for (const char* event : {"A01", "A03", "A13", "A11"}) {
    EXPECT_THAT(his.Ask(AboutStay(event, event, ++second)), HasSubstr("MSA|AA|"));
    EXPECT_THAT(his.Ask(AboutStay(event, event, second)), HasSubstr("MSA|AA|"));
  }
  EXPECT_THAT(owners_.stays,
              testing::ElementsAre("admitted", "discharged", "drafted", "discharge cancelled",
                                   "withdrawn", "admission cancelled"));
  EXPECT_THAT(owners_.last_stay,
              AllOf(HasSubstr("visit_number: \"ZY-1\""),
                    HasSubstr("patient_id: \"" + owners_.patients["TX-1"] + "\""),
                    HasSubstr("recorded_at { seconds: 1795141804 }")));
}

// The gateway is gone between the two owners of a discharge: whoever starts next does the rest.
TEST_F(GatewayIntegrationTest, ADischargeThatWasInterruptedBetweenItsOwnersIsFinishedOnce) {
  {
    MllpClient his(listener_->port());
    {
      std::lock_guard<std::mutex> lock(owners_.mutex);
      owners_.referral_failure = absl::UnavailableError("away");
    }
    EXPECT_THAT(his.Ask(AboutStay("A03", "D1", 1)), HasSubstr("MSA|AR|D1"));
  }
  EXPECT_THAT(owners_.stays, testing::ElementsAre("discharged"));
  listener_.reset();
  StartGateway();
  {
    std::lock_guard<std::mutex> lock(owners_.mutex);
    owners_.referral_failure = absl::OkStatus();
  }
  MllpClient again(listener_->port());
  const std::string answer = again.Ask(AboutStay("A03", "D1", 1));
  EXPECT_THAT(answer, HasSubstr("MSA|AA|D1"));
  EXPECT_EQ(again.Ask(AboutStay("A03", "D1", 1)), answer);
  EXPECT_THAT(owners_.stays, testing::ElementsAre("discharged", "drafted"));
  EXPECT_EQ(Counts().delivered, 1);
}

TEST_F(GatewayIntegrationTest, SameMessageAgainGetsTheSameBytesAndChangesNothing) {
  MllpClient his(listener_->port());
  const std::string first = his.Ask(Sample("adt-a04-utf8.hl7"));
  MllpClient again(listener_->port());
  EXPECT_EQ(again.Ask(Sample("adt-a04-utf8.hl7")), first);
  EXPECT_EQ(owners_.registered.size(), 1u);
  EXPECT_EQ(Counts().delivered, 1);
}

TEST_F(GatewayIntegrationTest, OwnerAwayThenBackEndsDelivered) {
  MllpClient lis(listener_->port());
  Fail(absl::OkStatus(), absl::UnavailableError("away"));
  EXPECT_THAT(lis.Ask(Sample("oru-r01-utf8.hl7")), AllOf(HasSubstr("MSA|AR|"), HasSubstr("207^")));
  EXPECT_EQ(Counts().received, 1);
  const auto tried = redelivery_->RunOnce();
  ASSERT_THAT(tried, IsOk());
  EXPECT_EQ(*tried, 1);
  EXPECT_EQ(Counts().received, 1);
  Fail(absl::OkStatus());
  ASSERT_THAT(redelivery_->RunOnce(), IsOk());
  EXPECT_EQ(Counts().delivered, 1);
  EXPECT_EQ(owners_.reports.size(), 1u);
  EXPECT_EQ(owners_.registered.size(), 1u) << "the patient's request id was the same each time";
  EXPECT_THAT(lis.Ask(Sample("oru-r01-utf8.hl7")), HasSubstr("MSA|AA|TXLIS-20261120-0001\r"));
}

TEST_F(GatewayIntegrationTest, OwnersRefusalNamesTheFieldOfTheMessage) {
  MllpClient lis(listener_->port());
  Fail(absl::OkStatus(),
       status::Error(absl::StatusCode::kInvalidArgument, "yilian.lab", "FIELD_INVALID")
           .Field("observations[2].value", "contradicts its type")
           .Build());
  EXPECT_THAT(lis.Ask(Sample("oru-r01-utf8.hl7")),
              AllOf(HasSubstr("MSA|AE|"), HasSubstr("ERR||OBX^3^5|102^"),
                    HasSubstr("contradicts its type")));
  EXPECT_EQ(Counts().refused, 1);
}

TEST_F(GatewayIntegrationTest, WhatNeedsAPersonIsParkedAndGoesOnWhenTold) {
  MllpClient his(listener_->port());
  Fail(status::Error(absl::StatusCode::kAlreadyExists, "yilian.directory", "IDENTIFIER_TAKEN")
           .Build());
  EXPECT_THAT(his.Ask(Sample("adt-a04-utf8.hl7")),
              AllOf(HasSubstr("MSA|AE|"), HasSubstr("IDENTIFIER_TAKEN")));
  const auto parked = store_->ListParked(base::Uuid(), 10, absl::Now() + absl::Seconds(10));
  ASSERT_THAT(parked, IsOk());
  ASSERT_EQ(parked->size(), 1u);
  EXPECT_EQ(parked->at(0).reason, "IDENTIFIER_TAKEN");
  Fail(absl::OkStatus());
  mysql::TransactionOptions options;
  options.name = "test.Unpark";
  options.deadline = absl::Now() + absl::Seconds(10);
  ASSERT_THAT(mysql::RunTransaction(
                  *pool_, options,
                  [&](mysql::Session& session) {
                    return MysqlMessageStore::Unpark(session, parked->at(0).message_id).status();
                  }),
              IsOk());
  ASSERT_THAT(redelivery_->RunOnce(), IsOk());
  EXPECT_EQ(Counts().delivered, 1);
  EXPECT_THAT(his.Ask(Sample("adt-a04-utf8.hl7")), HasSubstr("MSA|AA|"));
}

TEST_F(GatewayIntegrationTest, ManySendersAtOnceLoseNothing) {
  constexpr int kSenders = 8;
  constexpr int kMessages = 25;
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int s = 0; s < kSenders; ++s) {
    threads.emplace_back([&, s] {
      MllpClient his(listener_->port());
      for (int m = 0; m < kMessages; ++m) {
        const std::string id = fmt::format("{}-{}", s, m);
        const std::string answer = his.Ask(
            fmt::format("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A04|{0}|P|2.5.1\rPID|1||N{0}||王小明\r", id));
        if (answer.find(fmt::format("MSA|AA|{}\r", id)) != std::string::npos) ++accepted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, kSenders * kMessages);
  EXPECT_EQ(Counts().delivered, kSenders * kMessages);
  EXPECT_EQ(owners_.registered.size(), static_cast<size_t>(kSenders * kMessages));
}

TEST_F(GatewayIntegrationTest, EveryPublicMessageIsAnsweredAndAccountedFor) {
  const char* folder = std::getenv("YILIAN_TESTDATA");
  const std::filesystem::path root =
      std::filesystem::path(folder != nullptr ? folder : "../shared/testdata") / "hl7v2";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no public test data at " << root;
  int sent = 0;
  MllpClient his(listener_->port());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".hl7") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    ++sent;
    // None of these systems is known here, so each is refused; without an answer where it asks for
    // none (MSH-15/16 NE).
    ASSERT_TRUE(his.Send(content.str()));
  }
  EXPECT_TRUE(test_support::Eventually([&] { return Counts().refused == sent; }))
      << Counts().refused << " of " << sent;
  EXPECT_EQ(Counts().delivered + Counts().parked + Counts().received, 0);
}

}  // namespace
}  // namespace yilian::gateway
