// The two servers of the echo benchmark, in a process of their own.
#pragma once

#include <string>

namespace yilian::bench {

// What client and server agree on; files lie in `folder`.
struct Setup {
  std::string folder;
  std::string region = "bench.region";
};

// Serves a bare gRPC TLS echo and the same echo through the frame until standard input ends. Prints
// "BARE_PORT FRAME_PORT". Returns the process's exit code.
int Serve(const Setup& setup);

}  // namespace yilian::bench
