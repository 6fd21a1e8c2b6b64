#include "memctl/lifetime/report.h"

#include <algorithm>
#include <array>
#include <map>

#include "memctl/measurement/run_facts.h"
#include "memctl/measurement/tables.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

struct NamedShare {
  const char* name;
  const char* title;
  Share AgeCurve::*share;
};
constexpr std::array kShares = {
    NamedShare{"fidelity", "fidelity", &AgeCurve::fidelity},
    NamedShare{"exact_strings", "exact strings", &AgeCurve::exact_strings},
    NamedShare{"found", "found", &AgeCurve::found},
    NamedShare{"readable", "readable", &AgeCurve::readable},
    NamedShare{"answered", "found and readable", &AgeCurve::answered}};

struct NamedSize {
  const char* name;
  std::size_t (*size)(const Holding&);
};
const std::array kSizes = {
    NamedSize{"tokens", [](const Holding& one) { return one.tokens(); }},
    NamedSize{"vision_tokens", [](const Holding& one) { return one.record->vision_tokens; }},
    NamedSize{"verbatim_tokens", [](const Holding& one) { return one.record->verbatim_tokens; }},
    NamedSize{"history_tokens", [](const Holding& one) { return one.history_tokens; }},
    NamedSize{"pages", [](const Holding& one) { return one.pages; }},
    NamedSize{"gone", [](const Holding& one) { return one.gone; }},
    NamedSize{"token_bytes", [](const Holding& one) { return one.record->token_bytes; }},
    NamedSize{"archive_bytes", [](const Holding& one) { return one.record->archive_bytes; }},
    NamedSize{"kept_text_bytes", [](const Holding& one) { return one.record->kept_text_bytes; }},
    NamedSize{"file_bytes", [](const Holding& one) { return one.record->file_bytes; }}};

Json json_of(const Holding& holding) {
  Json json = {{"policy", holding.policy}, {"day", holding.day}};
  for (const NamedSize& one : kSizes) json[one.name] = one.size(holding);
  Json levels = Json::object();
  for (const auto& [level, pages] : holding.levels) levels[std::string(name_of(level))] = pages;
  json["levels"] = levels;
  return json;
}

Json json_of(const AgeCurve& curve) {
  Json json = {{"policy", curve.policy},
               {"method", name_of(curve.method)},
               {"day", curve.day ? Json(*curve.day) : Json(nullptr)},
               {"age", name_of(curve.age)},
               {"from_days", curve.age.from},
               {"to_days", curve.age.to > 0 ? Json(curve.age.to) : Json(nullptr)},
               {"pages", curve.pages},
               {"questions", curve.questions},
               {"tokens_per_page", curve.tokens}};
  for (const NamedShare& one : kShares) {
    const Share& share = curve.*one.share;
    json[one.name] = number_json(share.value);
    json[std::string(one.name) + "_interval"] = interval_json(share.interval);
  }
  return json;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + csv_field(field);
  return line + "\n";
}

std::string lines_of(const Holding& holding) {
  std::string text;
  const auto line = [&](const std::string& figure, std::size_t value) {
    text += csv_line({holding.policy, std::string(name_of(Method::vision_tokens)),
                      std::to_string(holding.day), "all", "0", "", figure,
                      std::to_string(holding.pages), std::to_string(value), "", ""});
  };
  for (const NamedSize& one : kSizes) line(one.name, one.size(holding));
  for (const auto& [level, pages] : holding.levels)
    line("pages_" + std::string(name_of(level)), pages);
  return text;
}

std::string lines_of(const AgeCurve& curve) {
  std::string text;
  const auto line = [&](const std::string& figure, const Share& share) {
    text += csv_line({curve.policy, std::string(name_of(curve.method)),
                      curve.day ? std::to_string(*curve.day) : "all", name_of(curve.age),
                      std::to_string(curve.age.from),
                      curve.age.to > 0 ? std::to_string(curve.age.to) : "", figure,
                      std::to_string(curve.pages), number(share.value),
                      share.interval ? number(share.interval->low) : "",
                      share.interval ? number(share.interval->high) : ""});
  };
  line("tokens_per_page", {curve.tokens, std::nullopt});
  for (const NamedShare& one : kShares) line(one.name, curve.*one.share);
  return text;
}

std::string percent_of(const Share& share) {
  if (!share.value) return "none";
  std::string text = fixed(100 * *share.value, 1);
  if (share.interval)
    text += " [" + fixed(100 * share.interval->low, 1) + ", " +
            fixed(100 * share.interval->high, 1) + "]";
  return text;
}

std::string rule_of(std::size_t columns) {
  std::string text = "|";
  for (std::size_t i = 0; i < columns; ++i) text += "---|";
  return text + "\n";
}

std::string levels_text(const Holding& holding) {
  std::string text;
  for (const auto& [level, pages] : holding.levels)
    text += (text.empty() ? "" : ", ") + grouped(pages) + " " + std::string(name_of(level));
  if (holding.gone > 0) text += (text.empty() ? "" : ", ") + grouped(holding.gone) + " gone";
  return text.empty() ? "none" : text;
}

