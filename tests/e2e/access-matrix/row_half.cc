#include "tests/e2e/access-matrix/row_half.h"

#include <fmt/format.h>
#include <google/rpc/status.pb.h>

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "services/ctl/methods.h"
#include "tests/e2e/access-matrix/columns.h"

namespace yilian::e2e {

using test_support::RawAnswer;

namespace {

// The details with every map in one order: what a caller can tell apart, and no more.
std::string Details(const std::string& bytes) {
  google::rpc::Status details;
  if (!details.ParseFromString(bytes)) return bytes;
  // Their order is Abseil's, and changes from call to call.
  std::set<std::string> sorted;
  for (const auto& detail : details.details()) sorted.insert(detail.Utf8DebugString());
  return fmt::format("{}", fmt::join(sorted, ""));
}

// Everything of an answer that its caller can see, with what the caller sent written as the field's
// name. `traceparent` is of each call.
std::string Seen(const RawAnswer& answer, const FieldValues& ids) {
  std::string seen =
      fmt::format("{}\n{}\n{}", static_cast<int>(answer.status.error_code()),
                  answer.status.error_message(), Details(answer.status.error_details()));
  for (const auto& [key, value] : answer.trailing) {
    if (key != "traceparent") seen += fmt::format("\n{}: {}", key, value);
  }
  for (const std::string& message : answer.messages) seen += "\n" + message;
  for (const auto& [field, id] : ids)
    seen = absl::StrReplaceAll(seen, {{id, fmt::format("<{}>", field)}});
  return seen;
}

// Ids of the same form that were never given to anything.
FieldValues NeverThere(const FieldValues& ids) {
  FieldValues never;
  for (const auto& [field, id] : ids) {
    const bool card = field == "PatientIdentifier.value";
    never[field] = base::Uuid::V7().ToString();
    if (card) never[field] = "NEVER" + never[field].substr(24);
  }
  return never;
}

bool Caughtup(const Method& method, const std::string& bytes) {
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.output_type())
          ->New());
  const auto* field = method.output_type()->FindFieldByName("caught_up");
  return field != nullptr && message->ParseFromString(bytes) &&
         message->GetReflection()->GetBool(*message, field);
}

}  // namespace

std::string RowHalf::Probe::name() const {
  return primary ? row->name : fmt::format("{} as {}", row->name, fields.front());
}

std::vector<RowHalf::Probe> RowHalf::ProbesOf(const Method& method) {
  const RowFields fields = RowFieldsOf(method);
  const bool named = !fields.required.empty() || !fields.optional.empty();
  const bool own = PolicyOf(method).relationship() == policy::v1::RELATIONSHIP_OWN_ORGANIZATION;
  std::vector<Probe> probes;
  for (const Row& row : scene_.rows) {
    const auto has = [&](const std::string& field) { return row.ids.contains(field); };
    if (!fields.required.empty() &&
        std::all_of(fields.required.begin(), fields.required.end(), has)) {
      probes.push_back({.row = &row, .fields = fields.required});
    }
    for (const std::string& field : fields.optional) {
      if (has(field))
        probes.push_back({.row = &row, .fields = {field}, .primary = fields.required.empty()});
    }
    if (own && !fields.organization.empty() && has(fields.organization.front()))
      probes.push_back({.row = &row, .fields = fields.organization, .primary = !named});
  }
  return probes;
}

RowLine& RowHalf::LineOf(const Method& method, const std::string& row) {
  for (RowLine& line : lines_) {
    if (line.method == method.name() && line.row == row) return line;
  }
  lines_.push_back({.method = method.name(), .row = row});
  return lines_.back();
}

absl::StatusOr<std::vector<RowHalf::Asker>> RowHalf::Askers(const Method& method,
                                                            const std::string& organization) {
  std::vector<Asker> askers;
  const policy::v1::MethodPolicy policy = PolicyOf(method);
  for (const policy::v1::Role role : RolesOf(policy)) {
    ASSIGN_OR_RETURN(auto caller, people_.Person(role, organization));
    askers.push_back({policy::v1::Role_Name(role).substr(5), role, std::move(caller)});
  }
  if (policy.organization_systems()) {
    ASSIGN_OR_RETURN(auto caller, people_.System(organization));
    askers.push_back({"a system", policy::v1::ROLE_UNSPECIFIED, std::move(caller)});
  }
  return askers;
}

