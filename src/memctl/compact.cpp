#include <algorithm>
#include <chrono>
#include <optional>

#include "fovea/error.h"
#include "memctl/checks.h"
#include "memctl/compact_report.h"
#include "memctl/files.h"
#include "memctl/histories.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"
#include "memctl/times.h"
#include "memctl/watched_history.h"

namespace fovea::memctl {
namespace {

constexpr double kSecondsBetweenLines = 5;  // of progress, while a file is watched

struct CompactOptions {
  std::vector<std::string> files;
  std::string format = "auto";
  std::string layout = "auto";
  std::optional<int> density;
  std::string level = "auto";
  std::string archive = "keep";
  bool no_words = false;
  std::string policy;
  std::string expires;
  int measured = 8;
  bool finish = false;
  bool restore = false;
  bool keep_secrets = false;
  bool watch = false;
};

MemoryOptions memory_options(const Session& session, const CompactOptions& options) {
  MemoryOptions memory;
  if (options.layout != "auto") memory.layout = layout_from_name(options.layout);
  if (options.density) {
    memory.density = density_from_columns(*options.density);
    if (memory.layout.value_or(session.layout()) == Layout::document)
      throw Error(ErrorCode::invalid_argument,
                  "--density applies to layout cells; leave it out if pages are documents");
  }
  if (options.level != "auto") memory.level = level_from_name(options.level);
  memory.archive = archive_from_name(options.archive);
  memory.keep_words = !options.no_words;
  if (!options.policy.empty()) memory.policy = policy_from_name(options.policy);
  if (!options.expires.empty()) memory.expires = expiry_from_text(options.expires);
  memory.measured_pages = options.measured;
  memory.restore_erased = options.restore;
  memory.keep_secrets = options.keep_secrets;
  return memory;
}

void say_left_out(const LeftOut& left_out) {
  if (!left_out.empty()) say("left out on purpose: " + left_out_line(left_out));
}

/// Says what cannot be read back from vision tokens as well as the policy asks.
void warn_of_losses(const CompactResult& result, const Policy& policy, Archive archive) {
  if (result.below_floor > 0) {
    std::string levels;
    for (const auto& [level, summary] : result.levels) {
      if (!summary.fidelity) continue;
      levels += (levels.empty() ? "" : ", ") + std::string(name_of(level)) + " " +
                percent(*summary.fidelity);
    }
    say("warning: " + counted(result.below_floor, "page") +
        " read back worse than the policy asks (" + percent(asked_fidelity(policy)) +
        " in its sharpest band; mean at " + levels + ")" +
        (archive == Archive::keep ? "; the archive has the exact text" : ""));
  }
  if (!result.outside_alphabet.empty()) {
    std::string scripts;
    for (const auto& [script, count] : result.outside_alphabet)
      scripts += (scripts.empty() ? "" : ", ") + grouped(count) + " " + script;
    say("note: characters that the checkpoint does not know: " + scripts + "; their exact text is " +
        (archive == Archive::keep ? "in the archive" : "kept beside the vision tokens"));
  }
  if (result.kept_exact > 0)
    say("warning: " + counted(result.kept_exact, "page") +
        " with text that cannot be read back from vision tokens; the exact text is kept beside them");
}

int compact(const Session& session, const CompactOptions& options) {
  const HistoryFormat format = history_format_from_name(options.format);
  MemoryOptions settings = memory_options(session, options);
  note_interrupts();
  const Stopwatch clock;
  ProgressBar bar("pages");
  Histories histories(options.files, format, bar);
  Memory memory = session.open(Session::Missing::is_made);
  settings.expected_characters = histories.expected_characters();
  settings.progress = [&](std::size_t done, std::size_t) {
    bar.show(done, histories.share_read());
    return !interrupted();
  };
  CompactResult result = memory.add(histories, settings);
  if (options.finish && !interrupted()) result += memory.finish(settings);
  result.stopped = result.stopped || interrupted();
  bar.hide();
  say_left_out(result.left_out);

  const double seconds = clock.seconds();
  warn_of_losses(result, memory.policy(), settings.archive);
  session.print(compact_document(result, histories.counts(), seconds),
                compact_text(result, seconds));
  if (!result.stopped) return kOk;
  say("interrupted after " + counted(result.pages, "page") +
      "; the store is sound, and the same command resumes from here");
  return kInterrupted;
}

/// What was taken of a watched file since it was last said.
struct News {
  std::size_t messages = 0, pages = 0, known = 0;
  Stopwatch since{};

