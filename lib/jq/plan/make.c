/*
 * make - the nodes of a plan: paths, operators, constructions.
 *
 * The first thing without a plan ends the attempt.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "jq/plan/make.h"

struct mr_pnode *
mr_make_none(struct mr_maker *m, const char *fmt, ...)
{
	va_list ap;

	if (m->why[0])
		return NULL;
	va_start(ap, fmt);
	vsnprintf(m->why, 96, fmt, ap);
	va_end(ap);
	return NULL;
}

struct mr_pnode *
mr_make_node(struct mr_maker *m, enum mr_plan_op op)
{
	struct mr_pnode *n = mr_xcalloc(1, sizeof *n);

	n->op = op;
	n->slot = -1;
	m->plan->all = mr_xrealloc(m->plan->all, (m->plan->nall + 1) * sizeof *m->plan->all);
	m->plan->all[m->plan->nall++] = n;
	return n;
}

struct mr_pnode *
mr_make_constant(struct mr_maker *m, struct mr_value v)
{
	struct mr_pnode *n = mr_make_node(m, MR_P_CONST);

	n->value = v;
	return n;
}

/* op over a, b, c, those that are there in the tree; NULL when one of them has no plan. */
struct mr_pnode *
mr_make_of(struct mr_maker *m, enum mr_plan_op op, const struct mr_node *a, const struct mr_node *b,
    const struct mr_node *c, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, op);

	if ((a && !(n->a = mr_make(m, a, at))) || (b && !(n->b = mr_make(m, b, at))) ||
	    (c && !(n->c = mr_make(m, c, at))))
		return NULL;
	return n;
}

/* Is it a path of constant steps from `.`?  Its steps are counted. */
static bool
is_path(const struct mr_node *t, size_t *steps)
{
	for (*steps = 0; t->kind == MR_N_INDEX; t = t->a, ++*steps)
		if (t->b->kind != MR_N_LITERAL ||
		    (t->b->value.type != MR_STRING && t->b->value.type != MR_NUMBER))
			return false;
	return t->kind == MR_N_IDENTITY && *steps > 0;
}

/* The text of a path as mr_scan_path() reads it; false if it cannot say it. */
static bool
path_text(const struct mr_node *t, struct mr_buf *out)
{
	double i;

	if (t->kind == MR_N_IDENTITY) {
		mr_buf_addc(out, '.');
		return true;
	}
	if (!path_text(t->a, out))
		return false;
	if (t->b->value.type == MR_NUMBER) {
		i = mr_value_double(&t->b->value);
		if (i < -1e6 || i > 1e6 || i != (double)(int)i)
			return false;
		mr_buf_printf(out, "[%d]", (int)i);
		return true;
	}
	mr_buf_addc(out, '[');
	mr_value_write(&t->b->value, false, out);
	mr_buf_addc(out, ']');
	return true;
}

static void
keep_steps(struct mr_pnode *n, const struct mr_node *t, size_t steps)
{
	struct mr_value *path = mr_xcalloc(steps, sizeof *path);

	n->npath = steps;
	n->path = path;
	n->top_key = steps == 1 && t->b->value.type == MR_STRING;
	for (; steps > 0; t = t->a) {
		path[--steps] = mr_value_copy(&t->b->value);
		n->optional |= (uint64_t)(t->op == 1) << steps;
	}
}

static struct mr_pnode *
index_of(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_buf text = MR_BUF_INIT;
	struct mr_err ignored = MR_ERR_INIT;
	struct mr_pnode *n = NULL;
	size_t steps;

	if (at.event && is_path(t, &steps) && steps <= 64 && path_text(t, &text)) {
		n = mr_make_node(m, MR_P_SLOT);
		n->slot = mr_scan_path(m->scan, mr_buf_str(&text), &ignored);
		if (n->slot >= 0) {
			keep_steps(n, t, steps);
			n->text = mr_xmemdup0(text.at, text.len);
		} else {
			n = NULL;
		}
	}
	mr_buf_release(&text);
	if (!n && (n = mr_make_of(m, MR_P_INDEX, t->a, t->b, NULL, at)))
		n->optional = t->op == 1;
	return n;
}

static struct mr_pnode *
slice(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_of(m, MR_P_SLICE, t->a, t->b, t->c, at);

	if (n)
		n->optional = t->op == 1;
	return n;
}

/* Does it yield `.` itself, whenever it yields? */
bool
mr_plan_yields_dot(const struct mr_pnode *n)
{
	switch (n->op) {
	case MR_P_DOT:
	case MR_P_SELECT:
	case MR_P_EMPTY: return true;
	case MR_P_KEEP: return mr_plan_yields_dot(n->b);
	case MR_P_BIND: return mr_plan_yields_dot(n->b);
	case MR_P_IF: return mr_plan_yields_dot(n->b) && mr_plan_yields_dot(n->c);
	default: return false;
	}
}

