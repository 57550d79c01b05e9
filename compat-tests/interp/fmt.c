/* fmt.c - formatting without a libc, with the testbed's own conversions. */
#include <stdarg.h>
#include <string.h>

#include "actor.h"

struct out {
	char *s;
	unsigned int room, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->room)
		o->s[o->len++] = c;
}

static void puts_out(struct out *o, const char *s)
{
	while (*s)
		put(o, *s++);
}

static void put_u64(struct out *o, uint64_t v, unsigned int base, int width, bool zero)
{
	char digits[24];
	int n = 0;

	do {
		if (base == 16) {
			digits[n++] = "0123456789abcdef"[v & 15];
			v >>= 4;
		} else if (!(v >> 32)) {
			digits[n++] = '0' + (uint32_t)v % 10;
			v = (uint32_t)v / 10;
		} else {
			/* by halves: ia32 has no 64-bit division without libgcc */
			uint64_t hi = v >> 32, q, rem;

			q = (uint64_t)((uint32_t)hi / 10) << 32;
			rem = (uint32_t)hi % 10;
			for (int bit = 31; bit >= 0; bit--) {
				rem = rem << 1 | ((v >> bit) & 1);
				if (rem >= 10) {
					rem -= 10;
					q |= 1ull << bit;
				}
			}
			digits[n++] = '0' + rem;
			v = q;
		}
	} while (v);
	while (width-- > n)
		put(o, zero ? '0' : ' ');
	while (n)
		put(o, digits[--n]);
}

static void put_s64(struct out *o, int64_t v, int width, bool zero)
{
	if (v < 0) {
		put(o, '-');
		put_u64(o, -(uint64_t)v, 10, width - 1, zero);
	} else {
		put_u64(o, v, 10, width, zero);
	}
}

/*
 * A pid: the role now bound to it; if there is none yet it may be bound later,
 * so the number is kept as a mark that the renderer (render.c) resolves.
 */
static void put_pid(struct out *o, int pid)
{
	const char *prefix;
	uint32_t viewer = FORM_NONE;
	int role;

	if (pid < 0 && pid > -0x40000000) {
		put(o, '-');
		pid = -pid;
	}
	if (pid == 0 || pid < 0) {
		put_s64(o, pid, 0, false);
		return;
	}
	if ((unsigned long)__builtin_frame_address(0) - (SHARED_BASE + SLOT_OFF) < LOG_OFF - SLOT_OFF)
		viewer = self()->role;
	role = resolve(viewer, pid, &prefix);
	if (role >= 0) {
		puts_out(o, prefix);
		puts_out(o, form_str(the_form(), form_roles(the_form())[role].name));
		return;
	}
	put(o, 1);
	put_u64(o, pid, 16, 8, true);
}

static void put_status(struct out *o, int st)
{
	int sig = (st >> 8) & 0xff;
	unsigned int odd = 0;
	const char *name;

	if ((st & 0x7f) == 0) {
		puts_out(o, "exited ");
		put_u64(o, sig, 10, 0, false);
	} else if (st == 0xffff) {
		puts_out(o, "continued");
	} else if ((st & 0xff) == 0x7f) {
		if (st >> 16) {
			name = event_name(st >> 16);
			puts_out(o, "event ");
			if (name)
				puts_out(o, name);
			else
				put_s64(o, st >> 16, 0, false);
			if (sig == 5)
				return;
		} else if (sig == (5 | 0x80)) {
			puts_out(o, "syscall-stop");
			return;
		} else {
			puts_out(o, "stopped");
		}
		put(o, ' ');
		name = sig_name(sig);
		if (name)
			puts_out(o, name);
		else
			put_s64(o, sig, 0, false);
	} else {
		puts_out(o, "killed ");
		name = sig_name(st & 0x7f);
		if (name)
			puts_out(o, name);
		else
			put_s64(o, st & 0x7f, 0, false);
		if (st & 0x80)
			puts_out(o, " core");
	}
	/* bits that no status of this kind has */
	if ((st & 0x7f) == 0)
		odd = st & ~0xff00;
	else if (st != 0xffff && (st & 0xff) != 0x7f)
		odd = st & ~0xff;
	if (odd) {
		puts_out(o, " and 0x");
		put_u64(o, odd, 16, 0, false);
	}
}

static void put_address(struct out *o, uint64_t addr)
{
	uint64_t off = 0;
	const char *label = addr ? addr_label(addr, &off) : "0";

	if (!label) {
		puts_out(o, "addr");
		return;
	}
	puts_out(o, label);
	if (off) {
		put(o, '+');
		put_u64(o, off, 10, 0, false);
	}
}

static void put_result(struct out *o, long ret)
{
	const char *name = ret < 0 ? errno_name(-ret) : NULL;

	if (name)
		puts_out(o, name);
	else
		put_s64(o, ret, 0, false);
}

static void format_to(struct out *o, const char *f, va_list ap)
{
	for (; *f; f++) {
		bool zero = false, alt = false;
		int width = 0, longs = 0;
		const char *s;

		if (*f != '%') {
			put(o, *f);
			continue;
		}
		f++;
		for (; *f == '0' || *f == '#' || *f == '-'; f++) {
			zero |= *f == '0';
			alt |= *f == '#';
		}
		for (; *f >= '0' && *f <= '9'; f++)
			width = width * 10 + *f - '0';
		for (; *f == 'l' || *f == 'z'; f++)
			longs += *f == 'l' ? 1 : 1;
		switch (*f) {
		case 'd':
		case 'i':
			put_s64(o, longs > 1 ? va_arg(ap, long long) : longs ? va_arg(ap, long) :
				va_arg(ap, int), width, zero);
			break;
		case 'u':
		case 'x':
			if (alt)
				puts_out(o, "0x");
			put_u64(o, longs > 1 ? va_arg(ap, unsigned long long) :
				longs ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int),
				*f == 'x' ? 16 : 10, width, zero);
			break;
		case 's':
			s = va_arg(ap, const char *);
			puts_out(o, s ? s : "(null)");
			break;
		case 'c':
			put(o, va_arg(ap, int));
			break;
		case 'P':
			put_pid(o, va_arg(ap, int));
			break;
		case 'A':
			put_address(o, va_arg(ap, uint64_t));
			break;
		case 'E':
			put_result(o, va_arg(ap, long));
			break;
		case 'G': {
			int sig = va_arg(ap, int);

			s = sig_name(sig);
			if (s)
				puts_out(o, s);
			else
				put_s64(o, sig, 0, false);
			break;
		}
		case 'W':
			put_status(o, va_arg(ap, int));
			break;
		case '%':
			put(o, '%');
			break;
		default:
			put(o, '%');
			put(o, *f);
			if (!*f)
				f--;
		}
	}
	if (o->room)
		o->s[o->len] = '\0';
}

unsigned int fmt(char *out, unsigned int room, const char *format, ...)
{
	struct out o = { out, room, 0 };
	va_list ap;

	va_start(ap, format);
	format_to(&o, format, ap);
	va_end(ap);
	return o.len;
}

void log_add(struct line *l, const char *format, ...)
{
	struct out o = { l->s, sizeof(l->s), l->len };
	va_list ap;

	va_start(ap, format);
	format_to(&o, format, ap);
	va_end(ap);
	l->len = o.len;
}
