#include <nanobind/stl/optional.h>

#include "bindings/core/keys.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/shown.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

/// "auto", as memctl has it, is None.
template <class Name>
std::optional<Name> unless_automatic(const std::optional<Name>& given) {
  const auto* name = given ? std::get_if<std::string>(&*given) : nullptr;
  return name && *name == "auto" ? std::nullopt : given;
}

void open_memory(MemoryObject* self, const std::filesystem::path& path,
                 const std::optional<std::filesystem::path>& model, const ScopeName& scope,
                 const ArchiveName& archive, const DensityName& density,
                 const std::optional<LevelName>& level, const std::optional<LayoutName>& layout,
                 const std::optional<std::variant<Policy, std::string>>& policy, int measured_pages,
                 bool keep_secrets, bool keep_words, bool existing, const GivenKey& key,
                 nb::object embedder, std::string device, const std::string& precision, int threads,
                 const std::string& weights) {
  MemoryOptions options;
  options.archive = value_of(archive);
  options.keep_words = keep_words;
  options.density = value_of(density);
  options.level = value_of(unless_automatic(level));
  options.layout = value_of(unless_automatic(layout));
  if (policy) {
    const auto* preset = std::get_if<std::string>(&*policy);
    options.policy = preset ? Policy::preset(*preset) : std::get<Policy>(*policy);
  }
  options.measured_pages = measured_pages;
  options.keep_secrets = keep_secrets;
  const CodecOptions codec = codec_options(std::move(device), precision, threads, weights);
  if (existing && !std::filesystem::exists(path))
    throw Error(ErrorCode::not_found, "store " + path.string() + " does not exist");
  auto* made = new (self) MemoryObject(path.string(), checkpoint_of(model), value_of(scope), codec,
                                       key_source_of(key), std::move(options), std::move(embedder));
  if (!existing) return;
  try {
    made->memory.run([](Memory& memory) { memory.require_scope(); });
  } catch (...) {
    made->~MemoryObject();
    throw;
  }
}

std::string repr(const MemoryObject& self) {
  const Scope& scope = self.memory.scope();
  return "Memory(" + shown(self.memory.store()) + ", scope='" + scope.user + "/" + scope.agent +
         "/" + scope.session + "'" + (self.memory.is_closed() ? ", closed)" : ")");
}

// A listener mostly knows the memory that it listens to: Python has to see that ring.

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  Py_VISIT(nb::inst_ptr<MemoryObject>(self)->on_event.ptr());
  Py_VISIT(nb::inst_ptr<MemoryObject>(self)->embedder.ptr());
  return 0;
}

int clear(PyObject* self) {
  if (nb::inst_ready(self)) nb::inst_ptr<MemoryObject>(self)->on_event = nb::none();
  return 0;
}

PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(&clear)},
                       {0, nullptr}};

}  // namespace

void bind_memory(nb::module_& module) {
  MemoryClass memory(module, "Memory", nb::type_slots(slots),
                     "The memory of agents: one store file, one checkpoint, one scope.\n\n"
                     "Any thread may use it, one call at a time; several processes may share the "
                     "store file.\nLong calls release the GIL. Ctrl-C ends them after the page in "
                     "hand; what is done is stored.");
  memory
      .def("__init__", &open_memory,
           nb::arg("path"), nb::arg("model") = nb::none(),
           nb::arg("scope") = "default/default/default", nb::kw_only(),
           nb::arg("archive") = "keep", nb::arg("density") = 106,
           nb::arg("level") = nb::none(), nb::arg("layout") = nb::none(),
           nb::arg("policy") = nb::none(), nb::arg("measured_pages") = 8,
           nb::arg("keep_secrets") = false, nb::arg("keep_words") = true,
           nb::arg("existing") = false, nb::arg("key") = nb::none(),
           nb::arg("embedder") = nb::none(), nb::arg("device") = "auto",
           nb::arg("precision") = "auto", nb::arg("threads") = 0, nb::arg("weights") = "stored",
           "Opens or creates a store. The checkpoint is loaded at the first need of it.\n\n"
           "path: the store file. model: checkpoint folder; None: $FOVEA_MODEL or the one that\n"
           "came with fovea. scope: whose memory, \"user/agent/session\" or a Scope.\n"
           "archive: \"drop\" stores no text, only vision tokens. keep_words: of such pages, hashed,\n"
           "so that they are found by their words. density: columns of new pages.\n"
           "level: of new pages; None or \"auto\": what the policy gives a page of that age.\n"
           "layout: of new pages; None or \"auto\": the one that the checkpoint reads.\n"
           "policy: how the scope's pages fade from now on, kept in the store once something is\n"
           "added: a Policy, or \"careful\", \"balanced\" or \"lean\"; None: as the store has it.\n"
           "measured_pages: of a call and level that are read back to measure fidelity, -1 all.\n"
           "keep_secrets: False puts a mark for keys and tokens of known kinds, and for what\n"
           "stands in <private> tags, before anything is stored.\n"
           "existing: True raises KeyError where there is no such store or nothing of the scope in\n"
           "it, naming scopes that are written much like it; otherwise both are made when something\n"
           "is added.\n"
           "key: of an encrypted store, and makes a new one an encrypted one: 32 bytes, as\n"
           "key_from_file, key_from_environment and key_from_text give them, or a function that\n"
           "returns them, asked at once.\n"
           "embedder: ranks by meaning beside words: a function of list[str] that gives an array\n"
           "[texts, dimensions], or one of fovea.embedders. It is called in the thread whose call\n"
           "needs it, and may not use the memory. Its name (or its function's) is stored with the\n"
           "vectors; None: by words alone.\n"
           "device, precision, threads, weights: see Codec.\n"
           "Raises ValueError for a wrong option and for a key that is wrong, missing or one too\n"
           "many, OSError where the file cannot be opened,\n"
           "fovea.Error for a damaged store or one of a newer version.")
      .def("close", [](MemoryObject& self) { self.memory.close(); },
           "Closes the store, after a call of another thread. May be called again.")
      .def_prop_ro("closed", [](const MemoryObject& self) { return self.memory.is_closed(); })
      .def_prop_ro("path", [](const MemoryObject& self) { return self.memory.store(); })
      .def_prop_ro("scope", [](const MemoryObject& self) { return self.memory.scope(); })
      .def("__enter__", [](nb::handle self) { return nb::borrow(self); },
           nb::sig("def __enter__(self) -> Memory"))
      .def("__exit__", [](MemoryObject& self, const nb::args&) { self.memory.close(); },
           nb::sig("def __exit__(self, *exception: object) -> None"))
      .def("__repr__", &repr);
  bind_writing(memory);
  bind_reading(memory);
  bind_listing(memory);
  bind_forgetting(memory);
  bind_carrying(memory);
  bind_listening(memory);
}

}  // namespace fovea::python
