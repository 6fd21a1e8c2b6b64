#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, in a temporary folder and on a Unix socket alone;
# afterwards it is gone. Exit code 77 where PostgreSQL is not installed.
# Usage: tests/with_postgres.sh COMMAND...
# The command finds
#   FOVEA_TEST_POSTGRES  the URL of the database "postgres" for the role "fovea", which may make databases
#   FOVEA_TEST_PG_CTL    pg_ctl for that server, to stop it (stop -m immediate) and start it again
# There is also a role "locked" whose password is "right".
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }

bin=$(pg_config --bindir 2>/dev/null || true)
[ -x "$bin/initdb" ] || bin=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] && [ -x "$bin/initdb" ] || {
  echo "with_postgres.sh: no PostgreSQL server here; Debian: apt-get install postgresql-15" >&2
  exit 77
}

folder=$(mktemp -d /tmp/fovea-pg-XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then  # the server refuses to be root
  user=$(getent passwd postgres nobody | head -1 | cut -d: -f1)
  as=(runuser -u "$user" --)
  chown "$user" "$folder"
fi
chmod 755 "$folder"
pg_ctl=("${as[@]}" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -s)
trap '"${pg_ctl[@]}" stop -m immediate 2>/dev/null || true; rm -rf "$folder"' EXIT

cd "$folder"  # the server's user need not see the folder that the command is run in
"${as[@]}" "$bin/initdb" -D data -U postgres -E UTF8 --locale=C.UTF-8 -A trust --data-checksums -N >/dev/null
"${as[@]}" tee data/pg_hba.conf >/dev/null <<END
local all locked scram-sha-256
local all all trust
END
# Without fsync: what the server has handed to the kernel outlives the server, and no machine fails here.
"${as[@]}" tee -a data/postgresql.conf >/dev/null <<END
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
max_connections = 100
END
"${pg_ctl[@]}" start
# With these functions declared leakproof, the index of words is used under row-level security.
"${as[@]}" "$bin/psql" -q -h "$folder" -U postgres -d template1 <<END
CREATE ROLE fovea LOGIN CREATEDB;
CREATE ROLE locked LOGIN PASSWORD 'right';
GRANT pg_checkpoint TO fovea;
ALTER FUNCTION pg_catalog.arraycontains(anyarray, anyarray) LEAKPROOF;
END
cd - >/dev/null

export FOVEA_TEST_POSTGRES="postgresql:///postgres?host=$folder&user=fovea"
export FOVEA_TEST_PG_CTL="${pg_ctl[*]}"
"$@"
