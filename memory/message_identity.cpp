#include "memory/message_identity.h"

#include "memory/archive.h"

namespace fovea {
namespace {

std::string digest(std::string_view kind, std::string_view what) {
  std::string bytes(kind);
  bytes += '\0';
  bytes += what;
  return sha256(bytes).substr(0, 16);
}

std::string with_number(std::string_view text, std::size_t number) {
  std::string bytes = std::to_string(number);
  bytes += '\0';
  bytes += text;
  return bytes;
}

}  // namespace

MessageIdentity identity_by_id(std::string_view id, std::string_view given) {
  return {digest("id", id), digest("given", given)};
}

std::string conversation_key(std::string_view stream, int conversation) {
  return digest("conversation", with_number(stream, static_cast<std::size_t>(conversation)));
}

MessageIdentity identity_by_occurrence(const std::string& conversation_key, std::size_t occurrence,
                                       std::string_view given) {
  return {conversation_key, digest("occurrence", with_number(given, occurrence))};
}

MessageIdentity identity_of_piece(std::string_view stream, std::size_t offset,
                                  std::string_view text) {
  return {digest("piece", with_number(stream, offset)), digest("text", text)};
}

std::string given_by_text(std::string_view role, std::string_view text) {
  std::string given(role);
  given += '\0';
  given += text;
  return given;
}

}  // namespace fovea
