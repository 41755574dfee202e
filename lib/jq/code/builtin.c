/*
 * builtin - builtins that are instructions, and those coded in C.
 */
#include "jq/code/compile.h"

static struct mr_opnd
do_empty(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	(void)n;
	(void)w;
	mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	c->cur->empties++;
	return (struct mr_opnd){.never = true};
}

/* error and error(f): jq has the latter as f|error. */
static struct mr_opnd
do_error(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_where v = w;

	v.dest = -1;
	v.tail = false;
	if (n->nkids)
		w.in = mr_comp(c, n->kids[0], v);
	if (!w.in.never)
		mr_emit(c, MR_I_RAISE, mr_takes(c, w.in) ? MR_M_TAKE_B : 0, 0, w.in.at, 0);
	return (struct mr_opnd){.never = true};
}

static struct mr_opnd
do_not(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	uint16_t dest = mr_dest(c, &w);

	(void)n;
	mr_emit(c, MR_I_NOT, mr_takes(c, w.in) ? MR_M_TAKE_B : 0, dest, w.in.at, 0);
	return mr_fresh(c, dest);
}

static struct mr_opnd
do_path(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_where v = {.scope = w.scope, .in = mr_kept(w.in), .dest = -1, .path = true};
	struct mr_opnd o;
	uint16_t dest = mr_dest(c, &w);

	mr_emit(c, MR_I_PATH, 0, 0, w.in.at, 0);
	o = mr_comp(c, n->kids[0], v);
	if (o.never)
		return o;
	mr_emit(c, MR_I_PATH_DONE, mr_takes(c, o) ? MR_M_TAKE_B : 0, dest, o.at, 0);
	return mr_fresh(c, dest);
}

static struct mr_opnd
do_range(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_where v = {.scope = w.scope, .in = mr_kept(w.in), .dest = -1, .path = w.path};
	struct mr_opnd from = mr_comp(c, n->kids[0], v), upto;
	uint16_t dest, count, limit;

	if (from.never)
		return from;
	upto = mr_comp(c, n->kids[1], v);
	if (upto.never)
		return upto;
	dest = mr_dest(c, &w);
	count = mr_slot(c);
	limit = mr_slot(c);
	mr_emit(c, MR_I_RANGE, 0, dest, from.at, upto.at);
	mr_last(c)->d = count;
	mr_last(c)->e = limit;
	c->cur->empties++;
	mr_fork_epoch(c);
	return mr_fresh(c, dest);
}

static struct mr_opnd
do_getpath(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd path = mr_comp_value(c, n->kids[0], &w);
	uint16_t dest;

	if (path.never)
		return path;
	dest = mr_dest(c, &w);
	mr_emit(c, w.path ? MR_I_GETPATH_PATH : MR_I_GET_PATH, 0, dest, w.in.at, path.at);
	return mr_fresh(c, dest);
}

/*
 * jq breaks out of first and limit by an error, and a ?// in them takes that for
 * its own.  Where there is one, the mark becomes a label, and this the break.
 */
static void
break_later(struct mr_comp *c, size_t mark, uint16_t slot)
{
	struct mr_label out = MR_LABEL_INIT, on = MR_LABEL_INIT;

	c->cur->ins[mark].op = MR_I_LABEL;
	mr_jump(c, mr_emit(c, MR_I_FORK, 0, 0, 0, 0), &out);
	mr_jump(c, mr_emit(c, MR_I_JUMP, 0, 0, 0, 0), &on);
	mr_here(c, &out);
	mr_emit(c, MR_I_BREAK, 0, 0, slot, 0);
	mr_here(c, &on);
	c->cur->empties++;
	mr_fork_epoch(c);
}

/* first(f): fork points that f left are of no use behind its first output. */
static struct mr_opnd
do_first(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	uint16_t mark = mr_slot(c);
	size_t at = mr_emit(c, MR_I_MARK, 0, mark, 0, 0);
	uint32_t before = c->cur->epoch, alternatives = c->cur->alternatives;
	struct mr_where v = w;
	struct mr_opnd o;

	v.tail = false;
	o = mr_comp(c, n->kids[0], v);
	if (o.never)
		return o;
	if (c->cur->alternatives != alternatives) {
		break_later(c, at, mark);
		return o;
	}
	if (c->cur->epoch == before) {
		c->cur->ins[at].op = MR_I_NOP;
		return o;
	}
	mr_emit(c, MR_I_CUT, 0, 0, mark, 0);
	c->cur->epoch = o.born = before;
	return o;
}

