/*
 * names - what the names in a program stand for in its plan.
 *
 * Definitions, the user's and those of builtins that are defined in jq, are
 * put in where they are called, their arguments as unevaluated trees with the
 * names they were written among; recursion therefore has no plan.
 */
#include <string.h>

#include "base/mem.h"
#include "jq/plan/make.h"

#define INLINE_DEPTH 24

const struct mr_make_scope *
mr_make_find(const struct mr_make_scope *s, const char *name, int arity)
{
	while (s && (s->arity != arity || strcmp(s->name, name) != 0))
		s = s->outer;
	return s;
}

struct mr_pnode *
mr_make_variable(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	const struct mr_make_scope *s = mr_make_find(at.scope, t->name, -1);
	struct mr_value v;
	struct mr_pnode *n;

	if (s) {
		n = mr_make_node(m, MR_P_VAR);
		n->var = s->var;
		return n;
	}
	if (strcmp(t->name, "ENV") == 0 && mr_jq_fn("env", 0)) {
		n = mr_make_node(m, MR_P_CALL);
		n->fn = mr_jq_fn("env", 0);
		return n;
	}
	v = mr_value_member(m->named, t->name, strlen(t->name));
	if (v.type == MR_MISSING)
		return mr_make_none(m, "$%s", t->name);
	return mr_make_constant(m, mr_value_own(v));
}

/* `a as $name | b`, with b in a scope of its own. */
static struct mr_pnode *
bind(struct mr_maker *m, const char *name, struct mr_pnode *value, const struct mr_node *body,
    struct mr_make_place at)
{
	struct mr_make_scope s = {.outer = at.scope, .name = name, .arity = -1, .var = m->vars};
	struct mr_pnode *n = mr_make_node(m, MR_P_BIND);

	if (m->vars == MR_PLAN_VARS)
		return mr_make_none(m, "more than %d variables", MR_PLAN_VARS);
	n->var = m->vars++;
	n->a = value;
	at.scope = &s;
	n->b = value ? mr_make(m, body, at) : NULL;
	m->vars--;
	return n->b ? n : NULL;
}

/*
 * The body of a function where it is called, its parameters from the i-th on
 * still to be named in `inside`.
 */
static struct mr_pnode *
call_body(struct mr_maker *m, const struct mr_node *def, const struct mr_node *call, size_t i,
    const struct mr_make_scope *inside, struct mr_make_place at)
{
	const struct mr_node *p;
	struct mr_make_scope arg = {.outer = inside, .arity = 0};
	struct mr_make_scope var = {.outer = &arg, .arity = -1, .var = m->vars};
	struct mr_pnode *n, *value;

	if (i == def->nkids)
		return mr_make(m, def->a, (struct mr_make_place){inside, at.event});
	p = def->kids[i];
	arg.name = p->name;
	arg.arg = call->kids[i];
	arg.home = at.scope;
	if (!p->op)
		return call_body(m, def, call, i + 1, &arg, at);
	if (m->vars == MR_PLAN_VARS)
		return mr_make_none(m, "more than %d variables", MR_PLAN_VARS);
	if (!(value = mr_make(m, call->kids[i], at)))
		return NULL;
	var.name = p->name;
	n = mr_make_node(m, MR_P_BIND);
	n->var = m->vars++;
	n->a = value;
	n->b = call_body(m, def, call, i + 1, &var, at);
	m->vars--;
	return n->b ? n : NULL;
}

static struct mr_pnode *
inline_def(struct mr_maker *m, const struct mr_node *def, const struct mr_make_scope *around,
    const struct mr_node *call, struct mr_make_place at)
{
	struct mr_pnode *n;

	if (m->depth >= INLINE_DEPTH)
		return mr_make_none(m, "%s is recursive", call->name);
	m->depth++;
	n = call_body(m, def, call, 0, around, at);
	m->depth--;
	return n;
}

static struct mr_pnode *
builtin_def(struct mr_maker *m, const char *text, const struct mr_node *call,
    struct mr_make_place at)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf program = MR_BUF_INIT;
	struct mr_ast *ast;
	bool foreign;

	mr_buf_printf(&program, "%s .", text); /* a definition wants something behind it */
	ast = mr_ast_parse(program.at, program.len, &foreign, &err);
	mr_buf_release(&program);
	if (!ast)
		return mr_make_none(m, "%s", err.text);
	m->plan->asts = mr_xrealloc(m->plan->asts, (m->plan->nasts + 1) * sizeof(struct mr_ast *));
	m->plan->asts[m->plan->nasts++] = ast;
	return inline_def(m, mr_ast_root(ast), NULL, call, at);
}

/* What is a node of its own here. */
static struct mr_pnode *
special(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	static const struct {
		const char *name;
		enum mr_type type;
	} words[] = {{"null", MR_NULL}, {"true", MR_TRUE}, {"false", MR_FALSE}};

	if (t->nkids == 1)
		return strcmp(t->name, "select") == 0 ?
		    mr_make_of(m, MR_P_SELECT, t->kids[0], NULL, NULL, at) :
		    NULL;
	if (t->nkids > 1)
		return NULL;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(t->name, words[i].name) == 0)
			return mr_make_constant(m,
			    (struct mr_value){.type = (uint8_t)words[i].type});
	if (strcmp(t->name, "empty") == 0)
		return mr_make_node(m, MR_P_EMPTY);
	if (strcmp(t->name, "not") == 0)
		return mr_make_node(m, MR_P_NOT);
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

struct mr_pnode *
mr_make_call(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	const struct mr_make_scope *s = mr_make_find(at.scope, t->name, (int)t->nkids);
	const struct mr_jq_fn *fn;
	struct mr_pnode *n;
	const char *text;

	if (s && s->def)
		return inline_def(m, s->def, s, t, at);
	if (s)
		return mr_make(m, s->arg, (struct mr_make_place){s->home, at.event});
	if ((n = special(m, t, at)) || m->why[0])
		return n;
	fn = mr_jq_fn(t->name, (int)t->nkids);
	if (waits(fn, t->name))
		return mr_make_none(m, "%s", t->name);
	if (fn) {
		m->plan->uses |= fn->flags;
		n = mr_make_kids(m, MR_P_CALL, t, at);
		if (n)
			n->fn = fn;
		return n;
	}
	text = mr_jq_def(t->name, (int)t->nkids);
	return text ? builtin_def(m, text, t, at) : mr_make_none(m, "%s/%zu", t->name, t->nkids);
}

struct mr_pnode *
mr_make_def(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	struct mr_make_scope s = {.outer = at.scope,
	    .name = t->name,
	    .arity = (int)t->nkids,
	    .def = t};

	at.scope = &s;
	return mr_make(m, t->b, at);
}

struct mr_pnode *
mr_make_as(struct mr_maker *m, const struct mr_node *t, struct mr_make_place at)
{
	if (t->nkids != 1 || t->kids[0]->kind != MR_N_VAR)
		return mr_make_none(m, "destructuring");
	return bind(m, t->kids[0]->name, mr_make(m, t->a, at), t->b, at);
}
