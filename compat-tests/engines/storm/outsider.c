/* outsider.c - those who trace nobody and send signals to threads of ptrace-storm, in each of the ways there are. */
#include <signal.h>
#include <string.h>

#include "storm.h"

static void send(uint64_t *rnd, int tid, int sig)
{
	siginfo_t si;
	long fd;

	memset(&si, 0, sizeof(si));
	si.si_signo = sig;
	si.si_code = SI_QUEUE;
	switch (draw(rnd, 7)) {
	case 0:
		sys2(SYS_tkill, tid, sig);
		break;
	case 1:
		sys3(SYS_rt_sigqueueinfo, tid, sig, &si);
		break;
	case 2:
		sys4(SYS_rt_tgsigqueueinfo, tid, tid, sig, &si);
		break;
	case 3:
		fd = sys2(SYS_pidfd_open, tid, 0);
		if (fd >= 0) {
			sys4(SYS_pidfd_send_signal, fd, sig, NULL, 0);
			sys1(SYS_close, fd);
		}
		break;
	case 4:
		/* the group of a process that leads one, else nobody */
		sys2(SYS_kill, -tid, sig);
		break;
	default:
		sys2(SYS_kill, tid, sig);
	}
	add_one(&storm->signals);
}

void outsider(struct actor *me, uint64_t seed)
{
	uint64_t rnd = seed;
	unsigned long next = requests_made();

	me->tid = sys0(SYS_gettid);
	while (!storm->stop) {
		int tid = pool_draw(&rnd), sig = draw_signal(&rnd);

		me->beats++;
		/* more of a crowd dies, so that there is room for new ones */
		if (one_in(&rnd, storm->crowd >= CROWD ? 3 : 40))
			sig = SIGKILL;
		if (tid)
			send(&rnd, tid, sig);
		/* so many signals a request, however fast the machine is, but some always */
		next += draw(&rnd, 16);
		for (int i = 0; i < 50 && requests_made() < next && !storm->stop; i++)
			nap_us(200);
	}
	leave(SYS_exit_group);
}
