#include "fovea/error.h"
#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"
#include "memctl/times.h"
#include "memctl/where.h"

namespace fovea::memctl {
namespace {

struct RecallOptions {
  std::vector<std::int64_t> ids;
  std::string query;
  std::vector<std::string> where;
  int k = 3;
  bool all = false;
  bool piece = false;
  std::string source = "auto";
};

Json keys_of(const RecalledSpan& span) {
  return {{"source", name_of(span.origin)}, {"confidence", span.confidence}};
}

Json keys_of(const RecalledMessage& message) {
  return {{"role", message.role},
          {"time", message.time},
          {"begins", message.begins},
          {"ends", message.ends}};
}

/// Each part of a text with its place in Unicode characters, as the text has them
/// once it has been read from JSON. `parts` follow each other and leave nothing out.
template <typename Part>
Json placed(std::string_view text, const std::vector<Part>& parts) {
  Json documents = Json::array();
  std::size_t begin = 0;
  for (const Part& part : parts) {
    const std::size_t length = count_characters(text.substr(part.begin, part.length));
    Json document = {{"begin", begin}, {"length", length}};
    document.update(keys_of(part));
    documents.push_back(std::move(document));
    begin += length;
  }
  return documents;
}

Json item_of(const Recalled& item) {
  return {{"id", item.id},
          {"level", item.level ? Json(name_of(*item.level)) : Json(nullptr)},
          {"time", item.time},
          {"messages", placed(item.text, item.messages)},
          {"source", name_of(item.source)},
          {"text", item.text},
          {"confidence", item.confidence},
          {"complete", item.complete},
          {"spans", placed(item.text, item.spans)}};
}

/// Tells of a page that its model did not come to the end of. False then.
bool is_whole(const Recalled& item) {
  if (!item.complete) {
    say("page " + std::to_string(item.id) +
        ": the model did not reach an end, usually because it repeats itself; the text is what it "
        "wrote");
  }
  return item.complete;
}

/// And why.
void say_nothing_found(const Memory& memory, const RecallOptions& options) {
  const SearchOptions asked{.k = options.k, .where = conditions_of(options.where)};
  say("nothing found: " + memory.search(options.query, asked).note);
}

/// The pieces that answer, each with what is around it.
int recall_pieces(const Session& session, Memory& memory, const RecallOptions& options) {
  Json items = Json::array();
  std::string text;
  for (const RecalledPiece& piece : memory.recall_pieces(options.query, options.k, conditions_of(options.where))) {
    items.push_back({{"id", piece.page},
                     {"level", nullptr},
                     {"source", piece.page == 0 ? "verbatim" : "archive"},
                     {"text", piece.around},
                     {"confidence", 1},
                     {"piece", piece.text},
                     {"place", piece.place},
                     {"role", piece.role},
                     {"speaker", piece.speaker},
                     {"time", piece.time}});
    text += (text.empty() ? "[" : "\n[") +
            (piece.page == 0 ? "on no page yet" : "page " + std::to_string(piece.page)) +
            (piece.time == 0 ? "" : ", " + text_of_time(piece.time)) +
            (piece.role.empty() ? "" : ", " + escaped_line(piece.role)) + "]\n" + piece.around +
            (piece.around.ends_with('\n') ? "" : "\n");
  }
  if (items.empty()) say_nothing_found(memory, options);
  session.print({{"items", items}}, text);
  return items.empty() ? kFailure : kOk;
}

std::vector<Recalled> recall_chosen(Memory& memory, const RecallOptions& options) {
  const Source source = source_from_name(options.source);
  if (options.query.empty()) return memory.recall(options.ids, source);
  return memory.recall(options.query, {.k = options.k, .where = conditions_of(options.where)},
                       source);
}

/// The pages as they come; without --json each is printed at once.
Json recall_all(const Session& session, const Memory& memory, Source source, bool& whole) {
  ProgressBar bar("pages");
  const std::size_t total = memory.stats().pages;
  std::size_t done = 0;
  Json items = Json::array();
  memory.recall_all(source, [&](const Recalled& item) {
    if (!item.complete) bar.hide();
    whole &= is_whole(item);
    if (session.json) {
      items.push_back(item_of(item));
    } else {
      bar.hide();
      write_out(item.text);
    }
    if (item.level) ++done;
    if (total > 0) bar.show(done, static_cast<double>(done) / static_cast<double>(total));
    return !interrupted();
  });
  return items;
}

int recall(const Session& session, const RecallOptions& options) {
  if (!options.all && options.ids.empty() && options.query.empty()) {
    throw Error(ErrorCode::invalid_argument, "recall: give page ids, --query TEXT or --all");
  }
  if (options.piece && options.query.empty())
    throw Error(ErrorCode::invalid_argument, "recall --piece: give the question with --query TEXT");
  Memory memory = session.open_scope();
  if (options.piece) return recall_pieces(session, memory, options);
  bool whole = true;
  if (options.all) {
    note_interrupts();
    const Json items = recall_all(session, memory, source_from_name(options.source), whole);
    if (session.json) session.print({{"items", items}}, "");
    return interrupted() ? kInterrupted : whole ? kOk : kFailure;
  }
  Json items = Json::array();
  std::string text;
  for (const Recalled& item : recall_chosen(memory, options)) {
    items.push_back(item_of(item));
    text += item.text;
    whole &= is_whole(item);
  }
  if (items.empty()) say_nothing_found(memory, options);
  session.print({{"items", items}}, text);
  return whole && !items.empty() ? kOk : kFailure;
}

}  // namespace

void add_recall(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "recall", "Print the text of pages, read back, in order",
                        "memctl recall --query \"port of the relay\" --piece");
  auto options = std::make_shared<RecallOptions>();
  auto* ids = verb->add_option("ids", options->ids, "Pages")->check(page_number())->type_name("ID...");
  auto* query =
      verb->add_option("--query", options->query, "Pages that a search finds")->excludes(ids);
  auto* all = verb->add_flag("--all", options->all,
                             "All pages, then the text that does not fill a page yet");
  all->excludes(ids)->excludes(query);
  verb->add_flag("--piece", options->piece,
                 "Of what --query finds only the pieces that answer, each with what is around it")
      ->excludes(ids)
      ->excludes(all);
  add_where(*verb, options->where, "role, source, time, without --piece level");
  verb->get_option("--where")->needs(query);
  verb->add_option("-k", options->k, "Pages or pieces for --query")
      ->check(whole_number(1, kMostPages))
      ->capture_default_str();
  verb->add_option("--source", options->source,
                   "tokens: decode the vision tokens and nothing else; archive: the exact text; "
                   "auto: archive where it is kept, otherwise tokens with anchors and corrections")
      ->check(CLI::IsMember({"tokens", "auto", "archive"}))
      ->capture_default_str();
  verb->callback([&session, options] {
    session.run = [&session, options] { return recall(session, *options); };
  });
}

}  // namespace fovea::memctl
