#!/usr/bin/env bash
# Writes verdicts.tsv anew: regenerate.sh VERSION=COMMAND ... such as 3.13=python3.13, or 3.14="node verdicts.mjs"
# with npm's pyodide.
# A form whose verdicts are those of the plain one is left out; one line and one column on, for the indented form.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header=$'snippet\tform\tsum'
for pair; do
    header+=$'\t'${pair%%=*}
    command=${pair#*=}
    case $command in
        node*) $command "$PWD/sources.txt" ;;
        *) $command verdicts.py sources.txt ;;
    esac >"$work/one"
    if [ -f "$work/all" ]; then
        cut -f4 "$work/one" | paste "$work/all" - >"$work/next"
        mv "$work/next" "$work/all"
    else
        mv "$work/one" "$work/all"
    fi
done
{
    echo "$header"
    awk -F'\t' '
        { verdicts = ""; for (i = 4; i <= NF; i++) {
            v = $i
            if ($2 == "tab" && v != "ok") { split(v, p, ":"); v = (p[1] - 1) ":" (p[2] - 1) }
            verdicts = verdicts "\t" v } }
        $2 == "lf" { plain = verdicts }
        $2 == "lf" || verdicts != plain { print }' "$work/all"
} >verdicts.tsv
