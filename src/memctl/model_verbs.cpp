#include <numeric>

#include "fovea/bench.h"
#include "fovea/checkpoint.h"
#include "fovea/error.h"
#include "memctl/checks.h"
#include "memctl/output.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

std::string megabytes(std::uint64_t bytes) { return grouped(bytes / 1'000'000) + " MB"; }

std::string text_of_shape(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto side : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
  return text + "]";
}

std::string describe(const CheckpointReport& report, const std::string& folder, bool list) {
  std::string text;
  if (list) {
    for (const auto& tensor : report.tensors)
      text += tensor.name + "  " + tensor.type + " " + text_of_shape(tensor.shape) + "  " +
              grouped(tensor.bytes) + " bytes\n";
  }
  text += report.name + " at " + folder + ": " + counted(report.tensors.size(), "tensor") + " in " +
          counted(report.files, "file") + ", " + grouped(report.parameters) + " parameters, " +
          grouped(report.file_bytes) + " bytes; " + (report.has_tokenizer ? "with" : "without") +
          " a tokenizer\n";
  if (report.misfits.empty())
    return text + "fingerprint " + report.fingerprint + "\neverything fits\n";
  for (const std::string& misfit : report.misfits) text += "FAIL  " + misfit + "\n";
  return text + counted(report.misfits.size(), "misfit") +
         "; download the named files again, or take config.json and tokenizer.json from where the "
         "weights come from\n";
}

int check(const Session& session, const std::string& folder, bool list) {
  const CheckpointReport report = inspect_checkpoint(folder);
  Json tensors = Json::array();
  for (const auto& tensor : report.tensors)
    tensors.push_back({{"name", tensor.name}, {"type", tensor.type}, {"shape", tensor.shape},
                       {"bytes", tensor.bytes}, {"file", tensor.file}});
  Json document = {{"ok", report.misfits.empty()},
                   {"name", report.name},
                   {"files", report.files},
                   {"parameters", report.parameters},
                   {"tensor_bytes", report.tensor_bytes},
                   {"file_bytes", report.file_bytes},
                   {"tokenizer", report.has_tokenizer},
                   {"fingerprint", nullptr},
                   {"misfits", report.misfits},
                   {"tensors", tensors}};
  if (!report.fingerprint.empty()) document["fingerprint"] = report.fingerprint;
  session.print(document, describe(report, folder, list));
  return report.misfits.empty() ? kOk : kCorruption;
}

struct BenchOptions {
  std::string folder, level = "base";
  RateOptions rates;
};

int bench(const Session& session, BenchOptions options) {
  options.rates.codec = session.codec;
  options.rates.level = level_from_name(options.level);
  const Rates rates = measure_rates(options.folder, options.rates);
  const int sequences = options.rates.sequences;
  const double pages = options.rates.pages / rates.encode_seconds;
  const double tokens = sequences / rates.decode_seconds;
  const double prompt = sequences * options.rates.prompt_tokens / rates.prefill_seconds;
  session.print({{"level", options.level},
                 {"pages", options.rates.pages},
                 {"sequences", sequences},
                 {"load_seconds", rates.load_seconds},
                 {"encoder_pages_per_second", pages},
                 {"prompt_tokens", options.rates.prompt_tokens},
                 {"prompt_tokens_per_second", prompt},
                 {"new_tokens_per_second", tokens},
                 {"ids", rates.ids},
                 {"peak_anonymous_bytes", rates.peak_anonymous_bytes},
                 {"peak_resident_bytes", rates.peak_resident_bytes}},
                "loaded in " + fixed(rates.load_seconds, 2) + " s\nencoder, " + options.level + ": " +
                    fixed(pages, 3) + " pages/s\ndecoder, prompt: " + fixed(prompt, 1) +
                    " tokens/s\ndecoder, " + counted(sequences, "answer") + " at once: " + fixed(tokens, 2) +
                    " tokens/s\npeak memory: " + megabytes(rates.peak_resident_bytes) +
                    " resident, mapped files included; " + megabytes(rates.peak_anonymous_bytes) +
                    " of it anonymous\n");
  return kOk;
}

