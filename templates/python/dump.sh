#!/bin/sh
# Writes prefect-<version>.sql from the locked Prefect, in a throw-away environment.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uv venv --quiet "$work/env"
uv pip sync --quiet --python "$work/env/bin/python" --require-hashes requirements.lock
export PYTHONHASHSEED=0 # the order of foreign keys depends on it
export PREFECT_HOME="$work/home" PREFECT_PROFILES_PATH="$work/home/profiles.toml"
here=$PWD
cd "$work" # Prefect reads .env, prefect.toml and pyproject.toml of the working folder
"$work/env/bin/python" -m prefect server database upgrade -y
"$work/env/bin/python" "$here/dump.py" "$work/home/prefect.db" "$here"
