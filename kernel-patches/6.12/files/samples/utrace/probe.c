// SPDX-License-Identifier: GPL-2.0-only
/*
 * An engine on a file descriptor, for tests: a program attaches it to a
 * thread, says what its callbacks return, makes it call utrace_control() and
 * the others, and reads what was reported.
 *
 * One command a write():
 *
 *	attach PID FLAGS	utrace_attach_pid(), FLAGS beside CREATE
 *	attach_few PID		the same with an ops table that has only
 *				report_quiesce
 *	attach_null PID		without an ops table
 *	find PID FLAGS		utrace_attach_pid() without CREATE
 *	events MASK		utrace_set_events()
 *	events_sync MASK	utrace_set_events_sync()
 *	on NR ACTION		what callbacks for event NR return (hex)
 *	once NR ACTION		the same, for the next one only
 *	delay USEC		callbacks sleep so long before they return; one
 *				that sleeps goes on when 0 is written
 *	follow 0|1		attach to new children, too
 *	control ACTION		utrace_control() on the engine attached last
 *	control_stop ACTION ID	utrace_control_stop()
 *	drop			forget what was reported and not read yet
 *	barrier, detach_sync, detach_sync_uninterruptible
 *	examine			utrace_prepare_examine() and _finish_examine()
 *	prepare, finish		one of the two
 *	result VALUE		report_syscall_entry stores this as the result
 *	scramble 0|1		report_syscall_entry changes number and arguments
 *	other 0|1		the number more is another argument: of clone the flags,
 *				of death the exit signal; of exec and signals whether
 *				format and registers were given
 *	warp MASK		in user mode the bits of MASK (hex) are changed in r15:
 *				from report_final to report_arrival; one thread
 *				for each open file
 *	signal NR		report_signal puts this signal where there is none
 *	flags MASK		report_signal changes these sa_flags (hex) of return_ka
 *	code VALUE		report_exit stores this as the exit code
 *	release MSEC		release() sleeps so long: the last reference has
 *				to be the file's
 *	drain			utrace_drain_ops() on what attach_few attached
 *	idle			-EBUSY if a release() runs
 *	within NR COMMAND	the next callback for event NR executes that
 *				command on the engine attached last
 *
 * The result of the command is the result of the call.  read() gives lines:
 * pid, event number, action, stop id, one number more, and a number that
 * orders the lines of all engines.  What a command gave that a callback
 * executed comes as event 31, in the one number more.  Event 30 says that so
 * many lines were lost, for nobody had read for long.
 */
#define pr_fmt(fmt) "utrace-probe: " fmt

#include <linux/atomic.h>
#include <linux/binfmts.h>
#include <linux/compat.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/utrace.h>

#include <asm/syscall.h>
#include <asm/utrace.h>

#define PROBE_KEEP	0x80000000	/* keep the verdict, resume */
#define PROBE_LOST	30		/* instead of an event number */
#define PROBE_WITHIN	31

static atomic_long_t probe_seq;
static atomic_t probe_releases;		/* those that run now */

struct probe_record {
	pid_t pid;
	u32 event;
	u32 action;
	u32 stop_id;
	long extra;
	unsigned long seq;
};

struct probe {
	struct kref kref;
	struct mutex mutex;		/* commands */
	struct utrace_engine *engine;	/* attached last */
	spinlock_t lock;		/* what follows */
	u32 on[_UTRACE_NEVENTS];
	unsigned long once;
	unsigned int delay;
	bool follow;
	bool has_result;
	bool scramble;
	bool other;
	unsigned long warp;
	unsigned long warped;		/* what is changed now */
	long result;
	bool has_code;
	long code;
	int signal;
	unsigned long ka_flags;
	unsigned int release;
	unsigned long events;
	unsigned int within_event;
	char within[64];		/* "" if there is none */
	struct utrace_examiner exam;	/* under @mutex */
	unsigned int lost;
	wait_queue_head_t wait;
	DECLARE_KFIFO(records, struct probe_record, 8192);
};

static const struct utrace_engine_ops probe_ops;

