#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/session.h"
#include "memctl/times.h"
#include "memctl/where.h"

namespace fovea::memctl {
namespace {

struct SearchArguments {
  std::vector<std::string> words;
  std::vector<std::string> where;
  SearchOptions options;
  bool explain = false;
};

Json document_of(const std::optional<Place>& place) {
  if (!place) return nullptr;
  return {{"rank", place->rank}, {"value", place->value}, {"adds", place->adds}};
}

Json document_of(const Hit& hit, bool explain) {
  Json document = {{"id", hit.id},
                   {"score", hit.score},
                   {"snippet", hit.snippet},
                   {"piece", hit.piece},
                   {"role", hit.role},
                   {"speaker", hit.speaker},
                   {"time", hit.time},
                   {"scope", to_text(hit.scope)}};
  if (explain) {
    document["explain"] = {{"words", document_of(hit.words)},
                           {"cosine", hit.cosine ? Json(*hit.cosine) : Json(nullptr)},
                           {"likeness", document_of(hit.likeness)},
                           {"recency", document_of(hit.recency)},
                           {"bm25", hit.bm25 ? Json(*hit.bm25) : Json(nullptr)}};
  }
  return document;
}

std::string text_of(const char* name, const std::optional<Place>& place, int digits) {
  if (!place) return std::string("    ") + name + "not in this list\n";
  return std::string("    ") + name + "rank " + std::to_string(place->rank) + " (" +
         fixed(place->value, digits) + "), adds " + fixed(place->adds, 4) + "\n";
}

std::string text_of(const Hit& hit, const Session& session, bool explain) {
  const std::string who = hit.speaker.empty() ? hit.role : hit.speaker;
  std::string text = std::to_string(hit.id) + "  " + fixed(hit.score, 4) + "  ";
  if (hit.time != 0) text += text_of_time(hit.time) + "  ";
  text += (who.empty() ? "" : escaped_line(who) + ": ") + hit.snippet;
  if (hit.scope != scope_from_name(session.scope))
    text += "  [" + escaped_line(to_text(hit.scope)) + "]";
  text += "\n";
  if (!explain) return text;
  text += text_of("words     ", hit.words, 2) + text_of("likeness  ", hit.likeness, 3);
  if (hit.cosine) text += "    (cosine of its best piece: " + fixed(*hit.cosine, 3) + ")\n";
  if (hit.recency) text += text_of("recency   ", hit.recency, 0);
  if (hit.bm25) text += "    (bm25 of the whole page: " + fixed(*hit.bm25, 2) + ")\n";
  return text;
}

int search(const Session& session, SearchArguments arguments) {
  arguments.options.where = conditions_of(arguments.where);
  std::string query;
  for (const std::string& word : arguments.words) query += (query.empty() ? "" : " ") + word;
  const SearchResult result = session.open_scope(arguments.options.where).search(query, arguments.options);
  Json hits = Json::array();
  std::string text;
  for (const Hit& hit : result.hits) {
    hits.push_back(document_of(hit, arguments.explain));
    text += text_of(hit, session, arguments.explain);
  }
  if (!result.verbatim_snippet.empty()) text += "not on a page yet: " + result.verbatim_snippet + "\n";
  const bool nothing = result.hits.empty() && result.verbatim_snippet.empty();
  if (!session.json && !result.note.empty()) say((nothing ? "nothing found: " : "") + result.note);
  session.print({{"hits", hits},
                 {"note", result.note},
                 {"verbatim_snippet", result.verbatim_snippet}},
                text);
  return nothing ? kFailure : kOk;
}

}  // namespace

void add_search(CLI::App& app, Session& session) {
  auto* verb = add_verb(
      app, "search", "Find pages by words, and with an embedder by meaning too; best first",
      "memctl search \"database is locked\" -k 5 --where \"role = user\" --explain");
  auto arguments = std::make_shared<SearchArguments>();
  verb->add_option("query", arguments->words, "What to look for")->required()->type_name("TEXT...");
  verb->add_option("-k", arguments->options.k, "At most this many pages")
      ->check(whole_number(1, kMostPages))
      ->capture_default_str();
  add_where(*verb, arguments->where);
  verb->add_option("--recency", arguments->options.recency,
                   "How much a page's age counts beside its best piece, which counts 1")
      ->check(number(0, 1000))
      ->capture_default_str();
  verb->add_flag("--explain", arguments->explain, "Show how each page got its score");
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] { return search(session, *arguments); };
  });
}

}  // namespace fovea::memctl
