/*
 * compile - a tree becomes instructions: paths, operators, conditions.
 *
 * The order in which operands are evaluated is jq's, which shows when one of
 * them has several outputs: of a + b, b is the outer loop.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/code/compile.h"

/* Off the path: keys, operands, conditions are values that no path goes through. */
struct mr_opnd
mr_comp_value(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w)
{
	struct mr_where v = {.scope = w->scope, .in = mr_kept(w->in), .dest = -1};

	return mr_comp(c, n, v);
}

/* The same as the last use of the input. */
struct mr_opnd
mr_comp_last(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w)
{
	struct mr_where v = {.scope = w->scope, .in = w->in, .dest = -1};

	return mr_comp(c, n, v);
}

/* An operand that is the input itself, and not used yet: nothing else may take the input away. */
void
mr_comp_spare(struct mr_where *w, struct mr_opnd o)
{
	if (o.at == w->in.at)
		w->in.dead = false;
}

/* What a step of a path is taken of. */
static struct mr_opnd
base_of(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w)
{
	struct mr_where v = *w;

	v.dest = -1;
	v.tail = false;
	return mr_comp(c, n->a, v);
}

static unsigned
take_b(struct mr_comp *c, struct mr_opnd o)
{
	return mr_takes(c, o) ? MR_M_TAKE_B : 0;
}

static unsigned
take_c(struct mr_comp *c, struct mr_opnd o)
{
	return mr_takes(c, o) ? MR_M_TAKE_C : 0;
}

static struct mr_opnd
index_step(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	bool plain = n->b->kind == MR_N_LITERAL && n->b->value.type == MR_STRING && !w.path;
	struct mr_opnd key = mr_comp_value(c, n->b, &w), of;
	unsigned opt = n->op ? MR_M_OPT : 0;
	uint16_t dest;

	if (key.never)
		return key;
	mr_comp_spare(&w, key);
	of = base_of(c, n, &w);
	if (of.never)
		return of;
	dest = mr_dest(c, &w);
	c->cur->empties += opt != 0;
	if (plain && mr_opnd_constant(key)) {
		mr_emit(c, MR_I_INDEX_KEY, opt | take_b(c, of), dest, of.at, 0);
		mr_last(c)->d = mr_key(c, key);
	} else {
		mr_emit(c, w.path ? MR_I_INDEX_PATH : MR_I_INDEX,
		    opt | take_b(c, of) | take_c(c, key), dest, of.at, key.at);
	}
	return mr_fresh(c, dest);
}

static struct mr_opnd
slice_step(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_value null = MR_VALUE_NULL;
	struct mr_opnd from, to, of;
	uint16_t dest;

	from = n->b ? mr_comp_value(c, n->b, &w) : mr_constant(c, &null);
	if (from.never)
		return from;
	to = n->c ? mr_comp_value(c, n->c, &w) : mr_constant(c, &null);
	if (to.never)
		return to;
	mr_comp_spare(&w, from);
	mr_comp_spare(&w, to);
	of = base_of(c, n, &w);
	if (of.never)
		return of;
	dest = mr_dest(c, &w);
	c->cur->empties += n->op != 0;
	mr_emit(c, w.path ? MR_I_SLICE_PATH : MR_I_SLICE,
	    (n->op ? MR_M_OPT : 0) | take_b(c, of) | take_c(c, from) |
		(mr_takes(c, to) ? MR_M_TAKE_E : 0),
	    dest, of.at, from.at);
	mr_last(c)->e = to.at;
	return mr_fresh(c, dest);
}

static struct mr_opnd
each_step(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd of = base_of(c, n, &w);
	uint16_t dest, hold;

	if (of.never)
		return of;
	dest = mr_dest(c, &w);
	hold = mr_slot(c);
	mr_emit(c, w.path ? MR_I_EACH_PATH : MR_I_EACH, (n->op ? MR_M_OPT : 0) | take_b(c, of),
	    dest, of.at, hold);
	mr_last(c)->d = (int32_t)c->cur->iters++;
	c->cur->empties++;
	mr_fork_epoch(c);
	return mr_fresh(c, dest);
}

