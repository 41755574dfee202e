/*
 * fold - bindings, loops, assignments.
 *
 * A loop is a source whose outputs are bound, a body, and a BACKTRACK that
 * brings the source's next output; the state is a slot of its own.
 */
#include <stdlib.h>

#include "jq/code/compile.h"

/*
 * A value that has a slot to itself needs no other one.  The input's slot may
 * serve too: it must not be emptied then.
 */
void
mr_comp_bind(struct mr_comp *c, const char *name, struct mr_opnd o, struct mr_where *w)
{
	struct mr_scope *s = mr_scope_new(c, w->scope, MR_S_VAR, name);

	if (o.at == w->in.at)
		w->in = mr_kept(w->in);
	s->at = o.at;
	w->scope = s;
}

/* What binding may not share: a slot given beforehand. */
static void
bind_into(struct mr_comp *c, const char *name, struct mr_opnd o, const struct mr_scope *scope)
{
	while (scope->kind != MR_S_VAR || strcmp(scope->name, name) != 0)
		scope = scope->up;
	mr_emit(c, MR_I_MOVE, 0, scope->at, o.at, 0);
}

struct binder {
	struct mr_where *w;    /* gets the names */
	struct mr_scope *keys; /* what keys see */
	bool given;            /* all names have slots already (alternatives) */
};

static bool bind_pattern(struct mr_comp *, const struct mr_node *, struct mr_opnd, struct binder *);

static void
bind_name(struct mr_comp *c, const char *name, struct mr_opnd o, struct binder *b)
{
	if (b->given)
		bind_into(c, name, o, b->w->scope);
	else
		mr_comp_bind(c, name, o, b->w);
}

/* A pattern for what stands in o under key. */
static bool
bind_member(struct mr_comp *c, const struct mr_node *to, const char *also, struct mr_opnd key,
    struct mr_opnd o, struct binder *b)
{
	uint16_t slot = mr_slot(c);

	mr_emit(c, b->w->path ? MR_I_INDEX_PATH : MR_I_INDEX, 0, slot, o.at, key.at);
	if (also)
		bind_name(c, also, mr_kept(mr_fresh(c, slot)), b);
	if (also && to->kind == MR_N_VAR && strcmp(also, to->name) == 0)
		return true;
	return bind_pattern(c, to, mr_kept(mr_fresh(c, slot)), b);
}

static bool
bind_object(struct mr_comp *c, const struct mr_node *n, struct mr_opnd o, struct binder *b)
{
	struct mr_where w = {.scope = b->keys, .in = mr_kept(o), .dest = -1};
	struct mr_opnd key;

	for (size_t i = 0; i < n->nkids; i += 2) {
		const struct mr_node *k = n->kids[i];

		if (k->kind == MR_N_VAR)
			key = mr_constant_string(c, k->name);
		else
			key = mr_comp_value(c, k, &w);
		if (key.never ||
		    !bind_member(c, n->kids[i + 1], k->kind == MR_N_VAR ? k->name : NULL, key, o,
			b))
			return false;
	}
	return true;
}

/* false: there is no way out of it (a key without outputs). */
static bool
bind_pattern(struct mr_comp *c, const struct mr_node *n, struct mr_opnd o, struct binder *b)
{
	struct mr_value index;

	if (n->kind == MR_N_VAR) {
		bind_name(c, n->name, o, b);
		return true;
	}
	if (n->kind == MR_N_P_OBJECT)
		return bind_object(c, n, o, b);
	for (size_t i = n->nkids; i-- > 0;) { /* the last first, as jq does */
		index = mr_value_number((double)i);
		if (!bind_member(c, n->kids[i], NULL, mr_constant(c, &index), o, b))
			return false;
	}
	return true;
}

/* Slots for all the names of a pattern, for one of several. */
static void
give_slots(struct mr_comp *c, const struct mr_node *n, struct mr_where *w, struct mr_scope *outer)
{
	struct mr_scope *s;

	if (n->kind == MR_N_VAR) {
		for (s = w->scope; s != outer; s = s->up)
			if (strcmp(s->name, n->name) == 0)
				return;
		mr_comp_bind(c, n->name, (struct mr_opnd){.at = mr_slot(c)}, w);
	} else if (n->kind == MR_N_P_ARRAY) {
		for (size_t i = 0; i < n->nkids; i++)
			give_slots(c, n->kids[i], w, outer);
	} else if (n->kind == MR_N_P_OBJECT) {
		for (size_t i = 0; i < n->nkids; i++)
			if (i % 2 || n->kids[i]->kind == MR_N_VAR)
				give_slots(c, n->kids[i], w, outer);
	}
}