static struct mr_pnode *
pipe_of(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, MR_P_PIPE);
	struct mr_make_place behind = at;

	if (!(n->a = mr_make(m, t->a, at)))
		return NULL;
	if (t->b->kind == MR_N_CALL && t->b->nkids == 0 && strcmp(t->b->name, "not") == 0 &&
	    !mr_make_find(at.scope, "not", 0)) {
		n->op = MR_P_NOT;
		return n;
	}
	if (mr_plan_yields_dot(n->a))
		n->op = MR_P_KEEP;
	else
		behind.event = false;
	n->b = mr_make(m, t->b, behind);
	return n->b ? n : NULL;
}

/* `.a == "x"` and `.a < 5` are compared where they lie. */
static void
compare_in_place(struct mr_pnode *n)
{
	static const int mirrored[] = {[MR_OP_EQ - MR_OP_EQ] = MR_OP_EQ,
	    [MR_OP_NE - MR_OP_EQ] = MR_OP_NE,
	    [MR_OP_LT - MR_OP_EQ] = MR_OP_GT,
	    [MR_OP_LE - MR_OP_EQ] = MR_OP_GE,
	    [MR_OP_GT - MR_OP_EQ] = MR_OP_LT,
	    [MR_OP_GE - MR_OP_EQ] = MR_OP_LE};
	struct mr_pnode *slot = n->a, *c = n->b;
	struct mr_buf room = MR_BUF_INIT, spelled = MR_BUF_INIT;
	const char *bytes;
	int op = n->cmp;

	if (slot->op == MR_P_CONST) {
		slot = n->b;
		c = n->a;
		op = mirrored[op - MR_OP_EQ];
	}
	if (slot->op != MR_P_SLOT || c->op != MR_P_CONST)
		return;
	if (c->value.type == MR_STRING && (op == MR_OP_EQ || op == MR_OP_NE)) {
		n->op = MR_P_CMP_STR;
		bytes = mr_value_bytes(&c->value, &room, &n->len);
		n->text = mr_xmemdup0(bytes, n->len);
		mr_buf_addc(&spelled, '"');
		mr_buf_add(&spelled, bytes, n->len);
		mr_buf_addc(&spelled, '"');
		n->quoted = mr_xmemdup0(spelled.at, spelled.len);
	} else if (c->value.type == MR_NUMBER) {
		n->op = MR_P_CMP_NUM;
		n->number = mr_value_double(&c->value);
		mr_value_write(&c->value, false, &room);
		n->text = mr_xmemdup0(mr_buf_str(&room), room.len);
		n->len = room.len;
		n->simple = mr_plan_simple(n->text, n->len);
		if (n->number != n->number) /* nan is below all numbers, itself too */
			n->op = MR_P_CMP;
	}
	mr_buf_release(&room);
	mr_buf_release(&spelled);
	if (n->op == MR_P_CMP)
		return;
	n->cmp = op;
	n->a = slot;
	n->b = c;
	n->slot = slot->slot;
}

static struct mr_pnode *
binop(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_of(m, t->op >= MR_OP_EQ ? MR_P_CMP : MR_P_BINOP, t->a, t->b,
	    NULL, at);

	if (!n)
		return NULL;
	n->cmp = t->op;
	if (n->op == MR_P_CMP)
		compare_in_place(n);
	else
		mr_plan_note_sum(n);
	return n;
}

static struct mr_pnode *
add_kid(struct mr_pnode *n, struct mr_pnode *kid)
{
	n->kids = mr_xrealloc(n->kids, (n->nkids + 1) * sizeof(struct mr_pnode *));
	n->kids[n->nkids++] = kid;
	return kid;
}

/* The elements of [a, b, c]: each has at most one output of its own. */
static bool
elements(struct mr_maker *m, struct mr_pnode *n, const struct mr_node *t, struct mr_make_place at)
{
	if (t->kind == MR_N_COMMA)
		return elements(m, n, t->a, at) && elements(m, n, t->b, at);
	return add_kid(n, mr_make(m, t, at)) != NULL;
}

struct mr_pnode *
mr_make_kids(struct mr_maker *m, enum mr_plan_op op, const struct mr_node *t,
    struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, op);

	for (size_t i = 0; i < t->nkids; i++)
		if (!add_kid(n, mr_make(m, t->kids[i], at)))
			return NULL;
	return n;
}

