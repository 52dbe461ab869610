#!/bin/sh
# Compiles requirements.lock and uv.lock.txt. Add --upgrade to take newer versions than the ones locked now.
set -eu
cd "$(dirname "$0")"
export UV_PYTHON_DOWNLOADS=never
for pair in requirements.in:requirements.lock uv.in:uv.lock.txt; do
    uv pip compile --generate-hashes --universal --python-version 3.10 --no-header "$@" "${pair%%:*}" -o "${pair##*:}"
done
