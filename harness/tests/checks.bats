# checks.bats - the checks of the kernel patches: bad usage, their logs, and that their scripts find what they are for.

load common

setup_file() {
	export SRC=$PWD PTBED=$PWD/build/ptbed
}

# A checkout of its own whose patches and logs a test may spoil.
own() {
	export PTBED_TOP=$BATS_TEST_TMPDIR/top
	mkdir -p "$PTBED_TOP/build" "$PTBED_TOP/traces/soak"
	cp -r "$SRC/kernel-patches" "$PTBED_TOP/kernel-patches"
	ln -s "$SRC/vm-images" "$PTBED_TOP/vm-images"
	cd "$PTBED_TOP"
}

@test "bad options: exit code 64, what was expected is said" {
	own
	for c in check-off check-style check-series; do
		run "$PTBED" $c stray
		exits 64
		says "unexpected argument 'stray'"
	done
	while read -r option expected; do
		run "$PTBED" check-series $option
		exits 64
		says "$expected"
	done <<-'END'
		--from=0 --from is '0', expected a number from 1
		--to=last --to is 'last', expected a number from 1
		--jobs=0 --jobs is '0', expected a number from 1
		--utrace=m --utrace is 'm', expected y or n
		--from=9999 --from is 9999, the series has
	END
	run "$PTBED" check-series --from=3 --to=2
	exits 64
	says "--to is 2, expected a step from 3 on"
}

@test "a wrong line in a log: exit code 6, file, line and what was expected; nothing is built" {
	own
	log=traces/soak/series.log
	good=$'2026-01-01T00:00:00Z\t0123456789ab\t1\t0001-x.patch\tn\t0123456789ab\tSAME\t-\t60\t0123456789ab'
	while IFS='|' read -r edit expected; do
		printf '# a comment\n%s\n%s\n' "$good" "$good" | sed "3$edit" >$log
		run "$PTBED" check-series --from=1 --to=1 --utrace=n
		exits 6
		says "traces/soak/series.log:3: $expected"
	done <<-'END'
		s/\tSAME//|9 fields, expected 10 between tabs
		s/$/\tmore/|11 fields, expected 10 between tabs
		s/\t0123456789ab\t1/\t0123\t1/|expected 12 digits of a key
		s/\t1\t/\tone\t/|expected the number of a step
		s/\tn\t/\tmaybe\t/|expected y or n
		s/.*/=======/|1 fields, expected 10 between tabs
		s/60\t.*/60\t0123/|expected 12 digits of a key as the tenth field
	END
	printf '%s' "$good" >$log
	run "$PTBED" check-series --from=1 --to=1 --utrace=n
	exits 6
	says "traces/soak/series.log:1: expected a line break at the end"
}

