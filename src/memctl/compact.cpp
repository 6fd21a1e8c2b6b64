#include <filesystem>

#include "fovea/error.h"
#include "src/history/history_reader.h"
#include "src/memctl/files.h"
#include "src/memctl/interrupt.h"
#include "src/memctl/output.h"
#include "src/memctl/progress_bar.h"
#include "src/memctl/session.h"
#include "src/memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kBrokenShown = 20;  // for each file

struct CompactOptions {
  std::vector<std::string> files;
  std::string format = "auto";
  int density = 106;
  std::string level = "auto";
  std::string archive = "keep";
  std::string policy;
  int measured = 8;
  bool finish = false;
};

/// The messages of several files, one after the other.
class Histories {
 public:
  Histories(const std::vector<std::string>& files, HistoryFormat format, ProgressBar& bar)
      : files_(files), format_(format), bar_(bar) {
    for (const std::string& file : files_) bytes_ += bytes_of(file);
    for (const std::string& file : files_) {
      if (file != "-") open_history(file, HistoryFormat::text);  // all can be read, or nothing is
    }
  }

  std::optional<Message> next() {
    while (!interrupted()) {
      try {
        if (!reader_ && !open_next()) return std::nullopt;
        if (auto message = read()) return message;
      } catch (const Error&) {
        if (!interrupted()) throw;  // else: Ctrl-C while stdin was silent
      }
      if (!interrupted()) close();
    }
    return std::nullopt;
  }

  /// Of all files by size; nothing when one is a pipe.
  std::optional<double> share_read() const {
    if (bytes_ == 0 || has_pipe_) return std::nullopt;
    double done = static_cast<double>(bytes_done_);
    if (reader_) {
      const auto size = static_cast<double>(bytes_of(files_[index_ - 1]));
      done += reader_->share_read().value_or(0) * size;
    }
    return done / static_cast<double>(bytes_);
  }
  std::size_t bytes() const { return has_pipe_ ? 0 : bytes_; }
  std::size_t messages() const { return messages_; }
  std::size_t broken() const { return broken_; }

 private:
  std::size_t bytes_of(const std::string& file) const {
    std::error_code error;
    const bool plain = std::filesystem::is_regular_file(file, error);
    if (!plain) has_pipe_ = true;
    return plain ? std::filesystem::file_size(file, error) : 0;
  }
  bool open_next() {
    if (index_ == files_.size()) return false;
    broken_here_ = messages_here_ = 0;
    reader_ = open_history(files_[index_++], format_,
                           [this](const BrokenPart& part) { report(part); });
    return true;
  }
  std::optional<Message> read() {
    auto message = reader_->next();
    if (message) {
      ++messages_;
      ++messages_here_;
    }
    return message;
  }
  void report(const BrokenPart& part) {
    ++broken_;
    bar_.hide();
    if (++broken_here_ <= kBrokenShown) {
      say(files_[index_ - 1] + ":" + std::to_string(part.line) + ": " + part.reason + "; left out");
    }
  }
  void close() {
    const std::string& file = files_[index_ - 1];
    if (broken_here_ > kBrokenShown) {
      say(file + ": " + grouped(broken_here_ - kBrokenShown) + " more broken lines left out");
    }
    if (messages_here_ == 0 && broken_here_ > 0) {
      throw Error(ErrorCode::corruption, file + ": no line is a message of format " +
                                             std::string(name_of(reader_->format())) +
                                             "; give --format text to keep it as plain text");
    }
    bytes_done_ += bytes_of(file);
    reader_.reset();
  }

  const std::vector<std::string>& files_;
  HistoryFormat format_;
  ProgressBar& bar_;
  std::unique_ptr<HistoryReader> reader_;
  std::size_t index_ = 0;  // of the file after the one being read
  std::size_t bytes_ = 0, bytes_done_ = 0;
  std::size_t messages_ = 0, messages_here_ = 0;
  std::size_t broken_ = 0, broken_here_ = 0;
  mutable bool has_pipe_ = false;
};

MemoryOptions memory_options(const CompactOptions& options) {
  MemoryOptions memory;
  memory.density = density_from_columns(options.density);
  if (options.level != "auto") memory.level = level_from_name(options.level);
  memory.archive = options.archive == "drop" ? Archive::drop : Archive::keep;
  if (!options.policy.empty()) memory.policy = policy_from_file(options.policy);
  memory.measured_pages = options.measured;
  return memory;
}

double compression_of(std::size_t text_tokens, std::size_t vision_tokens) {
  return vision_tokens == 0
             ? 0
             : static_cast<double>(text_tokens) / static_cast<double>(vision_tokens);
}

