/* watch.c - the watcher of one repeat: makes the actors, lets them go, waits for rest, records, ends them. */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "watch.h"

struct request *req;

#define WATCH_PRIO 80

static int give_up(const char *what, long err)
{
	req->len = fmt(req->text, sizeof(req->text), "%s: %E\n", what, err);
	req->answer = ANSWER_ERROR;
	return 0;
}

static const char *name_of(uint32_t role)
{
	return form_str(the_form(), form_roles(the_form())[role].name);
}

/* The shared mapping, with the form copied in; NULL, or what failed with *err. */
static const char *map_case(long *err)
{
	uint64_t from = req->blob_off & ~4095ull, skip = req->blob_off - from;
	const char *why;
	long fd, p;

	p = sys(__NR_mmap, 0, req->blob_len + skip, PROT_READ, MAP_PRIVATE, JOB_FD, from);
	if (SYS_IS_ERR(p)) {
		*err = p;
		return "mmap of the job";
	}
	*err = -EINVAL;
	if (req->blob_len > FORM_ROOM)
		return "the case is too large for the guest";
	if (form_check((const char *)p + skip, req->blob_len, &why))
		return why;
	fd = sys(__NR_memfd_create, "case", 0);
	if (fd < 0 || (*err = sys(__NR_ftruncate, fd, SHARED_SIZE)) < 0 ||
	    (*err = sys(__NR_dup2, fd, CASE_FD)) < 0)
		return "memfd of the case";
	sys(__NR_close, fd);
	*err = sys(__NR_mmap, SHARED_BASE, SHARED_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED_NOREPLACE, CASE_FD, 0);
	if (SYS_IS_ERR(*err))
		return "mmap of the case";
	memcpy((void *)(SHARED_BASE + FORM_OFF), (const char *)p + skip, req->blob_len);
	sys(__NR_munmap, p, req->blob_len + skip);
	return NULL;
}

/* What the steps of a list, and of what it runs, ask for: races they take part in, spins. */
static void scan_steps(uint32_t role, uint32_t first, uint32_t n)
{
	const struct form_case *c = the_form();
	struct shared *sh = shared();

	for (uint32_t i = first; i < first + n; i++) {
		const struct form_step *s = &form_steps(c)[i];

		if (s->verb == VERB_freeze)
			sh->freezes = 1;
		if (s->verb == VERB_spin || s->verb == VERB_spinwhile)
			sh->role[role].spins = 1;
		if (s->verb == VERB_race) {
			const char *name = form_str(c, s->arg[0].ref);
			uint32_t k = 0;

			while (k < sh->nraces && strcmp(form_str(c, sh->race[k].name), name))
				k++;
			if (k == MAX_RACES)
				continue;
			if (k == sh->nraces)
				sh->race[sh->nraces++].name = s->arg[0].ref;
			sh->race[k].members |= 1ull << role;
		}
		for (int a = 0; a < s->nargs; a++) {
			if (s->arg[a].type == ARG_BLOCK) {
				const struct form_block *b = &form_blocks(c)[s->arg[a].ref];

				for (uint32_t k = 0; k < b->nclauses; k++)
					scan_steps(role, b->clause[k].first_step, b->clause[k].nsteps);
			}
			if (s->arg[a].type == ARG_HANDLER) {
				const struct form_handler *h = &form_handlers(c)[s->arg[a].ref];

				scan_steps(role, h->first_step, h->nsteps);
			}
		}
	}
}

static void fill_shared(void)
{
	const struct form_case *c = the_form();
	struct shared *sh = shared();

	sh->magic = SHARED_MAGIC;
	sh->size = sizeof(*sh);
	sh->nroles = c->nroles;
	sh->watcher = sys(__NR_getpid);
	sh->patient = !(req->flags & JOB_ICOUNT);
	sh->delays = !(req->flags & JOB_PERTURB) ? DELAY_NONE :
		     c->flags & FORM_RACY ? DELAY_LONG : DELAY_SHORT;
	for (uint32_t i = 0; i < c->nroles; i++) {
		struct role_state *rs = &sh->role[i];

		rs->step = rs->await_edge = FORM_NONE;
		rs->sighand = i;
		rs->rng = rng_mix(req->seed, i + 1);
		rs->spins = form_roles(c)[i].flags & ROLE_QUIET;
		rs->lags = (req->flags & JOB_LAG) && req->repeat == i;
		/* it spins while it lags */
		if (rs->lags)
			rs->spins = 1;
		scan_steps(i, form_roles(c)[i].first_step, form_roles(c)[i].nsteps);
	}
}