/*
 * a ?// b: names are null first; an error, be it the body's, goes on with the
 * next alternative.
 */
static void
bind_alternatives(struct mr_comp *c, const struct mr_node *n, struct mr_opnd o, struct mr_where *w)
{
	struct mr_label body = MR_LABEL_INIT, next = MR_LABEL_INIT;
	uint32_t before = c->cur->epoch;
	struct mr_scope *outer = w->scope;
	struct binder b = {.w = w, .given = true};

	c->cur->alternatives++;
	for (size_t i = 0; i < n->nkids; i++)
		give_slots(c, n->kids[i], w, outer);
	b.keys = w->scope;
	for (size_t i = 0; i < n->nkids; i++) {
		mr_here(c, &next);
		c->cur->epoch = before;
		if (i + 1 < n->nkids) {
			mr_jump(c, mr_emit(c, MR_I_ALT, 0, 0, 0, 0), &next);
			mr_fork_epoch(c);
		}
		for (struct mr_scope *s = w->scope; s != outer; s = s->up)
			mr_emit(c, MR_I_NULLS, 0, s->at, 1, 0);
		if (bind_pattern(c, n->kids[i], mr_kept(o), &b) && i + 1 < n->nkids)
			mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &body);
	}
	mr_here(c, &body);
	c->cur->empties++;
	mr_fork_epoch(c);
}

/* The patterns of n for a value; false: no way out of them. */
static bool
bind_all(struct mr_comp *c, const struct mr_node *n, struct mr_opnd o, struct mr_where *w)
{
	struct binder b = {.w = w, .keys = w->scope};

	if (n->nkids > 1) {
		bind_alternatives(c, n, o, w);
		return true;
	}
	return bind_pattern(c, n->kids[0], n->kids[0]->kind == MR_N_VAR ? o : mr_kept(o), &b);
}

struct mr_opnd
mr_comp_as(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd o = mr_comp_value(c, n->a, &w);

	if (o.never)
		return o;
	if (!bind_all(c, n, o, &w))
		return (struct mr_opnd){.never = true};
	return mr_comp(c, n->b, w);
}

/* The state's initial value, in a slot of its own. */
static struct mr_opnd
initial(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w)
{
	struct mr_where v = {.scope = w->scope, .in = mr_kept(w->in), .path = w->path};

	v.dest = mr_slot(c);
	return mr_comp(c, n->b, v);
}

/* The body sees the state as its input, and nobody else holds it then. */
static struct mr_opnd
take_state(struct mr_comp *c, uint16_t state)
{
	uint16_t in = mr_slot(c);

	mr_emit(c, MR_I_TAKE_NULL, 0, in, state, 0);
	return mr_fresh(c, in);
}

/*
 * A quirk of jq that programs can see: reduce takes its input away when it
 * begins, and so for a second initial value the source sees null.
 */
static struct mr_opnd
source_input(struct mr_comp *c, size_t copy, uint16_t slot, bool several, struct mr_opnd in)
{
	uint16_t taken;

	if (!several) {
		c->cur->ins[copy].op = MR_I_NOP;
		return in;
	}
	taken = mr_slot(c);
	mr_emit(c, MR_I_TAKE_NULL, 0, taken, slot, 0);
	return mr_fresh(c, taken);
}

struct mr_opnd
mr_comp_reduce(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_label end = MR_LABEL_INIT;
	uint16_t own = mr_slot(c);
	uint32_t before = c->cur->epoch, first = before, empties;
	size_t copy = mr_emit(c, MR_I_MOVE, 0, own, w.in.at, 0);
	struct mr_opnd state = initial(c, n, &w), o;
	struct mr_where v = w;

	if (state.never)
		return state;
	before = c->cur->epoch;
	empties = c->cur->empties;
	v.dest = -1;
	v.tail = false;
	mr_jump(c, mr_emit(c, MR_I_FORK, 0, 0, 0, 0), &end);
	mr_fork_epoch(c);
	v.in = source_input(c, copy, own, before != first, w.in);
	o = mr_comp(c, n->a, v);
	if (!o.never && bind_all(c, n, o, &v)) {
		v.in = take_state(c, state.at);
		v.dest = state.at;
		o = mr_comp(c, n->c, v);
		if (!o.never)
			mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	}
	mr_here(c, &end);
	c->cur->epoch = before;
	c->cur->empties = empties;
	return mr_deliver(c, mr_fresh(c, state.at), &w);
}

