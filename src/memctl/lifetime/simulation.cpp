#include "memctl/lifetime/simulation.h"

#include <algorithm>
#include <filesystem>

#include "fovea/error.h"
#include "fovea/measure.h"
#include "memctl/interrupt.h"
#include "memctl/lifetime/ages.h"
#include "memctl/output_file.h"

namespace fovea::memctl {
namespace {

namespace fs = std::filesystem;

/// What is said between two moments.
class SaidMessages : public MessageSource {
 public:
  SaidMessages(const Life& life, std::size_t begin, std::size_t end)
      : life_(life), at_(begin), end_(end) {}

  std::optional<Message> next() override {
    if (at_ == end_ || interrupted()) return std::nullopt;
    const LifeMessage& said = life_.messages[at_];
    return Message{.role = said.role,
                   .text = life_.text.substr(said.begin, said.end - said.begin),
                   .time = said.time,
                   .source_id = "message-" + std::to_string(at_++)};
  }

 private:
  const Life& life_;
  std::size_t at_, end_;
};

/// The life under one policy.
class PolicyRun {
 public:
  PolicyRun(const Simulated& simulated, const NamedPolicy& policy, const fs::path& folder,
            LifeRecords& records)
      : simulated_(simulated),
        life_(simulated.life),
        plan_(simulated.plan),
        policy_(policy),
        folder_(folder),
        records_(records) {}

  bool is_done() const { return knows_all_until(life_.days); }

  /// Opens the store and returns the day that it is to go on with.
  int begin() {
    const bool is_new = !fs::exists(folder_);
    open();
    const int day = is_new ? 0 : first_day();
    if (is_new || day > 0) return day;
    remove();  // an empty store may remember messages as erased
    open();
    return 0;
  }

  /// False after an interrupt; the same day is then to be lived again.
  bool live(int day) {
    const Time now = life_.end_of_day(day);
    if (!add(day, now) || !age(now)) return false;
    const int over = day + 1;
    return !plan_.is_measured(over, life_.days) || is_known(over) || look(over, now);
  }

