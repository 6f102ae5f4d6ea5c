#include "services/gateway/app/build.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "common/base/status_macros.h"
#include "services/gateway/app/admission.h"
#include "services/gateway/app/config.pb.h"
#include "services/gateway/app/metered_observer.h"
#include "services/gateway/clients/calendar_client.h"
#include "services/gateway/clients/directory_client.h"
#include "services/gateway/clients/lab_client.h"
#include "services/gateway/clients/referral_client.h"
#include "services/gateway/clients/stay_client.h"
#include "services/gateway/domain/inbound/intake.h"
#include "services/gateway/jobs/redelivery.h"
#include "services/gateway/mllp/listener.h"
#include "services/gateway/rpc/handlers.h"
#include "services/gateway/store/mysql_message_store.h"
#include "services/gateway/web/calendar_feeds.h"
#include "services/gateway/web/listener.h"

namespace yilian::gateway {
namespace {

// The handlers' view of the store: what they write goes through the unit of work.
class StoredMessageDesk : public MessageDesk {
 public:
  StoredMessageDesk(MysqlMessageStore& store, unit::UnitOfWork& unit_of_work,
                    Redelivery& redelivery)
      : store_(store), unit_of_work_(unit_of_work), redelivery_(redelivery) {}

  absl::StatusOr<std::vector<inbound::StoredMessage>> ListParked(const base::Uuid& after, int limit,
                                                                 absl::Time deadline) override {
    return store_.ListParked(after, limit, deadline);
  }
  absl::StatusOr<inbound::Counts> Count(absl::Time deadline) override {
    return store_.Count(deadline);
  }
  absl::StatusOr<v1::InboundMessage> Retry(const unit::WriteContext& context,
                                           const base::Uuid& message_id) override {
    auto retried = unit_of_work_.Run<v1::InboundMessage>(
        context, [&](unit::Scope& scope) -> absl::StatusOr<v1::InboundMessage> {
          ASSIGN_OR_RETURN(const inbound::StoredMessage message,
                           MysqlMessageStore::Unpark(scope.sql(), message_id));
          scope.Subject("inbound_message", message_id, base::Uuid());
          return ToProto(message);
        });
    if (retried.ok()) redelivery_.Notify();
    return retried;
  }

