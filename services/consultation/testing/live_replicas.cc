#include "services/consultation/testing/live_replicas.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/service/service.h"
#include "services/consultation/rpc/convert.h"
#include "tests/support/test_database.h"
#include "tests/support/write_context.h"

namespace yilian::consultation {
namespace {

constexpr char kRegion[] = "test.region";
constexpr int kConnections = 16;
const char* const kProto = "yilian/consultation/v1/live_session.proto";

// A set-up that does not come about has to be seen, and not passed over.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    fmt::print(stderr, "live_replicas: {}\n", value.status().ToString());
    std::abort();
  }
  return *std::move(value);
}

base::Uuid Named(const std::string& name) { return base::Uuid::V5(base::Uuid(), name); }

std::string Spiffe(const std::string& path) { return fmt::format("spiffe://{}/{}", kRegion, path); }

}  // namespace

struct LiveReplicas::Process {
  std::unique_ptr<ReplicaLink> link;
  std::unique_ptr<LiveHub> hub;
  std::unique_ptr<LiveSessionHandlers> handlers;
  std::unique_ptr<rpc::Server> server;
};

LiveReplicas::LiveReplicas(const base::Clock& clock, LiveHub::Options options, bool linked)
    : clock_(clock),
      options_(options),
      linked_(linked),
      fingerprints_(crypto::KeyRing::Ephemeral()) {
  const std::string folder = pki_.folder() + "/tokens";
  std::filesystem::create_directory(folder);
  contract::TestPki::IssueTokenKey(pki_.folder() + "/signer.key", folder + "/k1.pem");
  signer_ = Must(crypto::JwtSigner::Open(
      {pki_.folder() + "/signer.key", "k1", "yilian.directory", "yilian", absl::Minutes(15)},
      base::SystemClock()));
  crypto::JwtVerifier::Options tokens;
  tokens.public_keys_folder = folder;
  tokens.issuer = "yilian.directory";
  tokens.audience = "yilian";
  verifier_ = Must(crypto::JwtVerifier::Open(tokens, base::SystemClock()));
  mysql::PoolOptions database =
      test_support::TestDatabase::Get().NewSchema(service::AllMigrations(ConsultationMigrations()));
  database.size = kConnections;
  pool_ = Must(mysql::Pool::Open(database));
  unit_ = std::make_unique<unit::UnitOfWork>(*pool_, nullptr, base::SystemClock(),
                                             "yilian.consultation");
  consultations_ = std::make_unique<MysqlConsultationStore>(*unit_);
  store_ = std::make_unique<MysqlLiveSessionStore>(*unit_);
}

LiveReplicas::~LiveReplicas() {
  for (size_t i = 0; i < processes_.size(); ++i) Stop(i);
}

size_t LiveReplicas::Start() {
  auto process = std::make_unique<Process>();
  const size_t number = processes_.size();
  const rpc::TlsFiles files =
      pki_.Issue(fmt::format("replica-{}", number), Spiffe("service/consultation"));
  process->link = std::make_unique<ReplicaLink>([files](const std::string& target) {
    return Must(rpc::MakeChannel(target, files, {kRegion, "consultation", {kProto}}));
  });
  // Where it is reached is known only once it listens: a unix socket has a name before.
  const Replica self{.id = ReplicaId(base::Uuid::V7()),
                     .target = fmt::format("unix:{}/replica-{}.sock", pki_.folder(), number)};
  ReplicaLink* const link = process->link.get();
  process->hub = std::make_unique<LiveHub>(
      *store_, self,
      [link, linked = linked_](ReplicaId to, const v1::RelayFrame& frame) {
        if (linked) link->Send(to, frame);
      },
      [link, self](const std::vector<Replica>& replicas) { link->SetReplicas(replicas, self.id); },
      options_);
  process->handlers = std::make_unique<LiveSessionHandlers>(LiveDeps{.store = *store_,
                                                                     .hub = *process->hub,
                                                                     .fingerprints = fingerprints_,
                                                                     .turn = turn_,
                                                                     .clock = clock_});
  rpc::Server::Options options;
  options.listen = self.target;
  options.region = kRegion;
  options.tls = files;
  options.admission = {.threads = 8, .priority_threads = 1, .queue_length = 512};
  options.tokens = verifier_.get();
  options.watchdog = false;
  options.fingerprint = [this](std::string_view content) {
    return fingerprints_.Of("request", content);
  };
  options.audit = [](audit::Record, std::function<void(absl::Status)> done) {
    done(absl::OkStatus());
  };
  std::vector<rpc::Dispatch> services;
  services.push_back(Bind(*process->handlers));
  services.push_back(BindRelay(*process->handlers));
  process->server = Must(rpc::Server::Start(std::move(options), std::move(services)));
  processes_.push_back(std::move(process));
  return number;
}

void LiveReplicas::Stop(size_t replica) {
  Process& process = *processes_[replica];
  if (process.server != nullptr) process.server->Drain(absl::Now() + absl::Seconds(5));
  process.server.reset();
  process.handlers.reset();
  process.hub.reset();
  process.link.reset();
}

std::shared_ptr<grpc::Channel> LiveReplicas::Channel(size_t replica) {
  const rpc::TlsFiles files =
      pki_.Issue(fmt::format("desk-{}", channels_++), Spiffe("client/desk"));
  return Must(rpc::MakeChannel(fmt::format("unix:{}/replica-{}.sock", pki_.folder(), replica),
                               files, {kRegion, "consultation", {kProto}}));
}

LivePerson LiveReplicas::Doctor(int n) {
  return {Named(fmt::format("doctor {}", n)), Named("township")};
}
LivePerson LiveReplicas::Expert(int n) {
  return {Named(fmt::format("expert {}", n)), Named("hospital")};
}
LivePerson LiveReplicas::Stranger(int n) {
  return {Named(fmt::format("stranger {}", n)), Named("elsewhere")};
}

std::string LiveReplicas::TokenOf(const LivePerson& person) const {
  crypto::TokenClaims claims;
  claims.user_id = person.practitioner;
  claims.practitioner_id = person.practitioner;
  claims.organization_id = person.organization;
  claims.roles = {"ROLE_HOSPITAL_DOCTOR"};
  return Must(signer_->Sign(claims)).token;
}

std::string LiveReplicas::AskForOne() {
  const LivePerson doctor = Doctor(1);
  const Actor by{.organization = OrganizationId(doctor.organization),
                 .practitioner = PractitionerId(doctor.practitioner)};
  const NewConsultation input{.id = ConsultationId(base::Uuid::V7()),
                              .patient = PatientId(base::Uuid::V7()),
                              .consulted_organization = OrganizationId(Expert(1).organization),
                              .specialty = "CARDIOLOGY",
                              .question = "？",
                              .patient_consented = true};
  Must(consultations_->Create<v1::Consultation>(
      test_support::WriteAs(doctor.organization),
      [&](absl::Time at) { return RequestConsultation(input, by, Clocks(), std::nullopt, at); },
      [&](const Consultation& after) { return convert::ToProto(after, by); }));
  return input.id.ToString();
}

std::string LiveReplicas::OpenSession() {
  v1::OpenLiveSessionRequest request;
  request.set_request_id(base::Uuid::V7().ToString());
  request.set_consultation_id(AskForOne());
  const auto stub = v1::LiveSessionService::NewStub(Channel(0));
  return Must(rpc::ClientCall(absl::Seconds(10))
                  .WithToken(TokenOf(Doctor(1)))
                  .Invoke(*stub, &v1::LiveSessionService::Stub::OpenLiveSession, request))
      .live_session_id();
}

}  // namespace yilian::consultation
