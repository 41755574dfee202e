/*
 * slow - jq programs on libjq.
 *
 * An event becomes a tree and the program runs over it, a few microseconds
 * each.  Numbers are doubles to libjq.
 *
 * Programs do not see the environment ($ENV, env) unless asked: it holds PGPASSWORD and
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
#include "jq/slow.h"

extern char **environ;

struct mr_slow {
	jq_state *jq;
	const char *text;
	const struct mr_prog_args *args;
	char **hidden;      /* the environment while the program runs is empty */
	struct mr_buf said; /* what libjq says while it compiles */
	struct mr_buf room;
};

static char *empty_environment[] = {NULL};

static void
hide_environment(struct mr_slow *p)
{
	if (p->args->env)
		return;
	p->hidden = environ;
	environ = empty_environment;
}

static void
show_environment(struct mr_slow *p)
{
	if (p->hidden)
		environ = p->hidden;
	p->hidden = NULL;
}

/* libjq reports in lines of `jq: error: ...`; we want one line without the name. */
static void
on_error(void *self, jv message)
{
	static const char name[] = "jq: error: ";
	struct mr_slow *p = self;
	const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) :
								    "unknown error";

	if (strncmp(text, name, sizeof name - 1) == 0)
		text += sizeof name - 1;
	if (p->said.len == 0)
		mr_buf_add(&p->said, text, strcspn(text, "\n"));
	jv_free(message);
}

/* A value of ours as one of libjq's. */
static jv
parsed(struct mr_slow *p, const struct mr_value *v)
{
	p->room.len = 0;
	mr_value_write(v, false, &p->room);
	return jv_parse_sized(mr_buf_str(&p->room), (int)p->room.len);
}

