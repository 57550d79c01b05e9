# builds.bats - builds of kernels that meet another package, a full disk, Ctrl-C; the kernel and its make are played.
#
# The store is one of the test's own.  dpkg-query, tar and make stand in
# $BIN: a package version of the test's choice, a source of one file, a make
# whose bzImage is that file and which fails as told by $FAKE_MAKE.

load common

setup() {
	export SRC=$PWD PTBED=$PWD/build/ptbed
	export PTBED_TOP=$BATS_TEST_TMPDIR/top XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	export BIN=$BATS_TEST_TMPDIR/bin STATE=$BATS_TEST_TMPDIR/state
	export PATH=$BIN:$PATH STORE=$XDG_CACHE_HOME/ptrace-testbed VERSION=6.12.1-1
	unset FAKE_MAKE FAKE_TAR
	mkdir -p "$BIN" "$STATE"
	checkout "$PTBED_TOP"
	cd "$PTBED_TOP"
	series
	cp "$(command -v sleep)" "$BIN/compiler"
	program dpkg-query <<-'END'
		#!/bin/sh
		echo "installed $VERSION"
	END
	# Lines before and in do_exit() differ from version to version as told.
	program tar <<-'END'
		#!/bin/sh
		# tar -C DIR -xf ARCHIVE
		mkdir -p "$2/linux-source-6.12/kernel"
		if [ "$FAKE_TAR" = hang ]; then
			echo >"$STATE/hangs"
			exec "$BIN/compiler" 1000
		fi
		cd "$2/linux-source-6.12/kernel" || exit
		{
			echo "/* $VERSION */"
			case $VERSION in 6.12.2*) echo "int moved;" ;; esac
			echo "void do_exit(void)"
			echo "{"
			case $VERSION in 6.12.3*) echo "	new_in_3();" ;; *) echo "	exit_mm();" ;; esac
			echo "	exit_files();"
			echo "}"
		} >exit.c
	END
	program make <<-'END'
		#!/bin/sh
		for word; do
			case $word in KCONFIG_ALLCONFIG=*)
				cp "${word#*=}" .config
				exit ;;
			esac
		done
		fill() {
			n=0
			while true >"fill.$n"; do
				n=$((n + 1))
			done
		}
		echo "  CC kernel/exit.o"
		[ -e kernel/exit.o ] || echo compiled >>"$STATE/compiled"
		echo >kernel/exit.o
		case $FAKE_MAKE in
		full)
			fill
			exit 2 ;;
		fail)
			exit 2 ;;
		stubborn)
			trap '' TERM INT ;;
		esac
		case $FAKE_MAKE in
		hang | stubborn)
			echo >"$STATE/hangs"
			"$BIN/compiler" 1000 &
			"$BIN/compiler" 1001
			exit 2 ;;
		esac
		mkdir -p arch/x86/boot include/config
		cp kernel/exit.c arch/x86/boot/bzImage
		echo "Linux version $VERSION" >vmlinux
		echo >System.map
		: >modules.order
		echo "$VERSION" >include/config/kernel.release
		if [ "$FAKE_MAKE" = late ]; then
			fill
			rm fill.0 fill.1 fill.2 fill.3
		fi
		exit 0
	END
}

program() {
	cat >"$BIN/$1"
	chmod +x "$BIN/$1"
}

# A series of one patch, made for 6.12.1-1.
series() {
	ln -sfn "$SRC/vm-images" vm-images
	mkdir -p kernel-patches/6.12
	echo 0001-hook.patch >kernel-patches/6.12/series
	echo 6.12.1-1 >kernel-patches/6.12/VERSION
	cat >kernel-patches/6.12/0001-hook.patch <<-'END'
		From: A Tester <tester@example.org>
		Subject: [PATCH] exit: call a hook

		---
		diff --git a/kernel/exit.c b/kernel/exit.c
		--- a/kernel/exit.c
		+++ b/kernel/exit.c
		@@ -2,5 +2,6 @@
		 void do_exit(void)
		 {
		 	exit_mm();
		+	hook();
		 	exit_files();
		 }
	END
}

# The store's entries, and the key one kernel of the checkout has there.
entries() {
	(cd "$STORE/kernels" 2>/dev/null && ls | grep -E '^[0-9a-f]{64}$' || true)
}

