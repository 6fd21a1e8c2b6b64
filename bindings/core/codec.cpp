#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/page_object.h"
#include "bindings/core/pictures.h"
#include "bindings/core/process.h"
#include "bindings/core/shown.h"
#include "bindings/core/unlocked.h"
#include "fovea/codec.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

using Values = nb::ndarray<nb::numpy, const std::int8_t, nb::ndim<2>>;
using Code = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<1>>;
using GivenCode = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Scales = nb::ndarray<nb::numpy, const float, nb::ndim<1>>;
using GivenValues = nb::ndarray<const std::int8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using GivenScales = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

struct CodecObject {
  CodecObject(const std::string& checkpoint, const CodecOptions& options)
      : codec(checkpoint, options) {}
  OwnProcess process{"Codec"};
  Codec codec;

  const Codec& here() const {
    process.require_here();
    return codec;
  }
};

/// Pages as the codec takes them, and the arrays that keep their pixels alive.
struct GivenPages {
  std::vector<Picture2D> arrays;
  std::vector<PagePixels> pixels;
};

/// A page that was drawn elsewhere has no text, and the layout that the checkpoint reads.
PagePixels page_pixels(const Page& page) {
  const bool is_laid_out = !page.cells.empty() || !page.text.empty();
  if (!is_laid_out && !page.document) return {page.level, page.density, page.pixels, {}};
  return {page.level, page.density, page.pixels, row_lengths(page),
          page.document ? Layout::document : Layout::cells};
}

GivenPages pages_of(const nb::iterable& given, Density density) {
  GivenPages pages;
  std::size_t index = 0;
  for (const nb::handle item : given) {
    const std::string what = "page " + std::to_string(index++);
    if (nb::isinstance<PageObject>(item)) {
      const Page& page = nb::cast<const PageObject&>(item).page;
      pages.pixels.push_back(page_pixels(page));
      continue;
    }
    const Picture2D& array = pages.arrays.emplace_back(picture_of(item, what));
    const Level level = level_of_side(array.shape(0), array.shape(1), what);
    pages.pixels.push_back({level, density, {array.data(), array.size()}, {}});
  }
  return pages;
}

VisionTokens tokens_from(const GivenValues& values, const GivenScales& scales,
                         const LevelName& level, const LayoutName& layout,
                         const DensityName& density, std::string fingerprint,
                         std::vector<int> lengths) {
  VisionTokens tokens;
  tokens.level = value_of(level);
  tokens.layout = value_of(layout);
  tokens.density = value_of(density);
  tokens.count = token_count(tokens.level);
  tokens.dim = static_cast<int>(values.shape(1));
  if (values.shape(0) != static_cast<std::size_t>(tokens.count) ||
      scales.shape(0) != values.shape(0)) {
    throw Error(ErrorCode::invalid_argument,
                "level " + std::string(name_of(tokens.level)) + " has " +
                    std::to_string(tokens.count) + " vision tokens; got " +
                    std::to_string(values.shape(0)) + " rows of values and " +
                    std::to_string(scales.shape(0)) + " scales");
  }
  tokens.values.assign(values.data(), values.data() + values.size());
  tokens.scales.assign(scales.data(), scales.data() + scales.size());
  tokens.row_lengths = std::move(lengths);
  tokens.fingerprint = std::move(fingerprint);
  return tokens;
}

VisionTokens tokens_from(const GivenCode& code, int dim, const LevelName& level,
                         const LayoutName& layout, const DensityName& density,
                         std::string fingerprint, std::vector<int> lengths) {
  VisionTokens tokens;
  tokens.level = value_of(level);
  tokens.layout = value_of(layout);
  tokens.density = value_of(density);
  tokens.count = token_count(tokens.level);
  tokens.dim = dim;
  tokens.code.assign(code.data(), code.data() + code.size());
  tokens.row_lengths = std::move(lengths);
  tokens.fingerprint = std::move(fingerprint);
  return tokens;
}

/// [0, dim] where the tokens are in a code.
Values values_of(const VisionTokens& self) {
  const std::size_t rows = self.code.empty() ? static_cast<std::size_t>(self.count) : 0;
  return Values(self.values.data(), {rows, static_cast<std::size_t>(self.dim)}, nb::find(self));
}

Code code_of(const VisionTokens& self) {
  return Code(self.code.data(), {self.code.size()}, nb::find(self));
}

Scales scales_of(const VisionTokens& self) {
  return Scales(self.scales.data(), {self.scales.size()}, nb::find(self));
}

