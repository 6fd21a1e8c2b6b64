#include "memctl/measurement/texts.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "fovea/error.h"
#include "fovea/history.h"
#include "fovea/text.h"
#include "memctl/files.h"
#include "memctl/histories.h"
#include "memctl/measurement/once.h"
#include "memctl/measurement/sha256.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

constexpr double kMostForeign = 0.1;  // of a text's bytes; a log may have some

/// True for a byte that no text has, and for one that is not part of a UTF-8 character.
bool is_foreign(std::string_view text, std::size_t begin, std::size_t end) {
  const auto c = static_cast<unsigned char>(text[begin]);
  if (c >= 0x80) return end - begin == 1;
  return (c < 0x20 && !(c >= '\t' && c <= '\r') && c != 0x1B) || c == 0x7F;
}

bool is_binary(std::string_view text) {
  std::size_t foreign = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = character_start(text, at + 1);
    foreign += is_foreign(text, at, next);
    at = next;
  }
  return double(foreign) > kMostForeign * double(text.size());
}

void require_text(const Text& text) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, text.file + ": " + what);
  };
  if (text.bytes == 0) fail("is empty; give a file with text");
  if (text.text.find_first_not_of(" \t\r\n\f\v") == std::string::npos)
    fail("has no text, read as " + text.format + "; give a file with text");
  if (is_binary(text.text))
    fail(
        "is binary: more than a tenth of it is neither UTF-8 nor printable; give a file with text");
}

std::string text_of(std::string bytes, Text& text, HistoryFormat format, ProgressBar& bar) {
  BrokenLines broken(text.file, bar);
  const auto on_broken = [&](const BrokenPart& part) { broken.report(part); };
  std::istringstream stream(std::move(bytes));
  HistoryReader reader(stream, text.file == "-" ? "stdin" : text.file,
                       {.format = format, .on_broken = on_broken});
  text.format = name_of(reader.format());
  std::string all;
  while (const auto message = reader.next()) {
    text.messages.push_back({all.size(), message->role});
    all += message->text;
  }
  broken.say_how_many_more();
  if (reader.messages() == 0 && reader.broken() > 0)
    throw Error(ErrorCode::corruption, text.file + ": nothing in it can be read as " + text.format);
  if (reader.format() != HistoryFormat::text) {
    bar.hide();
    say(text.file + ": read as " + text.format);
  }
  return all;
}

std::string domain_of(const std::string& file, std::set<std::string>& taken) {
  const std::string stem =
      file == "-" ? "stdin" : escaped_line(std::filesystem::path(file).stem().string());
  return unused_name(stem, taken);
}

}  // namespace

std::vector<Text> read_texts(const std::vector<std::string>& files, const std::string& format,
                             ProgressBar& bar) {
  const HistoryFormat read_as =
      format == "auto" ? HistoryFormat::automatic : history_format_from_name(format);
  std::vector<Text> texts;
  std::set<std::string> taken{kRandomDomain};
  for (const std::string& file : with_folders_read(files)) {
    Text& text = texts.emplace_back();
    text.file = file;
    text.name = domain_of(file, taken);
    std::string bytes = read_file(file);
    text.bytes = bytes.size();
    text.sha256 = sha256_of(bytes);
    text.text = text_of(std::move(bytes), text, read_as, bar);
    require_text(text);
  }
  return texts;
}

}  // namespace fovea::memctl
