#include "src/memctl/output.h"
#include "src/memctl/session.h"

namespace fovea::memctl {
namespace {

int search(const Session& session, const std::string& query, int k) {
  Json hits = Json::array();
  std::string text;
  for (const Hit& hit : session.open().search(query, k)) {
    hits.push_back({{"id", hit.id}, {"score", hit.score}, {"snippet", hit.snippet}});
    text += std::to_string(hit.id) + "  " + fixed(hit.score, 4) + "  " + hit.snippet + "\n";
  }
  session.print({{"hits", hits}}, text.empty() ? "nothing found\n" : text);
  return kOk;
}

}  // namespace

void add_search(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "search", "Find pages by words and by likeness, best first",
                        "memctl search \"database is locked\" -k 5");
  auto query = std::make_shared<std::string>();
  auto k = std::make_shared<int>(10);
  verb->add_option("query", *query, "What to look for")->required()->type_name("TEXT");
  verb->add_option("-k", *k, "Pages at most")->capture_default_str();
  verb->callback([&session, query, k] {
    session.run = [&session, query, k] { return search(session, *query, *k); };
  });
}

}  // namespace fovea::memctl