/// A vector of its own for Python.
nb::object array_of(std::vector<float> vector) {
  auto* kept = new std::vector<float>(std::move(vector));
  const nb::capsule owner(
      kept, [](void* vector) noexcept { delete static_cast<std::vector<float>*>(vector); });
  return nb::cast(nb::ndarray<nb::numpy, float, nb::ndim<1>>(kept->data(), {kept->size()}, owner));
}

/// The same for rows of vectors.
nb::object array_of(std::vector<float> vectors, std::size_t rows) {
  auto* kept = new std::vector<float>(std::move(vectors));
  const nb::capsule owner(
      kept, [](void* vector) noexcept { delete static_cast<std::vector<float>*>(vector); });
  return nb::cast(nb::ndarray<nb::numpy, float, nb::ndim<2>>(
      kept->data(), {rows, kept->size() / rows}, owner));
}

std::string repr_of_tokens(const VisionTokens& self) {
  const int columns = static_cast<int>(self.density);
  const std::string set = self.layout == Layout::document
                              ? ", layout=document, "
                              : ", density=" + std::to_string(columns) + ", ";
  return "VisionTokens(level=" + std::string(name_of(self.level)) + set +
         std::to_string(self.count) + " x " + std::to_string(self.dim) + " in " +
         grouped(byte_count(self)) + " bytes, checkpoint " +
         self.fingerprint.substr(0, 12) + ")";
}

void bind_tokens(nb::module_& module) {
  nb::class_<VisionTokens>(
      module, "VisionTokens",
      "A page as the encoder sees it, one vector per vision token. A value is\n"
      "`values[i, j] * scales[i]`; if the checkpoint has its own code, `Codec.vectors` unpacks\n"
      "`code` instead. Immutable.")
      .def(
          "__init__",
          [](VisionTokens* self, const GivenValues& values, const GivenScales& scales,
             const LevelName& level, const LayoutName& layout, const DensityName& density,
             std::string fingerprint, std::vector<int> lengths) {
            new (self) VisionTokens(tokens_from(values, scales, level, layout, density,
                                                std::move(fingerprint), std::move(lengths)));
          },
          nb::arg("values").noconvert(), nb::arg("scales").noconvert(), nb::kw_only(),
          nb::arg("level"), nb::arg("layout") = "cells", nb::arg("density") = 106,
          nb::arg("fingerprint"), nb::arg("row_lengths") = std::vector<int>(),
          "values: int8 [count, dim]; scales: float32 [count]; fingerprint: the checkpoint's; "
          "row_lengths: cells on each row of the page, empty where not known.\n"
          "Raises ValueError when the level has another count.")
      .def(
          "__init__",
          [](VisionTokens* self, const GivenCode& code, int dim, const LevelName& level,
             const LayoutName& layout, const DensityName& density, std::string fingerprint,
             std::vector<int> lengths) {
            new (self) VisionTokens(tokens_from(code, dim, level, layout, density,
                                                std::move(fingerprint), std::move(lengths)));
          },
          nb::arg("code").noconvert(), nb::kw_only(), nb::arg("dim"), nb::arg("level"),
          nb::arg("layout") = "cells", nb::arg("density") = 106, nb::arg("fingerprint"),
          nb::arg("row_lengths") = std::vector<int>(),
          "code: uint8, in the code of the checkpoint; dim: the width of its vectors.")
      .def_ro("level", &VisionTokens::level)
      .def_ro("layout", &VisionTokens::layout, "Of the page.")
      .def_ro("density", &VisionTokens::density, "Of layout cells.")
      .def_ro("row_lengths", &VisionTokens::row_lengths,
              "Cells used on each row; empty: not known.")
      .def_ro("count", &VisionTokens::count)
      .def_ro("dim", &VisionTokens::dim)
      .def_ro("fingerprint", &VisionTokens::fingerprint, "Of the checkpoint, 64 hex digits.")
      .def_prop_ro("values", &values_of,
                   "int8 [count, dim]; without rows where there is a code. Read-only, no copy.")
      .def_prop_ro("scales", &scales_of,
                   "float32 [count]; empty where there is a code. Read-only, no copy.")
      .def_prop_ro("code", &code_of, "uint8; empty where there is none. Read-only, no copy.")
      .def_prop_ro("nbytes", &byte_count, "Bytes that the vectors take.")
      .def("__repr__", &repr_of_tokens);

  module.def("write_tokens",
             [](const std::filesystem::path& path, const VisionTokens& tokens) {
               write_tokens(path.string(), tokens);
             },
             nb::arg("path"), nb::arg("tokens"),
             "Writes a .fvt file. Raises OSError naming the file.");
  module.def("read_tokens",
             [](const std::filesystem::path& path) { return read_tokens(path.string()); },
             nb::arg("path"),
             "Reads a .fvt file. Raises KeyError, OSError or fovea.Error naming file and place.");
}

