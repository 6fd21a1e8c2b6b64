#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/output_file.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

int context(const Session& session, ContextOptions options, const std::string& output) {
  options.format = context_format_from_name(output);
  if (options.targets_file.empty()) options.targets_file = session.targets();
  Memory memory = session.open();
  if (!options.images_folder.empty()) make_folder(options.images_folder);
  const Context made = memory.context(options);
  for (const std::string& note : made.notes) say(note);
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
  document["target"] = made.target;
  document["notes"] = made.notes;
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
  verb->add_option("--budget", options->budget,
                   "At most this many tokens, as the target counts them")
      ->check(whole_number(1, kMostTokens))
      ->capture_default_str();
  verb->add_option("--query", options->query,
                   "What the prompt is about: the pieces of history that answer it come first");
  verb->add_option("--recent", options->recent,
                   "Share of the budget for the newest messages, 0 to 1. Default: with a query none, "
                   "without one a quarter, for text that is on no page yet")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--target", options->target,
                   "The model that reads it, such as gpt-5 or claude-sonnet-4-5, or a target of the "
                   "file: fovea, text, deepseek-ocr ... (see doc/context.md). Default: fovea for "
                   "parts, otherwise the models that the output is for")
      ->type_name("NAME");
  verb->add_option("--targets", options->targets_file,
                   "File of counting rules; also $FOVEA_TARGETS, otherwise the one that came with "
                   "memctl")
      ->type_name("FILE");
  verb->add_option("--output", *output, "parts, openai-chat, openai-responses or anthropic")
      ->check(CLI::IsMember({"parts", "openai-chat", "openai-responses", "anthropic"}))
      ->capture_default_str();
  verb->add_flag("!--no-turns", options->turns,
                 "Leave the newest messages among the rest; otherwise openai-chat, openai-responses and "
                 "anthropic have them as turns of the user and the assistant");
  verb->add_option("--images", options->images_folder,
                   "Also write the pictures to this folder; the parts name the files")
      ->type_name("DIR");
  verb->callback([&session, options, output] {
    session.run = [&session, options, output] { return context(session, *options, *output); };
  });
}

}  // namespace fovea::memctl
