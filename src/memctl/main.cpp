// memctl: the command line of the library. Results go to stdout, everything else to stderr.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>

#include <malloc.h>
#include <sys/stat.h>

#include "fovea/error.h"
#include "fovea/measure.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

/// libtorch's errors go on with a stack trace.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int fail(bool json, const std::string& code, const std::string& message, int exit) {
  say(message);
  if (json) write_out(to_text({{"error", {{"code", code}, {"message", message}}}}) + "\n");
  return exit;
}

std::string default_embedder() {
  const char* named = std::getenv("FOVEA_EMBEDDER");
  return named ? named : "";
}

std::string default_store() {
  const char* named = std::getenv("FOVEA_STORE");
  return named && *named ? named : "fovea.db";
}

void add_everything(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  app.fallthrough();  // the options below may also follow the verb
  app.set_version_flag("--version", "memctl " FOVEA_VERSION);
  app.add_option("--store", session.store,
                 "Store file, or postgresql://USER@HOST/DATABASE; also $FOVEA_STORE, otherwise "
                 "./fovea.db")
      ->type_name("FILE");
  app.add_option("--model", session.model,
                 "Checkpoint folder; also $FOVEA_MODEL, otherwise the one that came with memctl")
      ->type_name("DIR");
  app.add_option("--scope", session.scope,
                 "Whose memory: user/agent/session/run; parts left out are default")
      ->type_name("U/A/S/R")
      ->capture_default_str();
  app.add_option("--key-file", session.key_file,
                 "File with the key of an encrypted store; also the key itself in $FOVEA_KEY")
      ->type_name("FILE");
  app.add_option("--embedder", session.embedder,
                 "Search by meaning too: an OpenAI-compatible endpoint and its model; also "
                 "$FOVEA_EMBEDDER, with the key in $FOVEA_EMBEDDER_KEY")
      ->type_name("URL#MODEL");
  app.add_option("--events", session.events, "Append a JSON line for each operation to this file")
      ->type_name("FILE");
  app.add_option("--device", session.codec.device, "cpu, cuda, cuda:N; auto: a GPU if there is one")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--weights", session.weights,
                 "stored, or int8: the decoder's rounded to 8 bits, for half the memory (CPU)")
      ->type_name("KIND")
      ->capture_default_str();
  app.add_option(
         "--beam-width", session.codec.beam_width,
         "Hypotheses a row of a beam search, up to 16: coarse pages read better with 4, and "
         "take longer")
      ->check(whole_number(1, 16))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--json", session.json, "Print one JSON document, even for an error");
  app.add_flag_callback("--raw", pass_controls,
                        "Pass control sequences in remembered text to a terminal too");
  app.footer(
      "Exit: 0 ok, 1 failure, 2 usage or invalid argument, 3 not found, 4 corruption,\n"
      "130 interrupted.  `memctl VERB --help` shows a verb's options and an example.");
  add_compact(app, session);
  add_recall(app, session);
  add_search(app, session);
  add_embed(app, session);
  add_context(app, session);
  add_list_verbs(app, session);
  add_report(app, session);
  add_view(app, session);
  add_age(app, session);
  add_policy(app, session);
  add_page_verbs(app, session);
  add_store_verbs(app, session);
  add_transfer_verbs(app, session);
  add_key_verbs(app, session);
  add_codec_verbs(app, session);
  add_ocr(app, session);
  add_model_verbs(app, session);
  add_bench(app, session);
  add_experiment(app, session);
  add_lifetime(app, session);
  add_doctor(app, session);
  add_command_line_verbs(app, session);
}

/// What memctl writes holds what is remembered: it is its owner's alone.
void keep_files_private() { ::umask(::umask(0077) | 0077); }

/// The verb that somebody may have meant by `given`; empty: none looks like it.
std::string near_verb(const CLI::App& app, const std::string& given) {
  double most = 0.6;
  std::string nearest;
  for (const CLI::App* verb : app.get_subcommands({})) {
    const std::string& name = verb->get_name();
    const double alike = likeness(given, name);
    if (alike < most || (alike == most && !nearest.empty() && nearest < name)) continue;
    most = alike;
    nearest = name;
  }
  return nearest;
}

/// Where the verb is one that there is not: what was said, and the verb that looks most like it.
std::string guess_verb(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  if (!app.get_subcommands().empty() || rest.empty() || rest.front().starts_with('-')) return {};
  const std::string near = near_verb(app, rest.front());
  return "there is no verb " + rest.front() + (near.empty() ? "" : "; did you mean " + near + "?");
}

/// `--json` also counts where the rest of the command line cannot be understood.
bool asks_for_json(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--json") return true;
  }
  return false;
}

int parse_and_run(int count, char** arguments) {
  Session session;
  session.arguments.assign(arguments, arguments + count);
  session.store = default_store();
  session.embedder = default_embedder();
  CLI::App app{"Long text history kept as vision tokens: compact it, read it back, let it fade.",
               "memctl"};
  add_everything(app, session);
  try {
    require_values(count, arguments);
    app.parse(count, arguments);
    require_values(app);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const std::string guess = guess_verb(app);
    return fail(asks_for_json(count, arguments), "invalid_argument",
                (guess.empty() ? std::string(error.what()) : guess) + "; see memctl --help", kUsage);
  }
  try {
    session.codec.weights = weights_from_name(session.weights);
    return session.run();
  } catch (const BrokenPipe&) {
    throw;
  } catch (const Error& error) {
    return fail(session.json, name_of(error.code()), error.what(), exit_code(error.code()));
  } catch (const std::exception& error) {
    return fail(session.json, "failure", first_line(error.what()), kFailure);
  }
}

}  // namespace
}  // namespace fovea::memctl

int main(int count, char** arguments) {
  using namespace fovea::memctl;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its size limit is an error like a full disk
  keep_files_private();
  // Pages' tensors come and go: what was freed serves the next ones instead of going back each time.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  try {
    return parse_and_run(count, arguments);
  } catch (const BrokenPipe&) {
    return kBrokenPipe;
  } catch (const std::exception& error) {
    say(error.what());
    return kFailure;
  }
}
