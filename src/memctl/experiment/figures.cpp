#include "memctl/experiment/figures.h"

#include <cctype>

namespace fovea::memctl {

std::string file_name_of(const std::string& kind, const Curve& curve) {
  constexpr std::size_t kLongest = 100;
  std::string name;
  for (const char c : curve.domain.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) || c == '-' || c == '.');
    name += plain ? c : '_';
  }
  return kind + "-" + name + "-" + columns_of(curve.density);
}

std::vector<std::vector<const Curve*>> levels_of_texts(const Findings& findings) {
  std::vector<Levels> kinds;
  for (const Curve& curve : findings.curves()) {
    const bool same = !kinds.empty() && kinds.back().front()->domain == curve.domain &&
                      kinds.back().front()->density == curve.density;
    if (!same) kinds.emplace_back();
    kinds.back().push_back(&curve);
  }
  return kinds;
}

std::string figure_title(const std::string& what, const Curve& curve) {
  return curve.domain + ", " + columns_of(curve.density) + " columns: " + what;
}

}  // namespace fovea::memctl