/* An object whose keys are known and differ is written without being built. */
static void
spell_keys(struct mr_pnode *n)
{
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < n->nkids; i += 2) {
		const struct mr_pnode *k = n->kids[i];

		if (k->op != MR_P_CONST || k->value.type != MR_STRING)
			return;
		for (size_t j = 0; j < i; j += 2)
			if (mr_value_equal(&n->kids[j]->value, &k->value))
				return;
	}
	for (size_t i = 0; i < n->nkids; i += 2) {
		struct mr_pnode *k = n->kids[i];

		b.len = 0;
		mr_buf_addc(&b, i ? ',' : '{');
		mr_value_write(&k->value, false, &b);
		mr_buf_addc(&b, ':');
		k->len = b.len;
		mr_buf_grow(&b, MR_SCAN_PAD); /* it is copied in steps */
		k->text = mr_xmemdup0(b.at, b.len + MR_SCAN_PAD - 1);
	}
	mr_buf_release(&b);
	n->keys = true;
}

/* `.[key]`, for {"a\(1)"} and its like. */
static struct mr_pnode *
member_of_dot(struct mr_maker *m, const struct mr_node *key, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, MR_P_INDEX);

	n->a = mr_make_node(m, MR_P_DOT);
	n->b = mr_make(m, key, at);
	return n->b ? n : NULL;
}

static struct mr_pnode *
object(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, MR_P_OBJECT);

	for (size_t i = 0; i < t->nkids; i++)
		if (!add_kid(n,
			t->kids[i] ? mr_make(m, t->kids[i], at) :
				     member_of_dot(m, t->kids[i - 1], at)))
			return NULL;
	spell_keys(n);
	return n;
}

/* `if a then b` without else yields `.`. */
static struct mr_pnode *
condition(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_of(m, MR_P_IF, t->a, t->b, t->c, at);

	if (n && !n->c)
		n->c = mr_make_node(m, MR_P_DOT);
	return n;
}

static struct mr_pnode *
attempt(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_of(m, MR_P_TRY, t->a, NULL, NULL, at);

	if (n && t->b && !(n->b = mr_make(m, t->b, (struct mr_make_place){at.scope, false})))
		return NULL;
	return n;
}

static struct mr_pnode *
array(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_pnode *n = mr_make_node(m, MR_P_ARRAY);

	return !t->a || elements(m, n, t->a, at) ? n : NULL;
}

static struct mr_pnode *
named(struct mr_pnode *n, const char *name)
{
	if (n && name)
		n->text = mr_xstrdup(name);
	return n;
}

static const char *
kind_name(const struct mr_node *t)
{
	switch (t->kind) {
	case MR_N_RECURSE: return "..";
	case MR_N_ITERATE: return "[]";
	case MR_N_COMMA: return "a comma";
	case MR_N_ASSIGN: return "an assignment";
	case MR_N_REDUCE: return "reduce";
	case MR_N_FOREACH: return "foreach";
	default: return "a label";
	}
}

struct mr_pnode *
mr_make(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	switch (t->kind) {
	case MR_N_IDENTITY: return mr_make_node(m, MR_P_DOT);
	case MR_N_LITERAL: return mr_make_constant(m, mr_value_copy(&t->value));
	case MR_N_FORMAT: return named(mr_make_node(m, MR_P_FORMAT), t->name);
	case MR_N_STRING: return named(mr_make_kids(m, MR_P_STRING, t, at), t->name);
	case MR_N_INDEX: return index_of(m, t, at);
	case MR_N_SLICE: return slice(m, t, at);
	case MR_N_TRY: return attempt(m, t, at);
	case MR_N_ARRAY: return array(m, t, at);
	case MR_N_OBJECT: return object(m, t, at);
	case MR_N_NEGATE: return mr_make_of(m, MR_P_NEGATE, t->a, NULL, NULL, at);
	case MR_N_PIPE: return pipe_of(m, t, at);
	case MR_N_BINOP: return binop(m, t, at);
	case MR_N_AND: return mr_make_of(m, MR_P_AND, t->a, t->b, NULL, at);
	case MR_N_OR: return mr_make_of(m, MR_P_OR, t->a, t->b, NULL, at);
	case MR_N_ALTERNATIVE: return mr_make_of(m, MR_P_ALT, t->a, t->b, NULL, at);
	case MR_N_IF: return condition(m, t, at);
	case MR_N_AS: return mr_make_as(m, t, at);
	case MR_N_VAR: return mr_make_variable(m, t, at);
	case MR_N_DEF: return mr_make_def(m, t, at);
	case MR_N_CALL: return mr_make_call(m, t, at);
	default: return mr_make_none(m, "%s", kind_name(t));
	}
}
