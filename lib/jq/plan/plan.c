/*
 * plan - from the tree of a program to a plan, where there is one.
 *
 * Two things are known of each place in a program as it is walked: whether
 * `.` is the event there, so that a path is a slot of the scan, and what its
 * names mean.  Definitions, the user's and those of builtins that are defined
 * in jq, are put in where they are called, their arguments as unevaluated
 * trees with the names they were written among; recursion therefore has no
 * plan.  The first thing without a plan ends the attempt.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/plan/node.h"
#include "json/str.h"

#define INLINE_DEPTH 24

/* What a name means: a function with the names around it, or a variable. */
struct scope {
	const struct scope *outer;
	const char *name;
	int arity;                 /* -1: a variable */
	const struct mr_node *def; /* DEF; NULL: an argument */
	const struct mr_node *arg; /* the tree of an argument */
	const struct scope *home;  /* the names among which arg was written */
	int var;
};

struct maker {
	struct mr_plan *plan;
	struct mr_scan *scan;
	const struct mr_value *named;
	int depth, vars;
	char *why;
};

/* Where a node stands. */
struct place {
	const struct scope *scope;
	bool event; /* `.` is the event */
};

static struct mr_pnode *make(struct maker *, const struct mr_node *, struct place);

__attribute__((format(printf, 2, 3))) static struct mr_pnode *
none(struct maker *m, const char *fmt, ...)
{
	va_list ap;

	if (m->why[0])
		return NULL;
	va_start(ap, fmt);
	vsnprintf(m->why, 96, fmt, ap);
	va_end(ap);
	return NULL;
}

static struct mr_pnode *
node(struct maker *m, enum mr_plan_op op)
{
	struct mr_pnode *n = mr_xcalloc(1, sizeof *n);

	n->op = op;
	n->slot = -1;
	m->plan->all = mr_xrealloc(m->plan->all, (m->plan->nall + 1) * sizeof *m->plan->all);
	m->plan->all[m->plan->nall++] = n;
	return n;
}

static struct mr_pnode *
constant(struct maker *m, struct mr_value v)
{
	struct mr_pnode *n = node(m, MR_P_CONST);

	n->value = v;
	return n;
}