int error(const Session& session, const std::string& folder, int tokens) {
  CodecOptions codec = session.codec;
  if (codec.device == "auto") codec.device = "cpu";  // as for int8
  const WeightError found = measure_int8_error(folder, tokens, codec);
  session.print({{"tokens", found.tokens},
                 {"logits_off", found.logits_off},
                 {"divergence", found.divergence},
                 {"same_choice", found.same_choice},
                 {"clear", found.clear},
                 {"clear_same", found.clear_same}},
                "int8 weights against those stored, " + counted(found.tokens, "random token") +
                    ":\nlogits differ by " + percent(found.logits_off, 2) + " of their size, " +
                    fixed(found.divergence, 4) + " nats a token\nthe same next token: " +
                    percent(found.same_choice, 1) + "; where it leads by 1 nat or more: " +
                    percent(found.clear_same, 1) + " of " + std::to_string(found.clear) + "\n");
  return kOk;
}

void add_error(CLI::App& model, Session& session) {
  auto* verb = add_verb(model, "error", "Measure what `--weights int8` changes",
                        "memctl model error DeepSeek-OCR --tokens 256");
  auto folder = std::make_shared<std::string>();
  auto tokens = std::make_shared<int>(128);
  verb->add_option("folder", *folder, "Checkpoint folder")->required()->type_name("DIR");
  verb->add_option("--tokens", *tokens, "Random tokens that both read")
      ->check(whole_number(1, 2048))
      ->capture_default_str();
  verb->callback([&session, folder, tokens] {
    session.run = [&session, folder, tokens] { return error(session, *folder, *tokens); };
  });
}

void add_check(CLI::App& model, Session& session) {
  auto* verb = add_verb(model, "check", "Name every tensor, file and token that does not fit",
                        "memctl model check DeepSeek-OCR --tensors");
  auto folder = std::make_shared<std::string>();
  auto list = std::make_shared<bool>(false);
  verb->add_option("folder", *folder, "Checkpoint folder")->required()->type_name("DIR");
  verb->add_flag("--tensors", *list, "List names, types, shapes and sizes");
  verb->callback([&session, folder, list] {
    session.run = [&session, folder, list] { return check(session, *folder, *list); };
  });
}

void add_bench_of(CLI::App& model, Session& session) {
  auto* verb = add_verb(model, "bench",
                        "Measure the speed of a checkpoint's encoder and decoder, and its memory",
                        "memctl model bench DeepSeek-OCR --level base --tokens 32");
  auto options = std::make_shared<BenchOptions>();
  verb->add_option("folder", options->folder, "Checkpoint folder")->required()->type_name("DIR");
  verb->add_option("--level", options->level, "Size of the page")->capture_default_str();
  verb->add_option("--pages", options->rates.pages, "Pages encoded at once")
      ->check(whole_number(1, 64))
      ->capture_default_str();
  verb->add_option("--sequences", options->rates.sequences, "Answers written at once")
      ->check(whole_number(1, 256))
      ->capture_default_str();
  verb->add_option("--prompt", options->rates.prompt_tokens, "Tokens before the answer")
      ->check(whole_number(1, 4096))
      ->capture_default_str();
  verb->add_option("--tokens", options->rates.new_tokens, "Tokens of the answer")
      ->check(whole_number(2, 4096))
      ->capture_default_str();
  verb->callback([&session, options] {
    session.run = [&session, options] { return bench(session, *options); };
  });
}

}  // namespace

void add_model_verbs(CLI::App& app, Session& session) {
  auto* model = add_verb(app, "model", "Look at a checkpoint: check, bench, error",
                         "memctl model check models/fovea-nano");
  model->require_subcommand(1);
  add_check(*model, session);
  add_bench_of(*model, session);
  add_error(*model, session);
}

}  // namespace fovea::memctl
