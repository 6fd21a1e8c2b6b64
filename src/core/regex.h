#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace fovea {

/// A compiled Unicode regular expression, with the classes of Unicode 16 (see newer_characters.h).
/// Const and thread-safe after construction.
class Regex {
 public:
  /// `literal`: match the pattern's characters as they are.
  /// Throws Error(unsupported) naming the pattern and the place in it.
  explicit Regex(const std::string& pattern, bool literal = false);

  /// Calls `each` with begin and end of every non-empty match, from left to right. `text`: valid
  /// UTF-8.
  void find_all(std::string_view text,
                const std::function<void(std::size_t begin, std::size_t end)>& each) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };
  std::unique_ptr<pcre2_real_code_8, Free> code_;
};

}  // namespace fovea
