/*
 * eval - run a plan over an event.
 *
 * Every node yields 1 (a value), 0 (nothing) or -1 (an error value), and so
 * does what is made of it.  Both operands of an operator are evaluated right
 * to left, as jq does, which decides whose error is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/plan/node.h"
#include "json/num.h"
#include "json/str.h"

struct mr_value
mr_event_value(const struct mr_event *e)
{
	const char *at = e->at, *end = at + e->len;
	struct mr_value v = {0};

	while (at < end && (unsigned char)*at <= ' ')
		at++;
	while (end > at && (unsigned char)end[-1] <= ' ')
		end--;
	v.form = MR_TEXT;
	v.u.text = at;
	v.len = (uint32_t)(end - at);
	switch (*at) {
	case '{': v.type = MR_OBJECT; return v;
	case '[': v.type = MR_ARRAY; return v;
	case '"':
		v.type = MR_STRING;
		v.escaped = memchr(at, '\\', v.len) != NULL;
		return v;
	case 't': return mr_value_bool(true);
	case 'f': return mr_value_bool(false);
	case 'n': return MR_VALUE_NULL;
	default: v.type = MR_NUMBER; return v;
	}
}

static struct mr_value
dot_of(const struct mr_eval *e)
{
	return e->dot ? mr_value_copy(e->dot) : mr_event_value(e->event);
}

/* A step failed: behind it a ? makes that no output. */
static int
optional(bool is, struct mr_value *out)
{
	if (!is)
		return -1;
	mr_value_free(*out);
	return 0;
}

/*
 * Is a value of a line that others have validated what they say?  Who looks
 * into a value relies on it.
 */
static bool
valid(const struct mr_eval *e, const char *at, size_t len, struct mr_value *out)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_val none;

	if (mr_scan_line(e->plan->check, at, len, 0, &none, &err) == 0)
		return true;
	mr_value_fail(out, "not JSON, in a stream said to be valid");
	return false;
}

/* A path whose value is missing: null, or jq's error for what is in its way. */
static int
missing(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value v = mr_event_value(e->event);

	*out = MR_VALUE_NULL;
	if (n->top_key && v.type == MR_OBJECT)
		return 1;
	if (e->event->trusted && !valid(e, e->event->at, e->event->len, out))
		return -1;
	for (size_t i = 0; i < n->npath; i++) {
		if (mr_value_index(v, mr_value_copy(&n->path[i]), out) < 0)
			return optional(n->optional >> i & 1, out);
		v = *out;
	}
	return 1;
}

static inline int
slot(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	const struct mr_val *v = &e->event->vals[n->slot];

	if (v->type == MR_MISSING)
		return missing(e, n, out);
	if (e->event->trusted && !valid(e, v->at, v->len, out))
		return -1;
	*out = mr_value_scanned(v);
	return 1;
}

int
mr_plan_truth(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value v;
	int r = mr_plan_node(e, n, &v);
	bool is;

	if (r < 0)
		*out = v;
	if (r <= 0)
		return r < 0 ? -1 : 2;
	is = mr_value_true(&v);
	mr_value_free(v);
	return is;
}

/* b, then a, as they are needed; both are the caller's on 1. */
static int
both(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *a, struct mr_value *b,
    struct mr_value *out)
{
	int r;

	if ((r = mr_plan_node(e, n->b, b)) <= 0) {
		*out = *b;
		return r;
	}
	if ((r = mr_plan_node(e, n->a, a)) <= 0) {
		*out = *a;
		mr_value_free(*b);
	}
	return r;
}

static int
compare(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	bool equality = n->cmp == MR_OP_EQ || n->cmp == MR_OP_NE;
	struct mr_value a, b;
	int r, cmp;

	if ((r = both(e, n, &a, &b, out)) <= 0)
		return r;
	cmp = equality ? mr_value_same(&a, &b) : mr_value_cmp(&a, &b);
	mr_value_free(a);
	mr_value_free(b);
	if (cmp == MR_VALUE_DEEP)
		return mr_value_fail(out, "%s too deep",
		    equality ? "Equality check" : "Comparison");
	*out = mr_value_bool(equality ? cmp == (n->cmp == MR_OP_EQ) : mr_plan_holds(n->cmp, cmp));
	return 1;
}

/* The value a comparison in place looks at; NULL: it is null, or *r says why not. */
static inline const struct mr_val *
compared(const struct mr_eval *e, const struct mr_pnode *n, struct mr_val *room, int *r,
    struct mr_value *out)
{
	const struct mr_val *v = &e->event->vals[n->slot];

	*r = 1;
	if (v->type != MR_MISSING)
		return v;
	*r = missing(e, n->a, out); /* found by this way only where paths cross non-objects */
	*room = (struct mr_val){.type = MR_NULL};
	return *r > 0 ? room : NULL;
}