static struct mr_opnd
pipe_of(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_where first = w;

	first.dest = -1;
	first.tail = false;
	w.in = mr_comp(c, n->a, first);
	return w.in.never ? w.in : mr_comp(c, n->b, w);
}

static struct mr_opnd
comma(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	uint32_t before = c->cur->epoch;
	struct mr_label second = MR_LABEL_INIT, end = MR_LABEL_INIT;
	struct mr_where first = w;
	struct mr_opnd a, b;

	first.dest = w.dest = mr_dest(c, &w);
	first.in = mr_kept(w.in);
	mr_jump(c, mr_emit(c, MR_I_FORK, 0, 0, 0, 0), &second);
	mr_fork_epoch(c);
	a = mr_comp(c, n->a, first);
	if (!a.never)
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	mr_here(c, &second);
	c->cur->epoch = before;
	b = mr_comp(c, n->b, w);
	mr_here(c, &end);
	if (!a.never)
		mr_fork_epoch(c);
	if (a.never && b.never)
		return b;
	return mr_fresh(c, (uint16_t)w.dest);
}

static struct mr_opnd
binop(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	static const char arithmetic[] = "+-*/%";
	struct mr_opnd b = mr_comp_value(c, n->b, &w), a;
	enum mr_opcode op;
	uint16_t dest;

	if (b.never)
		return b;
	mr_comp_spare(&w, b);
	a = mr_comp_last(c, n->a, &w);
	if (a.never)
		return a;
	if (n->op >= MR_OP_EQ)
		op = MR_I_EQ + (enum mr_opcode)(n->op - MR_OP_EQ);
	else
		op = MR_I_ADD + (enum mr_opcode)(strchr(arithmetic, n->op) - arithmetic);
	dest = mr_dest(c, &w);
	mr_emit(c, op, take_b(c, a) | take_c(c, b), dest, a.at, b.at);
	return mr_fresh(c, dest);
}

static struct mr_opnd
negate(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd a = base_of(c, n, &w);
	uint16_t dest;

	if (a.never)
		return a;
	dest = mr_dest(c, &w);
	mr_emit(c, MR_I_NEG, take_b(c, a), dest, a.at, 0);
	return mr_fresh(c, dest);
}

/* a and b, a or b: true or false for each output of b, when a does not decide. */
static struct mr_opnd
logic(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	bool either = n->kind == MR_N_OR;
	struct mr_value decided = mr_value_bool(either);
	struct mr_label short_cut = MR_LABEL_INIT, end = MR_LABEL_INIT;
	struct mr_where v = {.scope = w.scope, .in = mr_kept(w.in), .dest = -1, .path = w.path};
	uint16_t dest = mr_dest(c, &w);
	uint32_t before;
	struct mr_opnd a, b;

	if (w.path) {
		a = mr_comp(c, n->a, v);
		if (a.never)
			return a;
		mr_jump(c, mr_emit(c, MR_I_JUMP_IF, either ? MR_M_SENSE : 0, 0, a.at, 0),
		    &short_cut);
	} else {
		mr_comp_cond(c, n->a, &v, either, &short_cut);
	}
	before = c->cur->epoch;
	v.in = w.in;
	b = mr_comp(c, n->b, v);
	if (!b.never) {
		mr_emit(c, MR_I_TRUTH, take_b(c, b), dest, b.at, 0);
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	}
	mr_here(c, &short_cut);
	mr_emit(c, MR_I_MOVE, 0, dest, mr_constant(c, &decided).at, 0);
	mr_here(c, &end);
	mr_join_epoch(c, before, b.never ? before : c->cur->epoch, before);
	return mr_fresh(c, dest);
}

/* a // b where a has exactly one output: no fork point is needed. */
static struct mr_opnd
alternative_of_one(struct mr_comp *c, const struct mr_node *n, struct mr_where w, struct mr_opnd a,
    struct mr_label *no)
{
	struct mr_label end = MR_LABEL_INIT;
	uint32_t before = c->cur->epoch;
	struct mr_opnd b;

	mr_jump(c, mr_emit(c, MR_I_JUMP_IF, 0, 0, a.at, 0), no);
	mr_deliver(c, a, &w);
	mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	mr_here(c, no);
	b = mr_comp(c, n->b, w);
	mr_here(c, &end);
	if (!b.never)
		mr_join_epoch(c, before, before, c->cur->epoch);
	else
		c->cur->epoch = before;
	return mr_fresh(c, (uint16_t)w.dest);
}

