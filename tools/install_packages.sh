#!/usr/bin/env bash
# Installs the Debian packages that the given lists name and that are not there yet.
# Usage: tools/install_packages.sh LIST...
set -euo pipefail

if ! command -v dpkg-query >/dev/null; then
  echo "Not a Debian system: please install by hand what $* name." >&2
  exit 0
fi

wanted=$(sed 's/#.*//' "$@" | tr -s ' \n' '\n' | sed '/^$/d' | sort -u)
# Installed packages only: a removed one may have left its configuration behind.
present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
missing=$(comm -23 <(echo "$wanted") <(echo "$present"))
[ -z "$missing" ] && exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "Missing packages, and neither root nor sudo to install them:" $missing >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing:" $missing
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends $missing
