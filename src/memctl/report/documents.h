#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fovea/listing.h"
#include "fovea/memory.h"

namespace fovea::memctl {

// What the page's script is given, as JSON.

/// `first_words`: of the page; empty: not known.
nlohmann::ordered_json report_document(const PageInfo& page, const std::string& first_words);
nlohmann::ordered_json report_document(const MessageInfo& message);
nlohmann::ordered_json report_document(const HistoryEntry& entry);
nlohmann::ordered_json report_document(const Stats& stats);
/// What a round of forgetting would do.
nlohmann::ordered_json report_document(const AgeResult& plan);
/// A text with its stretches: each its text, where it comes from, how sure it is.
nlohmann::ordered_json report_document(const Recalled& item);

}  // namespace fovea::memctl
