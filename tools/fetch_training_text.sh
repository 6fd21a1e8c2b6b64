#!/usr/bin/env bash
# Fetches text in many languages from Debian's packages, to train a codec on or to measure one with,
# and unpacks what of it `python -m fovea.training gather` reads: a folder a language under DIR.
# Without LANGUAGE: those of `gather --language`. zh_CN is for --chinese; en is books, sources and
# documents, for --books and --root.
# Nothing is installed, and no root is needed; packages already fetched are not fetched again.
# Usage: tools/fetch_training_text.sh DIR [LANGUAGE...]
# Example: tools/fetch_training_text.sh text && tools/fetch_training_text.sh text ja ko
set -euo pipefail

# What a language has for itself: help, manuals, handbooks, messages, dictionaries.
packages_of() {
  case $1 in
    en) echo r-cran-janeaustenr libpython3.11-stdlib golang-1.19-src rust-src libstdc++-12-dev linux-libc-dev \
             perl-modules-5.36 libruby3.1 node-typescript libjs-bootstrap cmake-data manpages manpages-dev \
             debian-policy developers-reference ;;
    zh_CN) echo libreoffice-help-zh-cn manpages-zh debian-reference-zh-cn debian-faq-zh-cn ;;
    ja) echo libreoffice-help-ja libreoffice-l10n-ja manpages-ja manpages-ja-dev debian-reference-ja \
             debian-faq-ja maint-guide-ja debian-policy-ja gimp-help-ja aptitude-doc-ja debian-edu-doc-ja ;;
    ko) echo libreoffice-help-ko libreoffice-l10n-ko gimp-help-ko debian-faq-ko hunspell-ko firefox-esr-l10n-ko ;;
    zh_TW) echo libreoffice-help-zh-tw libreoffice-l10n-zh-tw debian-reference-zh-tw maint-guide-zh-tw \
                firefox-esr-l10n-zh-tw ;;
    vi) echo libreoffice-help-vi libreoffice-l10n-vi manpages-vi maint-guide-vi hunspell-vi firefox-esr-l10n-vi ;;
    de) echo libreoffice-help-de libreoffice-l10n-de manpages-de hunspell-de-de ;;
    fr) echo libreoffice-help-fr libreoffice-l10n-fr manpages-fr hunspell-fr-classical ;;
    pl) echo libreoffice-help-pl libreoffice-l10n-pl manpages-pl hunspell-pl ;;
    tr) echo libreoffice-help-tr libreoffice-l10n-tr manpages-tr hunspell-tr ;;
    ar) echo libreoffice-l10n-ar hunspell-ar firefox-esr-l10n-ar thunderbird-l10n-ar ;;
    fa) echo libreoffice-l10n-fa gimp-help-fa firefox-esr-l10n-fa ;;
    he) echo libreoffice-l10n-he hunspell-he firefox-esr-l10n-he thunderbird-l10n-he ;;
    hi) echo libreoffice-help-hi libreoffice-l10n-hi hunspell-hi firefox-esr-l10n-hi-in ;;
    bn) echo libreoffice-l10n-bn hunspell-bn firefox-esr-l10n-bn ;;
    ta) echo libreoffice-l10n-ta firefox-esr-l10n-ta ;;
    te) echo libreoffice-l10n-te hunspell-te firefox-esr-l10n-te ;;
    th) echo libreoffice-l10n-th hunspell-th firefox-esr-l10n-th thunderbird-l10n-th ;;
    lo) echo hunspell-lo ;;
    km) echo libreoffice-help-km libreoffice-l10n-km firefox-esr-l10n-km ;;
    ka) echo libreoffice-l10n-ka firefox-esr-l10n-ka thunderbird-l10n-ka ;;
    hy) echo myspell-hy firefox-esr-l10n-hy-am thunderbird-l10n-hy-am ;;
    am) echo libreoffice-l10n-am ;;
    el) echo libreoffice-help-el libreoffice-l10n-el manpages-el hunspell-el ;;
    ru) echo libreoffice-help-ru libreoffice-l10n-ru manpages-ru hunspell-ru ;;
    *) echo "fetch_training_text.sh: no packages are listed for the language $1" >&2; exit 2 ;;
  esac
}

# What has messages or chapters in most languages; of each only the languages asked for are kept.
shared="iso-codes libgtk-3-common evolution-common gnome-control-center-data gnucash-common digikam-data
  aptitude-common installation-guide-amd64 nautilus-data gedit-common"

all_languages="ja ko zh_TW vi de fr pl tr ar fa he hi bn ta te th lo km ka hy am el ru"

[ $# -ge 1 ] || { sed -n '2,9s/^# //p' "$0" >&2; exit 2; }
folder=$(realpath -m "$1")
shift
languages=${*:-$all_languages}
mkdir -p "$folder/.packages"

# Unpacks a package to a folder of its own and prints its path.
unpacked() {
  local place="$folder/.packages/$1"
  if [ ! -d "$place" ]; then
    (cd "$folder/.packages" && apt-get download -qq -o APT::Sandbox::User=root "$1") >&2
    dpkg-deb -x "$folder/.packages/$1"_*.deb "$place.part" && mv "$place.part" "$place"
    rm -f "$folder/.packages/$1"_*.deb
  fi
  echo "$place"
}

for language in $languages; do
  for package in $(packages_of "$language"); do
    from=$(unpacked "$package")
    place="$folder/$language/$package"
    [ ! -d "$place" ] || continue
    rm -rf "$place.part"
    mkdir -p "$place.part"
    if [ "$language" = en ]; then
      cp -al "$from/." "$place.part"
      mv "$place.part" "$place"
      continue
    fi
    # Documents, pages, messages, dictionaries; not what is in English in every package.
    (cd "$from" && find . -type f \( -name '*.html' -o -name '*.htm' -o -name '*.txt' -o -name '*.txt.gz' \
      -o -name '*.[1-9].gz' -o -name '*.mo' -o -name '*.dic' -o -name '*.aff' -o -name '*.xpi' \) \
      ! -name 'copyright*' ! -path '*/node_modules/*' -print0 |
      xargs -0 -r cp -l --parents -t "$place.part")
    mv "$place.part" "$place"
  done
done
for package in $shared; do
  from=$(unpacked "$package")
  for language in $languages; do
    [ "$language" != en ] || continue
    place="$folder/$language/$package"
    [ ! -d "$place" ] || continue
    rm -rf "$place.part"
    for part in "$from/usr/share/locale/$language" "$from/usr/share/doc/$package/$language"; do
      [ -d "$part" ] || continue
      mkdir -p "$place.part"
      cp -al "$part" "$place.part"
    done
    [ ! -d "$place.part" ] || mv "$place.part" "$place"
  done
done
for language in $languages; do du -sh "$folder/$language"; done