struct mr_opnd
mr_comp_foreach(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd state = initial(c, n, &w), o;
	struct mr_where v = w;

	if (state.never)
		return state;
	v.dest = -1;
	v.tail = false;
	o = mr_comp(c, n->a, v);
	if (o.never)
		return o;
	if (!bind_all(c, n, o, &v))
		return (struct mr_opnd){.never = true};
	v.in = take_state(c, state.at);
	o = mr_comp(c, n->c, v);
	if (o.never)
		return o;
	mr_emit(c, MR_I_MOVE, 0, state.at, o.at, 0);
	v.in = o;
	v.dest = w.dest;
	v.tail = w.tail;
	return n->d ? mr_comp(c, n->d, v) : mr_deliver(c, o, &w);
}

/* -- assignment -- */

/* What is assigned to: paths in turn, or just one. */
struct target {
	uint16_t state;  /* slot of the value being changed */
	uint16_t path;   /* slot of the path */
	uint16_t doomed; /* slot of an array: paths to delete at the end */
	bool one, updates;
	struct mr_label end;
	uint32_t before; /* epoch */
	uint32_t empties;
};

/*
 * With one path only, the input is needed no more when the path is known: it
 * is changed in place if nobody else holds it.
 */
static bool
paths_of(struct mr_comp *c, const struct mr_node *left, const struct mr_where *w, struct target *t)
{
	struct mr_where v = {.scope = w->scope, .in = mr_kept(w->in), .dest = -1, .path = true};
	struct mr_proc *p = c->cur;
	uint32_t inner;
	size_t copy, fork, array;
	struct mr_opnd o;

	*t = (struct target){.before = p->epoch, .empties = p->empties, .end = MR_LABEL_INIT};
	t->state = mr_slot(c);
	t->path = mr_slot(c);
	t->doomed = mr_slot(c);
	copy = mr_emit(c, MR_I_MOVE, 0, t->state, w->in.at, 0);
	array = mr_emit(c, MR_I_ARRAY, 0, t->doomed, 0, 0);
	fork = mr_emit(c, MR_I_FORK, 0, 0, 0, 0);
	mr_fork_epoch(c);
	inner = p->epoch;
	mr_emit(c, MR_I_PATH, 0, 0, w->in.at, 0);
	o = mr_comp(c, left, v);
	if (!o.never) {
		mr_emit(c, MR_I_PATH_DONE, mr_takes(c, o) ? MR_M_TAKE_B : 0, t->path, o.at, 0);
		t->one = !w->path && p->epoch == inner && p->empties == t->empties;
	}
	if (!t->one) {
		mr_jump(c, fork, &t->end);
		return !o.never;
	}
	p->epoch = t->before;
	p->ins[copy].op = p->ins[array].op = p->ins[fork].op = MR_I_NOP;
	mr_emit(c, MR_I_MOVE, mr_takes(c, w->in) ? MR_M_TAKE_B : 0, t->state, w->in.at, 0);
	return true;
}

/* Behind what is done with one path. */
static struct mr_opnd
paths_done(struct mr_comp *c, struct target *t, bool deletes, const struct mr_where *w)
{
	if (!t->one) {
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
		mr_here(c, &t->end);
		if (w->path && t->updates)
			mr_emit(c, MR_I_OFF_PATH, 0, 0, t->state, t->doomed);
		if (deletes)
			mr_emit(c, MR_I_DEL_PATHS, MR_M_TAKE_B | MR_M_TAKE_C, t->state, t->state,
			    t->doomed);
	}
	c->cur->epoch = t->before;
	c->cur->empties = t->empties;
	return mr_deliver(c, mr_fresh(c, t->state), w);
}

