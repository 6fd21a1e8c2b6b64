#include "fovea/error.h"
#include "fovea/server_url.h"
#include "memctl/compact_report.h"
#include "memctl/output.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

/// Against keeping the pages' text in a prompt.
std::int64_t tokens_saved(const Stats& stats) {
  return static_cast<std::int64_t>(stats.text_tokens) -
         static_cast<std::int64_t>(stats.vision_tokens);
}

Json document_of(const Stats& stats) {
  return {{"pages", stats.pages},
          {"messages", stats.messages},
          {"text_tokens", stats.text_tokens},
          {"vision_tokens", stats.vision_tokens},
          {"tokens_saved", tokens_saved(stats)},
          {"levels", levels_document(stats.levels)},
          {"verbatim_characters", stats.verbatim_characters},
          {"pieces", stats.pieces},
          {"embedded_pieces", stats.embedded_pieces},
          {"vector_bytes", stats.vector_bytes},
          {"embedder", stats.embedder},
          {"text_bytes", stats.text_bytes},
          {"token_bytes", stats.token_bytes},
          {"archive_bytes", stats.archive_bytes},
          {"anchor_bytes", stats.anchor_bytes},
          {"correction_bytes", stats.correction_bytes},
          {"kept_exact", stats.kept_exact},
          {"file_bytes", stats.file_bytes}};
}

std::string text_of(const Stats& stats) {
  std::string text = counted(stats.pages, "page") + " of " + counted(stats.messages, "message") +
                     "\n  as text   " + grouped(stats.text_tokens) +
                     " tokens (estimated)\n  as pages  " + grouped(stats.vision_tokens) +
                     " vision tokens, " + grouped(std::max<std::int64_t>(0, tokens_saved(stats))) + " saved\n";
  for (const auto& [level, summary] : stats.levels) {
    text += "  " + std::string(name_of(level)) + ": " + counted(summary.pages, "page") + ", " +
            counted(summary.vision_tokens, "vision token");
    if (summary.fidelity) text += ", read back " + percent(*summary.fidelity);
    text += "\n";
  }
  return text + "  " + counted(stats.verbatim_characters, "character") + " not on a page yet\n  " +
         grouped(stats.file_bytes) + " bytes on disk for " + grouped(stats.text_bytes) +
         " bytes of text: vision tokens " + grouped(stats.token_bytes) + ", exact text " +
         grouped(stats.archive_bytes) + ", anchors " + grouped(stats.anchor_bytes) +
         ", corrections " + grouped(stats.correction_bytes) + "\n" +
         (stats.embedder.empty()
              ? ""
              : "  " + grouped(stats.embedded_pieces) + " of " + counted(stats.pieces, "piece") +
                    " have a vector from " + stats.embedder + ", " + grouped(stats.vector_bytes) +
                    " bytes\n") +
         (stats.kept_exact == 0 ? ""
                                : "  " + counted(stats.kept_exact, "page") +
                                      " without an archive that keep text which cannot be "
                                      "read back from their vision tokens\n");
}

int stats(const Session& session) {
  const Stats stats = session.open_scope().stats();
  session.print(document_of(stats), text_of(stats));
  return kOk;
}

/// Of the scope; of a damaged store as far as it can be read.
std::vector<std::int64_t> pages_with_kept_text(const Memory& memory, bool is_sound) {
  std::vector<std::int64_t> ids;
  try {
    for (const PageInfo& page : memory.pages()) {
      if (page.keeps_text) ids.push_back(page.id);
    }
  } catch (const Error&) {
    if (is_sound) throw;
  }
  return ids;
}

int verify(const Session& session) {
  const Memory memory = session.open();
  const auto findings = memory.verify();
  const std::vector<std::int64_t> kept = pages_with_kept_text(memory, findings.empty());
  std::string text;
  for (const std::string& finding : findings) text += finding + "\n";
  if (findings.empty()) text = session.store_name() + ": sound\n";
  for (const std::int64_t page : kept)
    text += "page " + std::to_string(page) +
            " keeps text that cannot be read back from its vision tokens\n";
  session.print({{"ok", findings.empty()}, {"findings", findings}, {"kept_exact", kept}}, text);
  if (findings.empty()) return kOk;
  say(session.store_name() + ": " + counted(findings.size(), "finding"));
  return kCorruption;
}

int clean(const Session& session) {
  const bool cleaned = session.open().clean();
  session.print({{"store", session.store_name()}, {"bytes_gone", cleaned}},
                cleaned ? session.store_name() + ": removed text has left no bytes\n" : "");
  if (cleaned) return kOk;
  say(is_server_url(session.store)
          ? session.store_name() +
                ": the tables are rewritten, but the server's log keeps old bytes until its next "
                "checkpoint; GRANT pg_checkpoint to the role to have it done at once"
          : session.store_name() + ": another process uses it; run `memctl clean` again later");
  return kFailure;
}

}  // namespace

void add_store_verbs(CLI::App& app, Session& session) {
  add_verb(app, "stats", "What the scope holds and what it costs", "memctl --scope ann/coder stats")
      ->callback([&session] { session.run = [&session] { return stats(session); }; });
  add_verb(app, "clean", "Rewrite the store without the bytes of removed text",
           "memctl --store postgresql://fovea@db.example/memory clean")
      ->callback([&session] { session.run = [&session] { return clean(session); }; });
  add_verb(app, "verify", "Check the store, its vision tokens, the index and the checkpoint",
           "memctl --store fovea.db verify")
      ->callback([&session] { session.run = [&session] { return verify(session); }; });
}

}  // namespace fovea::memctl