  void say_of(const std::string& file, std::size_t verbatim) {
    if (messages == 0 && pages == 0) return;
    std::string line = file + ": " + counted(messages, "message");
    if (known > 0) line += " (" + grouped(known) + " already known)";
    say(line + ", " + counted(pages, "page") + "; " + counted(verbatim, "character") +
        " not on a page yet");
    *this = {};
  }
};

int watch(const Session& session, const CompactOptions& options) {
  const HistoryFormat format = history_format_from_name(options.format);
  MemoryOptions settings = memory_options(session, options);
  if (options.files.size() != 1) {
    throw Error(ErrorCode::invalid_argument, "--watch follows one file; start a memctl for each");
  }
  note_interrupts();
  const Stopwatch clock;
  ProgressBar bar("pages");
  const std::string& file = options.files.front();
  WatchedHistory history(file, format, bar);
  Memory memory = session.open(Session::Missing::is_made);
  settings.progress = [&](std::size_t done, std::size_t) {
    bar.show(done, history.share_read());
    return !interrupted();
  };

  CompactResult result;
  News news{};
  for (auto wait = WatchedHistory::Wait::more; wait != WatchedHistory::Wait::interrupted;
       wait = history.wait()) {
    if (wait == WatchedHistory::Wait::more) {
      const std::size_t before = history.counts().messages;
      const CompactResult more = memory.add(history, settings);
      bar.hide();
      result += more;
      news.messages += history.counts().messages - before;
      news.pages += more.pages;
      news.known += more.skipped_messages;
      if (settings.measured_pages > 0) {  // so many in all, not of each piece
        settings.measured_pages -= std::min(settings.measured_pages, static_cast<int>(more.pages));
      }
    }
    if (news.pages > 0 || news.since.seconds() > kSecondsBetweenLines) {
      news.say_of(file, result.verbatim_characters);
    }
  }
  if (!history.is_open()) {
    say(file + ": its content does not show its format yet; nothing was read");
  }
  if (result.stopped && !options.finish) {
    say("ended before all pages were made; the same command resumes from here");
  }
  if (options.finish) {
    settings.progress = {};  // the interrupt has done its work
    result += memory.finish(settings);
  }
  result.left_out = history.counts().left_out;
  say_left_out(result.left_out);
  const double seconds = clock.seconds();
  warn_of_losses(result, memory.policy(), settings.archive);
  session.print(compact_document(result, history.counts(), seconds), compact_text(result, seconds));
  return kOk;
}

}  // namespace

void add_compact(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "compact",
                        "Read histories, draw them as pages, store the pages as vision tokens",
                        "memctl compact session.jsonl notes.txt --archive drop");
  auto options = std::make_shared<CompactOptions>();
  verb->add_option("files", options->files,
                   "Plain text, chats as JSON, sessions of Claude Code, Codex or Gemini CLI, also "
                   "compressed with gzip or zstd; a folder stands for its transcripts; - is stdin")
      ->required()
      ->type_name("FILE...");
  verb->add_option("--format", options->format,
                   "auto, text, openai, responses, anthropic, sharegpt, gemini, langchain, opencode, vercel, "
                   "claude-code or codex")
      ->capture_default_str();
  verb->add_option("--layout", options->layout,
                   "cells, document or auto: what the checkpoint was trained on")
      ->capture_default_str();
  verb->add_option("--density", options->density,
                   "Columns of a page of cells: 64, 80, 106 (default), 128 or 160")
      ->check(columns());
  verb->add_option("--level", options->level,
                   "auto (by the policy and the page's age), large, base, small, tiny ...")
      ->capture_default_str();
  verb->add_option("--archive", options->archive,
                   "keep the exact text beside the vision tokens, or drop it")
      ->check(CLI::IsMember({"keep", "drop"}))
      ->capture_default_str();
  verb->add_flag(
      "--no-words", options->no_words,
      "With --archive drop: keep no words either, not even hashed; no search by words then "
      "finds the pages");
  verb->add_option("--policy", options->policy, kPolicyHelp)->type_name("POLICY");
  verb->add_option("--expires", options->expires,
                   "When `age` is to erase what this call adds: 30d, 12h, or a date")
      ->type_name("WHEN");
  verb->add_option("--measure", options->measured,
                   "Pages per level to read back to measure fidelity; -1: all")
      ->check(whole_number(-1, kMostPages))
      ->capture_default_str();
  verb->add_flag("--finish", options->finish,
                 "The history is over: turn its end into a part-filled page");
  verb->add_flag("--keep-secrets", options->keep_secrets,
                 "Keep keys, tokens and text in <private> tags; otherwise a mark replaces them");
  verb->add_flag("--restore", options->restore,
                 "Add messages again that were erased; otherwise they stay away");
  verb->add_flag("--watch", options->watch, "Follow a growing file, line by line, until Ctrl-C");
  verb->callback([&session, options] {
    session.run = [&session, options] {
      return options->watch ? watch(session, *options) : compact(session, *options);
    };
  });
}

}  // namespace fovea::memctl
