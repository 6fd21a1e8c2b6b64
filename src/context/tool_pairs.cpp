#include "context/tool_pairs.h"

#include <optional>

namespace fovea {
namespace {

enum class Header { call, result, assistant, other };

/// A role's header has a role of one word, perhaps with a note in brackets.
bool is_role(std::string_view line, std::string_view role) {
  if (!line.starts_with(role)) return false;
  line.remove_prefix(role.size());
  return line == ":" || (line.starts_with(" (") && line.ends_with("):"));
}

/// `ended`: the line has its line feed. A header at the very end may be cut.
std::optional<Header> header_of(std::string_view line, bool ended) {
  const bool closed = !ended || line.ends_with(":");
  if (line.starts_with("tool call") && closed) return Header::call;
  if (line.starts_with("tool result") && closed) return Header::result;
  if (is_role(line, "assistant")) return Header::assistant;
  for (const std::string_view role : {"user", "system", "developer", "summary"}) {
    if (is_role(line, role)) return Header::other;
  }
  return {};
}

/// Calls `each` with every header and the byte where it stands until it returns false. A header
/// stands after an empty line, or where the text begins.
template <class Each>
void for_each_header(std::string_view text, Each each) {
  bool after_empty = true;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const bool ended = end != std::string_view::npos;
    const auto line = text.substr(begin, ended ? end - begin : text.size() - begin);
    if (after_empty) {
      if (const auto header = header_of(line, ended); header && !each(*header, begin)) return;
    }
    after_empty = line.empty();
    if (!ended) return;
    begin = end + 1;
  }
}

/// Counts calls without a result. A new turn ends those that never got one.
class OpenCalls {
 public:
  void see(Header header) {
    const bool new_turn = header == Header::other || (header != Header::result && had_result_);
    if (new_turn) open_ = 0;
    had_result_ = header == Header::result;
    if (header == Header::call) ++open_;
    if (header == Header::result && open_ > 0) --open_;
  }
  bool any() const { return open_ > 0; }

 private:
  int open_ = 0;
  bool had_result_ = false;
};

}  // namespace

bool awaits_result(std::string_view text) {
  OpenCalls calls;
  for_each_header(text, [&](Header header, std::size_t) {
    calls.see(header);
    return true;
  });
  return calls.any();
}

bool begins_with_result(std::string_view text) {
  bool result = false;
  for_each_header(text, [&](Header header, std::size_t) {
    result = header == Header::result;
    return false;
  });
  return result;
}

}  // namespace fovea