  void remove() {
    memory_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

 private:
  bool knows_all_until(int last) const {
    for (int day = 1; day <= last; ++day)
      if (plan_.is_measured(day, life_.days) && !is_known(day)) return false;
    return true;
  }
  bool is_known(int day) const { return records_.snapshots().contains({policy_.name, day}); }

  void open() {
    make_folder(folder_.string());
    const Session& session = simulated_.session;
    memory_.emplace((folder_ / "memory.db").string(), session.checkpoint(), Scope{}, session.codec);
  }

  /// 0 for a store that has nothing, or more than the records say that it was looked at.
  int first_day() const {
    const auto newest = memory_->messages({.limit = 1});
    if (newest.empty()) return 0;
    const int day = life_.day_of(newest.front().time);
    return knows_all_until(day) ? day : 0;
  }

  bool add(int day, Time now) {
    const std::size_t begin = life_.messages_until(life_.end_of_day(day - 1));
    const std::size_t end = life_.messages_until(now);
    if (begin == end) return !interrupted();
    MemoryOptions options;
    options.archive = plan_.archive;
    options.policy = policy_.policy;
    options.now = now;
    options.measured_pages = 0;
    options.keep_secrets = true;  // what is read back is compared with the text as it is
    options.progress = [](std::size_t, std::size_t) { return !interrupted(); };
    SaidMessages said(life_, begin, end);
    return !memory_->add(said, options).stopped && !interrupted();
  }

  bool age(Time now) {
    AgeOptions options;
    options.policy = policy_.policy;
    options.now = now;
    options.progress = [](std::size_t, std::size_t) { return !interrupted(); };
    options.measure = [this](std::int64_t id, Level level) {
      return reading_of_text(page_of(id), level).fidelity;
    };
    return !memory_->age(options).stopped && !interrupted();
  }

  static std::size_t page_of(std::int64_t id) { return static_cast<std::size_t>(id - 1); }

  /// Looks at the store after that many days. False after an interrupt.
  bool look(int day, Time now) {
    SnapshotRecord record;
    const std::vector<PageInfo> pages = memory_->pages();
    const Stats stats = memory_->stats();
    const std::string verbatim = memory_->verbatim();
    record.levels.resize(life_.pages_until(life_.bytes_until(now) - verbatim.size()));
    for (const PageInfo& page : pages) record.levels.at(page_of(page.id)) = level_of(page);
    record.vision_tokens = stats.vision_tokens;
    record.verbatim_tokens = count_text_tokens(verbatim);
    record.token_bytes = stats.token_bytes;
    record.archive_bytes = stats.archive_bytes;
    record.kept_text_bytes = stats.anchor_bytes + stats.correction_bytes;
    record.file_bytes = bytes_of_copy();
    for (const AgeRange& range : kAgeRanges) {
      const auto of_age = pages_of_age(life_, range, now, record.levels.size());
      for (const std::size_t page : sample_of(of_age, plan_.pages, plan_.seed)) {
        if (interrupted()) return false;
        const auto info =
            std::ranges::find(pages, static_cast<std::int64_t>(page + 1), &PageInfo::id);
        if (info == pages.end()) continue;  // gone
        read(*info);
        record.found[page] = found(page);
      }
    }
    records_.add(SnapshotKey{policy_.name, day}, std::move(record));
    return true;
  }

  /// As `memctl backup` writes it: the log of a store that is open says nothing of what it holds.
  std::size_t bytes_of_copy() const {
    const fs::path copy = folder_ / "copy.db";
    fs::remove(copy);  // of a run that was killed
    memory_->backup(copy.string());
    const auto bytes = static_cast<std::size_t>(fs::file_size(copy));
    fs::remove(copy);
    return bytes;
  }

  Level level_of(const PageInfo& page) const {
    const std::size_t number = page_of(page.id);
    if (number < life_.pages.size() && page.text_bytes == life_.text_of(life_.pages[number]).size())
      return page.level;
    throw Error(ErrorCode::corruption, folder_.string() + ": page " + std::to_string(page.id) +
                                           " is none of this history; remove the folder");
  }

  /// While the exact text is known, only what the tokens say counts; after that, all that is kept.
  void read(const PageInfo& page) {
    if (page.has_archive) {
      reading_of_text(page_of(page.id), page.level);
      return;
    }
    const ReadingKey key{policy_.name, page_of(page.id), page.level};
    if (records_.reading(key)) return;
    const auto recalled = memory_->read({page.id}, Source::automatic);
    const std::string& text = recalled.at(0).text;
    const double right = accuracy(life_.text_of(life_.pages[key.page]), text);
    records_.add(key, record_of(key.page, text, {.accuracy = right}));
  }

  /// Of the page drawn from its exact text, which is the same under each policy.
  const ReadingRecord& reading_of_text(std::size_t number, Level level) {
    const ReadingKey key{"", number, level};
    if (const ReadingRecord* known = records_.reading(key)) return *known;
    const std::string_view text = life_.text_of(life_.pages[number]);
    Page page = memory_->renderer().lay_out(text, Density::d106);
    memory_->renderer().draw(page);
    const Page shrunk[] = {shrink(page, level)};
    const std::vector<VisionTokens> tokens = memory_->codec().encode(shrunk);
    const ReadPage read = memory_->codec().decode(tokens).at(0);
    return records_.add(key, record_of(number, read.text, fidelity_of(page, read)));
  }

  ReadingRecord record_of(std::size_t page, const std::string& read,
                          const Fidelity& fidelity) const {
    ReadingRecord record{.fidelity = fidelity, .exact_strings = {}, .answers = {}};
    record.exact_strings = sum_of(exact_strings_in(life_.text_of(life_.pages[page]), read));
    for (const Question& question : simulated_.questions[page])
      record.answers.push_back(read.find(question.answer) != std::string::npos);
    return record;
  }

  std::vector<bool> found(std::size_t page) const {
    std::vector<bool> flags;
    for (const Question& question : simulated_.questions[page]) {
      const std::vector<Hit> hits = memory_->search(question.query, plan_.k);
      flags.push_back(std::ranges::find(hits, static_cast<std::int64_t>(page + 1), &Hit::id) !=
                      hits.end());
    }
    return flags;
  }

  const Simulated& simulated_;
  const Life& life_;
  const LifetimePlan& plan_;
  const NamedPolicy& policy_;
  fs::path folder_;
  LifeRecords& records_;
  std::optional<Memory> memory_;
};

}  // namespace

bool simulate(const Simulated& simulated, const std::string& folder, LifeRecords& records,
              ProgressBar& bar) {
  const int days = simulated.life.days;
  const double all = double(days) * double(simulated.plan.policies.size());
  int lived = 0;  // under earlier policies
  for (const NamedPolicy& policy : simulated.plan.policies) {
    PolicyRun run(simulated, policy, fs::path(folder) / policy.name, records);
    for (int day = run.is_done() ? days : run.begin(); day < days; ++day) {
      bar.show(static_cast<std::size_t>(lived + day), (lived + day) / all);
      if (!run.live(day)) return false;
    }
    run.remove();
    lived += days;
  }
  return true;
}

}  // namespace fovea::memctl