static void probe_free(struct kref *kref)
{
	kvfree(container_of(kref, struct probe, kref));
}

static void probe_release_engine(void *data)
{
	struct probe *probe = data;
	unsigned int msec = READ_ONCE(probe->release);

	if (msec) {
		atomic_inc(&probe_releases);
		msleep(msec);
		atomic_dec(&probe_releases);
	}
	kref_put(&probe->kref, probe_free);
}

static int probe_command(struct probe *probe, const char *line);

/* @probe is locked. */
static void probe_put(struct probe *probe, struct probe_record record)
{
	record.seq = atomic_long_inc_return(&probe_seq);
	if (!kfifo_put(&probe->records, record))
		probe->lost++;
}

/* Execute the command that was given for this callback, if any. */
static void probe_do_within(struct probe *probe, unsigned int event)
{
	struct probe_record record = {
		.pid = task_pid_nr(current),
		.event = PROBE_WITHIN,
	};
	char line[sizeof(probe->within)];

	line[0] = '\0';
	spin_lock(&probe->lock);
	if (probe->within[0] && probe->within_event == event) {
		strscpy(line, probe->within, sizeof(line));
		probe->within[0] = '\0';
	}
	spin_unlock(&probe->lock);
	if (!line[0])
		return;

	/* No mutex: one who holds it may wait for this callback. */
	record.extra = probe_command(probe, line);
	spin_lock(&probe->lock);
	probe_put(probe, record);
	spin_unlock(&probe->lock);
	wake_up(&probe->wait);
}

static u32 probe_note(struct utrace_engine *engine, unsigned int event,
		      u32 action, long extra)
{
	struct probe *probe = engine->data;
	struct probe_record record = {
		.pid = task_pid_nr(current),
		.event = event,
		.action = action,
		.stop_id = utrace_stop_id(engine),
		.extra = extra,
	};
	unsigned int delay;
	u32 ret;

	spin_lock(&probe->lock);
	probe_put(probe, record);
	ret = probe->on[event];
	if (probe->once & (1UL << event)) {
		probe->once &= ~(1UL << event);
		probe->on[event] = PROBE_KEEP;
	}
	delay = probe->delay;
	spin_unlock(&probe->lock);
	wake_up(&probe->wait);

	probe_do_within(probe, event);
	for (; delay && READ_ONCE(probe->delay); delay -= min(delay, 1000U))
		fsleep(min(delay, 1000U));
	if (ret == PROBE_KEEP)
		ret = (action & ~UTRACE_RESUME_MASK) | UTRACE_RESUME;
	/* Nobody could let go a child that was followed. */
	if (utrace_resume_action(ret) == UTRACE_STOP &&
	    engine != READ_ONCE(probe->engine))
		ret |= UTRACE_RESUME;
	return ret;
}

static u32 probe_quiesce(u32 action, struct utrace_engine *engine,
			 unsigned long event)
{
	return probe_note(engine, _UTRACE_EVENT_QUIESCE, action, event);
}

static u32 probe_signal(u32 action, struct utrace_engine *engine,
			struct pt_regs *regs, kernel_siginfo_t *info,
			const struct k_sigaction *orig_ka,
			struct k_sigaction *return_ka)
{
	struct probe *probe = engine->data;

	if (READ_ONCE(probe->signal) &&
	    utrace_signal_action(action) == UTRACE_SIGNAL_REPORT) {
		info->si_signo = READ_ONCE(probe->signal);
		info->si_code = SI_USER;
	}
	return_ka->sa.sa_flags ^= READ_ONCE(probe->ka_flags);
	return probe_note(engine, _UTRACE_EVENT_SIGNAL, action,
			  READ_ONCE(probe->other) ?
			  regs == current_pt_regs() : info->si_signo);
}