/* op over a, b, c, those that are there in the tree; NULL when one of them has no plan. */
static struct mr_pnode *
of(struct maker *m, enum mr_plan_op op, const struct mr_node *a, const struct mr_node *b,
    const struct mr_node *c, struct place at)
{
	struct mr_pnode *n = node(m, op);

	if ((a && !(n->a = make(m, a, at))) || (b && !(n->b = make(m, b, at))) ||
	    (c && !(n->c = make(m, c, at))))
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
index_of(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_buf text = MR_BUF_INIT;
	struct mr_err ignored = MR_ERR_INIT;
	struct mr_pnode *n = NULL;
	size_t steps;

	if (at.event && is_path(t, &steps) && steps <= 64 && path_text(t, &text)) {
		n = node(m, MR_P_SLOT);
		n->slot = mr_scan_path(m->scan, mr_buf_str(&text), &ignored);
		if (n->slot >= 0) {
			keep_steps(n, t, steps);
			n->text = mr_xmemdup0(text.at, text.len);
		} else {
			n = NULL;
		}
	}
	mr_buf_release(&text);
	if (!n && (n = of(m, MR_P_INDEX, t->a, t->b, NULL, at)))
		n->optional = t->op == 1;
	return n;
}

static struct mr_pnode *
slice(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = of(m, MR_P_SLICE, t->a, t->b, t->c, at);

	if (n)
		n->optional = t->op == 1;
	return n;
}

/* Does it yield `.` itself, whenever it yields? */
static bool
yields_dot(const struct mr_pnode *n)
{
	switch (n->op) {
	case MR_P_DOT:
	case MR_P_SELECT:
	case MR_P_EMPTY: return true;
	case MR_P_KEEP: return yields_dot(n->b);
	case MR_P_BIND: return yields_dot(n->b);
	case MR_P_IF: return yields_dot(n->b) && yields_dot(n->c);
	default: return false;
	}
}

static const struct scope *
find(const struct scope *s, const char *name, int arity)
{
	while (s && (s->arity != arity || strcmp(s->name, name) != 0))
		s = s->outer;
	return s;
}

static struct mr_pnode *
pipe_of(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = node(m, MR_P_PIPE);
	struct place behind = at;

	if (!(n->a = make(m, t->a, at)))
		return NULL;
	if (t->b->kind == MR_N_CALL && t->b->nkids == 0 && strcmp(t->b->name, "not") == 0 &&
	    !find(at.scope, "not", 0)) {
		n->op = MR_P_NOT;
		return n;
	}
	if (yields_dot(n->a))
		n->op = MR_P_KEEP;
	else
		behind.event = false;
	n->b = make(m, t->b, behind);
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
binop(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = of(m, t->op >= MR_OP_EQ ? MR_P_CMP : MR_P_BINOP, t->a, t->b, NULL, at);

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
elements(struct maker *m, struct mr_pnode *n, const struct mr_node *t, struct place at)
{
	if (t->kind == MR_N_COMMA)
		return elements(m, n, t->a, at) && elements(m, n, t->b, at);
	return add_kid(n, make(m, t, at)) != NULL;
}

static struct mr_pnode *
with_kids(struct maker *m, enum mr_plan_op op, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = node(m, op);

	for (size_t i = 0; i < t->nkids; i++)
		if (!add_kid(n, make(m, t->kids[i], at)))
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
member_of_dot(struct maker *m, const struct mr_node *key, struct place at)
{
	struct mr_pnode *n = node(m, MR_P_INDEX);

	n->a = node(m, MR_P_DOT);
	n->b = make(m, key, at);
	return n->b ? n : NULL;
}

static struct mr_pnode *
object(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = node(m, MR_P_OBJECT);

	for (size_t i = 0; i < t->nkids; i++)
		if (!add_kid(n,
			t->kids[i] ? make(m, t->kids[i], at) :
				     member_of_dot(m, t->kids[i - 1], at)))
			return NULL;
	spell_keys(n);
	return n;
}

static struct mr_pnode *
variable(struct maker *m, const struct mr_node *t, struct place at)
{
	const struct scope *s = find(at.scope, t->name, -1);
	struct mr_value v;
	struct mr_pnode *n;

	if (s) {
		n = node(m, MR_P_VAR);
		n->var = s->var;
		return n;
	}
	if (strcmp(t->name, "ENV") == 0 && mr_jq_fn("env", 0)) {
		n = node(m, MR_P_CALL);
		n->fn = mr_jq_fn("env", 0);
		return n;
	}
	v = mr_value_member(m->named, t->name, strlen(t->name));
	if (v.type == MR_MISSING)
		return none(m, "$%s", t->name);
	return constant(m, mr_value_own(v));
}

/* `a as $name | b`, with b in a scope of its own. */
static struct mr_pnode *
bind(struct maker *m, const char *name, struct mr_pnode *value, const struct mr_node *body,
    struct place at)
{
	struct scope s = {.outer = at.scope, .name = name, .arity = -1, .var = m->vars};
	struct mr_pnode *n = node(m, MR_P_BIND);

	if (m->vars == MR_PLAN_VARS)
		return none(m, "more than %d variables", MR_PLAN_VARS);
	n->var = m->vars++;
	n->a = value;
	at.scope = &s;
	n->b = value ? make(m, body, at) : NULL;
	m->vars--;
	return n->b ? n : NULL;
}

/*
 * The body of a function where it is called, its parameters from the i-th on
 * still to be named in `inside`.
 */
static struct mr_pnode *
call_body(struct maker *m, const struct mr_node *def, const struct mr_node *call, size_t i,
    const struct scope *inside, struct place at)
{
	const struct mr_node *p;
	struct scope arg = {.outer = inside, .arity = 0};
	struct scope var = {.outer = &arg, .arity = -1, .var = m->vars};
	struct mr_pnode *n, *value;

	if (i == def->nkids)
		return make(m, def->a, (struct place){inside, at.event});
	p = def->kids[i];
	arg.name = p->name;
	arg.arg = call->kids[i];
	arg.home = at.scope;
	if (!p->op)
		return call_body(m, def, call, i + 1, &arg, at);
	if (m->vars == MR_PLAN_VARS)
		return none(m, "more than %d variables", MR_PLAN_VARS);
	if (!(value = make(m, call->kids[i], at)))
		return NULL;
	var.name = p->name;
	n = node(m, MR_P_BIND);
	n->var = m->vars++;
	n->a = value;
	n->b = call_body(m, def, call, i + 1, &var, at);
	m->vars--;
	return n->b ? n : NULL;
}

static struct mr_pnode *
inline_def(struct maker *m, const struct mr_node *def, const struct scope *around,
    const struct mr_node *call, struct place at)
{
	struct mr_pnode *n;

	if (m->depth >= INLINE_DEPTH)
		return none(m, "%s is recursive", call->name);
	m->depth++;
	n = call_body(m, def, call, 0, around, at);
	m->depth--;
	return n;
}

static struct mr_pnode *
builtin_def(struct maker *m, const char *text, const struct mr_node *call, struct place at)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf program = MR_BUF_INIT;
	struct mr_ast *ast;
	bool foreign;

	mr_buf_printf(&program, "%s .", text); /* a definition wants something behind it */
	ast = mr_ast_parse(program.at, program.len, &foreign, &err);
	mr_buf_release(&program);
	if (!ast)
		return none(m, "%s", err.text);
	m->plan->asts = mr_xrealloc(m->plan->asts, (m->plan->nasts + 1) * sizeof(struct mr_ast *));
	m->plan->asts[m->plan->nasts++] = ast;
	return inline_def(m, mr_ast_root(ast), NULL, call, at);
}

/* What is a node of its own here. */
static struct mr_pnode *
special(struct maker *m, const struct mr_node *t, struct place at)
{
	static const struct {
		const char *name;
		enum mr_type type;
	} words[] = {{"null", MR_NULL}, {"true", MR_TRUE}, {"false", MR_FALSE}};

	if (t->nkids == 1)
		return strcmp(t->name, "select") == 0 ?
		    of(m, MR_P_SELECT, t->kids[0], NULL, NULL, at) :
		    NULL;
	if (t->nkids > 1)
		return NULL;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(t->name, words[i].name) == 0)
			return constant(m, (struct mr_value){.type = (uint8_t)words[i].type});
	if (strcmp(t->name, "empty") == 0)
		return node(m, MR_P_EMPTY);
	if (strcmp(t->name, "not") == 0)
		return node(m, MR_P_NOT);
	return NULL;
}

/*
 * What asks for the next event suspends the machine; a plan cannot wait.
 * `inputs` has no plan anyway: it is named so that --explain can say it.
 */
static bool
waits(const struct mr_jq_fn *fn, const char *name)
{
	return (fn && fn->flags & MR_FN_READS) || strcmp(name, "inputs") == 0;
}

static struct mr_pnode *
call(struct maker *m, const struct mr_node *t, struct place at)
{
	const struct scope *s = find(at.scope, t->name, (int)t->nkids);
	const struct mr_jq_fn *fn;
	struct mr_pnode *n;
	const char *text;

	if (s && s->def)
		return inline_def(m, s->def, s, t, at);
	if (s)
		return make(m, s->arg, (struct place){s->home, at.event});
	if ((n = special(m, t, at)) || m->why[0])
		return n;
	fn = mr_jq_fn(t->name, (int)t->nkids);
	if (waits(fn, t->name))
		return none(m, "%s", t->name);
	if (fn) {
		m->plan->uses |= fn->flags;
		n = with_kids(m, MR_P_CALL, t, at);
		if (n)
			n->fn = fn;
		return n;
	}
	text = mr_jq_def(t->name, (int)t->nkids);
	return text ? builtin_def(m, text, t, at) : none(m, "%s/%zu", t->name, t->nkids);
}

static struct mr_pnode *
define(struct maker *m, const struct mr_node *t, struct place at)
{
	struct scope s = {.outer = at.scope, .name = t->name, .arity = (int)t->nkids, .def = t};

	at.scope = &s;
	return make(m, t->b, at);
}

static struct mr_pnode *
as(struct maker *m, const struct mr_node *t, struct place at)
{
	if (t->nkids != 1 || t->kids[0]->kind != MR_N_VAR)
		return none(m, "destructuring");
	return bind(m, t->kids[0]->name, make(m, t->a, at), t->b, at);
}

/* `if a then b` without else yields `.`. */
static struct mr_pnode *
condition(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = of(m, MR_P_IF, t->a, t->b, t->c, at);

	if (n && !n->c)
		n->c = node(m, MR_P_DOT);
	return n;
}

static struct mr_pnode *
attempt(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = of(m, MR_P_TRY, t->a, NULL, NULL, at);

	if (n && t->b && !(n->b = make(m, t->b, (struct place){at.scope, false})))
		return NULL;
	return n;
}

static struct mr_pnode *
array(struct maker *m, const struct mr_node *t, struct place at)
{
	struct mr_pnode *n = node(m, MR_P_ARRAY);

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

static struct mr_pnode *
make(struct maker *m, const struct mr_node *t, struct place at)
{
	switch (t->kind) {
	case MR_N_IDENTITY: return node(m, MR_P_DOT);
	case MR_N_LITERAL: return constant(m, mr_value_copy(&t->value));
	case MR_N_FORMAT: return named(node(m, MR_P_FORMAT), t->name);
	case MR_N_STRING: return named(with_kids(m, MR_P_STRING, t, at), t->name);
	case MR_N_INDEX: return index_of(m, t, at);
	case MR_N_SLICE: return slice(m, t, at);
	case MR_N_TRY: return attempt(m, t, at);
	case MR_N_ARRAY: return array(m, t, at);
	case MR_N_OBJECT: return object(m, t, at);
	case MR_N_NEGATE: return of(m, MR_P_NEGATE, t->a, NULL, NULL, at);
	case MR_N_PIPE: return pipe_of(m, t, at);
	case MR_N_BINOP: return binop(m, t, at);
	case MR_N_AND: return of(m, MR_P_AND, t->a, t->b, NULL, at);
	case MR_N_OR: return of(m, MR_P_OR, t->a, t->b, NULL, at);
	case MR_N_ALTERNATIVE: return of(m, MR_P_ALT, t->a, t->b, NULL, at);
	case MR_N_IF: return condition(m, t, at);
	case MR_N_AS: return as(m, t, at);
	case MR_N_VAR: return variable(m, t, at);
	case MR_N_DEF: return define(m, t, at);
	case MR_N_CALL: return call(m, t, at);
	default: return none(m, "%s", kind_name(t));
	}
}

/* `.` may be computed where it stands; that is not told apart. */
static bool
takes_dot(const struct mr_pnode *n)
{
	return n->op == MR_P_DOT || n->op == MR_P_SELECT || n->op == MR_P_FORMAT ||
	    n->op == MR_P_CALL || (n->op == MR_P_NOT && !n->a);
}

unsigned
mr_plan_uses(const struct mr_plan *p)
{
	return p->uses;
}

bool
mr_plan_whole(const struct mr_plan *p)
{
	return p->whole;
}

struct mr_plan *
mr_plan_new(const struct mr_node *root, const struct mr_value *named_values, struct mr_scan *scan,
    char why[96])
{
	struct maker m = {.plan = mr_xcalloc(1, sizeof(struct mr_plan)),
	    .scan = scan,
	    .named = named_values,
	    .why = why};

	why[0] = '\0';
	m.plan->root = make(&m, root, (struct place){NULL, true});
	if (!m.plan->root) {
		mr_plan_free(m.plan);
		return NULL;
	}
	m.plan->transparent = yields_dot(m.plan->root);
	m.plan->columnar = mr_plan_columnar(m.plan->root);
	m.plan->check = mr_scan_new();
	m.plan->steps = mr_steps_new(m.plan->root, false);
	m.plan->raw = mr_steps_new(m.plan->root, true);
	for (size_t i = 0; i < m.plan->nall; i++)
		m.plan->whole |= takes_dot(m.plan->all[i]);
	return m.plan;
}

void
mr_plan_free(struct mr_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nall; i++) {
		struct mr_pnode *n = p->all[i];

		for (size_t s = 0; s < n->npath; s++)
			mr_value_free(n->path[s]);
		free((void *)(uintptr_t)n->path);
		mr_value_free(n->value);
		free(n->kids);
		free(n->text);
		free(n->quoted);
		free(n);
	}
	free(p->all);
	mr_scan_free(p->check);
	mr_steps_free(p->steps);
	mr_steps_free(p->raw);
	for (size_t i = 0; i < p->nasts; i++)
		mr_ast_free(p->asts[i]);
	free(p->asts);
	free(p);
}

bool
mr_plan_transparent(const struct mr_plan *p)
{
	return p->transparent;
}
