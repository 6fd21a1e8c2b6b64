#include "facade/kept_text.h"

#include <algorithm>

#include "measure/fidelity.h"

namespace fovea {
std::string anchors_to_keep(const Policy& policy, const Page& page, Level level, bool has_archive) {
  const bool kept = (has_archive || policy.anchors_without_archive) && policy.anchors.bytes > 0 &&
                    level <= policy.anchors.down_to;
  return kept ? pack_anchors(anchors_of(page, policy.anchors.bytes)) : std::string();
}

bool keeps_corrections(const Policy& policy, Level level, bool has_archive) {
  return !has_archive && policy.corrections.bytes > 0 && level <= policy.corrections.down_to;
}

double floor_at(const Policy& policy, Time age) {
  double floor = 0;
  for (const AgeBand& band : policy.bands) {
    if (age >= band.older_than) floor = band.floor.value_or(0);
  }
  return floor;
}

std::vector<std::string> correctable_rows(const Page& page) {
  return page.document ? std::vector{page.text} : rows_of(page);
}

RecoveredPage correctable(const Page& page, const ReadPage& read, const std::string& anchors,
                          const CodePoints* alphabet) {
  if (page.document) return {as_one_row(read), page.density, {}};
  RecoveredPage recovered(read, page.density, row_lengths(page), alphabet);
  recovered.put(unpack_anchors(anchors, page.density));
  return recovered;
}

std::vector<bool> unreadable_rows(const Page& page) {
  std::vector<bool> rows(correctable_rows(page).size());
  for (const int row : page.report.rows) rows.at(static_cast<std::size_t>(row)) = true;
  return rows;
}

std::vector<bool> misread_rows(const Page& page, const RecoveredPage& read) {
  const auto exact = correctable_rows(page), found = read.rows();
  std::vector<bool> rows(exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) rows[i] = i >= found.size() || found[i] != exact[i];
  return rows;
}

std::vector<bool> rows_kept(const Page& page, const KnownText& known) {
  std::string kept;  // of each byte of the text: whether it is kept whole
  for (std::size_t i = 0; i < known.rows.size(); ++i)
    kept.append(known.rows[i].size(), !known.whole.empty() && known.whole[i] ? '1' : '0');
  std::vector<bool> rows;
  std::string_view rest = kept;
  for (const std::string& row : correctable_rows(page)) {
    const std::string_view part = rest.substr(0, row.size());
    rows.push_back(part.find('1') != std::string_view::npos);
    rest.remove_prefix(part.size());
  }
  return rows;
}

std::vector<bool> rows_to_keep(const StoredPage& stored, const Page& page, const KnownText& known,
                               const RecoveredPage& read) {
  std::vector<bool> rows = rows_kept(page, known);
  if (!stored.keeps_text) return rows;
  add_rows(rows, unreadable_rows(page));
  add_rows(rows, misread_rows(page, read));
  return rows;
}

bool any(const std::vector<bool>& rows) {
  return std::ranges::find(rows, true) != rows.end();
}

void add_rows(std::vector<bool>& rows, const std::vector<bool>& more) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = rows[i] || more[i];
}

std::string corrections_to_keep(const Page& page, const RecoveredPage& read,
                                const std::vector<bool>& whole, std::size_t max_bytes) {
  Corrections all = corrections_between(read.rows(), correctable_rows(page), whole);
  Corrections kept{.text_check = all.text_check, .rows = {}};
  std::ranges::copy_if(all.rows, std::back_inserter(kept.rows),
                       [](const Corrections::Row& row) { return row.whole.has_value(); });
  const std::string without = kept.rows.empty() ? std::string() : pack_corrections(kept);
  std::string packed = pack_corrections(all);
  return packed.size() - without.size() <= max_bytes ? packed : without;
}

std::string whole_rows(const Page& page, const std::vector<bool>& whole, std::uint64_t text_check) {
  if (!any(whole)) return {};
  const auto exact = correctable_rows(page);
  Corrections kept = corrections_between(exact, exact, whole);
  kept.text_check = text_check;
  return pack_corrections(kept);
}

}  // namespace fovea
