/*
 * slow - jq programs on libjq.
 *
 * An event becomes a tree and the program runs over it, a few microseconds
 * each.  Numbers are doubles to libjq.
 *
 * Programs do not see the environment ($ENV, env): it holds PGPASSWORD and
 * the like, and a program may come from elsewhere than the shell.
 *
 * libjq 1.6 asserts where it should fail: an event like {"t":1e300} ends
 * `.t|todate` in abort().  That is caught, the event is refused, the program
 * compiled anew, and what the aborted one held is lost.
 *
 * Ownership: every jv_* and jq_* call here eats its jv arguments, except
 * jv_get_kind and jv_string_value.
 */
#include <jq.h>
#include <jv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/num.h"
#include "json/str.h"
#include "jq/prog.h"

extern char **environ;

struct mr_prog {
	jq_state *jq;
	const char *text;
	jv named;           /* --arg and --argjson */
	char **hidden;      /* the environment while the program runs is empty */
	struct mr_buf said; /* what libjq says while it compiles */
	struct mr_buf room; /* a string without its escapes */
};

static char *empty_environment[] = {NULL};

static void
hide_environment(struct mr_prog *p)
{
	p->hidden = environ;
	environ = empty_environment;
}

static void
show_environment(struct mr_prog *p)
{
	environ = p->hidden;
	p->hidden = NULL;
}

/* libjq reports in lines of `jq: error: ...`; we want one line without the name. */
static void
on_error(void *self, jv message)
{
	static const char name[] = "jq: error: ";
	struct mr_prog *p = self;
	const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) :
								    "unknown error";

	if (strncmp(text, name, sizeof name - 1) == 0)
		text += sizeof name - 1;
	if (p->said.len == 0)
		mr_buf_add(&p->said, text, strcspn(text, "\n"));
	jv_free(message);
}

/* Named values for the program: an object {name: value}. */
static int
named_args(const struct mr_prog_arg *args, size_t n, jv *object, struct mr_err *err)
{
	*object = jv_object();
	for (size_t i = 0; i < n; i++) {
		jv value = args[i].is_json ? jv_parse(args[i].value) : jv_string(args[i].value);

		if (!jv_is_valid(value)) {
			jv_free(value);
			jv_free(*object);
			return mr_err_set(err, MR_EX_USAGE, "--argjson %s: '%s' is not JSON",
			    args[i].name, args[i].value);
		}
		*object = jv_object_set(*object, jv_string(args[i].name), value);
	}
	return 0;
}

/* Where abort() goes while libjq runs; NULL: it is somebody else's. */
static _Thread_local sigjmp_buf *rescue;

static void
on_abort(int signo)
{
	if (rescue)
		siglongjmp(*rescue, 1);
	signal(signo, SIG_DFL); /* abort() tries again when a handler returns */
}

/* Behind an abort: it is blocked, being handled. */
static void
unblock_abort(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int
compile(struct mr_prog *p, struct mr_err *err)
{
	int compiled;

	if (!(p->jq = jq_init()))
		return mr_err_set(err, MR_EX_WORLD, "cannot start libjq");
	jq_set_error_cb(p->jq, on_error, p);
	jq_set_attr(p->jq, jv_string("JQ_LIBRARY_PATH"), jv_array()); /* it aborts without one */
	jq_set_attr(p->jq, jv_string("PROGRAM_ORIGIN"), jv_string("."));
	p->said.len = 0;
	hide_environment(p);
	compiled = jq_compile_args(p->jq, p->text, jv_copy(p->named));
	show_environment(p);
	return compiled ?
	    0 :
	    mr_err_set(err, MR_EX_USAGE, "expression '%.200s': %s", p->text, mr_buf_str(&p->said));
}

struct mr_prog *
mr_prog_new(const char *text, const struct mr_prog_arg *args, size_t nargs, struct mr_err *err)
{
	struct mr_prog *p = mr_xcalloc(1, sizeof *p);

	p->text = text;
	if (named_args(args, nargs, &p->named, err) < 0) {
		free(p);
		return NULL;
	}
	signal(SIGABRT, on_abort);
	if (compile(p, err) < 0) {
		mr_prog_free(p);
		return NULL;
	}
	return p;
}

void
mr_prog_free(struct mr_prog *p)
{
	if (!p)
		return;
	if (p->jq)
		jq_teardown(&p->jq);
	jv_free(p->named);
	mr_buf_release(&p->said);
	mr_buf_release(&p->room);
	free(p);
}

/* Put the value of an error into words; eats it. */
static int
failed(jv invalid, struct mr_err *err)
{
	jv message = jv_invalid_get_msg(invalid);

	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	mr_err_set(err, MR_EX_DATA, "expression failed: %s", jv_string_value(message));
	jv_free(message);
	return -1;
}

static int
any_true(struct mr_prog *p, struct mr_err *err)
{
	for (;;) {
		jv out = jq_next(p->jq);
		jv_kind kind = jv_get_kind(out);

		if (kind == JV_KIND_INVALID) {
			if (jv_invalid_has_msg(jv_copy(out)))
				return failed(out, err);
			jv_free(out);
			if (jq_halted(p->jq))
				return mr_err_set(err, MR_EX_DATA,
				    "expression failed: it called halt");
			return 0;
		}
		jv_free(out);
		if (kind != JV_KIND_NULL && kind != JV_KIND_FALSE)
			return 1;
	}
}

static jv
string(struct mr_prog *p, const struct mr_val *v)
{
	size_t len;
	const char *bytes = mr_str_bytes(v, &p->room, &len);

	return jv_string_sized(len ? bytes : "", (int)len);
}

/*
 * The tree of a scanned value.  Not by jv_parse: it counts an object twice towards its limit of
 * nesting, and every stage is to accept the same records.
 */
static jv
tree(struct mr_prog *p, const struct mr_val *v)
{
	struct mr_members it;
	struct mr_val key, val;
	jv t, name;

	switch (v->type) {
	case MR_FALSE: return jv_false();
	case MR_TRUE: return jv_true();
	case MR_NUMBER: return jv_number(mr_num_double(v->at, v->len));
	case MR_STRING: return string(p, v);
	case MR_ARRAY:
		t = jv_array();
		for (mr_members_init(&it, v); mr_members_next(&it, &key, &val);)
			t = jv_array_append(t, tree(p, &val));
		return t;
	case MR_OBJECT:
		t = jv_object();
		for (mr_members_init(&it, v); mr_members_next(&it, &key, &val);) {
			name = string(p, &key);
			t = jv_object_set(t, name, tree(p, &val));
		}
		return t;
	default: return jv_null();
	}
}

static int
test(struct mr_prog *p, const struct mr_val *event, struct mr_err *err)
{
	jv value = tree(p, event);
	int r;

	hide_environment(p);
	jq_start(p->jq, value, 0);
	r = any_true(p, err);
	show_environment(p);
	return r;
}

int
mr_prog_test(struct mr_prog *p, const struct mr_val *event, struct mr_err *err)
{
	sigjmp_buf here;
	int r;

	if (sigsetjmp(here, 0) == 0) {
		rescue = &here;
		r = test(p, event, err);
		rescue = NULL;
		return r;
	}
	rescue = NULL;
	unblock_abort();
	if (p->hidden)
		show_environment(p);
	return compile(p, err) < 0 ?
	    -1 :
	    mr_err_set(err, MR_EX_DATA, "expression failed: libjq gave up on this event");
}
