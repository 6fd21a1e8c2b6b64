#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "bindings/core/text.h"
#include "fovea/level.h"
#include "fovea/memory.h"
#include "fovea/ocr.h"

namespace nanobind::detail {

/// An enumerator or its name, never its number: `archive=True` must not mean Archive.drop.
template <class Enumerator>
requires std::is_enum_v<Enumerator>
struct type_caster<std::variant<Enumerator, std::string>> {
  using Either = std::variant<Enumerator, std::string>;
  NB_TYPE_CASTER(Either, union_name(make_caster<Enumerator>::Name, make_caster<std::string>::Name))

  bool from_python(handle source, uint32_t, cleanup_list* cleanup) noexcept {
    constexpr uint32_t kAsItIs = 0;
    if (make_caster<Enumerator> one; one.from_python(source, kAsItIs, cleanup)) {
      value = one.operator cast_t<Enumerator>();
      return true;
    }
    make_caster<std::string> name;
    if (!name.from_python(source, kAsItIs, cleanup)) return false;
    value = name.operator cast_t<std::string>();
    return true;
  }
};

}  // namespace nanobind::detail

/// Enumerations and what else may also be given by its name.
namespace fovea::python {

template <class Value>
using Named = std::variant<Value, std::string>;

using LevelName = Named<Level>;
using LayoutName = Named<Layout>;
using SourceName = Named<Source>;
using ArchiveName = Named<Archive>;
using AccessName = Named<Access>;
using FormatName = Named<ContextFormat>;
using ScopeName = Named<Scope>;
using OcrModeName = Named<OcrMode>;
using DensityName = std::variant<Density, int>;

/// Throws Error(invalid_argument) for a precision or weights that there are not.
inline CodecOptions codec_options(std::string device, const std::string& precision, int threads,
                                  const std::string& weights, int beam_width = 1) {
  return {std::move(device), precision_from_name(precision), threads, weights_from_name(weights),
          beam_width};
}

inline Level value_of(const LevelName& level) {
  const auto* name = std::get_if<std::string>(&level);
  return name ? level_from_name(*name) : std::get<Level>(level);
}

inline Layout value_of(const LayoutName& layout) {
  const auto* name = std::get_if<std::string>(&layout);
  return name ? layout_from_name(*name) : std::get<Layout>(layout);
}

inline OcrMode value_of(const OcrModeName& mode) {
  const auto* name = std::get_if<std::string>(&mode);
  return name ? ocr_mode_from_name(*name) : std::get<OcrMode>(mode);
}

inline Source value_of(const SourceName& source) {
  const auto* name = std::get_if<std::string>(&source);
  return name ? source_from_name(*name) : std::get<Source>(source);
}

inline Archive value_of(const ArchiveName& archive) {
  const auto* name = std::get_if<std::string>(&archive);
  return name ? archive_from_name(*name) : std::get<Archive>(archive);
}

inline Access value_of(const AccessName& access) {
  const auto* name = std::get_if<std::string>(&access);
  return name ? access_from_name(*name) : std::get<Access>(access);
}

inline ContextFormat value_of(const FormatName& format) {
  const auto* name = std::get_if<std::string>(&format);
  return name ? context_format_from_name(*name) : std::get<ContextFormat>(format);
}

inline Scope value_of(const ScopeName& scope) {
  const auto* name = std::get_if<std::string>(&scope);
  return name ? scope_from_name(*name) : std::get<Scope>(scope);
}

inline Density value_of(const DensityName& density) {
  const auto* columns = std::get_if<int>(&density);
  return columns ? density_from_columns(*columns) : std::get<Density>(density);
}

template <class Value>
std::optional<std::remove_cvref_t<decltype(value_of(std::declval<Value>()))>> value_of(
    const std::optional<Value>& named) {
  if (!named) return {};
  return value_of(*named);
}

}  // namespace fovea::python
