#include "memctl/measurement/figure_files.h"

#include <filesystem>
#include <set>

#include "fovea/error.h"
#include "memctl/output_file.h"

namespace fovea::memctl {

void write_figures(const std::string& folder, const std::vector<NamedFigure>& figures) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(ErrorCode::io, folder + ": cannot be created: " + error.message());
  std::set<std::string> taken;
  for (const NamedFigure& one : figures) {
    std::string name = one.name;
    for (int i = 2; !taken.insert(name).second; ++i) name = one.name + "-" + std::to_string(i);
    const std::string path = (std::filesystem::path(folder) / name).string();
    write_file(path + ".png", plot::to_png(one.figure));
    write_file(path + ".svg", plot::to_svg(one.figure));
  }
}

}  // namespace fovea::memctl
