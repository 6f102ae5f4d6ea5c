// The laboratory service's process.
#include "common/service/service.h"
#include "services/lab/app/build.h"

int main(int argc, char** argv) {
  return yilian::service::Main(argc, argv, yilian::lab::LabDefinition());
}
