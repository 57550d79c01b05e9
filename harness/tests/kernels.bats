# kernels.bats - patches, series, packages: everything about the kernels that needs no build of one.

load common

setup_file() {
	export SRC=$PWD PTBED=$PWD/build/ptbed
}

setup() {
	export TOP=$BATS_TEST_TMPDIR/top
}

# A checkout of its own whose patches a test may spoil.
own() {
	mkdir -p "$TOP/build"
	cp -r "$SRC/kernel-patches" "$TOP/kernel-patches"
	ln -s "$SRC/vm-images" "$TOP/vm-images"
	ln -s "$SRC/compat-tests" "$TOP/compat-tests"
	export PTBED_TOP=$TOP
	cd "$TOP"
}

# The patch of the utrace series that touches kernel/exit.c.
exit_patch() {
	grep -l '^diff --git a/kernel/exit.c ' kernel-patches/6.12/*.patch | head -n 1
}

installed() {
	dpkg-query -W -f '${Version}' linux-source-6.12
}

@test "round trip: write-back after apply gives the identical tree, both series" {
	run "$PTBED" kernels --check-roundtrip
	exits 0
	says "series 6.12:"
	says "applied, written back and mailed alike"
	run "$PTBED" kernels --check-roundtrip=planted
	exits 0
	says "series planted:"
}

@test "make series: git am makes of the source the tree that is built" {
	own
	run "$PTBED" series
	exits 0
	[ -s build/series/0000-cover-letter.patch ]
	git=$(ls -d "${XDG_CACHE_HOME:-$HOME/.cache}"/ptrace-testbed/git/"$(installed)".git)
	git clone -q --shared --no-checkout "$git" am
	cd am
	git sparse-checkout set --cone kernel include/linux arch/x86/kernel arch/x86/entry
	git -c advice.detachedHead=false checkout -q origin/linux-source
	git -c user.name=test -c user.email=test@example.org am -q $(ls ../build/series/*.patch | grep -v /0000-)
	[ "$(git rev-list --count origin/linux-source..HEAD)" -eq "$(grep -c '^[^#]' ../kernel-patches/6.12/series)" ]
	tree=$(git rev-parse 'HEAD^{tree}')
	cd ..
	run "$PTBED" kernels --check-roundtrip
	says "tree $tree:"
}

@test "a hunk that does not apply: exit code 66, patch, file, hunk, both versions" {
	own
	p=$(exit_patch)
	# every line the hunk relies on is another one
	awk '/^@@/ { n++ } n == 1 && /^ / { print " no kernel has this line"; next } { print }' "$p" >new
	mv new "$p"
	echo 6.12.1-1 >kernel-patches/6.12/VERSION
	for c in series "kernels --check-roundtrip"; do
		run "$PTBED" $c
		exits 66
		says "$(basename "$p"): kernel/exit.c: hunk #1 does not apply"
		says "was made for linux-source-6.12 6.12.1-1, installed is $(installed)"
	done
}

@test "a hunk that applies only with fuzz: the same" {
	own
	p=$(exit_patch)
	awk '/^@@/ { n++; print; next } n == 1 && /^ / { n = 2; print " no kernel has this line"; next } { print }' \
		"$p" >new
	mv new "$p"
	run "$PTBED" series
	exits 66
	says "$(basename "$p"): kernel/exit.c: hunk #1 applies only with fuzz"
	says "installed is $(installed)"
}

@test "a hunk that has moved applies: Debian's package may change around it" {
	own
	p=$(exit_patch)
	sed -i 's/^@@ -30,\([0-9]*\) +30,\([0-9]*\) @@/@@ -37,\1 +37,\2 @@/' "$p"
	cmp -s "$p" "$SRC/$p" && skip "the first hunk is elsewhere"
	run "$PTBED" series
	exits 0
}

@test "a patch whose file is gone, a file nobody owns, a missing patch, renames: exit code 66" {
	own
	p=$(exit_patch)
	sed 's,kernel/exit\.c,kernel/gone.c,g' "$SRC/$p" >"$p"
	run "$PTBED" series
	exits 66
	says "kernel/gone.c: no such file in the source"
	cp "$SRC/$p" "$p"
	echo >kernel-patches/6.12/files/kernel/utrace/stray.c
	run "$PTBED" series
	exits 66
	says "files/kernel/utrace/stray.c belongs to no patch"
	rm kernel-patches/6.12/files/kernel/utrace/stray.c
	echo 0099-nothing.patch >>kernel-patches/6.12/series
	run "$PTBED" series
	exits 66
	says 'no patch "0099-nothing.patch"'
	cp "$SRC/kernel-patches/6.12/series" kernel-patches/6.12/series
	sed -i '/^diff --git/a rename from x' "$p"
	run "$PTBED" series
	exits 66
	says "$(basename "$p"):"
	says "renames"
}

@test "unknown kernels and series: exit code 64 or 66, what there is is said" {
	run "$PTBED" kernels no-such-kernel
	exits 64
	says 'unknown kernel "no-such-kernel"; expected stock, utrace'
	run "$PTBED" kernels --flavour=sweet
	exits 64
	says "sweet"
	run "$PTBED" series no-such-series
	[ "$status" -ne 0 ]
	says "no-such-series"
}

@test "kernels --list names them all" {
	run "$PTBED" kernels --list
	exits 0
	for k in stock utrace planted mutants stock-debug utrace-debug stock-gdb utrace-gdb; do
		grep -qx "$k" <<<"$output" || { echo "no $k"; return 1; }
	done
}

@test "both kernels have one configuration, but for UTRACE and the version string" {
	for k in stock utrace; do
		[ -e build/kernels/$k/.config ] || skip "kernels are not linked here yet"
	done
	run diff build/kernels/stock/.config build/kernels/utrace/.config
	left=$(grep -E '^[<>]' <<<"$output" | grep -vE 'UTRACE|CONFIG_LOCALVERSION=' || true)
	[ -z "$left" ] || { echo "$left"; return 1; }
	grep -qx 'CONFIG_UTRACE=y' build/kernels/utrace/.config
}

@test "the planted bugs and the list of controls name each other" {
	bugs=$(sed -n 's/.*= "\([a-z0-9-]*\)",$/\1/p' kernel-patches/planted/files/kernel/planted.c | sort)
	listed=$(sed -n 's/^\([a-z][a-z0-9-]*\) *|.*/\1/p' kernel-patches/planted/bugs | grep -vx none | sort)
	[ -n "$bugs" ]
	[ "$bugs" = "$listed" ]
	# what each is expected to show exists
	for g in $(grep -v '^#' kernel-patches/planted/bugs | grep -v '^none' | cut -d'|' -f2 | tr ',' ' '); do
		run "$PTBED" list "$g"
		exits 0
	done
}

