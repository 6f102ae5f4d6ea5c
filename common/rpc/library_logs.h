// Sends the logs of gRPC and Protobuf to ours.
#pragma once

namespace yilian::rpc {

// Once a process, however often it is called; servers and channels call it. gRPC's errors become
// warnings: they are mostly about what strangers do to the port. Protobuf's become debug lines: the
// call's own error says the same to the caller.
void RouteLibraryLogs();

}  // namespace yilian::rpc
