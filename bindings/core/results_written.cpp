#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/shown.h"
#include "fovea/memory.h"

namespace fovea::python {
namespace {

std::string repr_of_compacted(const CompactResult& self) {
  return "CompactResult(pages=" + grouped(self.pages) +
         ", text_tokens=" + grouped(self.text_tokens) +
         ", vision_tokens=" + grouped(self.vision_tokens) +
         ", verbatim_characters=" + grouped(self.verbatim_characters) +
         (self.stopped ? ", stopped" : "") + ")";
}

std::string repr_of_aged(const AgeResult& self) {
  std::size_t saved = 0;
  for (const Step& step : self.steps) saved += static_cast<std::size_t>(step.tokens_saved);
  return "AgeResult(" + grouped(self.steps.size()) + " steps, " + grouped(saved) +
         " tokens saved, " + grouped(self.refused.size()) + " refused" +
         (self.stopped ? ", stopped" : "") + ")";
}

}  // namespace

void bind_written(nb::module_& module) {
  nb::class_<LevelSummary>(module, "LevelSummary", "The pages of one level.")
      .def_ro("pages", &LevelSummary::pages)
      .def_ro("vision_tokens", &LevelSummary::vision_tokens)
      .def_ro("fidelity", &LevelSummary::fidelity,
              "1 - edit distance / length, mean over the pages measured; None: none was.")
      .def("__repr__", [](const LevelSummary& self) {
        return "LevelSummary(pages=" + grouped(self.pages) +
               ", vision_tokens=" + grouped(self.vision_tokens) +
               (self.fidelity ? ", fidelity=" + rounded(*self.fidelity) : "") + ")";
      });

  nb::class_<CompactResult>(module, "CompactResult", "What adding to a memory made of it.")
      .def_ro("pages", &CompactResult::pages, "Written by this call.")
      .def_ro("characters", &CompactResult::characters, "On those pages.")
      .def_ro("text_tokens", &CompactResult::text_tokens, "Their cost as text (estimated).")
      .def_ro("vision_tokens", &CompactResult::vision_tokens, "What they cost now.")
      .def_ro("text_bytes", &CompactResult::text_bytes, "Of their text.")
      .def_ro("token_bytes", &CompactResult::token_bytes, "Of their vision tokens, as stored.")
      .def_ro("levels", &CompactResult::levels)
      .def_ro(
          "kept_exact", &CompactResult::kept_exact,
          "With archive=\"drop\": pages that keep exact text, because their tokens do not give it "
          "back.")
      .def_ro(
          "below_floor", &CompactResult::below_floor,
          "Measured pages that are read back worse than the policy's sharpest band asks and, with "
          "an\n"
          "archive, also worse than most pages of their level.")
      .def_ro("outside_alphabet", &CompactResult::outside_alphabet,
              "Characters on these pages that the checkpoint's alphabet lacks, by script. Vision "
              "tokens do\n"
              "not give them back; the archive does, or the exact text kept beside the tokens.")
      .def_ro("verbatim_characters", &CompactResult::verbatim_characters, "Not yet a page.")
      .def_ro("secrets", &CompactResult::secrets,
              "Keys, tokens and private text that were replaced by a mark, by kind.")
      .def_ro("skipped_messages", &CompactResult::skipped_messages,
              "Already in the store, or erased from it.")
      .def_ro("erased_messages", &CompactResult::erased_messages,
              "The part of these that was erased before.")
      .def_ro("left_out", &CompactResult::left_out,
              "What was left out on purpose, by kind: pictures, encrypted text, a session's\n"
              "bookkeeping.")
      .def_ro("stopped", &CompactResult::stopped, "By `progress`; call again to go on.")
      .def("__repr__", &repr_of_compacted);

  nb::class_<EmbedResult>(module, "EmbedResult", "What embedding pieces did.")
      .def_ro("pieces", &EmbedResult::pieces, "That have a vector now and had none.")
      .def_ro("known", &EmbedResult::known, "Had one already.")
      .def_ro("removed", &EmbedResult::removed, "Vectors that `replace` forgot.")
      .def_ro("stopped", &EmbedResult::stopped, "By `progress`; call again to go on.")
      .def("__repr__", [](const EmbedResult& self) {
        return "EmbedResult(pieces=" + grouped(self.pieces) + ", known=" + grouped(self.known) +
               (self.stopped ? ", stopped" : "") + ")";
      });

  nb::class_<Refusal>(module, "Refusal", "A page that stays as it is, and why.")
      .def_ro("id", &Refusal::id)
      .def_ro("reason", &Refusal::reason)
      .def("__repr__", [](const Refusal& self) {
        return "Refusal(id=" + std::to_string(self.id) + ", " + shown(self.reason, 200) + ")";
      });

  nb::class_<AgeResult>(module, "AgeResult", "One round of forgetting.")
      .def_ro("steps", &AgeResult::steps)
      .def_ro("refused", &AgeResult::refused)
      .def_ro("archives", &AgeResult::archives, "Pages whose exact text the policy removed.")
      .def_ro("lost_words", &AgeResult::lost_words,
              "From plan() only: for each page, its words that would no longer be read back.")
      .def_ro("measured", &AgeResult::measured, "Levels of pages that were read back to find out.")
      .def_ro("vision_tokens", &AgeResult::vision_tokens, "What the pages take after the steps.")
      .def_ro("expired", &AgeResult::expired, "What was erased because its date had come.")
      .def_ro("stopped", &AgeResult::stopped, "By `progress`; call again to go on.")
      .def("__repr__", &repr_of_aged);

  nb::class_<EraseReceipt>(module, "EraseReceipt", "What was removed for good.")
      .def_ro("pages", &EraseReceipt::pages, "Gone with all that was on them.")
      .def_ro("rewritten", &EraseReceipt::rewritten,
              "Pages that lost a part and were drawn anew without it.")
      .def_ro("without_text", &EraseReceipt::without_text,
              "Of `pages`, those erased whole because the rest of their text is not known exactly.")
      .def_ro("not_searched", &EraseReceipt::not_searched,
              "Pages that a query could not search because their exact text was not kept.")
      .def_ro("messages", &EraseReceipt::messages, "That lose text.")
      .def_ro("characters", &EraseReceipt::characters, "Of text that goes, as far as it is known.")
      .def_ro("rows", &EraseReceipt::rows, "Removed, by table.")
      .def_ro(
          "receipt", &EraseReceipt::receipt,
          "Lines that say what was erased, without its text; the store's history keeps their hash.")
      .def_ro("sha256", &EraseReceipt::sha256, "Of `receipt`, 64 hexadecimal digits.")
      .def_ro(
          "bytes_gone", &EraseReceipt::bytes_gone,
          "False: the rows are gone, but another process kept their bytes from being overwritten. "
          "That\n"
          "happens when the store is next opened or something is next erased.")
      .def("__repr__", [](const EraseReceipt& self) {
        return "EraseReceipt(" + grouped(self.pages.size()) + " pages" +
               (self.bytes_gone ? ")" : ", bytes not yet gone)");
      });

  nb::class_<MigrateResult>(module, "MigrateResult", "What encoding pages anew came to.")
      .def_ro("pages", &MigrateResult::pages, "Encoded anew.")
      .def_ro("known", &MigrateResult::known, "Had tokens of the loaded checkpoint already.")
      .def_ro("refused", &MigrateResult::refused)
      .def_ro("corrected", &MigrateResult::corrected,
              "Of `pages`, those whose corrections were made anew.")
      .def_ro("uncorrected", &MigrateResult::uncorrected,
              "Of `pages`, those that lost their corrections, and why.")
      .def_ro("stopped", &MigrateResult::stopped, "By `progress`; call again to go on.")
      .def("__repr__", [](const MigrateResult& self) {
        return "MigrateResult(pages=" + grouped(self.pages) + ", known=" + grouped(self.known) +
               ", " + grouped(self.refused.size()) + " refused" +
               (self.stopped ? ", stopped)" : ")");
      });
}

}  // namespace fovea::python
