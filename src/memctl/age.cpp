#include "fovea/error.h"
#include "fovea/text.h"
#include "memctl/checks.h"
#include "memctl/files.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kWordsShown = 12;
constexpr std::size_t kWordBytesShown = 40;
constexpr std::size_t kRefusalsShown = 20;

struct AgeArguments {
  std::string now;
  std::string to;
  std::string policy;
  bool no_words = false;
  bool dry_run = false;
};

/// Seconds since 1970, or a date such as 2026-05-15T10:00:00Z.
Time time_from_text(const std::string& text) {
  const bool number = text.find_first_not_of("0123456789") == std::string::npos;
  const Time time = number && text.size() < 16 ? std::stoll(text) : parse_time(text);
  if (time > 0) return time;
  throw Error(ErrorCode::invalid_argument,
              "--now \"" + text + "\": expected seconds since 1970 or a date such as 2026-05-15T10:00Z");
}

std::string level_name(std::optional<Level> level) {
  return level ? std::string(name_of(*level)) : "gone";
}

Json step_document(const Step& step) {
  return {{"id", step.id},
          {"from", name_of(step.from)},
          {"to", level_name(step.to)},
          {"fidelity", step.fidelity ? Json(*step.fidelity) : Json(nullptr)},
          {"fidelity_error", step.fidelity_error},
          {"tokens_saved", step.tokens_saved},
          {"reason", step.reason}};
}

Json document_of(const AgeResult& result, bool dry_run) {
  Json steps = Json::array();
  for (const Step& step : result.steps) {
    Json entry = step_document(step);
    if (const auto lost = result.lost_words.find(step.id); lost != result.lost_words.end()) {
      entry["lost_words"] = lost->second;
    }
    steps.push_back(std::move(entry));
  }
  Json refused = Json::array();
  for (const auto& refusal : result.refused) {
    refused.push_back({{"id", refusal.id}, {"reason", refusal.reason}});
  }
  Json document = {{"steps", steps},
                   {"refused", refused},
                   {"archives", result.archives},
                   {"dry_run", dry_run},
                   {"stopped", result.stopped},
                   {"measured", result.measured},
                   {"vision_tokens", result.vision_tokens}};
  if (result.expired) {
    document["expired"] = {{"pages", result.expired->pages},
                           {"messages", result.expired->messages},
                           {"rows", result.expired->rows},
                           {"receipt", result.expired->receipt},
                           {"sha256", result.expired->sha256}};
  }
  return document;
}

/// A long word cut between characters.
std::string shortened(const std::string& word) {
  if (word.size() <= kWordBytesShown) return word;
  return std::string(cut_text(word, kWordBytesShown)) + "...";
}

std::string lost_text(const std::vector<std::string>& words) {
  std::string text = "    loses " + counted(words.size(), "word");
  for (std::size_t i = 0; i < std::min(words.size(), kWordsShown); ++i) {
    text += (i == 0 ? ": " : " ") + shortened(words[i]);
  }
  return text + (words.size() > kWordsShown ? " ...\n" : "\n");
}

std::string expired_text(const EraseReceipt& expired, bool dry_run) {
  return std::string(dry_run ? "would erase " : "erased ") +
         counted(expired.messages, "expired message") +
         (expired.pages.empty() ? "" : " with " + counted(expired.pages.size(), "page")) + "\n";
}

std::string text_of(const AgeResult& result, bool dry_run) {
  std::string text;
  if (result.expired) text += expired_text(*result.expired, dry_run);
  std::size_t saved = 0;
  for (const Step& step : result.steps) {
    saved += static_cast<std::size_t>(step.tokens_saved);
    text += "page " + std::to_string(step.id) + "  " + std::string(name_of(step.from)) + " -> " +
            level_name(step.to);
    if (step.fidelity) text += ", read back " + percent(*step.fidelity);
    if (step.fidelity_error > 0) text += " (give or take " + percent(step.fidelity_error) + ")";
    text += ", " + counted(static_cast<std::size_t>(step.tokens_saved), "token") + " saved, " +
            step.reason + "\n";
    if (const auto lost = result.lost_words.find(step.id);
        lost != result.lost_words.end() && !lost->second.empty()) {
      text += lost_text(lost->second);
    }
  }
  for (std::size_t i = 0; i < std::min(result.refused.size(), kRefusalsShown); ++i) {
    const Refusal& refusal = result.refused[i];
    text += "page " + std::to_string(refusal.id) + "  stays: " + refusal.reason + "\n";
  }
  if (result.refused.size() > kRefusalsShown) {
    text += counted(result.refused.size() - kRefusalsShown, "more page") +
            (result.refused.size() == kRefusalsShown + 1 ? " stays\n" : " stay\n");
  }
  if (!result.archives.empty()) {
    text += std::string(dry_run ? "would drop" : "dropped") + " the exact text of " +
            counted(result.archives.size(), "page") + ", which the policy no longer keeps\n";
  }
  const std::string verb = dry_run ? " would step down, " : " stepped down, ";
  text += counted(result.steps.size(), "page") + verb + counted(saved, "vision token") +
          " saved, " + grouped(result.vision_tokens) + (dry_run ? " would be left\n" : " left\n");
  return text + "  " + counted(result.measured, "level") + " of pages measured\n";
}

