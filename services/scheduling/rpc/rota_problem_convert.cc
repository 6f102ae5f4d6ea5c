#include "services/scheduling/rpc/rota_problem_convert.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/status/error.h"
#include "services/scheduling/domain/errors.h"

namespace yilian::scheduling::convert {
namespace {

using rota::Asked;
using rota::Problem;

// The frame checked that there is such a date.
absl::CivilDay ToDay(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

std::vector<absl::CivilDay> ToDays(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<absl::CivilDay> days;
  for (const std::string& text : texts) days.push_back(ToDay(text));
  return days;
}

// Where ids stand; collects what names nobody, or twice the same.
class Reader {
 public:
  absl::StatusOr<Asked> Read(const v1::RotaProblem& wire) {
    Problem& problem = asked_.problem;
    problem.first_day = ToDay(wire.first_day());
    problem.weeks = wire.weeks();
    if (wire.has_most_travel_minutes()) problem.most_travel_minutes = wire.most_travel_minutes();
    if (wire.has_fairness_tolerance()) problem.fairness_tolerance = wire.fairness_tolerance();
    ReadWeights(wire.weights());
    asked_.hours = {TimeOfDay::Parse(wire.hours().start()), TimeOfDay::Parse(wire.hours().end())};
    asked_.seats = wire.seats();
    RETURN_IF_ERROR(ReadPlaces(wire));
    RETURN_IF_ERROR(ReadExperts(wire));
    RETURN_IF_ERROR(ReadNeeds(wire));
    RETURN_IF_ERROR(ReadPrevious(wire));
    const absl::Status valid = rota::Validate(problem);
    if (!valid.ok()) AddAll(valid);
    if (!broken_.empty()) return errors::FieldInvalid(broken_);
    return std::move(asked_);
  }

 private:
  void Add(std::string field, std::string rule) {
    broken_.emplace_back("problem." + std::move(field), std::move(rule));
  }
  // The domain's findings have the wire's names, but for the ids, which were checked here.
  void AddAll(const absl::Status& found) {
    const auto request = status::BadRequestOf(found);
    if (!request) return Add("", std::string(found.message()));
    for (const auto& one : request->field_violations()) Add(one.field(), one.description());
  }
  template <typename Key>
  int Place(std::map<Key, int>& positions, const Key& key, const std::string& field) {
    const auto position = static_cast<int>(positions.size());
    if (!positions.emplace(key, position).second) Add(field, "must not be there twice");
    return position;
  }
  template <typename Key>
  int Find(const std::map<Key, int>& positions, const Key& key, const std::string& field,
           std::string_view of) {
    const auto found = positions.find(key);
    if (found != positions.end()) return found->second;
    Add(field, fmt::format("must be one of problem.{}", of));
    return 0;
  }

  void ReadWeights(const v1::RotaWeights& wire) {
    rota::Weights& weights = asked_.problem.weights;
    if (wire.has_unmet()) weights.unmet = wire.unmet();
    if (wire.has_travel()) weights.travel = wire.travel();
    if (wire.has_fairness()) weights.fairness = wire.fairness();
    if (wire.has_pairing()) weights.pairing = wire.pairing();
    if (wire.has_newcomer()) weights.newcomer = wire.newcomer();
  }

  absl::Status ReadPlaces(const v1::RotaProblem& wire) {
    for (int i = 0; i < wire.sites_size(); ++i) {
      rota::Site site;
      ASSIGN_OR_RETURN(site.id, OrganizationId::Parse(wire.sites(i).site_id()));
      Place(sites_, site.id, fmt::format("sites[{}].site_id", i));
      const auto& minutes = wire.sites(i).travel_minutes();
      site.travel_minutes.assign(minutes.begin(), minutes.end());
      asked_.problem.sites.push_back(std::move(site));
    }
    for (int i = 0; i < wire.stations_size(); ++i) {
      rota::Station station{.rooms = wire.stations(i).rooms(),
                            .closed = ToDays(wire.stations(i).closed())};
      ASSIGN_OR_RETURN(station.id, OrganizationId::Parse(wire.stations(i).station_id()));
      Place(stations_, station.id, fmt::format("stations[{}].station_id", i));
      asked_.problem.stations.push_back(std::move(station));
    }
    return absl::OkStatus();
  }

  absl::Status ReadExperts(const v1::RotaProblem& wire) {
    for (int i = 0; i < wire.experts_size(); ++i) {
      const v1::RotaExpert& one = wire.experts(i);
      rota::Expert expert{.title = static_cast<rota::Title>(one.title()),
                          .specialties = {one.specialties().begin(), one.specialties().end()},
                          .available = ToDays(one.available()),
                          .most_days_a_week = one.most_days_a_week(),
                          .most_days = one.most_days()};
      ASSIGN_OR_RETURN(expert.id, PractitionerId::Parse(one.practitioner_id()));
      ASSIGN_OR_RETURN(const OrganizationId site, OrganizationId::Parse(one.site_id()));
      expert.site = Find(sites_, site, fmt::format("experts[{}].site_id", i), "sites");
      Place(experts_, expert.id, fmt::format("experts[{}].practitioner_id", i));
      asked_.problem.experts.push_back(std::move(expert));
    }
    return absl::OkStatus();
  }

  absl::Status ReadNeeds(const v1::RotaProblem& wire) {
    for (int i = 0; i < wire.needs_size(); ++i) {
      const v1::RotaNeed& one = wire.needs(i);
      rota::Need need{.specialty = one.specialty(),
                      .least_title = static_cast<rota::Title>(one.least_title()),
                      .days = {one.days().begin(), one.days().end()},
                      .priority = one.priority()};
      ASSIGN_OR_RETURN(const OrganizationId station, OrganizationId::Parse(one.station_id()));
      need.station = Find(stations_, station, fmt::format("needs[{}].station_id", i), "stations");
      needs_.emplace(std::pair(station, need.specialty), i);
      ASSIGN_OR_RETURN(asked_.departments.emplace_back(), DepartmentId::Parse(one.department_id()));
      asked_.problem.needs.push_back(std::move(need));
    }
    return absl::OkStatus();
  }

  absl::Status ReadPrevious(const v1::RotaProblem& wire) {
    for (const v1::RotaPairing& one : wire.previous()) {
      ASSIGN_OR_RETURN(const PractitionerId id, PractitionerId::Parse(one.practitioner_id()));
      ASSIGN_OR_RETURN(const OrganizationId station, OrganizationId::Parse(one.station_id()));
      const auto expert = experts_.find(id);
      const auto need = needs_.find({station, one.specialty()});
      if (expert == experts_.end() || need == needs_.end()) continue;
      asked_.problem.previous.push_back({expert->second, need->second});
    }
    return absl::OkStatus();
  }

  Asked asked_;
  std::map<OrganizationId, int> sites_;
  std::map<OrganizationId, int> stations_;
  std::map<PractitionerId, int> experts_;
  std::map<std::pair<OrganizationId, std::string>, int> needs_;
  errors::Violations broken_;
};

// Reads visits by the ids of a problem.
class VisitReader {
 public:
  explicit VisitReader(const Problem& problem) {
    for (const rota::Expert& expert : problem.experts) {
      experts_.emplace(expert.id.ToString(), static_cast<int>(experts_.size()));
    }
    for (const rota::Need& need : problem.needs) {
      const rota::Station& station = problem.stations[static_cast<size_t>(need.station)];
      needs_.emplace(std::pair(station.id.ToString(), need.specialty),
                     static_cast<int>(needs_.size()));
    }
  }

  rota::Visit Read(const v1::RotaVisit& wire, const std::string& field) {
    rota::Visit visit{.day = ToDay(wire.day())};
    // The text form of an id is one: in lower case.
    const auto expert = experts_.find(Lower(wire.practitioner_id()));
    const auto need = needs_.find({Lower(wire.station_id()), wire.specialty()});
    if (expert == experts_.end()) {
      broken_.emplace_back(field + ".practitioner_id", "must be an expert of the rota");
    } else {
      visit.expert = expert->second;
    }
    if (need == needs_.end()) {
      broken_.emplace_back(field + ".specialty", "must be a need of the rota at the station");
    } else {
      visit.need = need->second;
    }
    return visit;
  }
  const errors::Violations& broken() const { return broken_; }

 private:
  static std::string Lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
  }

  std::map<std::string, int> experts_;
  std::map<std::pair<std::string, std::string>, int> needs_;
  errors::Violations broken_;
};

}  // namespace

absl::StatusOr<Asked> ToDomain(const v1::RotaProblem& problem) { return Reader().Read(problem); }

absl::StatusOr<rota::Edit> ToDomain(const v1::EditRotaRequest& request, const Asked& asked) {
  VisitReader reader(asked.problem);
  rota::Edit edit;
  for (int i = 0; i < request.remove_size(); ++i) {
    edit.remove.push_back(reader.Read(request.remove(i), fmt::format("remove[{}]", i)));
  }
  for (int i = 0; i < request.move_size(); ++i) {
    rota::Visit from = reader.Read(request.move(i).from(), fmt::format("move[{}].from", i));
    edit.move.emplace_back(from, reader.Read(request.move(i).to(), fmt::format("move[{}].to", i)));
  }
  for (int i = 0; i < request.add_size(); ++i) {
    edit.add.push_back(reader.Read(request.add(i), fmt::format("add[{}]", i)));
  }
  if (!reader.broken().empty()) return errors::FieldInvalid(reader.broken());
  return edit;
}

}  // namespace yilian::scheduling::convert