/* Any outputs of a that are true, or else those of b. */
static struct mr_opnd
alternative(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_proc *p = c->cur;
	struct mr_label no = MR_LABEL_INIT, end = MR_LABEL_INIT, untrue = MR_LABEL_INIT;
	struct mr_value f = mr_value_bool(false), t = mr_value_bool(true);
	uint32_t before = p->epoch, empties = p->empties, inner;
	struct mr_where first = {.scope = w.scope, .in = mr_kept(w.in), .dest = -1, .path = w.path};
	uint16_t found;
	size_t fork, init;
	struct mr_opnd a, b;

	w.dest = mr_dest(c, &w);
	found = mr_slot(c);
	init = mr_emit(c, MR_I_MOVE, 0, found, mr_constant(c, &f).at, 0);
	fork = mr_emit(c, MR_I_FORK, 0, 0, 0, 0);
	mr_fork_epoch(c);
	inner = p->epoch;
	a = mr_comp(c, n->a, first);
	if (!a.never && p->epoch == inner && p->empties == empties && !w.path) {
		p->ins[init].op = p->ins[fork].op = MR_I_NOP;
		p->epoch = before;
		if (a.born == inner)
			a.born = before;
		return alternative_of_one(c, n, w, a, &no);
	}
	mr_jump(c, fork, &no);
	if (!a.never) {
		mr_jump(c, mr_emit(c, MR_I_JUMP_IF, 0, 0, a.at, 0), &untrue);
		mr_emit(c, MR_I_MOVE, 0, found, mr_constant(c, &t).at, 0);
		mr_deliver(c, a, &w);
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
		mr_here(c, &untrue);
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	}
	mr_here(c, &no);
	mr_jump(c, mr_emit(c, MR_I_JUMP_IF, MR_M_SENSE, 0, found, 0), &untrue);
	p->epoch = before;
	b = mr_comp(c, n->b, w);
	if (!b.never)
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	mr_here(c, &untrue);
	mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	mr_here(c, &end);
	p->empties++;
	mr_fork_epoch(c);
	if (a.never && b.never)
		return b;
	return mr_fresh(c, (uint16_t)w.dest);
}

static struct mr_opnd
condition(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_label no = MR_LABEL_INIT, end = MR_LABEL_INIT;
	struct mr_opnd a, b;
	uint32_t before, then_epoch;

	if (n->c && mr_comp_is(c, n->c, w.scope, "empty")) {
		/* select(f): the value is where it is, or there is none */
		mr_comp_cond(c, n->a, &w, false, &c->cur->nowhere);
		c->cur->empties++;
		return mr_comp(c, n->b, w);
	}
	mr_comp_cond(c, n->a, &w, false, &no);
	w.dest = mr_dest(c, &w);
	before = c->cur->epoch;
	a = mr_comp(c, n->b, w);
	then_epoch = a.never ? before : c->cur->epoch;
	if (!a.never)
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	mr_here(c, &no);
	c->cur->epoch = before;
	b = n->c ? mr_comp(c, n->c, w) : mr_deliver(c, w.in, &w);
	mr_here(c, &end);
	mr_join_epoch(c, before, then_epoch, b.never ? before : c->cur->epoch);
	if (a.never && b.never)
		return b;
	c->cur->empties += a.never || b.never;
	return mr_fresh(c, (uint16_t)w.dest);
}

static struct mr_opnd
attempt(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_label handler = MR_LABEL_INIT, end = MR_LABEL_INIT;
	uint32_t before = c->cur->epoch, inner, body;
	uint16_t mark = mr_slot(c), error = mr_slot(c);
	struct mr_where first = w;
	struct mr_opnd a, b = {.never = true};

	first.dest = w.dest = mr_dest(c, &w);
	first.tail = false;
	mr_jump(c, mr_emit(c, MR_I_TRY, 0, error, mark, 0), &handler);
	mr_fork_epoch(c);
	inner = c->cur->epoch;
	a = mr_comp(c, n->a, first);
	body = before;
	if (!a.never) {
		body = c->cur->epoch == inner ? before : c->cur->epoch;
		mr_emit(c, MR_I_TRY_DONE, body == before ? MR_M_UNFORKED : 0, 0, mark, 0);
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &end);
	}
	mr_here(c, &handler);
	c->cur->epoch = before;
	if (n->b) {
		w.in = mr_fresh(c, error);
		b = mr_comp(c, n->b, w);
	} else {
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
		c->cur->empties++;
	}
	mr_here(c, &end);
	mr_join_epoch(c, before, body, b.never ? before : c->cur->epoch);
	if (a.never && b.never)
		return b;
	return mr_fresh(c, (uint16_t)w.dest);
}

