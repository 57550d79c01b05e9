/* word.c - words with a closed set of meanings, and numbers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* --- words --- */

static bool in_list(struct near *n, struct arena *a, const char *list, const char *w)
{
	bool found = false;

	while (*list) {
		size_t len = strcspn(list, " ");
		const char *item = ar_strndup(a, list, len);

		near_try(n, item);
		found = found || !strcmp(item, w);
		list += len + (list[len] == ' ');
	}
	return found;
}

static bool closed_set(struct build *b, const struct text *t, const struct tok *tok,
		       const struct form_words *fw, const char *s)
{
	for (size_t i = 0;;) {
		size_t len = fw->joined ? strcspn(s + i, "+") : strlen(s);
		const char *w = ar_strndup(b->a, s + i, len);
		struct near n;

		near_start(&n, w);
		if (!in_list(&n, b->a, fw->words, w)) {
			err_text(b->err, t, tok->b + i, "`%s', expected %s: %s%s", w,
				 fw->joined ? "words joined with + of" : "one of", fw->words,
				 near_text(&n, b->a));
			return false;
		}
		if (!s[i + len])
			return true;
		i += len + 1;
	}
}

/* The lines that /proc/PID/status has on x86. */
static const struct form_words status_fields = {
	"look-field", 1, false,
	"Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid NSpid NSpgid NSsid "
	"Kthread VmPeak VmSize VmLck VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData VmStk VmExe VmLib "
	"VmPTE VmSwap HugetlbPages CoreDumping THP_enabled untag_mask Threads SigQ SigPnd ShdPnd SigBlk "
	"SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Seccomp_filters "
	"Speculation_Store_Bypass SpeculationIndirectBranch Cpus_allowed Cpus_allowed_list Mems_allowed "
	"Mems_allowed_list voluntary_ctxt_switches nonvoluntary_ctxt_switches x86_Thread_features "
	"x86_Thread_features_locked"
};

static bool call_name(struct build *b, const struct text *t, const struct tok *tok,
		      const char *s, bool ia32)
{
	struct near n;

	if (call_known(s, ia32))
		return true;
	near_start(&n, s);
	call_near(&n);
	err_text(b->err, t, tok->b, "unknown system call `%s', expected its name%s%s", s,
		 ia32 ? " in the ia32 table" : "", near_text(&n, b->a));
	return false;
}

static bool state_letters(struct build *b, const struct text *t, const struct tok *tok, const char *s)
{
	size_t n = strspn(s, "RSDTtXZPI");

	if (n && !s[n])
		return true;
	err_text(b->err, t, tok->b + n, "`%s', expected letters of /proc states: R S D T t X Z P I", s);
	return false;
}

static bool stop_kind(struct build *b, const struct text *t, const struct tok *tok, const char *s)
{
	const char *all = "any signal group trap syscall";
	int64_t v;
	struct near n;

	if (form_signal_find(s) > 0)
		return true;
	near_start(&n, s);
	if (in_list(&n, b->a, all, s))
		return true;
	if (!strncmp(s, "event:", 6) && !form_const_find(form_events, s + 6, &v))
		return true;
	for (size_t i = 0; form_events[i].name; i++)
		near_try(&n, ar_printf(b->a, "event:%s", form_events[i].name));
	err_text(b->err, t, tok->b,
		 "`%s', expected a stop: a signal's name, any, signal, group, trap, syscall or event:NAME%s",
		 s, near_text(&n, b->a));
	return false;
}

static bool signal_list(struct build *b, const struct text *t, const struct tok *tok, const char *s)
{
	if (!strcmp(s, "none") || !strcmp(s, "all") || !strcmp(s, "0"))
		return true;
	for (size_t i = 0; s[i];) {
		size_t len = strcspn(s + i, "+");
		const char *w;

		/* SIGRTMIN+n holds a + of its own. */
		if (len == 8 && !strncmp(s + i, "SIGRTMIN", 8) && s[i + len] == '+' &&
		    s[i + len + 1] >= '0' && s[i + len + 1] <= '9')
			len += 1 + strcspn(s + i + len + 1, "+");
		w = ar_strndup(b->a, s + i, len);
		if (form_signal_find(w) < 0) {
			err_text(b->err, t, tok->b + i, "unknown signal `%s', expected signals joined with +, none or all", w);
			return false;
		}
		i += len;
		if (s[i] == '+' && !s[++i]) {
			err_text(b->err, t, tok->b + i - 1, "`+' at the end, expected a signal behind it");
			return false;
		}
	}
	return true;
}

