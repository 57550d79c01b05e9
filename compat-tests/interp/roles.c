/* roles.c - tids and roles: who a number is, as seen by whom. */
#include "actor.h"

/*
 * The number of a role as pid namespace `ns` has it, 0 when not known.  .tid is
 * what its creator was told, .nstid what itself would be told; a tracer outside
 * both learns .root_tid from an event message (verb bind) or the watcher from /proc.
 */
static int32_t seen_tid(uint32_t ns, const struct role_state *rs)
{
	if (ns == rs->creator_ns)
		return rs->tid;
	if (ns == rs->ns)
		return rs->nstid;
	return ns ? 0 : rs->root_tid;
}

/*
 * The role that `pid` names for the role `viewer` (FORM_NONE: the watcher), -1
 * when no role does.  *prefix: "" for a current tid, "old:" for one a role had
 * before, "ns:" for a number that only roles inside another pid namespace use.
 */
int resolve(uint32_t viewer, int32_t pid, const char **prefix)
{
	struct shared *sh = shared();
	uint32_t ns = viewer == FORM_NONE ? 0 : sh->role[viewer].ns;

	*prefix = "";
	for (uint32_t i = 0; i < sh->nroles; i++)
		if (seen_tid(ns, &sh->role[i]) == pid)
			return i;
	*prefix = "old:";
	for (uint32_t i = 0; i < sh->nroles; i++)
		for (uint32_t k = 0; k < sh->role[i].nold; k++)
			if (sh->role[i].old_tid[k] == pid)
				return i;
	*prefix = "ns:";
	for (uint32_t i = 0; i < sh->nroles; i++)
		if (sh->role[i].ns && sh->role[i].nstid == pid)
			return i;
	return -1;
}

int tid_role(struct actor *a, pid_t tid)
{
	const char *prefix;

	return tid > 0 ? resolve(a->role, tid, &prefix) : -1;
}

pid_t role_tid(struct actor *a, uint32_t role)
{
	return seen_tid(my_state(a)->ns, state_of(role));
}

void role_bind(uint32_t viewer, uint32_t role, int32_t pid)
{
	struct role_state *rs = state_of(role);
	uint32_t ns = viewer == FORM_NONE ? 0 : state_of(viewer)->ns;
	int32_t *slot = ns == rs->creator_ns ? &rs->tid : ns == rs->ns ? &rs->nstid : &rs->root_tid;

	if (*slot && *slot != pid && rs->nold < MAX_OLD)
		rs->old_tid[rs->nold++] = *slot;
	*slot = pid;
}

/* The leader of a thread is its .parent, which may itself not be a thread. */
pid_t role_tgid(struct actor *a, uint32_t role)
{
	const struct form_role *r = form_roles(a->form);

	while ((r[role].flags & ROLE_THREAD) && r[role].parent != FORM_NONE)
		role = r[role].parent;
	return role_tid(a, role);
}
