#!/bin/sh
# Records eur-rates.json anew from npm, one published version a day, byte for byte as published.
# Usage: sh record-rates.sh 2026.9.20 2026.9.21 ... > eur-rates.json     (needs npm and tar)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat <<'HEAD'
{
"source": "https://www.npmjs.com/package/@fawazahmed0/currency-api, file v1/currencies/eur.min.json of each day's version",
"licence": "CC0-1.0",
"days": [
HEAD
separator=''
for version in "$@"; do
  tarball=$(npm pack --silent --pack-destination "$folder" "@fawazahmed0/currency-api@$version")
  tar -xzOf "$folder/$tarball" package/v1/currencies/eur.min.json > "$folder/day.json"
  printf '%s%s' "$separator" "$(cat "$folder/day.json")"
  separator=',
'
done
printf '\n]\n}\n'
