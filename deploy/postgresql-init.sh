#!/bin/sh
# Makes the role and the database of Fovea on a new PostgreSQL server, as its superuser. Where it is
# not a container's: POSTGRES_USER=postgres FOVEA_DB_PASSWORD=... deploy/postgresql-init.sh
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --quiet -v ON_ERROR_STOP=1 \
  -v password="$FOVEA_DB_PASSWORD" <<'END'
-- No superuser, or row-level security would not hold it.
CREATE ROLE fovea LOGIN PASSWORD :'password';
-- For `memctl clean`.
GRANT pg_checkpoint TO fovea;
CREATE DATABASE memory OWNER fovea;
\connect memory
-- So that the index of words is used under row-level security: see doc/postgresql.md.
ALTER FUNCTION pg_catalog.arraycontains(anyarray, anyarray) LEAKPROOF;
END
