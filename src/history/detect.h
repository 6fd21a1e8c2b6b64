#pragma once

#include "src/history/byte_source.h"
#include "src/history/history_reader.h"

namespace fovea {

struct Detection {
  HistoryFormat format = HistoryFormat::text;
  bool sure = true;  ///< false: of a file that is followed too little is there
};

/// The format of what comes next in `source`, taking nothing of it. A transcript format is chosen
/// when at least half of the first lines have its shape, or any of them in a file called .jsonl;
/// everything else is text, which loses nothing.
Detection detect_format(ByteSource& source);

}  // namespace fovea
