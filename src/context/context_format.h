#pragma once

#include <string>

#include "fovea/context.h"

namespace fovea {

/// The parts as a JSON document: the fields that a request's body takes, one user message with all
/// parts, then the turns. `detail`: OpenAI's for its pictures; empty: none. Text that is not UTF-8 gets U+FFFD.
std::string format_context(const Context& context, ContextFormat format,
                           const std::string& detail = {});

/// Bytes that a part takes of a request at most, its place in the document included.
std::size_t request_bytes(const ContextPart& part);

std::string base64(const std::vector<std::uint8_t>& bytes);
/// Bytes that so many take in base64.
std::size_t base64_size(std::size_t bytes);

}  // namespace fovea
