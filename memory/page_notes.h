#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/store_impl.h"

namespace fovea {

/// What is kept beside a page's tokens to make a reading of them better: bytes that the store does
/// not look into.
enum class PageNote { anchors, corrections };

const char* table_of(PageNote note);

/// The note of a new page; nothing where it is empty.
void add_note(const Database& database, PageNote note, PageId page, std::string_view bytes,
              bool keeps_text = false);
/// Writes the page's note, or with empty bytes removes it. In a transaction of the caller's.
/// True when there was another before. `keeps_text`: of corrections, see NewPage.
bool write_note(const Database& database, PageNote note, PageId page, std::string_view bytes,
                bool keeps_text = false);
/// The page's note, empty: none. Throws Error(corruption) when it does not match its hash.
std::string read_note(const Database& database, PageNote note, PageId page);
/// The pages whose note does not match its hash.
std::vector<PageId> damaged_notes(const Database& database, PageNote note);

}  // namespace fovea
