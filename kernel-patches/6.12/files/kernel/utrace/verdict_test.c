// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the decisions that need no thread.
 */
#include <kunit/test.h>

#include "internal.h"

static void utrace_test_numbers(struct kunit *test)
{
	/* Numbers that engines of old know. */
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(QUIESCE), 1UL << 0);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(REAP), 1UL << 1);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(CLONE), 1UL << 2);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(EXEC), 1UL << 3);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(EXIT), 1UL << 4);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(DEATH), 1UL << 5);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(SYSCALL_ENTRY), 1UL << 6);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(SYSCALL_EXIT), 1UL << 7);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(SIGNAL), 1UL << 8);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(SIGNAL_CORE), 1UL << 12);
	KUNIT_EXPECT_EQ(test, UTRACE_EVENT(JCTL), 1UL << 13);
	KUNIT_EXPECT_EQ(test, UTRACE_STOP, 0);
	KUNIT_EXPECT_EQ(test, UTRACE_RESUME, 5);
	KUNIT_EXPECT_EQ(test, UTRACE_DETACH, 6);
	KUNIT_EXPECT_EQ(test, UTRACE_SIGNAL_HANDLER, 0x70);
	KUNIT_EXPECT_EQ(test, UTRACE_SYSCALL_ABORT, 0x10);

	/* No event shares a bit with the core's own flags. */
	KUNIT_EXPECT_EQ(test, UTRACE_EVENTS_ALL &
			(UTRACE_HOLD | UTRACE_PARK | UTRACE_UNSAFE_EXEC |
			 UTRACE_ATTENTION | UTRACE_LAST_WORK | UTRACE_ARRIVED |
			 UTRACE_STEPPING | UTRACE_STEP_WANTED |
			 UTRACE_STRAY_TRAP), 0UL);
}

static void utrace_test_wish(struct kunit *test)
{
	enum utrace_resume_action action, least;
	u8 requests, disposition;

	/* What goes in by an action comes out as a wish. */
	for (action = UTRACE_STOP; action < UTRACE_DETACH; action++) {
		requests = 0;
		disposition = utrace_split_wish(action, &requests);
		least = utrace_wish(disposition, requests);
		KUNIT_EXPECT_EQ(test, least, action);
	}

	/* Requests add up and survive a RESUME. */
	requests = UTRACE_ASK_REPORT;
	disposition = utrace_split_wish(UTRACE_INTERRUPT, &requests);
	disposition = utrace_split_wish(UTRACE_RESUME, &requests);
	KUNIT_EXPECT_EQ(test, requests,
			UTRACE_ASK_REPORT | UTRACE_ASK_INTERRUPT);
	KUNIT_EXPECT_EQ(test, utrace_wish(disposition, requests),
			UTRACE_INTERRUPT);
	/* A hold comes before them. */
	KUNIT_EXPECT_EQ(test, utrace_wish(UTRACE_STOP, requests), UTRACE_STOP);
}

static void utrace_test_place(struct kunit *test)
{
	KUNIT_EXPECT_LT(test, utrace_place_of(UTRACE_ATTACH_INNERMOST),
			utrace_place_of(UTRACE_ATTACH_INNER));
	KUNIT_EXPECT_LT(test, utrace_place_of(UTRACE_ATTACH_INNER),
			utrace_place_of(UTRACE_ATTACH_CREATE));
	KUNIT_EXPECT_LT(test, utrace_place_of(0),
			utrace_place_of(UTRACE_ATTACH_OUTER));
	KUNIT_EXPECT_LT(test, utrace_place_of(UTRACE_ATTACH_OUTER),
			utrace_place_of(UTRACE_ATTACH_OUTERMOST));
}

static void utrace_test_signals(struct kunit *test)
{
	__sighandler_t handler = (__sighandler_t)0x1000UL;
	enum utrace_signal_action action;
	int signr;

	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGSEGV, SIG_DFL),
			UTRACE_SIGNAL_CORE);
	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGTERM, SIG_DFL),
			UTRACE_SIGNAL_TERM);
	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGSTOP, SIG_DFL),
			UTRACE_SIGNAL_STOP);
	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGTTIN, SIG_DFL),
			UTRACE_SIGNAL_TSTP);
	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGCHLD, SIG_DFL),
			UTRACE_SIGNAL_IGN);
	KUNIT_EXPECT_EQ(test, utrace_signal_default(SIGCONT, SIG_DFL),
			UTRACE_SIGNAL_IGN);
	for (signr = 1; signr <= _NSIG; signr++) {
		KUNIT_EXPECT_EQ(test, utrace_signal_default(signr, SIG_IGN),
				UTRACE_SIGNAL_IGN);
		KUNIT_EXPECT_EQ(test, utrace_signal_default(signr, handler),
				UTRACE_SIGNAL_DELIVER);
	}

	/* A stand-in does by itself what was decided. */
	for (action = UTRACE_SIGNAL_TERM; action <= UTRACE_SIGNAL_TSTP;
	     action += 0x10) {
		signr = utrace_signal_stand_in(action);
		KUNIT_EXPECT_EQ(test, utrace_signal_default(signr, SIG_DFL),
				action);
	}

	/* Each verdict is an event of its own; no signal is only QUIESCE. */
	KUNIT_EXPECT_EQ(test, utrace_signal_event(UTRACE_SIGNAL_DELIVER),
			UTRACE_EVENT(SIGNAL));
	KUNIT_EXPECT_EQ(test, utrace_signal_event(UTRACE_SIGNAL_STOP),
			utrace_signal_event(UTRACE_SIGNAL_TSTP));
	KUNIT_EXPECT_EQ(test, utrace_signal_event(UTRACE_SIGNAL_REPORT),
			UTRACE_EVENT(QUIESCE));
	KUNIT_EXPECT_EQ(test, utrace_signal_event(UTRACE_SIGNAL_HANDLER),
			UTRACE_EVENT(QUIESCE));
}

static void utrace_test_release(struct kunit *test)
{
	struct task_struct *task = kunit_kzalloc(test, sizeof(*task),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, task);

	/* The last of two lets it run, whoever that is. */
	task->jobctl = JOBCTL_TRACED | JOBCTL_UTRACED;
	KUNIT_EXPECT_EQ(test, jobctl_release(task, JOBCTL_TRACED), 0);
	KUNIT_EXPECT_EQ(test, jobctl_release(task, JOBCTL_UTRACED),
			__TASK_TRACED);
	task->jobctl = JOBCTL_TRACED | JOBCTL_UTRACED;
	KUNIT_EXPECT_EQ(test, jobctl_release(task, JOBCTL_UTRACED), 0);
	KUNIT_EXPECT_EQ(test, jobctl_release(task, JOBCTL_TRACED),
			__TASK_TRACED);
	KUNIT_EXPECT_EQ(test, task->jobctl, 0UL);
}

static struct kunit_case utrace_test_cases[] = {
	KUNIT_CASE(utrace_test_numbers),
	KUNIT_CASE(utrace_test_wish),
	KUNIT_CASE(utrace_test_place),
	KUNIT_CASE(utrace_test_signals),
	KUNIT_CASE(utrace_test_release),
	{}
};

static struct kunit_suite utrace_test_suite = {
	.name = "utrace",
	.test_cases = utrace_test_cases,
};

kunit_test_suite(utrace_test_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of utrace");
