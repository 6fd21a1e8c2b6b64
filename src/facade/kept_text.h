#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/page.h"
#include "fovea/policy.h"
#include "memory/store.h"
#include "recovery/recovered_page.h"

namespace fovea {

/// What is known of the text of a page.
struct KnownText {
  std::string text;
  bool exact = false;
  std::uint64_t check = 0;             ///< check_of the exact text
  std::vector<std::string> rows = {};  ///< as they were recovered; empty: it is from the archive
  std::vector<bool> whole = {};        ///< of these rows, those whose exact text is kept; empty: none
};

/// The anchors that a policy keeps beside a page at `level`, packed; empty: none.
std::string anchors_to_keep(const Policy& policy, const Page& page, Level level, bool has_archive);

/// The policy keeps corrections of pages at `level` whose exact text is not kept.
bool keeps_corrections(const Policy& policy, Level level, bool has_archive);

/// The floor of the band that a page of that age is in, 0: by age, or none.
double floor_at(const Policy& policy, Time age);

/// The rows of a page, of a document its whole text as one. What corrections lead to.
std::vector<std::string> correctable_rows(const Page& page);
/// The same of a reading, with the packed `anchors` put in. `alphabet`: the checkpoint's, as for
/// `next_unit`.
RecoveredPage correctable(const Page& page, const ReadPage& read, const std::string& anchors,
                          const CodePoints* alphabet);

/// Rows of a page that the codec cannot read, whatever their level: with characters that it does not
/// know.
std::vector<bool> unreadable_rows(const Page& page);
/// Rows that are not read as they are.
std::vector<bool> misread_rows(const Page& page, const RecoveredPage& read);
/// Rows of `page`, drawn from what is known of its text, on which text stands that is kept whole.
std::vector<bool> rows_kept(const Page& page, const KnownText& known);
/// The same for new tokens that were read: of a page that keeps text, also what these do not give.
std::vector<bool> rows_to_keep(const StoredPage& stored, const Page& page, const KnownText& known,
                               const RecoveredPage& read);
bool any(const std::vector<bool>& rows);
void add_rows(std::vector<bool>& rows, const std::vector<bool>& more);

/// What leads from `read` to the text of `page`, packed: rows `whole` as they are, of others what
/// changes them, unless that takes more than `max_bytes`: corrections that make a page exact are
/// kept, or none of these. Empty: nothing is kept.
std::string corrections_to_keep(const Page& page, const RecoveredPage& read,
                                const std::vector<bool>& whole, std::size_t max_bytes);
/// Rows `whole` alone, where nothing is known of the reading. `text_check`: of the exact text, which
/// `page` may not have.
std::string whole_rows(const Page& page, const std::vector<bool>& whole, std::uint64_t text_check);

}  // namespace fovea
