#include <filesystem>
#include <optional>

#include "fovea/error.h"
#include "memctl/checks.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/progress_bar.h"
#include "memctl/report/writing.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

struct ReportArguments {
  std::string output;
  std::size_t pages = ReportOptions().pages;
  bool force = false;
  bool no_plan = false;
  bool no_read = false;
};

/// Shows a bar of its own for each thing that is counted. False after Ctrl-C.
class Progress {
 public:
  bool operator()(const std::string& thing, std::size_t done, std::size_t total) {
    if (thing != thing_) bar_.emplace(thing_ = thing);
    if (total > 0) bar_->show(done, static_cast<double>(done) / static_cast<double>(total));
    return !interrupted();
  }
  void hide() { bar_.reset(); }

 private:
  std::string thing_;
  std::optional<ProgressBar> bar_;
};

std::string result_text(const ReportResult& result, const std::string& file) {
  std::string text = file + ": " + counted(result.pages, "page") + ", " + grouped(result.shown) +
                     " with picture and text, " + counted(result.bytes, "byte") + "\n";
  if (result.damaged > 0) text += "  " + counted(result.damaged, "page") + " could not be read\n";
  return text;
}

Json result_document(const ReportResult& result, const ReportArguments& arguments,
                     const std::string& scope) {
  return {{"file", result.stopped ? Json(nullptr) : Json(arguments.output)},
          {"scope", scope},
          {"pages", result.pages},
          {"shown", result.shown},
          {"damaged", result.damaged},
          {"steps", arguments.no_plan ? Json(nullptr) : Json(result.steps)},
          {"bytes", result.bytes},
          {"stopped", result.stopped}};
}

int report(const Session& session, const ReportArguments& arguments) {
  Memory memory = session.open_scope();
  session.require_other_file(arguments.output);
  if (!arguments.force && std::filesystem::exists(arguments.output))
    throw Error(ErrorCode::invalid_argument,
                arguments.output + " exists; name a new file, or replace it with --force");
  OutputFile file(arguments.output,
                  arguments.force ? OutputFile::Existing::replaced : OutputFile::Existing::refused);
  note_interrupts();
  Progress progress;
  const ReportOptions options{
      .pages = arguments.pages,
      .plan = !arguments.no_plan,
      .read = !arguments.no_read,
      .scope = to_text(scope_from_name(session.scope)),
      .store = std::filesystem::path(session.store_name()).filename().string(),
      .progress = [&](const std::string& thing, std::size_t done, std::size_t total) {
        return progress(thing, done, total);
      }};
  const auto result =
      write_report(memory, options, [&](std::string_view piece) { file.write(piece); });
  progress.hide();
  if (!result.stopped) file.keep();
  session.print(result_document(result, arguments, options.scope),
                result.stopped ? "" : result_text(result, arguments.output));
  if (!result.stopped) return kOk;
  say("interrupted; no report was written");
  return kInterrupted;
}

}  // namespace

void add_report(CLI::App& app, Session& session) {
  auto* verb =
      add_verb(app, "report", "Write a web page that shows what is remembered, to read offline",
               "memctl --scope ann/coder report -o report.html");
  auto arguments = std::make_shared<ReportArguments>();
  verb->add_option("-o,--output", arguments->output, "HTML file to write")
      ->required()
      ->type_name("FILE");
  verb->add_flag("--force", arguments->force, "Replace the file if there is one");
  verb->add_option("--pages", arguments->pages,
                   "How many of the newest pages get a picture and their text; the list has all")
      ->check(whole_number(0, kMostPages))
      ->capture_default_str();
  verb->add_flag("--no-plan", arguments->no_plan, "Do not measure what the next ageing would do");
  verb->add_flag("--no-read", arguments->no_read,
                 "Do not read pages from their vision tokens: exact text alone, where it is kept");
  verb->callback([&session, arguments] {
    session.run = [&session, arguments] { return report(session, *arguments); };
  });
}

}  // namespace fovea::memctl
