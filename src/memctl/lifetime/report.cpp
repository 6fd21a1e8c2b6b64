#include "memctl/lifetime/report.h"

#include <algorithm>
#include <array>

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
               {"day", or_null(curve.day)},
               {"age", name_of(curve.age)},
               {"from_days", curve.age.from},
               {"to_days", curve.age.to > 0 ? Json(curve.age.to) : Json(nullptr)},
               {"pages", curve.pages},
               {"questions", curve.questions},
               {"tokens_per_page", curve.tokens}};
  for (const NamedShare& one : kShares) {
    const Share& share = curve.*one.share;
    json[one.name] = or_null(share.value);
    json[std::string(one.name) + "_interval"] = interval_json(share.interval);
  }
  return json;
}

std::string lines_of(const Holding& holding) {
  std::string text;
  const auto line = [&](const std::string& figure, std::size_t value) {
    text +=
        CsvLine(holding.policy, name_of(Method::vision_tokens), std::to_string(holding.day), "all",
                "0", "", figure, std::to_string(holding.pages), std::to_string(value), "", "")
            .text();
  };
  for (const NamedSize& one : kSizes) line(one.name, one.size(holding));
  for (const auto& [level, pages] : holding.levels)
    line("pages_" + std::string(name_of(level)), pages);
  return text;
}

std::string lines_of(const AgeCurve& curve) {
  std::string text;
  const auto line = [&](const std::string& figure, const Share& share) {
    text +=
        CsvLine(curve.policy, name_of(curve.method), curve.day ? std::to_string(*curve.day) : "all",
                name_of(curve.age), std::to_string(curve.age.from),
                curve.age.to > 0 ? std::to_string(curve.age.to) : "", figure,
                std::to_string(curve.pages), share)
            .text();
  };
  line("tokens_per_page", {curve.tokens, std::nullopt});
  for (const NamedShare& one : kShares) line(one.name, curve.*one.share);
  return text;
}

std::string levels_text(const Holding& holding) {
  std::string text;
  for (const auto& [level, pages] : holding.levels)
    text += (text.empty() ? "" : ", ") + grouped(pages) + " " + std::string(name_of(level));
  if (holding.gone > 0) text += (text.empty() ? "" : ", ") + grouped(holding.gone) + " gone";
  return text.empty() ? "none" : text;
}

std::string holdings_table(const LifeFigures& figures) {
  std::string text =
      "\nWhat each store holds in the end; kB in brackets: the exact text and what else of it is "
      "kept beside\n\n" +
      table_head({"policy", "day", "tokens", "as text", "times fewer", "pages by level",
                  "vision tokens, kB", "file, kB"});
  for (std::size_t i = 0; i < figures.holdings.size(); ++i) {
    const Holding& one = figures.holdings[i];
    const bool is_last =
        i + 1 == figures.holdings.size() || figures.holdings[i + 1].policy != one.policy;
    if (!is_last) continue;
    const double fewer =
        double(one.history_tokens) / double(std::max<std::size_t>(1, one.tokens()));
    text += table_line(
        {cell_text(one.policy), std::to_string(one.day), grouped(one.tokens()),
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
  std::string text = "\n" + title + "\n\n" + table_head(head);
  for (const AgeCurve& curve : figures.curves) {
    if (curve.day || curve.method != method) continue;
    std::vector<std::string> cells{cell_text(curve.policy), name_of(curve.age),
                                   grouped(curve.pages), fixed(curve.tokens, 0)};
    for (const NamedShare& one : kShares) cells.push_back(percent_text(curve.*one.share, 1));
    text += table_line(cells);
  }
  return text;
}

std::string lived_texts_table(const std::vector<Text>& texts) {
  std::string text = "\nThe texts\n\n" + table_head({"text", "file", "format", "file, bytes",
                                                     "text, bytes", "SHA-256"});
  for (const Text& one : texts)
    text += table_line({cell_text(one.name), cell_text(one.file), one.format, grouped(one.bytes),
                        grouped(one.text.size()), one.sha256.substr(0, 16)});
  return text;
}

std::string life_head(const RunReport& report) {
  const Json& run = report.run;
  std::string text = run_line(
      run, run.at("days").dump() + " days, archive " + run.at("archive").get<std::string>() + ", ");
  if (!report.complete) text += "Interrupted: the figures cover what was lived so far.\n";
  return text + kIntervalsNote;
}

}  // namespace

Json document_of(const LifeFigures& figures, const std::vector<Text>& texts,
                 const RunReport& report) {
  Json holdings = Json::array(), curves = Json::array();
  for (const Holding& one : figures.holdings) holdings.push_back(json_of(one));
  for (const AgeCurve& one : figures.curves) curves.push_back(json_of(one));
  Json document = {{"holdings", holdings},
                   {"curves", curves},
                   {"complete", report.complete},
                   {"seconds", report.seconds},
                   {"readings_known", report.known}};
  add_run(document, report, texts);
  return document;
}

std::string tables_of(const LifeFigures& figures, const std::vector<Text>& texts,
                      const RunReport& report) {
  return life_head(report) + holdings_table(figures) +
         curves_table(figures, Method::vision_tokens,
                      "What is left of a page by its age, over all days that were looked at") +
         curves_table(figures, Method::newest_text,
                      "The baseline: the newest text, in as many tokens as the policy takes") +
         lived_texts_table(texts);
}

std::string lifetime_csv(const LifeFigures& figures) {
  std::string text = "policy,method,day,age,from_days,to_days,figure,pages,value,low,high\n";
  for (const Holding& one : figures.holdings) text += lines_of(one);
  for (const AgeCurve& one : figures.curves) text += lines_of(one);
  return text;
}

}  // namespace fovea::memctl
