# Reads the profiles of the tests and of the commands that they ran, and prints a line for each package: its share with both, with the tests alone, its name.
function share(reached, of) { return sprintf("%6.1f %%", 100 * reached / of) }
/^mode:/ { profile++; next }
!/^github.com\/flowmage\// { next } # what Mage writes to call the targets
{
    block = $1
    package = block
    sub(/\/[^\/]*$/, "", package)
    sub(/^github.com\/flowmage\/flowmage\//, "", package)
    of[block] = package
    statements[block] = $2
    if ($3 > 0) {
        reached[block] = 1
        if (profile == 1) alone[block] = 1
    }
}
END {
    for (block in of)
        for (i = 1; i <= 2; i++) {
            name = i == 1 ? of[block] : "all packages"
            all[name] += statements[block]
            if (block in reached) both[name] += statements[block]
            if (block in alone) tests[name] += statements[block]
        }
    # The first word is only for sort: the sum comes last.
    for (name in all) print (name == "all packages" ? 101 : 100 * both[name] / all[name]), share(both[name], all[name]) " with whole commands, " share(tests[name], all[name]) " without  " name
}
