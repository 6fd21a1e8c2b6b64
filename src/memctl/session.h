#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "fovea/memory.h"
#include "fovea/server_url.h"

namespace fovea::memctl {

using Json = nlohmann::ordered_json;

/// What the shell gets back; see design: 0 ok, 2 usage, 3 not found, 4 corruption.
inline constexpr int kOk = 0, kFailure = 1, kUsage = 2, kNotFound = 3, kCorruption = 4;
inline constexpr int kInterrupted = 130, kBrokenPipe = 141;

/// What an error gives to the shell, and what it is called in JSON.
int exit_code(ErrorCode code);
const char* name_of(ErrorCode code);

/// What all verbs share: the options before the verb, and where results go.
class Session {
 public:
  std::string store;   ///< --store, $FOVEA_STORE or ./fovea.db
  std::string model;   ///< --model, $FOVEA_MODEL or the shipped checkpoint
  std::string scope = "default/default/default";
  std::string key_file;  ///< --key-file: the store's key; otherwise $FOVEA_KEY, if that is set
  std::string embedder;  ///< --embedder, $FOVEA_EMBEDDER: URL#MODEL; empty: by words alone
  std::string events;    ///< --events: JSONL file that operations are added to
  std::string weights = "stored";  ///< --weights
  CodecOptions codec;              ///< --device, --weights, --beam-width
  bool json = false;
  std::vector<std::string> arguments;  ///< the command line as it was given, the program first
  std::function<int()> run;  ///< set by the verb that was called; returns the exit code

  /// As messages may show it: without a server's password.
  std::string store_name() const { return shown_store(store); }
  /// There is a file. A server is asked when the store is opened.
  bool has_store() const;

  enum class Missing { fails, is_made };
  /// Throws Error(not_found) when there is no store and `missing` is `fails`.
  Memory open(Missing missing = Missing::fails, Access access = Access::write) const;
  /// The same; throws Error(not_found) where the store has nothing of the scope, naming those that are
  /// written much like it. `where` may name other scopes: then this one need not be there.
  Memory open_scope(std::span<const Condition> where = {}, Access access = Access::write) const;
  /// The same, for changing these pages; throws Error(not_found) for one that does not exist, before
  /// another one is changed.
  Memory open_pages(std::span<const std::int64_t> ids) const;
  /// Empty: the store is not encrypted.
  KeySource key_source() const;
  /// Throws Error(not_found) naming the places looked at.
  std::string checkpoint() const;
  /// How pages are laid out for the checkpoint; reads its config.json alone.
  Layout layout() const;
  /// Throws Error(unsupported) for a checkpoint of documents.
  void require_cells(const std::string& verb) const;
  /// Throws Error(invalid_argument) where a file to write is the store.
  void require_other_file(const std::string& file) const;
  /// The file of counting rules: $FOVEA_TARGETS or the shipped one.
  std::string targets() const;

  /// The result: `document` with --json, otherwise `text`.
  void print(const Json& document, const std::string& text) const;
};

/// Registers a verb: its description and an example that stands below its help.
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& example);

/// Of every verb's --policy.
inline constexpr const char* kPolicyHelp =
    "How memory fades: careful, balanced, lean, or a JSON file; default: the store's";

// The verbs, each in the file of its subject.
void add_compact(CLI::App& app, Session& session);
void add_recall(CLI::App& app, Session& session);
void add_search(CLI::App& app, Session& session);
void add_embed(CLI::App& app, Session& session);
void add_context(CLI::App& app, Session& session);
void add_list_verbs(CLI::App& app, Session& session);  // list, pages, scopes
void add_report(CLI::App& app, Session& session);
void add_view(CLI::App& app, Session& session);
void add_age(CLI::App& app, Session& session);      // age, promote
void add_policy(CLI::App& app, Session& session);
void add_page_verbs(CLI::App& app, Session& session);   // show, pin, unpin, erase
void add_transfer_verbs(CLI::App& app, Session& session);  // export, import, backup, migrate
void add_key_verbs(CLI::App& app, Session& session);       // new-key, rekey
void add_store_verbs(CLI::App& app, Session& session);  // stats, verify
void add_model_verbs(CLI::App& app, Session& session);  // model check, model bench
void add_codec_verbs(CLI::App& app, Session& session);  // encode, decode
void add_ocr(CLI::App& app, Session& session);
void add_bench(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_command_line_verbs(CLI::App& app, Session& session);  // completion, man
void add_experiment(CLI::App& app, Session& session);
void add_lifetime(CLI::App& app, Session& session);

}  // namespace fovea::memctl