static int
compare_string(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_val null;
	const struct mr_val *v;
	bool is;
	int r;

	if (!(v = compared(e, n, &null, &r, out)))
		return r;
	if (v->type == MR_STRING && v->escaped)
		is = mr_str_is(v, n->text, n->len);
	else
		is = v->type == MR_STRING && v->len == n->len + 2 &&
		    memcmp(v->at + 1, n->text, n->len) == 0;
	*out = mr_value_bool(is == (n->cmp == MR_OP_EQ));
	return 1;
}

static int
compare_number(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_val null;
	const struct mr_val *v;
	int r;

	if (!(v = compared(e, n, &null, &r, out)))
		return r;
	*out = mr_value_bool(mr_plan_number_holds(n, v));
	return 1;
}

static int
logic(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r = mr_plan_truth(e, n->a, out);

	if (r == 0 || r == 1) {
		if (r == (n->op == MR_P_AND))
			r = mr_plan_truth(e, n->b, out);
		if (r == 0 || r == 1) {
			*out = mr_value_bool(r);
			return 1;
		}
	}
	return r < 0 ? -1 : 0;
}

static int
negation(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value v;
	int r = 1;

	if (n->a) {
		if ((r = mr_plan_truth(e, n->a, out)) < 0 || r == 2)
			return r < 0 ? -1 : 0;
	} else {
		v = dot_of(e);
		r = mr_value_true(&v);
		mr_value_free(v);
	}
	*out = mr_value_bool(!r);
	return 1;
}

static int
alternative(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r = mr_plan_node(e, n->a, out);

	if (r < 0 || (r > 0 && mr_value_true(out)))
		return r; /* an error is not caught here, in jq 1.8 */
	if (r > 0)
		mr_value_free(*out);
	return mr_plan_node(e, n->b, out);
}

static int
attempt(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value message;
	struct mr_eval inner = *e;
	int r = mr_plan_node(e, n->a, out);

	if (r >= 0 || e->run->halted)
		return r;
	message = *out;
	if (!n->b) {
		mr_value_free(message);
		return 0;
	}
	inner.dot = &message;
	r = mr_plan_node(&inner, n->b, out);
	mr_value_free(message);
	return r;
}

static int
pipe_into(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value v;
	struct mr_eval inner = *e;
	int r;

	if ((r = mr_plan_node(e, n->a, &v)) <= 0) {
		*out = v;
		return r;
	}
	if (n->op == MR_P_KEEP) {
		mr_value_free(v);
		return mr_plan_node(e, n->b, out);
	}
	inner.dot = &v;
	r = mr_plan_node(&inner, n->b, out);
	mr_value_free(v);
	return r;
}

static int
bind(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r = mr_plan_node(e, n->a, out);

	if (r <= 0)
		return r;
	e->vars[n->var] = *out;
	r = mr_plan_node(e, n->b, out);
	mr_value_free(e->vars[n->var]);
	return r;
}

static int
array(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value a = mr_value_array(n->nkids), v;

	for (size_t i = 0; i < n->nkids; i++) {
		int r = mr_plan_node(e, n->kids[i], &v);

		if (r > 0) {
			a = mr_value_push(a, v);
		} else if (r < 0) {
			mr_value_free(a);
			*out = v;
			return -1;
		}
	}
	*out = a;
	return 1;
}

static int
object(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value o = mr_value_object(n->nkids / 2), k, v;
	int r = 1;

	for (size_t i = 0; i < n->nkids && r > 0; i += 2) {
		if ((r = mr_plan_node(e, n->kids[i], &k)) <= 0) {
			*out = k;
		} else if ((r = mr_plan_node(e, n->kids[i + 1], &v)) <= 0) {
			*out = v;
			mr_value_free(k);
		} else if (k.type != MR_STRING) {
			mr_value_free(v);
			r = mr_fail_key(k, out);
		} else {
			o = mr_value_set_member(o, k, v);
		}
	}
	if (r > 0)
		*out = o;
	else
		mr_value_free(o);
	return r;
}

/* Append what stands in a string for v, which is consumed. */
static void
spell(const struct mr_eval *e, struct mr_value v, struct mr_buf *b)
{
	const char *bytes;
	size_t len;

	if (v.type == MR_STRING) {
		bytes = mr_value_bytes(&v, &e->run->room, &len);
		mr_buf_add(b, bytes, len);
	} else {
		mr_value_write(&v, false, b);
	}
	mr_value_free(v);
}

/* A part of a string, by its format. */
static int
part(const struct mr_eval *e, const struct mr_pnode *n, const char *format, struct mr_value *out)
{
	int r = mr_plan_node(e, n, out);

	if (r > 0 && format && n->op != MR_P_CONST && mr_jq_format(format, *out, out) < 0)
		return -1;
	return r;
}

/* The last part comes first, as in jq: which of several errors is seen hangs on it. */
static int
string(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value few[16], *parts = few;
	struct mr_buf b = MR_BUF_INIT;
	size_t i = n->nkids;
	int r = 1;

	if (n->nkids > sizeof few / sizeof *few)
		parts = mr_xmalloc(n->nkids * sizeof *parts);
	while (i > 0 && r > 0) {
		i--;
		r = part(e, n->kids[i], n->text, &parts[i]);
	}
	if (r > 0) {
		for (; i < n->nkids; i++)
			spell(e, parts[i], &b);
		*out = mr_value_string(b.at ? b.at : "", b.len);
	} else {
		*out = parts[i];
		while (++i < n->nkids)
			mr_value_free(parts[i]);
	}
	if (parts != few)
		free(parts);
	mr_buf_release(&b);
	return r;
}

