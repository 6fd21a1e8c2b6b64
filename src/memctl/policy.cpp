#include "memctl/files.h"
#include "memctl/output.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

/// What pages fade by where nothing else is said: the scope's policy, or the standard one.
Policy policy_of_store(const Session& session) {
  if (!session.has_store()) {
    say("there is no store " + session.store_name() + " yet: this is the standard policy");
    return Policy::standard();
  }
  say("the policy of scope " + session.scope + " in " + session.store_name());
  return session.open().policy();
}

}  // namespace

void add_policy(CLI::App& app, Session& session) {
  auto* verb = add_verb(
      app, "policy", "Show the policy by which the store's pages fade, or check and print another",
      "memctl policy careful > mine.json");
  auto name = std::make_shared<std::string>();
  verb->add_option(
          "policy", *name,
          "careful, balanced, lean, or a JSON file; default: the one last given to `compact`")
      ->type_name("POLICY");
  verb->callback([&session, name] {
    session.run = [&session, name] {
      const Policy policy = name->empty() ? policy_of_store(session) : policy_from_name(*name);
      const Json document = Json::parse(policy.to_json());
      session.print(document, document.dump(2) + "\n");
      return kOk;
    };
  });
}

}  // namespace fovea::memctl