/* One set-up command to a role, done when this returns; 0 or -errno. */
static long command(uint32_t role, enum set_up cmd, uint32_t arg)
{
	struct shared *sh = shared();
	struct role_state *rs = &sh->role[role];
	uint32_t ack = __atomic_load_n(&sh->ack, __ATOMIC_SEQ_CST), now;
	uint64_t end = now_ns() + 5000000000ull;
	struct { int64_t s, ns; } limit = { 1, 0 };

	rs->cmd_arg = arg;
	__atomic_store_n(&rs->cmd, cmd, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&rs->cmd_seq, 1, __ATOMIC_SEQ_CST);
	sys(__NR_futex, &rs->cmd_seq, FUTEX_WAKE, 1, 0, 0, 0);
	if (cmd == CMD_GO)
		return 0;
	while ((now = __atomic_load_n(&sh->ack, __ATOMIC_SEQ_CST)) == ack) {
		if (now_ns() > end)
			return -ETIMEDOUT;
		sys(__NR_futex, &sh->ack, FUTEX_WAIT, now, &limit, 0, 0);
	}
	return -(long)sh->set_up_error;
}

/* Make every role that is there at the start, creators first, each complete before the next. */
static const char *make_roles(uint32_t *which, long *err)
{
	const struct form_case *c = the_form();
	const struct form_role *r = form_roles(c);
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t i = 0; i < c->nroles; i++) {
			bool thread = r[i].flags & ROLE_THREAD;
			uint32_t p = r[i].parent;

			if (r[i].birth != BORN_AT_START || state_of(i)->phase != PH_UNBORN)
				continue;
			*which = i;
			*err = -EINVAL;
			if (p != FORM_NONE && r[p].birth != BORN_AT_START)
				return "a role there at the start has a creator that is not";
			if (p != FORM_NONE && state_of(p)->phase == PH_UNBORN) {
				more = true;
				continue;
			}
			*err = p == FORM_NONE ? birth(NULL, i, SIGCHLD) : command(p, CMD_CREATE, i);
			if (*err < 0)
				return "cannot create the role";
			if (!thread && r[i].bits != (p == FORM_NONE ? 64 : r[p].bits)) {
				*err = command(i, CMD_EXEC, 0);
				if (*err < 0)
					return "cannot exec the image of the role's word size";
			}
		}
	}
	for (uint32_t i = 0; i < c->nroles; i++) {
		uint64_t cpu0 = 1;

		if (r[i].birth != BORN_AT_START)
			continue;
		*which = i;
		if (c->cpus == 1)
			sys(__NR_sched_setaffinity, watch_tid(i), sizeof(cpu0), &cpu0);
		if (state_of(i)->spins)
			control_base(i);
		*err = state_of(i)->uid ? command(i, CMD_CREDS, 0) : 0;
		if (*err < 0)
			return "cannot take the role's user";
	}
	return NULL;
}

/* Whether a step of the case may end a role by one of the signals a crash ends it by. */
static bool faults_expected(void)
{
	const struct form_case *c = the_form();

	for (uint32_t i = 0; i < c->nsteps; i++) {
		const struct form_step *s = &form_steps(c)[i];

		switch (s->verb) {
		case VERB_fault: case VERB_run: case VERB_call: case VERB_callnum: case VERB_call32:
		case VERB_native: case VERB_poke: case VERB_pokeuser: case VERB_setreg:
		case VERB_request: case VERB_setsiginfo: case VERB_seccomp: case VERB_sud:
			return true;
		}
		for (int a = 0; a < s->nargs; a++)
			if (s->arg[a].type == ARG_INT &&
			    (s->arg[a].val == SIGSEGV || s->arg[a].val == SIGBUS ||
			     s->arg[a].val == SIGILL || s->arg[a].val == SIGFPE))
				return true;
	}
	return false;
}

