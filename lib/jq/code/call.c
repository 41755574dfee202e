/*
 * call - names: functions of the program, builtins, closures.
 *
 * A definition is inlined where it is called unless that is inside itself, or
 * the program has grown large already; then it becomes a procedure, compiled
 * once, later (so the compiler's own stack stays small).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/code/compile.h"

#define INLINE_MAX 20000 /* instructions; beyond, nothing more is inlined */
#define INLINE_DEPTH 600 /* nodes inside each other, likewise */

struct mr_scope *
mr_scope_new(struct mr_comp *c, struct mr_scope *up, enum mr_scope_kind kind, const char *name)
{
	struct mr_scope *s = mr_code_alloc(&c->arena, sizeof *s);

	*s = (struct mr_scope){.up = up,
	    .kind = kind,
	    .name = name,
	    .owner = c->cur,
	    .procedure = -1,
	    .builtin = c->builtin};
	return s;
}

struct mr_proc *
mr_proc_new(struct mr_comp *c, struct mr_proc *up, const char *name)
{
	struct mr_code *code = c->code;
	size_t i = code->nprocedures++;
	struct mr_proc *p = mr_xcalloc(1, sizeof *p);
	char *copy = NULL;

	if (name) {
		copy = mr_code_alloc(&code->arena, strlen(name) + 1);
		strcpy(copy, name);
	}
	c->procs = mr_code_more(c->procs, i, sizeof(struct mr_proc *));
	c->procs[i] = p;
	code->procedures = mr_code_more(code->procedures, i, sizeof *code->procedures);
	code->procedures[i] = (struct mr_procedure){.name = copy};
	*p = (struct mr_proc){.up = up,
	    .index = (uint32_t)i,
	    .next = 1,
	    .slots = 1,
	    .epoch = 1,
	    .last_epoch = 1,
	    .nowhere = MR_LABEL_INIT};
	return p;
}

uint16_t
mr_comp_level(struct mr_comp *c, const struct mr_proc *owner)
{
	unsigned level = 0;

	if (!owner)
		return MR_NO_LEVEL;
	for (const struct mr_proc *p = c->cur; p && p != owner; p = p->up)
		level++;
	return (uint16_t)level;
}

/* A procedure to be compiled when the one at hand is done; params: of the function `scope`. */
static int32_t
later(struct mr_comp *c, struct mr_proc *up, const struct mr_node *node, struct mr_scope *scope,
    bool params, bool builtin)
{
	struct mr_work *w = mr_code_alloc(&c->arena, sizeof *w);

	*w = (struct mr_work){.node = node, .scope = scope, .params = params, .builtin = builtin};
	w->proc = mr_proc_new(c, up, params ? node->name : NULL);
	c->code->procedures[w->proc->index].closures = params ? (uint32_t)node->nkids : 0;
	*c->work_end = w;
	c->work_end = &w->next;
	return (int32_t)w->proc->index;
}

static bool
is_large(const struct mr_comp *c)
{
	return c->emitted > INLINE_MAX || c->depth > INLINE_DEPTH;
}

/* -- finding a name -- */

