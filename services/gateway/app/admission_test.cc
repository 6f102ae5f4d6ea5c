#include "services/gateway/app/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yilian::gateway {
namespace {

using ::testing::ElementsAre;

constexpr char kOrganization[] = "0193f2c4-7b1e-7c3a-8a54-00000000c111";

GatewayConfig Config() {
  GatewayConfig config;
  config.mutable_service()->set_region("test.region");
  for (const char* name : {"his", "lis"}) {
    HisSender* sender = config.add_senders();
    sender->set_name(name);
    sender->set_organization_id(kOrganization);
    sender->set_default_charset("GB18030");
    sender->set_time_zone("Asia/Shanghai");
  }
  config.mutable_senders(0)->add_addresses("10.1.0.0/16");
  config.mutable_senders(0)->add_addresses("127.0.0.1");
  config.mutable_senders(1)->add_addresses("fd00::1");
  config.mutable_senders(1)->add_certificates("spiffe://test.region/client/lis");
  return config;
}

std::vector<std::string> Admitted(const std::string& address, const std::string& uri = "") {
  const auto peer = Admission::From(Config())->Admit({address, uri});
  return peer ? peer->senders : std::vector<std::string>();
}

TEST(AdmissionTest, AddressesAndNetworksDecideWithoutCertificate) {
  EXPECT_THAT(Admitted("10.1.200.3"), ElementsAre("his"));
  EXPECT_THAT(Admitted("::ffff:10.1.200.3"), ElementsAre("his"));
  EXPECT_THAT(Admitted("127.0.0.1"), ElementsAre("his"));
  EXPECT_THAT(Admitted("fd00::1"), ElementsAre("lis"));
  EXPECT_THAT(Admitted("10.2.0.1"), ElementsAre());
  EXPECT_THAT(Admitted("127.0.0.2"), ElementsAre());
  EXPECT_THAT(Admitted("garbage"), ElementsAre());
}

TEST(AdmissionTest, CertificateDecidesWhereThereIsOne) {
  const std::string org = "spiffe://test.region/org/" + std::string(kOrganization);
  EXPECT_THAT(Admitted("10.1.200.3", org + "/system/any"), ElementsAre("his"));
  EXPECT_THAT(Admitted("8.8.8.8", "spiffe://test.region/client/lis"), ElementsAre("lis"));
  EXPECT_THAT(Admitted("10.1.200.3", org + "/system/"), ElementsAre());
  EXPECT_THAT(Admitted("10.1.200.3",
                       "spiffe://other.region/org/" + std::string(kOrganization) + "/system/his"),
              ElementsAre());
}

TEST(AdmissionTest, WrongConfigurationIsNamedByItsKey) {
  const auto fault = [](const std::function<void(GatewayConfig&)>& change) {
    GatewayConfig config = Config();
    change(config);
    const absl::Status senders = SendersFrom(config).status();
    return std::string(senders.ok() ? Admission::From(config).status().message()
                                    : senders.message());
  };
  EXPECT_THAT(fault([](auto& c) { c.mutable_senders(1)->set_name("his"); }),
              testing::HasSubstr("senders[1].name"));
  EXPECT_THAT(fault([](auto& c) { c.mutable_senders(0)->set_organization_id("x"); }),
              testing::HasSubstr("senders[0].organization_id"));
  EXPECT_THAT(fault([](auto& c) { c.mutable_senders(0)->set_default_charset("BIG-5"); }),
              testing::HasSubstr("senders[0].default_charset"));
  EXPECT_THAT(fault([](auto& c) { c.mutable_senders(0)->set_time_zone("Mars"); }),
              testing::HasSubstr("senders[0].time_zone"));
  for (const char* address : {"10.1.0.0/33", "10.1.0.0/", "10.1.0.0/x", "host"}) {
    EXPECT_THAT(fault([&](auto& c) { c.mutable_senders(0)->set_addresses(0, address); }),
                testing::HasSubstr("senders[0].addresses"))
        << address;
  }
  EXPECT_EQ(fault([](auto&) {}), "");
}

TEST(AdmissionTest, PortsWithoutTlsBelongOnPrivateAddresses) {
  for (const char* host :
       {"127.0.0.1", "10.0.0.5", "172.31.0.1", "192.168.1.1", "::1", "fd12::1", "localhost"}) {
    EXPECT_TRUE(IsPrivateAddress(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "8.8.8.8", "172.32.0.1", "::", "gateway.example"}) {
    EXPECT_FALSE(IsPrivateAddress(host)) << host;
  }
}

}  // namespace
}  // namespace yilian::gateway
