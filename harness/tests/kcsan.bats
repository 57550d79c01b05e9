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