FieldValues RowHalf::Values(const Probe& probe, const std::string& organization,
                            const FieldValues& ids) const {
  FieldValues values = ValuesFor(organization);
  // Rows beside the one in question are the caller's own.
  if (const auto own = scene_.own_patient.find(organization); own != scene_.own_patient.end())
    values["patient_id"] = own->second;
  if (const auto own = scene_.own_referral.find(organization);
      own != scene_.own_referral.end() && !probe.primary) {
    values["referral_id"] = own->second;
  }
  for (const auto& [field, id] : ids) values[field] = id;
  return values;
}

absl::StatusOr<RawAnswer> RowHalf::Ask(const Asker& asker, const Method& method,
                                       const FieldValues& values) {
  ASSIGN_OR_RETURN(const auto request, MakeRequest(*method.input_type(), values));
  ++calls_;
  return asker.caller.Ask(ctl::ServersOf(method).front(), method, *request,
                          [&](const std::string& bytes) { return Caughtup(method, bytes); });
}

std::string RowHalf::Shown(const RawAnswer& answer, const FieldValues& sent) const {
  const std::string seen = Seen(answer, sent);
  for (const Row& row : scene_.rows) {
    if (row.open) continue;
    for (const auto& [field, id] : row.ids) {
      if (seen.find(id) != std::string::npos) return fmt::format("{} of {}", field, row.name);
    }
  }
  return "";
}

bool RowHalf::LookAlike(const Method& method, const Probe& probe, const RawAnswer& for_real,
                        const FieldValues& real, const RawAnswer& for_never,
                        const FieldValues& never) const {
  if (!Shown(for_real, real).empty()) return false;
  if (Seen(for_real, real) == Seen(for_never, never)) return true;
  // What everybody may read is not hidden; only nothing must be done with it.
  const grpc::StatusCode code = for_real.status.error_code();
  if (probe.row->open)
    return code == grpc::StatusCode::PERMISSION_DENIED || code == grpc::StatusCode::NOT_FOUND;
  // A write that is answered to both made a new thing each time.
  return for_real.status.ok() && for_never.status.ok() &&
         PolicyOf(method).effect() == policy::v1::EFFECT_WRITE;
}

absl::Status RowHalf::Stranger(const Method& method, const Probe& probe,
                               const std::string& organization) {
  FieldValues real;
  for (const std::string& field : probe.fields) real[field] = probe.row->ids.at(field);
  ASSIGN_OR_RETURN(const std::vector<Asker> askers, Askers(method, organization));
  for (const Asker& asker : askers) {
    const FieldValues never = NeverThere(real);
    ASSIGN_OR_RETURN(const RawAnswer for_real,
                     Ask(asker, method, Values(probe, organization, real)));
    ASSIGN_OR_RETURN(const RawAnswer for_never,
                     Ask(asker, method, Values(probe, organization, never)));
    missing_[fmt::format("{} {} {}", method.name(), probe.name(), asker.name)] =
        Seen(for_never, never);
    RowLine& line = LineOf(method, probe.name());
    const bool alike = LookAlike(method, probe, for_real, real, for_never, never);
    const std::string beyond = WhyBeyondOrganization(method.name(), asker.role);
    if (!alike && !beyond.empty()) {
      line.remark = fmt::format("{}: {}", asker.name, beyond);
      continue;
    }
    line.stranger.insert(for_real.Reason());
    if (!alike) {
      findings_.push_back(fmt::format(
          "{} ({}), {} of {}: a foreign row is answered {}, a missing one {}{}\n  foreign: {}\n  "
          "missing: {}",
          method.name(), probe.name(), asker.name, organization, for_real.Reason(),
          for_never.Reason(), Shown(for_real, real).empty() ? "" : ", and the answer shows more",
          Seen(for_real, real), Seen(for_never, never)));
    }
  }
  return absl::OkStatus();
}

absl::Status RowHalf::Run(std::vector<const Method*> methods) {
  // Strangers read before they write what their own lists then show; what takes a row away is last.
  const auto reads = [](const Method* method) {
    return PolicyOf(*method).effect() == policy::v1::EFFECT_READ;
  };
  const auto keeps = [](const Method* method) {
    return !method->name().starts_with("Cancel") && !method->name().starts_with("Remove");
  };
  std::stable_partition(methods.begin(), methods.end(), reads);
  for (const Method* method : methods) RETURN_IF_ERROR(AskAsStrangers(*method));
  std::stable_partition(methods.begin(), methods.end(), keeps);
  for (const Method* method : methods) RETURN_IF_ERROR(AskAsParties(*method));
  return absl::OkStatus();
}

