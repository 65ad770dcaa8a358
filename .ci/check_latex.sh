#!/usr/bin/env bash
# Compiles one document with pdflatex: no error, no missing character, no box more than 20 pt too wide.
#
#   check_latex.sh DOCUMENT FOLDER
set -euo pipefail
document=$1
folder=$2
name=$(basename "$document" | tr '.' '-')
mkdir -p "$folder"
cp "$document" "$folder/$name.tex"
cd "$folder"
for pass in 1 2; do
    pdflatex -interaction=nonstopmode -halt-on-error "$name.tex" > "$name.out" 2>&1 < /dev/null || {
        echo "$document does not compile:"
        grep -A 6 '^!' "$name.log" || tail -20 "$name.out"
        exit 1
    }
done
if grep -q 'Missing character' "$name.log"; then
    echo "$document: $(grep -m 5 'Missing character' "$name.log")"
    exit 1
fi
wide=$(awk '/^Overfull \\hbox \(/ { width = $3; gsub(/[^0-9.]/, "", width); if (width > 20) print }' "$name.log")
if [ -n "$wide" ]; then
    echo "$document: boxes that are more than 20 pt too wide:"
    echo "$wide"
    exit 1
fi
pages=$(grep -oE 'Output written on .*\(([0-9]+) page' "$name.log" | grep -oE '[0-9]+ page' || echo "0 page")
echo "$document: $pages(s)"
