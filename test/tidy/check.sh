#!/usr/bin/env bash
# Style as a test: layers, banned words, sizes, READMEs. Arguments: check name; run from anywhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

sources() { git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | sort -u; }

check_layers() {
    sources | xargs grep -nE '^#include "(ledger|consensus|node|gateway|tools|proto|test|remit|google)/' |
    awk -v table=test/tidy/layers.txt '
        BEGIN {
            while ((getline line < table) > 0) {
                if (line ~ /^#/ || line == "") continue
                split(line, part, ":"); folder[part[1]] = part[2]
            }
        }
        function owner(path,   best, f) {
            best = ""
            for (f in folder) if (index(path, f "/") == 1 && length(f) > length(best)) best = f
            return best
        }
        {
            split($0, field, ":"); file = field[1]
            match($0, /"[^"]+"/); target = substr($0, RSTART + 1, RLENGTH - 2)
            if (target ~ /^(remit|google)\//) target = "proto/" target
            from = owner(file)
            if (from == "" || index(target, from "/") == 1 && owner(target) == from) next
            if (owner(target) == from) next
            count = split(folder[from], allowed, " "); good = 0
            for (i = 1; i <= count; i++) {
                a = allowed[i]
                if (target == a || index(target, a "/") == 1) good = 1
            }
            if (!good) { print file ":" field[2] ": " from " must not include " target; bad = 1 }
        }
        END { exit bad }'
}

# Source without // and /* */ comments, same number of lines, as file:line:text.
stripped() {
    awk -v name="$1" '
        { line = $0
          if (inside) { p = index(line, "*/"); if (!p) { next } line = substr(line, p + 2); inside = 0 }
          while ((p = index(line, "/*")) > 0) {
              q = index(substr(line, p), "*/")
              if (q) line = substr(line, 1, p - 1) substr(line, p + q + 1); else { line = substr(line, 1, p - 1); inside = 1 }
          }
          sub(/\/\/.*/, "", line)
          print name ":" FNR ":" line }' "$1"
}

check_banned() {
    local bad=0 all
    all=$(mktemp)
    sources | while read -r file; do stripped "$file"; done >"$all"
    while IFS=$'\t' read -r folder pattern why; do
        case "$folder" in ''|\#*) continue ;; esac
        [ "$folder" = . ] && prefix='^(ledger|consensus|node|gateway|tools)/' || prefix="^$folder/"
        if grep -E "$prefix" "$all" | grep -E ":[0-9]+:.*$pattern"; then
            echo "  banned in $folder: $why" >&2
            bad=1
        fi
    done <test/tidy/banned.txt
    rm -f "$all"
    return $bad
}

check_sizes() {
    sources | xargs awk '
        FNR == 1 { if (last > 600) { print name ": " last " lines, the hard stop is 600"; bad = 1 } name = FILENAME }
        length($0) > 110 { print FILENAME ":" FNR ": line of " length($0) " characters"; bad = 1 }
        { last = FNR }
        END { if (last > 600) { print name ": " last " lines"; bad = 1 } exit bad }'
}

check_names() {
    local bad=0
    if sources | grep -vE '^[a-z0-9_/]+\.(h|cpp)$'; then
        echo "  file names are snake_case" >&2
        bad=1
    fi
    # One verb, one file: each alternative of the operation variant has its rule.
    for verb in $(sed -n '/oneof verb/,/}/p' proto/remit/v1/operation.proto |
                  sed -nE 's/^ +[A-Za-z]+ ([a-z_]+) = .*/\1/p'); do
        for file in "ledger/rules/$verb.h" "ledger/rules/$verb.cpp"; do
            [ -f "$file" ] || { echo "$file is missing for verb $verb"; bad=1; }
        done
    done
    return $bad
}

# The first line that is neither empty nor a // comment.
first_code() { awk '!/^[[:space:]]*(\/\/.*)?$/ { print; exit }' "$1"; }

check_headers() {
    local bad=0 file source
    while read -r file; do
        if [ "$(head -n 1 "$file")" != "#pragma once" ]; then
            echo "$file:1: a header starts with #pragma once"
            bad=1
        fi
        if grep -nE '^#include "ledger/base/check.h"' "$file"; then
            echo "$file: check.h belongs in .cpp files only"
            bad=1
        fi
        # A header's own .cpp proves that it compiles alone: nothing may come before it.
        source=${file%.h}.cpp
        [ -f "$source" ] || continue
        if [ "$(first_code "$source")" != "#include \"$file\"" ]; then
            echo "$source: its first line of code must be #include \"$file\""
            bad=1
        fi
    done < <(sources | grep '\.h$')
    return $bad
}

check_docs() {
    local bad=0 file link target
    while read -r file; do
        while read -r link; do
            target=${link%%#*}
            case "$target" in ''|http*|mailto*) continue ;; esac
            [ -e "$(dirname "$file")/$target" ] || { echo "$file: link to nothing: $link"; bad=1; }
        done < <(grep -oE '\]\([^)]+\)' "$file" | sed 's/^](//; s/)$//')
    done < <(git ls-files --cached --others --exclude-standard -- '*.md')
    return $bad
}

check_format() {
    if ! command -v clang-format-19 >/dev/null; then
        echo "skipped: clang-format-19 is not installed (apt-get install clang-format-19)"
        return 77
    fi
    sources | xargs clang-format-19 --dry-run --Werror
}

# Every test that docs/spec/pitfalls.md names is there.
check_pitfalls() {
    local bad=0 names cases faults
    names=$({ grep -hE '^\|' docs/spec/pitfalls.md docs/operate/debian.md | grep -oE '"[^"]+"'
              # Of ADRs, what looks like a test: "what: that it does".
              cat docs/adr/*.md docs/operate/debian.md | tr '\n' ' ' | tr -s ' ' |
                  grep -oE '"[a-z][a-z0-9/ -]*: [a-zA-Z][^":|`]{12,140}"'; } | sort -u)
    cases=$(sources | grep '_test\.cpp$' | xargs cat | tr '\n' ' ' |
            grep -oE 'TEST_CASE\( *"[^"]+"' | grep -oE '"[^"]+"' | sort -u)
    [ "$(printf '%s\n' "$names" | wc -l)" -ge 40 ] || { echo "pitfalls.md names too few tests"; bad=1; }
    if comm -23 <(printf '%s\n' "$names") <(printf '%s\n' "$cases") | grep .; then
        echo "  no test of this name, but docs/spec/pitfalls.md, docs/operate/debian.md or an ADR counts on it" >&2
        bad=1
    fi
    faults=$(grep -hE '^\|' docs/operate/debian.md | grep -oE 'faults (`[a-z_]+`(, )?)+' | grep -oE '`[a-z_]+`' | tr -d '`' | sort -u)
    [ -n "$faults" ] || { echo "docs/operate/debian.md names no fault"; bad=1; }
    for name in $faults; do
        grep -q "\"$name\"" test/faults/*.cpp || { echo "$name: no fault of this name"; bad=1; }
    done
    for name in $(grep -hE '^\|' docs/spec/pitfalls.md docs/operate/debian.md | grep -oE '`(sim|tidy|spec)\.[a-z_]+`' | tr -d '`' | sort -u); do
        grep -qE "NAME $name( |\$)" test/CMakeLists.txt test/sim/CMakeLists.txt test/tidy/CMakeLists.txt ||
            { case "$name" in
                  tidy.*) grep -qE "foreach\(check .*\b${name#tidy.}\b" test/tidy/CMakeLists.txt ;;
                  *) false ;;
              esac; } || { echo "$name: no ctest of this name"; bad=1; }
    done
    return $bad
}

# Each rule of consensus.md 3.4 and 3.6 has its place in a model, in the code and in the simulator.
check_rules() {
    local bad=0 rule folder
    for rule in S1 S2 S3 S4 N1 N2 N3 N4 N5 N6 N7 Take Offer Keep 'Once only'; do
        grep -qwE "$rule" docs/spec/*.pml || { echo "$rule: in no model of docs/spec"; bad=1; }
        case "$rule" in Take|Offer|Keep) rule+=" rule" ;; esac
        for folder in consensus test/sim; do
            grep -rqw --include='*.cpp' --include='*.h' "$rule" "$folder" ||
                { echo "$rule: not said at the check of it in $folder"; bad=1; }
        done
    done
    return $bad
}

"check_$1"
