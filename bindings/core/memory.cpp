#include <nanobind/stl/optional.h>

#include "bindings/core/keys.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/shown.h"
#include "fovea/error.h"
#include "fovea/server_url.h"

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
                 bool keep_secrets, bool keep_words, bool existing, const AccessName& access,
                 const GivenKey& key, nb::object embedder, std::string device,
                 const std::string& precision, int threads, const std::string& weights,
                 int beam_width) {
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
  const CodecOptions codec =
      codec_options(std::move(device), precision, threads, weights, beam_width);
  const Access allowed = value_of(access);
  if ((existing || allowed == Access::read) && !is_server_url(path.string()) &&
      !std::filesystem::exists(path))
    throw Error(ErrorCode::not_found, "store " + path.string() + " does not exist");
  Embedder used = embedder_of(embedder);
  auto* made = new (self)
      MemoryObject(path.string(), checkpoint_of(model), value_of(scope), codec, key_source_of(key),
                   allowed, std::move(options), std::move(embedder), std::move(used));
  if (!existing) return;
  try {
    made->memory.run([](Memory& memory) { memory.require_scope(); });
  } catch (...) {
    made->~MemoryObject();
    throw;
  }
}

std::string repr_of_memory(const MemoryObject& self) {
  return "Memory(" + shown(self.memory.store()) + ", scope=" + shown(to_text(self.memory.scope())) +
         (self.memory.is_closed() ? ", closed)" : ")");
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
  module.def(
      "is_server_url", [](const std::string& store) { return is_server_url(store); },
      nb::arg("store"), "Whether a store's name is a URL, and not the path of a file.");
  module.def("shown_store", &shown_store, nb::arg("store"),
             "A store's name as messages and logs may show it: a URL without its password.\n\n"
             "Raises ValueError, without the URL in it, for one that is not well formed.");
  MemoryClass memory(
      module, "Memory", nb::type_slots(slots),
      "One scope of a memory: a store file and the checkpoint that reads it.\n\n"
      "Any thread may use it, one call at a time; several processes may share the store file.\n"
      "Long calls release the GIL. Ctrl-C ends them after the current page; what is done is kept.");
  memory
      .def(
          "__init__", &open_memory, nb::arg("path"), nb::arg("model") = nb::none(),
          nb::arg("scope") = "default/default/default", nb::kw_only(), nb::arg("archive") = "keep",
          nb::arg("density") = 106, nb::arg("level") = nb::none(), nb::arg("layout") = nb::none(),
          nb::arg("policy") = nb::none(), nb::arg("measured_pages") = 8,
          nb::arg("keep_secrets") = false, nb::arg("keep_words") = true,
          nb::arg("existing") = false, nb::arg("access") = "write", nb::arg("key") = nb::none(),
          nb::arg("embedder") = nb::none(), nb::arg("device") = "auto",
          nb::arg("precision") = "auto", nb::arg("threads") = 0, nb::arg("weights") = "stored",
          nb::arg("beam_width") = 1,
          "Opens or creates a store. The checkpoint is loaded on first use.\n\n"
          "path: the store file, or postgresql://USER@HOST/DATABASE.\n"
          "model: checkpoint folder; None: $FOVEA_MODEL or the one that comes with fovea.\n"
          "scope: whose memory, \"user/agent/session\" or a Scope.\n"
          "archive: \"keep\" stores the exact text of pages; \"drop\" only their vision tokens.\n"
          "keep_words: with archive=\"drop\", keep hashes of each page's words, so that search "
          "finds it.\n"
          "density: columns of new pages.\n"
          "level: of new pages; None or \"auto\": chosen by the policy from the page's age.\n"
          "layout: of new pages; None or \"auto\": the one that the checkpoint reads.\n"
          "policy: how the scope's pages fade from now on, saved in the store when something is\n"
          "added: a Policy, or \"careful\", \"balanced\" or \"lean\"; None: the policy saved "
          "there.\n"
          "measured_pages: how many pages of each level a call reads back to measure fidelity; -1 "
          "all.\n"
          "keep_secrets: False replaces keys and tokens of known kinds, and text in <private> "
          "tags, by\n"
          "a mark before anything is stored.\n"
          "existing: True raises KeyError if the store or the scope does not exist, naming "
          "similar\n"
          "scopes; otherwise both are created when something is added.\n"
          "access: \"write\" or \"read\": then the store must exist, and nothing of it changes; what "
          "would\n"
          "change it raises OSError.\n"
          "key: opens an encrypted store; a new store is encrypted with it. 32 bytes, as\n"
          "key_from_file, key_from_environment and key_from_text return, or a function that "
          "returns\n"
          "them, called at once.\n"
          "embedder: ranks by meaning as well as by words: a function from list[str] to an array\n"
          "[texts, dimensions], or one of fovea.embedders. It is called in the thread whose call\n"
          "needs it and must not use the memory. Its name (or its function's) is stored with the\n"
          "vectors. None: by words alone.\n"
          "device, precision, threads, weights: see Codec.\n"
          "beam_width: see Codec; of what recall() and read() hand out. Measurements and "
          "corrections are\n"
          "of the greedy reading.\n"
          "Raises ValueError for a wrong option, and for a key that is wrong, missing or not "
          "needed;\n"
          "OSError if the file cannot be opened; fovea.Error for a damaged store or one of a "
          "newer\n"
          "version.")
      .def(
          "close", [](MemoryObject& self) { self.memory.close(); },
          "Closes the store, once a call in another thread has ended. May be called again.")
      .def_prop_ro("closed", [](const MemoryObject& self) { return self.memory.is_closed(); })
      .def_prop_ro(
          "path", [](const MemoryObject& self) { return self.memory.store(); },
          "The store's name, a URL without its password.")
      .def_prop_ro("scope", [](const MemoryObject& self) { return self.memory.scope(); })
      .def(
          "__enter__", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def __enter__(self) -> Memory"))
      .def(
          "__exit__", [](MemoryObject& self, const nb::args&) { self.memory.close(); },
          nb::sig("def __exit__(self, *exception: object) -> None"))
      .def("__repr__", &repr_of_memory);
  bind_writing(memory);
  bind_reading(memory);
  bind_listing(memory);
  bind_forgetting(memory);
  bind_carrying(memory);
  bind_listening(memory);
}

}  // namespace fovea::python
