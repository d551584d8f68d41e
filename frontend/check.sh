#!/bin/sh
# Rebuilds the browser bundles elsewhere and compares them with the committed ones, byte for byte.
set -eu
cd "$(dirname "$0")"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error
built="$(mktemp -d)"
trap 'rm -rf "$built"' EXIT
PROPFLOW_STATIC="$built/static" npm run --silent build
if ! diff -rq "$built/static" ../webui/static; then
  echo "webui/static is not what frontend/ builds: run make frontend and commit the result" >&2
  exit 1
fi
