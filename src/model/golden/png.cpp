#include "model/golden/png.h"

#include "picture/decoded.h"
#include "picture/file_bytes.h"

namespace fovea::golden {

Picture read_png(const std::string& path) { return decode_png(read_bytes(path), path).picture; }

}  // namespace fovea::golden
