/*
 * steps - the output of a plan as JSON, piece by piece.
 *
 * A plan that makes an object, an array or a string of paths, constants and
 * arithmetic has its output laid out when it is made: texts that never change,
 * joined across nesting (`},"total":`), and between them values of the event.
 * A step is such a text and the value behind it.  Both are copied in words of
 * a fixed size, into room that is there for the whole event, so that the usual
 * step has no branch that hangs on its length.  Whatever is not usual (a
 * string to be spelled anew, a long one, an error) is emit.c's for that step
 * alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/plan/node.h"
#include "json/num.h"
#include "json/str.h"

#define WIDE 32 /* bytes copied at once, and the longest text of a step */

typedef unsigned char half __attribute__((vector_size(16)));
typedef unsigned long long words __attribute__((vector_size(16)));

enum kind {
	NONE, /* text alone */
	SLOT, /* a value of the event, or `other` when it is below `least` */
	SUM,  /* arithmetic */
	NODE, /* anything */
	TEST  /* goes on if the node yields its input */
};

enum where {
	VALUE,  /* a value of its own */
	INSIDE, /* of a string: without quotes, spelled as there */
	RAW     /* a string as its bytes, anything else as a value */
};

struct step {
	char text[WIDE], other[WIDE];
	unsigned char len, other_len;
	unsigned char kind;
	unsigned char least; /* enum mr_type */
	unsigned char where;
	bool top_key; /* what is missing in an object is null */
	int slot;
	const struct mr_pnode *node;  /* of the value */
	const struct mr_pnode *owner; /* the string it is a part of */
};

struct mr_steps {
	struct step *at;
	size_t n;
	size_t room;                   /* for all of the usual length */
	struct mr_buf text;            /* while they are made: of the next step */
	enum where where;              /* likewise */
	const struct mr_pnode *string; /* likewise: the one that is being laid out */
	struct mr_pnode dot;
	struct mr_plan
	    front; /* the test that all begins with, when it can be made of many events at once */
};

/* A step without a value yet; the text so far goes before it. */
static struct step *
add(struct mr_steps *s, enum kind kind, const struct mr_pnode *n)
{
	size_t done = 0, len;
	struct step *step;

	do {
		len = s->text.len - done < WIDE ? s->text.len - done : WIDE;
		s->at = mr_xrealloc(s->at, (s->n + 1) * sizeof *s->at);
		step = &s->at[s->n++];
		*step = (struct step){.len = (unsigned char)len, .slot = -1};
		if (len)
			memcpy(step->text, s->text.at + done, len);
		done += len;
	} while (done < s->text.len);
	s->text.len = 0;
	step->kind = (unsigned char)kind;
	step->node = n;
	step->where = (unsigned char)s->where;
	step->owner = s->string;
	return step;
}

/* A value as what it is inside of a string, escaped as it is there. */
static void
add_inside(const struct mr_value *v, struct mr_buf *b)
{
	struct mr_value text;
	size_t before = b->len;

	mr_value_write(v, false, b);
	if (v->type == MR_STRING) {
		b->len -= 2;
		memmove(b->at + before, b->at + before + 1, b->len - before);
		return;
	}
	text = mr_value_string(b->at + before, b->len - before);
	b->len = before;
	add_inside(&text, b);
	mr_value_free(text);
}

static void
add_raw(const struct mr_value *v, struct mr_buf *b)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *bytes;
	size_t len;

	if (v->type != MR_STRING) {
		mr_value_write(v, false, b);
		return;
	}
	bytes = mr_value_bytes(v, &room, &len);
	mr_buf_add(b, bytes, len);
	mr_buf_release(&room);
}

static void
add_value(const struct mr_value *v, enum where where, struct mr_buf *b)
{
	switch (where) {
	case VALUE: mr_value_write(v, false, b); break;
	case INSIDE: add_inside(v, b); break;
	case RAW: add_raw(v, b); break;
	}
}

/* The value of the node where a constant takes its place, if it fits. */
static bool
add_slot(struct mr_steps *s, const struct mr_pnode *n, const struct mr_pnode *slot,
    enum mr_type least, const struct mr_value *other)
{
	struct mr_buf text = MR_BUF_INIT;
	struct step *step;
	bool fits;

	add_value(other, s->where, &text);
	fits = text.len <= WIDE;
	if (fits) {
		step = add(s, SLOT, n);
		step->slot = slot->slot;
		step->top_key = slot->top_key;
		step->least = (unsigned char)least;
		step->other_len = (unsigned char)text.len;
		if (text.len)
			memcpy(step->other, text.at, text.len);
	}
	mr_buf_release(&text);
	return fits;
}

