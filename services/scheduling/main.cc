// yilian-scheduling: sessions, seats, reserves, holds and bookings of a region.
#include "common/service/service.h"
#include "services/scheduling/app/build.h"
#include "services/scheduling/app/config.pb.h"
#include "services/scheduling/store/mysql_booking_store.h"

int main(int argc, char** argv) {
  return yilian::service::Main(
      argc, argv,
      {.name = "scheduling",
       .config_default = &yilian::scheduling::SchedulingConfig::default_instance(),
       .migrations = yilian::scheduling::SchedulingMigrations(),
       .build = yilian::scheduling::Build,
       .check_config = yilian::scheduling::CheckConfig});
}
