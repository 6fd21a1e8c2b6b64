#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fovea {

/// Any function from texts to vectors that are close if the texts have like meanings. With one,
/// search, recall_pieces and context rank by meaning as well as by words (see doc/search.md).
struct Embedder {
  /// Identifies the model and is stored with its vectors; vectors of different names are never
  /// compared. Empty: no embedder.
  std::string name = {};
  /// Returns one vector per text, in order, all of the same dimension; they need not be normalised.
  /// It may be slow, and may throw; no lock is held while it runs.
  std::function<std::vector<std::vector<float>>(const std::vector<std::string>& texts)> embed = {};
  std::size_t dimensions = 0;  ///< expected of each vector; 0: any
  std::size_t batch = 64;      ///< texts per call
};

/// An endpoint that speaks OpenAI's embeddings API, as many servers and providers do.
struct EmbeddingEndpoint {
  std::string url = {};      ///< up to the version: "https://api.openai.com/v1"
  std::string model = {};    ///< as the endpoint calls it; also the embedder's name
  std::string api_key = {};  ///< sent as a bearer token; empty: none is sent
  int timeout = 60;          ///< seconds per request
  int retries = 3;           ///< if it is busy (429) or fails (5xx), each after a longer wait
};

/// Returns an embedder that asks an endpoint. Its function throws Error(io) if the endpoint cannot
/// be reached or answers with an error, Error(invalid_argument) if the answer is not embeddings.
/// Throws Error(invalid_argument) without an http(s) url or a model.
Embedder embedder_at(const EmbeddingEndpoint& endpoint);

struct EmbedOptions {
  /// First remove the vectors that exist, such as another embedder's.
  bool replace = false;
  /// Called after each batch: pieces done, pieces in all. Returning false stops; the next call
  /// continues.
  std::function<bool(std::size_t done, std::size_t total)> progress = {};
};

struct EmbedResult {
  std::size_t pieces = 0;   ///< embedded by this call
  std::size_t known = 0;    ///< already had a vector
  std::size_t removed = 0;  ///< vectors removed by `replace`
  bool stopped = false;     ///< by `progress`
};

}  // namespace fovea
