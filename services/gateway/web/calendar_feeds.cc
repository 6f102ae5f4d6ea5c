#include "services/gateway/web/calendar_feeds.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace yilian::gateway::web {
namespace {

constexpr std::string_view kBefore = "/calendars/";
constexpr std::string_view kBehind = ".ics";
// 256 bits in base64url.
constexpr size_t kSecretLength = 43;
// What GetCalendarFeed takes, and no client needs more.
constexpr size_t kMostEtags = 20;
constexpr size_t kLongestEtag = 64;

bool IsBase64Url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::optional<std::string> SecretOf(std::string_view target) {
  if (target.size() != kBefore.size() + kSecretLength + kBehind.size()) return std::nullopt;
  if (!target.starts_with(kBefore) || !target.ends_with(kBehind)) return std::nullopt;
  const std::string_view secret = target.substr(kBefore.size(), kSecretLength);
  if (!std::all_of(secret.begin(), secret.end(), IsBase64Url)) return std::nullopt;
  return std::string(secret);
}

// The tags of `"a", W/"b"` without quotes (RFC 9110, 13.1.2: compared weakly). What is none is left
// out: the worst that follows is an answer in full.
std::vector<std::string> EtagsOf(std::string_view header) {
  std::vector<std::string> etags;
  for (size_t open = header.find('"'); open != std::string_view::npos;) {
    const size_t close = header.find('"', open + 1);
    if (close == std::string_view::npos || etags.size() == kMostEtags) break;
    if (close - open - 1 <= kLongestEtag) {
      etags.emplace_back(header.substr(open + 1, close - open - 1));
    }
    open = header.find('"', close + 1);
  }
  return etags;
}

// A phone asks again when it wants to; until then a cache of its own may answer, nobody else's.
Response Answer(int status) {
  return {.status = status,
          .headers = {{"Cache-Control",
                       status == 200 || status == 304 ? "private, max-age=300" : "no-store"},
                      {"X-Content-Type-Options", "nosniff"}}};
}

Response NotFound() {
  Response response = Answer(404);
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = "No such calendar.\n";
  return response;
}

}  // namespace

Response AnswerCalendar(const Request& request, const FindCalendarFeed& find) {
  const std::optional<std::string> secret = SecretOf(request.target);
  if (!secret) return NotFound();
  const absl::StatusOr<CalendarFeed> feed = find(*secret, EtagsOf(request.if_none_match));
  if (absl::IsNotFound(feed.status())) return NotFound();
  if (!feed.ok()) {
    Response response = Answer(503);
    response.headers.emplace_back("Retry-After", "60");
    return response;
  }
  Response response = Answer(feed->unchanged ? 304 : 200);
  response.headers.emplace_back("ETag", "\"" + feed->etag + "\"");
  if (feed->unchanged) return response;
  response.headers.emplace_back("Content-Type", "text/calendar; charset=utf-8");
  response.body = feed->icalendar;
  return response;
}

}  // namespace yilian::gateway::web
