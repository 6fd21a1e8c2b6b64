#include "core/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/newer_characters.h"
#include "core/utf8.h"
#include "fovea/error.h"

namespace fovea {
namespace {

struct FreeMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
using MatchPtr = std::unique_ptr<pcre2_match_data, FreeMatch>;

pcre2_code* compile(const std::string& pattern, bool literal) {
  // \C would match a part of a character, and searching would go on inside of it.
  const std::uint32_t options =
      PCRE2_UTF | (literal ? PCRE2_LITERAL : PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C);
  int error = 0;
  PCRE2_SIZE place = 0;
  auto* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                             &error, &place, nullptr);
  if (code) return code;
  PCRE2_UCHAR message[256] = {};
  pcre2_get_error_message(error, message, sizeof message);
  throw Error(ErrorCode::unsupported, "the regular expression \"" + pattern + "\" at byte " +
                                          std::to_string(place) + ": " +
                                          reinterpret_cast<const char*>(message));
}

}  // namespace

void Regex::Free::operator()(pcre2_real_code_8* code) const {
  pcre2_code_free(code);
}

Regex::Regex(const std::string& pattern, bool literal) : code_(compile(pattern, literal)) {
  // Only now: errors are about the pattern as it was given.
  if (!literal) code_.reset(compile(with_newer_characters(pattern), literal));
  pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);  // without it matching is slower, not other
}

void Regex::find_all(std::string_view text,
                     const std::function<void(std::size_t, std::size_t)>& each) const {
  // One a thread: `each` may search on, so the result is copied out before it is called.
  thread_local const MatchPtr match(pcre2_match_data_create(1, nullptr));
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    int found = pcre2_match(code_.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK, match.get(),
                            nullptr);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)  // the interpreter keeps its stack on the heap
      found = pcre2_match(code_.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                          match.get(), nullptr);
    if (found < 0) return;  // no match, or the library's own limit against endless searching
    const std::size_t begin = pcre2_get_ovector_pointer(match.get())[0];
    const std::size_t end = pcre2_get_ovector_pointer(match.get())[1];
    if (end > begin) each(begin, end);
    at = end > at ? end : utf8_next(text, at);
  }
}

}  // namespace fovea
