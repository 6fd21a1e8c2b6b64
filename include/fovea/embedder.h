#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fovea {

/// What tells how alike the meanings of texts are: any function from texts to vectors. With one,
/// search, recall_pieces and context rank by meaning beside words (see doc/search.md).
struct Embedder {
  /// Identifies the model and is stored with its vectors: vectors of different names are never
  /// compared. Empty: there is no embedder.
  std::string name = {};
  /// One vector a text, in order, all of one dimension and of any length. It may take its time and
  /// throw; no lock is held while it runs.
  std::function<std::vector<std::vector<float>>(const std::vector<std::string>& texts)> embed = {};
  std::size_t dimensions = 0;  ///< of each vector, to be checked; 0: whatever comes
  std::size_t batch = 64;      ///< texts at once
};

/// An endpoint for embeddings as OpenAI's, which many servers and providers have.
struct EmbeddingEndpoint {
  std::string url = {};      ///< up to the version: "https://api.openai.com/v1"
  std::string model = {};    ///< as the endpoint calls it; the embedder's name, too
  std::string api_key = {};  ///< sent as a bearer token; empty: none is sent
  int timeout = 60;          ///< seconds for one request
  int retries = 3;           ///< where it is busy (429) or fails (5xx), a little later each time
};

/// The embedder at an endpoint. Its function throws Error(io) when the endpoint cannot be reached or
/// answers with an error, Error(invalid_argument) when what it answers are no embeddings. Throws
/// Error(invalid_argument) without an http(s) url or a model.
Embedder embedder_at(const EmbeddingEndpoint& endpoint);

struct EmbedOptions {
  /// Forget the vectors that there are first, such as another embedder's.
  bool replace = false;
  /// Called after each batch: pieces done, pieces that were to be done. Returning false stops; the
  /// next call goes on.
  std::function<bool(std::size_t done, std::size_t total)> progress = {};
};

struct EmbedResult {
  std::size_t pieces = 0;   ///< that have a vector now and had none
  std::size_t known = 0;    ///< had one already
  std::size_t removed = 0;  ///< vectors, by `replace`
  bool stopped = false;     ///< by `progress`
};

}  // namespace fovea
