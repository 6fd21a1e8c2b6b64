#include "src/memctl/output.h"
#include "src/memctl/session.h"

namespace fovea::memctl {
namespace {

int new_key(const Session& session) {
  const std::string key = new_key_text();
  session.print({{"key", key}}, key + "\n");
  return kOk;
}

int rekey(const Session& session, const std::string& file) {
  Memory memory = session.open();
  memory.change_key([&] { return key_from_file(file); });
  session.print({{"store", session.store}, {"key_file", file}},
                session.store + " opens with the key in " + file + " from now on\n");
  return kOk;
}

}  // namespace

void add_key_verbs(CLI::App& app, Session& session) {
  add_verb(app, "new-key", "Print a new random key for an encrypted store",
           "memctl new-key > key && chmod 600 key && memctl --key-file key compact day.jsonl")
      ->callback([&session] { session.run = [&session] { return new_key(session); }; });

  auto* verb = add_verb(app, "rekey", "Have an encrypted store open with another key",
                        "memctl --key-file key rekey --to new.key");
  auto file = std::make_shared<std::string>();
  verb->add_option("--to", *file, "File with the new key")->required()->type_name("FILE");
  verb->callback([&session, file] {
    session.run = [&session, file] { return rekey(session, *file); };
  });
}

}  // namespace fovea::memctl
