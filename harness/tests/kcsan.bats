# kcsan.bats - which of KCSAN's reports are the series' own, explained, or stock's.

load common

setup() {
	cd "$BATS_TEST_TMPDIR"
	C=$BATS_TEST_DIRNAME/../../kernel-patches/check-kcsan
	mkdir -p stock utrace series/files/kernel/utrace
	cat >series/files/kernel/utrace/stop.c <<-'END'
	int utrace_ours(struct utrace *utrace,
	               bool tell)
	{
	}
	END
	cat >series/0001-hook.patch <<-'END'
	--- a/kernel/signal.c
	+++ b/kernel/signal.c
	@@ -10,6 +10,7 @@ static int patched_one(struct task_struct *t)
	 	context
	+	added
	 }
	END
	echo '# reasons' >explained
	race do_wait exit_notify do_exit >stock/boot-0.kmsg
}

# race A B WAY: a report of A against B, both called by WAY.
race() {
	echo "=================================================================="
	echo "BUG: KCSAN: data-race in $1 / $2"
	printf '\nwrite to 0xffff8880041a0000 of 8 bytes by task 42 on cpu 0:\n'
	printf ' %s+0x1c/0x90\n %s+0x22/0x100\n' "$1" "$3"
	printf '\nread to 0xffff8880041a0000 of 8 bytes by task 43 on cpu 1:\n'
	printf ' %s+0x9c/0x90\n %s+0x22/0x100\n' "$2" "$3"
	printf '\nvalue changed: 0x00 -> 0x01\n\nReported by Kernel Concurrency Sanitizer on:\nCPU: 1\n'
	echo "=================================================================="
}

@test "races of other functions and stock's own are counted, not told: 0" {
	race do_wait exit_notify patched_one >utrace/boot-0.kmsg
	race elsewhere nowhere do_exit >>utrace/boot-0.kmsg
	run "$C" series explained stock utrace
	exits 0
	says "utrace: 2, 1 of them away from the series, 1 stock's own, 0 explained, 0 left"
}

@test "a race by way of a new function, or of a patched one, is told: 1" {
	race elsewhere nowhere utrace_ours >utrace/boot-0.kmsg
	race elsewhere somewhere patched_one.isra.0 >utrace/programs.kmsg
	race elsewhere somewhere patched_one >>utrace/programs.kmsg
	run "$C" series explained stock utrace
	exits 1
	says "RACE: elsewhere / nowhere, 1 times, by way of utrace_ours"
	says "RACE: elsewhere / somewhere, 2 times, by way of patched_one"
	says " nowhere+0x9c/0x90"
	says "2 left"
}

@test "a race with a reason is explained; a reason not met is said" {
	race elsewhere nowhere utrace_ours >utrace/boot-0.kmsg
	printf 'elsewhere / * | read again under the lock\nnever / met | so it is\n' >>explained
	run "$C" series explained stock utrace
	exits 0
	says "explained: elsewhere / nowhere, 1 times: read again under the lock"
	says "not seen: never / met"
	echo 'no reason' >>explained
	run "$C" series explained stock utrace
	exits 2
	says "expected FUNCTION / FUNCTION | REASON"
}

@test "a stock run without any race is no run of KCSAN: 2" {
	: >stock/boot-0.kmsg
	run "$C" series explained stock utrace
	exits 2
	says "no race of stock"
}

# The whole command on played kernels, where every case and program meets a race of stock's own.
command() {
	local src=$BATS_TEST_DIRNAME/../..
	cd "$src"
	make_fakes
	export PTBED_TOP=$BATS_TEST_TMPDIR/top FAKE_STATE=$BATS_TEST_TMPDIR/state
	export PTBED_ACCEL=tcg PTBED_QEMU=$FAKES/fake-qemu PTBED_SILENCE=2 FAKE_ALL='kcsan:*' FAKE=$1
	mkdir -p "$FAKE_STATE"
	[ -e "$PTBED_TOP" ] || {
		checkout "$PTBED_TOP"
		ln -s "$SRC/compat-tests/engines" "$PTBED_TOP/compat-tests/engines"
		for f in check-kcsan kcsan-explained 6.12; do
			ln -s "$SRC/kernel-patches/$f" "$PTBED_TOP/kernel-patches/$f"
		done
	}
	cd "$PTBED_TOP"
	run "$PTBED" kcsan --stock="$FAKES/stock.bz" --utrace="$FAKES/utrace.bz"
}

@test "nothing but races of stock's own, in scenarios and programs: SAME, exit code 0" {
	command ''
	exits 0
	says "scenarios without the races that KCSAN reported: SAME"
	says ", 0 failed"
	says "kcsan: SAME"
}

@test "what is no race is not lost among races: each in the exit code" {
	export FAKE_KERNEL
	while read -r fake kernel code words; do
		FAKE_KERNEL=$kernel
		command "$fake"
		exits "$code"
		says "$words"
	done <<-'END'
		kcsan-warn:t/race utrace 3 WARNING: CPU: 0 PID: 77 at kernel/utrace/stop.c:123
		splat:t/race utrace 3 t/race: SPLAT
		panic:t/race:once utrace 4 t/race: PANIC
		error:t/race utrace 6 t/race: UNTESTED
		differ:t/stop* utrace 1 t/stop[how=attach,sig=SIGUSR1]: DIFFERS
		splat:t/race stock 3 t/race: SPLAT
		kcsan-warn:codes utrace 3 WARNING: CPU: 0 PID: 77 at kernel/utrace/stop.c:123
		panic:codes utrace 4 no result: the kernel panicked
		plan:codes utrace 1 2 checks planned, 1 made
		check:codes utrace 1 not ok 1 - played
		panic-after:codes utrace 4 after its end: the kernel panicked
	END
}

@test "a program that hangs after a race is stuck, not SAME: exit code 5" {
	export FAKE_KERNEL=utrace
	command 'hang-after:codes'
	exits 5
	says "after its end: the guest was stuck"
}
