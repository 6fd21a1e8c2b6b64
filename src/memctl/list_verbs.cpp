#include <algorithm>
#include <optional>

#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/page_facts.h"
#include "memctl/session.h"
#include "memctl/times.h"
#include "memctl/where.h"

namespace fovea::memctl {
namespace {

struct ListArguments {
  std::vector<std::string> where;
  std::size_t limit = 20;
};

/// With one more than asked for, which says whether there are more.
ListOptions options_of(const ListArguments& arguments) {
  ListOptions options{.where = conditions_of(arguments.where), .limit = arguments.limit + 1};
  return options;
}

/// Takes the oldest of one too many away, and puts the newest first. True when it was one too many.
template <class Item>
bool newest_first(std::vector<Item>& items, std::size_t limit) {
  const bool more = items.size() > limit;
  if (more) items.erase(items.begin());
  std::ranges::reverse(items);
  return more;
}

std::string more_line(bool more, std::size_t limit) {
  return more ? "... and older ones; --limit shows more than " + counted(limit, "line") + "\n" : "";
}

/// Padded to a column; times, roles and levels are ASCII, mostly.
std::string in_column(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text + "  ";
}

std::string shown_time(Time time) { return time == 0 ? "no date" : text_of_time(time); }

std::string shown_times(Time first, Time last) {
  if (first == last || first == 0) return shown_time(last);
  return text_of_time(first) + " - " + text_of_time(last);
}

/// "today", "12 days old"; nothing without a time.
std::string shown_age(Time time) {
  if (time == 0) return "";
  const Time days = std::max<Time>(0, time_now() - time) / 86'400;
  return days == 0 ? ", today" : ", " + counted(static_cast<std::size_t>(days), "day") + " old";
}

std::string scope_mark(const Session& session, const Scope& scope) {
  return scope == scope_from_name(session.scope) ? "" : "  [" + escaped_line(to_text(scope)) + "]";
}

Json document_of(const MessageInfo& message) {
  return {{"id", message.id},
          {"scope", to_text(message.scope)},
          {"role", message.role},
          {"time", message.time},
          {"expires", message.expires},
          {"source", message.source_id},
          {"pages", message.pages},
          {"level", message.level ? Json(name_of(*message.level)) : Json(nullptr)},
          {"bytes", message.bytes},
          {"tokens", message.tokens ? Json(*message.tokens) : Json(nullptr)},
          {"begins", message.begins}};
}

std::string text_of(const MessageInfo& message, const Session& session) {
  const std::string page = message.pages.empty()
                               ? "on no page yet"
                               : "page " + std::to_string(message.pages.front()) + " " +
                                     std::string(name_of(*message.level));
  return in_column(std::to_string(message.id), 4) + in_column(shown_time(message.time), 16) +
         in_column(escaped_line(message.role), 9) + in_column(page, 14) +
         in_column(
             message.tokens ? counted(*message.tokens, "token") : counted(message.bytes, "byte"),
             11) +
         (message.tokens ? message.begins : "(the text is not kept; `recall` reads the page)") +
         scope_mark(session, message.scope) + "\n";
}

Json document_of(const PageInfo& page) {
  Json document = {{"id", page.id},
                   {"scope", to_text(page.scope)},
                   {"level", name_of(page.level)},
                   {"layout", name_of(page.layout)},
                   {"density", page.layout == Layout::cells ? Json(static_cast<int>(page.density))
                                                            : Json(nullptr)}};
  document.update(page_facts(page));
  document["sources"] = page.sources;
  return document;
}

std::string shown_sources(const std::vector<std::string>& sources) {
  if (sources.empty()) return "";
  const std::string others = sources.size() == 1 ? "" : " and " + counted(sources.size() - 1, "other");
  return "      from " + escaped_line(sources.front()) + others + "\n";
}

std::string text_of(const PageInfo& page, const Session& session) {
  std::string text = in_column(std::to_string(page.id), 4) + in_column(std::string(name_of(page.level)), 5) +
                     shown_times(page.first_time, page.time) + shown_age(page.time) + ": " +
                     counted(page.vision_tokens, "vision token") + " for " + grouped(page.text_tokens) +
                     " of text, " + grouped(page.token_bytes) + " bytes for " + grouped(page.text_bytes);
  text += page.fidelity ? ", read back " + percent(*page.fidelity) : ", not measured";
  if (page.fidelity_error > 0) text += " (give or take " + percent(page.fidelity_error) + ")";
  text += ", " + counted(page.messages, "message");
  if (page.pinned) text += ", pinned";
  if (!page.has_archive) text += page.keeps_text ? ", keeps what cannot be read" : ", text not kept";
  if (page.expires != 0) text += ", until " + text_of_time(page.expires);
  return text + scope_mark(session, page.scope) + "\n" + shown_sources(page.sources);
}

/// Prints what was listed, newest first, as many as asked for. `key`: of the document.
template <typename Info>
int print_newest(const Session& session, const ListArguments& arguments, const char* key,
                 std::vector<Info> listed, const std::string& none) {
  const bool more = newest_first(listed, arguments.limit);
  Json documents = Json::array();
  std::string text;
  for (const Info& info : listed) {
    documents.push_back(document_of(info));
    text += text_of(info, session);
  }
  if (listed.empty()) text = none + "\n";
  session.print({{key, documents}, {"more", more}}, text + more_line(more, arguments.limit));
  return kOk;
}

int list(const Session& session, const ListArguments& arguments) {
  const ListOptions options = options_of(arguments);
  return print_newest(session, arguments, "messages",
                      session.open_scope(options.where).messages(options), "no message");
}

int pages(const Session& session, const ListArguments& arguments) {
  const ListOptions options = options_of(arguments);
  return print_newest(session, arguments, "pages",
                      session.open_scope(options.where).pages(options), "no page");
}

int scopes(const Session& session, bool of_user) {
  const auto scopes = session.open().scopes(!of_user);
  Json documents = Json::array();
  std::string text;
  for (const ScopeInfo& scope : scopes) {
    documents.push_back({{"scope", to_text(scope.scope)},
                         {"pages", scope.pages},
                         {"messages", scope.messages},
                         {"text_tokens", scope.text_tokens},
                         {"vision_tokens", scope.vision_tokens},
                         {"verbatim_bytes", scope.verbatim_bytes},
                         {"first_time", scope.first_time},
                         {"time", scope.time}});
    text += in_column(escaped_line(to_text(scope.scope)), 24) +
            in_column(shown_times(scope.first_time, scope.time), 35) +
            counted(scope.pages, "page") + " of " + counted(scope.messages, "message") + ", " +
            counted(scope.vision_tokens, "vision token") + " for " + grouped(scope.text_tokens) +
            " of text, " + counted(scope.verbatim_bytes, "byte") + " on no page yet\n";
  }
  if (scopes.empty()) text = "no scope\n";
  session.print({{"scopes", documents}}, text);
  return kOk;
}

void add_listing(CLI::App& app, Session& session, const std::string& name,
                 const std::string& description, const std::string& example,
                 int (*run)(const Session&, const ListArguments&)) {
  auto* verb = add_verb(app, name, description, example);
  auto arguments = std::make_shared<ListArguments>();
  add_where(*verb, arguments->where);
  verb->add_option("--limit", arguments->limit, "How many of the newest to show")
      ->check(whole_number(1, kMostPages))
      ->capture_default_str();
  verb->callback([&session, arguments, run] {
    session.run = [&session, arguments, run] { return run(session, *arguments); };
  });
}

}  // namespace

void add_list_verbs(CLI::App& app, Session& session) {
  add_listing(
      app, session, "list", "List the messages, newest first, including those on no page yet",
      "memctl list --where \"role = tool\" --where \"time >= 2026-05-15\" --limit 50", list);
  add_listing(app, session, "pages",
              "List the pages, newest first: level, dates, what each costs and holds",
              "memctl pages --where \"level in faint, trace\"", pages);
  const CLI::Option* scope = app.get_option("--scope");
  add_verb(app, "scopes",
           "List whose memory the store holds, and how much; with --scope, that user's alone",
           "memctl --store fovea.db scopes")
      ->callback([&session, scope] {
        session.run = [&session, of_user = scope->count() > 0] { return scopes(session, of_user); };
      });
}

}  // namespace fovea::memctl
