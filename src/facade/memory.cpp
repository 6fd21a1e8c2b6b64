#include <algorithm>
#include <chrono>

#include "facade/event_recorder.h"
#include "facade/memory_core.h"
#include "facade/shared_checkpoint.h"
#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::size_t kStretch = 256;

template <class Values, class Name>
std::string listed(const Values& values, Name name) {
  std::string list;
  for (const auto& value : values) {
    if (!list.empty()) list += ", ";
    list += name(value);
  }
  return list;
}

KnownText known_of(const RecoveredPage& page, const Corrections& corrections) {
  KnownText known{.text = page.text(),
                  .exact = page.is_exact(),
                  .check = corrections.text_check,
                  .rows = page.rows()};
  known.whole.resize(known.rows.size());
  for (const Corrections::Row& row : corrections.rows) {
    const auto number = static_cast<std::size_t>(row.number);
    if (row.whole && number < known.whole.size()) known.whole[number] = true;
  }
  return known;
}

}  // namespace

Archive archive_from_name(std::string_view name) {
  if (name == "keep") return Archive::keep;
  if (name == "drop") return Archive::drop;
  throw Error(ErrorCode::invalid_argument,
              "archive \"" + std::string(name) + "\": expected keep or drop");
}

Access access_from_name(std::string_view name) {
  if (name == "write") return Access::write;
  if (name == "read") return Access::read;
  throw Error(ErrorCode::invalid_argument,
              "access \"" + std::string(name) + "\": expected write or read");
}

std::optional<Key> key_of(const KeySource& source) {
  if (!source) return {};
  return source();
}

Time time_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool is_over(Time expires) { return expires != 0 && expires <= time_now(); }

void for_each_page(const Store& store, ScopeId scope,
                   const std::function<bool(const StoredPage&)>& each) {
  std::int64_t after = 0;
  while (true) {
    const auto pages = store.pages(scope, after, kStretch);
    for (const StoredPage& page : pages) {
      if (!each(page)) return;
    }
    if (pages.size() < kStretch) return;
    after = pages.back().order;
  }
}

MemoryCore::MemoryCore(const std::string& store_path, const std::string& checkpoint_path,
                       const Scope& scope, const CodecOptions& options, const KeySource& key,
                       Access access)
    : store(store_path, StoreOptions{.key = key_of(key), .access = access}),
      scope_name(scope),
      checkpoint(checkpoint_path),
      codec_options(options) {}

std::map<Level, LevelSummary> MemoryCore::levels() const {
  return store.stats(store.find_scope(scope_name).value_or(0)).levels;
}

const Codec& MemoryCore::codec() const {
  if (!codec_) codec_ = shared_codec(checkpoint, codec_options);
  return *codec_;
}

const CodePoints* MemoryCore::alphabet() const {
  if (!alphabet_) alphabet_.emplace(codec().characters() + U' ');
  return &*alphabet_;
}

const Renderer& MemoryCore::renderer() const {
  if (!renderer_) renderer_ = shared_renderer(checkpoint);
  return *renderer_;
}

const DocumentRenderer& MemoryCore::documents() const {
  if (!documents_) documents_ = std::make_unique<DocumentRenderer>();
  return *documents_;
}

Policy MemoryCore::policy_for(ScopeId scope, const std::optional<Policy>& given) const {
  if (given) return *given;
  const auto kept = store.policy(scope);
  return kept ? Policy::from_json(*kept) : Policy::standard();
}

ScopeId MemoryCore::scope() { return store.scope(scope_name); }

ScopeId MemoryCore::known_scope() const {
  if (const auto known = store.find_scope(scope_name)) return *known;
  throw Error(ErrorCode::not_found, has_nothing() + "; compact a history into it first");
}

void MemoryCore::require_readable(Level level) const {
  const auto& levels = codec().levels();
  if (std::find(levels.begin(), levels.end(), level) != levels.end()) return;
  throw Error(ErrorCode::invalid_argument,
              "level " + std::string(name_of(level)) + ": checkpoint " + checkpoint +
                  " cannot read it; it reads " +
                  listed(levels, [](Level known) { return std::string(name_of(known)); }));
}

void MemoryCore::require_readable(Density density) const {
  const auto& densities = codec().densities();
  if (std::find(densities.begin(), densities.end(), density) != densities.end()) return;
  const auto columns = [](Density known) { return std::to_string(static_cast<int>(known)); };
  throw Error(ErrorCode::invalid_argument, "density " + columns(density) + ": checkpoint " +
                                               checkpoint + " cannot read it; it reads " +
                                               listed(densities, columns));
}

void MemoryCore::require_readable(Layout layout) const {
  if (layout == codec().layout()) return;
  const char* why = layout == Layout::cells
                        ? " has no line reading; it reads documents, so its layout is document"
                        : " reads pages of cells, so its layout is cells";
  throw Error(ErrorCode::invalid_argument,
              "layout " + std::string(name_of(layout)) + ": checkpoint " + checkpoint + why);
}

std::vector<ReadPage> MemoryCore::decode(std::span<const VisionTokens> tokens,
                                         int beam_width) const {
  return readings_.of(tokens, beam_width,
                      [&](auto unread) { return codec().decode(unread, beam_width); });
}

RecoveredPage MemoryCore::recover(ScopeId scope, PageId page, const VisionTokens& tokens,
                                  const ReadPage& read) const {
  const bool cells = tokens.layout == Layout::cells;
  RecoveredPage recovered(cells ? read : as_one_row(read), tokens.density, tokens.row_lengths,
                          alphabet());
  if (cells) recovered.put(unpack_anchors(store.anchors(scope, page), tokens.density));
  const std::string corrections = store.corrections(scope, page);
  if (!corrections.empty()) recovered.correct(unpack_corrections(corrections));
  return recovered;
}

