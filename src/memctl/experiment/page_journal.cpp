#include "memctl/experiment/page_journal.h"

#include <utility>

namespace fovea::memctl {

PageJournal::PageJournal(const std::string& folder, const Json& run)
    : journal_(folder, "pages.jsonl", run, [this](const Json& line) {
        PageRecord record = page_record_from(line);
        records_.emplace(record.key, std::move(record));
      }) {}

void PageJournal::add(const PageRecord& record) {
  records_.emplace(record.key, record);
  journal_.add(json_of(record));
}

}  // namespace fovea::memctl