absl::Status RowHalf::AskAsStrangers(const Method& method) {
  const policy::v1::MethodPolicy policy = PolicyOf(method);
  const RowFields fields = RowFieldsOf(method);
  const bool for_outsiders =
      policy.any_person() || policy.roles_size() > 0 || policy.organization_systems();
  if (policy.relationship() == policy::v1::RELATIONSHIP_NONE) {
    const bool row = (!fields.required.empty() && !fields.open) || !fields.optional.empty();
    if (row && for_outsiders && WhyNoRelationship(method.name()).empty()) {
      findings_.push_back(fmt::format(
          "{} names a row, and its policy asks for no relationship: say in row_fields.cc why",
          method.name()));
    }
    return absl::OkStatus();
  }
  for (const std::string& field : fields.unknown) {
    findings_.push_back(fmt::format(
        "{} has the id {}: say in row_fields.cc whether it names a row or what all may read",
        method.name(), field));
  }
  const std::vector<Probe> probes = ProbesOf(method);
  for (const Probe& probe : probes) {
    for (const std::string& stranger : strangers_)
      RETURN_IF_ERROR(Stranger(method, probe, stranger));
  }
  if (!probes.empty()) return absl::OkStatus();
  if (!WhyNoRow(method.name()).empty()) return List(method);
  findings_.push_back(fmt::format(
      "{} asks for a relationship, and nothing here says to which row: see row_fields.cc and "
      "scene.cc",
      method.name()));
  return absl::OkStatus();
}

absl::Status RowHalf::AskAsParties(const Method& method) {
  if (PolicyOf(method).relationship() == policy::v1::RELATIONSHIP_NONE) return absl::OkStatus();
  bool primary = false;
  bool reached = false;
  for (const Probe& probe : ProbesOf(method)) {
    FieldValues real;
    for (const std::string& field : probe.fields) real[field] = probe.row->ids.at(field);
    for (const std::string& organization : {probe.row->own, probe.row->party}) {
      if (organization.empty()) continue;
      ASSIGN_OR_RETURN(const std::vector<Asker> askers, Askers(method, organization));
      for (const Asker& asker : askers) {
        ASSIGN_OR_RETURN(const RawAnswer answer,
                         Ask(asker, method, Values(probe, organization, real)));
        RowLine& line = LineOf(method, probe.name());
        const bool other =
            Seen(answer, real) !=
            missing_[fmt::format("{} {} {}", method.name(), probe.name(), asker.name)];
        (organization == probe.row->own ? line.own : line.party).insert(answer.Reason());
        primary = primary || probe.primary;
        reached = reached || (probe.primary && other);
      }
    }
  }
  if (primary && !reached && WhyOutOfReach(method.name()).empty()) {
    findings_.push_back(fmt::format(
        "{}: not even a party is answered otherwise than for a missing row, so nothing is shown of "
        "strangers: give the request what it lacks in row_fields.cc (ValuesFor)",
        method.name()));
  }
  return absl::OkStatus();
}

absl::Status RowHalf::ListAs(const Method& method, const std::string& organization, bool stranger) {
  ASSIGN_OR_RETURN(const std::vector<Asker> askers, Askers(method, organization));
  // Each of the lists that the request can ask for.
  const auto* kind = method.input_type()->FindFieldByName("worklist");
  for (const Asker& asker : askers) {
    for (int i = 1; i < (kind == nullptr ? 2 : kind->enum_type()->value_count()); ++i) {
      FieldValues values = ValuesFor(organization);
      if (kind != nullptr) values["worklist"] = kind->enum_type()->value(i)->name();
      for (const std::string& server : ctl::ServersOf(method)) {
        ASSIGN_OR_RETURN(const auto request, MakeRequest(*method.input_type(), values));
        ASSIGN_OR_RETURN(const RawAnswer answer,
                         asker.caller.Ask(server, method, *request, [&](const std::string& bytes) {
                           return Caughtup(method, bytes);
                         }));
        ++calls_;
        const std::string shown = Shown(answer, {});
        RowLine& line = LineOf(method, "a list");
        (stranger ? line.stranger : line.own).insert(shown.empty() ? "none of the rows" : "rows");
        if (stranger && !shown.empty()) {
          findings_.push_back(fmt::format("{} at {} shows {} to {} of {}", method.name(), server,
                                          shown, asker.name, organization));
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status RowHalf::List(const Method& method) {
  RETURN_IF_ERROR(ListAs(method, "taoxi", false));
  for (const std::string& stranger : strangers_) RETURN_IF_ERROR(ListAs(method, stranger, true));
  LineOf(method, "a list").remark = WhyNoRow(method.name());
  return absl::OkStatus();
}

}  // namespace yilian::e2e