void bind_readings(nb::module_& module) {
  nb::class_<RowEvidence>(
      module, "RowEvidence",
      "What a row's confidence is computed from: natural logarithms of probabilities, 0 or less.")
      .def_ro("decoder", &RowEvidence::decoder, "Of all tokens of the row together.")
      .def_ro("weakest", &RowEvidence::weakest, "Of the token that the decoder is least sure of.")
      .def_ro("glyph_reader", &RowEvidence::glyph_reader,
              "Of the cells where the glyph reader sees something else.")
      .def("__repr__", [](const RowEvidence& self) {
        return "RowEvidence(decoder=" + rounded(self.decoder) + ", weakest=" +
               rounded(self.weakest) + ", glyph_reader=" + rounded(self.glyph_reader) + ")";
      });
  nb::class_<ReadRow>(module, "ReadRow", "One row of a page as it was read.")
      .def_ro("text", &ReadRow::text)
      .def_ro("confidence", &ReadRow::confidence, "0..1, that the whole row is exact.")
      .def_ro("evidence", &ReadRow::evidence)
      .def("__repr__", [](const ReadRow& self) {
        return "ReadRow(" + shown(self.text) + ", confidence=" + rounded(self.confidence) + ")";
      });
  nb::class_<ReadPage>(module, "ReadPage", "A page as it was read from its vision tokens.")
      .def_ro("rows", &ReadPage::rows, "Empty for a document.")
      .def_ro("text", &ReadPage::text, "The rows joined.")
      .def_ro("confidence", &ReadPage::confidence, "0..1, mean of the rows' by length.")
      .def_ro("complete", &ReadPage::complete,
              "False: the model did not reach the end of a document; `text` is what it wrote.")
      .def("__repr__", [](const ReadPage& self) {
        return "ReadPage(" + std::to_string(self.rows.size()) + " rows, confidence=" +
               rounded(self.confidence) + (self.complete ? "" : ", incomplete") +
               ", text=" + shown(self.text) + ")";
      });
}

}  // namespace

