#include <optional>

#include "fovea/codec.h"
#include "fovea/document_renderer.h"
#include "fovea/error.h"
#include "fovea/renderer.h"
#include "memctl/checks.h"
#include "memctl/files.h"
#include "memctl/output.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

struct EncodeOptions {
  std::string input;
  std::string output;
  std::string level;
  int density = 106;
};

bool is_png(const std::string& bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

Page at_level(Page page, std::optional<Level> level) {
  return level && *level != page.level ? shrink(page, *level) : page;
}

/// Throws Error(invalid_argument) for a text of more than one page.
void require_whole(const Page& page, const std::string& text, const std::string& input) {
  if (text.empty())
    throw Error(ErrorCode::invalid_argument, input + " is empty; give the text of one page");
  if (page.text.size() == text.size()) return;
  throw Error(ErrorCode::invalid_argument,
              input + ": " + grouped(text.size()) + " bytes; such a page holds " +
                  grouped(page.text.size()) +
                  " of them; give the text of one page, or use compact");
}

Page document_of_text(const std::string& text, const std::string& input, Level level) {
  const std::size_t tokens = count_text_tokens(text);
  const auto room = static_cast<std::size_t>(text_capacity(level));
  if (tokens > room)
    throw Error(ErrorCode::invalid_argument,
                input + ": about " + grouped(tokens) + " text tokens; a document at " +
                    std::string(name_of(level)) + " holds " + grouped(room) +
                    "; give the text of one page, or use compact");
  const DocumentRenderer renderer;
  Page page = renderer.lay_out(text, {.legible_at = level, .opening = {}});
  require_whole(page, text, input);
  renderer.draw(page);
  return page;
}

Page page_of_text(const Session& session, const std::string& text, const EncodeOptions& options,
                  Level level) {
  if (session.layout() == Layout::document) return document_of_text(text, options.input, level);
  const Renderer renderer(session.checkpoint());
  Page page = renderer.lay_out(text, density_from_columns(options.density));
  require_whole(page, text, options.input);
  renderer.draw(page);
  return page;
}

Page page_of_picture(const Session& session, const EncodeOptions& options) {
  Page page = read_page_png(options.input, density_from_columns(options.density));
  if (session.layout() == Layout::document) page.document.emplace();
  return page;
}

int encode(const Session& session, const EncodeOptions& options) {
  session.require_other_file(options.output);
  std::optional<Level> level;
  if (!options.level.empty()) level = level_from_name(options.level);
  const std::string bytes = read_file(options.input);
  const bool picture = is_png(bytes);
  const Level wanted = level.value_or(Level::small);
  const Page page = picture ? at_level(page_of_picture(session, options), level)
                            : at_level(page_of_text(session, bytes, options, wanted), wanted);
  const Codec codec(session.checkpoint(), session.codec);
  const Stopwatch watch;
  const VisionTokens tokens = codec.encode({&page, 1}).front();
  const double seconds = watch.seconds();
  write_tokens(options.output, tokens);

  const std::size_t text_tokens = count_text_tokens(page.text);
  Json document = {{"file", options.output},
                   {"level", name_of(tokens.level)},
                   {"layout", name_of(tokens.layout)},
                   {"density", static_cast<int>(tokens.density)},
                   {"vision_tokens", tokens.count},
                   {"token_bytes", byte_count(tokens)}};
  std::string text = options.output + ": " + std::to_string(tokens.count) + " vision tokens at " +
                     std::string(name_of(tokens.level)) + ", " + grouped(byte_count(tokens)) +
                     " bytes";
  if (!picture) {
    document["text_tokens"] = text_tokens;
    document["compression"] = static_cast<double>(text_tokens) / tokens.count;
    text += " for about " + grouped(text_tokens) + " text tokens";
  }
  document["seconds"] = seconds;
  session.print(document, text + "\n");
  return kOk;
}

int decode(const Session& session, const std::string& input) {
  const VisionTokens tokens = read_tokens(input);
  const Codec codec(session.checkpoint(), session.codec);
  const ReadPage read = codec.decode({&tokens, 1}).front();
  Json rows = Json::array();
  for (const ReadRow& row : read.rows) {
    rows.push_back({{"text", row.text}, {"confidence", row.confidence}});
  }
  session.print({{"text", read.text},
                 {"confidence", read.confidence},
                 {"complete", read.complete},
                 {"level", name_of(tokens.level)},
                 {"layout", name_of(tokens.layout)},
                 {"density", static_cast<int>(tokens.density)},
                 {"rows", rows}},
                read.text);
  if (read.complete) return kOk;
  say(input + ": the model did not reach an end; the text is what it wrote");
  return kFailure;
}

}  // namespace

void add_codec_verbs(CLI::App& app, Session& session) {
  auto* encoding = add_verb(app, "encode", "Turn one page, a picture or a text, into vision tokens",
                            "memctl encode note.txt -o note.fvt --level tiny");
  auto options = std::make_shared<EncodeOptions>();
  encoding->add_option("input", options->input, "PNG picture of a page, or a text file; - is stdin")
      ->required()
      ->type_name("PAGE.png|TEXT");
  encoding->add_option("-o,--output", options->output, "Vision token file to write")
      ->required()
      ->type_name("FILE.fvt");
  encoding->add_option("--level", options->level, "Default: small for a text, a picture's own")
      ->type_name("LEVEL");
  encoding->add_option("--density", options->density, "Columns of a page of cells")
      ->check(columns())
      ->capture_default_str();
  encoding->callback([&session, options] {
    session.run = [&session, options] { return encode(session, *options); };
  });

  auto* decoding = add_verb(app, "decode", "Read a vision token file back", "memctl decode note.fvt");
  auto input = std::make_shared<std::string>();
  decoding->add_option("input", *input, "Vision token file")->required()->type_name("FILE.fvt");
  decoding->callback([&session, input] {
    session.run = [&session, input] { return decode(session, *input); };
  });
}

}  // namespace fovea::memctl
