#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/shown.h"

namespace fovea::python {
namespace {

nb::bytes part_png(const ContextPart& part) { return nb::bytes(part.png.data(), part.png.size()); }

nb::object notebook_png(const ContextPart& part) {
  return part.png.empty() ? nb::none() : nb::object(part_png(part));
}

/// The list under the document's one key.
nb::object context_messages(const Context& context) {
  const auto document =
      nb::cast<nb::dict>(nb::object(nb::module_::import_("json").attr("loads")(context.document)));
  for (const auto [key, list] : document) return nb::borrow(list);
  return nb::list();
}

std::string repr_of_part(const ContextPart& part) {
  const std::string page = part.page == 0 ? "" : "page=" + std::to_string(part.page) + ", ";
  return "ContextPart(" + page + std::to_string(part.tokens) + " tokens, " +
         (part.png.empty() ? shown(part.text) : "picture") + ")";
}

std::string repr_of_context(const Context& context) {
  return "Context(" + grouped(context.tokens) + " of " + grouped(context.budget) + " tokens, " +
         grouped(context.parts.size()) + " parts, " + grouped(context.images) + " pictures, " +
         grouped(context.saved_against_text) + " tokens saved)";
}

}  // namespace

void bind_context(nb::module_& module) {
  nb::enum_<ContextFormat>(module, "ContextFormat", "How a context is written down.")
      .value("parts", ContextFormat::parts, "a plain list of texts and pictures")
      .value("openai_chat", ContextFormat::openai_chat, "messages with text and image_url")
      .value("openai_responses", ContextFormat::openai_responses, "items of the Responses API")
      .value("anthropic", ContextFormat::anthropic, "messages with text, image, cache marks");

  nb::class_<ContextPart>(module, "ContextPart", "A text or a picture of a context.")
      .def_ro("text", &ContextPart::text, "Empty for a picture.")
      .def_prop_ro("png", &part_png, "Empty for a text.")
      .def_ro("page", &ContextPart::page, "Of a picture; 0: a text, which names its pages itself.")
      .def_ro("tokens", &ContextPart::tokens, "As the target counts them.")
      .def_ro("file", &ContextPart::file, "Where the picture was written.")
      .def_ro("role", &ContextPart::role,
              "Of a turn, \"user\" or \"assistant\"; empty: of the first message.")
      .def(
          "image", [](const ContextPart& self) { return image_of_png(part_png(self)); },
          nb::sig("def image(self) -> PIL.Image.Image"), "A picture as a PIL image.")
      .def("_repr_png_", &notebook_png, nb::sig("def _repr_png_(self) -> bytes | None"))
      .def("__repr__", &repr_of_part);

  nb::class_<Context>(module, "Context", "What to put into the next prompt.")
      .def_ro("parts", &Context::parts, nb::rv_policy::reference_internal)
      .def_ro("pinned_parts", &Context::pinned_parts, "The first parts: pinned pages.")
      .def_ro("stable_parts", &Context::stable_parts,
              "The first parts: the same until history grows or fades.")
      .def_ro("tokens", &Context::tokens)
      .def_ro("budget", &Context::budget)
      .def_ro("images", &Context::images)
      .def_ro("pages", &Context::pages, "Different ones.")
      .def_ro("saved_against_text", &Context::saved_against_text,
              "Tokens that pages cost less than they would as text.")
      .def_ro("target", &Context::target, "Whose rules counted.")
      .def_ro("notes", &Context::notes, "What one should know, mostly nothing: pins cut short.")
      .def_ro("document", &Context::document, "JSON in the format that was asked for.")
      .def_prop_ro("messages", &context_messages,
                   nb::sig("def messages(self) -> list[dict[str, typing.Any]]"),
                   "The document's list, as the provider's client takes it.")
      .def("__repr__", &repr_of_context);
}

}  // namespace fovea::python
