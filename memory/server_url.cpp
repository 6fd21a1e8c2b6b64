#include "memory/server_url.h"

#include <algorithm>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::string_view kSchemes[] = {"postgresql://", "postgres://"};

std::string_view scheme_of(std::string_view name) {
  const auto found = std::ranges::find_if(
      kSchemes, [&](std::string_view scheme) { return name.starts_with(scheme); });
  return found == std::end(kSchemes) ? std::string_view() : *found;
}

/// "user:password@" without the password.
std::string without_password(std::string_view login) {
  const std::size_t colon = login.find(':');
  return std::string(login.substr(0, colon));
}

/// Settings behind the "?", without those that are secret.
std::string without_secrets(std::string_view settings) {
  std::string kept;
  while (!settings.empty()) {
    const std::string_view one = settings.substr(0, settings.find('&'));
    if (!one.starts_with("password=") && !one.starts_with("sslpassword="))
      kept.append(kept.empty() ? "?" : "&").append(one);
    settings.remove_prefix(std::min(one.size() + 1, settings.size()));
  }
  return kept;
}

}  // namespace

bool is_server_url(std::string_view store) { return !scheme_of(store).empty(); }

std::string shown_store(const std::string& store) {
  return is_server_url(store) ? server_from_url(store).name : store;
}

ServerUrl server_from_url(const std::string& url) {
  const std::string_view scheme = scheme_of(url);
  std::string_view rest = std::string_view(url).substr(scheme.size());
  const std::size_t question = rest.find('?');
  const std::string_view settings =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const std::size_t slash = rest.find('/');
  std::string_view where = rest.substr(0, slash);
  const std::string_view database =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  const std::size_t at = where.rfind('@');
  const std::string login =
      at == std::string_view::npos ? std::string() : without_password(where.substr(0, at)) + "@";
  if (at != std::string_view::npos) where.remove_prefix(at + 1);
  const std::string shown = without_secrets(settings);
  const std::string name =
      std::string(scheme) + login + std::string(where) + "/" + std::string(database) + shown;
  const bool named_behind = shown.find("host=") != std::string::npos;
  if ((where.empty() && !named_behind) || database.empty())
    throw Error(ErrorCode::invalid_argument,
                "store " + name + " names no " + (database.empty() ? "database" : "server") +
                    "; give postgresql://USER@HOST:PORT/DATABASE, or for a Unix socket "
                    "postgresql:///DATABASE?host=FOLDER");
  return {url, name};
}

}  // namespace fovea
