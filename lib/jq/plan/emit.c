/*
 * emit - write what a plan yields as JSON, without building it where that can
 * be helped: an object is its keys, spelled once and for all, and between them
 * the bytes of the line.
 */
#include <string.h>

#include "jq/plan/node.h"

#define STEP 16

/*
 * Append a few bytes in whole steps, what is too much being overwritten later:
 * no branch on a length that nobody can foresee.  Up to STEP bytes behind `at`
 * are read.
 */
static inline void
put(struct mr_buf *b, const char *at, size_t len)
{
	char *to;

	if (b->cap - b->len < len + STEP)
		mr_buf_grow(b, len + STEP);
	to = b->at + b->len;
	b->len += len;
	for (size_t i = 0; i < len; i += STEP)
		memcpy(to + i, at + i, STEP);
}

/* A value of the line that JSON spells no other way: its bytes. */
static bool
write_as_is(const struct mr_val *v, struct mr_buf *b)
{
	if (v->type == MR_MISSING || v->type >= MR_ARRAY)
		return false;
	if (v->type == MR_STRING && (v->escaped || memchr(v->at, 0x7f, v->len)))
		return false;
	put(b, v->at, v->len);
	return true;
}

/* An object or array member by member; what was written of one that fails is cut off by the caller. */
static int
write_members(const struct mr_eval *e, const struct mr_pnode *n, struct mr_buf *b,
    struct mr_value *out)
{
	bool object = n->op == MR_P_OBJECT;
	size_t begin = b->len;
	int r;

	if (!object)
		mr_buf_addc(b, '[');
	for (size_t i = 0; i < n->nkids; i++) {
		size_t before = b->len;

		if (object) {
			put(b, n->kids[i]->text, n->kids[i]->len);
			i++;
		} else if (before > begin + 1) {
			mr_buf_addc(b, ',');
		}
		if ((r = mr_plan_emit(e, n->kids[i], b, out)) < 0 || (r == 0 && object))
			return r;
		if (r == 0)
			b->len = before;
	}
	if (object && n->nkids == 0)
		mr_buf_addc(b, '{');
	mr_buf_addc(b, object ? '}' : ']');
	return 1;
}

/* Is the value at a path null, for sure? */
static bool
is_null(const struct mr_eval *e, const struct mr_pnode *n)
{
	const struct mr_val *v;

	if (n->op != MR_P_SLOT)
		return false;
	v = &e->event->vals[n->slot];
	return v->type == MR_NULL || (v->type == MR_MISSING && n->top_key && *e->event->at == '{');
}

int
mr_plan_emit(const struct mr_eval *e, const struct mr_pnode *n, struct mr_buf *b,
    struct mr_value *out)
{
	struct mr_value v;
	int r;

	if (n->op == MR_P_SLOT && write_as_is(&e->event->vals[n->slot], b))
		return 1;
	if (n->op == MR_P_ARRAY || (n->op == MR_P_OBJECT && (n->keys || n->nkids == 0)))
		return write_members(e, n, b, out);
	if (n->op == MR_P_KEEP) {
		if ((r = mr_plan_node(e, n->a, out)) > 0) {
			mr_value_free(*out);
			r = mr_plan_emit(e, n->b, b, out);
		}
		return r;
	}
	if (n->op == MR_P_ALT && n->a->op == MR_P_SLOT) {
		const struct mr_val *val = &e->event->vals[n->a->slot];

		if (val->type > MR_FALSE && write_as_is(val, b))
			return 1;
	}
	if (n->op == MR_P_BINOP && n->cmp == '+') { /* null + x is x, as it stands */
		if (is_null(e, n->b))
			return mr_plan_emit(e, n->a, b, out);
		if (is_null(e, n->a))
			return mr_plan_emit(e, n->b, b, out);
	}
	if (n->op == MR_P_IF) {
		if ((r = mr_plan_truth(e, n->a, out)) < 0 || r == 2)
			return r < 0 ? -1 : 0;
		return mr_plan_emit(e, r ? n->b : n->c, b, out);
	}
	if ((r = mr_plan_node(e, n, &v)) <= 0) {
		*out = v;
		return r;
	}
	mr_value_write(&v, false, b);
	mr_value_free(v);
	return 1;
}

int
mr_plan_write(const struct mr_plan *p, struct mr_jq_run *run, const struct mr_event *event,
    bool raw, struct mr_buf *b, struct mr_value *out)
{
	struct mr_value vars[MR_PLAN_VARS];
	const struct mr_eval e = {p, run, event, NULL, vars};
	size_t before = b->len;
	int r = mr_steps_run(raw ? p->raw : p->steps, &e, b, out);

	if (r <= 0)
		b->len = before;
	return r;
}
