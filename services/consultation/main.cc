// The consultation service's process.
#include "common/service/service.h"
#include "services/consultation/app/build.h"

int main(int argc, char** argv) {
  return yilian::service::Main(argc, argv, yilian::consultation::ConsultationDefinition());
}
