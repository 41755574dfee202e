/*
 * make - what makes new values: arrays, objects, strings.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/code/compile.h"

/*
 * One stretch of an array's elements.  An expression with just one output
 * needs no fork point; what was emitted for it becomes a no-op.
 */
static void
elements(struct mr_comp *c, const struct mr_node *n, struct mr_where w, uint16_t array)
{
	struct mr_proc *p = c->cur;
	struct mr_label end = MR_LABEL_INIT;
	uint32_t before = p->epoch, empties = p->empties;
	size_t fork;
	struct mr_opnd a;

	if (n->kind == MR_N_COMMA) {
		struct mr_where first = w;

		first.in = mr_kept(w.in);
		elements(c, n->a, first, array);
		elements(c, n->b, w, array);
		return;
	}
	fork = mr_emit(c, MR_I_FORK, 0, 0, 0, 0);
	mr_fork_epoch(c);
	before = p->epoch;
	a = mr_comp(c, n, w);
	if (!a.never)
		mr_emit(c, MR_I_APPEND, mr_takes(c, a) ? MR_M_TAKE_B : 0, array, a.at, 0);
	if (!a.never && p->epoch == before && p->empties == empties && !w.path) {
		p->ins[fork].op = MR_I_NOP;
	} else {
		mr_emit(c, MR_I_BACKTRACK, 0, 0, 0, 0);
		mr_jump(c, fork, &end);
		mr_here(c, &end);
	}
	p->empties = empties;
}

struct mr_opnd
mr_comp_array(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_where each = {.scope = w.scope, .in = w.in, .dest = -1, .path = w.path};
	uint32_t before = c->cur->epoch;
	uint16_t collect = mr_slot(c);

	mr_emit(c, MR_I_ARRAY, 0, collect, 0, 0);
	if (n->a)
		elements(c, n->a, each, collect);
	c->cur->epoch = before;
	return mr_deliver(c, mr_fresh(c, collect), &w);
}

/* The value of {"a\(1)"}: `.` at the key. */
static struct mr_opnd
value_at_key(struct mr_comp *c, struct mr_opnd key, const struct mr_where *w)
{
	uint16_t dest = mr_slot(c);

	mr_emit(c, MR_I_INDEX, 0, dest, w->in.at, key.at);
	return mr_fresh(c, dest);
}

struct mr_opnd
mr_comp_object(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd *o = mr_xmalloc(n->nkids * sizeof *o), last = {0};
	uint16_t dest;

	for (size_t i = 0; i < n->nkids && !last.never; i += 2) {
		o[i] = last = mr_comp_value(c, n->kids[i], &w);
		if (last.never)
			break;
		mr_comp_spare(&w, last);
		if (!n->kids[i + 1])
			last = value_at_key(c, o[i], &w);
		else if (i + 2 == n->nkids)
			last = mr_comp_last(c, n->kids[i + 1], &w);
		else
			last = mr_comp_value(c, n->kids[i + 1], &w);
		o[i + 1] = last;
		mr_comp_spare(&w, last);
		if (n->kids[i]->kind != MR_N_LITERAL && i + 2 < n->nkids)
			mr_emit(c, MR_I_CHECK_KEY, 0, 0, o[i].at, 0);
	}
	if (last.never) {
		free(o);
		return last;
	}
	dest = mr_dest(c, &w);
	mr_emit(c, MR_I_OBJECT, 0, dest, 0, 0);
	mr_last(c)->d = mr_operands(c, o, n->nkids);
	free(o);
	return mr_fresh(c, dest);
}

static int32_t
format_index(struct mr_comp *c, const char *name)
{
	struct mr_code *code = c->code;
	size_t i = 0, len = strlen(name) + 1;
	char *copy;

	while (i < code->nformats && strcmp(code->formats[i], name) != 0)
		i++;
	if (i == code->nformats) {
		code->formats = mr_code_more(code->formats, i, sizeof *code->formats);
		copy = mr_code_alloc(&code->arena, len);
		memcpy(copy, name, len);
		code->formats[code->nformats++] = copy;
	}
	return (int32_t)i;
}

static struct mr_opnd
formatted(struct mr_comp *c, const char *name, struct mr_opnd in, const struct mr_where *w)
{
	uint16_t dest = w ? mr_dest(c, w) : mr_slot(c);

	mr_emit(c, MR_I_FORMAT, mr_takes(c, in) ? MR_M_TAKE_B : 0, dest, in.at, 0);
	mr_last(c)->d = format_index(c, name);
	return mr_fresh(c, dest);
}

/* jq joins the parts by +, so the last expression is the outermost loop. */
struct mr_opnd
mr_comp_string(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	struct mr_opnd *o = mr_xmalloc(n->nkids * sizeof *o);
	uint16_t dest;

	for (size_t i = n->nkids; i-- > 0;) {
		o[i] = mr_comp_value(c, n->kids[i], &w);
		if (o[i].never) {
			struct mr_opnd never = o[i];

			free(o);
			return never;
		}
		if (n->kids[i]->kind != MR_N_LITERAL && n->name && strcmp(n->name, "text") != 0)
			o[i] = formatted(c, n->name, o[i], NULL);
	}
	dest = mr_dest(c, &w);
	mr_emit(c, MR_I_CONCAT, 0, dest, 0, 0);
	mr_last(c)->d = mr_operands(c, o, n->nkids);
	free(o);
	return mr_fresh(c, dest);
}

struct mr_opnd
mr_comp_format(struct mr_comp *c, const struct mr_node *n, struct mr_where w)
{
	return formatted(c, n->name, w.in, &w);
}
