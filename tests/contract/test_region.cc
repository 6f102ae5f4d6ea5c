#include "tests/contract/test_region.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <utility>

namespace yilian::contract {

ContractTest::ContractTest() : token_clock_(base::SystemClock().Now()) {
  const std::string folder = pki_.folder() + "/tokens";
  std::filesystem::create_directory(folder);
  TestPki::IssueTokenKey(pki_.folder() + "/signer.key", folder + "/k1.pem");
  auto signer = crypto::JwtSigner::Open(
      {pki_.folder() + "/signer.key", "k1", "yilian.directory", "yilian", absl::Minutes(15)},
      token_clock_);
  EXPECT_THAT(signer, status::IsOk());
  signer_ = *std::move(signer);
  crypto::JwtVerifier::Options options;
  options.public_keys_folder = folder;
  options.issuer = "yilian.directory";
  options.audience = "yilian";
  auto verifier = crypto::JwtVerifier::Open(options, base::SystemClock());
  EXPECT_THAT(verifier, status::IsOk());
  verifier_ = *std::move(verifier);
}

ContractTest::~ContractTest() {
  service_.OpenGate();
  ReleaseAudit();
  server_.reset();
}

std::string ContractTest::Spiffe(std::string_view path) const {
  return "spiffe://" + std::string(kRegion) + "/" + std::string(path);
}

rpc::Server::Options ContractTest::NewOptions() {
  rpc::Server::Options options;
  options.listen = "127.0.0.1:0";
  options.region = kRegion;
  options.tls = pki_.Issue("contract", Spiffe("service/contract"));
  options.admission = {.threads = 4, .priority_threads = 1, .queue_length = 64};
  options.tokens = verifier_.get();
  options.revocations = &revocations_;
  options.watchdog = false;
  options.fingerprint = [this](std::string_view content) {
    return fingerprints_.Of("request", content);
  };
  options.audit = [this](audit::Record record, std::function<void(absl::Status)> done) {
    absl::Status result;
    {
      std::lock_guard lock(audit_mutex_);
      audit_.push_back(std::move(record));
      if (audit_held_) {
        audit_waiting_.push_back(std::move(done));
        return;
      }
      result = audit_result_;
    }
    done(result);
  };
  return options;
}

void ContractTest::Start(rpc::Server::Options options) {
  std::vector<rpc::Dispatch> services;
  services.push_back(service_.NewDispatch());
  auto server = rpc::Server::Start(std::move(options), std::move(services));
  ASSERT_THAT(server, status::IsOk());
  server_ = *std::move(server);
}

std::unique_ptr<ContractTest::Stub> ContractTest::Client(const std::string& path) {
  std::string name = "client-" + path;
  std::replace(name.begin(), name.end(), '/', '-');
  auto channel = rpc::MakeChannel(target(), pki_.Issue(name, Spiffe(path)),
                                  {kRegion, "contract", {"tests/contract/contract.proto"}});
  EXPECT_THAT(channel, status::IsOk());
  return v1::ContractService::NewStub(*channel);
}

std::unique_ptr<ContractTest::Stub> ContractTest::LooseClient(const rpc::TlsFiles& files) {
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions options;
  if (files.certificate_file.empty()) {
    options.set_certificate_provider(
        std::make_shared<tls::FileWatcherCertificateProvider>(files.ca_file, 1));
  } else {
    options.set_certificate_provider(std::make_shared<tls::FileWatcherCertificateProvider>(
        files.key_file, files.certificate_file, files.ca_file, 1));
    options.watch_identity_key_cert_pairs();
  }
  options.watch_root_certs();
  options.set_verify_server_certs(true);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::ContractService::NewStub(
      grpc::CreateCustomChannel(target(), tls::TlsCredentials(options), arguments));
}

std::string ContractTest::Token(std::vector<std::string> roles, const std::string& organization) {
  crypto::TokenClaims claims;
  claims.user_id = user_;
  claims.organization_id = *base::Uuid::Parse(organization);
  claims.roles = std::move(roles);
  auto token = signer_->Sign(claims);
  EXPECT_THAT(token, status::IsOk());
  return token->token;
}

absl::Status ContractTest::CallRaw(const std::string& method, const std::string& bytes) {
  auto channel = rpc::MakeChannel(target(), pki_.Issue("raw", Spiffe("client/raw")),
                                  {kRegion, "contract", {"tests/contract/contract.proto"}});
  EXPECT_THAT(channel, status::IsOk());
  grpc::GenericStub stub(*channel);
  grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  std::promise<grpc::Status> outcome;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status status) { outcome.set_value(std::move(status)); });
  return status::FromGrpc(outcome.get_future().get());
}

v1::EchoRequest ContractTest::Text(std::string text) {
  v1::EchoRequest request;
  request.set_text(std::move(text));
  return request;
}

std::vector<audit::Record> ContractTest::AuditRecords() {
  std::lock_guard lock(audit_mutex_);
  return audit_;
}

void ContractTest::ReleaseAudit() {
  std::vector<std::function<void(absl::Status)>> waiting;
  absl::Status result;
  {
    std::lock_guard lock(audit_mutex_);
    audit_held_ = false;
    waiting.swap(audit_waiting_);
    result = audit_result_;
  }
  for (auto& done : waiting) done(result);
}

}  // namespace yilian::contract
