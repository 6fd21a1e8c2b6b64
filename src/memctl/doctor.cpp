#include <filesystem>

#include "fovea/bench.h"
#include "fovea/document_renderer.h"
#include "fovea/error.h"
#include "memctl/output.h"
#include "memctl/session.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

struct Check {
  std::string name;
  bool ok = true;
  std::string found;   ///< what is there, or what is wrong
  std::string advice;  ///< what to do; empty when all is well
};

/// Runs `look`, which says what it found; an error of the library becomes a failed check.
Check check(const std::string& name, const std::string& advice,
            const std::function<std::string()>& look) {
  try {
    return {name, true, look(), ""};
  } catch (const Error& error) {
    return {name, false, error.what(), advice};
  }
}

Check check_cpu() {
  bool slow = false;
  Check result = check("processor", "mend what the message names, or install Fovea again", [&] {
    const Machine here = machine();
    slow = !here.bf16;
    return "libtorch " + here.libtorch + ", " + std::to_string(here.threads) + " threads, " +
           (slow ? "no bfloat16 in hardware" : "bfloat16 in hardware");
  });
  if (slow) result.advice = "works, but at about half the speed: float32 is used";
  return result;
}

Check check_checkpoint(const Session& session) {
  return check("checkpoint", "install Fovea's models folder again, or give --model a sound one", [&] {
    const std::string folder = session.checkpoint();
    const Stopwatch watch;
    const Codec codec(folder, session.codec);
    std::string levels;
    for (const Level level : codec.levels()) levels += " " + std::string(name_of(level));
    return codec.name() + " at " + folder + ", loaded in " + fixed(watch.seconds(), 2) +
           " s; reads " + std::string(name_of(codec.layout())) + levels + "; fingerprint " + codec.fingerprint().substr(0, 12);
  });
}

Check check_atlas(const Session& session) {
  return check("glyph atlas", "install Fovea's models folder again, or give --model a sound one", [&] {
    if (session.layout() == Layout::document)
      return std::string("not needed: documents are set in the system's fonts");
    const Renderer renderer(session.checkpoint());
    return grouped(renderer.narrow_characters().size() + renderer.wide_characters().size()) +
           " characters look the same on every machine";
  });
}

/// Characters that neither an atlas nor a common font has are shaped with whatever there is.
Check check_fonts() {
  Check result = check("fonts", "apt-get install fonts-dejavu-core fonts-liberation2 fonts-noto-cjk "
                       "fonts-symbola", [&] {
    const DocumentRenderer renderer;
    Page page = renderer.lay_out("\xF0\x9F\x98\x8A\xE0\xA4\xA8\xE9\xBE\x98", {});
    renderer.draw(page);
    if (page.report.no_glyph > 0) {
      throw Error(ErrorCode::not_found,
                  "an emoji, a Devanagari letter or a rare hanzi has no font; "
                  "such characters are drawn as code-point boxes");
    }
    return std::string("an emoji, a Devanagari letter and a rare hanzi all have one");
  });
  result.ok = true;  // such characters are kept and reported: worth knowing, no fault
  return result;
}

Check check_store(const Session& session) {
  return check("store", "restore it from a copy, or name another with --store", [&] {
    if (!session.has_store()) {
      return session.store_name() + " does not exist yet; `memctl compact FILE` creates it";
    }
    const Stats stats = session.open().stats();
    const std::string found = session.store_name() + ": " + counted(stats.pages, "page") +
                              " in scope " + session.scope + ", " + grouped(stats.file_bytes) +
                              " bytes";
    if (is_server_url(session.store)) return found;
    const auto space = std::filesystem::space(std::filesystem::absolute(session.store).parent_path());
    return found + "; " + grouped(space.available / 1'000'000) + " MB free on its disk";
  });
}

int doctor(const Session& session) {
  const std::vector<Check> checks = {check_cpu(), check_checkpoint(session), check_atlas(session),
                                     check_fonts(), check_store(session)};
  bool ok = true;
  Json entries = Json::array();
  std::string text = "memctl " FOVEA_VERSION "\n";
  for (const Check& one : checks) {
    ok = ok && one.ok;
    entries.push_back({{"name", one.name}, {"ok", one.ok}, {"found", one.found}, {"advice", one.advice}});
    text += (one.ok ? "ok    " : "FAIL  ") + one.name + ": " + one.found + "\n";
    if (!one.advice.empty()) text += "      " + one.advice + "\n";
  }
  session.print({{"ok", ok}, {"version", FOVEA_VERSION}, {"checks", entries}}, text);
  return ok ? kOk : kFailure;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
  add_verb(app, "doctor", "Check libraries, checkpoint, fonts, processor and store",
           "memctl --model models/fovea-nano doctor")
      ->callback([&session] { session.run = [&session] { return doctor(session); }; });
}

}  // namespace fovea::memctl
