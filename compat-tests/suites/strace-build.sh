#!/usr/bin/env bash
# strace-build.sh - builds the test suite of Debian's strace from its source package, for three word sizes.
#
# usage: strace-build.sh DIR
#
# DIR gets strace-64.tar, strace-32.tar and strace-x32.tar, each with src/
# (strace and what its tests look into) and tests/ (test scripts, programs and
# `list', the names of all tests).  Everything else in DIR is scratch.
#
# Exit code: 0 built, 69 the source package cannot be fetched, 1 it does not build.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"

version=$(dpkg-query -W -f '${source:Version}' strace)
"$here/source.sh" strace "$version" source
cd source

# A kernel without x32 cannot run the program that configure asks whether there
# is an x32 to run programs on; the guests' kernels have it.
# -w: warnings about the source of others are of no use here.
st_cv_mx32_runtime=yes ./configure --quiet --enable-mpers=check --disable-gcc-Werror CFLAGS='-O1 -w'
make -s -j"$(nproc)"
# no test is run, but what they need is built
make -s -j"$(nproc)" check TESTS=

pack() {
	local from=$1 to=$2

	rm -rf pack
	mkdir -p pack/src pack/tests
	cp src/strace src/config.h src/strace-log-merge pack/src
	find "$from" -maxdepth 1 -type f ! -name '*.[cho]' ! -name '*.trs' ! -name '*.log' ! -name 'Makefile*' \
		-exec cp -p {} pack/tests ';'
	# programs of a word size that cannot be built are not there: better nothing than half of it
	[ "$(find pack/tests -type f -name getpid -perm -100 | wc -l)" -eq 1 ] || {
		echo "strace-build: $from has no programs" >&2
		exit 1
	}
	find pack/src/strace pack/tests -type f -perm -100 ! -name '*.test' ! -name '*.sh' -exec strip {} + 2>/dev/null || :
	(cd pack/tests && ls -- *.test) | sed 's/\.test$//' >pack/tests/list
	tar -C pack -cf "../$to.tmp" .
	mv "../$to.tmp" "../$to"
}
pack tests strace-64.tar
pack tests-m32 strace-32.tar
pack tests-mx32 strace-x32.tar
cd ..
rm -rf source
