#include "memctl/experiment/references.h"

namespace fovea::memctl {

const std::vector<Reference>& references() {
  constexpr const char* kFox =
      "pictures of 100 printed English pages (Fox) read by optical "
      "character recognition";
  constexpr const char* kPrecision = "share of the unique words read that the page has";
  constexpr const char* kDeepSeek = "DeepSeek-OCR, arXiv 2510.18234, Table 2";
  static const std::vector<Reference> all = {
      {"DeepSeek-OCR, 64 tokens",
       kFox,
       kPrecision,
       kDeepSeek,
       {{10.5, 0.965},
        {11.8, 0.938},
        {13.2, 0.838},
        {15.1, 0.859},
        {16.5, 0.793},
        {17.7, 0.764},
        {19.7, 0.591}}},
      {"DeepSeek-OCR, 100 tokens",
       kFox,
       kPrecision,
       kDeepSeek,
       {{6.7, 0.985},
        {7.5, 0.973},
        {8.5, 0.968},
        {9.7, 0.968},
        {10.6, 0.915},
        {11.3, 0.898},
        {12.6, 0.871}}},
      {"C3",
       "text compressed by one language model and given back by another",
       "decoding accuracy as its authors define it",
       "Context Cascade Compression, arXiv 2511.15244, abstract (the second one \"around\")",
       {{20, 0.98}, {40, 0.93}}}};
  return all;
}

}  // namespace fovea::memctl
