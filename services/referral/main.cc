// The referral service's process.
#include "common/service/service.h"
#include "services/referral/app/build.h"

int main(int argc, char** argv) {
  return yilian::service::Main(argc, argv, yilian::referral::ReferralDefinition());
}
