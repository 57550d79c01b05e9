#!/usr/bin/env bash
# source.sh - fetches and unpacks the source of a Debian package, at the version that is asked for.
#
# usage: source.sh PACKAGE VERSION DIR
#
# The machine's own sources are used, as deb-src, with an index of our own: it
# need not have any deb-src line, and nothing of the machine is changed.
# DIR is made anew.  apt checks what it fetches against the archive's signature.
#
# Exit code: 0 it is there, 69 it cannot be fetched.
set -u
package=$1 version=$2 dir=$3
apt=$(mktemp -d "$PWD/apt-XXXXXX") || exit 69
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial" || exit 69

for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -r "$f" ] && sed -n 's/^deb[[:space:]]/deb-src /p' "$f" >"$apt/parts/$(basename "$f" .list).list"
done
for f in /etc/apt/sources.list.d/*.sources; do
	[ -r "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" >"$apt/parts/$(basename "$f")"
done

options=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/parts"
	-o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=$(id -un)")
# an archive without sources is no failure as long as the package is found
apt-get "${options[@]}" update || :
cd "$apt" || exit 69
if ! apt-get "${options[@]}" source --download-only --only-source "$package=$version"; then
	echo "source: $package $version cannot be fetched; is there a network, and is it the archive's present version?" >&2
	exit 69
fi
rm -rf "${dir:?}"
cd "$OLDPWD" || exit 69
dpkg-source --no-check -x "$apt/${package}_${version#*:}.dsc" "$dir" || exit 69
