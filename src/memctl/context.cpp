#include <filesystem>

#include "fovea/error.h"
#include "src/memctl/checks.h"
#include "src/memctl/output.h"
#include "src/memctl/session.h"

namespace fovea::memctl {
namespace {

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw Error(ErrorCode::io, path + ": cannot be made: " + error.message());
}

int context(const Session& session, ContextOptions options, const std::string& output) {
  options.format = context_format_from_name(output);
  if (options.targets_file.empty()) options.targets_file = session.targets();
  Memory memory = session.open();
  if (!options.images_folder.empty()) make_folder(options.images_folder);
  const Context made = memory.context(options);
  if (made.parts.empty()) say("scope " + session.scope + " has no history: the context is empty");
  if (!session.json) {
    write_out(made.document + "\n");
    return kOk;
  }
  // After the document's own keys, so that it begins with the same bytes for every query.
  Json document = Json::parse(made.document);
  document["tokens"] = made.tokens;
  document["budget"] = made.budget;
  document["images"] = made.images;
  document["pages"] = made.pages;
  document["saved_against_text"] = made.saved_against_text;
  document["stable_parts"] = made.stable_parts;
  session.print(document, "");
  return kOk;
}

}  // namespace

void add_context(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "context",
                        "Print what to put into the next prompt, within a budget of tokens",
                        "memctl context --budget 8000 --query \"failing test\" --target gpt-5 "
                        "--output openai-chat");
  auto options = std::make_shared<ContextOptions>();
  auto output = std::make_shared<std::string>("parts");
  verb->add_option("--budget", options->budget, "Tokens at most, as the target counts them")
      ->check(whole_number(1, kMostTokens))
      ->capture_default_str();
  verb->add_option("--query", options->query, "Pages that match are read back as text");
  verb->add_option("-k", options->matches, "Pages for --query")
      ->check(whole_number(0, kMostPages))
      ->capture_default_str();
  verb->add_option("--target", options->target,
                   "Whose tokens count: fovea, text, deepseek-ocr, anthropic, gemini-2, gpt-5 ... "
                   "(see doc/context.md)")
      ->type_name("NAME")
      ->capture_default_str();
  verb->add_option("--targets", options->targets_file,
                   "File of counting rules; also $FOVEA_TARGETS, otherwise the one that came with "
                   "memctl")
      ->type_name("FILE");
  verb->add_option("--output", *output, "parts, openai-chat, openai-responses or anthropic")
      ->check(CLI::IsMember({"parts", "openai-chat", "openai-responses", "anthropic"}))
      ->capture_default_str();
  verb->add_option("--images", options->images_folder,
                   "Also write the pictures to this folder; parts name the files")
      ->type_name("DIR");
  verb->callback([&session, options, output] {
    session.run = [&session, options, output] { return context(session, *options, *output); };
  });
}

}  // namespace fovea::memctl
