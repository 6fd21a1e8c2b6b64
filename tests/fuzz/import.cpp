// A store's file from elsewhere, whole: it is opened, taken in, and everything in it is asked for.
#include "memory/store.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stores.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Folder folder;
  const std::string file = folder.file("foreign.db");
  fuzz::write_file(file, fuzz::text_of(data, size));
  fuzz::check_import(folder, file);
  fuzz::accepts([&] {
    Store store(file);
    for (const Scope& scope : store.scopes()) fuzz::ask_everything(store, scope);
  });
  return 0;
}