key() {
	basename "$(dirname "$(readlink "build/kernels/$1/bzImage")")"
}

# What a build makes is no kernel before it is whole: no entry, and no link in the checkout.
nothing_counts() {
	[ -z "$(entries)" ] || { entries; return 1; }
	refute test -e build/kernels/stock/bzImage
}

# Start a build and end it with signal $1 once it works.
end_build() {
	local pid status=0
	"$PTBED" kernels stock >out 2>&1 3>&- &
	pid=$!
	for i in $(seq 200); do
		[ -e "$STATE/hangs" ] && break
		sleep 0.05
	done
	[ -e "$STATE/hangs" ]
	pgrep -f "$BIN/compiler" >/dev/null
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	echo "$status" >"$STATE/status"
}

nothing_runs() {
	refute pgrep -af "$BIN"
	refute pgrep -af "$STORE"
}

@test "another version of the package: the series is applied again, the kernels have another key" {
	run "$PTBED" kernels
	exits 0
	says "unpacking linux-source-6.12 6.12.1-1"
	grep -q 'hook();' build/kernels/utrace/bzImage
	refute grep 'hook();' build/kernels/stock/bzImage
	stock=$(key stock) utrace=$(key utrace)

	VERSION=6.12.2-1 run "$PTBED" kernels
	exits 0
	says "unpacking linux-source-6.12 6.12.2-1"
	says "building kernel utrace from linux-source-6.12 6.12.2-1"
	# the hunk has moved by a line
	grep -q 'int moved;' build/kernels/utrace/bzImage
	grep -q 'hook();' build/kernels/utrace/bzImage
	grep -q '6.12.2-1' build/kernels/stock/bzImage
	[ "$(key stock)" != "$stock" ]
	[ "$(key utrace)" != "$utrace" ]
	[ "$(entries | wc -l)" -eq 4 ]

	# back again: nothing is built
	rm "$STATE/compiled"
	run "$PTBED" kernels
	exits 0
	refute grep building <<<"$output"
	[ "$(key stock)" = "$stock" ]
	[ "$(key utrace)" = "$utrace" ]
	refute test -e "$STATE/compiled"
}

@test "another version whose lines changed: exit code 66, patch, file, hunk, both versions; stock is built" {
	VERSION=6.12.3-1 run "$PTBED" kernels
	exits 66
	says "0001-hook.patch: kernel/exit.c: hunk #1 does not apply"
	says "was made for linux-source-6.12 6.12.1-1, installed is 6.12.3-1"
	[ "$(entries)" = "$(key stock)" ]
	refute test -e build/kernels/utrace
	# make compat ends there too, before a guest is started
	VERSION=6.12.3-1 run "$PTBED" compat --no-baseline
	exits 66
	says "0001-hook.patch: kernel/exit.c: hunk #1 does not apply"
	refute test -e traces/latest
}

@test "the package is not installed: exit code 69" {
	program dpkg-query <<-'END'
		#!/bin/sh
		echo "dpkg-query: no packages found" >&2
		exit 1
	END
	run "$PTBED" kernels
	exits 69
	says "package linux-source-6.12 is not installed; run: make deps"
}

# A disk of its own for the store, small in $1 (options of tmpfs), for the commands on stdin.
disk() {
	unshare -rm true 2>/dev/null || skip "no user namespaces here"
	mkdir -p "$STORE"
	cat >"$STATE/script"
	run unshare -rm bash -c 'mount -t tmpfs -o "$1" none "$STORE" || exit 99; . "$STATE/script"' - "$1"
	[ "$status" -ne 99 ] || skip "cannot mount a tmpfs here"
}

@test "a disk too small for the source: exit code 71 says what is needed and what is free" {
	disk size=64m <<-'END'
		"$PTBED" kernels stock
	END
	exits 71
	says "disk full: the unpacked kernel source needs some 4000 MiB, $STORE has 64 MiB free"
}

# A build on a disk that a make of kind $1 fills, and another with room again; then what is in $2.
full_then_room() {
	export FILLS=$1 LISTED=$2
	disk size=8g,nr_inodes=400 <<-'END'
		FAKE_MAKE=$FILLS "$PTBED" kernels stock
		echo "exit code $?"
		ls "$STORE/kernels"
		ls build/kernels
		rm "$STORE"/build/stock/fill.*
		"$PTBED" kernels stock
		echo "exit code $?"
		ls -A "$LISTED"
	END
	exits 0
}

