#include "fovea/ocr.h"

#include <optional>
#include <stdexcept>

#include <unistd.h>

#include "fovea/error.h"
#include "fovea/grounding.h"
#include "memctl/checks.h"
#include "memctl/interrupt.h"
#include "memctl/ocr_answer.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

struct OcrVerb {
  std::vector<std::string> files;
  std::string pages = "1-";
  std::string mode = "gundam";
  std::string prompt = "document";
  std::string format = "text";
  std::string boxes;
  int max_tokens = OcrOptions{}.max_tokens;
};

/// Every page that is to be read. Looks at all files first: a wrong name is better told before the
/// checkpoint is loaded.
std::vector<PageOfFile> find_pages(const OcrVerb& options) {
  std::vector<PageOfFile> pages;
  for (const std::string& path : options.files) {
    const PictureFile file(path);
    for (const int number : pages_of(options.pages, file.pages(), path))
      pages.push_back({path, number, file.is_pdf()});
  }
  return pages;
}

Error too_long(const OcrPage& answer, const OcrVerb& options) {
  std::string message = "the model did not reach an end within " + grouped(answer.tokens) +
                        " tokens and may be repeating itself; the text so far is kept. Try another "
                        "--mode or --prompt";
  if (answer.tokens >= options.max_tokens) message += ", or more --max-tokens";
  return Error(ErrorCode::incomplete, message);
}

/// Reads page after page. A page that fails is reported, the next ones are read all the same.
class Reading {
 public:
  Reading(const Session& session, const OcrVerb& options, std::vector<PageOfFile> pages)
      : session_(session),
        options_(options),
        pages_(std::move(pages)),
        prompt_(ocr_prompt(options.prompt)),
        bar_("tokens"),
        ocr_(session.checkpoint(), session.codec) {}

  Json run() {
    Json documents = Json::array();
    for (index_ = 0; index_ < pages_.size() && !interrupted(); ++index_)
      documents.push_back(read(pages_[index_]));
    bar_.hide();
    return {{"pages", documents}, {"stopped", interrupted()}};
  }

  /// Of the first page that failed.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Json read(const PageOfFile& page);
  void read_picture(const PageOfFile& page, const Picture& picture, Json& document);
  OcrPage ask(const PageOfFile& page, const Picture& picture);
  Json report(const PageOfFile& page, const Error& error);
  const PictureFile& file_of(const PageOfFile& page);
  void say_text(const std::string& text);
  void show_progress();
  bool streams() const { return options_.format == "text" && !session_.json; }

  const Session& session_;
  const OcrVerb& options_;
  std::vector<PageOfFile> pages_;
  std::string prompt_;
  ProgressBar bar_;
  Ocr ocr_;
  std::optional<PictureFile> file_;  // the one that pages are being read from
  std::string file_path_;
  std::size_t index_ = 0, tokens_ = 0;
  std::optional<std::size_t> last_said_;  // the page whose text came last
  bool line_open_ = false;
  std::optional<Error> failure_;
};

const PictureFile& Reading::file_of(const PageOfFile& page) {
  if (!file_ || file_path_ != page.file) file_.emplace(page.file);
  file_path_ = page.file;
  return *file_;
}

Json Reading::read(const PageOfFile& page) {
  Json document = {{"file", page.file}, {"page", page.number}, {"mode", options_.mode}};
  try {
    read_picture(page, file_of(page).page(page.number), document);
  } catch (const Error& error) {
    document["error"] = report(page, error);
  }
  return document;
}

/// Fills in what is known so far, so that an error on the way loses no text.
void Reading::read_picture(const PageOfFile& page, const Picture& picture, Json& document) {
  const Stopwatch watch;
  const OcrPage answer = ask(page, picture);
  document.update(document_of(answer, prompt_, picture, page));
  document["seconds"] = watch.seconds();
  if (options_.format == "markdown" && !session_.json) say_text(document["markdown"]);
  if (line_open_) say_text("\n");
  if (!options_.boxes.empty()) {
    const std::string path = boxes_file(options_.boxes, index_, pages_.size());
    write_boxes_png(path, picture, find_regions(answer.answer, picture.width, picture.height));
    document["boxes_file"] = path;
  }
  if (answer.end == OcrEnd::by_limit) throw too_long(answer, options_);
}