static void
set_path(struct mr_comp *c, const struct target *t, struct mr_opnd v)
{
	mr_emit(c, MR_I_SET_PATH, MR_M_TAKE_B | (mr_takes(c, v) ? MR_M_TAKE_E : 0), t->state,
	    t->state, t->path);
	mr_last(c)->e = v.at;
}

/* The new value of what is at a path. */
static struct mr_opnd
updated(struct mr_comp *c, const struct mr_node *n, struct mr_opnd old, struct mr_opnd right,
    const struct mr_where *w)
{
	static const char arithmetic[] = "+-*/%";
	struct mr_where v = {.scope = w->scope, .in = old, .dest = -1, .path = w->path};
	struct mr_label end = MR_LABEL_INIT;

	if (n->op == MR_OP_UPDATE)
		return mr_comp(c, n->b, v);
	if (n->op == MR_OP_ALT) {
		mr_jump(c, mr_emit(c, MR_I_JUMP_IF, MR_M_SENSE, 0, old.at, 0), &end);
		mr_emit(c, MR_I_MOVE, 0, old.at, right.at, 0);
		mr_here(c, &end);
	} else {
		mr_emit(c, MR_I_ADD + (enum mr_opcode)(strchr(arithmetic, n->op) - arithmetic),
		    MR_M_TAKE_B, old.at, old.at, right.at);
	}
	return mr_fresh(c, old.at);
}

/* An update without output: what is at the path goes, once all are done. */
static void
doom(struct mr_comp *c, const struct target *t)
{
	if (t->one)
		mr_emit(c, MR_I_ARRAY, 0, t->doomed, 0, 0);
	mr_emit(c, MR_I_APPEND, 0, t->doomed, t->path, 0);
	if (t->one)
		mr_emit(c, MR_I_DEL_PATHS, MR_M_TAKE_B | MR_M_TAKE_C, t->state, t->state,
		    t->doomed);
}

static struct mr_opnd
modify(struct mr_comp *c, const struct mr_node *n, const struct mr_where *w, struct mr_opnd right)
{
	struct mr_proc *p = c->cur;
	struct mr_label none = MR_LABEL_INIT, done = MR_LABEL_INIT;
	uint32_t before, empties;
	uint16_t mark, slot;
	size_t get, fork, cut;
	struct target t;
	struct mr_opnd o;
	bool sure;

	sure = !paths_of(c, n->a, w, &t);
	t.updates = true;
	if (sure)
		return paths_done(c, &t, false, w);
	mark = mr_slot(c);
	slot = mr_slot(c);
	get = mr_emit(c, MR_I_GET_PATH, 0, slot, t.state, t.path);
	cut = mr_emit(c, MR_I_MARK, 0, mark, 0, 0);
	before = p->epoch;
	empties = p->empties;
	fork = mr_emit(c, MR_I_FORK, 0, 0, 0, 0); /* needs nothing that the update may take */
	o = updated(c, n, mr_fresh(c, slot), right, w);
	sure = !o.never && p->empties == empties;
	if (sure && p->epoch == before) {
		p->ins[cut].op = p->ins[fork].op = MR_I_NOP;
	} else {
		if (!o.never)
			mr_emit(c, MR_I_CUT, 0, 0, mark, 0);
		mr_jump(c, fork, &none);
	}
	if (t.one || sure)
		p->ins[get].mode |= MR_M_TAKE_B;
	p->epoch = before;
	if (!o.never) {
		o.born = before; /* what came up since was cut */
		set_path(c, &t, o);
		mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &done);
	}
	mr_here(c, &none);
	if (!sure)
		doom(c, &t);
	mr_here(c, &done);
	return paths_done(c, &t, !sure, w);
}

struct mr_opnd
mr_comp_assign(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd right = {0};
	struct target t;

	if (n->op == MR_OP_UPDATE)
		return modify(c, n, &w, right);
	right = mr_comp_value(c, n->b, &w);
	if (right.never)
		return right;
	if (right.at == w.in.at)
		w.in = mr_kept(w.in);
	if (n->op != '=')
		return modify(c, n, &w, mr_kept(right));
	if (paths_of(c, n->a, &w, &t))
		set_path(c, &t, t.one ? right : mr_kept(right));
	return paths_done(c, &t, false, &w);
}
