// From method names to handlers: one line a method, checked against the descriptor when the server
// is built.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/bidi_stream.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/server_stream.h"
#include "common/rpc/typed_stream.h"

namespace yilian::rpc {

// The methods of one proto service. Handlers must outlive the server.
//
//   Dispatch dispatch("yilian.referral.v1.ReferralService");
//   dispatch.Unary("AcceptReferral", &handlers, &ReferralHandlers::Accept);
class Dispatch {
 public:
  explicit Dispatch(std::string_view service) : service_(service) {}

  template <typename H, typename Base, typename Request, typename Response>
  Dispatch& Unary(std::string_view method, H* handlers,
                  absl::StatusOr<Response> (Base::*handler)(const Call&, const Request&)) {
    return AddUnary<Request, Response>(method, handlers, handler);
  }
  template <typename H, typename Base, typename Request, typename Response>
  Dispatch& Unary(std::string_view method, const H* handlers,
                  absl::StatusOr<Response> (Base::*handler)(const Call&, const Request&) const) {
    return AddUnary<Request, Response>(method, handlers, handler);
  }

  // Opens a server stream: returns at once; the handler keeps `stream` and writes when it has
  // something. A status other than OK ends the stream with it.
  template <typename H, typename Base, typename Request, typename Response>
  Dispatch& Stream(std::string_view method, H* handlers,
                   absl::Status (Base::*handler)(const Call&, const Request&,
                                                 std::shared_ptr<ServerStream<Response>>)) {
    Binding& binding = Add<Request, Response>(method);
    binding.server_streams = true;
    binding.stream = [handlers, handler](const Call& call, const google::protobuf::Message* request,
                                         std::shared_ptr<StreamCore> core) {
      return (handlers->*handler)(
          call, static_cast<const Request&>(*request),
          std::make_shared<TypedStream<ServerStream<Response>, Response>>(std::move(core)));
    };
    return *this;
  }

  // Opens a bidirectional stream: as Stream; the handler sets OnMessage on `stream` before it
  // returns.
  template <typename H, typename Base, typename Request, typename Response>
  Dispatch& Bidi(std::string_view method, H* handlers,
                 absl::Status (Base::*handler)(const Call&,
                                               std::shared_ptr<BidiStream<Request, Response>>)) {
    return AddClientStream<Request, Response>(method, handlers, handler, true);
  }
  // Opens a client-streaming method: as Bidi, with one Write from OnHalfClose.
  template <typename H, typename Base, typename Request, typename Response>
  Dispatch& Collect(std::string_view method, H* handlers,
                    absl::Status (Base::*handler)(const Call&,
                                                  std::shared_ptr<BidiStream<Request, Response>>)) {
    return AddClientStream<Request, Response>(method, handlers, handler, false);
  }

  const std::string& service() const { return service_; }
  std::vector<Binding> TakeBindings() { return std::move(bindings_); }

 private:
  template <typename Request, typename Response>
  Binding& Add(std::string_view method) {
    Binding& binding = bindings_.emplace_back();
    binding.method = std::string(method);
    binding.request = &Request::default_instance();
    binding.response = &Response::default_instance();
    return binding;
  }

  template <typename Request, typename Response, typename H, typename Handler>
  Dispatch& AddUnary(std::string_view method, H* handlers, Handler handler) {
    Add<Request, Response>(method).unary =
        [handlers, handler](const Call& call, const google::protobuf::Message& request,
                            grpc::ByteBuffer* response) -> absl::Status {
      absl::StatusOr<Response> answer =
          (handlers->*handler)(call, static_cast<const Request&>(request));
      if (!answer.ok()) return std::move(answer).status();
      *response = Serialize(*answer);
      return absl::OkStatus();
    };
    return *this;
  }

  template <typename Request, typename Response, typename H, typename Handler>
  Dispatch& AddClientStream(std::string_view method, H* handlers, Handler handler,
                            bool server_streams) {
    Binding& binding = Add<Request, Response>(method);
    binding.client_streams = true;
    binding.server_streams = server_streams;
    binding.stream = [handlers, handler](const Call& call, const google::protobuf::Message*,
                                         std::shared_ptr<StreamCore> core) {
      return (handlers->*handler)(
          call, std::make_shared<TypedBidiStream<Request, Response>>(std::move(core)));
    };
    return *this;
  }

  std::string service_;
  std::vector<Binding> bindings_;
};

}  // namespace yilian::rpc
