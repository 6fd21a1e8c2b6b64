#pragma once

#include "tests/memory/store_fixture.h"

namespace fovea::test {

inline const Scope kAnn{"ann", "a", "s"}, kBob{"bob", "a", "s"};

/// A store with a page and some verbatim text of two users.
struct TwoUsers {
  TwoUsers() {
    for (const Scope& name : {kAnn, kBob}) {
      const ScopeId scope = store.scope(name);
      NewPage page = make_page("the heron of " + name.user);
      page.embedding = {1, 0};
      page.anchors = "an anchor";
      page.corrections = "a correction";
      page.fidelity = Fidelity{1, 1, 1};
      const NewMessage messages[] = {{"user", page.text, 5, "m1"}, {"user", "the rest", 6, "m2"}};
      store.add_messages(scope, messages);
      store.add_page(scope, page);
      store.set_policy(scope, "{}");
      const auto pieces = store.read_pieces(scope, std::vector<std::int64_t>{1});
      store.set_vectors(scope, "embedder", pieces, std::vector<std::vector<float>>{{1, 0}});
      const NewMessage gone{"user", "erased", 7, "m3"};
      store.add_messages(scope, {&gone, 1});
      const PageId last = store.add_page(scope, make_page("the resterased")).value();
      store.erase_pages(scope, {&last, 1}, 9);
      const NewMessage waiting{"user", "on no page yet", 8, "m4"};
      store.add_messages(scope, {&waiting, 1});
    }
  }
  Database database() const { return Database(folder.file(), "the server", 500); }

  TemporaryFolder folder;
  Store store{folder.file()};
};

}  // namespace fovea::test