int age(const Session& session, const AgeArguments& arguments) {
  AgeOptions options;
  if (!arguments.now.empty()) options.now = time_from_text(arguments.now);
  if (!arguments.to.empty()) options.to = level_from_name(arguments.to);
  if (!arguments.policy.empty()) options.policy = policy_from_name(arguments.policy);
  options.keep_words = !arguments.no_words;
  note_interrupts();
  ProgressBar bar("pages");
  options.progress = [&](std::size_t done, std::size_t total) {
    bar.show(done, static_cast<double>(done) / static_cast<double>(total));
    return !interrupted();
  };
  const bool dry_run = arguments.dry_run;
  Memory memory = session.open();
  const AgeResult result = dry_run ? memory.plan(options) : memory.age(options);
  bar.hide();
  session.print(document_of(result, dry_run), text_of(result, dry_run));
  if (!result.stopped) return kOk;
  say("interrupted after " + counted(result.measured, "measurement") + " and " +
      counted(result.steps.size(), "step") +
      "; the store is sound, and the same command resumes from here");
  return kInterrupted;
}

struct PromoteArguments {
  std::vector<std::int64_t> ids;
  std::string to;
};

int promote(const Session& session, const PromoteArguments& arguments) {
  std::optional<Level> to;
  if (!arguments.to.empty()) to = level_from_name(arguments.to);
  Memory memory = session.open_pages(arguments.ids);
  Json steps = Json::array();
  std::string text;
  for (const std::int64_t id : arguments.ids) {
    const Step step = memory.promote(id, to);
    steps.push_back(step_document(step));
    text += "page " + std::to_string(id) + "  " + std::string(name_of(step.from)) + " -> " +
            level_name(step.to) + ", " +
            counted(static_cast<std::size_t>(-step.tokens_saved), "token") + " more\n";
  }
  session.print({{"steps", steps}}, text);
  return kOk;
}

void add_age_verb(CLI::App& app, Session& session) {
  auto* verb =
      add_verb(app, "age", "Run one round of forgetting: old pages step down to fewer tokens",
               "memctl age --dry-run --policy careful");
  auto arguments = std::make_shared<AgeArguments>();
  verb->add_option("--now", arguments->now,
                   "Act as if it were this time: seconds since 1970, or a date")
      ->type_name("T");
  verb->add_option("--to", arguments->to, "Take every unpinned page to this level")
      ->type_name("LEVEL");
  verb->add_option("--policy", arguments->policy, kPolicyHelp)->type_name("POLICY");
  verb->add_flag("--no-words", arguments->no_words,
                 "Of pages whose exact text is dropped, keep no words either, not even hashed");
  verb->add_flag(
      "--dry-run", arguments->dry_run,
      "Take no step; measure and show, page by page, the tokens saved and the words lost");
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] { return age(session, *arguments); };
  });
}

void add_promote(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "promote", "Undo a step down, while the exact text is kept",
                        "memctl promote 3 --to base");
  auto arguments = std::make_shared<PromoteArguments>();
  verb->add_option("ids", arguments->ids, "Pages")
      ->required()
      ->check(page_number())
      ->type_name("ID...");
  verb->add_option("--to", arguments->to, "The sharper level; default: the one it came from")
      ->type_name("LEVEL");
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] { return promote(session, *arguments); };
  });
}

}  // namespace

void add_age(CLI::App& app, Session& session) {
  add_age_verb(app, session);
  add_promote(app, session);
}

}  // namespace fovea::memctl