static bool is_request(const char *constant)
{
	return !strncmp(constant, "PTRACE_", 7) && strncmp(constant, "PTRACE_O_", 9) &&
	       strcmp(constant, "PTRACE_PEEKSIGINFO_SHARED");
}

/* A ptrace request by its name: with or without PTRACE_, in either case, - for _. */
bool request_number(const char *s, int64_t *v)
{
	char name[64] = "PTRACE_";
	size_t n = strlen(name);

	if (!strncmp(s, "PTRACE_", 7))
		s += 7;
	for (size_t i = 0; s[i] && n + 1 < sizeof(name); i++, n++) {
		char c = s[i];

		name[n] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c == '-' ? '_' : c;
		name[n + 1] = '\0';
	}
	return is_request(name) && !form_const_find(form_flags, name, v);
}

static bool request_name(struct build *b, const struct text *t, const struct tok *tok, const char *s)
{
	char name[64] = "PTRACE_";
	struct near near;
	int64_t v;

	if ((s[0] >= '0' && s[0] <= '9') || (s[0] == '-' && s[1]) || request_number(s, &v))
		return true;
	for (size_t i = 0, n = 7; s[i] && n + 1 < sizeof(name); i++, n++)
		name[n] = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i];
	near_start(&near, strncmp(s, "PTRACE_", 7) ? name : s);
	for (size_t i = 0; form_flags[i].name; i++)
		if (is_request(form_flags[i].name))
			near_try(&near, form_flags[i].name);
	err_text(b->err, t, tok->b, "unknown request `%s', expected a number or a ptrace request%s",
		 s, near_text(&near, b->a));
	return false;
}

bool word_check(struct build *b, const struct text *t, const struct tok *tok,
		const char *verb, unsigned int arg, const char *s)
{
	for (const struct form_words *fw = form_words; fw->verb; fw++)
		if (fw->arg == arg && !strcmp(fw->verb, verb))
			return closed_set(b, t, tok, fw, s);
	if (!strcmp(verb, status_fields.verb) && arg == status_fields.arg)
		return closed_set(b, t, tok, &status_fields, s);
	if ((!strcmp(verb, "call") && arg == 0) || (!strcmp(verb, "await-syscall") && arg == 1) ||
	    (!strcmp(verb, "seccomp") && arg == 1) || (!strcmp(verb, "set-call") && arg == 1))
		return call_name(b, t, tok, s, false);
	if (!strcmp(verb, "call-int80") && arg == 0)
		return call_name(b, t, tok, s, true);
	if (!strcmp(verb, "await-state") && arg == 1)
		return state_letters(b, t, tok, s);
	if (!strcmp(verb, "wait-stop") && arg == 1)
		return stop_kind(b, t, tok, s);
	if (!strcmp(verb, "set-sigmask") && arg == 1)
		return signal_list(b, t, tok, s);
	if (!strcmp(verb, "request") && arg == 1)
		return request_name(b, t, tok, s);
	return true;
}

/* --- numbers --- */

static bool plain_int(const char *s, int64_t *v)
{
	bool neg = *s == '-';
	unsigned long long u;
	char *end;

	if (s[neg] < '0' || s[neg] > '9')
		return false;
	errno = 0;
	u = strtoull(s + neg, &end, s[neg] == '0' && (s[neg + 1] == 'x' || s[neg + 1] == 'X') ? 16 : 10);
	if (errno || *end)
		return false;
	if (neg && u > 1ull << 63)
		return false;
	*v = (int64_t)(neg ? 0 - u : u);
	return true;
}

static bool constant(const char *s, int64_t *v)
{
	bool neg = *s == '-';
	long nr;

	if (form_const_find(form_errnos, s + neg, v) && form_const_find(form_flags, s + neg, v)) {
		int sig = form_signal_find(s + neg);

		if (sig > 0) {
			*v = sig;
		} else if (!strncmp(s + neg, "SYS_", 4) && (nr = call_number(s + neg + 4)) >= 0) {
			*v = nr;
		} else {
			return false;
		}
	}
	if (neg)
		*v = -*v;
	return true;
}

