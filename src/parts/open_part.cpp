#include "parts/open_part.h"

#include <dlfcn.h>

#include <cstring>
#include <filesystem>
#include <string_view>

#include "fovea/error.h"
#include "parts/part_head.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

/// The file, or nothing where none of `folders` has it.
fs::path found_in(const std::initializer_list<fs::path>& folders, const std::string& file) {
  for (const fs::path& folder : folders) {
    if (std::error_code error; fs::exists(folder / file, error)) return folder / file;
  }
  return {};
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::unsupported, what + "; install all of Fovea again");
}

}  // namespace

const void* open_part(const std::string& name) {
  const std::string file = "libfovea_" + name + ".so";
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = (beside / FOVEA_PARTS_FOLDER).lexically_normal();
  const fs::path path = found_in({beside, installed}, file);
  if (path.empty())
    fail(file + " is needed here, and neither " + beside.string() + " nor " + installed.string() +
         " has it");
  // Its symbols are its own: the program has some of the same names.
  void* const library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library) fail(path.string() + " cannot be loaded: " + ::dlerror());
  const auto* const table =
      static_cast<const PartHead*>(::dlsym(library, ("fovea_" + name).c_str()));
  if (!table) fail(path.string() + " is not a part of Fovea");
  constexpr std::string_view kInterface = FOVEA_PARTS_INTERFACE;
  if (std::strncmp(table->interface, kInterface.data(), kInterface.size()) != 0)
    fail(path.string() + " is of another version of Fovea");
  return table;
}

}  // namespace fovea