static struct mr_scope *
find(struct mr_scope *s, const char *name, size_t arity)
{
	for (; s; s = s->up)
		if (s->kind != MR_S_VAR && s->kind != MR_S_LABEL && s->arity == arity &&
		    strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* Is it a call of the builtin, without arguments, and no function of the program? */
bool
mr_comp_is(struct mr_comp *c, const struct mr_node *n, struct mr_scope *scope, const char *name)
{
	(void)c;
	return n->kind == MR_N_CALL && n->nkids == 0 && strcmp(n->name, name) == 0 &&
	    !find(scope, name, 0);
}

/* The definition of a builtin in jq's language, parsed once; NULL: there is none. */
static struct mr_scope *
defined(struct mr_comp *c, const char *name, size_t arity)
{
	struct mr_scope *s = find(c->builtins, name, arity);
	const char *text = s ? NULL : mr_jq_def(name, (int)arity);
	struct mr_buf program = MR_BUF_INIT;
	struct mr_ast *ast;
	bool foreign;

	if (!text)
		return s;
	mr_buf_printf(&program, "%s .", text);
	ast = mr_ast_parse(program.at, program.len, &foreign, c->err);
	mr_buf_release(&program);
	if (!ast) {
		c->failed = true;
		return NULL;
	}
	c->asts = mr_code_more(c->asts, c->nasts, sizeof(struct mr_ast *));
	c->asts[c->nasts++] = ast;
	s = mr_scope_new(c, c->builtins, MR_S_FUNC, mr_ast_root(ast)->name);
	s->node = mr_ast_root(ast);
	s->arity = arity;
	s->owner = NULL;
	s->builtin = true;
	c->builtins = s;
	return s;
}

/* -- calls of procedures -- */

static struct mr_opnd
emit_call(struct mr_comp *c, struct mr_where w, struct mr_closure_ref to,
    const struct mr_closure_ref *refs, size_t n)
{
	struct mr_code *code = c->code;
	unsigned mode = mr_takes(c, w.in) ? MR_M_TAKE_B : 0;
	bool tail = w.tail && c->cur->index > 0;
	uint16_t dest = tail ? 0 : mr_dest(c, &w);

	mode |= (w.path ? 0 : MR_M_NO_PATH) | (tail ? MR_M_TAIL : 0);
	code->calls = mr_code_more(code->calls, code->ncalls, sizeof *code->calls);
	code->calls[code->ncalls] = (struct mr_call){to, (uint32_t)code->nrefs, (uint32_t)n};
	for (size_t i = 0; i < n; i++) {
		code->refs = mr_code_more(code->refs, code->nrefs, sizeof *code->refs);
		code->refs[code->nrefs++] = refs[i];
	}
	mr_emit(c, MR_I_CALL, mode, dest, w.in.at, 0);
	mr_last(c)->d = (int32_t)code->ncalls++;
	c->cur->empties++;
	mr_fork_epoch(c);
	if (tail)
		return (struct mr_opnd){.never = true};
	return mr_fresh(c, dest);
}

/* An expression as a closure of the frame at hand. */
static struct mr_closure_ref
closure(struct mr_comp *c, const struct mr_node *n, struct mr_scope *scope)
{
	struct mr_scope *s = n->kind == MR_N_CALL && n->nkids == 0 ? find(scope, n->name, 0) : NULL;
	struct mr_closure_ref ref = {0};

	while (s && s->kind == MR_S_ARG && s->node->kind == MR_N_CALL && s->node->nkids == 0 &&
	    find(s->env, s->node->name, 0))
		s = find(s->env, s->node->name, 0);
	if (s && s->kind == MR_S_PARAM) {
		ref.argument = true;
		ref.level = mr_comp_level(c, s->owner);
		ref.index = s->index;
		return ref;
	}
	if (s && s->kind == MR_S_ARG) {
		if (s->procedure < 0)
			s->procedure = later(c, s->owner, s->node, s->env, false, s->builtin);
		ref.level = mr_comp_level(c, s->owner);
		ref.index = (uint32_t)s->procedure;
		return ref;
	}
	ref.index = (uint32_t)later(c, c->cur, n, scope, false, c->builtin);
	return ref;
}

static struct mr_opnd
call_procedure(struct mr_comp *c, const struct mr_node *n, struct mr_scope *s, struct mr_where w)
{
	struct mr_closure_ref to = {.level = mr_comp_level(c, s->owner)};
	struct mr_closure_ref *refs = mr_xmalloc(n->nkids * sizeof *refs);
	struct mr_opnd o;

	if (s->procedure < 0)
		s->procedure = later(c, s->owner, s->node, s, true, s->builtin);
	to.index = (uint32_t)s->procedure;
	for (size_t i = 0; i < n->nkids; i++)
		refs[i] = closure(c, n->kids[i], w.scope);
	o = emit_call(c, w, to, refs, n->nkids);
	free(refs);
	return o;
}

/* -- inlining -- */

/* $name parameters are names of values too; the first is the outermost loop. */
static struct mr_opnd
body_of(struct mr_comp *c, const struct mr_node *def, struct mr_where w)
{
	for (size_t i = 0; i < def->nkids; i++) {
		const struct mr_node *param = def->kids[i];
		struct mr_node use = {.kind = MR_N_CALL, .name = param->name, .at = param->at};
		struct mr_opnd o;

		if (!param->op)
			continue;
		o = mr_comp_value(c, &use, &w);
		if (o.never)
			return o;
		mr_comp_bind(c, param->name, o, &w);
	}
	return mr_comp(c, def->a, w);
}

static struct mr_opnd
inlined(struct mr_comp *c, const struct mr_node *n, struct mr_scope *s, struct mr_where w)
{
	const struct mr_node *def = s->node;
	struct mr_inlining *here = mr_code_alloc(&c->arena, sizeof *here);
	struct mr_scope *callers = w.scope, *arg;
	bool builtin = c->builtin;
	struct mr_opnd o;

	w.scope = s->owner ? s : NULL; /* a builtin sees builtins alone */
	for (size_t i = 0; i < def->nkids; i++) {
		arg = mr_scope_new(c, w.scope, MR_S_ARG, def->kids[i]->name);
		arg->node = n->kids[i];
		arg->env = callers;
		arg->inlining = c->inlining;
		w.scope = arg;
	}
	/* It stays: a closure that is compiled later, as a procedure, knows it. */
	here->up = c->inlining;
	here->func = s;
	c->inlining = here;
	c->builtin = s->builtin;
	o = body_of(c, def, w);
	c->builtin = builtin;
	c->inlining = here->up;
	return o;
}

/* A closure argument where it is used; what stands in it is inlined as at its own place. */
static struct mr_opnd
argument(struct mr_comp *c, struct mr_scope *s, struct mr_where w)
{
	struct mr_inlining *inlining = c->inlining;
	struct mr_closure_ref to = {0};
	bool builtin = c->builtin;
	struct mr_opnd o;

	if (is_large(c)) {
		if (s->procedure < 0)
			s->procedure = later(c, s->owner, s->node, s->env, false, s->builtin);
		to.level = mr_comp_level(c, s->owner);
		to.index = (uint32_t)s->procedure;
		return emit_call(c, w, to, NULL, 0);
	}
	w.scope = s->env;
	c->builtin = s->builtin;
	c->inlining = s->inlining;
	o = mr_comp(c, s->node, w);
	c->inlining = inlining;
	c->builtin = builtin;
	return o;
}

static bool
is_inside(const struct mr_comp *c, const struct mr_scope *func)
{
	const struct mr_inlining *i = c->inlining;

	while (i && i->func != func)
		i = i->up;
	return i != NULL;
}

static struct mr_opnd
call_scope(struct mr_comp *c, const struct mr_node *n, struct mr_scope *s, struct mr_where w)
{
	struct mr_closure_ref to = {.argument = true};

	if (s->kind == MR_S_ARG)
		return argument(c, s, w);
	if (s->kind == MR_S_PARAM) {
		to.level = mr_comp_level(c, s->owner);
		to.index = s->index;
		return emit_call(c, w, to, NULL, 0);
	}
	if (s->procedure >= 0 || is_inside(c, s) || is_large(c))
		return call_procedure(c, n, s, w);
	return inlined(c, n, s, w);
}

/* -- any name -- */

static struct mr_opnd
unknown(struct mr_comp *c, const struct mr_node *n)
{
	*c->foreign = strstr(n->name, "::") || strcmp(n->name, "modulemeta") == 0 ||
	    strcmp(n->name, "get_search_list") == 0;
	return mr_comp_fail(c, n->at, "%s/%zu is not defined", n->name, n->nkids);
}

struct mr_opnd
mr_comp_call(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_scope *s = find(w.scope, n->name, n->nkids);
	const struct mr_jq_fn *fn;
	mr_comp_intrinsic *compile;

	if (s)
		return call_scope(c, n, s, w);
	compile = mr_comp_intrinsic_of(n);
	if (compile)
		return compile(c, n, w);
	fn = mr_jq_fn(n->name, (int)n->nkids);
	if (fn)
		return mr_comp_native(c, fn, n, w);
	s = defined(c, n->name, n->nkids);
	return s ? call_scope(c, n, s, w) : unknown(c, n);
}

struct mr_opnd
mr_comp_builtin(struct mr_comp *c, const char *name, struct mr_where w)
{
	struct mr_node call = {.kind = MR_N_CALL, .name = name};

	w.scope = NULL;
	return mr_comp_call(c, &call, w);
}

/* -- procedures -- */

static void
procedure(struct mr_comp *c, struct mr_work *work)
{
	struct mr_where w = {.dest = -1, .path = work->proc->index > 0, .tail = true};
	struct mr_scope *s = work->scope;
	struct mr_opnd o;

	c->cur = work->proc;
	w.in = mr_fresh(c, 0);
	w.scope = s;
	c->builtin = work->builtin;
	c->inlining = NULL;
	if (work->params) {
		w.scope = s->owner ? s : NULL;
		for (size_t i = 0; i < work->node->nkids; i++) {
			w.scope = mr_scope_new(c, w.scope, MR_S_PARAM, work->node->kids[i]->name);
			w.scope->index = (uint32_t)i;
		}
		o = body_of(c, work->node, w);
	} else {
		o = mr_comp(c, work->node, w);
	}
	if (!o.never)
		mr_emit(c, MR_I_RET, mr_takes(c, o) ? MR_M_TAKE_B : 0, 0, o.at, 0);
	if (c->cur->nowhere.head >= 0) {
		mr_here(c, &c->cur->nowhere);
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	}
}

void
mr_comp_work(struct mr_comp *c)
{
	while (c->work && !c->failed) {
		procedure(c, c->work);
		c->work = c->work->next;
	}
}
