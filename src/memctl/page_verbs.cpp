#include <charconv>

#include "fovea/error.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/session.h"
#include "memctl/where.h"

namespace fovea::memctl {
namespace {

struct ShowOptions {
  std::int64_t id = 0;
  std::string level;
  std::string output;
};

int show(const Session& session, const ShowOptions& options) {
  session.require_other_file(options.output);
  std::optional<Level> level;
  if (!options.level.empty()) level = level_from_name(options.level);
  const Page page = session.open_scope().picture(options.id, level);
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
  Memory memory = session.open_pages(ids);
  for (const std::int64_t id : ids) memory.pin(id, pinned);
  session.print({{"ids", ids}, {"pinned", pinned}},
                counted(ids.size(), "page") + (pinned ? " pinned\n" : " unpinned\n"));
  return kOk;
}

struct Erasing {
  EraseOptions what;
  std::vector<std::string> where;
  std::string span;
  bool all = false;
  std::string receipt;
};

Json document_of(const EraseReceipt& receipt, const Session& session) {
  return {{"store", session.store_name()},
          {"scope", session.scope},
          {"pages", receipt.pages},
          {"rewritten", receipt.rewritten},
          {"without_text", receipt.without_text},
          {"not_searched", receipt.not_searched},
          {"messages", receipt.messages},
          {"characters", receipt.characters},
          {"rows", receipt.rows},
          {"receipt", receipt.receipt},
          {"sha256", receipt.sha256},
          {"bytes_gone", receipt.bytes_gone}};
}

/// "12:100-250": characters 100 up to 250 of page 12.
EraseOptions::Span span_from_text(const std::string& text) {
  EraseOptions::Span span;
  std::size_t end = 0;
  const char* at = text.data();
  const char* const stop = text.data() + text.size();
  const auto number = [&](auto& value, char after) {
    const auto [next, error] = std::from_chars(at, stop, value);
    const bool right = error == std::errc() && (after ? next != stop && *next == after : next == stop);
    at = right && after ? next + 1 : next;
    return right;
  };
  if (!number(span.page, ':') || !number(span.begin, '-') || !number(end, '\0') || end <= span.begin)
    throw Error(ErrorCode::invalid_argument,
                "--span " + text + ": expected PAGE:BEGIN-END in characters, such as 12:100-250");
  span.length = end - span.begin;
  return span;
}

std::string numbers(const std::vector<std::int64_t>& ids) {
  std::string list;
  for (const std::int64_t id : ids) list += (list.empty() ? "" : ", ") + std::to_string(id);
  return list;
}

std::string text_of(const EraseReceipt& receipt, bool dry_run) {
  std::string text = counted(receipt.pages.size(), "page") + (dry_run ? " would be erased" : " erased");
  if (!receipt.rewritten.empty())
    text += ", " + counted(receipt.rewritten.size(), "page") + " redrawn without a part";
  text += "; " + counted(receipt.messages, "message") + ", " +
          counted(receipt.characters, "character") + "\n";
  if (!receipt.without_text.empty())
    text += "  erased whole, because their exact text was not kept: pages " +
            numbers(receipt.without_text) + "\n";
  if (!receipt.not_searched.empty())
    text += "  not searched, because their exact text was not kept: pages " +
            numbers(receipt.not_searched) + "\n";
  for (const auto& [table, rows] : receipt.rows) {
    if (rows > 0) text += "  " + table + ": " + counted(rows, "row") + "\n";
  }
  return text;
}

int erase(const Session& session, const Erasing& options) {
  EraseOptions what = options.what;
  what.where = conditions_of(options.where);
  if (!options.span.empty()) what.span = span_from_text(options.span);
  if (options.all && what.dry_run)
    throw Error(ErrorCode::invalid_argument,
                "erase: --all erases everything; `stats` shows what that is");
  Memory memory = session.open_scope();
  std::optional<OutputFile> file;
  if (!options.receipt.empty()) file.emplace(options.receipt, OutputFile::Existing::refused);
  const EraseReceipt receipt = options.all ? memory.erase_scope() : memory.erase(what);
  const Json document = document_of(receipt, session);
  if (file) {
    file->write(to_text(document) + "\n");
    file->keep();
  }
  session.print(document, text_of(receipt, what.dry_run));
  if (!receipt.bytes_gone) {
    say(is_server_url(session.store)
            ? "the rows are gone; the receipt says when their bytes are, and `memctl clean` does it"
            : "another process is reading the store: the rows are gone, their bytes will be when "
              "it is next opened or cleaned");
  }
  return kOk;
}

void add_show(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "show", "Write a page's picture as it is remembered",
                        "memctl show 3 --level tiny -o page.png");
  auto options = std::make_shared<ShowOptions>();
  verb->add_option("id", options->id, "The page")->required()->check(page_number())->type_name("ID");
  verb->add_option("--level", options->level, "Show it at another level")->type_name("LEVEL");
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
  verb->add_option("ids", *ids, "Pages")->required()->check(page_number())->type_name("ID...");
  verb->callback([&session, ids, pinned] {
    session.run = [&session, ids, pinned] { return pin(session, *ids, pinned); };
  });
}

void add_erase(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "erase", "Remove pages for good: text, vision tokens and all traces",
                        "memctl erase 3 --receipt erased.json");
  auto options = std::make_shared<Erasing>();
  EraseOptions& what = options->what;
  verb->add_option("ids", what.pages, "Pages; 0: the text that does not fill a page yet")
      ->check(page_number())
      ->type_name("ID...");
  verb->add_option(
          "--where", options->where,
          "Messages that meet this, such as \"role = tool\"; may be repeated, all must hold")
      ->type_name("CONDITION");
  verb->add_option("--query", what.query, "Messages that have all these words")->type_name("WORDS");
  verb->add_option("--source", what.sources, "Messages with this source id")->type_name("ID");
  verb->add_option("--span", options->span, "Characters of a page's text, such as 12:100-250")
      ->type_name("PAGE:BEGIN-END");
  verb->add_flag("--dry-run", what.dry_run, "Show what would be erased, and change nothing");
  auto* all = verb->add_flag("--all", options->all, "Everything in the scope");
  for (const char* other : {"ids", "--where", "--query", "--source", "--span"})
    all->excludes(verb->get_option(other));
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
