# Joins `mage -l` with the Makefile: each make name with the description of the Mage target that its recipe calls.
FILENAME == "-" || FNR == NR {
    if (match($0, /^  [a-z:A-Z]+ +/)) { name = $1; sub(/^ +[^ ]+ +/, ""); text[name] = $0 }
    next
}
/^[a-z$].*:.*;.*\$\(mage\) / {
    target = $0; sub(/.*; *@?\$\(mage\) /, "", target); sub(/ .*/, "", target)
    name = $0; sub(/:.*/, "", name)
    if (name ~ /^\$\(environments/) {
        pattern = $0; sub(/^[^)]*\): */, "", pattern); sub(/%.*/, "", pattern)
        count = split(environments, list, " ")
        for (i = 1; i <= count; i++) printf "  %-22s %s (-env=%s)\n", pattern list[i], text[target], list[i]
        next
    }
    printf "  %-22s %s\n", name, text[target]
}
/^[a-z]+:.*## / { name = $0; sub(/:.*/, "", name); what = $0; sub(/.*## /, "", what); printf "  %-22s %s\n", name, what }