static u32 probe_clone(u32 action, struct utrace_engine *engine,
		       unsigned long clone_flags, struct task_struct *child)
{
	struct probe *probe = engine->data;
	struct utrace_engine *other;
	u32 ret;

	/* First, for it may sleep: the child does not run before we return. */
	ret = probe_note(engine, _UTRACE_EVENT_CLONE, action,
			 READ_ONCE(probe->other) ? clone_flags :
						   task_pid_nr(child));
	if (!READ_ONCE(probe->follow))
		return ret;
	kref_get(&probe->kref);
	other = utrace_attach_task(child, UTRACE_ATTACH_CREATE, &probe_ops,
				   probe);
	if (IS_ERR(other)) {
		pr_info("cannot follow %d: %ld\n", task_pid_nr(child),
			PTR_ERR(other));
		kref_put(&probe->kref, probe_free);
		return ret;
	}
	utrace_set_events(child, other, READ_ONCE(probe->events));
	utrace_engine_put(other);
	return ret;
}

static u32 probe_vfork_done(u32 action, struct utrace_engine *engine,
			    struct pid *child)
{
	return probe_note(engine, _UTRACE_EVENT_VFORK_DONE, action,
			  pid_nr(child));
}

static u32 probe_jctl(u32 action, struct utrace_engine *engine, int type,
		      int notify)
{
	return probe_note(engine, _UTRACE_EVENT_JCTL, action,
			  type << 8 | notify);
}

static u32 probe_exec(u32 action, struct utrace_engine *engine,
		      const struct linux_binfmt *fmt,
		      const struct linux_binprm *bprm, struct pt_regs *regs)
{
	struct probe *probe = engine->data;

	return probe_note(engine, _UTRACE_EVENT_EXEC, action,
			  READ_ONCE(probe->other) ?
			  fmt && fmt == current->mm->binfmt &&
			  regs == current_pt_regs() : bprm->unsafe);
}

/* getpid(), and arguments that are not those of the program. */
static void probe_scramble(struct pt_regs *regs)
{
	unsigned long args[6] = { 11, 12, 13, 14, 15, 16 };

	syscall_set_nr(current, regs, in_ia32_syscall() ? 20 : 39);
	syscall_set_arguments(current, regs, args);
}

static u32 probe_syscall_entry(u32 action, struct utrace_engine *engine,
			       struct pt_regs *regs)
{
	struct probe *probe = engine->data;
	int nr = syscall_get_nr(current, regs);

	if (READ_ONCE(probe->scramble))
		probe_scramble(regs);
	if (READ_ONCE(probe->has_result))
		syscall_set_return_value(current, regs, 0, probe->result);
	return probe_note(engine, _UTRACE_EVENT_SYSCALL_ENTRY, action, nr);
}

static u32 probe_syscall_exit(u32 action, struct utrace_engine *engine,
			      struct pt_regs *regs)
{
	return probe_note(engine, _UTRACE_EVENT_SYSCALL_EXIT, action,
			  regs_return_value(regs));
}

static u32 probe_seccomp(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs, unsigned long data)
{
	return probe_note(engine, _UTRACE_EVENT_SECCOMP, action, data);
}

/* Change r15 so that @mask is what differs from the program's; true if it did. */
static bool probe_warp(struct probe *probe, struct pt_regs *regs,
		       unsigned long mask)
{
#ifdef CONFIG_X86_64
	unsigned long change = probe->warped ^ mask;

	regs->r15 ^= change;
	probe->warped = mask;
	return change;
#else
	return false;
#endif
}

static u32 probe_arrival(u32 action, struct utrace_engine *engine,
			 struct pt_regs *regs)
{
	probe_warp(engine->data, regs, 0);
	return probe_note(engine, _UTRACE_EVENT_ARRIVAL, action, 0);
}

static u32 probe_final(u32 action, struct utrace_engine *engine,
		       struct pt_regs *regs, unsigned int round)
{
	struct probe *probe = engine->data;
	u32 ret = probe_note(engine, _UTRACE_EVENT_FINAL, action, round);

	/* It changes nothing in the next round, which ends it. */
	if (probe_warp(probe, regs, READ_ONCE(probe->warp)))
		ret |= UTRACE_FINAL_CHANGED;
	return ret;
}

