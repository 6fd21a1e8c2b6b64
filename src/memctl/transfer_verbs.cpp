#include <filesystem>
#include <system_error>

#include "fovea/error.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

struct FileArguments {
  std::string file;
  std::string key_file;
  std::string from;
  bool plain = false;
};

/// What the exported file is encrypted with: the key that is named, otherwise the store's.
KeySource key_of(const Session& session, const FileArguments& arguments) {
  if (arguments.plain) return {};
  if (arguments.key_file.empty()) return session.key_source();
  return [file = arguments.key_file] { return key_from_file(file); };
}

int export_scope(const Session& session, const FileArguments& arguments) {
  const std::size_t pages =
      session.open_scope().export_scope(arguments.file, key_of(session, arguments));
  session.print({{"file", arguments.file}, {"scope", session.scope}, {"pages", pages}},
                arguments.file + ": " + counted(pages, "page") + " of " + session.scope + "\n");
  return kOk;
}

int import_scope(const Session& session, const FileArguments& arguments) {
  // Before a store is made for it.
  if (std::error_code error; !std::filesystem::is_regular_file(arguments.file, error))
    throw Error(std::filesystem::exists(arguments.file, error) ? ErrorCode::invalid_argument
                                                               : ErrorCode::not_found,
                "import: there is no file " + arguments.file);
  std::optional<Scope> which;
  if (!arguments.from.empty()) which = scope_from_name(arguments.from);
  const std::size_t pages =
      session.open(Session::Missing::is_made)
          .import_scope(arguments.file, key_of(session, arguments), which);
  session.print(
      {{"file", arguments.file}, {"scope", session.scope}, {"pages", pages}},
      counted(pages, "page") + " of " + arguments.file + " imported into " + session.scope + "\n");
  return kOk;
}

int backup(const Session& session, const std::string& file) {
  session.open().backup(file);
  session.print({{"store", session.store_name()}, {"file", file}},
                file + ": a copy of " + session.store_name() + "\n");
  return kOk;
}

/// The refusals as JSON; a line each is added to `text`.
Json listed(const std::vector<Refusal>& refusals, const std::string& what, std::string& text) {
  Json list = Json::array();
  for (const Refusal& refusal : refusals) {
    list.push_back({{"id", refusal.id}, {"reason", refusal.reason}});
    text += "page " + std::to_string(refusal.id) + what + refusal.reason + "\n";
  }
  return list;
}

int migrate(const Session& session, const std::string& old_model) {
  note_interrupts();
  ProgressBar bar("pages");
  MigrateOptions options;
  options.old_checkpoint = old_model;
  options.progress = [&](std::size_t done, std::size_t total) {
    bar.show(done, total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total));
    return !interrupted();
  };
  const MigrateResult result = session.open().migrate(options);
  bar.hide();
  std::string text = counted(result.pages, "page") + " encoded again, " + grouped(result.known) +
                     " already had tokens of this checkpoint\n";
  if (result.corrected > 0)
    text += "corrections of " + counted(result.corrected, "page") + " made again\n";
  const Json refused = listed(result.refused, " stays: ", text);
  const Json uncorrected = listed(result.uncorrected, " lost its corrections: ", text);
  session.print({{"pages", result.pages},
                 {"known", result.known},
                 {"corrected", result.corrected},
                 {"uncorrected", uncorrected},
                 {"refused", refused},
                 {"stopped", result.stopped}},
                text);
  return result.stopped ? kInterrupted : kOk;
}

CLI::App* add_file_verb(CLI::App& app, Session& session, const std::string& name,
                        const std::string& description, const std::string& example,
                        int (*run)(const Session&, const FileArguments&)) {
  auto* verb = add_verb(app, name, description, example);
  auto arguments = std::make_shared<FileArguments>();
  verb->add_option("file", arguments->file, "The exported file")->required()->type_name("FILE");
  auto* key = verb->add_option("--file-key", arguments->key_file,
                               "File with the key of the exported file; otherwise the store's key");
  key->type_name("FILE");
  verb->add_flag("--plain", arguments->plain, "The exported file is not encrypted")->excludes(key);
  if (name == "import")
    verb->add_option("--from", arguments->from, "Which scope, if the file has several")
        ->type_name("U/A/S/R");
  verb->callback([&session, arguments, run] {
    session.run = [&session, arguments, run] { return run(session, *arguments); };
  });
  return verb;
}

}  // namespace

void add_transfer_verbs(CLI::App& app, Session& session) {
  add_file_verb(app, session, "export", "Write everything in the scope to one new file",
                "memctl --scope ann/coder/monday export monday.fovea", export_scope);
  add_file_verb(app, session, "import", "Import an exported file, or one scope of a backup",
                "memctl --scope ann/coder/monday import monday.fovea", import_scope);

  auto* copy = add_verb(app, "backup", "Copy the whole store to a new file while others use it",
                        "memctl --store fovea.db backup fovea-friday.db");
  auto file = std::make_shared<std::string>();
  copy->add_option("file", *file, "A new file")->required()->type_name("FILE");
  copy->callback([&session, file] {
    session.run = [&session, file] { return backup(session, *file); };
  });

  auto* verb = add_verb(app, "migrate", "Encode again the pages that another checkpoint made",
                        "memctl --model new-model migrate --old-model old-model");
  auto old_model = std::make_shared<std::string>();
  verb->add_option("--old-model", *old_model,
                   "The checkpoint that made them: reads pages whose exact text was not kept")
      ->type_name("DIR");
  verb->callback([&session, old_model] {
    session.run = [&session, old_model] { return migrate(session, *old_model); };
  });
}

}  // namespace fovea::memctl
