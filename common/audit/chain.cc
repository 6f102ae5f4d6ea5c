#include "common/audit/chain.h"

#include <openssl/sha.h>

namespace yilian::audit {
namespace {

void PutInt(std::string& out, uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

void PutText(std::string& out, std::string_view text) {
  PutInt(out, text.size(), 4);
  out += text;
}

}  // namespace

std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kRead:
      return "READ";
    case Action::kWrite:
      return "WRITE";
    case Action::kRefused:
      return "REFUSED";
  }
  return "";
}

std::string GenesisHash() { return std::string(SHA256_DIGEST_LENGTH, '\0'); }

std::string CanonicalBytes(const Record& record, int64_t position) {
  std::string out = "yilian-audit-1";
  PutInt(out, static_cast<uint64_t>(position), 8);
  PutInt(out, static_cast<uint64_t>(absl::ToUnixMicros(record.occurred_at)), 8);
  out += record.audit_id.view();
  out += record.user_id.view();
  out += record.organization_id.view();
  out += record.subject_id.view();
  out += record.data_subject_id.view();
  PutText(out, record.method);
  PutText(out, ActionName(record.action));
  PutText(out, record.peer);
  PutText(out, record.subject_type);
  PutText(out, record.outcome);
  PutText(out, record.trace_id);
  return out;
}

std::string LinkHash(std::string_view previous_hash, const Record& record, int64_t position) {
  const std::string bytes = std::string(previous_hash) + CanonicalBytes(record, position);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(byte) & 0xf]);
  }
  return text;
}

}  // namespace yilian::audit