OcrPage Reading::ask(const PageOfFile& page, const Picture& picture) {
  PlainText plain(plain_options(prompt_, picture, page, false));
  OcrOptions options;
  options.mode = ocr_mode_from_name(options_.mode);
  options.prompt = prompt_;
  options.max_tokens = options_.max_tokens;
  if (page.in_pdf) {  // as DeepSeek's script for PDFs has it
    options.ngram = 20;
    options.ngram_window = 50;
  }
  options.on_text = [&](std::string_view text) {
    if (streams()) say_text(plain.take(text));
    if (!text.empty()) ++tokens_;
    show_progress();
    return !interrupted();
  };
  show_progress();
  OcrPage answer = ocr_.read(picture, options);
  if (streams()) say_text(plain.finish());
  return answer;
}

/// Pages are parted by an empty line.
void Reading::say_text(const std::string& text) {
  if (text.empty()) return;
  bar_.hide();
  const bool new_page = last_said_ && *last_said_ != index_;
  last_said_ = index_;
  try {
    write_out(new_page ? "\n" + text : text);
  } catch (const Error& error) {
    throw std::runtime_error(error.what());  // not the page's fault: ends the whole reading
  }
  line_open_ = text.back() != '\n';
}

/// Not where the text itself is written to the terminal: the bar would wipe its last line.
void Reading::show_progress() {
  static const bool shares_the_terminal = streams() && isatty(STDOUT_FILENO) == 1;
  if (shares_the_terminal) return;
  const double share = static_cast<double>(index_) / static_cast<double>(pages_.size());
  bar_.show(tokens_, pages_.size() > 1 ? std::optional(share) : std::nullopt);
}

Json Reading::report(const PageOfFile& page, const Error& error) {
  // Errors of the file name it already.
  const std::string message = error.what();
  const bool named = message.find(page.file) != message.npos;
  const Error told(error.code(), named ? message : page_name(page) + ": " + message);
  bar_.hide();
  if (line_open_) say_text("\n");
  say(told.what());
  if (!failure_) failure_ = told;
  return {{"code", name_of(told.code())}, {"message", told.what()}};
}

int ocr(Session& session, const OcrVerb& options) {
  if (options.format == "json") session.json = true;
  ocr_mode_from_name(options.mode);
  ocr_prompt(options.prompt);
  session.require_other_file(options.boxes);
  std::vector<PageOfFile> pages = find_pages(options);
  note_interrupts();
  Reading reading(session, options, std::move(pages));
  const Json document = reading.run();
  if (session.json) session.print(document, "");
  if (interrupted()) return kInterrupted;
  return reading.failure() ? exit_code(reading.failure()->code()) : kOk;
}

}  // namespace

void add_ocr(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "ocr", "Read pictures and PDF pages with a DeepSeek-OCR checkpoint",
                        "memctl ocr scan.pdf --pages 1-3 --model DeepSeek-OCR --boxes boxes.png");
  auto options = std::make_shared<OcrVerb>();
  verb->add_option("files", options->files, "PNG, JPEG, WebP or PDF, recognised by content")
      ->required()
      ->type_name("FILE...");
  verb->add_option("--pages", options->pages, "Of each file: 2, 1-3, 4-, 1-3,7")
      ->type_name("PAGES")
      ->capture_default_str();
  verb->add_option("--mode", options->mode,
                   "tiny, small, base, large (73 to 421 vision tokens), gundam (tiles too)")
      ->type_name("MODE")
      ->capture_default_str();
  verb->add_option("--prompt", options->prompt,
                   "document (Markdown with boxes), ocr (lines with boxes), free (text alone), "
                   "figure, describe, \"locate: WORDS\", or your own text")
      ->type_name("NAME|TEXT")
      ->capture_default_str();
  verb->add_option("--format", options->format,
                   "text, written as it comes; markdown, page by page; json")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->capture_default_str();
  verb->add_option("--boxes", options->boxes,
                   "Write the picture with its boxes; for several pages NAME-1.png, NAME-2.png")
      ->type_name("PNG");
  verb->add_option("--max-tokens", options->max_tokens, "At most this many tokens per page")
      ->check(whole_number(1, kMostTokens))
      ->capture_default_str();
  verb->callback([&session, options] {
    session.run = [&session, options] { return ocr(session, *options); };
  });
}

}  // namespace fovea::memctl
