#include "memctl/compact_report.h"

#include "memctl/output.h"

namespace fovea::memctl {
namespace {

double compression_of(std::size_t text_tokens, std::size_t vision_tokens) {
  return vision_tokens == 0
             ? 0
             : static_cast<double>(text_tokens) / static_cast<double>(vision_tokens);
}

}  // namespace

Json levels_document(const std::map<Level, LevelSummary>& levels) {
  Json document = Json::object();
  for (const auto& [level, summary] : levels) {
    document[std::string(name_of(level))] = {
        {"pages", summary.pages},
        {"vision_tokens", summary.vision_tokens},
        {"fidelity", summary.fidelity ? Json(*summary.fidelity) : Json(nullptr)}};
  }
  return document;
}

Json compact_document(const CompactResult& result, const ReadCounts& read, double seconds) {
  return {{"pages", result.pages},
          {"characters", result.characters},
          {"text_tokens", result.text_tokens},
          {"vision_tokens", result.vision_tokens},
          {"text_bytes", result.text_bytes},
          {"token_bytes", result.token_bytes},
          {"compression", compression_of(result.text_tokens, result.vision_tokens)},
          {"levels", levels_document(result.levels)},
          {"kept_exact", result.kept_exact},
          {"below_floor", result.below_floor},
          {"outside_alphabet", result.outside_alphabet},
          {"seconds", seconds},
          {"messages", read.messages},
          {"skipped_messages", result.skipped_messages},
          {"erased_messages", result.erased_messages},
          {"secrets", result.secrets},
          {"broken_lines", read.broken},
          {"left_out", result.left_out},
          {"formats", read.formats},
          {"verbatim_characters", result.verbatim_characters},
          {"stopped", result.stopped}};
}

std::string compact_text(const CompactResult& result, double seconds) {
  std::string text = counted(result.pages, "page") + " from " + grouped(result.characters) +
                     " characters in " + fixed(seconds, 1) + " s\n";
  if (result.pages > 0) {
    text += "  as text   " + grouped(result.text_tokens) + " tokens (estimated)\n  as pages  " +
            grouped(result.vision_tokens) + " vision tokens, " +
            fixed(compression_of(result.text_tokens, result.vision_tokens), 1) +
            " times fewer\n  on disk   " + grouped(result.token_bytes) + " bytes of vision tokens for " +
            grouped(result.text_bytes) + " bytes of text\n";
  }
  for (const auto& [level, summary] : result.levels) {
    text += "  " + std::string(name_of(level)) + ": " + counted(summary.pages, "page") + ", " +
            counted(summary.vision_tokens, "vision token");
    if (summary.fidelity) text += ", read back " + percent(*summary.fidelity);
    text += "\n";
  }
  if (result.kept_exact > 0) {
    text += "  " + counted(result.kept_exact, "page") + " with text that cannot be read back; it is kept beside the tokens\n";
  }
  if (!result.secrets.empty()) {
    std::string kinds;
    for (const auto& [kind, count] : result.secrets)
      kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
    text += "  not kept: " + kinds + " (--keep-secrets keeps them)\n";
  }
  const std::size_t known = result.skipped_messages - result.erased_messages;
  if (known > 0) text += "  " + counted(known, "message") + " already known\n";
  if (result.erased_messages > 0) {
    text += "  " + counted(result.erased_messages, "message") +
            " kept out as erased before (--restore adds what was erased)\n";
  }
  return text + "  " + counted(result.verbatim_characters, "character") +
         " not on a page yet, kept as text\n";
}

}  // namespace fovea::memctl