static int
call(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value args[8];
	int r = 1;

	args[0] = dot_of(e);
	for (size_t i = n->nkids; i > 0 && r > 0; i--)
		if ((r = mr_plan_node(e, n->kids[i - 1], &args[i])) <= 0) {
			*out = args[i];
			for (size_t j = i + 1; j <= n->nkids; j++)
				mr_value_free(args[j]);
		}
	if (r <= 0) {
		mr_value_free(args[0]);
		return r;
	}
	return n->fn->call(e->run, args, out) < 0 ? -1 : 1;
}

static int
index_into(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value of, key;
	int r = both(e, n, &of, &key, out);

	if (r <= 0)
		return r;
	return mr_value_index(of, key, out) < 0 ? optional(n->optional, out) : 1;
}

static int
slice(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value of, from = MR_VALUE_NULL, to = MR_VALUE_NULL;
	int r;

	if (n->b && (r = mr_plan_node(e, n->b, &from)) <= 0) {
		*out = from;
		return r;
	}
	if (n->c && (r = mr_plan_node(e, n->c, &to)) <= 0) {
		*out = to;
		mr_value_free(from);
		return r;
	}
	if ((r = mr_plan_node(e, n->a, &of)) <= 0) {
		*out = of;
		mr_value_free(from);
		mr_value_free(to);
		return r;
	}
	return mr_value_slice_of(of, from, to, out) < 0 ? optional(n->optional, out) : 1;
}

static int
arithmetic(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	struct mr_value a, b;
	struct mr_sum sum;
	int r;

	if (mr_plan_sum(e, n, &sum)) {
		*out = mr_value_number(sum.x);
		return 1;
	}
	if ((r = both(e, n, &a, &b, out)) <= 0)
		return r;
	return mr_value_binop(n->cmp, a, b, out) < 0 ? -1 : 1;
}

static int
negate(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r = mr_plan_node(e, n->a, out);

	if (r > 0 && mr_value_negate(*out, out) < 0)
		return -1;
	return r;
}

int
mr_plan_node(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r;

	switch (n->op) {
	case MR_P_CONST: *out = mr_value_copy(&n->value); return 1;
	case MR_P_DOT: *out = dot_of(e); return 1;
	case MR_P_SLOT: return slot(e, n, out);
	case MR_P_INDEX: return index_into(e, n, out);
	case MR_P_SLICE: return slice(e, n, out);
	case MR_P_EMPTY: *out = MR_VALUE_NONE; return 0;
	case MR_P_PIPE:
	case MR_P_KEEP: return pipe_into(e, n, out);
	case MR_P_SELECT:
		if ((r = mr_plan_truth(e, n->a, out)) == 1)
			*out = dot_of(e);
		return r == 2 ? 0 : r;
	case MR_P_AND:
	case MR_P_OR: return logic(e, n, out);
	case MR_P_NOT: return negation(e, n, out);
	case MR_P_ALT: return alternative(e, n, out);
	case MR_P_IF:
		if ((r = mr_plan_truth(e, n->a, out)) < 0 || r == 2)
			return r < 0 ? -1 : 0;
		return mr_plan_node(e, r ? n->b : n->c, out);
	case MR_P_TRY: return attempt(e, n, out);
	case MR_P_CMP: return compare(e, n, out);
	case MR_P_CMP_STR: return compare_string(e, n, out);
	case MR_P_CMP_NUM: return compare_number(e, n, out);
	case MR_P_BINOP: return arithmetic(e, n, out);
	case MR_P_NEGATE: return negate(e, n, out);
	case MR_P_ARRAY: return array(e, n, out);
	case MR_P_OBJECT: return object(e, n, out);
	case MR_P_STRING: return string(e, n, out);
	case MR_P_FORMAT: return mr_jq_format(n->text, dot_of(e), out) < 0 ? -1 : 1;
	case MR_P_CALL: return call(e, n, out);
	case MR_P_BIND: return bind(e, n, out);
	case MR_P_VAR: *out = mr_value_copy(&e->vars[n->var]); return 1;
	}
	return 0;
}

int
mr_plan_eval(const struct mr_plan *p, struct mr_jq_run *run, const struct mr_event *event,
    struct mr_value *out)
{
	struct mr_value vars[MR_PLAN_VARS];
	const struct mr_eval e = {p, run, event, NULL, vars};

	return mr_plan_node(&e, p->root, out);
}

int
mr_plan_test(const struct mr_plan *p, struct mr_jq_run *run, const struct mr_event *event,
    struct mr_value *out)
{
	struct mr_value vars[MR_PLAN_VARS];
	const struct mr_eval e = {p, run, event, NULL, vars};
	int r = mr_plan_truth(&e, p->root, out);

	return r == 2 ? 0 : r;
}