@test "the mutants and the list of what finds them name each other" {
	mutants=$(sed -n 's/.*= "\([a-z0-9-]*\)",$/\1/p' kernel-patches/mutants/files/kernel/utrace/mutant.c | sort)
	listed=$(sed -n 's/^\([a-z][a-z0-9-]*\) *|.*/\1/p' kernel-patches/mutants/bugs | grep -vx none | sort)
	[ -n "$mutants" ]
	[ "$mutants" = "$listed" ]
	for g in $(grep -v '^#' kernel-patches/mutants/bugs | cut -d'|' -f2 | tr ',' ' '); do
		[ "$g" != - ] || continue
		run "$PTBED" engines --list --quick --only="$g"
		exits 0
	done
}

@test "a series on top of another one: it changes that one's files by patches, and brings none of them" {
	own
	p=$(ls kernel-patches/mutants/*.patch | head -n 1)
	awk '/^diff --git a\/kernel\/utrace\// { on = 1 } on && /^ / { print " no kernel has this line"; on = 0; next } { print }' \
		"$SRC/$p" >"$p"
	run "$PTBED" kernels mutants
	exits 66
	grep -qE "$(basename "$p"): kernel/utrace/[a-z.]+: hunk #1" <<<"$output"
	sed '/^---$/a new-file: include/linux/utrace.h' "$SRC/$p" >"$p"
	mkdir -p kernel-patches/mutants/files/include/linux
	echo >kernel-patches/mutants/files/include/linux/utrace.h
	run "$PTBED" kernels mutants
	exits 66
	says "files/include/linux/utrace.h is a file of"
	says "change it by a patch"
}

@test "snippet labels are at the same addresses in all word sizes" {
	run compat-tests/interp/check_labels.sh build/guest/interp64 build/guest/interp32 build/guest/interpx32
	exits 0
	run compat-tests/interp/check_labels.sh build/guest/interp64 /bin/true
	exits 1
	run compat-tests/interp/check_labels.sh
	exits 2
}