/* Does it yield one output, or an error, and nothing else happens? */
static bool
sure(const struct mr_pnode *n)
{
	switch (n->op) {
	case MR_P_CONST: return true;
	case MR_P_SLOT: return n->optional == 0;
	case MR_P_BINOP:
	case MR_P_ALT: return sure(n->a) && sure(n->b);
	case MR_P_OBJECT:
		if (!n->keys)
			return false;
		break;
	case MR_P_ARRAY: break;
	case MR_P_STRING:
		if (n->text)
			return false;
		break;
	default: return false;
	}
	for (size_t i = 0; i < n->nkids; i++)
		if (!sure(n->kids[i]))
			return false;
	return true;
}

static void lay_out(struct mr_steps *, const struct mr_pnode *);

static void
lay_out_members(struct mr_steps *s, const struct mr_pnode *n)
{
	bool object = n->op == MR_P_OBJECT;
	enum where where = s->where;

	s->where = VALUE;
	if (!object || n->nkids == 0)
		mr_buf_addc(&s->text, object ? '{' : '[');
	for (size_t i = 0; i < n->nkids; i++) {
		if (object) {
			mr_buf_add(&s->text, n->kids[i]->text, n->kids[i]->len);
			i++;
		} else if (i > 0) {
			mr_buf_addc(&s->text, ',');
		}
		lay_out(s, n->kids[i]);
	}
	mr_buf_addc(&s->text, object ? '}' : ']');
	s->where = where;
}

static void
lay_out_string(struct mr_steps *s, const struct mr_pnode *n)
{
	enum where where = s->where;

	if (where == VALUE) {
		mr_buf_addc(&s->text, '"');
		s->where = INSIDE;
	}
	s->string = n;
	for (size_t i = 0; i < n->nkids; i++) {
		const struct mr_pnode *kid = n->kids[i];

		if (kid->op == MR_P_CONST)
			add_value(&kid->value, s->where, &s->text);
		else if (kid->op == MR_P_SLOT)
			add_slot(s, kid, kid, MR_NULL, &MR_VALUE_NULL);
		else
			add(s, kid->op == MR_P_BINOP && kid->sum ? SUM : NODE, kid);
	}
	s->string = NULL;
	if (where == VALUE)
		mr_buf_addc(&s->text, '"');
	s->where = where;
}

static void
lay_out(struct mr_steps *s, const struct mr_pnode *n)
{
	switch (n->op) {
	case MR_P_CONST: add_value(&n->value, s->where, &s->text); return;
	case MR_P_SLOT: add_slot(s, n, n, MR_NULL, &MR_VALUE_NULL); return;
	case MR_P_ALT:
		if (n->a->op == MR_P_SLOT && n->b->op == MR_P_CONST &&
		    add_slot(s, n, n->a, MR_TRUE, &n->b->value))
			return;
		break;
	case MR_P_BINOP: add(s, n->sum ? SUM : NODE, n); return;
	case MR_P_KEEP:
		add(s, TEST, n->a);
		lay_out(s, n->b);
		return;
	case MR_P_SELECT:
		add(s, TEST, n);
		add(s, NODE, &s->dot);
		return;
	case MR_P_OBJECT:
		if (n->keys || n->nkids == 0) {
			lay_out_members(s, n);
			return;
		}
		break;
	case MR_P_ARRAY:
		if (sure(n)) {
			lay_out_members(s, n);
			return;
		}
		break;
	case MR_P_STRING:
		if (sure(n)) {
			lay_out_string(s, n);
			return;
		}
		break;
	default: break;
	}
	add(s, NODE, n);
}

struct mr_steps *
mr_steps_new(const struct mr_pnode *root, bool raw)
{
	struct mr_steps *s = mr_xcalloc(1, sizeof *s);

	s->where = raw ? RAW : VALUE;
	s->dot.op = MR_P_DOT;
	lay_out(s, root);
	if (s->text.len || s->n == 0)
		add(s, NONE, NULL);
	s->room = (s->n + 1) * (WIDE + MR_NUM_ROOM);
	mr_buf_release(&s->text);
	if (s->at[0].kind == TEST && s->at[0].len == 0 && s->at[0].node->op == MR_P_SELECT &&
	    mr_plan_columnar(s->at[0].node->a)) {
		s->front.root = s->at[0].node->a;
		s->front.columnar = true;
	}
	return s;
}

void
mr_steps_free(struct mr_steps *s)
{
	if (!s)
		return;
	free(s->at);
	free(s);
}

/* Where to write on, with room for what is usual. */
static char *
reserve(const struct mr_steps *s, struct mr_buf *b)
{
	if (b->cap - b->len < s->room)
		mr_buf_grow(b, s->room);
	return b->at + b->len;
}

/*
 * WIDE bytes, of which some count.  False: DEL is among them, which in a string
 * is spelled otherwise (or it is behind those that count: no matter, that is
 * rare).
 */
static inline bool
copy_wide(char *to, const char *at)
{
	const half del = {127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
	    127};
	half a, b;
	words found;

	memcpy(&a, at, sizeof a);
	memcpy(&b, at + sizeof a, sizeof b);
	memcpy(to, &a, sizeof a);
	memcpy(to + sizeof a, &b, sizeof b);
	found = (words)((a == del) | (b == del));
	return (found[0] | found[1]) == 0;
}

