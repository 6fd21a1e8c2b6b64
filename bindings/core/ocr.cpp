#include "fovea/ocr.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/pictures.h"
#include "bindings/core/process.h"
#include "bindings/core/shown.h"
#include "bindings/core/unlocked.h"
#include "fovea/grounding.h"

namespace fovea::python {
namespace {

using Box = std::tuple<int, int, int, int>;

struct OcrObject {
  OcrObject(std::string folder, const CodecOptions& options)
      : checkpoint(std::move(folder)), ocr(checkpoint, options) {}
  OwnProcess process{"Ocr"};
  std::string checkpoint;
  Ocr ocr;
};

/// An answer, and what is needed to make text and places of it.
struct OcrPageObject {
  OcrPage page;
  std::string prompt;
  int width, height;

  PlainTextOptions plain() const { return {labels_of(prompt), width, height, {}}; }
};

std::vector<Box> boxes_of(std::span<const PixelBox> boxes) {
  std::vector<Box> tuples;
  for (const PixelBox& box : boxes) tuples.emplace_back(box.left, box.top, box.right, box.bottom);
  return tuples;
}

OcrPageObject read_picture(const OcrObject& self, const nb::object& picture,
                           const OcrModeName& mode, const std::string& prompt, int max_tokens,
                           int ngram, int ngram_window, const nb::object& on_text) {
  self.process.require_here();
  Watch watch(nb::none(), "tokens");
  OcrOptions options{.mode = value_of(mode),
                     .prompt = ocr_prompt(prompt),
                     .max_tokens = max_tokens,
                     .ngram = ngram,
                     .ngram_window = ngram_window,
                     .on_text = {}};
  options.on_text = [&](std::string_view text) {
    bool goes_on = true;
    const bool clean = watch.with_python([&] {
      if (text.empty() || on_text.is_none()) return;
      goes_on = on_text(std::string(text)).ptr() != Py_False;
    });
    return clean && goes_on;
  };
  const Picture pixels = colour_picture_of(picture);
  OcrPageObject answer{{}, options.prompt, pixels.width, pixels.height};
  {
    const Unlocked unlocked;
    answer.page = self.ocr.read(pixels, options);
  }
  watch.raise();
  return answer;
}

std::string markdown_of(const OcrPageObject& self, const nb::object& image) {
  PlainTextOptions options = self.plain();
  if (!image.is_none()) {
    options.image = [&image](std::span<const PixelBox> boxes) {
      return nb::cast<std::string>(nb::object(image(boxes_of(boxes))));
    };
  }
  return markdown(self.page.answer, options);
}

std::string repr_of_page(const OcrPageObject& self) {
  const OcrPage& page = self.page;
  return "OcrPage(" + grouped(static_cast<std::size_t>(page.tokens)) + " tokens" +
         (page.end == OcrEnd::by_model ? "" : ", incomplete") + ", text=" +
         shown(plain_text(page.answer, self.plain())) + ")";
}

void bind_answers(nb::module_& module) {
  nb::enum_<OcrMode>(module, "OcrMode", "How a picture becomes the encoder's input.")
      .value("tiny", OcrMode::tiny, "squashed to 512 px: 73 vision tokens")
      .value("small", OcrMode::small, "squashed to 640 px: 111")
      .value("base", OcrMode::base, "padded to 1024 px: 273")
      .value("large", OcrMode::large, "padded to 1280 px: 421")
      .value("gundam", OcrMode::gundam,
             "as base, and up to 9 tiles of 640 px where it is larger than one: 273 to 1,203");
  nb::enum_<OcrEnd>(module, "OcrEnd", "Why an answer ended.")
      .value("by_model", OcrEnd::by_model, "the whole answer")
      .value("by_limit", OcrEnd::by_limit,
             "max_tokens or the context are used up: mostly a model that repeats itself")
      .value("by_caller", OcrEnd::by_caller, "on_text said so");

  nb::class_<Region>(module, "Region", "A part of an answer that the model gives a place to.")
      .def_ro("label", &Region::label, "What it is (\"title\", \"table\"), or the words asked for.")
      .def_prop_ro("boxes", [](const Region& self) { return boxes_of(self.boxes); },
                   "(left, top, right, bottom) each, in pixels of the picture.")
      .def_ro("text", &Region::text, "Up to the next region.")
      .def("__repr__", [](const Region& self) {
        return "Region(" + shown(self.label) + ", " + grouped(self.boxes.size()) +
               (self.boxes.size() == 1 ? " box, " : " boxes, ") + shown(self.text) + ")";
      });

  nb::class_<OcrPageObject>(module, "OcrPage", "What a model wrote of a picture.")
      .def("__init__",
           [](OcrPageObject* self, std::string answer, const std::string& prompt, int width,
              int height) {
             new (self) OcrPageObject{{.answer = std::move(answer)}, ocr_prompt(prompt), width,
                                      height};
           },
           nb::arg("answer"), nb::arg("prompt") = "document", nb::kw_only(), nb::arg("width"),
           nb::arg("height"),
           "An answer that was kept. width, height: of the picture that was read, in pixels.")
      .def_prop_ro("answer", [](const OcrPageObject& self) { return self.page.answer; },
                   "As the model wrote it, with its marks of kinds and places.")
      .def_prop_ro("text",
                   [](const OcrPageObject& self) {
                     return plain_text(self.page.answer, self.plain());
                   },
                   "The answer without the marks.")
      .def_prop_ro("regions",
                   [](const OcrPageObject& self) {
                     return find_regions(self.page.answer, self.width, self.height);
                   },
                   "What the model gave a place to.")
      .def("markdown", &markdown_of, nb::arg("image") = nb::none(),
           nb::sig("def markdown(self, image: collections.abc.Callable[[list[tuple[int, int, int, "
                   "int]]], str] | None = None) -> str"),
           "The answer as DeepSeek's script makes a Markdown file of it; tables stay HTML.\n\n"
           "image: makes what stands for a figure, of its boxes (left, top, right, bottom); None:\n"
           "nothing does.")
      .def_prop_ro("end", [](const OcrPageObject& self) { return self.page.end; })
      .def_prop_ro("complete",
                   [](const OcrPageObject& self) { return self.page.end == OcrEnd::by_model; },
                   "The model came to an end by itself.")
      .def_prop_ro("columns", [](const OcrPageObject& self) { return self.page.columns; },
                   "Of tiles; 1 x 1: none.")
      .def_prop_ro("rows", [](const OcrPageObject& self) { return self.page.rows; }, "Of tiles.")
      .def_prop_ro("vision_tokens",
                   [](const OcrPageObject& self) { return self.page.vision_tokens; },
                   "Positions that the picture takes in the model's context.")
      .def_prop_ro("tokens", [](const OcrPageObject& self) { return self.page.tokens; },
                   "Of the answer.")
      .def("__repr__", &repr_of_page);

  struct PlainTextObject : PlainText {
    PlainTextObject(const std::string& prompt, int width, int height)
        : PlainText({labels_of(ocr_prompt(prompt)), width, height, {}}) {}
  };
  nb::class_<PlainTextObject>(module, "PlainText",
                              "Takes the marks out of an answer while it comes.")
      .def(nb::init<std::string, int, int>(), nb::arg("prompt") = "document", nb::kw_only(),
           nb::arg("width") = 0, nb::arg("height") = 0,
           "prompt: as it is given to Ocr.read. width, height: of the picture, in pixels, for the\n"
           "places that \"locate: WORDS\" asks for.\nRaises ValueError for an unknown prompt.")
      .def("take", [](PlainTextObject& self, const std::string& piece) { return self.take(piece); },
           nb::arg("piece"), "What can be said after this piece of the answer.")
      .def("finish", [](PlainTextObject& self) { return self.finish(); },
           "The rest; the answer is over.")
      .def("__repr__", [](const PlainTextObject&) { return "PlainText()"; });

  module.def("write_boxes_png",
             [](const std::filesystem::path& path, const nb::object& picture,
                const std::vector<const Region*>& regions) {
               const Picture pixels = colour_picture_of(picture);
               std::vector<Region> drawn;
               for (const Region* region : regions) drawn.push_back(*region);
               const Unlocked unlocked;
               write_boxes_png(path.string(), pixels, drawn);
             },
             nb::arg("path"), nb::arg("picture"), nb::arg("regions"),
             nb::sig("def write_boxes_png(path: str | os.PathLike[str], picture: PictureLike, "
                     "regions: collections.abc.Sequence[Region]) -> None"),
             "Writes the picture with its regions' boxes and labels drawn on it.\n\n"
             "picture: uint8 [height, width, 3] or a PIL image.\n"
             "Raises OSError where the file cannot be written, TypeError for a wrong dtype.");
}

}  // namespace

void bind_ocr(nb::module_& module) {
  bind_answers(module);
  nb::class_<OcrObject>(module, "Ocr",
                        "A checkpoint of DeepSeek-OCR that reads any picture. Any thread may use "
                        "it, several at once; the GIL is released.")
      .def(
          "__init__",
          [](OcrObject* self, const std::filesystem::path& model, std::string device,
             const std::string& precision, int threads, const std::string& weights) {
            const CodecOptions options =
                codec_options(std::move(device), precision, threads, weights);
            const Unlocked unlocked;
            new (self) OcrObject(model.string(), options);
          },
          nb::arg("model"), nb::kw_only(), nb::arg("device") = "auto",
          nb::arg("precision") = "auto", nb::arg("threads") = 0, nb::arg("weights") = "stored",
          "Loads a checkpoint.\n\n"
          "model: its folder. device, precision, threads, weights: see Codec.\n"
          "Raises fovea.Unsupported for one that reads only pages drawn by Fovea, KeyError for a\n"
          "missing folder, fovea.Corruption naming file and tensor.")
      .def("read", &read_picture, nb::arg("picture"), nb::kw_only(), nb::arg("mode") = "gundam",
           nb::arg("prompt") = "document", nb::arg("max_tokens") = OcrOptions{}.max_tokens,
           nb::arg("ngram") = OcrOptions{}.ngram,
           nb::arg("ngram_window") = OcrOptions{}.ngram_window, nb::arg("on_text") = nb::none(),
           nb::sig("def read(self, picture: PictureLike, *, mode: OcrMode | str = 'gundam', "
                   "prompt: str = 'document', max_tokens: int = 8192, ngram: int = 30, "
                   "ngram_window: int = 90, "
                   "on_text: collections.abc.Callable[[str], object] | None = None) -> OcrPage"),
           "Reads a picture.\n\n"
           "picture: uint8 [height, width, 3] (PictureFile.page gives it) or a PIL image, its\n"
           "pixels as they lie: PIL.ImageOps.exif_transpose turns a photograph upright.\n"
           "mode: see OcrMode. prompt: \"document\" (Markdown with boxes), \"ocr\" (lines with\n"
           "boxes), \"free\" (text alone), \"figure\", \"describe\", \"locate: WORDS\", or a text\n"
           "of yours. max_tokens: of the answer.\n"
           "ngram, ngram_window: no run of so many tokens comes twice within that many;\n"
           "DeepSeek's script has 20 and 50 for pages of a PDF.\n"
           "on_text: gets the answer as it comes, with its marks; False ends the reading.\n"
           "Raises ValueError for options that mean nothing, TypeError for a wrong dtype.")
      .def("__repr__", [](const OcrObject& self) { return "Ocr(" + shown(self.checkpoint) + ")"; });
}

}  // namespace fovea::python
