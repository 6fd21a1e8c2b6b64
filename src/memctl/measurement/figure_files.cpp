#include "memctl/measurement/figure_files.h"

#include <filesystem>
#include <set>

#include "memctl/measurement/once.h"
#include "memctl/output_file.h"

namespace fovea::memctl {

void write_figures(const std::string& folder, const std::vector<NamedFigure>& figures) {
  make_folder(folder);
  std::set<std::string> taken;
  for (const NamedFigure& one : figures) {
    const std::string path =
        (std::filesystem::path(folder) / unused_name(one.name, taken)).string();
    write_file(path + ".png", plot::to_png(one.figure));
    write_file(path + ".svg", plot::to_svg(one.figure));
  }
}

}  // namespace fovea::memctl
