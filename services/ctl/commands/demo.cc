// demo load, demo journey: a region to look at, and a patient's way through it.
#include <cstdlib>
#include <filesystem>

#include "services/ctl/command.h"
#include "services/ctl/demo/journey.h"
#include "services/ctl/demo/load.h"

namespace yilian::ctl {
namespace {

absl::Status LoadRegion(const Region& region, const Arguments&) { return demo::Load(region); }

absl::Status PlayJourney(const Region& region, const Arguments& arguments) {
  return demo::Journey(region, arguments.Get("samples")).Play();
}

}  // namespace

void AddDemoCommands(std::vector<Command>& commands) {
  commands.push_back(
      {.name = "demo load",
       .usage = "",
       .explanation =
           "Loads 33 organizations with departments, experts, accounts, residents and sessions.",
       .run = LoadRegion});
  commands.push_back(
      {.name = "demo journey",
       .usage = "[--samples FOLDER ]",
       .explanation =
           "Plays a patient's whole journey and checks every step; --samples also sends each "
           ".hl7 file of a folder.",
       .run = PlayJourney});
}

}  // namespace yilian::ctl