/* A role that the interpreter itself killed: FORM_NONE, or which one. */
static uint32_t crashed(int *code)
{
	if (faults_expected())
		return FORM_NONE;
	for (uint32_t i = 0; i < shared()->nroles; i++) {
		int tid = watch_tid(i), sig;

		if (!tid || task_state(tid, code) != 'Z')
			continue;
		sig = *code & 0x7f;
		if (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE ||
		    *code == 125 << 8)
			return i;
	}
	return FORM_NONE;
}

static void error_at(const char *what, uint32_t role, uint32_t step)
{
	const struct form_case *c = the_form();

	req->answer = ANSWER_ERROR;
	req->len = fmt(req->text, 1024, "%s: %s", what, name_of(role));
	if (step < c->nsteps)
		req->len += fmt(req->text + req->len, 1024, ", line %u, `%s`",
				form_steps(c)[step].line, form_str(c, form_steps(c)[step].text));
}

static void record(enum ending ending, uint64_t took)
{
	struct shared *sh = shared();
	uint32_t who;
	int code = 0;

	req->answer = ANSWER_RESULT;
	req->took_ns = took;
	req->len = 0;
	if (sh->failed == FAIL_NEED) {
		error_at("setup", sh->failed_role, sh->failed_step);
		req->len += fmt(req->text + req->len, 256, " -> %E\n", (long)sh->failed_ret);
	} else if (sh->failed) {
		error_at("interpreter", sh->failed_role, sh->failed_step);
		req->len += fmt(req->text + req->len, 256, ", at core line %lld\n",
				(long long)sh->failed_ret);
	} else if ((who = crashed(&code)) != FORM_NONE) {
		error_at("interpreter crash", who, state_of(who)->step);
		req->len += fmt(req->text + req->len, 256, ", tid %d: %W\n", watch_tid(who), code);
	}
	render_logs();
	render_ends(ending);
	if (!render_fits() && req->answer == ANSWER_RESULT) {
		uint32_t i, most = 0;

		for (i = 0; i < sh->nroles; i++)
			if (sh->role[i].log.len > sh->role[most].log.len)
				most = i;
		error_at("the log is full", most, sh->role[most].step);
		req->len += fmt(req->text + req->len, 256, "\n");
	}
}

int watch_main(void)
{
	struct { int prio; } prio = { WATCH_PRIO };
	const char *why;
	uint64_t start;
	enum ending ending;
	uint32_t which = FORM_NONE;
	long err;

	err = sys(__NR_mmap, 0, sizeof(*req), PROT_READ | PROT_WRITE, MAP_SHARED, REQUEST_FD, 0);
	if (SYS_IS_ERR(err))
		return 3;
	req = (struct request *)err;
	if (req->magic != REQUEST_MAGIC)
		return 4;
	req->answer = ANSWER_NONE;
	req->note[0] = '\0';
	sys(__NR_madvise, req, sizeof(*req), MADV_DONTFORK);
	sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	sys(__NR_prctl, PR_SET_TIMERSLACK, 1, 0, 0, 0);
	err = sys(__NR_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &prio);
	if (err < 0)
		return give_up("SCHED_FIFO for the watcher", err);
	start = now_ns();
	why = map_case(&err);
	sys(__NR_close, JOB_FD);
	sys(__NR_close, REQUEST_FD);
	if (why)
		return give_up(why, err);
	fill_shared();
	control_start(req->seed, the_form()->flags & FORM_RACY);
	why = make_roles(&which, &err);
	if (why) {
		error_at(why, which, FORM_NONE);
		req->len += fmt(req->text + req->len, 256, ": %E\n", err);
		clean_up();
		return 0;
	}
	control_starve();
	for (uint32_t i = 0; i < shared()->nroles; i++)
		if (form_roles(the_form())[i].birth == BORN_AT_START)
			command(i, CMD_GO, 0);
	ending = watch_until_rest();
	control_calm();
	record(ending, now_ns() - start);
	clean_up();
	if (req->note[0] && req->answer == ANSWER_RESULT)
		req->len += fmt(req->text + req->len, sizeof(req->text) - req->len,
				"=\t99\tLEFT BEHIND %s", req->note);
	return 0;
}
