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
      .def("backup",
           [](MemoryObject& self, const std::filesystem::path& path) {
             self.memory.run([&](Memory& memory) { memory.backup(path.string()); });
           },
           nb::arg("path"),
           "Writes a copy of the whole store, all scopes, to a new file while others use it.")
      .def("export_scope",
           [](MemoryObject& self, const std::filesystem::path& path, const GivenKey& key) {
             const KeySource source = key_source_of(key);
             return self.memory.run(
                 [&](Memory& memory) { return memory.export_scope(path.string(), source); });
           },
           nb::arg("path"), nb::kw_only(), nb::arg("key") = nb::none(),
           "Writes all that the scope has to a new file, a store of its own. Returns its pages.\n\n"
           "key: what the file is encrypted with; None: it is not.\n"
           "Raises KeyError for an empty scope.")
      .def("import_scope",
           [](MemoryObject& self, const std::filesystem::path& path, const GivenKey& key,
              const std::optional<ScopeName>& which) {
             const KeySource source = key_source_of(key);
             const std::optional<Scope> scope = value_of(which);
             return self.memory.run(
                 [&](Memory& memory) { return memory.import_scope(path.string(), source, scope); });
           },
           nb::arg("path"), nb::kw_only(), nb::arg("key") = nb::none(),
           nb::arg("which") = nb::none(),
           "Takes what a file has into this scope, which must be empty. Returns its pages.\n\n"
           "key: of an encrypted file. which: scope of a file that has several.\n"
           "Raises ValueError where the scope is not empty, or without `which` for several.")
      .def("migrate", &migrate, nb::arg("old_model") = nb::none(), nb::kw_only(),
           nb::arg("progress") = nb::none(),
           nb::sig("def migrate(self, old_model: str | os.PathLike[str] | None = None, *, "
                   FOVEA_PROGRESS ") -> MigrateResult"),
           "Encodes the scope's pages anew whose tokens another checkpoint made, each at its\n"
           "level.\n\n"
           "old_model: folder of the checkpoint that made them: reads pages whose exact text was\n"
           "not kept. progress: see add_many.")
      .def("change_key",
           [](MemoryObject& self, const GivenKey& key) {
             const KeySource source = key_source_of(key);
             self.memory.run([&](Memory& memory) { memory.change_key(source); });
           },
           nb::arg("key"), nb::sig("def change_key(self, key: bytes | "
                                   "collections.abc.Callable[[], bytes]) -> None"),
           "Has the store open with another key from now on.\n\n"
           "Raises ValueError where it is not encrypted.");
}

}  // namespace fovea::python
