#!/usr/bin/env bash
# Gathers what a build of the model alone needs beside libtorch, for a machine that has no package
# manager: headers and static libraries of Debian's packages, and pkg-config itself.
#
#   tools/carry_libraries.sh FOLDER     # then there: bench/gpu_run.sh FOLDER
set -euo pipefail
[ $# = 1 ] || { echo "usage: tools/carry_libraries.sh FOLDER" >&2; exit 2; }
to=$1
mkdir -p "$to/include" "$to/lib/pkgconfig" "$to/lib/cmake" "$to/share/cmake" "$to/bin"

# pkg_library <module> <library>...: the module's description, headers and static libraries.
pkg_library() {
  local module=$1 libraries; shift
  pkg-config --exists "$module" || { echo "$module was not found; see tools/packages.txt" >&2; exit 1; }
  libraries=$(pkg-config --variable=libdir "$module")
  sed -e "s|^prefix=.*|prefix=\${pcfiledir}/../..|" -e "s|^includedir=.*|includedir=\${prefix}/include|" \
      -e "s|^libdir=.*|libdir=\${prefix}/lib|" \
      "$(pkg-config --variable=pcfiledir "$module")/$module.pc" > "$to/lib/pkgconfig/$module.pc"
  for library in "$@"; do cp "$libraries/lib$library.a" "$to/lib/"; done
}

headers=$(pkg-config --variable=includedir libsodium)
pkg_library libutf8proc utf8proc
pkg_library libpng16 png16
pkg_library libpcre2-8 pcre2-8
pkg_library libsodium sodium
pkg_library zlib z
pkg_library libhwy  # Debian has no static one
cp -P "$(pkg-config --variable=libdir libhwy)"/libhwy.so* "$to/lib/"
cp "$to/lib/pkgconfig/libpng16.pc" "$to/lib/pkgconfig/libpng.pc"
cp "$headers"/{utf8proc.h,png.h,pngconf.h,pnglibconf.h,pcre2.h,sodium.h,zlib.h} "$to/include/"
cp -r "$headers/hwy" "$to/include/"
cp "$headers"/*/zconf.h "$to/include/" 2>/dev/null || cp "$headers/zconf.h" "$to/include/"
cp -r "$headers/sodium" "$headers/nlohmann" "$headers/doctest" "$to/include/"
cp -r /usr/share/cmake/nlohmann_json "$to/share/cmake/"
cp -r /usr/lib/cmake/doctest "$to/lib/cmake/"
program=$(readlink -f "$(command -v pkg-config)")
cp "$program" "$to/bin/pkgconf"
ldd "$program" | awk '/libpkgconf/ { print $3 }' | xargs -I{} cp {} "$to/bin/"
cat > "$to/bin/pkg-config" <<'END'
#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="$here" PKG_CONFIG_LIBDIR="$here/../lib/pkgconfig"
exec "$here/pkgconf" --static "$@"
END
chmod +x "$to/bin/pkg-config"
du -sh "$to"
