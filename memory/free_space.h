#pragma once

#include <cstdint>
#include <span>

namespace fovea {

/// Overwrites what a page of an SQLite database does not use. SQLite's secure_delete overwrites
/// deleted rows where they are, but when it moves rows between the pages of a b-tree, the old copies
/// stay between a page's list of cells and its cells. Other kinds of pages stay as they are.
/// `is_first`: of the file, which begins with 100 bytes about it. `page_bytes`: of usable size.
void wipe_free_space(std::span<std::uint8_t> page_bytes, bool is_first);

/// From this size of a file on, a page that is no part of a b-tree may begin like one (with the
/// number of another page), so none is wiped, and the file has to be rewritten instead. Far below
/// the first such number: a file may grow while it is written.
inline constexpr std::int64_t kLargestWiped = std::int64_t{1} << 36;

/// The name of a VFS of SQLite's: the system's own, but for wiping the pages of databases on their
/// way into the file. The WAL has them as SQLite does: it is to be emptied.
const char* wiping_vfs();

}  // namespace fovea