static struct mr_scope *
find(struct mr_scope *s, enum mr_scope_kind kind, const char *name)
{
	while (s && (s->kind != kind || strcmp(s->name, name) != 0))
		s = s->up;
	return s;
}

/* $ENV and $ARGS, where no variable has the name. */
static struct mr_opnd
world(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w)
{
	bool env = strcmp(n->name, "ENV") == 0;
	uint16_t dest;

	if (!env && strcmp(n->name, "ARGS") != 0) {
		if (strstr(n->name, "::"))
			*c->foreign = true;
		return mr_comp_fail(c, n->at, "$%s is not defined", n->name);
	}
	dest = mr_dest(c, w);
	mr_emit(c, env ? MR_I_ENV : MR_I_ARGS, 0, dest, 0, 0);
	return mr_fresh(c, dest);
}

static struct mr_opnd
variable(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_scope *s = find(w.scope, MR_S_VAR, n->name);
	struct mr_opnd o = {0};
	struct mr_value v;
	uint16_t level;

	if (!s) {
		v = c->vars ? mr_value_member(c->vars, n->name, strlen(n->name)) : MR_VALUE_NONE;
		if (v.type == MR_MISSING)
			return world(c, n, &w);
		v = mr_value_own(v);
		o = mr_constant(c, &v);
		mr_value_free(v);
		return mr_deliver(c, o, &w);
	}
	o.at = s->at;
	if (mr_opnd_constant(o) || s->owner == c->cur)
		return mr_deliver(c, o, &w);
	level = mr_comp_level(c, s->owner);
	o = mr_fresh(c, mr_dest(c, &w));
	mr_emit(c, MR_I_OUTER, 0, o.at, s->at, level);
	return o;
}

static struct mr_opnd
label(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_scope *s = mr_scope_new(c, w.scope, MR_S_LABEL, n->name);

	s->at = mr_slot(c);
	mr_emit(c, MR_I_LABEL, 0, s->at, 0, 0);
	mr_fork_epoch(c);
	c->cur->empties++;
	w.scope = s;
	return mr_comp(c, n->a, w);
}

static struct mr_opnd
break_out(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_scope *s = find(w.scope, MR_S_LABEL, n->name);

	if (!s)
		return mr_comp_fail(c, n->at, "$*label-%s is not defined", n->name);
	mr_emit(c, MR_I_BREAK, 0, 0, s->at, mr_comp_level(c, s->owner));
	c->cur->empties++;
	return (struct mr_opnd){.never = true};
}

static struct mr_opnd
definition(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_scope *s = mr_scope_new(c, w.scope, MR_S_FUNC, n->name);

	s->node = n;
	s->arity = n->nkids;
	w.scope = s;
	return mr_comp(c, n->b, w);
}