@test "a disk full in mid-build: exit code 71, nothing counts as built; with room again the build goes on" {
	full_then_room full build/kernels
	says "disk full while building kernel stock: $STORE/build/stock.log"
	[ "$(grep '^exit code' <<<"$output" | tr '\n' ' ')" = "exit code 71 exit code 0 " ]
	# one entry, one link: the second build's
	[ "$(grep -cE '^stock$' <<<"$output")" -eq 1 ]
	refute grep -E '^[0-9a-f]{64}$' <<<"$output"
	[ "$(wc -l <"$STATE/compiled")" -eq 1 ]
}

@test "a disk full when the kernel is taken into the store: the same" {
	full_then_room late "$STORE/kernels"
	says "No space left on device"
	[ "$(grep '^exit code' <<<"$output" | tr '\n' ' ')" = "exit code 71 exit code 0 " ]
	# whole after the second, and nothing of the first is left
	[ "$(grep -cE '^[0-9a-f]{64}$' <<<"$output")" -eq 1 ]
	refute grep -E '^\.tmp' <<<"$output"
}

@test "Ctrl-C in mid-build: exit code 130, nothing runs on, the next run goes on where it was" {
	FAKE_MAKE=hang end_build INT
	[ "$(cat "$STATE/status")" -eq 130 ]
	nothing_runs
	nothing_counts
	run "$PTBED" kernels stock
	exits 0
	grep -q 6.12.1-1 build/kernels/stock/bzImage
	# what was compiled before is not compiled again
	[ "$(wc -l <"$STATE/compiled")" -eq 1 ]
}

@test "Ctrl-C in mid-build of a make that does not listen: it is killed" {
	FAKE_MAKE=stubborn end_build INT
	[ "$(cat "$STATE/status")" -eq 130 ]
	nothing_runs
	nothing_counts
}

@test "Ctrl-C while the source is unpacked: half a source is no source" {
	FAKE_TAR=hang end_build INT
	[ "$(cat "$STATE/status")" -eq 130 ]
	nothing_runs
	[ -z "$(ls -A "$STORE/src")" ]
	run "$PTBED" kernels stock
	exits 0
	says "unpacking linux-source-6.12 6.12.1-1"
	grep -q 'exit_mm' build/kernels/stock/bzImage
}

@test "Ctrl-C in make compat while a kernel is built: exit code 130, no run is left" {
	"$PTBED" kernels stock
	FAKE_MAKE=hang "$PTBED" compat --no-baseline >out 2>&1 3>&- &
	for i in $(seq 200); do
		[ -e "$STATE/hangs" ] && break
		sleep 0.05
	done
	kill -INT $!
	wait $! || status=$?
	output=$(cat out)
	exits 130
	says "building kernel utrace"
	nothing_runs
	[ "$(entries | wc -l)" -eq 1 ]
	refute test -e traces/latest
}

@test "two builds at once: the second waits, says so, and finds the kernel built" {
	FAKE_MAKE=hang "$PTBED" kernels stock >out 2>&1 3>&- &
	for i in $(seq 200); do
		[ -e "$STATE/hangs" ] && break
		sleep 0.05
	done
	"$PTBED" kernels stock >second 2>&1 3>&- &
	for i in $(seq 200); do
		[ -s second ] && break
		sleep 0.05
	done
	grep -q "another run holds the store's kernels, waiting for it" second
	[ "$(wc -l <"$STATE/compiled")" -eq 1 ]
	kill -INT %1
	wait %1 || true
	wait %2
	grep -q "stock .* built" second
	nothing_runs
}

# A second patch, which only brings a file; $1 is what is in it.
second_patch() {
	echo 0002-file.patch >>kernel-patches/6.12/series
	cat >kernel-patches/6.12/0002-file.patch <<-'END'
		From: A Tester <tester@example.org>
		Subject: [PATCH] utrace: bring a file

		---
		new-file: kernel/utrace/Kconfig
	END
	mkdir -p kernel-patches/6.12/files/kernel/utrace
	echo "$1" >kernel-patches/6.12/files/kernel/utrace/Kconfig
}

