#!/bin/sh
# Compiles the locks. Add --upgrade to take newer versions than the ones locked now.
set -eu
cd "$(dirname "$0")"
export UV_PYTHON_DOWNLOADS=never
compile() { # compile IN LOCK PYTHON …: PYTHON is the oldest that the lock is for
    from=$1 to=$2 oldest=$3
    shift 3
    uv pip compile --generate-hashes --universal --python-version "$oldest" --no-header "$@" "$from" -o "$to"
}
compile requirements.in requirements.lock 3.10 "$@"
compile scale.in scale.lock 3.11 --constraints requirements.lock "$@"
compile uv.in uv.lock.txt 3.10 "$@"
