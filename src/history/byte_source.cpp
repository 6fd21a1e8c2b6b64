#include "history/byte_source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "history/stream_bytes.h"

namespace fovea {
namespace {

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::size_t kHeldOfFile = 1 << 26;  // while looking; a file can be read twice
constexpr std::size_t kHeldOfPipe = 1 << 28;
constexpr int kMostLayers = 4;  // of packing

}  // namespace

ByteSource::ByteSource(const std::string& path, Following following)
    : path_(path), following_(following) {
  name_ = path == "-" ? "stdin" : std::filesystem::path(path).filename().string();
  open();
}

ByteSource::ByteSource(std::istream& stream, const std::string& name)
    : path_(name),
      following_(Following::no),
      name_(std::filesystem::path(name).filename().string()),
      bytes_(std::make_unique<StreamBytes>(stream, name)) {}

void ByteSource::open() {
  auto raw = std::make_unique<RawBytes>(path_, following_);
  raw_ = raw.get();
  bytes_ = std::move(raw);
  begins_ = true;
  decoded_ = ended_ = false;
  begun_.clear();
  buffer_.clear();
  begin_ = offset_ = lines_ = 0;
  *fault_ = {};
}

/// Looks at the first bytes, how they are to be decoded. False when too few of them are there yet.
bool ByteSource::begin() {
  for (int layer = 0; layer < kMostLayers; ++layer) {
    while (begun_.size() < kBytesThatShow) {
      char bytes[kBytesThatShow];
      const std::size_t got = bytes_->read(bytes, kBytesThatShow - begun_.size());
      if (got == 0) break;
      begun_.append(bytes, got);
    }
    if (begun_.size() < kBytesThatShow && follows()) return false;
    auto inner = fovea::decoded(bytes_, begun_, following_, *fault_);
    if (!inner) break;
    bytes_ = std::move(inner);
    begun_.clear();
    decoded_ = true;
  }
  buffer_ = std::exchange(begun_, {});
  begins_ = false;
  return true;
}

bool ByteSource::fill() {
  if (ended_) return false;
  const bool begins = begins_;
  if (begins && !begin()) return false;
  if (looking_ && file_bytes() > 0 && buffer_.size() > kHeldOfFile) forgot_ = true;
  if (begin_ > 0 && (!looking_ || forgot_)) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  const std::size_t got = bytes_->read(buffer_.data() + before, kReadBytes);
  buffer_.resize(before + got);
  if (got == 0) ended_ = !follows();
  return got > 0 || (begins && before > 0);  // what the look at the beginning read is new, too
}

std::string ByteSource::pass(std::size_t bytes) {
  std::string taken = buffer_.substr(begin_, bytes);
  begin_ += bytes;
  offset_ += bytes;
  lines_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
  return taken;
}

std::string_view ByteSource::peek(std::size_t bytes) {
  while (buffer_.size() - begin_ < bytes && fill()) {
  }
  return std::string_view(buffer_).substr(begin_, bytes);
}

std::string ByteSource::take(std::size_t bytes) { return pass(peek(bytes).size()); }

std::optional<ByteSource::Line> ByteSource::take_line() {
  Line line;
  std::size_t seen = 0;  // bytes from begin_ on that hold no line feed
  while (true) {
    const std::size_t end = buffer_.find('\n', begin_ + seen);
    if (end != std::string::npos) {
      line.text = pass(end - begin_);
      pass(1);
      line.closed = true;
      break;
    }
    seen = buffer_.size() - begin_;
    if (seen > kLongestLine) {
      line.held = false;
      pass(std::exchange(seen, 0));
    }
    if (fill()) continue;
    if ((seen == 0 && line.held) || follows()) return std::nullopt;
    line.text = pass(seen);
    break;
  }
  if (!line.held) line.text.clear();
  return line;
}

void ByteSource::begin_look() { looking_ = true; }

void ByteSource::end_look() {
  looking_ = false;
  if (std::exchange(forgot_, false)) return open();
  begin_ = offset_ = lines_ = 0;
}

bool ByteSource::may_look_on() const { return file_bytes() > 0 || buffer_.size() < kHeldOfPipe; }

std::optional<std::string> ByteSource::take_fault() {
  if (fault_->reason.empty()) return std::nullopt;
  return std::exchange(fault_->reason, {});
}

std::optional<double> ByteSource::share_taken() const {
  if (file_bytes() == 0) return std::nullopt;
  const std::size_t taken = decoded_ ? raw_->position() : offset_;
  return std::min(1.0, static_cast<double>(taken) / static_cast<double>(raw_->size()));
}

}  // namespace fovea