/* The value of a slot in the usual way: behind it, or NULL, nothing done. */
static inline char *
put_slot(const struct step *s, const struct mr_val *v, bool object, char *to)
{
	bool other = v->type < (enum mr_type)s->least;
	unsigned quote = (s->where != VALUE) & (v->type == MR_STRING);
	const char *at = other ? s->other : v->at + quote;
	size_t len = other ? s->other_len : v->len - 2 * quote;

	if (((v->type == MR_MISSING) & !(s->top_key & object)) | (v->type >= MR_ARRAY) |
	    v->escaped | (len > WIDE))
		return NULL;
	return copy_wide(to, at) ? to + len : NULL;
}

/* A value that is built before it is spelled. */
static int
emit_built(const struct mr_eval *e, const struct step *s, struct mr_buf *b, struct mr_value *out)
{
	struct mr_value v;
	int r = mr_plan_node(e, s->node, &v);

	if (r > 0) {
		add_value(&v, (enum where)s->where, b);
		mr_value_free(v);
	} else if (r < 0 && s->owner) { /* of several errors in a string the last one is seen */
		mr_value_free(v);
		return mr_plan_node(e, s->owner, out);
	} else if (r < 0) {
		*out = v;
	}
	return r;
}

/* A step in the way that is always right; *to is where the output goes on. */
static int
emit(const struct mr_steps *all, const struct mr_eval *e, const struct step *s, struct mr_buf *b,
    char **to, struct mr_value *out)
{
	int r;

	b->len = (size_t)(*to - b->at);
	r = s->where == VALUE ? mr_plan_emit(e, s->node, b, out) : emit_built(e, s, b, out);
	*to = reserve(all, b);
	return r;
}

/* 1: the event goes on; 0: it does not; -1 *out is an error. */
static int
passes(const struct mr_eval *e, const struct mr_pnode *n, struct mr_value *out)
{
	int r;

	if (n->op == MR_P_SELECT)
		return (r = mr_plan_truth(e, n->a, out)) == 2 ? 0 : r;
	if ((r = mr_plan_node(e, n, out)) > 0)
		mr_value_free(*out);
	return r;
}

/* The steps from one on. */
static int
run_from(const struct mr_steps *s, size_t from, const struct mr_eval *e, struct mr_buf *b,
    struct mr_value *out)
{
	const bool object = *e->event->at == '{';
	const struct mr_val *const vals = e->event->vals;
	char *to = reserve(s, b), *end;
	struct mr_sum sum;
	int r;

	for (const struct step *step = s->at + from, *last = s->at + s->n; step < last; step++) {
		memcpy(to, step->text, WIDE);
		end = to += step->len;
		switch ((enum kind)step->kind) {
		case NONE: continue;
		case SLOT: end = put_slot(step, vals + step->slot, object, to); break;
		case SUM:
			end = mr_plan_sum(e, step->node, &sum) ? mr_sum_put(to, &sum) : NULL;
			break;
		case NODE: end = NULL; break;
		case TEST:
			if ((r = passes(e, step->node, out)) > 0)
				continue;
			return r;
		}
		if (end)
			to = end;
		else if ((r = emit(s, e, step, b, &to, out)) <= 0)
			return r;
	}
	b->len = (size_t)(to - b->at);
	return 1;
}

int
mr_steps_run(const struct mr_steps *s, const struct mr_eval *e, struct mr_buf *b,
    struct mr_value *out)
{
	return run_from(s, 0, e, b, out);
}

int
mr_plan_write_rows(const struct mr_plan *p, struct mr_jq_run *run, const struct mr_event_rows *rows,
    size_t *next, bool raw, struct mr_buf *b, uint64_t *lines, struct mr_value *out)
{
	const struct mr_steps *s = raw ? p->raw : p->steps;
	struct mr_value vars[MR_PLAN_VARS];
	unsigned char hits[MR_ROWS_MAX];
	bool known = s->front.root && rows->n <= MR_ROWS_MAX &&
	    mr_plan_test_rows(&s->front, rows->row, rows->vals, rows->width, rows->n, hits);
	const size_t enough = b->len + MR_PLAN_ENOUGH;
	struct mr_event event = {.trusted = rows->trusted};
	const struct mr_eval e = {p, run, &event, NULL, vars};
	int r = 1;

	for (; *next < rows->n && b->len < enough; ++*next) {
		size_t before = b->len;
		unsigned hit = known ? hits[*next] : MR_ROW_ALONE;

		if (hit == 0)
			continue;
		event.at = rows->row[*next].at;
		event.len = rows->row[*next].len;
		event.vals = rows->vals + *next * rows->width;
		r = run_from(s, hit == 1, &e, b, out);
		if (r > 0) {
			mr_buf_addc(b, '\n');
			++*lines;
			continue;
		}
		b->len = before;
		if (r < 0)
			return -1;
	}
	return 0;
}