static u32 probe_exit(u32 action, struct utrace_engine *engine, long orig_code,
		      long *code)
{
	struct probe *probe = engine->data;

	if (READ_ONCE(probe->has_code))
		*code = READ_ONCE(probe->code);
	return probe_note(engine, _UTRACE_EVENT_EXIT, action, orig_code);
}

static u32 probe_death(struct utrace_engine *engine, bool group_dead,
		       int signal)
{
	struct probe *probe = engine->data;

	return probe_note(engine, _UTRACE_EVENT_DEATH, 0,
			  READ_ONCE(probe->other) ? signal : group_dead);
}

static void probe_reap(struct utrace_engine *engine, struct task_struct *task)
{
	struct probe *probe = engine->data;
	struct probe_record record = {
		.pid = task->pid,	/* it may be unhashed */
		.event = _UTRACE_EVENT_REAP,
	};

	spin_lock(&probe->lock);
	probe_put(probe, record);
	spin_unlock(&probe->lock);
	wake_up(&probe->wait);
}

static const struct utrace_engine_ops probe_ops = {
	.owner = THIS_MODULE,
	.report_quiesce = probe_quiesce,
	.report_signal = probe_signal,
	.report_clone = probe_clone,
	.report_vfork_done = probe_vfork_done,
	.report_jctl = probe_jctl,
	.report_exec = probe_exec,
	.report_syscall_entry = probe_syscall_entry,
	.report_syscall_exit = probe_syscall_exit,
	.report_seccomp = probe_seccomp,
	.report_arrival = probe_arrival,
	.report_final = probe_final,
	.report_exit = probe_exit,
	.report_death = probe_death,
	.report_reap = probe_reap,
	.release = probe_release_engine,
};

/* Too little for most events. */
static const struct utrace_engine_ops probe_few_ops = {
	.owner = THIS_MODULE,
	.report_quiesce = probe_quiesce,
	.release = probe_release_engine,
};

static int probe_find(pid_t nr, unsigned int flags, struct probe *probe)
{
	struct utrace_engine *engine;
	struct pid *pid = find_get_pid(nr);

	if (!pid)
		return -ESRCH;
	engine = utrace_attach_pid(pid, flags, &probe_ops, probe);
	put_pid(pid);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	utrace_engine_put(engine);
	return 0;
}

static int probe_attach(struct probe *probe, pid_t nr, unsigned int flags,
			const struct utrace_engine_ops *ops)
{
	struct utrace_engine *engine, *old;
	struct pid *pid = find_get_pid(nr);

	if (!pid)
		return -ESRCH;
	kref_get(&probe->kref);
	engine = utrace_attach_pid(pid, flags | UTRACE_ATTACH_CREATE, ops,
				   probe);
	put_pid(pid);
	if (IS_ERR(engine)) {
		kref_put(&probe->kref, probe_free);
		return PTR_ERR(engine);
	}
	old = probe->engine;
	WRITE_ONCE(probe->engine, engine);
	if (old) {
		utrace_control(NULL, old, UTRACE_DETACH);
		utrace_engine_put(old);
	}
	return 0;
}

static int probe_examine(struct probe *probe)
{
	struct utrace_examiner exam;
	int ret = utrace_prepare_examine(NULL, probe->engine, &exam);

	return ret ? ret : utrace_finish_examine(NULL, probe->engine, &exam);
}

static int probe_set_within(struct probe *probe, unsigned int event,
			    const char *line)
{
	if (event >= _UTRACE_NEVENTS || strlen(line) >= sizeof(probe->within))
		return -EINVAL;
	spin_lock(&probe->lock);
	probe->within_event = event;
	strscpy(probe->within, line, sizeof(probe->within));
	spin_unlock(&probe->lock);
	return 0;
}

static int probe_on(struct probe *probe, unsigned int event, u32 action,
		    bool once)
{
	if (event >= _UTRACE_NEVENTS)
		return -EINVAL;
	spin_lock(&probe->lock);
	probe->on[event] = action;
	if (once)
		probe->once |= 1UL << event;
	else
		probe->once &= ~(1UL << event);
	spin_unlock(&probe->lock);
	return 0;
}

