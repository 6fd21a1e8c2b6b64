#include "src/memctl/histories.h"

#include <filesystem>

#include "fovea/error.h"
#include "src/memctl/interrupt.h"
#include "src/memctl/output.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kBrokenShown = 20;  // for each file

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

Histories::Histories(const std::vector<std::string>& files, HistoryFormat format,
                     ProgressBar& bar)
    : files_(files), format_(format), bar_(bar) {
  for (const std::string& file : files_) bytes_ += bytes_of(file);
  for (const std::string& file : files_) {
    if (file != "-") open_history(file, HistoryFormat::text);  // all can be read, or nothing is
  }
}

std::optional<Message> Histories::next() {
  while (!interrupted()) {
    try {
      if (!reader_ && !open_next()) return std::nullopt;
      if (auto message = reader_->next()) {
        ++counts_.messages;
        ++messages_here_;
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
  const bool plain = std::filesystem::is_regular_file(file, error);
  if (!plain) has_pipe_ = true;
  return plain ? std::filesystem::file_size(file, error) : 0;
}

bool Histories::open_next() {
  if (index_ == files_.size()) return false;
  messages_here_ = 0;
  const std::string& file = files_[index_++];
  broken_ = std::make_unique<BrokenLines>(file, bar_);
  reader_ = open_history(file, format_, [this](const BrokenPart& part) {
    ++counts_.broken;
    broken_->report(part);
  });
  return true;
}

void Histories::close() {
  const std::string& file = files_[index_ - 1];
  broken_->say_how_many_more();
  if (messages_here_ == 0 && broken_->count() > 0) {
    throw Error(ErrorCode::corruption, file + ": no line is a message of format " +
                                           std::string(name_of(reader_->format())) +
                                           "; give --format text to keep it as plain text");
  }
  bytes_done_ += bytes_of(file);
  reader_.reset();
}

}  // namespace fovea::memctl