void bind_codec(nb::module_& module) {
  bind_tokens(module);
  bind_readings(module);
  nb::class_<CodecObject>(module, "Codec",
                          "A checkpoint: DeepEncoder and MoE decoder. Any thread may use it, "
                          "several at once; the GIL is released.")
      .def(
          "__init__",
          [](CodecObject* self, const std::optional<std::filesystem::path>& model,
             std::string device, const std::string& precision, int threads,
             const std::string& weights, int beam_width) {
            const std::string checkpoint = checkpoint_of(model);
            const CodecOptions options =
                codec_options(std::move(device), precision, threads, weights, beam_width);
            const Unlocked unlocked;
            new (self) CodecObject(checkpoint, options);
          },
          nb::arg("model") = nb::none(), nb::kw_only(), nb::arg("device") = "auto",
          nb::arg("precision") = "auto", nb::arg("threads") = 0, nb::arg("weights") = "stored",
          nb::arg("beam_width") = 1,
          "Loads a checkpoint.\n\n"
          "model: its folder; None: $FOVEA_MODEL or the one that comes with fovea.\n"
          "device: \"cpu\", \"cuda\", \"cuda:1\"; \"auto\": the GPU if libtorch was built for "
          "CUDA and finds\n"
          "one.\n"
          "precision: \"bf16\", \"fp32\"; \"auto\": bf16 if it is the faster one. A CPU\n"
          "reads pages of cells in fp32 in any case, but only with \"fp32\" in all of its bits.\n"
          "threads: 0 leaves the number to libtorch.\n"
          "weights: \"stored\", as in the file, or \"int8\": the decoder's matrices rounded to 8 "
          "bits, on a\n"
          "CPU, with half the memory to read for each token.\n"
          "beam_width: hypotheses that a beam search follows in each row of which the greedy "
          "reading is\n"
          "unsure, 1 to 16. Coarse pages read better with 4 and take several times as long.\n"
          "Raises KeyError for a missing folder, fovea.Error naming file and tensor.")
      .def(
          "encode",
          [](const CodecObject& self, const nb::iterable& pages, const DensityName& density) {
            const Codec& codec = self.here();
            const GivenPages given = pages_of(pages, value_of(density));
            const Unlocked unlocked;
            return codec.encode(given.pixels);
          },
          nb::arg("pages"), nb::kw_only(), nb::arg("density") = 106,
          nb::sig("def encode(self, pages: collections.abc.Iterable[Page | PictureLike], *, "
                  "density: Density | int = 106) -> list[VisionTokens]"),
          "Encodes drawn pages of one level.\n\n"
          "pages: Page objects, uint8 arrays [side, side] with 0 = black (not copied), or PIL "
          "images.\n"
          "density: of pages that are not Page objects.\n"
          "Raises ValueError for mixed or wrong sides, TypeError for a wrong dtype.")
      .def(
          "decode",
          [](const CodecObject& self, const std::vector<const VisionTokens*>& tokens) {
            std::vector<VisionTokens> pages;
            for (const VisionTokens* page : tokens) pages.push_back(*page);
            const Codec& codec = self.here();
            const Unlocked unlocked;
            return codec.decode(pages);
          },
          nb::arg("tokens"),
          "Reads pages back: of cells, all rows of a page in one batch; of a document, the model\n"
          "writes what it sees.\n\n"
          "Raises ValueError for vision tokens of another checkpoint or layout.")
      .def(
          "glance",
          [](const CodecObject& self, const VisionTokens& tokens) {
            const Codec& codec = self.here();
            const Unlocked unlocked;
            return codec.glance({&tokens, 1}).front();
          },
          nb::arg("tokens"),
          "Reads a page with the glyph reader alone: fast, and rough at coarse levels.\n\n"
          "Raises fovea.Unsupported for a document checkpoint.")
      .def(
          "vectors",
          [](const CodecObject& self, const VisionTokens& tokens) {
            const Codec& codec = self.here();
            std::vector<float> vectors;
            {
              const Unlocked unlocked;
              vectors = codec.vectors(tokens);
            }
            return array_of(std::move(vectors), static_cast<std::size_t>(tokens.count));
          },
          nb::arg("tokens"),
          nb::sig("def vectors(self, tokens: VisionTokens) -> numpy.typing.NDArray[numpy.float32]"),
          "The vectors that readers and decoder see, float32 [count, dim].")
      .def(
          "embed",
          [](const CodecObject& self, const VisionTokens& tokens) {
            const Codec& codec = self.here();
            std::vector<float> vector;
            {
              const Unlocked unlocked;
              vector = codec.embed(tokens);
            }
            return array_of(std::move(vector));
          },
          nb::arg("tokens"),
          nb::sig("def embed(self, tokens: VisionTokens) -> numpy.typing.NDArray[numpy.float32]"),
          "For search: a unit vector of a page, float32 [embedding_dim].")
      .def(
          "embed",
          [](const CodecObject& self, const Text& text) {
            const std::string bytes = bytes_of(text);
            return array_of(self.here().embed(bytes));
          },
          nb::arg("text"),
          nb::sig("def embed(self, text: str | bytes) -> numpy.typing.NDArray[numpy.float32]"),
          "For search: a unit vector of a text, float32 [embedding_dim].")
      .def_prop_ro(
          "layout", [](const CodecObject& self) { return self.codec.layout(); },
          "The layout that pages must have.")
      .def_prop_ro("embedding_dim",
                   [](const CodecObject& self) { return self.codec.embedding_dim(); })
      .def_prop_ro(
          "levels", [](const CodecObject& self) { return self.codec.levels(); },
          "Levels that the checkpoint was trained to read.")
      .def_prop_ro(
          "densities", [](const CodecObject& self) { return self.codec.densities(); },
          "Densities that the checkpoint was trained to read; documents have none.")
      .def_prop_ro(
          "fingerprint", [](const CodecObject& self) { return self.codec.fingerprint(); },
          "SHA-256 over config.json and the tensors, 64 hex digits.")
      .def_prop_ro("name", [](const CodecObject& self) { return self.codec.name(); })
      .def("__repr__", [](const CodecObject& self) {
        return "Codec(" + shown(self.codec.name()) + ", checkpoint " +
               self.codec.fingerprint().substr(0, 12) + ")";
      });
}

}  // namespace fovea::python
