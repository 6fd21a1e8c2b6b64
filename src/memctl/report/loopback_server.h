#pragma once

#include <functional>
#include <memory>
#include <string>

namespace fovea::memctl {

/// What is asked of a LoopbackServer.
struct ViewRequest {
  std::string path;   ///< behind the token: "" or "pages/12"
  std::string query;  ///< the value of q; empty: none
};

struct ViewResponse {
  int status = 200;
  std::string type;  ///< a media type
  std::string body;
};

/// An HTTP server for one reader on this machine: it listens on 127.0.0.1, answers GET and HEAD under
/// an address that nobody can guess, and everything else with an empty 404. A page of another site
/// cannot reach it by a name of its own (DNS rebinding), since the Host must be this address.
class LoopbackServer {
 public:
  /// Called in several threads at once; it must not throw.
  using Handler = std::function<ViewResponse(const ViewRequest&)>;

  /// `port`: 0 for a free one. `policy`: the Content-Security-Policy of every answer. Throws Error(io)
  /// naming the port if it cannot be had.
  LoopbackServer(int port, const std::string& policy, Handler handler);
  /// Ends it after the calls of the handler that are under way, whose answers are cut off.
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  /// "http://127.0.0.1:PORT/TOKEN/"
  std::string url() const;
  int port() const;
  /// False after the system has taken its socket away.
  bool is_running() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea::memctl
