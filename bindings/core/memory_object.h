#pragma once

#include <utility>

#include <nanobind/nanobind.h>

#include "bindings/core/embedders.h"
#include "bindings/core/guarded_memory.h"
#include "bindings/core/module.h"
#include "bindings/core/names.h"

namespace fovea::python {

/// What `fovea.Memory` is: the memory, and the options that its pages are written with.
struct MemoryObject {
  /// `used`: what embedder_of makes of `embedder`, before there is a store.
  MemoryObject(std::string store, const std::string& checkpoint, Scope scope,
               const CodecOptions& codec, const KeySource& key, Access access,
               MemoryOptions options, nb::object embedder, Embedder used)
      : memory(std::move(store), checkpoint, std::move(scope), codec, key, access),
        options(std::move(options)),
        embedder(std::move(embedder)) {
    memory.run([&](Memory& opened) { opened.use_embedder(std::move(used)); });
  }

  GuardedMemory memory;
  const MemoryOptions options;
  nb::object embedder;
  nb::object on_event = nb::none();  // what is told of operations; changed within a call
};

using MemoryClass = nb::class_<MemoryObject>;

void bind_writing(MemoryClass& memory);     // add, add_many, add_file, finish
void bind_reading(MemoryClass& memory);     // search, recall, context, picture, stats, ...
void bind_listing(MemoryClass& memory);     // messages, pages, scopes
void bind_forgetting(MemoryClass& memory);  // plan, age, pin, erase
void bind_carrying(MemoryClass& memory);    // backup, export_scope, import_scope, migrate, ...
void bind_listening(MemoryClass& memory);   // on_event

/// Throws Error(invalid_argument) for one that cannot be read.
std::vector<Condition> conditions_of(const std::vector<std::string>& where);

/// How parameters of several calls are declared in stubs.
#define FOVEA_EXPIRES "expires: datetime.datetime | float | None = None, "
#define FOVEA_RESTORE "restore: bool = False, "
#define FOVEA_NOW "now: datetime.datetime | float | None = None, "
#define FOVEA_PROGRESS "progress: collections.abc.Callable[[int, int], object] | bool | None = None"

}  // namespace fovea::python
