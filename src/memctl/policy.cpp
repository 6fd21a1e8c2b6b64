#include "src/memctl/files.h"
#include "src/memctl/session.h"

namespace fovea::memctl {

void add_policy(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "policy", "Check a forgetting policy and print it, to start one's own",
                        "memctl policy careful > mine.json");
  auto name = std::make_shared<std::string>("balanced");
  verb->add_option("policy", *name, "careful, balanced, lean, or a JSON file")
      ->type_name("POLICY")
      ->capture_default_str();
  verb->callback([&session, name] {
    session.run = [&session, name] {
      const Json policy = Json::parse(policy_from_name(*name).to_json());
      session.print(policy, policy.dump(2) + "\n");
      return kOk;
    };
  });
}

}  // namespace fovea::memctl