/* The $names of the program: those of --arg and the like, and $ARGS with all of them. */
static jv
variables(struct mr_slow *p)
{
	jv named = parsed(p, &p->args->named);
	jv all = jv_object_set(jv_object(), jv_string("named"), jv_copy(named));

	all = jv_object_set(all, jv_string("positional"), parsed(p, &p->args->positional));
	if (jv_object_has(jv_copy(named), jv_string("ARGS"))) {
		jv_free(all);
		return named;
	}
	return jv_object_set(named, jv_string("ARGS"), all);
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
compile(struct mr_slow *p, struct mr_err *err)
{
	int compiled;

	if (!(p->jq = jq_init()))
		return mr_err_set(err, MR_EX_WORLD, "cannot start libjq");
	jq_set_error_cb(p->jq, on_error, p);
	jq_set_attr(p->jq, jv_string("JQ_LIBRARY_PATH"),
	    parsed(p, &p->args->library)); /* it aborts without one */
	jq_set_attr(p->jq, jv_string("PROGRAM_ORIGIN"), jv_string("."));
	p->said.len = 0;
	hide_environment(p);
	compiled = jq_compile_args(p->jq, p->text, variables(p));
	show_environment(p);
	return compiled ?
	    0 :
	    mr_err_set(err, MR_EX_USAGE, "expression '%.200s': %s", p->text, mr_buf_str(&p->said));
}

static void
slow_free(struct mr_slow *p)
{
	if (!p)
		return;
	if (p->jq)
		jq_teardown(&p->jq);
	mr_buf_release(&p->said);
	mr_buf_release(&p->room);
	free(p);
}

static struct mr_slow *
slow_make(const char *text, const struct mr_prog_args *args, struct mr_err *err)
{
	struct mr_slow *p = mr_xcalloc(1, sizeof *p);

	p->text = text;
	p->args = args;
	signal(SIGABRT, on_abort);
	if (compile(p, err) < 0) {
		slow_free(p);
		return NULL;
	}
	return p;
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

/* The next output: 1 *out, the caller's; 0 no more; -1 err set. */
static int
next(struct mr_slow *p, jv *out, struct mr_err *err)
{
	*out = jq_next(p->jq);
	if (jv_is_valid(*out))
		return 1;
	if (jv_invalid_has_msg(jv_copy(*out)))
		return failed(*out, err);
	jv_free(*out);
	if (jq_halted(p->jq))
		return mr_err_set(err, MR_EX_DATA, "expression failed: it called halt");
	return 0;
}

static int
any_true(struct mr_slow *p, struct mr_err *err)
{
	jv out;
	int r;

	while ((r = next(p, &out, err)) > 0) {
		jv_kind kind = jv_get_kind(out);

		jv_free(out);
		if (kind != JV_KIND_NULL && kind != JV_KIND_FALSE)
			return 1;
	}
	return r;
}

/*
 * The tree of a value.  Not by jv_parse: it counts an object twice towards its limit of
 * nesting, and every stage is to accept the same records.
 */
static jv
tree(struct mr_slow *p, struct mr_value *v)
{
	struct mr_value_iter it;
	struct mr_value key, val;
	const char *bytes;
	size_t len;
	jv t, name;

	switch (v->type) {
	case MR_FALSE: return jv_false();
	case MR_TRUE: return jv_true();
	case MR_NUMBER: return jv_number(mr_value_double(v));
	case MR_STRING:
		bytes = mr_value_bytes(v, &p->room, &len);
		return jv_string_sized(len ? bytes : "", (int)len);
	case MR_ARRAY:
	case MR_OBJECT: break;
	default: return jv_null();
	}
	t = v->type == MR_ARRAY ? jv_array() : jv_object();
	for (mr_value_iter_init(&it, v); mr_value_iter_next(&it, &key, &val);) {
		if (v->type == MR_ARRAY) {
			t = jv_array_append(t, tree(p, &val));
		} else {
			name = tree(p, &key);
			t = jv_object_set(t, name, tree(p, &val));
		}
		mr_value_free(key);
		mr_value_free(val);
	}
	return t;
}

struct request { /* what is to become of the outputs; no buffer: a test */
	const struct mr_prog_style *style;
	struct mr_buf *buf;
	uint64_t *lines;
};

static int
write_all(struct mr_slow *p, const struct request *q, struct mr_err *err)
{
	size_t before = q->buf->len;
	uint64_t lines = 0;
	jv out, text;
	int r;

	while ((r = next(p, &out, err)) > 0) {
		text = q->style->raw && jv_get_kind(out) == JV_KIND_STRING ?
		    out :
		    jv_dump_string(out, q->style->sorted ? JV_PRINT_SORTED : 0);
		mr_buf_add(q->buf, jv_string_value(text),
		    (size_t)jv_string_length_bytes(jv_copy(text)));
		jv_free(text);
		if (!q->style->joined)
			mr_buf_addc(q->buf, '\n');
		lines++;
	}
	if (r < 0)
		q->buf->len = before;
	else
		*q->lines += lines;
	return r;
}

static int
run(struct mr_slow *p, struct mr_value *event, const struct request *q, struct mr_err *err)
{
	jv value = tree(p, event);
	int r;

	hide_environment(p);
	jq_start(p->jq, value, 0);
	r = q ? write_all(p, q, err) : any_true(p, err);
	show_environment(p);
	return r;
}

/* run(), and the abort() that libjq may end in. */
static int
guarded(struct mr_slow *p, struct mr_value *event, const struct request *q, struct mr_err *err)
{
	sigjmp_buf here;
	size_t before = q ? q->buf->len : 0;
	int r;

	if (sigsetjmp(here, 0) == 0) {
		rescue = &here;
		r = run(p, event, q, err);
		rescue = NULL;
		return r;
	}
	rescue = NULL;
	unblock_abort();
	show_environment(p);
	if (q)
		q->buf->len = before;
	return compile(p, err) < 0 ?
	    -1 :
	    mr_err_set(err, MR_EX_DATA, "expression failed: libjq gave up on this event");
}

static int
slow_test(struct mr_slow *p, struct mr_value *event, struct mr_err *err)
{
	return guarded(p, event, NULL, err);
}

static int
slow_write(struct mr_slow *p, struct mr_value *event, const struct mr_prog_style *style,
    struct mr_buf *buf, uint64_t *lines, struct mr_err *err)
{
	const struct request q = {style, buf, lines};

	return guarded(p, event, &q, err);
}

const struct mr_libjq mr_libjq = {slow_make, slow_free, slow_test, slow_write};