/* The commands about what callbacks change; -ENOENT for others. */
static int probe_change(struct probe *probe, const char *line)
{
	unsigned long mask;
	unsigned int a;
	long value;

	if (sscanf(line, "other %u", &a) == 1) {
		WRITE_ONCE(probe->other, a);
		return 0;
	}
	if (sscanf(line, "scramble %u", &a) == 1) {
		WRITE_ONCE(probe->scramble, a);
	} else if (sscanf(line, "warp %lx", &mask) == 1) {
		WRITE_ONCE(probe->warp, mask);
	} else if (sscanf(line, "result %ld", &value) == 1) {
		WRITE_ONCE(probe->result, value);
		WRITE_ONCE(probe->has_result, true);
	} else if (sscanf(line, "signal %u", &a) == 1) {
		WRITE_ONCE(probe->signal, a);
	} else if (sscanf(line, "flags %lx", &mask) == 1) {
		WRITE_ONCE(probe->ka_flags, mask);
	} else if (sscanf(line, "code %ld", &value) == 1) {
		WRITE_ONCE(probe->code, value);
		WRITE_ONCE(probe->has_code, true);
	} else {
		return -ENOENT;
	}
	return 0;
}

static int probe_command(struct probe *probe, const char *line)
{
	unsigned int a, b;
	unsigned long mask;
	int at = 0;

	if (sscanf(line, "attach %u %x", &a, &b) == 2)
		return probe_attach(probe, a, b, &probe_ops);
	if (sscanf(line, "attach_few %u", &a) == 1)
		return probe_attach(probe, a, 0, &probe_few_ops);
	if (sscanf(line, "attach_null %u", &a) == 1)
		return probe_attach(probe, a, 0, NULL);
	if (sscanf(line, "find %u %x", &a, &b) == 2)
		return probe_find(a, b, probe);
	if (sscanf(line, "within %u %n", &a, &at) == 1 && at)
		return probe_set_within(probe, a, line + at);
	if (!strcmp(line, "drop")) {
		spin_lock(&probe->lock);
		kfifo_reset(&probe->records);
		probe->lost = 0;
		spin_unlock(&probe->lock);
		return 0;
	}
	if (!probe_change(probe, line))
		return 0;
	if (sscanf(line, "on %u %x", &a, &b) == 2)
		return probe_on(probe, a, b, false);
	if (sscanf(line, "once %u %x", &a, &b) == 2)
		return probe_on(probe, a, b, true);
	if (sscanf(line, "delay %u", &a) == 1) {
		WRITE_ONCE(probe->delay, a);
		return 0;
	}
	if (sscanf(line, "follow %u", &a) == 1) {
		WRITE_ONCE(probe->follow, a);
		return 0;
	}
	if (sscanf(line, "release %u", &a) == 1) {
		WRITE_ONCE(probe->release, a);
		return 0;
	}
	if (!strcmp(line, "drain")) {
		utrace_drain_ops(&probe_few_ops);
		return 0;
	}
	if (!strcmp(line, "idle"))
		return atomic_read(&probe_releases) ? -EBUSY : 0;
	if (!probe->engine)
		return -ENOTCONN;
	if (sscanf(line, "events %lx", &mask) == 1) {
		WRITE_ONCE(probe->events, mask);
		return utrace_set_events(NULL, probe->engine, mask);
	}
	if (sscanf(line, "events_sync %lx", &mask) == 1) {
		WRITE_ONCE(probe->events, mask);
		return utrace_set_events_sync(NULL, probe->engine, mask);
	}
	if (sscanf(line, "control_stop %u %u", &a, &b) == 2)
		return utrace_control_stop(NULL, probe->engine, a, b);
	if (sscanf(line, "control %u", &a) == 1)
		return utrace_control(NULL, probe->engine, a);
	if (!strcmp(line, "barrier"))
		return utrace_barrier(NULL, probe->engine);
	if (!strcmp(line, "detach_sync"))
		return utrace_detach_sync(NULL, probe->engine);
	if (!strcmp(line, "detach_sync_uninterruptible"))
		return utrace_detach_sync_uninterruptible(NULL, probe->engine);
	if (!strcmp(line, "examine"))
		return probe_examine(probe);
	if (!strcmp(line, "prepare"))
		return utrace_prepare_examine(NULL, probe->engine,
					      &probe->exam);
	if (!strcmp(line, "finish"))
		return utrace_finish_examine(NULL, probe->engine, &probe->exam);
	return -EINVAL;
}