# The gate with a QEMU that is played, and a baseline of what that says.
gate_works() {
	cd "$SRC"
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR make_fakes
	cd "$PTBED_TOP"
	export PTBED_ACCEL=tcg PTBED_QEMU=$FAKES/fake-qemu PTBED_SILENCE=2
	"$PTBED" compat --stock="$FAKES/stock.bz" --utrace="$FAKES/utrace.bz" --repeats=1,4 --seed=2 || true
	"$PTBED" baseline --update
}

@test "check-series: each step is built, gated and logged once; the same image passes once" {
	gate_works
	second_patch 'config OTHER'
	run "$PTBED" check-series --utrace=n
	exits 0
	says "step  1 n  SAME 0001-hook.patch"
	says "step  2 n  SAME 0002-file.patch, the image of 1-n"
	says "2 of 2 patches, 2 kernels, 0 bad"
	[ "$(grep -vc '^#' traces/soak/series.log)" -eq 2 ]

	cp traces/soak/series.log log
	run "$PTBED" check-series --utrace=n
	exits 0
	says "step  1 n  in the log"
	says "step  2 n  in the log"
	cmp log traces/soak/series.log

	# a change of a step's file concerns that step and what follows
	echo 'config OTHERWISE' >kernel-patches/6.12/files/kernel/utrace/Kconfig
	run "$PTBED" check-series --utrace=n
	exits 0
	says "step  1 n  in the log"
	says "step  2 n  SAME 0002-file.patch"

	# a change of a scenario or of the guest concerns every step, whatever its image
	sed -i 's/cont P SIGKILL/cont P SIGTERM/' compat-tests/scenarios/t/stop.scn
	run "$PTBED" check-series --utrace=n
	exits 0
	says "step  1 n  SAME 0001-hook.patch"
	[ "${lines[-3]}" = "step  1 n  SAME 0001-hook.patch" ]
	says "step  2 n  SAME 0002-file.patch, the image of 1-n"
	rm build/guest
	cp -r "$SRC/build/guest" build/guest
	echo >>build/guest/interp32
	run "$PTBED" check-series --utrace=n
	exits 0
	[ "${lines[-3]}" = "step  1 n  SAME 0001-hook.patch" ]
	run "$PTBED" check-series --utrace=n
	exits 0
	says "step  2 n  in the log"
}

@test "check-series: no CONFIG_UTRACE after the last patch: exit code 6" {
	second_patch 'config OTHER'
	run "$PTBED" check-series --no-gate
	exits 6
	says "step  1 y  there is no CONFIG_UTRACE yet"
	says "there is no CONFIG_UTRACE after the last patch"
	run "$PTBED" check-series --no-gate --to=1
	exits 0
}

@test "check-series: with CONFIG_UTRACE in the tree, it is built on, too" {
	second_patch 'config UTRACE'
	run "$PTBED" check-series --no-gate
	exits 0
	says "step  1 y  there is no CONFIG_UTRACE yet"
	grep -E '^step  2 y  built' <<<"$output"
	says "3 kernels, 0 bad; built only"
	grep -x CONFIG_UTRACE=y "$STORE/build/series-y/.config"
	refute grep CONFIG_UTRACE "$STORE/build/series-n/.config"
	refute test -e traces/soak/series.log
	run "$PTBED" check-series --no-gate --from=2 --utrace=y
	exits 0
	says "1 of 2 patches, 1 kernels, 0 bad"
}

@test "check-series: a step that does not build: exit code 67, in the log; one that differs: exit code 1" {
	gate_works
	"$PTBED" kernels stock
	FAKE_MAKE=fail run "$PTBED" check-series --utrace=n
	exits 67
	says "step 1, CONFIG_UTRACE=n: 0001-hook.patch does not build"
	says "1 kernels, 1 bad"
	grep -E $'\tnot built\t' traces/soak/series.log
	# what failed is tried again
	FAKE='differ:t/stop*seize*SIGUSR1*' FAKE_KERNEL=series-steps run "$PTBED" check-series --utrace=n
	exits 1
	says "step 1: the gate says DIFFERS"
	run "$PTBED" check-series --utrace=n
	exits 0
	[ "$(grep -v '^#' traces/soak/series.log | cut -f7 | tr '\n' ' ')" = "not built DIFFERS SAME " ]
}

@test "check-off ends with exit code 67 when nothing builds" {
	FAKE_MAKE=fail run "$PTBED" check-off
	exits 67
	says "kernel check-off: does not build"
}