static bool known_label(const char *s)
{
	for (size_t i = 0; lang_labels[i]; i++)
		if (!strcmp(lang_labels[i], s))
			return true;
	return false;
}

/* Labels have - in them: one before a digit is a minus only behind a whole term. */
static bool is_term(const char *s)
{
	int64_t v;

	return plain_int(s, &v) || constant(s, &v) || known_label(s);
}

static bool unknown_number(struct build *b, const struct text *t, size_t at, const char *s)
{
	struct near n;

	if (*s == '-')
		s++;
	near_start(&n, s);
	for (size_t i = 0; form_errnos[i].name; i++)
		near_try(&n, form_errnos[i].name);
	for (size_t i = 0; form_flags[i].name; i++)
		near_try(&n, form_flags[i].name);
	for (size_t i = 0; form_signals[i].name; i++)
		near_try(&n, form_signals[i].name);
	for (size_t i = 0; lang_labels[i]; i++)
		near_try(&n, lang_labels[i]);
	err_text(b->err, t, at,
		 "`%s', expected a number, a constant, a label, @name, it, sig, msg, ret or tid:ROLE%s",
		 s, near_text(&n, b->a));
	return false;
}

/* Terms joined with + (and - before a digit); at most one is a label. */
static bool sum(struct build *b, const struct text *t, const struct tok *tok, struct form_arg *out)
{
	const char *s = tok->s;
	uint64_t total = 0;

	out->type = ARG_INT;
	for (size_t i = 0;;) {
		size_t e = i + 1;
		const char *term;
		int64_t v;

		while (s[e] && s[e] != '+' && !(s[e] == '-' && s[e + 1] >= '0' && s[e + 1] <= '9' &&
						is_term(ar_strndup(b->a, s + i, e - i))))
			e++;
		term = ar_strndup(b->a, s + i, e - i);
		if (plain_int(term, &v) || constant(term, &v)) {
			total += (uint64_t)v;
		} else if (out->type == ARG_INT && known_label(term)) {
			out->type = ARG_LABEL;
			out->ref = build_str(b, term);
		} else {
			return unknown_number(b, t, tok->b + i, term);
		}
		if (!s[e])
			break;
		i = s[e] == '+' ? e + 1 : e;
		if (!s[i])
			return unknown_number(b, t, tok->b + e, "+");
	}
	out->val = (int64_t)total;
	return true;
}

bool number_parse(struct build *b, const struct text *t, const struct tok *tok,
		  struct form_arg *out)
{
	struct cur c = { .a = b->a, .err = b->err, .t = t };
	const char *s = tok->s;
	int i;

	if (!strcmp(s, "it")) {
		out->type = ARG_IT;
	} else if (!strcmp(s, "sig")) {
		out->type = ARG_SIG;
	} else if (!strcmp(s, "msg")) {
		out->type = ARG_MSG;
	} else if (!strcmp(s, "ret")) {
		out->type = ARG_RET;
	} else if (s[0] == '@') {
		i = is_name(s + 1) ? build_value(b, t, tok->b + 1, s + 1) : -2;
		if (i == -2)
			err_text(b->err, t, tok->b + 1, "`%s', expected the name of a saved value", s + 1);
		if (i < 0)
			return false;
		b->value[i].used = true;
		out->type = ARG_VALUE;
		out->ref = (uint32_t)i;
	} else if (!strncmp(s, "tid:", 4)) {
		i = build_role(b, s + 4);
		if (i < 0) {
			err_text(b->err, t, tok->b + 4, "unknown role `%s', expected %s", s + 4,
				 build_role_names(b));
			return false;
		}
		b->role[i].named = true;
		out->type = ARG_TID;
		out->ref = (uint32_t)i;
	} else if (s[0] == '"') {
		const char *u = unquote(&c, tok);

		if (!u)
			return false;
		out->type = ARG_STR;
		out->ref = build_str(b, u);
	} else {
		return sum(b, t, tok, out);
	}
	return true;
}
