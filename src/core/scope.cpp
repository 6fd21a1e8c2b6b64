#include "fovea/scope.h"

#include <algorithm>
#include <array>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr const char* kDefault = "default";

}  // namespace

std::string to_text(const Scope& scope) {
  const std::string text = scope.user + "/" + scope.agent + "/" + scope.session;
  return scope.run == kDefault ? text : text + "/" + scope.run;
}

Scope scope_from_name(std::string_view text) {
  Scope scope;
  const std::array parts = {&scope.user, &scope.agent, &scope.session, &scope.run};
  std::size_t begin = 0;
  for (std::string* part : parts) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    *part = text.substr(begin, end - begin);
    if (part->empty()) break;
    if (end == text.size()) return scope;
    begin = end + 1;
  }
  throw Error(ErrorCode::invalid_argument,
              "scope \"" + std::string(text) +
                  "\": expected user/agent/session/run or the first parts of it, such as "
                  "ann/coder/monday");
}

}  // namespace fovea
