#include <nanobind/operators.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/shown.h"

namespace fovea::python {
namespace {

std::string repr_of_recalled(const Recalled& self) {
  const std::string place = self.level ? "id=" + std::to_string(self.id) + ", level=" +
                                             std::string(name_of(*self.level)) + ", "
                                       : "";
  return "Recalled(" + place + "source=" + std::string(name_of(self.source)) +
         ", confidence=" + rounded(self.confidence) + (self.complete ? "" : ", incomplete") +
         ", text=" + shown(self.text) + ")";
}

/// A span as Python counts, in characters.
struct TextSpan {
  std::size_t begin;
  std::size_t length;
  std::string source;
  float confidence;
};

std::vector<TextSpan> spans_of(const Recalled& self) {
  std::vector<TextSpan> spans;
  std::size_t begin = 0;
  for (const RecalledSpan& span : self.spans) {
    const std::size_t length =
        count_characters(std::string_view(self.text).substr(span.begin, span.length));
    spans.push_back({begin, length, std::string(name_of(span.origin)), span.confidence});
    begin += length;
  }
  return spans;
}

std::string repr_of_stats(const Stats& self) {
  return "Stats(pages=" + grouped(self.pages) + ", messages=" + grouped(self.messages) +
         ", text_tokens=" + grouped(self.text_tokens) +
         ", vision_tokens=" + grouped(self.vision_tokens) +
         ", verbatim_characters=" + grouped(self.verbatim_characters) + ")";
}

/// A message's part, in characters.
struct TextMessage {
  std::size_t begin;
  std::size_t length;
  std::string role;
  Time time;
  bool begins;
  bool ends;
};

std::vector<TextMessage> messages_of(const Recalled& self) {
  std::vector<TextMessage> messages;
  std::size_t begin = 0;
  for (const RecalledMessage& message : self.messages) {
    const std::size_t length =
        count_characters(std::string_view(self.text).substr(message.begin, message.length));
    messages.push_back({begin, length, message.role, message.time, message.begins, message.ends});
    begin += length;
  }
  return messages;
}

void bind_given(nb::module_& module) {
  nb::class_<Scope>(module, "Scope",
                    "Whose memory: every read and write names it. Also given as "
                    "a str, \"user/agent/session/run\".")
      .def(nb::init<std::string, std::string, std::string, std::string>(),
           nb::arg("user") = "default", nb::arg("agent") = "default",
           nb::arg("session") = "default", nb::arg("run") = "default")
      .def_rw("user", &Scope::user)
      .def_rw("agent", &Scope::agent)
      .def_rw("session", &Scope::session)
      .def_rw("run", &Scope::run)
      .def(nb::self == nb::self, nb::sig("def __eq__(self, other: object) -> bool"))
      .def("__hash__", [](const Scope& s) { return std::hash<std::string>()(to_text(s)); })
      .def("__str__", [](const Scope& s) { return to_text(s); })
      .def("__repr__", [](const Scope& s) {
        return "Scope(" + shown(s.user) + ", " + shown(s.agent) + ", " + shown(s.session) +
               (s.run == "default" ? "" : ", " + shown(s.run)) + ")";
      });

  nb::class_<Message>(module, "Message",
                      "One message of a history; `text` is what is put onto pages.")
      .def(
          "__init__",
          [](Message* self, std::string role, const Text& text, Time time, std::string source_id) {
            new (self) Message{std::move(role), bytes_of(text), time, std::move(source_id)};
          },
          nb::arg("role"), nb::arg("text"), nb::arg("time") = 0, nb::arg("source_id") = "",
          "time: seconds since 1970, 0: not known. source_id: identifies the message together "
          "with its\n"
          "text, so that it is added only once; empty: it is always new.")
      .def_rw("role", &Message::role)
      .def_rw("text", &Message::text)
      .def_rw("time", &Message::time)
      .def_rw("source_id", &Message::source_id)
      .def("__repr__", [](const Message& self) {
        return "Message(" + shown(self.role) + ", " + shown(self.text) + ")";
      });
}

void bind_read(nb::module_& module) {
  nb::class_<TextSpan>(module, "RecalledSpan", "Where a piece of a recalled text came from.")
      .def_ro("begin", &TextSpan::begin, "Character of the text.")
      .def_ro("length", &TextSpan::length, "Characters.")
      .def_ro("source", &TextSpan::source,
              "\"decoded\", \"corrected\", \"anchor\", \"archive\" or \"verbatim\".")
      .def_ro("confidence", &TextSpan::confidence, "0..1, how sure it is that the span is exact.")
      .def("__repr__", [](const TextSpan& self) {
        return "RecalledSpan(begin=" + grouped(self.begin) + ", length=" + grouped(self.length) +
               ", " + self.source + ", confidence=" + rounded(self.confidence) + ")";
      });

  nb::class_<TextMessage>(module, "RecalledMessage", "What a message has of a recalled text.")
      .def_ro("begin", &TextMessage::begin, "Character of the text.")
      .def_ro("length", &TextMessage::length, "Characters.")
      .def_ro("role", &TextMessage::role)
      .def_ro("time", &TextMessage::time, "Seconds since 1970; 0: not known.")
      .def_ro("begins", &TextMessage::begins, "False: it begins on a page before.")
      .def_ro("ends", &TextMessage::ends, "False: it goes on behind the text.")
      .def("__repr__", [](const TextMessage& self) {
        return "RecalledMessage(begin=" + grouped(self.begin) + ", length=" + grouped(self.length) +
               ", role=" + shown(self.role) + ")";
      });

  nb::class_<Recalled>(module, "Recalled", "A page's text, or the text that fills no page yet.")
      .def_ro("id", &Recalled::id, "Of the page; 0 for text that is still verbatim.")
      .def_ro("level", &Recalled::level, "None: verbatim.")
      .def_ro("time", &Recalled::time, "Of its last message, seconds since 1970; 0: not known.")
      .def_prop_ro(
          "source", [](const Recalled& self) { return std::string(name_of(self.source)); },
          "\"tokens\", \"corrected\" (tokens with anchors or corrections), \"archive\" or "
          "\"verbatim\".")
      .def_ro("text", &Recalled::text)
      .def_ro("confidence", &Recalled::confidence, "0..1, mean of the spans', by length.")
      .def_ro("complete", &Recalled::complete,
              "False: the model did not reach the end of a document; the text is what it wrote.")
      .def_prop_ro("spans", &spans_of, "In order; together they are the text.")
      .def_prop_ro(
          "messages", &messages_of,
          "The messages that the text belongs to, in order; empty if reading errors shifted their\n"
          "positions.")
      .def("__repr__", &repr_of_recalled);

  nb::class_<RecalledPiece>(module, "RecalledPiece",
                            "A piece of a message that answers a query, with its surroundings.")
      .def_ro("page", &RecalledPiece::page, "Where it begins; 0: on no page yet.")
      .def_ro("place", &RecalledPiece::place, "In the scope.")
      .def_ro("role", &RecalledPiece::role, "Of its message.")
      .def_ro("speaker", &RecalledPiece::speaker, "Who says it; empty: nobody.")
      .def_ro("time", &RecalledPiece::time, "Of its message, seconds since 1970; 0: not known.")
      .def_ro("text", &RecalledPiece::text)
      .def_ro("around", &RecalledPiece::around,
              "The piece with those before and after it, laid out.")
      .def("__repr__", [](const RecalledPiece& self) {
        return "RecalledPiece(page=" + std::to_string(self.page) + ", text=" + shown(self.text) + ")";
      });

  nb::class_<Stats>(module, "Stats", "What a scope holds and costs.")
      .def_ro("pages", &Stats::pages)
      .def_ro("messages", &Stats::messages)
      .def_ro("text_tokens", &Stats::text_tokens, "What the pages would cost as text (estimate).")
      .def_ro("vision_tokens", &Stats::vision_tokens)
      .def_ro("text_bytes", &Stats::text_bytes, "Of the pages' text, kept or not.")
      .def_ro("token_bytes", &Stats::token_bytes)
      .def_ro("archive_bytes", &Stats::archive_bytes)
      .def_ro("anchor_bytes", &Stats::anchor_bytes)
      .def_ro("correction_bytes", &Stats::correction_bytes)
      .def_ro("kept_exact", &Stats::kept_exact,
              "Pages without archive that keep text which their tokens do not give back.")
      .def_ro("file_bytes", &Stats::file_bytes, "Of the whole store.")
      .def_ro("verbatim_characters", &Stats::verbatim_characters)
      .def_ro("pieces", &Stats::pieces, "Of messages, whose text is kept: what a search ranks.")
      .def_ro("embedded_pieces", &Stats::embedded_pieces, "Of these, with a vector.")
      .def_ro("vector_bytes", &Stats::vector_bytes)
      .def_ro("embedder", &Stats::embedder, "Whose vectors they are; empty: none has one.")
      .def_ro("levels", &Stats::levels)
      .def("__repr__", &repr_of_stats);
}

}  // namespace

void bind_results(nb::module_& module) {
  bind_given(module);
  bind_read(module);
  module.def("count_text_tokens",
             [](const Text& text) { return count_text_tokens(bytes_of(text)); }, nb::arg("text"),
             "Tokens that a large model's tokenizer makes of a text, estimated.");
  module.def("accuracy",
             [](const Text& exact, const Text& read) {
               return accuracy(bytes_of(exact), bytes_of(read));
             },
             nb::arg("exact"), nb::arg("read"),
             "1 - edit distance / length over characters, 0..1.");
}

}  // namespace fovea::python