 private:
  MysqlMessageStore& store_;
  unit::UnitOfWork& unit_of_work_;
  Redelivery& redelivery_;
};

absl::StatusOr<mllp::ListenerOptions> OptionsFor(const GatewayConfig& config,
                                                 const MllpPort& port) {
  mllp::ListenerOptions options;
  options.address = port.listen();
  std::string host = port.listen().substr(0, port.listen().rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (port.tls()) {
    const config::Tls& tls = config.service().tls();
    options.tls = mllp::TlsOptions{tls.ca_file(), tls.certificate_file(), tls.key_file()};
  } else if (!IsPrivateAddress(host)) {
    return absl::InvalidArgumentError(
        fmt::format("mllp: {} is open to everybody; without tls a port listens on loopback or a "
                    "private address",
                    port.listen()));
  }
  options.frame.message_bytes = config.max_message_bytes();
  options.connections = port.max_connections();
  options.workers = port.workers();
  options.buffered_bytes = int64_t{port.max_buffered_megabytes()} * 1000 * 1000;
  options.idle_timeout = absl::Minutes(port.idle_minutes());
  return options;
}

// nginx stands in front of the port and ends TLS: what is asked of it needs no certificate.
absl::Status ServeCalendars(service::Context& context, const CalendarPort& port) {
  if (!context.config().peers().contains("scheduling")) {
    return absl::InvalidArgumentError(
        "peers: scheduling is missing; the calendars of the configuration come from there");
  }
  auto* client = context.Own(std::make_unique<CalendarClient>(context.Channel("scheduling")));
  ASSIGN_OR_RETURN(std::unique_ptr<web::Listener> listener,
                   web::Listener::Start({.address = port.listen(),
                                         .connections = port.max_connections(),
                                         .workers = port.workers()},
                                        [client](const web::Request& request) {
                                          return web::AnswerCalendar(
                                              request,
                                              [client](const std::string& secret,
                                                       const std::vector<std::string>& etags) {
                                                return client->Find(secret, etags);
                                              });
                                        }));
  context.Own(std::move(listener));
  return absl::OkStatus();
}

}  // namespace

absl::Status Build(service::Context& context, const google::protobuf::Message& message) {
  const auto& config = static_cast<const GatewayConfig&>(message);
  ASSIGN_OR_RETURN(std::vector<inbound::Sender> known, SendersFrom(config));
  ASSIGN_OR_RETURN(Admission admitted, Admission::From(config));
  ASSIGN_OR_RETURN(const crypto::FieldCipher* cipher, context.FieldCipher());
  ASSIGN_OR_RETURN(const crypto::Sealer* sealer, context.Sealer());

  auto* observer =
      context.Own(std::make_unique<MeteredObserver>(observe::Metrics::Process(), known));
  auto* senders = context.Own(std::make_unique<inbound::SenderRegistry>(std::move(known)));
  auto* admission = context.Own(std::make_unique<Admission>(std::move(admitted)));
  auto* store = context.Own(std::make_unique<MysqlMessageStore>(context.pool(), *cipher));
  auto* patients = context.Own(std::make_unique<DirectoryClient>(context.Channel("directory")));
  auto* reports = context.Own(std::make_unique<LabClient>(context.Channel("lab")));
  auto* stays = context.Own(std::make_unique<StayClient>(context.Channel("directory")));
  // A configuration of before has no such peer: then no way back is drafted.
  inbound::DischargeDesk* discharges = nullptr;
  if (context.config().peers().contains("referral")) {
    discharges = context.Own(std::make_unique<ReferralClient>(context.Channel("referral")));
  }
  auto* delivery =
      context.Own(std::make_unique<inbound::Delivery>(*patients, *reports, *stays, discharges));
  inbound::Intake::Options options;
  options.delivery_timeout = absl::Seconds(config.delivery_seconds());
  options.limits.bytes = config.max_message_bytes();
  auto* intake = context.Own(std::make_unique<inbound::Intake>(
      inbound::Intake::Deps{*senders, *store, *delivery, context.clock(), *observer}, options));
  Redelivery::Options redelivery_options;
  redelivery_options.lease = options.delivery_timeout * 3;
  auto* redelivery = context.Own(std::make_unique<Redelivery>(*store, *intake, redelivery_options));
  auto* desk =
      context.Own(std::make_unique<StoredMessageDesk>(*store, context.unit_of_work(), *redelivery));
  auto* handlers = context.Own(std::make_unique<GatewayHandlers>(*desk, *sealer));
  context.Serve(Bind(*handlers));
  redelivery->Run();
  // Last, so that they go first: nothing comes in while the rest is taken apart.
  for (const MllpPort& port : config.mllp()) {
    ASSIGN_OR_RETURN(mllp::ListenerOptions listener_options, OptionsFor(config, port));
    ASSIGN_OR_RETURN(std::unique_ptr<mllp::Listener> listener,
                     mllp::Listener::Start(
                         std::move(listener_options),
                         [admission](const mllp::ConnectionIdentity& identity) {
                           return admission->Admit(identity);
                         },
                         [intake](const inbound::Peer& peer, const mllp::Frame& frame,
                                  const inbound::Intake::Answer& answer) {
                           intake->Handle(peer, frame, answer);
                         }));
    context.Own(std::move(listener));
  }
  return config.has_calendars() ? ServeCalendars(context, config.calendars()) : absl::OkStatus();
}

service::Definition GatewayDefinition() {
  return {.name = "gateway",
          .config_default = &GatewayConfig::default_instance(),
          .migrations = GatewayMigrations(),
          .build = &Build};
}

}  // namespace yilian::gateway
