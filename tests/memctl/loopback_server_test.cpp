#include "memctl/report/loopback_server.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "fovea/error.h"
#include "tests/threads.h"

using namespace fovea::memctl;

namespace {

constexpr const char* kHost = "127.0.0.1";

/// The path of its address: "/TOKEN/".
std::string root_of(const LoopbackServer& server) {
  const std::string url = server.url();
  return url.substr(url.find('/', std::string("http://").size()));
}

/// What it answers to a path below its root; -1: nothing.
ViewResponse ask(const LoopbackServer& server, const std::string& path) {
  const auto answer = httplib::Client(kHost, server.port()).Get(root_of(server) + path);
  if (!answer) return {.status = -1, .type = "", .body = ""};
  return {answer->status, answer->get_header_value("Content-Type"), answer->body};
}

ViewResponse echo(const ViewRequest& request) {
  return {request.path == "no" ? 404 : 200, "text/plain", request.path + "?" + request.query};
}

}  // namespace

TEST_CASE("loopback: the handler is told what stands behind the token, and its answer is sent") {
  const LoopbackServer server(0, "default-src 'none'", echo);
  CHECK(ask(server, "").body == "?");
  CHECK(ask(server, "pages/12").body == "pages/12?");
  CHECK(ask(server, "search?q=two%20words&k=3").body == "search?two words");
  CHECK(ask(server, "pages/12").type == "text/plain");
  CHECK(ask(server, "no").status == 404);
  const auto answer = httplib::Client(kHost, server.port()).Get(root_of(server));
  REQUIRE(answer);
  CHECK(answer->get_header_value("Content-Security-Policy") == "default-src 'none'");
}

TEST_CASE("loopback: who lacks the token, the method or the host does not reach the handler") {
  std::atomic<int> reached = 0;
  const LoopbackServer server(0, "", [&](const ViewRequest& request) {
    ++reached;
    return echo(request);
  });
  const std::string root = root_of(server);
  const auto status = [&](const auto& call) {
    httplib::Client client(kHost, server.port());
    const auto answer = call(client);
    return answer && answer->body.empty() ? answer->status : -1;
  };
  const std::string open_ended = root.substr(0, root.size() - 1);
  for (const std::string& path : {std::string("/"), open_ended, open_ended + "0/", "/x" + root})
    CHECK(status([&](auto& client) { return client.Get(path); }) == 404);
  CHECK(status([&](auto& client) { return client.Post(root, "body", "text/plain"); }) == 404);
  CHECK(status([&](auto& client) {
          return client.Get(root, {{"Host", "evil.example:" + std::to_string(server.port())}});
        }) == 404);
  // Another server's token opens nothing here.
  const LoopbackServer other(0, "", echo);
  CHECK(status([&](auto& client) { return client.Get(root_of(other)); }) == 404);
  CHECK(reached == 0);
  CHECK(ask(server, "").status == 200);
  CHECK(reached == 1);
}

TEST_CASE("loopback: several readers at once each get their own answer, whole") {
  const std::string much(300'000, 'x');
  const LoopbackServer server(0, "", [&](const ViewRequest& request) {
    return ViewResponse{200, "text/plain", request.path + much};
  });
  CHECK(holds_on_threads(6, 5, [&] {
    static std::atomic<int> next = 0;
    const std::string path = "page" + std::to_string(next++);
    return ask(server, path).body == path + much;
  }));
}

TEST_CASE("loopback: its end waits for the handler, whose world it may then leave") {
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> asked = false, ended = false;
    auto server = std::make_unique<LoopbackServer>(0, "", [&](const ViewRequest& request) {
      asked = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ended = true;
      return echo(request);
    });
    CHECK(server->is_running());
    std::thread reader([port = server->port(), path = root_of(*server)] {
      httplib::Client(kHost, port).Get(path);
    });
    while (!asked) std::this_thread::yield();
    server.reset();
    CHECK(ended);
    reader.join();
  }
  { const LoopbackServer unused(0, "", echo); }  // one that ends as it begins
}

TEST_CASE("loopback: a port in use is an error that names it") {
  const LoopbackServer server(0, "", echo);
  const std::string port = std::to_string(server.port());
  CHECK_THROWS_WITH_AS(LoopbackServer(server.port(), "", echo), doctest::Contains(port.c_str()),
                       fovea::Error);
  CHECK(ask(server, "still").body == "still?");
}
