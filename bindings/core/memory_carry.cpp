#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/keys.h"
#include "bindings/core/memory_object.h"

namespace fovea::python {

namespace {

MigrateResult migrate(MemoryObject& self, const std::optional<std::filesystem::path>& old_model,
                      const nb::object& progress) {
  Watch watch(progress, "pages");
  const MigrateOptions options{old_model ? old_model->string() : "", watch.progress()};
  MigrateResult result = self.memory.run([&](Memory& memory) { return memory.migrate(options); });
  watch.raise();
  return result;
}

}  // namespace

void bind_carrying(MemoryClass& memory) {
  memory
      .def(
          "backup",
          [](MemoryObject& self, const std::filesystem::path& path) {
            self.memory.run([&](Memory& memory) { memory.backup(path.string()); });
          },
          nb::arg("path"),
          "Writes a copy of the whole store, all scopes, to a new file while others use it.")
      .def(
          "export_scope",
          [](MemoryObject& self, const std::filesystem::path& path, const GivenKey& key) {
            const KeySource source = key_source_of(key);
            return self.memory.run(
                [&](Memory& memory) { return memory.export_scope(path.string(), source); });
          },
          nb::arg("path"), nb::kw_only(), nb::arg("key") = nb::none(),
          "Writes all that the scope has to a new store file. Returns the number of pages.\n\n"
          "key: encrypts the file; None: it is not encrypted.\n"
          "Raises KeyError for an empty scope.")
      .def(
          "import_scope",
          [](MemoryObject& self, const std::filesystem::path& path, const GivenKey& key,
             const std::optional<ScopeName>& which) {
            const KeySource source = key_source_of(key);
            const std::optional<Scope> scope = value_of(which);
            return self.memory.run(
                [&](Memory& memory) { return memory.import_scope(path.string(), source, scope); });
          },
          nb::arg("path"), nb::kw_only(), nb::arg("key") = nb::none(),
          nb::arg("which") = nb::none(),
          "Copies a scope of a store file into this one, which must be empty. Returns the number "
          "of\n"
          "pages.\n\n"
          "key: of an encrypted file. which: the scope to copy, if the file has several.\n"
          "Raises ValueError if this scope is not empty, and without `which` if the file has "
          "several.")
      .def("migrate", &migrate, nb::arg("old_model") = nb::none(), nb::kw_only(),
           nb::arg("progress") = nb::none(),
           nb::sig("def migrate(self, old_model: str | os.PathLike[str] | None = None, *, "
                   "" FOVEA_PROGRESS ") -> MigrateResult"),
           "Encodes anew, each at its level, the scope's pages whose tokens another checkpoint "
           "made.\n\n"
           "old_model: folder of that checkpoint, to read pages whose exact text was not kept.\n"
           "progress: see add_many.")
      .def(
          "clean",
          [](MemoryObject& self) { return self.memory.run([](Memory& m) { return m.clean(); }); },
          "Rewrites the store without the bytes of removed text, of all scopes.\n\n"
          "Erasing does it in a file; on a server it is for whoever runs it. False if the store "
          "cannot be\n"
          "rewritten now, as another process uses it, or if the server's log keeps old bytes until "
          "its\n"
          "next checkpoint. Raises OSError when there is no room for it.")
      .def(
          "change_key",
          [](MemoryObject& self, const GivenKey& key) {
            const KeySource source = key_source_of(key);
            self.memory.run([&](Memory& memory) { memory.change_key(source); });
          },
          nb::arg("key"),
          nb::sig("def change_key(self, key: bytes | "
                  "collections.abc.Callable[[], bytes]) -> None"),
          "Encrypts the store with another key.\n\n"
          "Raises ValueError if it is not encrypted.");
}

}  // namespace fovea::python
