// The gateway's process.
#include "common/service/service.h"
#include "services/gateway/app/build.h"

int main(int argc, char** argv) {
  return yilian::service::Main(argc, argv, yilian::gateway::GatewayDefinition());
}