static struct mr_opnd
any(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	switch (n->kind) {
	case MR_N_IDENTITY: return mr_deliver(c, w.in, &w);
	case MR_N_RECURSE: return mr_comp_builtin(c, "recurse", w);
	case MR_N_LITERAL: return mr_deliver(c, mr_constant(c, &n->value), &w);
	case MR_N_FORMAT: return mr_comp_format(c, n, w);
	case MR_N_STRING: return mr_comp_string(c, n, w);
	case MR_N_INDEX: return index_step(c, n, w);
	case MR_N_SLICE: return slice_step(c, n, w);
	case MR_N_ITERATE: return each_step(c, n, w);
	case MR_N_TRY: return attempt(c, n, w);
	case MR_N_ARRAY: return mr_comp_array(c, n, w);
	case MR_N_OBJECT: return mr_comp_object(c, n, w);
	case MR_N_NEGATE: return negate(c, n, w);
	case MR_N_PIPE: return pipe_of(c, n, w);
	case MR_N_COMMA: return comma(c, n, w);
	case MR_N_BINOP: return binop(c, n, w);
	case MR_N_AND:
	case MR_N_OR: return logic(c, n, w);
	case MR_N_ALTERNATIVE: return alternative(c, n, w);
	case MR_N_ASSIGN: return mr_comp_assign(c, n, w);
	case MR_N_IF: return condition(c, n, w);
	case MR_N_REDUCE: return mr_comp_reduce(c, n, w);
	case MR_N_FOREACH: return mr_comp_foreach(c, n, w);
	case MR_N_AS: return mr_comp_as(c, n, w);
	case MR_N_VAR: return variable(c, n, w);
	case MR_N_LABEL: return label(c, n, w);
	case MR_N_BREAK: return break_out(c, n, w);
	case MR_N_DEF: return definition(c, n, w);
	case MR_N_CALL: return mr_comp_call(c, n, w);
	case MR_N_PARAM:
	case MR_N_P_ARRAY:
	case MR_N_P_OBJECT: break;
	}
	return mr_comp_fail(c, n->at, "a pattern is no expression");
}

/*
 * Slots that only this node used are free again, if no fork point remains that
 * would come back to them.
 */
struct mr_opnd
mr_comp(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_proc *p = c->cur;
	uint32_t next = p->next, epoch = p->epoch;
	struct mr_opnd o;

	if (c->failed)
		return (struct mr_opnd){.never = true};
	c->depth++;
	o = any(c, n, w);
	c->depth--;
	if (p->epoch == epoch && !o.never) {
		if (!mr_opnd_constant(o) && o.at >= next)
			next = (uint32_t)o.at + 1;
		p->next = next;
	}
	return o;
}

static void
compare_jump(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w, bool sense,
    struct mr_label *to)
{
	struct mr_opnd b = mr_comp_value(c, n->b, w), a;

	if (b.never)
		return;
	a = mr_comp_value(c, n->a, w);
	if (a.never)
		return;
	mr_jump(c,
	    mr_emit(c, MR_I_JUMP_EQ + (enum mr_opcode)(n->op - MR_OP_EQ),
		(sense ? MR_M_SENSE : 0) | take_b(c, a) | take_c(c, b), 0, a.at, b.at),
	    to);
}

void
mr_comp_cond(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w, bool sense,
    struct mr_label *to)
{
	struct mr_label skip = MR_LABEL_INIT;
	uint32_t next = c->cur->next, epoch = c->cur->epoch, mid;
	struct mr_opnd a;

	if (n->kind == MR_N_BINOP && n->op >= MR_OP_EQ) {
		compare_jump(c, n, w, sense, to);
	} else if (n->kind == MR_N_AND || n->kind == MR_N_OR) {
		bool either = n->kind == MR_N_OR;

		mr_comp_cond(c, n->a, w, either, sense == either ? to : &skip);
		mid = c->cur->epoch;
		mr_comp_cond(c, n->b, w, sense, to);
		mr_here(c, &skip);
		mr_join_epoch(c, mid, mid, c->cur->epoch);
	} else if (mr_comp_is(c, n, w->scope, "not")) {
		mr_jump(c, mr_emit(c, MR_I_JUMP_IF, sense ? 0 : MR_M_SENSE, 0, w->in.at, 0), to);
	} else if (n->kind == MR_N_PIPE && mr_comp_is(c, n->b, w->scope, "not")) {
		mr_comp_cond(c, n->a, w, !sense, to);
	} else if (n->kind == MR_N_PIPE) {
		struct mr_where second = *w;

		second.in = mr_comp_value(c, n->a, w);
		if (!second.in.never)
			mr_comp_cond(c, n->b, &second, sense, to);
	} else {
		a = mr_comp_value(c, n, w);
		if (!a.never)
			mr_jump(c, mr_emit(c, MR_I_JUMP_IF, sense ? MR_M_SENSE : 0, 0, a.at, 0),
			    to);
	}
	if (c->cur->epoch == epoch)
		c->cur->next = next;
}
