# awk -f nearest.awk WORD NAME...: the name that the word may have been meant for, or nothing.
function least(a, b) { return a < b ? a : b }
# distance counts letters to change, add, leave out or swap with their neighbours.
function distance(a, b,    i, j, cost, d) {
    for (i = 0; i <= length(a); i++) d[i, 0] = i
    for (j = 0; j <= length(b); j++) d[0, j] = j
    for (i = 1; i <= length(a); i++)
        for (j = 1; j <= length(b); j++) {
            cost = substr(a, i, 1) != substr(b, j, 1)
            d[i, j] = least(least(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost)
            if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
                d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
        }
    return d[length(a), length(b)]
}
BEGIN {
    best = 1 + length(ARGV[1]) / 2
    if (best > 2.5) best = 2.5
    for (n = 2; n < ARGC; n++)
        if ((far = distance(toupper(ARGV[1]), ARGV[n])) < best) { best = far; name = ARGV[n] }
    if (name) print name
}
