#include "memctl/experiment/figures.h"

#include <cctype>
#include <filesystem>
#include <set>

#include "fovea/error.h"
#include "memctl/output_file.h"

namespace fovea::memctl {

namespace fs = std::filesystem;

std::string file_name_of(const std::string& kind, const Curve& curve) {
  constexpr std::size_t kLongest = 100;
  std::string name;
  for (const char c : curve.domain.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) || c == '-' || c == '.');
    name += plain ? c : '_';
  }
  return kind + "-" + name + "-" + std::to_string(static_cast<int>(curve.density));
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
  return curve.domain + ", " + std::to_string(static_cast<int>(curve.density)) +
         " columns: " + what;
}

void write_figures(const std::string& folder, const std::vector<NamedFigure>& figures) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::io, folder + ": cannot be created: " + error.message());
  std::set<std::string> taken;
  for (const NamedFigure& one : figures) {
    std::string name = one.name;
    for (int i = 2; !taken.insert(name).second; ++i) name = one.name + "-" + std::to_string(i);
    const std::string path = (fs::path(folder) / name).string();
    write_file(path + ".png", plot::to_png(one.figure));
    write_file(path + ".svg", plot::to_svg(one.figure));
  }
}

}  // namespace fovea::memctl
