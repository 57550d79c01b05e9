#!/bin/sh
# deps.sh - install the Debian packages of packages.txt that are missing.
#
# As root, or through sudo where that works without asking or a terminal is
# there to ask on.  Otherwise prints the one command to run and exits 69.
# Silent, quick and without network when nothing is missing.
set -u

list=$(dirname "$0")/packages.txt
if ! [ -r "$list" ]; then
	echo "deps: cannot read $list" >&2
	exit 71
fi
if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is no Debian system: no dpkg-query; the packages to look for are in $list" >&2
	exit 69
fi

wanted=$(sed 's/#.*//' "$list" | tr '\n' ' ')
# shellcheck disable=SC2086 # a list of words
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
	sed -n 's/ installed$//p' | tr '\n' ' ')
missing=
for p in $wanted; do
	case " $have " in
	*" $p "*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

command="apt-get update && apt-get install -y --no-install-recommends$missing"
as=
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null &&
	   { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		as=sudo
	else
		echo "deps: missing packages:$missing" >&2
		echo "deps: run this as root, then try again:" >&2
		echo "  $command" >&2
		exit 69
	fi
fi
echo "deps: installing$missing" >&2
# shellcheck disable=SC2086 # lists of words
if ! $as apt-get update -q >&2 ||
   ! $as env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -q --no-install-recommends $missing >&2; then
	echo "deps: could not install them; is there a network?  By hand, as root:" >&2
	echo "  $command" >&2
	echo "linux-source-6.12 comes from bookworm-security; see /etc/apt/sources.list" >&2
	exit 69
fi
