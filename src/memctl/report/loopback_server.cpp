#include "memctl/report/loopback_server.h"

#include <httplib.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "fovea/error.h"

namespace fovea::memctl {
namespace {

constexpr const char* kAddress = "127.0.0.1";
constexpr std::size_t kTokenBytes = 24;
// A browser opens six connections at once; strangers who send nothing, or slowly, take some too.
constexpr std::size_t kThreads = 64;
constexpr time_t kReadMicroseconds = 500'000;  // for the next bytes of a request, of this machine
constexpr time_t kIdleSeconds = 2;  // that a connection may say nothing: so long an end may take

std::string random_token() {
  if (sodium_init() < 0) throw Error(ErrorCode::io, "the system gives no random numbers");
  std::array<unsigned char, kTokenBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string token(2 * kTokenBytes + 1, '\0');
  sodium_bin2hex(token.data(), token.size(), bytes.data(), bytes.size());
  token.pop_back();  // a zero
  return token;
}

/// What follows "/TOKEN/"; nothing for another token. Takes as long for a nearly right one.
std::optional<std::string> behind_token(const std::string& path, const std::string& token) {
  if (path.size() < token.size() + 2 || path[0] != '/' || path[token.size() + 1] != '/') return {};
  if (sodium_memcmp(path.data() + 1, token.data(), token.size()) != 0) return {};
  return path.substr(token.size() + 2);
}

/// An address in use is refused, unlike by the library's own options, with which two servers would
/// share it; one that was used just now is not.
void set_socket_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

/// In pieces, since the library would compress a whole body, for 20 s where it has 5 MB.
void put(ViewResponse answer, httplib::Response& response) {
  const std::size_t size = answer.body.size();
  const std::string type = answer.type;
  response.set_content_provider(size, type,
                                [body = std::move(answer.body)](
                                    std::size_t from, std::size_t length, httplib::DataSink& sink) {
                                  return sink.write(body.data() + from, length);
                                });
}

}  // namespace

struct LoopbackServer::Impl {
  Impl(int wanted, const std::string& policy, Handler handler);
  ~Impl();

  bool is_allowed(const httplib::Request& request) const;
  void answer(const httplib::Request& request, httplib::Response& response) const;

  Handler handler;
  std::string token = random_token();
  httplib::Server server;
  int port = 0;
  std::atomic<bool> runs = true;
  std::thread thread;
};

LoopbackServer::Impl::Impl(int wanted, const std::string& policy, Handler given)
    : handler(std::move(given)) {
  // The library deletes it.
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_socket_options(set_socket_options);
  // One request a connection: idle ones keep no thread, and nothing that follows a refused request is
  // taken for another.
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_read_timeout(0, kReadMicroseconds);
  server.set_default_headers({{"Content-Security-Policy", policy},
                              {"Cache-Control", "no-store"},
                              {"Referrer-Policy", "no-referrer"},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Cross-Origin-Opener-Policy", "same-origin"}});
  server.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        answer(request, response);
        return httplib::Server::HandlerResponse::Handled;
      });
  errno = 0;
  if (wanted == 0)
    port = server.bind_to_any_port(kAddress);
  else if (server.bind_to_port(kAddress, wanted))
    port = wanted;
  if (port <= 0)
    throw Error(ErrorCode::io, "port " + std::to_string(wanted) + " of " + kAddress +
                                   " cannot be had" +
                                   (errno ? std::string(": ") + std::strerror(errno) : "") +
                                   "; give another --port, or none for a free one");
  thread = std::thread([this] {
    server.listen_after_bind();
    runs = false;
  });
}

LoopbackServer::Impl::~Impl() {
  while (runs && !server.is_running()) std::this_thread::yield();  // before that, stop does nothing
  server.stop();
  thread.join();
}

bool LoopbackServer::Impl::is_allowed(const httplib::Request& request) const {
  return (request.method == "GET" || request.method == "HEAD") &&
         request.get_header_value_count("Host") == 1 &&
         request.get_header_value("Host") == std::string(kAddress) + ":" + std::to_string(port);
}

void LoopbackServer::Impl::answer(const httplib::Request& request,
                                  httplib::Response& response) const {
  const auto path = behind_token(request.path, token);
  if (!path || !is_allowed(request)) {
    response.status = 404;
    return;
  }
  ViewResponse given = handler({*path, request.get_param_value("q")});
  response.status = given.status;
  put(std::move(given), response);
}

LoopbackServer::LoopbackServer(int port, const std::string& policy, Handler handler)
    : impl_(std::make_unique<Impl>(port, policy, std::move(handler))) {}
LoopbackServer::~LoopbackServer() = default;

std::string LoopbackServer::url() const {
  return std::string("http://") + kAddress + ":" + std::to_string(impl_->port) + "/" +
         impl_->token + "/";
}
int LoopbackServer::port() const { return impl_->port; }
bool LoopbackServer::is_running() const { return impl_->runs; }

}  // namespace fovea::memctl
