#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "memory/database.h"

namespace fovea::test {

/// The URL of the server that tests/with_postgres.sh has started; empty: stores are files.
inline std::string test_server() {
  const char* url = std::getenv("FOVEA_TEST_POSTGRES");
  return url ? url : "";
}

inline bool on_server() { return !test_server().empty(); }

/// A database on the test's server that is gone after the test.
class ServerDatabase {
 public:
  ServerDatabase() : name_("test" + std::to_string(::getpid()) + "_" + std::to_string(next())) {
    administer("CREATE DATABASE " + name_);
    url = test_server();
    url.replace(url.find("/postgres?"), 9, "/" + name_);
  }
  ~ServerDatabase() {
    try {
      administer("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) {  // it goes with the server
    }
  }
  ServerDatabase(const ServerDatabase&) = delete;
  ServerDatabase& operator=(const ServerDatabase&) = delete;

  /// The same for another role.
  std::string url_of(const std::string& role) const {
    std::string other = url;
    return other.replace(other.rfind("user=fovea"), 10, "user=" + role);
  }

  std::string url;

 private:
  static int next() {
    static int number = 0;
    return ++number;
  }
  static void administer(const std::string& sql) {
    Database(test_server(), "the test's server", 10'000).execute(sql);
  }

  std::string name_;
};

}  // namespace fovea::test
