#include "history/decoded_bytes.h"

#include <algorithm>
#include <array>
#include <optional>

#include <unicode/ucnv.h>
#include <zlib.h>
#include <zstd.h>

#include "fovea/error.h"

namespace fovea {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kInputBytes = 1 << 16;
constexpr std::string_view kGzip = "\x1F\x8B\x08"sv;
constexpr std::string_view kZstd = "\x28\xB5\x2F\xFD"sv;

/// What was read and not yet decoded.
class Input {
 public:
  Input(std::unique_ptr<Bytes> from, std::string_view begun, Following following)
      : from_(std::move(from)), held_(begun), following_(following) {}

  std::string_view left() const { return std::string_view(held_).substr(at_); }
  void take(std::size_t bytes) { at_ += bytes; }
  /// More of it behind what is left; false at the end.
  bool more() {
    held_.erase(0, at_);
    at_ = 0;
    const std::size_t before = held_.size();
    held_.resize(before + kInputBytes);
    const std::size_t got = from_->read(held_.data() + before, kInputBytes);
    held_.resize(before + got);
    ended_ = got == 0 && following_ == Following::no;
    return got > 0;
  }
  /// Nothing follows what is left.
  bool ended() const { return ended_; }
  /// Moves to the next place where `mark` stands; false when it does not, or not yet: what may be
  /// its beginning is left then.
  bool find(std::string_view mark) {
    while (true) {
      const std::size_t found = left().find(mark);
      if (found != std::string_view::npos) {
        take(found);
        return true;
      }
      take(left().size() - std::min(left().size(), mark.size() - 1));
      if (!more()) {
        if (ended_) take(left().size());
        return false;
      }
    }
  }

 private:
  std::unique_ptr<Bytes> from_;
  std::string held_;
  std::size_t at_ = 0;
  Following following_;
  bool ended_ = false;
};

/// Packed files: members one after the other, each for itself.
class Unpacked : public Bytes {
 public:
  Unpacked(Input input, std::string name, std::string_view mark, DecodingFault& fault)
      : input_(std::move(input)), name_(std::move(name)), mark_(mark), fault_(fault) {}

  std::size_t read(char* into, std::size_t size) override {
    while (true) {
      if (!in_member_) {
        if (input_.left().empty() && !input_.more()) return 0;
        if (!begin_member()) return 0;
      }
      std::size_t written = 0;
      if (!unpack(into, size, written)) skip_damage();
      if (written > 0) return written;
      if (!in_member_ || !input_.left().empty() || input_.more()) continue;
      if (input_.ended()) {
        note("ends inside a member");
        in_member_ = false;
      }
      return 0;
    }
  }

 protected:
  /// Unpacks some of the input; sets `in_member_` to false at the end of a member. False: damage.
  virtual bool unpack(char* into, std::size_t size, std::size_t& written) = 0;
  /// Ready for another member.
  virtual void reset() = 0;

  Input input_;
  bool in_member_ = false;

 private:
  /// Finds the next member; zeros may stand between them.
  bool begin_member() {
    do {
      const std::string_view left = input_.left();
      input_.take(std::min(left.find_first_not_of('\0'), left.size()));
    } while (input_.left().size() < mark_.size() && input_.more());
    if (input_.left().size() < mark_.size() && !input_.ended()) return false;  // more may come
    if (!begins_member(input_.left())) {
      if (!input_.left().empty()) note("is followed by other bytes");
      if (!input_.find(mark_)) return false;
    }
    in_member_ = true;
    reset();
    return true;
  }
  virtual bool begins_member(std::string_view bytes) const { return bytes.starts_with(mark_); }
  void skip_damage() {
    note("is damaged");
    in_member_ = false;
    if (input_.left().starts_with(mark_)) input_.take(1);
    input_.find(mark_);
  }
  void note(const char* what) {
    if (!fault_.reason.empty()) return;
    fault_.reason = "the " + name_ + " data " + what + "; some of the text is missing here";
  }

  std::string name_;
  std::string_view mark_;
  DecodingFault& fault_;
};

class Gunzipped : public Unpacked {
 public:
  Gunzipped(Input input, DecodingFault& fault)
      : Unpacked(std::move(input), "gzip", kGzip, fault) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) {
      throw Error(ErrorCode::io, "zlib cannot be started: out of memory");
    }
  }
  ~Gunzipped() override { inflateEnd(&stream_); }

 protected:
  bool unpack(char* into, std::size_t size, std::size_t& written) override {
    const std::string_view left = input_.left();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left.data()));
    stream_.avail_in = static_cast<uInt>(left.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1 << 30));
    const uInt room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input_.take(left.size() - stream_.avail_in);
    written = room - stream_.avail_out;
    if (result == Z_STREAM_END) in_member_ = false;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  }
  void reset() override { inflateReset(&stream_); }

 private:
  z_stream stream_ = {};
};

