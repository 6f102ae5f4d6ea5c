#include <google/protobuf/util/json_util.h>
#include <grpc/channelz/v1/channelz.grpc.pb.h>
#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include "common/rpc/admin.h"

namespace yilian::rpc {
namespace {

namespace channelz = grpc::channelz::v1;

// The core library keeps the figures and gives them as JSON in the proto's own mapping; null where
// the id is unknown.
template <typename Response>
grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, char* json,
                                 Response* response) {
  auto* reactor = context->DefaultReactor();
  if (json == nullptr) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such id"));
    return reactor;
  }
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, response);
  gpr_free(json);
  reactor->Finish(parsed.ok()
                      ? grpc::Status::OK
                      : grpc::Status(grpc::StatusCode::INTERNAL, "channelz gave no readable JSON"));
  return reactor;
}

class ChannelzService final : public channelz::Channelz::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetTopChannels(Context* context, const channelz::GetTopChannelsRequest* request,
                          channelz::GetTopChannelsResponse* response) override {
    return Answer(context, grpc_channelz_get_top_channels(request->start_channel_id()), response);
  }
  Reactor* GetServers(Context* context, const channelz::GetServersRequest* request,
                      channelz::GetServersResponse* response) override {
    return Answer(context, grpc_channelz_get_servers(request->start_server_id()), response);
  }
  Reactor* GetServer(Context* context, const channelz::GetServerRequest* request,
                     channelz::GetServerResponse* response) override {
    return Answer(context, grpc_channelz_get_server(request->server_id()), response);
  }
  Reactor* GetServerSockets(Context* context, const channelz::GetServerSocketsRequest* request,
                            channelz::GetServerSocketsResponse* response) override {
    return Answer(context,
                  grpc_channelz_get_server_sockets(request->server_id(), request->start_socket_id(),
                                                   request->max_results()),
                  response);
  }
  Reactor* GetChannel(Context* context, const channelz::GetChannelRequest* request,
                      channelz::GetChannelResponse* response) override {
    return Answer(context, grpc_channelz_get_channel(request->channel_id()), response);
  }
  Reactor* GetSubchannel(Context* context, const channelz::GetSubchannelRequest* request,
                         channelz::GetSubchannelResponse* response) override {
    return Answer(context, grpc_channelz_get_subchannel(request->subchannel_id()), response);
  }
  Reactor* GetSocket(Context* context, const channelz::GetSocketRequest* request,
                     channelz::GetSocketResponse* response) override {
    return Answer(context, grpc_channelz_get_socket(request->socket_id()), response);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> NewChannelzService() { return std::make_unique<ChannelzService>(); }

}  // namespace yilian::rpc