/* last(f): the outputs of f go by, then the last one comes, if there was one. */
static struct mr_opnd
do_last(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_value no = mr_value_bool(false), yes = mr_value_bool(true);
	struct mr_where v = w;
	uint16_t last = mr_slot(c), found = mr_slot(c);
	struct mr_label end = MR_LABEL_INIT;
	uint32_t before = c->cur->epoch;
	struct mr_opnd o;

	v.dest = last;
	v.tail = false;
	mr_emit(c, MR_I_MOVE, 0, found, mr_constant(c, &no).at, 0);
	mr_jump(c, mr_emit(c, MR_I_FORK, 0, 0, 0, 0), &end);
	mr_fork_epoch(c);
	o = mr_comp(c, n->kids[0], v);
	if (!o.never) {
		mr_emit(c, MR_I_MOVE, 0, found, mr_constant(c, &yes).at, 0);
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
	}
	mr_here(c, &end);
	mr_jump(c, mr_emit(c, MR_I_JUMP_IF, 0, 0, found, 0), &c->cur->nowhere);
	c->cur->empties++;
	c->cur->epoch = before;
	return mr_deliver(c, mr_fresh(c, last), &w);
}

/* limit with a number that stands there; otherwise jq's own definition. */
static struct mr_opnd
limit(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	uint16_t mark = mr_slot(c), count = mr_slot(c);
	uint32_t alternatives = c->cur->alternatives;
	struct mr_label more = MR_LABEL_INIT;
	struct mr_where v = w;
	struct mr_opnd o;
	size_t at;

	v.tail = false;
	mr_emit(c, MR_I_MOVE, 0, count, mr_constant(c, &n->kids[0]->value).at, 0);
	at = mr_emit(c, MR_I_MARK, 0, mark, 0, 0);
	o = mr_comp(c, n->kids[1], v);
	if (o.never)
		return o;
	mr_jump(c, mr_emit(c, MR_I_COUNT, 0, count, 0, 0), &more);
	if (c->cur->alternatives != alternatives)
		break_later(c, at, mark);
	else
		mr_emit(c, MR_I_CUT, 0, 0, mark, 0);
	mr_here(c, &more);
	return o;
}

/* A function in C: its last argument is the outermost loop. */
struct mr_opnd
mr_comp_native(struct mr_comp *c, const struct mr_jq_fn *fn, const struct mr_node *n,
    struct mr_where w)
{
	struct mr_opnd o[12], arg;
	struct mr_code *code = c->code;
	uint16_t dest;
	size_t i = 0;

	if (n->nkids >= sizeof o / sizeof o[0])
		return mr_comp_fail(c, n->at, "%s has too many arguments", n->name);
	for (size_t k = n->nkids; k-- > 0;) {
		arg = mr_comp_value(c, n->kids[k], &w);
		if (arg.never)
			return arg;
		o[k + 1] = arg;
	}
	o[0] = w.in;
	while (i < code->nnatives && code->natives[i] != fn)
		i++;
	if (i == code->nnatives) {
		code->natives = mr_code_more(code->natives, i, sizeof fn);
		code->natives[code->nnatives++] = fn;
	}
	dest = mr_dest(c, &w);
	mr_emit(c, MR_I_NATIVE, 0, dest, 0, 0);
	mr_last(c)->d = mr_operands(c, o, n->nkids + 1);
	mr_last(c)->e = (uint16_t)i;
	if (fn->flags & MR_FN_READS)
		mr_last(c)->mode |= MR_M_READS;
	code->uses |= fn->flags;
	return mr_fresh(c, dest);
}

mr_comp_intrinsic *
mr_comp_intrinsic_of(const struct mr_node *n)
{
	static const struct {
		const char *name;
		size_t arity;
		mr_comp_intrinsic *compile;
	} all[] = {{"empty", 0, do_empty}, {"error", 0, do_error}, {"error", 1, do_error},
	    {"not", 0, do_not}, {"path", 1, do_path}, {"range", 2, do_range},
	    {"getpath", 1, do_getpath}, {"first", 1, do_first}, {"last", 1, do_last}};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].arity == n->nkids && strcmp(all[i].name, n->name) == 0)
			return all[i].compile;
	if (strcmp(n->name, "limit") == 0 && n->nkids == 2 && n->kids[0]->kind == MR_N_LITERAL &&
	    n->kids[0]->value.type == MR_NUMBER && mr_value_double(&n->kids[0]->value) > 0)
		return limit;
	return NULL;
}
