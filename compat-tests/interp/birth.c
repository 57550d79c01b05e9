/* birth.c - how roles come to be: clone for the start and for steps, set-up commands, exec into an image of either word size. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "actor.h"

#if defined(__i386__)
#define OWN_BITS 32
#elif defined(__ILP32__)
#define OWN_BITS 33
#else
#define OWN_BITS 64
#endif

#ifdef __i386__
#define NR_mmap __NR_mmap2
#define NR_setresuid __NR_setresuid32
#define NR_setresgid __NR_setresgid32
#define NR_setgroups __NR_setgroups32
#else
#define NR_mmap __NR_mmap
#define NR_setresuid __NR_setresuid
#define NR_setresgid __NR_setresgid
#define NR_setgroups __NR_setgroups
#endif

static void *stack_top(uint32_t role)
{
	return (char *)slot_of(role) + ACTOR_STACK;
}

/* What a role's earlier incarnation (a step that makes it runs again) leaves: its counts of edges and its log. */
static void prepare(uint32_t role, const struct actor *creator)
{
	struct role_state *rs = state_of(role);
	const struct form_role *r = &form_roles(the_form())[role];

	if (rs->tid && rs->nold < MAX_OLD)
		rs->old_tid[rs->nold++] = rs->tid;
	rs->tid = rs->nstid = rs->root_tid = 0;
	rs->creator_ns = rs->ns = creator ? my_state(creator)->ns : 0;
	rs->step = FORM_NONE;
	rs->waiting = rs->spinning = rs->in_handler = rs->wants_quiet = rs->wants_lag = 0;
	rs->await_edge = FORM_NONE;
	rs->execing = rs->replaced = 0;
	rs->timers = 0;
	rs->timer_ns = 0;
	rs->nframes = 0;
	rs->it = rs->ret = 0;
	rs->msg = 0;
	rs->it_status = 0;
	rs->births++;
	rs->uid = r->uid ? r->uid : creator ? my_state(creator)->uid : 0;
	rs->sighand = role;
	rs->phase = PH_STARTING;
}

/*
 * clone() with `flags` (and CLONE_PARENT_SETTID, so that the tid is known before
 * anybody can see the child) into the role's slot.  `a` is the creator, NULL the
 * watcher.  Returns the tid or -errno.
 */
long birth(struct actor *a, uint32_t role, sysarg flags)
{
	struct role_state *rs = state_of(role);
	uint32_t phase = rs->phase;
	long ret;

	prepare(role, a);
	if (a && (flags & CLONE_SIGHAND)) {
		rs->sighand = my_state(a)->sighand;
	} else if (a) {
		for (int i = 0; i < 72; i++) {
			rs->handler[i] = state_of(my_state(a)->sighand)->handler[i];
			rs->handler_mute[i] = state_of(my_state(a)->sighand)->handler_mute[i];
		}
	}
	actor_init(role);
	ret = spawn(flags | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, stack_top(role), &rs->tid,
		    &rs->nstid, start_role, slot_of(role));
	if (ret < 0)
		rs->phase = phase;
	return ret;
}

static uint32_t bits_of(uint32_t role)
{
	const struct form_role *r = form_roles(the_form());

	while ((r[role].flags & ROLE_THREAD) && r[role].parent != FORM_NONE)
		role = r[role].parent;
	return r[role].bits;
}

/* The child's first code, in its own slot. */
void start_role(void *arg)
{
	struct actor *a = arg;
	struct role_state *rs = my_state(a);
	const struct form_role *r = &form_roles(a->form)[a->role];

	if (rs->nstid != rs->tid)
		rs->ns = a->role + 1;
	if (r->birth == BORN_AT_START) {
		/* what the watcher creates leads a session and a process group of its own */
		if (r->parent == FORM_NONE)
			sys(__NR_setsid);
		obey(a);
	}
	if (bits_of(a->role) != OWN_BITS) {
		exec_image(a, bits_of(a->role));
		core_failed(a, __LINE__);
	}
	run_column(a);
}

static void done(struct actor *a, long ret)
{
	if (ret < 0 && !a->sh->set_up_error)
		a->sh->set_up_error = -ret;
	__atomic_fetch_add(&a->sh->ack, 1, __ATOMIC_SEQ_CST);
	sys(__NR_futex, &a->sh->ack, FUTEX_WAKE, 1, 0, 0, 0);
}