@test "check-series: a patch that does not apply: exit code 66" {
	own
	p=$(grep -l '^diff --git a/kernel/exit.c ' kernel-patches/6.12/*.patch | head -n 1)
	sed -i 's,kernel/exit\.c,kernel/gone.c,g' "$p"
	n=$(grep '^[^#]' kernel-patches/6.12/series | grep -n "$(basename "$p")" | cut -d: -f1)
	run "$PTBED" check-series --from="$n" --to="$n" --no-gate
	exits 66
	says "kernel/gone.c: no such file in the source"
}

@test "a patch that the series does not list: exit code 66" {
	own
	cp kernel-patches/6.12/0001-*.patch kernel-patches/6.12/0099-forgotten.patch
	run "$PTBED" check-series --no-gate --to=1
	exits 66
	says "kernel-patches/6.12/0099-forgotten.patch is not listed in"
}

# tree NAME [FLAG...]: a tree of one object, linked tables and all.
tree() {
	local to=$BATS_TEST_TMPDIR/$1
	mkdir -p "$to/sub"
	cat >"$BATS_TEST_TMPDIR/x.c" <<-'END'
		#ifdef LINES
		/* two lines


		   more */
		#endif
		extern int other;
		static int local(int x)
		{
			static int counted;

			return counted += x + NUMBER;
		}
		struct bug { int where, file; unsigned short line, flags; };
		static const struct bug bug __attribute__((section("__bug_table"), used)) = {
			1, 2, __LINE__, 3
		};
		#ifdef WHERE
		int *pointer = &other + 1;
		#else
		int *pointer = &other;
		#endif
		int function(int x) { return local(x) * other; }
	END
	${CC:-cc} -O1 -c -o "$to/sub/x.o" -DNUMBER=1 "${@:2}" "$BATS_TEST_TMPDIR/x.c"
	printf '# made\nCONFIG_X=y\n' >"$to/.config"
	printf '0x00000000\tfunction\tvmlinux\tEXPORT_SYMBOL\t\n' >"$to/vmlinux.symvers"
	cat >"$to/System.map" <<-'END'
		ffffffff81000000 r __ksymtab_function
		ffffffff81000010 d __initcall__kmod_x__380_12_first6
		ffffffff81000014 d __initcall__kmod_x__381_40_second6
	END
}

check_off() {
	run "$SRC/kernel-patches/check-off" "$BATS_TEST_TMPDIR/stock" "$BATS_TEST_TMPDIR/off" "$@"
}

@test "check-off: the same code on other lines is the same" {
	tree stock
	tree off -DLINES
	sed -i 's/380_12_/411_19_/' "$BATS_TEST_TMPDIR/off/System.map"
	echo '# CONFIG_UTRACE is not set' >>"$BATS_TEST_TMPDIR/off/.config"
	check_off
	exits 0
	says "1 objects compared, 0 differ"
	says "2 initcalls"
}

@test "check-off: a constant, a place of a relocation, an object too many are found" {
	tree stock
	for change in -DNUMBER=2 -DWHERE -Dfunction=functioN; do
		tree off $change
		check_off
		exits 1
		says "DIFFERS  sub/x.o"
	done
	tree off
	cp "$BATS_TEST_TMPDIR/off/sub/x.o" "$BATS_TEST_TMPDIR/off/sub/y.o"
	check_off
	exits 1
	says "DIFFERS  sub/y.o: only in one of the trees"
}

@test "check-off: exports dropped and initcalls in another order are found in what was linked" {
	tree stock
	tree off
	: >"$BATS_TEST_TMPDIR/off/vmlinux.symvers"
	check_off
	exits 1
	says "DIFFERS  exports"
	tree off
	sed -i 's/first/third/; s/second/first/; s/third/second/' "$BATS_TEST_TMPDIR/off/System.map"
	check_off
	exits 1
	says "DIFFERS  initcalls"
	tree off
	echo CONFIG_UTRACE=y >>"$BATS_TEST_TMPDIR/off/.config"
	check_off
	exits 1
	says "DIFFERS  options"
}

@test "check-off: nothing to compare is no success" {
	tree stock
	tree off
	rm "$BATS_TEST_TMPDIR"/*/sub/x.o
	check_off
	exits 2
	tree off
	rm "$BATS_TEST_TMPDIR/off/System.map"
	check_off
	refute [ "$status" -eq 0 ]
	says "System.map or .config is missing"
	run "$SRC/kernel-patches/check-off" one
	refute [ "$status" -eq 0 ]
	says "usage:"
}

# What check-style reads, with scripts that say what the files named like them hold.
style() {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p source/scripts mails files stock/kernel series/kernel
	printf 'one\n\tline\nthree\nfour\n' >stock/kernel/old.c
	printf 'one\n\n  line\nthree\nfour\n' >series/kernel/old.c
	echo '/* in a header */' | tee stock/old.h >series/old.h
	cat >source/scripts/checkpatch.pl <<-'END'
		open(F, "$ARGV[-1].says"); print "x.patch$_" while <F>;
		print "total: 0 errors, 0 warnings, 0 checks, 9 lines checked\n";
	END
	cat >source/scripts/kernel-doc <<-'END'
		for my $f (@ARGV) {
			next unless open(F, "$f.says");
			print "$f:1: warning: $_" while <F>;
		}
	END
	echo >mails/0000-cover.patch
	echo >mails/0001-one.patch
	echo >mails/0001-one.patch.says
	echo >files/new.c
	printf '  CHECK   kernel/old.c\nkernel/old.c:2:1: warning: as ever\n./old.h:1: warning: so\n' >stock.log
	printf '  CHECK   kernel/old.c\n  CHECK   new.c\nkernel/old.c:3:1: warning: as ever\n' >series.log
	printf 'old.h:1: warning: so\nold.h:1: warning: so\n' >>series.log
	printf '# none\n' >explained
	check_style() {
		run "$SRC/kernel-patches/check-style" "$PWD/source" "$PWD/mails" "$PWD/files" \
			explained "$PWD/stock" stock.log "$PWD/series" series.log
	}
}

@test "check-style: what stock says, too, is no finding" {
	style
	check_style
	exits 0
	says "1 mails, 0 errors, 0 warnings"
	says "2 messages as in stock, 0 new"
	says "no finding"
}

@test "check-style: what is found, unless it is explained; an error cannot be" {
	style
	echo ':12: WARNING:LONG_LINE: too long' >mails/0001-one.patch.says
	check_style
	exits 1
	says "0001-one.patch:12: WARNING LONG_LINE"
	echo 'LONG_LINE | 0001-* | a reason' >explained
	check_style
	exits 0
	echo ':12: ERROR:LONG_LINE: too long' >mails/0001-one.patch.says
	check_style
	exits 1
	says "1 errors"
	style
	echo 'no description' >files/new.c.says
	check_style
	exits 1
	says "kernel-doc: new.c:1: warning: no description"
	rm files/new.c.says
	echo 'kernel/old.c:3:9: warning: as ever' >>series.log
	check_style
	exits 1
	says "kernel/old.c: as ever: line (1 more than in stock)"
	sed -i '$s/:3:/:4:/' series.log
	check_style
	exits 1
	says "kernel/old.c: as ever: three (1 more than in stock)"
	echo 'make:as* | kernel/*.c | a reason' >explained
	check_style
	exits 0
}

@test "check-style: an explanation of nothing is a finding, one without a reason an error" {
	style
	echo 'LONG_LINE | * | a reason' >explained
	check_style
	exits 1
	says "explained:1: explains nothing"
	echo 'LONG_LINE | *' >explained
	check_style
	exits 2
	says "explained:1: expected TYPE | WHERE | REASON"
}

@test "check-style: what was not looked at is no success" {
	style
	sed -i '/CHECK/d' series.log
	check_style
	exits 2
	says "sparse looked at no file more than stock's in series.log"
	style
	rm mails/*
	check_style
	exits 2
	says "no mails"
	style
	echo 'die "broken\n";' >source/scripts/checkpatch.pl
	check_style
	exits 2
	says "checkpatch did not come to an end"
}