static ssize_t probe_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *pos)
{
	struct probe *probe = file->private_data;
	char *line;
	int ret;

	if (count > 128)
		return -EINVAL;
	line = memdup_user_nul(buf, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&probe->mutex);
	ret = probe_command(probe, strim(line));
	mutex_unlock(&probe->mutex);
	kfree(line);
	if (ret == -ERESTARTSYS)
		ret = -EINTR;
	return ret < 0 ? ret : count;
}

static ssize_t probe_read(struct file *file, char __user *buf, size_t count,
			  loff_t *pos)
{
	struct probe *probe = file->private_data;
	struct probe_record record;
	char line[128];
	bool got;
	int len;

	for (;;) {
		spin_lock(&probe->lock);
		got = kfifo_get(&probe->records, &record);
		if (!got && probe->lost) {
			record = (struct probe_record){
				.event = PROBE_LOST,
				.extra = probe->lost,
			};
			probe->lost = 0;
			got = true;
		}
		spin_unlock(&probe->lock);
		if (got)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(probe->wait,
					     !kfifo_is_empty(&probe->records)))
			return -EINTR;
	}
	len = scnprintf(line, sizeof(line), "%d %u %x %u %ld %lu\n",
			record.pid, record.event, record.action,
			record.stop_id, record.extra, record.seq);
	if (count < len)
		return -EINVAL;
	return copy_to_user(buf, line, len) ? -EFAULT : len;
}

static __poll_t probe_poll(struct file *file, poll_table *wait)
{
	struct probe *probe = file->private_data;

	poll_wait(file, &probe->wait, wait);
	return EPOLLOUT | (kfifo_is_empty(&probe->records) ? 0 : EPOLLIN);
}

static int probe_open(struct inode *inode, struct file *file)
{
	struct probe *probe = kvzalloc(sizeof(*probe), GFP_KERNEL);
	int i;

	if (!probe)
		return -ENOMEM;
	kref_init(&probe->kref);
	mutex_init(&probe->mutex);
	spin_lock_init(&probe->lock);
	init_waitqueue_head(&probe->wait);
	INIT_KFIFO(probe->records);
	for (i = 0; i < _UTRACE_NEVENTS; i++)
		probe->on[i] = PROBE_KEEP;
	file->private_data = probe;
	return 0;
}

static int probe_close(struct inode *inode, struct file *file)
{
	struct probe *probe = file->private_data;

	if (probe->engine) {
		utrace_detach_sync_uninterruptible(NULL, probe->engine);
		utrace_engine_put(probe->engine);
		/* Its memory may become the engine of a child. */
		WRITE_ONCE(probe->engine, NULL);
	}
	kref_put(&probe->kref, probe_free);
	return 0;
}

static const struct file_operations probe_fops = {
	.owner = THIS_MODULE,
	.open = probe_open,
	.release = probe_close,
	.read = probe_read,
	.write = probe_write,
	.poll = probe_poll,
};

static struct miscdevice probe_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "utrace-probe",
	.fops = &probe_fops,
	.mode = 0600,
};

static int __init probe_init(void)
{
	return misc_register(&probe_device);
}

static void __exit probe_exit_module(void)
{
	misc_deregister(&probe_device);
	/* Engines of children that were followed have no file. */
	utrace_drain_ops(&probe_ops);
	utrace_drain_ops(&probe_few_ops);
}

module_init(probe_init);
module_exit(probe_exit_module);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a utrace engine that a program drives, for tests");
