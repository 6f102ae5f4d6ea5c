// The directory service's process.
#include "common/service/service.h"
#include "services/directory/app/build.h"

int main(int argc, char** argv) {
  return yilian::service::Main(argc, argv, yilian::directory::DirectoryDefinition());
}
