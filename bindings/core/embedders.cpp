#include "bindings/core/embedders.h"

#include <cstring>

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/shown.h"
#include "bindings/core/text.h"
#include "bindings/core/unlocked.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

using Numbers = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Vectors = nb::ndarray<nb::numpy, float, nb::ndim<2>>;

/// As Python's functions want them: bytes that are not UTF-8 have a mark in their place.
nb::list texts_of(const std::vector<std::string>& texts) {
  nb::list list;
  for (const std::string& text : texts)
    list.append(nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()),
                                               "replace")));
  return list;
}

std::vector<std::vector<float>> rows_of(const Numbers& numbers) {
  std::vector<std::vector<float>> rows;
  for (std::size_t i = 0; i < numbers.shape(0); ++i) {
    const float* begin = numbers.data() + i * numbers.shape(1);
    rows.emplace_back(begin, begin + numbers.shape(1));
  }
  return rows;
}

/// An embedder of the library as Python calls it.
struct OpenAIEmbedder {
  EmbeddingEndpoint endpoint;
  Embedder embedder;

  explicit OpenAIEmbedder(EmbeddingEndpoint given)
      : endpoint(std::move(given)), embedder(embedder_at(endpoint)) {}

  Vectors vectors_of(const std::vector<std::string>& texts) const {
    std::vector<std::vector<float>> vectors;
    {
      const Unlocked unlocked;
      vectors = embedder.embed(texts);
    }
    const std::size_t dim = vectors.empty() ? 0 : vectors.front().size();
    auto numbers = std::make_unique<float[]>(vectors.size() * dim);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (vectors[i].size() != dim)
        throw Error(ErrorCode::invalid_argument,
                    "embedder " + embedder.name + ": gave vectors of different dimensions");
      std::memcpy(numbers.get() + i * dim, vectors[i].data(), dim * sizeof(float));
    }
    float* data = numbers.release();
    const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<float*>(p); });
    return Vectors(data, {vectors.size(), dim}, owner);
  }
};

}  // namespace

Embedder embedder_of(const nb::object& given) {
  if (given.is_none()) return {};
  if (nb::isinstance<OpenAIEmbedder>(given)) return nb::cast<OpenAIEmbedder&>(given).embedder;
  const nb::module_ helper = nb::module_::import_("fovea._embedding");
  const auto name = nb::cast<std::string>(helper.attr("name_of")(given));
  return {.name = name, .embed = [borrowed = nb::handle(given)](const std::vector<std::string>& texts) {
            const nb::gil_scoped_acquire locked;
            const nb::object rows =
                nb::module_::import_("fovea._embedding").attr("rows_of")(borrowed, texts_of(texts));
            return rows_of(nb::cast<Numbers>(rows));
          }};
}

void bind_embedders(nb::module_& module) {
  nb::class_<OpenAIEmbedder>(module, "OpenAIEmbedder",
                             "An endpoint for embeddings as OpenAI's, which many servers and "
                             "providers have.\n\nA memory's embedder, or called with texts. Its name "
                             "is the model's.")
      .def("__init__",
           [](OpenAIEmbedder* self, std::string base_url, std::string model,
              const std::optional<std::string>& api_key, int timeout, int retries) {
             new (self) OpenAIEmbedder({.url = std::move(base_url),
                                        .model = std::move(model),
                                        .api_key = api_key.value_or(""),
                                        .timeout = timeout,
                                        .retries = retries});
           },
           nb::arg("base_url"), nb::arg("model"), nb::arg("api_key") = nb::none(), nb::kw_only(),
           nb::arg("timeout") = 60, nb::arg("retries") = 3,
           "base_url: up to the version, such as \"https://api.openai.com/v1\". model: as the endpoint\n"
           "calls it. api_key: sent as a bearer token; None: none is sent. timeout: seconds for a\n"
           "request. retries: where the endpoint is busy or fails.\n"
           "Raises ValueError for a base_url that is no http(s) address.")
      .def_prop_ro("name", [](const OpenAIEmbedder& self) { return self.embedder.name; })
      .def("__call__", &OpenAIEmbedder::vectors_of, nb::arg("texts"),
           "One vector a text, [texts, dimensions].\n\n"
           "Raises OSError when the endpoint cannot be reached or answers with an error.")
      .def("__repr__", [](const OpenAIEmbedder& self) {
        return "OpenAIEmbedder(" + shown(self.endpoint.url) + ", " + shown(self.endpoint.model) + ")";
      });
}

}  // namespace fovea::python
