#include "memctl/experiment/confusions.h"
#include "memctl/experiment/references.h"
#include "memctl/experiment/report.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kConfusionsListed = 20;

Json strings_json(const Curve& curve) {
  Json kinds = Json::object();
  for (const auto& [kind, tally] : curve.exact_strings_by_kind())
    kinds[kind] = {{"count", tally.all}, {"given_back", tally.given_back}};
  return kinds;
}

Json tokenizers_json(const Curve& curve) {
  Json all = Json::object();
  for (const auto& [name, counted] : curve.tokens_by())
    all[name] = {{"text_tokens", counted.tokens}, {"compression", counted.compression}};
  return all;
}

Json confusions_json(const Curve& curve) {
  Json list = Json::array();
  for (const Confusion& one : most_frequent(curve.confusions(), kConfusionsListed))
    list.push_back({{"exact", one.exact}, {"read", one.read}, {"count", one.count}});
  return list;
}

Json json_of(const Curve& curve) {
  return {{"level", name_of(curve.level)},
          {"density", static_cast<int>(curve.density)},
          {"domain", curve.domain},
          {"pages", curve.pages.size()},
          {"characters", curve.sum(&PageRecord::characters)},
          {"text_tokens", curve.sum(&PageRecord::text_tokens)},
          {"vision_tokens", curve.sum(&PageRecord::vision_tokens)},
          {"text_bytes", curve.sum(&PageRecord::text_bytes)},
          {"token_bytes", curve.sum(&PageRecord::token_bytes)},
          {"compression", curve.compression()},
          {"accuracy", or_null(curve.accuracy.value)},
          {"exact_rows", curve.mean(&PageRecord::exact_rows)},
          {"word_precision", curve.mean(&PageRecord::word_precision)},
          {"confidence", curve.mean(&PageRecord::confidence)},
          {"shuffle", name_of(curve.shuffle)},
          {"characters_per_token", curve.characters_per_token()},
          {"by_tokenizer", tokenizers_json(curve)},
          {"zstd_bytes", curve.sum(&PageRecord::zstd_bytes)},
          {"xz_bytes", curve.sum(&PageRecord::xz_bytes)},
          {"accuracy_interval", interval_json(curve.accuracy.interval)},
          {"word_recall", curve.mean(&PageRecord::word_recall)},
          {"exact_strings", or_null(curve.exact_strings.value)},
          {"exact_strings_interval", interval_json(curve.exact_strings.interval)},
          {"exact_strings_by_kind", strings_json(curve)},
          {"unknown_cells", curve.sum(&PageRecord::unknown_cells)},
          {"brier", curve.brier()},
          {"confusions", confusions_json(curve)},
          {"encode_seconds", curve.mean(&PageRecord::encode_seconds)},
          {"read_seconds", curve.mean(&PageRecord::read_seconds)}};
}

Json json_of(const std::vector<Curve>& curves) {
  Json list = Json::array();
  for (const Curve& curve : curves) list.push_back(json_of(curve));
  return list;
}

Json json_of(const BaselineCurve& found) {
  const Curve& curve = *found.curve;
  return {{"level", name_of(curve.level)},
          {"density", static_cast<int>(curve.density)},
          {"domain", curve.domain},
          {"baseline", name_of(found.baseline)},
          {"pages", curve.pages.size()},
          {"budget", curve.sum(&PageRecord::vision_tokens)},
          {"tokens", found.tokens},
          {"zstd_bytes", found.zstd_bytes},
          {"compression", found.compression() ? Json(*found.compression()) : Json(nullptr)},
          {"accuracy", or_null(found.accuracy.value)},
          {"accuracy_interval", interval_json(found.accuracy.interval)},
          {"word_recall", found.word_recall},
          {"exact_strings", or_null(found.exact_strings.value)},
          {"exact_strings_interval", interval_json(found.exact_strings.interval)}};
}

Json json_of(const TrainedCurve& found) {
  return {{"level", name_of(found.curve->level)},
          {"density", static_cast<int>(found.curve->density)},
          {"domain", found.curve->domain},
          {"control", found.control->name},
          {"encoder", found.control->encoder},
          {"sha256", found.control->sha256},
          {"pages", found.pages},
          {"characters", found.characters},
          {"vision_tokens", found.vision_tokens()},
          {"token_bytes", found.token_bytes},
          {"compression", found.compression()},
          {"accuracy", or_null(found.accuracy.value)},
          {"accuracy_interval", interval_json(found.accuracy.interval)}};
}

Json json_of(const Calibration& calibration) {
  Json bins = Json::array();
  for (const Bin& bin : calibration.bins)
    bins.push_back({{"from", bin.from},
                    {"to", bin.to},
                    {"rows", bin.rows},
                    {"said", bin.said},
                    {"exact", double(bin.exact) / double(bin.rows)}});
  return bins;
}

Json json_of(const Reference& reference) {
  Json points = Json::array();
  for (const ReferencePoint& point : reference.points)
    points.push_back({{"compression", point.compression}, {"share", point.share}});
  return {{"name", reference.name},
          {"another_task", reference.task},
          {"measure", reference.measure},
          {"source", reference.source},
          {"points", points}};
}

}  // namespace

Json document_of(const Findings& findings, const std::vector<Text>& texts,
                 const RunReport& report) {
  const Calibration& calibration = findings.calibration();
  Json baselines = Json::array(), trained = Json::array(), published = Json::array();
  for (const BaselineCurve& found : findings.baselines()) baselines.push_back(json_of(found));
  for (const TrainedCurve& found : findings.trained()) trained.push_back(json_of(found));
  for (const Reference& reference : references()) published.push_back(json_of(reference));
  Json document = {{"curves", json_of(findings.curves())},
                   {"calibration", json_of(calibration)},
                   {"complete", report.complete},
                   {"seconds", report.seconds},
                   {"controls", json_of(findings.controls())},
                   {"baselines", baselines},
                   {"references", published},
                   {"brier", calibration.brier},
                   {"base_brier", calibration.base_brier},
                   {"pages_known", report.known},
                   {"trained_controls", trained}};
  add_run(document, report, texts);
  return document;
}

}  // namespace fovea::memctl
