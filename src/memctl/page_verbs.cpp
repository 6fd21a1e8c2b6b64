#include "fovea/error.h"
#include "src/memctl/files.h"
#include "src/memctl/output.h"
#include "src/memctl/session.h"

namespace fovea::memctl {
namespace {

struct ShowOptions {
  std::int64_t id = 0;
  std::string level;
  std::string output;
};

int show(const Session& session, const ShowOptions& options) {
  std::optional<Level> level;
  if (!options.level.empty()) level = level_from_name(options.level);
  const Page page = session.open().picture(options.id, level);
  const int side = side_of(page.level);
  write_png(options.output, page.pixels, side, side);
  session.print({{"id", options.id},
                 {"level", name_of(page.level)},
                 {"side", side},
                 {"vision_tokens", token_count(page.level)},
                 {"file", options.output}},
                options.output + ": page " + std::to_string(options.id) + " at " +
                    std::string(name_of(page.level)) + ", " + std::to_string(side) + " px, " +
                    std::to_string(token_count(page.level)) + " vision tokens\n");
  return kOk;
}

int pin(const Session& session, const std::vector<std::int64_t>& ids, bool pinned) {
  Memory memory = session.open();
  for (const std::int64_t id : ids) memory.pin(id, pinned);
  session.print({{"ids", ids}, {"pinned", pinned}},
                counted(ids.size(), "page") + (pinned ? " pinned\n" : " unpinned\n"));
  return kOk;
}

struct EraseOptions {
  std::vector<std::int64_t> ids;
  bool all = false;
  std::string receipt;
};

Json document_of(const EraseReceipt& receipt, const Session& session) {
  return {{"store", session.store},
          {"scope", session.scope},
          {"pages", receipt.pages},
          {"rows", receipt.rows},
          {"receipt", receipt.receipt},
          {"sha256", receipt.sha256},
          {"bytes_gone", receipt.bytes_gone}};
}

int erase(const Session& session, const EraseOptions& options) {
  if (options.ids.empty() && !options.all) {
    throw Error(ErrorCode::invalid_argument, "erase: give page ids, or --all for the whole scope");
  }
  Memory memory = session.open();
  if (!options.receipt.empty()) write_file(options.receipt, "");  // find out before erasing
  const EraseReceipt receipt = options.all ? memory.erase_scope() : memory.erase(options.ids);
  const Json document = document_of(receipt, session);
  if (!options.receipt.empty()) write_file(options.receipt, to_text(document) + "\n");
  std::string text = counted(receipt.pages.size(), "page") + " erased\n";
  for (const auto& [table, rows] : receipt.rows) {
    if (rows > 0) text += "  " + table + ": " + counted(rows, "row") + "\n";
  }
  session.print(document, text);
  if (!receipt.bytes_gone) {
    say("another process reads the store: the rows are gone, their bytes go when it is next opened");
  }
  return kOk;
}

void add_show(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "show", "Write a page's picture as it is remembered",
                        "memctl show 3 --level tiny -o page.png");
  auto options = std::make_shared<ShowOptions>();
  verb->add_option("id", options->id, "The page")->required()->type_name("ID");
  verb->add_option("--level", options->level, "As another level would show it")->type_name("LEVEL");
  verb->add_option("-o,--output", options->output, "PNG file to write")
      ->required()
      ->type_name("FILE");
  verb->callback([&session, options] {
    session.run = [&session, options] { return show(session, *options); };
  });
}

void add_pin(CLI::App& app, Session& session, bool pinned) {
  const std::string name = pinned ? "pin" : "unpin";
  auto* verb = add_verb(app, name, pinned ? "Keep pages from fading" : "Let pages fade again",
                        "memctl " + name + " 3 4");
  auto ids = std::make_shared<std::vector<std::int64_t>>();
  verb->add_option("ids", *ids, "Pages")->required()->type_name("ID...");
  verb->callback([&session, ids, pinned] {
    session.run = [&session, ids, pinned] { return pin(session, *ids, pinned); };
  });
}

void add_erase(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "erase", "Remove pages for good: text, vision tokens and all traces",
                        "memctl erase 3 --receipt erased.json");
  auto options = std::make_shared<EraseOptions>();
  auto* ids = verb->add_option("ids", options->ids, "Pages")->type_name("ID...");
  verb->add_flag("--all", options->all, "Everything of the scope")->excludes(ids);
  verb->add_option("--receipt", options->receipt, "Write what was removed to this JSON file")
      ->type_name("FILE");
  verb->callback([&session, options] {
    session.run = [&session, options] { return erase(session, *options); };
  });
}

}  // namespace

void add_page_verbs(CLI::App& app, Session& session) {
  add_show(app, session);
  add_pin(app, session, true);
  add_pin(app, session, false);
  add_erase(app, session);
}

}  // namespace fovea::memctl