std::string holdings_table(const LifeFigures& figures) {
  std::map<std::string, const Holding*> last;
  std::vector<std::string> order;
  for (const Holding& one : figures.holdings) {
    if (!last.contains(one.policy)) order.push_back(one.policy);
    last[one.policy] = &one;
  }
  std::string text =
      "\nWhat each store holds in the end; kB in brackets: the exact text and what else of it is "
      "kept beside\n\n" +
      table_line({"policy", "day", "tokens", "as text", "times fewer", "pages by level",
                  "vision tokens, kB", "file, kB"}) +
      rule_of(8);
  for (const std::string& policy : order) {
    const Holding& one = *last.at(policy);
    const double fewer =
        double(one.history_tokens) / double(std::max<std::size_t>(1, one.tokens()));
    text += table_line(
        {cell_text(policy), std::to_string(one.day), grouped(one.tokens()),
         grouped(one.history_tokens), fixed(fewer, 1), levels_text(one),
         grouped(one.record->token_bytes / 1000) + " (" +
             grouped((one.record->archive_bytes + one.record->kept_text_bytes) / 1000) + ")",
         grouped(one.record->file_bytes / 1000)});
  }
  return text;
}

std::string curves_table(const LifeFigures& figures, Method method, const std::string& title) {
  std::vector<std::string> head{"policy", "age of the page", "pages", "tokens a page"};
  for (const NamedShare& one : kShares) head.emplace_back(std::string(one.title) + ", %");
  std::string text = "\n" + title + "\n\n" + table_line(head) + rule_of(head.size());
  for (const AgeCurve& curve : figures.curves) {
    if (curve.day || curve.method != method) continue;
    std::vector<std::string> cells{cell_text(curve.policy), name_of(curve.age),
                                   grouped(curve.pages), fixed(curve.tokens, 0)};
    for (const NamedShare& one : kShares) cells.push_back(percent_of(curve.*one.share));
    text += table_line(cells);
  }
  return text;
}

std::string lived_texts_table(const std::vector<Text>& texts) {
  std::string text =
      "\nThe texts\n\n" +
      table_line({"text", "file", "format", "file, bytes", "text, bytes", "SHA-256"}) + rule_of(6);
  for (const Text& one : texts)
    text += table_line({cell_text(one.name), cell_text(one.file), one.format, grouped(one.bytes),
                        grouped(one.text.size()), one.sha256.substr(0, 16)});
  return text;
}

std::string head_of(const LifeReport& report) {
  const Json& run = report.run;
  const auto word = [](const Json& value) { return value.get<std::string>(); };
  std::string text =
      "memctl " + word(run.at("memctl")) + ", " + word(run.at("checkpoint").at("name")) + " " +
      word(run.at("checkpoint").at("fingerprint")).substr(0, 16) + ", " + run.at("days").dump() +
      " days, archive " + word(run.at("archive")) + ", seed " + run.at("seed").dump() + ", " +
      word(run.at("machine").at("processor")) + "\n";
  if (!report.complete) text += "Interrupted: the figures cover what was lived so far.\n";
  return text +
         "In square brackets: 95 % intervals by the bootstrap over pages, where there are two or "
         "more.\n";
}

}  // namespace

Json document_of(const LifeFigures& figures, const std::vector<Text>& texts,
                 const LifeReport& report) {
  Json holdings = Json::array(), curves = Json::array(), inputs = Json::array();
  for (const Holding& one : figures.holdings) holdings.push_back(json_of(one));
  for (const AgeCurve& one : figures.curves) curves.push_back(json_of(one));
  for (const Text& text : texts) inputs.push_back(text_json(text));
  Json document = {{"holdings", holdings},
                   {"curves", curves},
                   {"complete", report.complete},
                   {"seconds", report.seconds},
                   {"readings_known", report.readings_known},
                   {"command", report.command},
                   {"inputs", inputs}};
  for (const auto& [name, value] : report.run.items())
    if (name != "inputs") document[name] = value;
  return document;
}

std::string tables_of(const LifeFigures& figures, const std::vector<Text>& texts,
                      const LifeReport& report) {
  return head_of(report) + holdings_table(figures) +
         curves_table(figures, Method::vision_tokens,
                      "What is left of a page by its age, over all days that were looked at") +
         curves_table(figures, Method::newest_text,
                      "The baseline: the newest text, in as many tokens as the policy takes") +
         lived_texts_table(texts);
}

std::string lifetime_csv(const LifeFigures& figures) {
  std::string text = csv_line({"policy", "method", "day", "age", "from_days", "to_days", "figure",
                               "pages", "value", "low", "high"});
  for (const Holding& one : figures.holdings) text += lines_of(one);
  for (const AgeCurve& one : figures.curves) text += lines_of(one);
  return text;
}

}  // namespace fovea::memctl
