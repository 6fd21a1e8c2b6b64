#include "memctl/histories.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "fovea/error.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBrokenShown = 20;   // for each file
constexpr std::size_t kFormatsShown = 20;  // files whose format is said one by one

bool may_be_transcript(fs::path path) {
  if (path.extension() == ".gz" || path.extension() == ".zst") path.replace_extension();
  return path.extension() == ".jsonl" || path.extension() == ".ndjson" ||
         path.extension() == ".json";
}

/// By the time of their last change; files that are no transcripts are passed over.
std::vector<std::string> transcripts_in(const std::string& folder) {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (!at->is_regular_file(error) || !may_be_transcript(at->path())) continue;
    const std::string file = at->path().string();
    if (HistoryReader(file).format() == HistoryFormat::text) continue;
    found.emplace_back(at->last_write_time(error), file);
  }
  if (error) {
    throw Error(ErrorCode::io, folder + ": cannot be read: " + error.message());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  for (auto& [time, file] : found) files.push_back(std::move(file));
  return files;
}

bool is_named_as_transcript(std::string_view file) {
  return file.ends_with(".jsonl") || file.ends_with(".ndjson") || file.ends_with(".jsonl.gz") ||
         file.ends_with(".jsonl.zst");
}

/// What is opened a second time has lost what was read the first time.
bool is_pipe(const std::string& file) {
  std::error_code error;
  const auto type = std::filesystem::status(file, error).type();
  using std::filesystem::file_type;
  return file == "-" || (type != file_type::regular && type != file_type::directory &&
                         type != file_type::not_found && type != file_type::none);
}

}  // namespace

void BrokenLines::report(const BrokenPart& part) {
  bar_.hide();
  if (++count_ > kBrokenShown) return;
  say(file_ + ":" + std::to_string(part.line) + ": " + part.reason + "; left out");
}

void BrokenLines::say_how_many_more() {
  if (count_ <= kBrokenShown) return;
  say(file_ + ": " + grouped(count_ - kBrokenShown) + " more broken lines left out");
}

std::vector<std::string> with_folders_read(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  std::error_code error;
  for (const std::string& name : names) {
    if (!fs::is_directory(name, error)) {
      files.push_back(name);
      continue;
    }
    const std::vector<std::string> found = transcripts_in(name);
    if (found.empty()) {
      throw Error(ErrorCode::not_found,
                  name +
                      ": no .jsonl or .json file in this folder is a transcript; name the "
                      "files to read");
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::string left_out_line(const LeftOut& left_out) {
  std::string line;
  for (const auto& [kind, count] : left_out) {
    line += (line.empty() ? "" : ", ") + grouped(count) + " " + kind;
  }
  return line;
}

Histories::Histories(const std::vector<std::string>& files, HistoryFormat format,
                     ProgressBar& bar)
    : files_(with_folders_read(files)), format_(format), bar_(bar) {
  for (const std::string& file : files_) bytes_ += bytes_of(file);
  for (const std::string& file : files_) {
    if (!is_pipe(file))
      HistoryReader(file, {.format = HistoryFormat::text});  // all can be read, or nothing is
  }
}

std::optional<Message> Histories::next() {
  while (!interrupted()) {
    try {
      if (!reader_ && !open_next()) return std::nullopt;
      if (auto message = reader_->next()) {
        ++counts_.messages;
        return message;
      }
    } catch (const Error&) {
      if (!interrupted()) throw;  // else: Ctrl-C while stdin was silent
    }
    if (!interrupted()) close();
  }
  return std::nullopt;
}

std::optional<double> Histories::share_read() const {
  if (bytes_ == 0 || has_pipe_) return std::nullopt;
  double done = static_cast<double>(bytes_done_);
  if (reader_) {
    const auto size = static_cast<double>(bytes_of(files_[index_ - 1]));
    done += reader_->share_read().value_or(0) * size;
  }
  return done / static_cast<double>(bytes_);
}

std::size_t Histories::bytes_of(const std::string& file) const {
  std::error_code error;
  const bool plain = fs::is_regular_file(file, error);
  if (!plain) has_pipe_ = true;
  return plain ? fs::file_size(file, error) : 0;
}

bool Histories::open_next() {
  if (index_ == files_.size()) return false;
  const std::string& file = files_[index_++];
  broken_ = std::make_unique<BrokenLines>(file, bar_);
  const auto on_broken = [this](const BrokenPart& part) {
    ++counts_.broken;
    broken_->report(part);
  };
  reader_.emplace(file, HistoryOptions{.format = format_, .on_broken = on_broken});
  ++counts_.formats[std::string(name_of(reader_->format()))];
  if (format_ == HistoryFormat::automatic) say_format(file);
  return true;
}

void Histories::say_format(const std::string& file) const {
  if (index_ > kFormatsShown) return;
  bar_.hide();
  if (reader_->format() != HistoryFormat::text) {
    say(file + ": read as " + std::string(name_of(reader_->format())));
  } else if (is_named_as_transcript(file)) {
    say("warning: " + file + ": no line is a message of a known format; read as plain text");
  } else {
    say(file + ": read as plain text");
  }
}

void Histories::close() {
  const std::string& file = files_[index_ - 1];
  broken_->say_how_many_more();
  for (const auto& [kind, count] : reader_->left_out()) counts_.left_out[kind] += count;
  if (reader_->messages() == 0 && reader_->broken() > 0) {
    const bool is_text = reader_->format() == HistoryFormat::text;
    throw Error(ErrorCode::corruption,
                is_text ? file + ": nothing in it can be read"
                        : file + ": no line is a message of format " +
                              std::string(name_of(reader_->format())) +
                              "; give --format text to keep it as plain text");
  }
  bytes_done_ += bytes_of(file);
  reader_.reset();
}

}  // namespace fovea::memctl
