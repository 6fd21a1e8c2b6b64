#include "fovea/history.h"

#include <array>
#include <utility>

#include "fovea/error.h"
#include "history/transcript_reader.h"

namespace fovea {
namespace {

using Named = std::pair<HistoryFormat, std::string_view>;
constexpr std::array kFormats = {
    Named{HistoryFormat::automatic, "auto"},
    Named{HistoryFormat::text, "text"},
    Named{HistoryFormat::openai, "openai"},
    Named{HistoryFormat::responses, "responses"},
    Named{HistoryFormat::anthropic, "anthropic"},
    Named{HistoryFormat::sharegpt, "sharegpt"},
    Named{HistoryFormat::claude_code, "claude-code"},
    Named{HistoryFormat::codex, "codex"},
    Named{HistoryFormat::gemini, "gemini"},
    Named{HistoryFormat::langchain, "langchain"},
    Named{HistoryFormat::opencode, "opencode"},
    Named{HistoryFormat::vercel, "vercel"},
};

}  // namespace

HistoryFormat history_format_from_name(std::string_view name) {
  std::string known;
  for (const auto& [format, its_name] : kFormats) {
    if (its_name == name) return format;
    (known += known.empty() ? "" : ", ") += its_name;
  }
  throw Error(ErrorCode::invalid_argument,
              "format \"" + std::string(name) + "\" does not exist; choose one of " + known);
}

std::string_view name_of(HistoryFormat format) {
  for (const auto& [named, its_name] : kFormats) {
    if (named == format) return its_name;
  }
  return "auto";
}

struct HistoryReader::Impl {
  std::unique_ptr<TranscriptReader> reader;
};

HistoryReader::HistoryReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HistoryReader::HistoryReader(const std::string& path, HistoryOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->reader = open_transcript(ByteSource(path), options.format, std::move(options.on_broken));
}

HistoryReader::HistoryReader(std::istream& stream, const std::string& name, HistoryOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->reader =
      open_transcript(ByteSource(stream, name), options.format, std::move(options.on_broken));
}

std::optional<HistoryReader> HistoryReader::follow(const std::string& path,
                                                   HistoryOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->reader = follow_transcript(ByteSource(path, Following::yes), options.format,
                                   std::move(options.on_broken));
  if (!impl->reader) return std::nullopt;
  return HistoryReader(std::move(impl));
}

HistoryReader::~HistoryReader() = default;
HistoryReader::HistoryReader(HistoryReader&&) noexcept = default;
HistoryReader& HistoryReader::operator=(HistoryReader&&) noexcept = default;

std::optional<Message> HistoryReader::next() { return impl_->reader->next(); }
LeftOut HistoryReader::left_out() const { return impl_->reader->left_out(); }
HistoryFormat HistoryReader::format() const { return impl_->reader->format(); }
std::size_t HistoryReader::messages() const { return impl_->reader->messages(); }
std::size_t HistoryReader::broken() const { return impl_->reader->broken(); }

std::size_t HistoryReader::expected_characters() const {
  return impl_->reader->source().file_bytes();
}

std::optional<double> HistoryReader::share_read() const {
  return impl_->reader->source().share_taken();
}

FileChange HistoryReader::change() const { return impl_->reader->source().change(); }

}  // namespace fovea
