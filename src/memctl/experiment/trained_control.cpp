#include "memctl/experiment/trained_control.h"

#include <cstdint>

#include "fovea/error.h"
#include "memctl/experiment/page_record.h"
#include "memctl/measurement/texts.h"

namespace fovea::memctl {
namespace {

const Json& at(const Json& object, const std::string& key) {
  if (const auto found = object.find(key); found != object.end()) return *found;
  throw Error(ErrorCode::corruption, "\"" + key + "\" is missing");
}

std::string text(const Json& object, const std::string& key) {
  const Json& value = at(object, key);
  if (value.is_string()) return value.get<std::string>();
  throw Error(ErrorCode::corruption, "\"" + key + "\" is no text");
}

std::size_t amount(const Json& object, const std::string& key) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
  const Json& value = at(object, key);
  // Numbers below 0 are of another type.
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost)
    return value.get<std::size_t>();
  throw Error(ErrorCode::corruption, "\"" + key + "\" is no whole number from 0 to 2^30");
}

TrainedFigures figures_from(const Json& row, const std::string& domain, const Json& measured) {
  TrainedFigures figures{.domain = domain,
                         .density = density_from_columns(static_cast<int>(amount(row, "density"))),
                         .level = level_from_name(text(row, "level"))};
  for (const Json& page : at(measured, "pages")) {
    const auto characters = double(amount(page, "characters"));
    figures.right.push_back({characters - double(amount(page, "errors")), characters});
  }
  figures.token_bytes = amount(measured, "bytes") * figures.right.size();
  return figures;
}

}  // namespace

TrainedControl trained_control_from(const std::string& json, const std::string& file) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) throw Error(ErrorCode::corruption, file + ": not valid JSON");
  try {
    TrainedControl control{.encoder = text(document, "encoder")};
    for (const Json& row : at(document, "rows"))
      for (const auto& [domain, measured] : at(row, "kinds").items())
        if (domain != kRandomDomain) control.figures.push_back(figures_from(row, domain, measured));
    return control;
  } catch (const Error& error) {
    throw Error(
        ErrorCode::corruption,
        file + ": not what `python -m fovea.training evaluate --out` writes: " + error.what());
  }
}

}  // namespace fovea::memctl
