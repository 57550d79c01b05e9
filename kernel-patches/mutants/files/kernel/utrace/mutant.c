// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bugs are switched on: mutant=NAME[,NAME...].
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mutant.h>
#include <linux/printk.h>
#include <linux/string.h>

DECLARE_BITMAP(mutants, MUT_NUMBER);
EXPORT_SYMBOL_GPL(mutants);

static const char * const mutant_names[MUT_NUMBER] __initconst = {
	[MUT_LINE_ORDER]		= "line-order",
	[MUT_ATTACH_ZOMBIE]		= "attach-zombie",
	[MUT_ATTACH_CRED]		= "attach-cred",
	[MUT_EXAMINE_NOT_MINE]		= "examine-not-mine",
	[MUT_ARRIVAL_ENDS_HOLD]		= "arrival-ends-hold",
	[MUT_ABORT_STICKY]		= "abort-sticky",
	[MUT_CORE_IS_TERM]		= "core-is-term",
	[MUT_VFORK_QUIESCE]		= "vfork-quiesce",
	[MUT_INTERRUPT_NO_WAKE]		= "interrupt-no-wake",
	[MUT_LAST_REPORT]		= "last-report",
	[MUT_USER_ALONE]		= "user-alone",
	[MUT_SAVE_EACH_ROUND]		= "save-each-round",
	[MUT_REPEAT_LOST]		= "repeat-lost",
	[MUT_EXIT_OLD_HOLD]		= "exit-old-hold",
	[MUT_STEP_LAST_ENGINE]		= "step-last-engine",
	[MUT_IA32_ARG6]			= "ia32-arg6",
	[MUT_SAVE_WRONG_THREAD]		= "save-wrong-thread",
	[MUT_SUSPEND_EARLY]		= "suspend-early",
	[MUT_BROKER_CHILD_EXEC]		= "broker-child-exec",
	[MUT_EVENTS_SECOND_DROP]	= "events-second-drop",
	[MUT_REPORT_NOT_COUNTED]	= "report-not-counted",
	[MUT_SYNC_NO_WAIT]		= "sync-no-wait",
	[MUT_REAP_LOST]			= "reap-lost",
	[MUT_NO_SECOND_LOOK]		= "no-second-look",
	[MUT_KILL_RUNS_CALL]		= "kill-runs-call",
	[MUT_ATTENTION_RECALC]		= "attention-recalc",
	[MUT_COUNT_FFS]			= "count-ffs",
	[MUT_LOGGER_OVERWRITE]		= "logger-overwrite",
	[MUT_MATCH_DATA]		= "match-data",
	[MUT_BORN_SAME_PASS]		= "born-same-pass",
	[MUT_QUIESCE_LATE_EVENT]	= "quiesce-late-event",
	[MUT_WISH_OWN]			= "wish-own",
	[MUT_PLACE_DEFAULT]		= "place-default",
	[MUT_DEATH_DETACH]		= "death-detach",
	[MUT_STOP_ID_OUTSIDE]		= "stop-id-outside",
	[MUT_CONTROL_REPLACES]		= "control-replaces",
	[MUT_DETACH_SYNC_GONE]		= "detach-sync-gone",
	[MUT_FINAL_CHANGED_LAST]	= "final-changed-last",
	[MUT_RETURN_KA_HANDLER]		= "return-ka-handler",
	[MUT_SECCOMP_QUIESCE]		= "seccomp-quiesce",
	[MUT_VERDICT_EVENT_STALE]	= "verdict-event-stale",
	[MUT_CLONE_STOP_EARLY]		= "clone-stop-early",
	[MUT_ATTACH_SIBLING]		= "attach-sibling",
	[MUT_LOGGER_VALUE_INT]		= "logger-value-int",
	[MUT_FIND_LEAVING]		= "find-leaving",
	[MUT_EXIT_CODE_ANY]		= "exit-code-any",
	[MUT_ROLLBACK_EXEC]		= "rollback-exec",
	[MUT_INTERRUPT_ROUNDS]		= "interrupt-rounds",
	[MUT_REPEAT_TAKES_ALL]		= "repeat-takes-all",
	[MUT_MADE_UP_STOP]		= "made-up-stop",
	[MUT_STRAY_SYSCALL_TRAP]	= "stray-syscall-trap",
	[MUT_INT80_ARGS]		= "int80-args",
	[MUT_EXAMINE_GROUP_STOP]	= "examine-group-stop",
	[MUT_SUSPEND_REF_LEAK]		= "suspend-ref-leak",
	[MUT_BROKER_EFAULT_LOST]	= "broker-efault-lost",
	[MUT_FIRST_STOP_JCTL]		= "first-stop-jctl",
	[MUT_WAIT_EVERY_CALL]		= "wait-every-call",
	[MUT_DRAIN_EARLY]		= "drain-early",
	[MUT_DETACH_REAP_RUNS]		= "detach-reap-runs",
	[MUT_UNSLEPT_NO_ROUND]		= "unslept-no-round",
	[MUT_STOPPED_WORD_SIGNAL]	= "stopped-word-signal",
	[MUT_REPORT_TAKEN_LATE]		= "report-taken-late",
	[MUT_SECOND_STOP_ZERO]		= "second-stop-zero",
	[MUT_JCTL_SECOND_STOP]		= "jctl-second-stop",
	[MUT_FIND_FIRST]		= "find-first",
	[MUT_UNSAFE_STICKY]		= "unsafe-sticky",
	[MUT_HOLD_NO_WORK]		= "hold-no-work",
	[MUT_WORKER_HOLD]		= "worker-hold",
	[MUT_DEATH_QUIESCE_DROP]	= "death-quiesce-drop",
	[MUT_JCTL_TOLD_KEPT]		= "jctl-told-kept",
	[MUT_BARRIER_GONE]		= "barrier-gone",
	[MUT_EXAMINE_AGAIN]		= "examine-again",
	[MUT_WORD_TO_ALL]		= "word-to-all",
	[MUT_UNSLEPT_COUNT]		= "unslept-count",
	[MUT_STOP_BEFORE_WORK]		= "stop-before-work",
	[MUT_SIGNAL_PASSED_BY]		= "signal-passed-by",
	[MUT_DETACH_AFTER_CONTROL]	= "detach-after-control",
	[MUT_STOP_ID_QUIESCE]		= "stop-id-quiesce",
	[MUT_WISH_NO_REQUESTS]		= "wish-no-requests",
	[MUT_QUIESCE_EVENT_BIT]		= "quiesce-event-bit",
	[MUT_ORIG_CODE]			= "orig-code",
	[MUT_REAP_ORDER]		= "reap-order",
	[MUT_EXEC_OLD_HOLD]		= "exec-old-hold",
	[MUT_FINAL_ONE_MORE]		= "final-one-more",
	[MUT_HOLD_NO_ARRIVAL]		= "hold-no-arrival",
	[MUT_STRAY_UNNOTED]		= "stray-unnoted",
	[MUT_RSEQ_GOES_ON]		= "rseq-goes-on",
	[MUT_HOLD_PRIVATE]		= "hold-private",
	[MUT_ONESHOT_OWN]		= "oneshot-own",
	[MUT_FIRST_STOP_REPORT]		= "first-stop-report",
	[MUT_IGN_QUIESCE]		= "ign-quiesce",
	[MUT_CLONE_STOP_APART]		= "clone-stop-apart",
	[MUT_HELD_TAKES_SIGNAL]		= "held-takes-signal",
	[MUT_ROLLBACK_KEEPS_AX]		= "rollback-keeps-ax",
	[MUT_EXIT_ROLLBACK_STICKY]	= "exit-rollback-sticky",
	[MUT_FROZEN_KEPT]		= "frozen-kept",
	[MUT_LISTEN_HELD]		= "listen-held",
	[MUT_SIGNAL_SERVES_TRAP]	= "signal-serves-trap",
	[MUT_DECISION_AGAIN]		= "decision-again",
	[MUT_BROKER_STALE_ANSWER]	= "broker-stale-answer",
};

static int __init mutant_setup(char *str)
{
	char *name;
	int i;

	while ((name = strsep(&str, ",")) != NULL) {
		if (!*name)
			continue;
		for (i = 0; i < MUT_NUMBER; i++)
			if (!strcmp(name, mutant_names[i]))
				break;
		if (i == MUT_NUMBER) {
			pr_warn("mutant: no %s\n", name);
			continue;
		}
		__set_bit(i, mutants);
		pr_notice("mutant: %s\n", name);
	}
	return 0;
}
early_param("mutant", mutant_setup);
