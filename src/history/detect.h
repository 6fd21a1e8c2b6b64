#pragma once

#include "fovea/history.h"
#include "history/byte_source.h"

namespace fovea {

struct Detection {
  HistoryFormat format = HistoryFormat::text;
  bool sure = true;  ///< false: of a file that is followed too little is there
};

/// The format of what stands in `source`, taking nothing of it. What a session keeps books of may
/// come first, and be long: it is looked at until a message has been seen. A transcript format is
/// chosen when at least half of what comes from there on has its shape, and at least half of all
/// lines are JSON unless the file is called .jsonl; everything else is text, which loses nothing.
Detection detect_format(ByteSource& source);

}  // namespace fovea