class Unzstd : public Unpacked {
 public:
  Unzstd(Input input, DecodingFault& fault)
      : Unpacked(std::move(input), "zstd", kZstd, fault), stream_(ZSTD_createDStream()) {}

 protected:
  bool unpack(char* into, std::size_t size, std::size_t& written) override {
    const std::string_view left = input_.left();
    ZSTD_inBuffer in{left.data(), left.size(), 0};
    ZSTD_outBuffer out{into, size, 0};
    const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    input_.take(in.pos);
    written = out.pos;
    if (result == 0) in_member_ = false;
    return !ZSTD_isError(result);
  }
  void reset() override { ZSTD_initDStream(stream_.get()); }
  /// Or frames to be skipped, which parallel programs write.
  bool begins_member(std::string_view bytes) const override {
    return bytes.starts_with(kZstd) ||
           (bytes.size() >= 4 && (bytes[0] & 0xF0) == 0x50 && bytes.substr(1, 3) == "\x2A\x4D\x18");
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
};

/// UTF-16 and UTF-32 as UTF-8; half pairs become U+FFFD.
class Transcoded : public Bytes {
 public:
  Transcoded(Input input, const char* encoding)
      : input_(std::move(input)), from_(open(encoding)), to_(open("UTF-8")) {}

  std::size_t read(char* into, std::size_t size) override {
    while (true) {
      if (input_.left().empty()) input_.more();
      const std::string_view left = input_.left();
      const char* source = left.data();
      char* target = into;
      UErrorCode error = U_ZERO_ERROR;
      ucnv_convertEx(to_.get(), from_.get(), &target, into + size, &source,
                     left.data() + left.size(), pivot_.data(), &pivot_source_, &pivot_target_,
                     pivot_.data() + pivot_.size(), /*reset=*/false, /*flush=*/input_.ended(),
                     &error);
      input_.take(static_cast<std::size_t>(source - left.data()));
      if (target > into) return static_cast<std::size_t>(target - into);
      if (left.empty()) return 0;
    }
  }

 private:
  struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  using Converter = std::unique_ptr<UConverter, Close>;

  static Converter open(const char* encoding) {
    UErrorCode error = U_ZERO_ERROR;
    Converter converter(ucnv_open(encoding, &error));
    if (U_FAILURE(error)) {
      throw Error(ErrorCode::io, std::string("ICU cannot read ") + encoding + ": " +
                                     u_errorName(error));
    }
    return converter;
  }

  Input input_;
  Converter from_, to_;
  std::array<UChar, 1024> pivot_;
  UChar* pivot_source_ = pivot_.data();
  UChar* pivot_target_ = pivot_.data();
};

struct Encoding {
  std::string_view beginning;
  std::size_t mark;  // bytes of the byte order mark
  const char* name;
};

constexpr Encoding kMarked[] = {
    {"\xFF\xFE\0\0"sv, 4, "UTF-32LE"},
    {"\0\0\xFE\xFF"sv, 4, "UTF-32BE"},
    {"\xFF\xFE"sv, 2, "UTF-16LE"},
    {"\xFE\xFF"sv, 2, "UTF-16BE"},
};

/// How a bracket and another ASCII character look in encodings that JSON may have without a mark.
std::optional<Encoding> unmarked(std::string_view begun) {
  if (begun.size() < kBytesThatShow) return std::nullopt;
  const auto pattern = [&](std::string_view zeros) {
    for (std::size_t i = 0; i < zeros.size(); ++i) {
      if ((begun[i] == '\0') != (zeros[i] == '0')) return false;
    }
    return true;
  };
  const auto is_bracket = [](char c) { return c == '{' || c == '['; };
  if (is_bracket(begun[0]) && pattern("x0x0")) return Encoding{{}, 0, "UTF-16LE"};
  if (is_bracket(begun[1]) && pattern("0x0x")) return Encoding{{}, 0, "UTF-16BE"};
  if (is_bracket(begun[0]) && pattern("x000")) return Encoding{{}, 0, "UTF-32LE"};
  if (is_bracket(begun[3]) && pattern("000x")) return Encoding{{}, 0, "UTF-32BE"};
  return std::nullopt;
}

std::optional<Encoding> encoding_of(std::string_view begun) {
  for (const Encoding& encoding : kMarked) {
    if (begun.starts_with(encoding.beginning)) return encoding;
  }
  return unmarked(begun);
}

}  // namespace

std::unique_ptr<Bytes> decoded(std::unique_ptr<Bytes>& from, std::string_view begun,
                               Following following, DecodingFault& fault) {
  if (begun.starts_with(kGzip)) {
    return std::make_unique<Gunzipped>(Input(std::move(from), begun, following), fault);
  }
  if (begun.starts_with(kZstd)) {
    return std::make_unique<Unzstd>(Input(std::move(from), begun, following), fault);
  }
  if (const auto encoding = encoding_of(begun)) {
    return std::make_unique<Transcoded>(
        Input(std::move(from), begun.substr(encoding->mark), following), encoding->name);
  }
  return nullptr;
}

}  // namespace fovea
