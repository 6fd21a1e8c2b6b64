#pragma once

#include <map>
#include <string>

#include "history/readable.h"

namespace fovea {

/// By a call's id the name of the tool, which results of the call do not repeat.
using ToolNames = std::map<std::string, std::string>;

/// What a reader keeps in mind from one message of a conversation to the next.
struct Conversation {
  ToolNames tools;
  LeftOut left_out;

  /// Notes a call; nothing for one without an id.
  void called(const std::string& id, const std::string& tool) {
    if (!id.empty()) tools[id] = tool;
  }
  /// The tool of a call; empty when it is not known.
  std::string tool_of(const std::string& id) const {
    const auto found = tools.find(id);
    return found == tools.end() ? std::string() : found->second;
  }
};

}  // namespace fovea
