#!/bin/sh
# check_labels.sh - proves that the images of all word sizes have the same snippet labels at the same addresses.
# usage: check_labels.sh IMAGE...; exit 1 and the names when two differ, 2 on bad usage.
set -eu
if [ $# -lt 2 ]; then
	echo "check_labels.sh: expected two or more interpreter images" >&2
	exit 2
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
first=$1
objcopy -O binary --only-section=sniplab "$first" "$dir/first"
if [ ! -s "$dir/first" ]; then
	echo "check_labels.sh: $first: no section sniplab" >&2
	exit 1
fi
for image; do
	objcopy -O binary --only-section=sniplab "$image" "$dir/other"
	if ! cmp -s "$dir/first" "$dir/other"; then
		echo "check_labels.sh: $first and $image: their snippet labels differ" >&2
		exit 1
	fi
done
