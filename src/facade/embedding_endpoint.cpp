#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "fovea/embedder.h"
#include "fovea/error.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of an answer

struct CurlCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListCloser {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, ListCloser>;

struct Answer {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;
};

std::size_t take_bytes(char* bytes, std::size_t, std::size_t count, void* answer) {
  std::string& body = static_cast<Answer*>(answer)->body;
  if (body.size() + count > kMostBytes) return 0;
  body.append(bytes, count);
  return count;
}

/// A connection that stays open between requests; one request at a time.
class Endpoint {
 public:
  explicit Endpoint(const EmbeddingEndpoint& settings) : settings_(settings) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started == CURLE_OK) curl_.reset(curl_easy_init());
    if (!curl_) throw Error(ErrorCode::unsupported, "libcurl cannot be started");
    while (settings_.url.ends_with('/')) settings_.url.pop_back();
    settings_.url += "/embeddings";
  }

  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts) {
    if (texts.empty()) return {};
    const Json request = {{"model", settings_.model}, {"input", texts}};
    const std::string body = request.dump(-1, ' ', false, Json::error_handler_t::replace);
    const std::lock_guard lock(mutex_);
    for (int attempt = 0;; ++attempt) {
      const Answer answer = post(body);
      const bool again = answer.code == CURLE_OK && (answer.status == 429 || answer.status >= 500);
      if (!again || attempt >= settings_.retries) return vectors_of(answer, texts.size());
      std::this_thread::sleep_for(std::chrono::milliseconds(500) * (1 << std::min(attempt, 6)));
    }
  }

 private:
  Answer post(const std::string& body) {
    CURL* curl = curl_.get();
    curl_easy_reset(curl);
    Headers headers(curl_slist_append(nullptr, "Content-Type: application/json"));
    if (!settings_.api_key.empty())
      curl_slist_append(headers.get(), ("Authorization: Bearer " + settings_.api_key).c_str());
    Answer answer;
    curl_easy_setopt(curl, CURLOPT_URL, settings_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(settings_.timeout));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    answer.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

  [[noreturn]] void fail(ErrorCode code, const std::string& what) const {
    throw Error(code, "embedder " + settings_.model + " at " + settings_.url + ": " + what);
  }

  std::vector<std::vector<float>> vectors_of(const Answer& answer, std::size_t count) const {
    if (answer.code != CURLE_OK) fail(ErrorCode::io, curl_easy_strerror(answer.code));
    const Json document = Json::parse(answer.body, nullptr, false);
    if (answer.status != 200) fail(ErrorCode::io, "answered " + std::to_string(answer.status) + reason_of(document));
    std::vector<std::vector<float>> vectors(count);
    try {
      std::size_t at = 0;
      for (const Json& item : document.at("data"))
        vectors.at(item.value("index", at++)) = item.at("embedding").get<std::vector<float>>();
    } catch (const std::exception&) {
      fail(ErrorCode::invalid_argument,
           "expected {\"data\": [{\"index\", \"embedding\": [numbers]}]}, got " +
               answer.body.substr(0, 80));
    }
    if (std::ranges::any_of(vectors, [](const auto& vector) { return vector.empty(); }))
      fail(ErrorCode::invalid_argument,
           "expected " + std::to_string(count) + " embeddings, got fewer");
    return vectors;
  }

  /// As OpenAI and others word it.
  static std::string reason_of(const Json& document) {
    if (!document.is_object()) return "";
    const Json error = document.value("error", Json(document.value("detail", Json())));
    const Json message = error.is_object() ? error.value("message", Json()) : error;
    return message.is_string() ? ": " + message.get<std::string>().substr(0, 300) : "";
  }

  EmbeddingEndpoint settings_;
  std::unique_ptr<CURL, CurlCloser> curl_;
  std::mutex mutex_;
};

}  // namespace

Embedder embedder_at(const EmbeddingEndpoint& endpoint) {
  const bool is_http = endpoint.url.starts_with("http://") || endpoint.url.starts_with("https://");
  if (!is_http || endpoint.model.empty())
    throw Error(ErrorCode::invalid_argument,
                "embedder: expected an endpoint such as https://api.openai.com/v1 and a model, got \"" +
                    endpoint.url + "\" and \"" + endpoint.model + "\"");
  // Functions can be copied, and their copies share the connection.
  const auto connection = std::make_shared<Endpoint>(endpoint);
  return {.name = endpoint.model, .embed = [connection](const std::vector<std::string>& texts) {
            return connection->embed(texts);
          }};
}

}  // namespace fovea
