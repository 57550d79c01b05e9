/* qmp.c - a small QMP client on one socket, never blocking. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qmp.h"

void qmp_init(struct qmp *q, int fd)
{
	memset(q, 0, sizeof(*q));
	q->fd = fd;
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	qmp_command(q, "qmp_capabilities");
}

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	buf_free(&q->in);
	buf_free(&q->out);
	free(q->reply);
	q->reply = NULL;
}

static void queue(struct qmp *q, json_t *command)
{
	char *s = json_dumps(command, JSON_COMPACT);

	buf_printf(&q->out, "%s\n", s);
	q->sent++;
	free(s);
	json_decref(command);
}

void qmp_command(struct qmp *q, const char *name)
{
	queue(q, json_pack("{s:s}", "execute", name));
}

void qmp_human(struct qmp *q, const char *line)
{
	queue(q, json_pack("{s:s, s:{s:s}}", "execute", "human-monitor-command",
			   "arguments", "command-line", line));
}

/* One line from QEMU: a greeting, an event, or the answer to the oldest command. */
static void take(struct qmp *q, const char *line, size_t len)
{
	json_t *o = json_loadb(line, len, 0, NULL), *ret;

	if (!o)
		return;
	if (json_object_get(o, "QMP")) {
		q->ready = true;
	} else if ((ret = json_object_get(o, "return"))) {
		q->answered++;
		if (json_is_string(ret)) {
			free(q->reply);
			q->reply = xstrdup(json_string_value(ret));
		}
	} else if (json_object_get(o, "error")) {
		q->answered++;
	}
	json_decref(o);
}

static bool hung_up(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	return false;
}

bool qmp_work(struct qmp *q)
{
	char chunk[4096], *nl;
	size_t at = 0;

	if (q->fd < 0)
		return false;
	for (;;) {
		ssize_t n = recv(q->fd, chunk, sizeof(chunk), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			return hung_up(q);
		buf_add(&q->in, chunk, n);
	}
	while (at < q->in.len &&
	       (nl = memchr(q->in.s + at, '\n', q->in.len - at))) {
		take(q, q->in.s + at, nl - (q->in.s + at));
		at = nl + 1 - q->in.s;
	}
	if (at) {
		memmove(q->in.s, q->in.s + at, q->in.len - at);
		q->in.len -= at;
	}
	while (q->ready && q->out.len) {
		ssize_t n = send(q->fd, q->out.s, q->out.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			return hung_up(q);
		memmove(q->out.s, q->out.s + n, q->out.len - n);
		q->out.len -= n;
	}
	return true;
}

bool qmp_idle(const struct qmp *q)
{
	return q->answered >= q->sent;
}
