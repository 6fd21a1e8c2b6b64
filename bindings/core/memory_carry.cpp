#include "bindings/core/memory_object.h"

namespace fovea::python {

void bind_carrying(MemoryClass& memory) {
  memory
      .def("backup",
           [](MemoryObject& self, const std::filesystem::path& path) {
             self.memory.run([&](Memory& memory) { memory.backup(path.string()); });
           },
           nb::arg("path"),
           "Writes a copy of the whole store, all scopes, to a new file while others use it.")
      .def("export_scope",
           [](MemoryObject& self, const std::filesystem::path& path) {
             return self.memory.run(
                 [&](Memory& memory) { return memory.export_scope(path.string()); });
           },
           nb::arg("path"),
           "Writes all that the scope has to a new file, a store of its own. Returns its pages.\n\n"
           "Raises KeyError for an empty scope.")
      .def("import_scope",
           [](MemoryObject& self, const std::filesystem::path& path) {
             return self.memory.run(
                 [&](Memory& memory) { return memory.import_scope(path.string()); });
           },
           nb::arg("path"),
           "Takes what a file has into this scope, which must be empty. Returns its pages.");
}

}  // namespace fovea::python