static long take_user(struct actor *a)
{
	uint32_t uid = my_state(a)->uid;
	long ret;

	if (!uid)
		return 0;
	ret = sys(NR_setgroups, 0, 0);
	if (!ret)
		ret = sys(NR_setresgid, uid, uid, uid);
	if (!ret)
		ret = sys(NR_setresuid, uid, uid, uid);
	/* changing ids made the process undumpable: not what a scenario starts from */
	if (!ret)
		ret = sys(__NR_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
	return ret;
}

/* Before the start barrier a role does what the watcher says, one command at a time. */
void obey(void *arg)
{
	struct actor *a = arg;
	struct role_state *rs = my_state(a);

	for (;;) {
		uint32_t seq = __atomic_load_n(&rs->cmd_seq, __ATOMIC_SEQ_CST);
		uint32_t cmd = __atomic_load_n(&rs->cmd, __ATOMIC_SEQ_CST);
		long ret = 0;

		if (cmd == CMD_NONE) {
			sys(__NR_futex, &rs->cmd_seq, FUTEX_WAIT, seq, 0, 0, 0);
			continue;
		}
		rs->cmd = CMD_NONE;
		switch (cmd) {
		case CMD_CREATE:
			ret = birth(a, rs->cmd_arg,
				    form_roles(a->form)[rs->cmd_arg].flags & ROLE_THREAD ?
				    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				    CLONE_SYSVSEM : SIGCHLD);
			break;
		case CMD_EXEC:
			ret = exec_image(a, bits_of(a->role));
			break;
		case CMD_CREDS:
			ret = take_user(a);
			break;
		case CMD_GO:
			run_column(a);
		}
		done(a, ret);
	}
}

static const char *image_path(uint32_t bits)
{
	return bits == 32 ? "/bin/interp32" : bits == 33 ? "/bin/interpx32" : "/bin/interp64";
}

/*
 * exec the interpreter of that word size; the role, as a decimal argument, is
 * all the new image is told, the rest it finds in the shared mapping.  Returns
 * only with -errno.
 */
long exec_image(struct actor *a, uint32_t bits)
{
	struct role_state *rs = my_state(a);
	const char *path = image_path(bits);
	char number[12];
	const char *argv[3] = { path, number, NULL }, *envp[1] = { NULL };

	fmt(number, sizeof(number), "%u", a->role);
	rs->it = a->it;
	rs->it_status = a->it_status;
	rs->msg = a->msg;
	rs->ret = a->ret;
	return sys(__NR_execve, path, argv, envp);
}

/*
 * A non-leader that execs takes its leader's number over (de_thread()): from
 * here on the number is this role's, its former one prints as old:ROLE, and the
 * leader's role has none.
 */
static void take_leader_tid(uint32_t role)
{
	const struct form_role *r = form_roles(the_form());
	struct role_state *rs = state_of(role), *ls;
	uint32_t leader = role;

	while ((r[leader].flags & ROLE_THREAD) && r[leader].parent != FORM_NONE)
		leader = r[leader].parent;
	ls = state_of(leader);
	if (leader == role || !ls->tid)
		return;
	if (rs->nold < MAX_OLD)
		rs->old_tid[rs->nold++] = rs->tid;
	rs->tid = ls->tid;
	rs->nstid = ls->nstid;
	rs->root_tid = ls->root_tid;
	rs->ns = ls->ns;
	rs->creator_ns = ls->creator_ns;
	ls->tid = ls->nstid = ls->root_tid = 0;
	ls->phase = PH_LEFT;
	ls->replaced = role + 1;
}

/* Entry of an image that an actor exec'd: one mmap, then on in its slot. */
void image_main(uint32_t role)
{
	struct shared *sh = shared();
	struct role_state *rs;
	long ret;

	ret = sys(NR_mmap, SHARED_BASE, SHARED_SIZE, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_FIXED, CASE_FD, 0);
	if (SYS_IS_ERR(ret) || sh->magic != SHARED_MAGIC || sh->size != sizeof(*sh) ||
	    role >= sh->nroles)
		sys(__NR_exit_group, 125);
	rs = state_of(role);
	rs->execs++;
	rs->waiting = rs->spinning = rs->in_handler = 0;
	rs->sighand = role;
	for (int i = 0; i < 72; i++)
		rs->handler[i] = rs->handler_mute[i] = 0;
	if (rs->execing) {
		rs->execing = 0;
		take_leader_tid(role);
		actor_init(role);
		on_stack(stack_top(role), resume_column, slot_of(role));
	}
	actor_init(role);
	if (form_roles(the_form())[role].birth == BORN_AT_START) {
		__atomic_fetch_add(&sh->ack, 1, __ATOMIC_SEQ_CST);
		sys(__NR_futex, &sh->ack, FUTEX_WAKE, 1, 0, 0, 0);
		on_stack(stack_top(role), obey, slot_of(role));
	}
	on_stack(stack_top(role), run_column, slot_of(role));
}

/* From _start: `interp --watch` and `--bench-edges` serve PID 1, a number is a role to go on as. */
void start_main(long *sp) __attribute__((noreturn, used));
void start_main(long *sp)
{
	const char *arg = sp[0] > 1 ? (const char *)sp[2] : "";
	uint32_t role = 0;
	int ret = 2;

	if (*arg >= '0' && *arg <= '9') {
		while (*arg >= '0' && *arg <= '9')
			role = role * 10 + *arg++ - '0';
		image_main(role);
	}
#if OWN_BITS == 64
	if (arg[0] == '-' && arg[1] == '-' && arg[2] == 'w')
		ret = watch_main();
	else if (arg[0] == '-' && arg[1] == '-' && arg[2] == 'b')
		ret = bench_main();
#endif
	sys(__NR_exit_group, ret);
	__builtin_unreachable();
}
