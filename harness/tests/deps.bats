# deps.bats - harness/deps.sh: who installs what is missing, and what is said when nobody can.
#
# dpkg-query, id, sudo and apt-get are played: PATH is a directory of these
# and of links to the few programs deps.sh uses.

load common

setup() {
	export BIN=$BATS_TEST_TMPDIR/bin CALLS=$BATS_TEST_TMPDIR/calls
	mkdir -p "$BIN"
	: >"$CALLS"
	for p in sh sed tr dirname env; do
		ln -s "$(command -v "$p")" "$BIN/$p"
	done
	# MISSING, words, are what this host lacks
	program dpkg-query <<-'END'
		shift 3
		for p; do
			case " $MISSING " in
			*" $p "*) echo "dpkg-query: no packages found matching $p" >&2; code=1 ;;
			*) echo "$p ${STATUS:-installed}" ;;
			esac
		done
		exit ${code:-0}
	END
	program id <<-'END'
		echo "${FAKE_ID:-0}"
	END
	program apt-get <<-'END'
		echo "apt-get $* as ${AS:-$(id -u)} DEBIAN_FRONTEND=$DEBIAN_FRONTEND" >>"$CALLS"
		[ "$1" != "$APT_FAILS" ] || { echo "E: Could not resolve 'deb.debian.org'" >&2; exit 100; }
	END
	unset MISSING STATUS FAKE_ID APT_FAILS AS DEBIAN_FRONTEND
}

program() {
	{
		echo "#!/bin/sh"
		cat
	} >"$BIN/$1"
	chmod +x "$BIN/$1"
}

# sudo that lets everybody in; $1 asks: only who has a terminal.
sudo_works() {
	program sudo <<-END
		echo "sudo \$*" >>"\$CALLS"
		if [ "\$1" = -n ]; then
			[ "$1" != asks ] || exit 1
			shift
		fi
		AS=0 "\$@"
	END
}

deps() {
	run env PATH="$BIN" harness/deps.sh </dev/null
}

calls() {
	[ "$(cat "$CALLS")" = "$1" ] || { cat "$CALLS"; return 1; }
}

@test "nothing is missing: silent, without root, sudo or network" {
	FAKE_ID=1000 deps
	exits 0
	[ -z "$output" ]
	calls ""
	# and quick, with the real dpkg-query: seconds of CPU, since the host may be busy
	TIMEFORMAT='%U %S'
	{ time harness/deps.sh >"$BATS_TEST_TMPDIR/out" 2>&1; } 2>"$BATS_TEST_TMPDIR/time"
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	awk '{ exit $1 + $2 >= 1 }' "$BATS_TEST_TMPDIR/time"
}

@test "root: names what is missing and has apt-get install just that" {
	MISSING="flex bats" deps
	exits 0
	[[ "$output" == "deps: installing "* ]]
	[ "$(tr ' ' '\n' <<<"${output#deps: installing}" | sed '/^$/d' | sort | tr '\n' ' ')" = "bats flex " ]
	words=${output#deps: installing }
	calls "apt-get update -q as 0 DEBIAN_FRONTEND=
apt-get install -y -q --no-install-recommends $words as 0 DEBIAN_FRONTEND=noninteractive"
}

@test "a package that was removed but for its configuration is missing" {
	STATUS=config-files deps
	exits 0
	says "deps: installing"
	says " flex"
}

@test "not root: sudo that does not ask is used, for both steps" {
	sudo_works
	FAKE_ID=1000 MISSING=flex deps
	exits 0
	[ "$output" = "deps: installing flex" ]
	calls "sudo -n true
sudo apt-get update -q
apt-get update -q as 0 DEBIAN_FRONTEND=
sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends flex
apt-get install -y -q --no-install-recommends flex as 0 DEBIAN_FRONTEND=noninteractive"
}

@test "not root: sudo that asks is used on a terminal only" {
	sudo_works asks
	FAKE_ID=1000 MISSING=flex deps
	exits 69
	says "  apt-get update && apt-get install -y --no-install-recommends flex"
	refute grep apt-get "$CALLS"
	export FAKE_ID=1000 MISSING=flex
	run script -qec "env PATH='$BIN' harness/deps.sh" /dev/null
	exits 0
	says "deps: installing flex"
	grep -qx 'sudo apt-get update -q' "$CALLS"
}

@test "neither root nor sudo: the one command is printed, nothing is run, exit code 69" {
	FAKE_ID=1000 MISSING="flex bats" deps
	exits 69
	[ "$(grep -c 'apt-get' <<<"$output")" -eq 1 ]
	[ "$(grep -cE '^  apt-get update && apt-get install -y --no-install-recommends (flex bats|bats flex)$' <<<"$output")" -eq 1 ]
	calls ""
	# the same when there is a sudo that refuses
	program sudo <<-'END'
		echo "sudo: a password is required" >&2
		exit 1
	END
	FAKE_ID=1000 MISSING=flex deps
	exits 69
	says "  apt-get update && apt-get install -y --no-install-recommends flex"
	refute grep -F "a password is required" <<<"$output"
	calls ""
}

@test "make stops where deps stops, and names its exit code" {
	FAKE_ID=1000 MISSING=flex run env PATH="$BIN:$PATH" make -s deps </dev/null
	[ "$status" -ne 0 ]
	says "  apt-get update && apt-get install -y --no-install-recommends flex"
	says "Error 69"
}

@test "no network, in either step: apt-get's own error, then what to do, exit code 69" {
	for step in update install; do
		APT_FAILS=$step MISSING=flex deps
		exits 69
		says "E: Could not resolve 'deb.debian.org'"
		says "could not install them; is there a network?"
		says "  apt-get update && apt-get install -y --no-install-recommends flex"
	done
	# an update that failed is not gone on from
	: >"$CALLS"
	APT_FAILS=update MISSING=flex deps
	refute grep install "$CALLS"
}

@test "no Debian, no list: said, each with its exit code" {
	rm "$BIN/dpkg-query"
	deps
	exits 69
	says "no dpkg-query"
	says "harness/packages.txt"
	cp harness/deps.sh "$BATS_TEST_TMPDIR/deps.sh"
	run env PATH="$BIN" "$BATS_TEST_TMPDIR/deps.sh"
	exits 71
	says "cannot read $BATS_TEST_TMPDIR/packages.txt"
}

@test "every package of the list is one of Debian's" {
	for p in $(sed 's/#.*//' harness/packages.txt); do
		dpkg-query -W "$p" >/dev/null || { echo "$p"; return 1; }
	done
}