StoredPage MemoryCore::served_page(ScopeId scope, PageId id) const {
  StoredPage page = store.page(scope, id);
  if (!is_over(page.expires)) return page;
  throw Error(ErrorCode::not_found,
              "page " + std::to_string(id) + ": it has expired; the next `age` erases it");
}

Verbatim MemoryCore::served_verbatim(ScopeId scope) const {
  Verbatim all = store.verbatim(scope);
  Verbatim served{.text = {}, .more_follows = false, .opening = std::move(all.opening), .parts = {}};
  for (std::size_t i = 0; i < all.parts.size(); ++i) {
    Verbatim::Part part = all.parts[i];
    if (is_over(part.expires)) continue;
    const std::size_t end = i + 1 < all.parts.size() ? all.parts[i + 1].begin : all.text.size();
    const std::string_view text = std::string_view(all.text).substr(part.begin, end - part.begin);
    part.begin = served.text.size();
    served.text += text;
    served.parts.push_back(part);
  }
  return served;
}

std::optional<KnownText> MemoryCore::kept_text(ScopeId scope, const StoredPage& page) const {
  if (auto text = store.archived_text(scope, page.id)) {
    const std::uint64_t check = check_of(*text);
    return KnownText{.text = std::move(*text), .exact = true, .check = check};
  }
  if (!page.keeps_text) return {};
  const Corrections corrections = unpack_corrections(store.corrections(scope, page.id));
  RecoveredPage rows(ReadPage{}, page.density, {});
  rows.correct(corrections);
  if (!rows.is_exact()) return {};
  return known_of(rows, corrections);
}

KnownText MemoryCore::recovered_text(ScopeId scope, const StoredPage& page,
                                     const VisionTokens& tokens, const ReadPage& read) const {
  const RecoveredPage recovered = recover(scope, page.id, tokens, read);
  const std::string packed = store.corrections(scope, page.id);
  return known_of(recovered, packed.empty() ? Corrections{.text_check = check_of(recovered.text()), .rows = {}}
                                            : unpack_corrections(packed));
}

KnownText MemoryCore::known_text(ScopeId scope, const StoredPage& page) const {
  if (auto kept = kept_text(scope, page)) return std::move(*kept);
  const VisionTokens tokens = store.tokens(scope, page.id);
  return recovered_text(scope, page, tokens, decode({&tokens, 1}, kGreedy).front());
}

std::optional<std::string> MemoryCore::exact_text(ScopeId scope, const StoredPage& page) const {
  if (page.has_archive || !page.has_corrections) return store.archived_text(scope, page.id);
  KnownText known = known_text(scope, page);
  return known.exact ? std::optional(std::move(known.text)) : std::nullopt;
}

std::string MemoryCore::text_of_page(ScopeId scope, const StoredPage& page) const {
  return known_text(scope, page).text;
}

Page MemoryCore::draw(std::string_view text, const StoredPage& page) const {
  Page drawn;
  if (page.document) {
    drawn.document = page.document;
    drawn.text = text;
    documents().draw(drawn);
  } else {
    drawn = renderer().lay_out(text, page.density);
    if (drawn.text.size() < text.size()) drawn = renderer().lay_out_clusters(text, page.density);
    renderer().draw(drawn);
  }
  return drawn;
}

std::vector<VisionTokens> MemoryCore::encode(std::span<const Page> drawn, Level level) const {
  std::vector<Page> shrunk;
  shrunk.reserve(drawn.size());
  for (const Page& page : drawn) shrunk.push_back(shrink(page, level));
  return codec().encode(shrunk);
}

Memory::Memory(const std::string& store, const std::string& checkpoint, Scope scope,
               CodecOptions codec, const KeySource& key, Access access)
    : impl_(std::make_unique<Impl>(store, checkpoint, scope, codec, key, access)) {}
Memory::~Memory() = default;
Memory::Memory(Memory&&) noexcept = default;
Memory& Memory::operator=(Memory&&) noexcept = default;

const Renderer& Memory::renderer() const { return impl_->renderer(); }
const Codec& Memory::codec() const { return impl_->codec(); }

void Memory::pin(std::int64_t id, bool pinned) {
  impl_->store.set_pinned(impl_->known_scope(), id, pinned, time_now());
}

EraseReceipt Memory::erase_scope() {
  const EventRecorder record(*impl_, "erase_scope");
  EraseReceipt receipt = impl_->store.erase_scope(impl_->known_scope(), time_now());
  record.done(receipt.pages.size(), 0, EventRecorder::Changes::scope);
  return receipt;
}

Policy Memory::policy() const {
  // No scope has the number 0.
  return impl_->policy_for(impl_->store.find_scope(impl_->scope_name).value_or(0));
}

Stats Memory::stats() const {
  // No scope has the number 0: the figures of an empty one.
  return impl_->store.stats(impl_->store.find_scope(impl_->scope_name).value_or(0));
}

std::string Memory::verbatim() const {
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  return scope ? impl_->served_verbatim(*scope).text : std::string();
}

Page Memory::picture(std::int64_t id, std::optional<Level> level) const {
  const ScopeId scope = impl_->known_scope();
  const StoredPage page = impl_->served_page(scope, id);
  const Page drawn = impl_->draw(impl_->text_of_page(scope, page), page);
  return shrink(drawn, level.value_or(page.level));
}

}  // namespace fovea
