// The events of rotas, with who may see them.
#pragma once

#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/outbox/outbox.h"
#include "services/scheduling/rota/rota_store.h"

namespace yilian::scheduling::events {

inline constexpr std::string_view kRotaPlanned = "RotaPlanned";
inline constexpr std::string_view kRotaFailed = "RotaFailed";
inline constexpr std::string_view kRotaCancelled = "RotaCancelled";
inline constexpr std::string_view kRotaPublished = "RotaPublished";
inline constexpr std::string_view kRotaReplaced = "RotaReplaced";

// For the organization, and for `stations`.
outbox::NewEvent RotaChanged(std::string_view type, const rota::Rota& rota,
                             const std::vector<rota::Station>& stations,
                             const rota::RotaEncoding& encoding, absl::Time now);

}  // namespace yilian::scheduling::events
