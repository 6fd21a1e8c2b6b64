#include <algorithm>

#include "facade/event_recorder.h"
#include "facade/reencoding.h"
#include "fovea/error.h"

namespace fovea {
namespace {

/// Gives pages the vision tokens of the loaded checkpoint, each in a transaction of its own; pages
/// whose tokens or embedding are damaged, too.
class Migration {
 public:
  Migration(MemoryCore& memory, ScopeId scope, const MigrateOptions& options)
      : memory_(memory), scope_(scope), options_(options) {}

  MigrateResult run();

 private:
  /// Nothing when the page's text can be had no more; the reason is noted.
  /// `tokens`: absent where they are damaged.
  std::optional<KnownText> text_of(const StoredPage& page, const std::optional<VisionTokens>& tokens);
  std::optional<VisionTokens> tokens_of(const StoredPage& page) const;
  /// Null: of a checkpoint that is not there.
  const Codec* reader_of(const VisionTokens& tokens);
  /// Tokens that show what they showed before, embedded again.
  void put(const StoredPage& page, const VisionTokens& tokens, const std::string& why);
  std::string reason() const { return "checkpoint " + memory_.codec().fingerprint().substr(0, 12); }
  void encode(const StoredPage& page, const KnownText& text);
  void correct(const StoredPage& page, const KnownText& text, Reencoding& encoded);

  MemoryCore& memory_;
  ScopeId scope_;
  const MigrateOptions& options_;
  std::unique_ptr<Codec> old_;
  MigrateResult result_;
};

MigrateResult Migration::run() {
  const std::size_t total = memory_.store.count_pages(memory_.scope_name);
  std::size_t done = 0;
  for_each_page(memory_.store, scope_, [&](const StoredPage& page) {
    const auto tokens = tokens_of(page);
    if (tokens && tokens->fingerprint == memory_.codec().fingerprint()) {
      if (memory_.store.embedding_is_damaged(scope_, page.id))
        put(page, *tokens, "its embedding was damaged");
      ++result_.known;
    } else if (tokens && !page.has_corrections && memory_.codec().reads(*tokens)) {
      put(page, memory_.codec().repack(*tokens), reason());
      ++result_.pages;
    } else if (const auto text = text_of(page, tokens)) {
      encode(page, *text);
      ++result_.pages;
    }
    result_.stopped = options_.progress && !options_.progress(++done, total);
    return !result_.stopped;
  });
  return std::move(result_);
}

std::optional<VisionTokens> Migration::tokens_of(const StoredPage& page) const {
  try {
    return memory_.store.tokens(scope_, page.id);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corruption) throw;
    return {};
  }
}

void Migration::put(const StoredPage& page, const VisionTokens& tokens, const std::string& why) {
  TokenChange change;
  change.page = page.id;
  change.from = page.level;
  change.tokens = tokens;
  change.embedding = page.document || page.keeps_text
                         ? memory_.codec().embed(memory_.text_of_page(scope_, page))
                         : memory_.codec().embed(tokens);
  change.corrections = memory_.store.corrections(scope_, page.id);
  change.keeps_text = page.keeps_text;
  change.event = HistoryEvent::migrate;
  change.reason = why;
  change.now = time_now();
  memory_.store.replace_tokens(scope_, change);
}

std::optional<KnownText> Migration::text_of(const StoredPage& page,
                                            const std::optional<VisionTokens>& tokens) {
  if (auto kept = memory_.kept_text(scope_, page)) return kept;
  if (!tokens) {
    result_.refused.push_back({page.id, "its vision tokens are damaged, and its exact text was not kept"});
    return {};
  }
  if (const Codec* codec = reader_of(*tokens)) {
    const ReadPage read = std::move(codec->decode({&*tokens, 1}, kGreedy).front());
    return memory_.recovered_text(scope_, page, *tokens, read);
  }
  result_.refused.push_back({page.id, "its exact text was not kept, and checkpoint " +
                                          tokens->fingerprint.substr(0, 12) +
                                          ", which could read its tokens, was not given"});
  return {};
}

const Codec* Migration::reader_of(const VisionTokens& tokens) {
  if (memory_.codec().reads(tokens)) return &memory_.codec();
  if (!old_ && !options_.old_checkpoint.empty())
    old_ = std::make_unique<Codec>(options_.old_checkpoint, memory_.codec_options);
  return old_ && old_->reads(tokens) ? old_.get() : nullptr;
}

void Migration::encode(const StoredPage& page, const KnownText& text) {
  memory_.require_readable(page.level);
  memory_.require_readable(page.document ? Layout::document : Layout::cells);
  if (!page.document) memory_.require_readable(page.density);
  const Page drawn = memory_.draw(text.text, page);
  Reencoding encoded(memory_, drawn, page.level);
  if (page.has_corrections) correct(page, text, encoded);
  TokenChange change = std::move(encoded).change_of(page);
  change.event = HistoryEvent::migrate;
  change.reason = reason();
  change.now = time_now();
  memory_.store.replace_tokens(scope_, change);
}

/// Makes corrections of the new tokens, whatever they take: without them the page would not be exact
/// any more. Where the exact text is not known, rows that are kept whole stay.
void Migration::correct(const StoredPage& page, const KnownText& text, Reencoding& encoded) {
  const Page& drawn = encoded.drawn();
  if (text.exact) {
    encoded.use_anchors(memory_.store.anchors(scope_, page.id));
    encoded.correct(rows_to_keep(page, drawn, text, encoded.recovered()), kNoLimit);
    ++result_.corrected;
    return;
  }
  encoded.keep(rows_kept(drawn, text), text.check);
  result_.uncorrected.push_back(
      {page.id,
       "its corrections do not fit what this machine reads from its tokens, so its exact "
       "text is not known any more"});
}

}  // namespace

MigrateResult Memory::migrate(const MigrateOptions& options) {
  const EventRecorder record(*impl_, "migrate");
  MigrateResult result = Migration(*impl_, impl_->known_scope(), options).run();
  record.done(result.pages, 0, EventRecorder::Changes::scope);
  return result;
}

void Memory::backup(const std::string& path) const {
  const EventRecorder record(*impl_, "backup");
  impl_->store.backup(path);
  record.done(0, 0);
}

std::size_t Memory::export_scope(const std::string& path, const KeySource& key) const {
  const EventRecorder record(*impl_, "export");
  const std::size_t pages = impl_->store.export_scope(impl_->scope_name, path, key_of(key));
  record.done(pages, 0);
  return pages;
}

std::size_t Memory::import_scope(const std::string& path, const KeySource& key,
                                 const std::optional<Scope>& which) {
  const EventRecorder record(*impl_, "import");
  const std::size_t pages =
      impl_->store.import_scope(path, key_of(key), which, impl_->scope_name);
  record.done(pages, 0, EventRecorder::Changes::scope);
  return pages;
}

bool Memory::clean() { return impl_->store.clean(); }

void Memory::change_key(const KeySource& key) {
  if (!key) throw Error(ErrorCode::invalid_argument, "change_key: no key was given");
  impl_->store.change_key(key());
}

void Memory::on_event(std::function<void(const Event&)> listener) {
  impl_->on_event = std::move(listener);
}

}  // namespace fovea
