#include "memory/server_url.h"

#include <algorithm>
#include <cctype>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::string_view kSchemes[] = {"postgresql://", "postgres://"};

/// Settings behind the "?" that errors show. Of others nobody knows whether they are secret: a
/// password with a "&" in it ends as the name of one.
constexpr std::string_view kShown[] = {"host", "hostaddr", "port",   "dbname",
                                       "user", "service",  "sslmode"};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::invalid_argument,
              "the URL of the store " + why +
                  "; give postgresql://USER@HOST:PORT/DATABASE, and in names and passwords %2F for "
                  "/, %3F for ?, %23 for #, %40 for @, %26 for &, %25 for %");
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// With the bytes that stand for "%40" and so on.
std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0 || high + low == 0) refuse("has a % that two hexadecimal digits do not follow");
    result += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return result;
}

/// Takes what stands before the first `end` from the front, and that sign.
std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

class UrlReader {
 public:
  explicit UrlReader(std::string_view url) {
    const auto scheme = std::ranges::find_if(
        kSchemes, [&](std::string_view known) { return url.starts_with(known); });
    if (scheme == std::end(kSchemes)) refuse("does not begin with postgresql://");
    server_.name = *scheme;
    url.remove_prefix(scheme->size());
    check_signs(url);
    const std::string_view where = url.substr(0, url.find('?'));
    const bool has_settings = where.size() < url.size();
    read_place(where);
    if (has_settings) read_settings(url.substr(where.size() + 1));
  }

  ServerUrl server() {
    const bool by_service = has("service");
    if (!by_service && !has("host") && !has("hostaddr")) refuse_incomplete("server");
    if (!by_service && !has("dbname")) refuse_incomplete("database");
    return std::move(server_);
  }

 private:
  /// Signs that no part has as they are: where one stands, a part of a password may be taken for
  /// something else.
  static void check_signs(std::string_view url) {
    const auto is_space = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
    if (std::ranges::any_of(url, is_space)) refuse("has a space or a control character");
    if (url.find('#') != std::string_view::npos) refuse("has a # that is not written %23");
    const std::size_t at = url.rfind('@');
    if (at == std::string_view::npos) return;
    if (url.find('@') != at || at > url.find_first_of("/?"))
      refuse("has a /, ? or @ before its host that is not escaped");
  }

  /// "user:password@host:port,host:port/database".
  void read_place(std::string_view rest) {
    std::string_view hosts = take_until(rest, '/');
    if (const std::size_t at = hosts.find('@'); at != std::string_view::npos) {
      std::string_view login = hosts.substr(0, at);
      hosts.remove_prefix(at + 1);
      const std::string_view user = take_until(login, ':');
      set("user", decoded(user));
      set("password", decoded(login));
      if (!user.empty()) server_.name.append(user).append("@");
    }
    read_hosts(hosts);
    if (rest.find('/') != std::string_view::npos) refuse("has a / in the name of the database");
    set("dbname", decoded(rest));
    server_.name.append(hosts).append("/").append(rest);
  }

  /// libpq has a list of hosts and one of their ports.
  void read_hosts(std::string_view rest) {
    std::string hosts, ports;
    const bool several = rest.find(',') != std::string_view::npos;
    while (!rest.empty()) {
      std::string_view port = take_until(rest, ',');
      std::string_view host;
      if (port.starts_with('[')) {
        if (port.find(']') == std::string_view::npos) refuse("has a [ without its ]");
        port.remove_prefix(1);
        host = take_until(port, ']');
        if (!port.empty() && !port.starts_with(':')) refuse("has no : behind the ] of a host");
        port.remove_prefix(port.empty() ? 0 : 1);
      } else {
        host = take_until(port, ':');
      }
      check_port(port);
      hosts.append(decoded(host)).append(several && !rest.empty() ? "," : "");
      ports.append(port).append(several && !rest.empty() ? "," : "");
    }
    set("host", hosts);
    if (ports.find_first_not_of(',') != std::string::npos) set("port", ports);
  }

  static void check_port(std::string_view port) {
    if (port.find_first_not_of("0123456789") != std::string_view::npos || port.size() > 5)
      refuse("has a port that is no number");
  }

  void read_settings(std::string_view rest) {
    char sign = '?';
    while (!rest.empty()) {
      const std::string_view one = take_until(rest, '&');
      const std::size_t equals = one.find('=');
      if (equals == std::string_view::npos || one.find('=', equals + 1) != std::string_view::npos)
        refuse("has a setting behind the ? that is not NAME=VALUE");
      std::string setting = decoded(one.substr(0, equals)), value = decoded(one.substr(equals + 1));
      if (setting == "ssl" && value == "true") {  // as Java's driver has it
        setting = "sslmode";
        value = "require";
      }
      if (std::ranges::find(kShown, setting) != std::end(kShown)) {
        server_.name.append(1, sign).append(one);
        sign = '&';
      }
      set(setting, value);
    }
  }

  void set(std::string setting, std::string value) {
    if (!value.empty()) server_.settings.emplace_back(std::move(setting), std::move(value));
  }

  bool has(std::string_view setting) const {
    return std::ranges::any_of(server_.settings,
                               [&](const auto& given) { return given.first == setting; });
  }

  [[noreturn]] void refuse_incomplete(const std::string& what) const {
    throw Error(ErrorCode::invalid_argument,
                "store " + server_.name + " names no " + what +
                    "; give postgresql://USER@HOST:PORT/DATABASE, or for a Unix socket "
                    "postgresql:///DATABASE?host=FOLDER");
  }

  ServerUrl server_;
};

}  // namespace

bool is_server_url(std::string_view store) {
  store.remove_prefix(std::min(store.find_first_not_of(" \t\r\n"), store.size()));
  const std::string begin = lower(store.substr(0, store.find(':')));
  if (begin.size() == store.size() || begin.empty()) return false;
  if (begin == "postgresql" || begin == "postgres") return true;
  const bool is_name = std::ranges::all_of(
      begin, [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '.' || c == '-'; });
  return is_name && store.substr(begin.size()).starts_with("://");
}

std::string shown_store(const std::string& store) {
  return is_server_url(store) ? server_from_url(store).name : store;
}

ServerUrl server_from_url(const std::string& url) { return UrlReader(url).server(); }

}  // namespace fovea