/// What `more` (the part-filled last page) adds to `result`.
void add_to(CompactResult& result, const CompactResult& more) {
  result.pages += more.pages;
  result.characters += more.characters;
  result.text_tokens += more.text_tokens;
  result.vision_tokens += more.vision_tokens;
  for (const auto& [level, summary] : more.levels) {
    LevelSummary& all = result.levels[level];
    all.pages += summary.pages;
    all.vision_tokens += summary.vision_tokens;
    if (!all.fidelity) all.fidelity = summary.fidelity;
  }
  result.verbatim_characters = more.verbatim_characters;
  result.stopped = more.stopped;
}

Json document_of(const CompactResult& result, const Histories& histories, double seconds) {
  Json levels = Json::object();
  for (const auto& [level, summary] : result.levels) {
    levels[std::string(name_of(level))] = {
        {"pages", summary.pages},
        {"vision_tokens", summary.vision_tokens},
        {"fidelity", summary.fidelity ? Json(*summary.fidelity) : Json(nullptr)}};
  }
  return {{"pages", result.pages},
          {"characters", result.characters},
          {"text_tokens", result.text_tokens},
          {"vision_tokens", result.vision_tokens},
          {"compression", compression_of(result.text_tokens, result.vision_tokens)},
          {"levels", levels},
          {"seconds", seconds},
          {"messages", histories.messages()},
          {"skipped_messages", result.skipped_messages},
          {"broken_lines", histories.broken()},
          {"verbatim_characters", result.verbatim_characters},
          {"stopped", result.stopped}};
}

std::string text_of(const CompactResult& result, double seconds) {
  std::string text = counted(result.pages, "page") + " from " + grouped(result.characters) +
                     " characters in " + fixed(seconds, 1) + " s\n";
  if (result.pages > 0) {
    text += "  as text   " + grouped(result.text_tokens) + " tokens (estimated)\n  as pages  " +
            grouped(result.vision_tokens) + " vision tokens, " +
            fixed(compression_of(result.text_tokens, result.vision_tokens), 1) + " times fewer\n";
  }
  for (const auto& [level, summary] : result.levels) {
    text += "  " + std::string(name_of(level)) + ": " + counted(summary.pages, "page") + ", " +
            counted(summary.vision_tokens, "vision token");
    if (summary.fidelity) text += ", read back " + percent(*summary.fidelity);
    text += "\n";
  }
  if (result.skipped_messages > 0) {
    text += "  " + counted(result.skipped_messages, "message") + " known already\n";
  }
  return text + "  " + counted(result.verbatim_characters, "character") +
         " fill no page yet and stay text\n";
}

int compact(const Session& session, const CompactOptions& options) {
  const MemoryOptions base = memory_options(options);
  const HistoryFormat format = history_format_from_name(options.format);
  note_interrupts();
  const Stopwatch watch;
  ProgressBar bar("pages");
  Histories histories(options.files, format, bar);
  Memory memory = session.open(Session::Missing::is_made);
  MemoryOptions settings = base;
  settings.expected_characters = histories.bytes();
  settings.progress = [&](std::size_t done, std::size_t) {
    bar.show(done, histories.share_read());
    return !interrupted();
  };
  CompactResult result = memory.compact([&] { return histories.next(); }, settings);
  if (options.finish && !interrupted()) add_to(result, memory.finish(settings));
  result.stopped = result.stopped || interrupted();
  bar.hide();

  const double seconds = watch.seconds();
  session.print(document_of(result, histories, seconds), text_of(result, seconds));
  if (!result.stopped) return kOk;
  say("interrupted after " + counted(result.pages, "page") +
      "; the store is sound, the same command goes on from here");
  return kInterrupted;
}

}  // namespace

void add_compact(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "compact",
                        "Read histories, draw them as pages, keep the pages as vision tokens",
                        "memctl compact session.jsonl notes.txt --archive drop");
  auto options = std::make_shared<CompactOptions>();
  verb->add_option("files", options->files,
                   "Plain text, OpenAI chat JSONL or Claude Code session files; - is stdin")
      ->required()
      ->type_name("FILE...");
  verb->add_option("--format", options->format, "auto, text, openai or claude-code")
      ->capture_default_str();
  verb->add_option("--density", options->density, "Columns of a page: 64, 80, 106, 128 or 160")
      ->capture_default_str();
  verb->add_option("--level", options->level,
                   "auto (by the policy and the page's age), large, base, small, tiny ...")
      ->capture_default_str();
  verb->add_option("--archive", options->archive,
                   "keep the exact text beside the vision tokens, or drop it")
      ->check(CLI::IsMember({"keep", "drop"}))
      ->capture_default_str();
  verb->add_option("--policy", options->policy, "Forgetting policy, a JSON file")->type_name("FILE");
  verb->add_option("--measure", options->measured,
                   "Pages a level that are read back to measure their fidelity; -1: all")
      ->capture_default_str();
  verb->add_flag("--finish", options->finish,
                 "The history is over: make a part-filled page of its end too");
  verb->callback([&session, options] {
    session.run = [&session, options] { return compact(session, *options); };
  });
}

}  // namespace fovea::memctl
