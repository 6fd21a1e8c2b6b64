#include "memctl/interrupt.h"
#include "memctl/output.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

int embed(const Session& session, bool replace) {
  note_interrupts();
  ProgressBar bar("pieces");
  EmbedOptions options;
  options.replace = replace;
  options.progress = [&](std::size_t done, std::size_t total) {
    bar.show(done, static_cast<double>(done) / static_cast<double>(total));
    return !interrupted();
  };
  const EmbedResult result = session.open().embed_pieces(options);
  bar.hide();
  session.print({{"pieces", result.pieces},
                 {"known", result.known},
                 {"removed", result.removed},
                 {"stopped", result.stopped}},
                counted(result.pieces, "piece") + " embedded, " + grouped(result.known) +
                    " already had a vector\n");
  if (!result.stopped) return kOk;
  say("interrupted; `memctl embed` resumes from here");
  return kInterrupted;
}

}  // namespace

void add_embed(CLI::App& app, Session& session) {
  auto* verb = add_verb(app, "embed", "Embed the pieces that were stored without an embedder",
                        "memctl --embedder http://localhost:11434/v1#all-minilm embed");
  auto replace = std::make_shared<bool>(false);
  verb->add_flag("--replace", *replace,
                 "First delete the existing vectors, such as another embedder's");
  verb->callback([&session, replace] {
    session.run = [&session, replace] { return embed(session, *replace); };
  });
}

}  // namespace fovea::memctl
