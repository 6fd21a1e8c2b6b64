#include "tests/fuzz/stores.h"

#include "recovery/anchors.h"
#include "recovery/corrections.h"

namespace fovea::fuzz {
namespace {

const std::string kFingerprint(64, 'a');

VisionTokens tokens_of(Layout layout) {
  VisionTokens tokens;
  tokens.level = Level::trace;
  tokens.layout = layout;
  if (layout == Layout::cells) tokens.row_lengths.assign(grid_of(tokens.density).rows, 100);
  tokens.count = token_count(tokens.level);
  tokens.dim = 4;
  tokens.values.assign(static_cast<std::size_t>(tokens.count) * 4, 7);
  tokens.scales.assign(static_cast<std::size_t>(tokens.count), 0.5f);
  tokens.fingerprint = kFingerprint;
  return tokens;
}

NewPage page_of(const std::string& text, Layout layout) {
  NewPage page;
  page.text = text;
  page.characters = text.size();
  page.text_tokens = text.size() / 4;
  page.time = 1000;
  page.tokens = tokens_of(layout);
  page.embedding = {0.6f, 0.8f};
  page.fidelity = Fidelity{0.9, 0.8, 0.7};
  page.anchors = pack_anchors({{AnchorKind::number, "4711", {3, 9}}});
  page.corrections = pack_corrections(corrections_between({"the heran"}, {"the heron"}));
  if (layout == Layout::document) {
    page.document.emplace();
    page.leaves_open = "tool";
  }
  return page;
}

}  // namespace

std::string full_store() {
  const Folder folder;
  const std::string file = folder.file("full.db");
  {
    Store store(file);
    const ScopeId ann = store.scope(kAnn);
    const NewMessage messages[] = {{"user", "the heron 4711", 50, "m1", 900},
                                   {"tool", "```\nand then flies", 60, "m2"},
                                   {"assistant", " to the harbour", 70, "m3"}};
    store.add_messages(ann, messages);
    const PageId first = store.add_page(ann, page_of("the heron 4711", Layout::cells)).value();
    store.add_page(ann, page_of("```\nand then", Layout::document)).value();
    store.set_pinned(ann, first, true, 70);
    store.set_policy(ann, Policy::standard().to_json());
  }
  return read_file(file);
}

void check_import(const Folder& folder, const std::string& file) {
  Store store(folder.file("own.db"));
  const Scope into{"ann", "elsewhere"};
  if (!accepts([&] { store.import_scope(file, {}, {}, into); })) {
    const auto scope = store.find_scope(into);
    expect(!scope || store.count_pages(into) == 0, "a file that is refused leaves no page");
    expect(store.verify().empty(), "a file that is refused leaves a sound store");
    return;
  }
  ask_everything(store, into);
  accepts([&] { store.erase_scope(store.scope(into), 2000); });
}

void ask_everything(Store& store, const Scope& scope) {
  accepts([&] { store.verify(); });
  std::optional<ScopeId> id;
  if (!accepts([&] { id = store.find_scope(scope); }) || !id) return;
  accepts([&] { store.stats(*id); });
  accepts([&] { store.history(*id); });
  accepts([&] { store.verbatim(*id); });
  accepts([&] { Policy::from_json(store.policy(*id).value_or("{}")); });
  accepts([&] { store.search_text(scope, "heron 4711", 5); });
  accepts([&] { store.search_vectors(scope, kFingerprint, std::vector<float>{1, 0}, 5); });
  accepts([&] { store.read_pieces(*id, store.order_pieces(*id, "heron 4711")); });
  std::vector<StoredPage> pages;
  accepts([&] { pages = store.pages(*id, 0, 20); });
  for (const StoredPage& page : pages) {
    accepts([&] { store.page(*id, page.id); });
    accepts([&] { store.tokens(*id, page.id); });
    accepts([&] { store.archived_text(*id, page.id); });
    accepts([&] { store.spans(*id, page.id); });
    accepts([&] { unpack_anchors(store.anchors(*id, page.id), page.density); });
    accepts([&] { unpack_corrections(store.corrections(*id, page.id)); });
    accepts([&] { store.set_pinned(*id, page.id, false, 2000); });
  }
}

}  // namespace fovea::fuzz
