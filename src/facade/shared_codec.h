#pragma once

#include <memory>
#include <string>

#include "fovea/codec.h"

namespace fovea {

/// The checkpoint as long as anybody of this process uses it: memories of the same checkpoint and
/// options share one, until its files change. Thread-safe. Throws as Codec does.
std::shared_ptr<const Codec> shared_codec(const std::string& checkpoint, const CodecOptions& options);

}  // namespace fovea
