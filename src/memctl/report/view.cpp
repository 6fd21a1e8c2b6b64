#include <poll.h>

#include "fovea/error.h"
#include "memctl/checks.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/report/html.h"
#include "memctl/report/loopback_server.h"
#include "memctl/report/viewing.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

constexpr int kEndMoment = 200;  // ms between two looks whether it is to end

int view(const Session& session, int port) {
  const auto open = [&session] { return session.open_scope({}, Access::read); };
  const std::string scope = to_text(scope_from_name(session.scope));
  Viewing viewing(open, scope, session.store_name(), interrupted);
  note_interrupts();
  const LoopbackServer server(port, view_policy(),
                              [&](const ViewRequest& request) { return viewing.answer(request); });
  session.print({{"url", server.url()},
                 {"port", server.port()},
                 {"scope", scope},
                 {"store", session.store_name()}},
                server.url() + "\n");
  say("open this address in a browser of this machine; Ctrl-C ends it");
  while (!interrupted() && server.is_running()) poll(nullptr, 0, kEndMoment);
  if (interrupted()) return kOk;
  throw Error(ErrorCode::io, "the system has closed port " + std::to_string(server.port()) +
                                 "; start `memctl view` again");
}

}  // namespace

void add_view(CLI::App& app, Session& session) {
  auto* verb =
      add_verb(app, "view", "Serve the page of `report` to a browser of this machine, as it is now",
               "memctl --scope ann/coder view\n"
               "  memctl --store agent.db view --port 8080");
  auto port = std::make_shared<int>(0);
  verb->add_option("--port", *port, "Port of 127.0.0.1; 0: a free one")
      ->check(whole_number(0, 65535))
      ->type_name("N")
      ->capture_default_str();
  verb->callback(
      [&session, port] { session.run = [&session, port] { return view(session, *port); }; });
}

}  // namespace fovea::memctl
