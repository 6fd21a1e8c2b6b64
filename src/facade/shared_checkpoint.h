#pragma once

#include <memory>
#include <string>

#include "fovea/memory.h"

namespace fovea {

// What memories of the same checkpoint share as long as anybody of this process uses it, until the
// checkpoint's files change: a process that opens many scopes loads it once. Thread-safe.

/// Throws as Codec does.
std::shared_ptr<const Codec> shared_codec(const std::string& checkpoint,
                                          const CodecOptions& options);
/// Throws as Renderer does.
std::shared_ptr<const Renderer> shared_renderer(const std::string& checkpoint);

}  // namespace fovea
