#include "memctl/session.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fovea/checkpoint.h"
#include "fovea/error.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShipped = "fovea-nano";

fs::path own_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

/// Adds a line an event to a file.
class EventFile {
 public:
  explicit EventFile(std::string path) : path_(std::move(path)) { write(""); }  // find out now
  void operator()(const Event& event) const { write(to_json(event) + "\n"); }

 private:
  void write(const std::string& line) const {
    std::ofstream file(path_, std::ios::app | std::ios::binary);
    file << line << std::flush;
    if (!file)
      throw Error(ErrorCode::io, "--events " + path_ + ": cannot be written: " + std::strerror(errno));
  }

  std::string path_;
};

/// Of "URL#MODEL". The key stands in the environment, never on the command line, where others see it.
EmbeddingEndpoint endpoint_of(const std::string& text) {
  const std::size_t end = text.rfind('#');
  if (end == std::string::npos)
    throw Error(ErrorCode::invalid_argument,
                "--embedder " + text +
                    ": expected URL#MODEL, such as http://localhost:11434/v1#all-minilm");
  EmbeddingEndpoint endpoint{.url = text.substr(0, end), .model = text.substr(end + 1)};
  if (const char* key = std::getenv("FOVEA_EMBEDDER_KEY")) endpoint.api_key = key;
  return endpoint;
}

/// Where the shipped checkpoint and the file of targets may stand: beside the installed program, or
/// in the source tree.
std::vector<fs::path> shipped_places(const char* name) {
  const fs::path own = own_folder();
  return {own / ".." / "share" / "fovea" / "models" / name, own / ".." / "models" / name,
          fs::path(FOVEA_SOURCE_MODELS) / name};
}

}  // namespace

std::string Session::checkpoint() const {
  if (!model.empty()) return model;
  if (const char* named = std::getenv("FOVEA_MODEL"); named && *named) return named;
  std::string looked_at;
  for (const fs::path& place : shipped_places(kShipped)) {
    if (fs::exists(place / "config.json")) return place.lexically_normal().string();
    looked_at += (looked_at.empty() ? "" : ", ") + place.lexically_normal().string();
  }
  throw Error(ErrorCode::not_found, "no checkpoint at " + looked_at +
                                        "; name its folder with --model or FOVEA_MODEL");
}

Layout Session::layout() const { return layout_of_checkpoint(checkpoint()); }

void Session::require_cells(const std::string& verb) const {
  if (layout() == Layout::cells) return;
  throw Error(ErrorCode::unsupported,
              verb + " measures pages of cells, but the checkpoint " + checkpoint() +
                  " reads documents; give --model one with line reading, such as fovea-nano");
}

void Session::require_other_file(const std::string& file) const {
  if (is_server_url(store)) return;
  std::error_code error;
  for (const char* end : {"", "-wal", "-shm", ".faiss"}) {
    if (fs::equivalent(file, store + end, error))
      throw Error(ErrorCode::invalid_argument,
                  file + " belongs to the store " + store + "; give another file");
  }
}

std::string Session::targets() const {
  if (const char* named = std::getenv("FOVEA_TARGETS"); named && *named) return named;
  const auto places = shipped_places("targets.json");
  for (const fs::path& place : places) {
    if (fs::exists(place)) return place.lexically_normal().string();
  }
  return places.front().lexically_normal().string();  // reading it says what is missing
}

bool Session::has_store() const { return is_server_url(store) || fs::exists(store); }

Memory Session::open(Missing missing, Access access) const {
  if (missing == Missing::fails && !has_store()) {
    throw Error(ErrorCode::not_found, "store " + store +
                                          " does not exist; `memctl compact FILE` creates one, "
                                          "--store or FOVEA_STORE names another");
  }
  Memory memory(store, checkpoint(), scope_from_name(scope), codec, key_source(), access);
  if (!events.empty()) {
    require_other_file(events);
    memory.on_event(EventFile(events));
  }
  if (!embedder.empty()) memory.use_embedder(embedder_at(endpoint_of(embedder)));
  return memory;
}

Memory Session::open_scope(std::span<const Condition> where, Access access) const {
  Memory memory = open(Missing::fails, access);
  if (std::ranges::any_of(where, is_of_scope)) return memory;
  try {
    memory.require_scope();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    const std::string what = error.what();  // may end in a question
    throw Error(ErrorCode::not_found,
                what + (what.ends_with('?') ? " " : "; ") + "`memctl scopes` lists what it has");
  }
  return memory;
}

Memory Session::open_pages(std::span<const std::int64_t> ids) const {
  Memory memory = open_scope();
  for (const std::int64_t id : ids)
    if (memory.pages({.page = id}).empty())
      memory.picture(id);  // says what is wrong with the number
  return memory;
}

KeySource Session::key_source() const {
  if (!key_file.empty()) return [file = key_file] { return key_from_file(file); };
  if (const char* key = std::getenv("FOVEA_KEY"); key && *key)
    return [] { return key_from_environment("FOVEA_KEY"); };
  return {};
}

void Session::print(const Json& document, const std::string& text) const {
  write_out(json ? to_text(document) + "\n" : text);
}

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& example) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->footer("Example:\n  " + example);
  return verb;
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return kUsage;
    case ErrorCode::not_found: return kNotFound;
    case ErrorCode::corruption: return kCorruption;
    default: return kFailure;
  }
}

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::corruption: return "corruption";
    case ErrorCode::io: return "io";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::incomplete: return "incomplete";
  }
  return "failure";
}

}  // namespace fovea::memctl
