#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>

#include "bindings/core/errors.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/shown.h"
#include "fovea/event.h"

namespace fovea::python {
namespace {

/// Tells Python of an operation, which has ended well already: what the listener raises is reported
/// and changes nothing.
void tell(const nb::object& listener, const Event& event) {
  const nb::gil_scoped_acquire locked;
  try {
    listener(event);
  } catch (nb::python_error& error) {
    error.discard_as_unraisable(listener);
  }
}

void set_listener(MemoryObject& self, nb::object listener) {
  if (!listener.is_none() && !PyCallable_Check(listener.ptr())) {
    raise_type_error("listener: expected a function of an Event or None, got " +
                     name_of_type(listener));
  }
  self.memory.run([&](Memory& memory) {
    const nb::gil_scoped_acquire locked;
    std::swap(self.on_event, listener);
    if (self.on_event.is_none()) return memory.on_event({});
    memory.on_event([&self](const Event& event) { tell(self.on_event, event); });
  });
}

}  // namespace

void bind_listening(MemoryClass& memory) {
  memory.def("on_event", &set_listener, nb::arg("listener").none(),
             nb::sig("def on_event(self, listener: collections.abc.Callable[[Event], object] | "
                     "None) -> None"),
             "Calls `listener` after each successful operation, in the thread of its caller; None "
             "removes\n"
             "it. It must not use the memory; what it raises goes to sys.unraisablehook.");
}

void bind_events(nb::module_& module) {
  nb::class_<Event>(module, "Event", "An operation of a Memory that ended well.")
      .def_ro("time", &Event::time, "When it ended, seconds since 1970.")
      .def_ro("name", &Event::name, "\"compact\", \"recall\", \"search\", \"age\" ...")
      .def_ro("scope", &Event::scope)
      .def_ro("seconds", &Event::seconds, "That it took.")
      .def_ro("pages", &Event::pages, "Written, read, found, moved or removed.")
      .def_ro("tokens_saved", &Event::tokens_saved,
              "Prompt tokens, against the pages' text or what they cost before.")
      .def_ro("levels", &Event::levels,
              "What the scope holds afterwards; empty if nothing changed.")
      .def(
          "to_json", [](const Event& self) { return to_json(self); },
          "One JSON object without a line feed, for a JSONL file.")
      .def("__repr__", [](const Event& self) {
        return "Event(" + shown(self.name) + ", " + grouped(self.pages) + " pages, " +
               rounded(self.seconds) + " s)";
      });
}

}  // namespace fovea::python
