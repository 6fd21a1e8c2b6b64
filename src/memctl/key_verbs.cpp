#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

int new_key(const Session& session, const std::string& file) {
  const std::string key = new_key_text();
  if (file.empty()) {
    session.print({{"key", key}}, key + "\n");
    return kOk;
  }
  OutputFile made(file, OutputFile::Existing::refused);
  made.write(key + "\n");
  made.keep();
  session.print({{"key_file", file}}, file + ": a new key that only you can read; keep a copy\n");
  return kOk;
}

int rekey(const Session& session, const std::string& file) {
  Memory memory = session.open();
  memory.change_key([&] { return key_from_file(file); });
  session.print({{"store", session.store_name()}, {"key_file", file}},
                session.store_name() + " opens with the key in " + file + " from now on\n");
  return kOk;
}

}  // namespace

void add_key_verbs(CLI::App& app, Session& session) {
  auto* make = add_verb(app, "new-key", "Make a new random key for an encrypted store",
                        "memctl new-key -o key && memctl --key-file key compact day.jsonl");
  auto output = std::make_shared<std::string>();
  make->add_option("-o,--output", *output, "New file for it; otherwise it is printed")
      ->type_name("FILE");
  make->callback([&session, output] {
    session.run = [&session, output] { return new_key(session, *output); };
  });

  auto* verb = add_verb(app, "rekey", "Change the key of an encrypted store",
                        "memctl --key-file key rekey --to new.key");
  auto file = std::make_shared<std::string>();
  verb->add_option("--to", *file, "File with the new key")->required()->type_name("FILE");
  verb->callback([&session, file] {
    session.run = [&session, file] { return rekey(session, *file); };
  });
}

}  // namespace fovea::memctl
