/*
 * shape - learn from a valid line what stands between its values.
 *
 * One walk over the line, without checks, that adds the arcs it does not find.
 * Where it meets what cannot be told by an arc it stops; the arcs before that
 * are sound, each for itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/shape.h"

typedef unsigned char byte;

struct mr_shape_place {
	struct mr_shape_arc *first;
	struct mr_shape_place *inside, *next; /* first place inside of it; next one beside it */
	char *key;                            /* as it is spelled; NULL: an element */
	size_t key_len;
	int64_t index; /* of the element, as far as wanted indexes need it */
	unsigned ways;
};

struct level {
	struct mr_shape_place *place;
	const struct mr_path_node *node;
	int64_t index;
	byte closer;
};

struct learner {
	struct mr_shapes *shapes;
	const byte *p, *end;
	const byte *lit;             /* begin of the literal that is under way */
	struct mr_shape_place *from; /* and where it began */
	unsigned marks, nacts;
	struct mr_shape_act acts[MR_SHAPE_ACTS];
	size_t depth;
	struct level level[MR_SCAN_DEPTH + 1]; /* [0] stands for the line itself */
};

/* A place inside another one, new if it must be; NULL: no room. */
static struct mr_shape_place *
place(struct mr_shapes *sh, struct mr_shape_place *in, const byte *key, size_t len, int64_t index)
{
	struct mr_shape_place **to = &in->inside, *new;

	for (; *to; to = &(*to)->next)
		if (!key ? !(*to)->key && (*to)->index == index :
			   (*to)->key && (*to)->key_len == len && memcmp((*to)->key, key, len) == 0)
			return *to;
	if (sh->narcs == MR_SHAPE_ARCS) {
		sh->full = true;
		return NULL;
	}
	new = mr_xcalloc(1, sizeof *new);
	new->first = &sh->arcs[sh->narcs++];
	memset(new->first, 0, sizeof *new->first);
	new->key = key ? mr_xmemdup0((const char *)key, len) : NULL;
	new->key_len = len;
	new->index = index;
	return *to = new;
}

static void
free_places(struct mr_shape_place *first)
{
	while (first) {
		struct mr_shape_place *next = first->next;

		free_places(first->inside);
		free(first->key);
		free(first);
		first = next;
	}
}

static void
start_over(struct mr_shapes *sh)
{
	sh->start = mr_xcalloc(1, sizeof *sh->start);
	sh->start->first = sh->arcs;
	memset(sh->arcs, 0, sizeof *sh->arcs);
	sh->narcs = 1;
	sh->full = false;
	sh->tries = sh->poor = 0;
}

static void
clear(struct mr_shapes *sh)
{
	for (size_t i = 0; i < sh->narcs; i++)
		free(sh->arcs[i].acts);
	free_places(sh->start);
}

struct mr_shapes *
mr_shapes_new(void)
{
	void *room = mr_xcalloc(1, sizeof(struct mr_shapes) + 64);
	struct mr_shapes *sh = (void *)(((uintptr_t)room + 63) & ~(uintptr_t)63);

	sh->room = room;
	start_over(sh);
	sh->next_rest = 256;
	sh->line = 1024;
	return sh;
}

void
mr_shapes_forget(struct mr_shapes *sh)
{
	clear(sh);
	start_over(sh);
}

void
mr_shapes_free(struct mr_shapes *sh)
{
	if (!sh)
		return;
	clear(sh);
	free(sh->room);
}

static bool
same_arc(const struct mr_shape_arc *a, const struct mr_shape_arc *b)
{
	return a->kind == b->kind && a->len == b->len &&
	    memcmp(a->lit, b->lit, sizeof a->lit) == 0 &&
	    memcmp(a->more_lit, b->more_lit, sizeof a->more_lit) == 0;
}

/* Does the literal of `a` begin with that of `b`, and go on? */
static bool
goes_on(const struct mr_shape_arc *a, const struct mr_shape_arc *b)
{
	size_t half = sizeof a->lit;

	if (a->len <= b->len || memcmp(a->lit, b->lit, b->len < half ? b->len : half) != 0)
		return false;
	return b->len <= half || memcmp(a->more_lit, b->more_lit, b->len - half) == 0;
}

/*
 * Put an arc into the list of a place.  Its literal may begin with that of
 * another one (`,"a":` and `,"a":"`), and must then be tried before it.
 */
static bool
insert(struct mr_shapes *sh, struct mr_shape_place *from, const struct mr_shape_arc *new)
{
	struct mr_shape_arc *at = from->first, *room;

	if (from->ways == 0) {
		*at = *new;
		from->ways = 1;
		return true;
	}
	if (from->ways == MR_SHAPE_WAYS || sh->narcs == MR_SHAPE_ARCS)
		return false;
	from->ways++;
	room = &sh->arcs[sh->narcs++];
	while (at->next && !goes_on(new, at))
		at = at->next;
	*room = *new;
	if (goes_on(new, at)) {
		*room = *at; /* the new one takes its place, and it comes behind */
		*at = *new;
	}
	at->next = room;
	return true;
}

static void
set_literal(struct mr_shape_arc *a, const byte *lit, size_t len)
{
	size_t half = sizeof a->lit, first = len < half ? len : half;

	a->len = (byte)len;
	memcpy(a->lit, lit, first);
	a->mask = (uint32_t)(((uint64_t)1 << first) - 1);
	memcpy(a->more_lit, lit + first, len - first);
	a->more_mask = (uint32_t)(((uint64_t)1 << (len - first)) - 1);
	a->more = len > first;
}

/* The literal that is under way ends before `end`: it leads to `to`, as kind. */
static bool
arc(struct learner *l, const byte *end, struct mr_shape_place *to, enum mr_shape_kind kind,
    int slot)
{
	struct mr_shape_arc new = {.kind = (byte)kind, .slot = slot};
	size_t len = (size_t)(end - l->lit);

	if (len > MR_SHAPE_LIT)
		return false;
	new.to = to ? to->first : NULL;
	new.marks = (byte)l->marks;
	set_literal(&new, l->lit, len);
	for (struct mr_shape_arc *a = l->from->first; a; a = a->next)
		if (same_arc(a, &new))
			goto known;
	new.nacts = (byte)l->nacts;
	new.more |= l->nacts > 0;
	if (l->nacts) {
		new.acts = mr_xmalloc(l->nacts * sizeof *new.acts);
		memcpy(new.acts, l->acts, l->nacts * sizeof *new.acts);
	}
	if (!insert(l->shapes, l->from, &new)) {
		free(new.acts);
		l->shapes->full = true;
		return false;
	}
	l->shapes->tries = 0;
known:
	l->from = to;
	l->marks = l->nacts = 0;
	return true;
}

static bool
act(struct learner *l, enum mr_shape_do what, const byte *at, int slot, int hi)
{
	if (l->nacts == MR_SHAPE_ACTS || at - l->lit > MR_SHAPE_LIT)
		return false;
	l->acts[l->nacts++] = (struct mr_shape_act){(byte)what, (byte)(at - l->lit), slot, hi};
	return true;
}

static void
space(struct learner *l)
{
	while (*l->p == ' ' || *l->p == '\t' || *l->p == '\r')
		l->p++;
}

/* Behind the string at p, its opening quote. */
static const byte *
string_end(const byte *p)
{
	for (p++; *p != '"'; p++)
		p += *p == '\\';
	return p + 1;
}

/* The place of the next value and what is wanted of it: at a member's key, or an element. */
static bool
next_place(struct learner *l, struct mr_shape_place **to, const struct mr_path_node **node)
{
	struct level *lv = &l->level[l->depth];
	const byte *key = l->p + 1;
	int64_t most;
	size_t len;

	space(l);
	if (lv->closer == ']') {
		most = lv->node && lv->node->nelems ?
		    lv->node->elems[lv->node->nelems - 1]->index + 1 :
		    0;
		*node = mr_path_elem(lv->node, lv->index);
		*to = place(l->shapes, lv->place, NULL, 0, lv->index < most ? lv->index : most);
		return *to != NULL;
	}
	key = l->p + 1;
	l->p = string_end(l->p);
	len = (size_t)(l->p - 1 - key);
	*node = NULL;
	if (lv->node && lv->node->nkeys)
		*node = memchr(key, '\\', len) ? mr_path_escaped_key(lv->node, key, len) :
						 mr_path_key(lv->node, key, len, l->end);
	*to = place(l->shapes, lv->place, key, len, 0);
	space(l);
	l->p++; /* the colon */
	space(l);
	return *to != NULL;
}

/* A value that is no array or object: the literal before it is complete, the next one begins. */
static bool
leaf(struct learner *l, struct mr_shape_place *to, const struct mr_path_node *node)
{
	int slot = node ? node->slot : -1;

	if (*l->p == '"') {
		if (!arc(l, l->p + 1, to, MR_SHAPE_STRING, slot))
			return false;
		l->p = string_end(l->p);
	} else {
		if (!arc(l, l->p, to, MR_SHAPE_SCALAR, slot))
			return false;
		while (*l->p > ' ' && *l->p != ',' && *l->p != ']' && *l->p != '}')
			l->p++;
	}
	l->lit = l->p;
	return *l->p == ',' || *l->p == ']' || *l->p == '}'; /* else the index has no mark there */
}

static bool
open_level(struct learner *l, struct mr_shape_place *to, const struct mr_path_node *node)
{
	byte closer = *l->p == '{' ? '}' : ']';

	if (node && node->nnegative && closer == ']')
		return false; /* which element it is shows when the array ends */
	if (node && node->slot >= 0 && !act(l, MR_SHAPE_OPEN, l->p, node->slot, 0))
		return false;
	l->level[++l->depth] = (struct level){to, node, 0, closer};
	l->p++;
	space(l);
	return true;
}

/* Close what ends behind a value, up to the comma before the next one or the end of the line. */
static bool
after_value(struct learner *l)
{
	for (;;) {
		struct level *lv = &l->level[l->depth];

		space(l);
		if (l->depth == 0 || *l->p == ',')
			break;
		if (lv->node && lv->node->slot >= 0 &&
		    !act(l, MR_SHAPE_CLOSE, l->p, lv->node->slot, 0))
			return false;
		l->depth--;
		l->marks++;
		l->p++;
	}
	l->marks++; /* the comma, or the LF */
	l->p++;
	l->level[l->depth].index++;
	return true;
}

void
mr_shapes_learn(struct mr_scan *s, const char *at, size_t len)
{
	struct learner l;
	struct mr_shape_place *to;
	const struct mr_path_node *node = s->root;

	l.shapes = s->shapes;
	l.p = l.lit = (const byte *)at;
	l.end = l.p + len;
	l.from = to = l.shapes->start;
	l.marks = l.nacts = 0;
	l.depth = 0;
	l.shapes->tries++;
	space(&l);
	if (*l.p != '{' && *l.p != '[')
		return;
	for (;;) {
		if (l.depth > 0 && node && node->lo < node->hi &&
		    !act(&l, MR_SHAPE_FORGET, l.p, node->lo, node->hi))
			return;
		if (*l.p == '{' || *l.p == '[') {
			if (!open_level(&l, to, node))
				return;
			if (*l.p != l.level[l.depth].closer) {
				if (!next_place(&l, &to, &node))
					return;
				continue;
			}
		} else if (!leaf(&l, to, node)) {
			return;
		}
		if (!after_value(&l))
			return;
		if (l.depth == 0) {
			arc(&l, l.p, NULL, MR_SHAPE_END, -1);
			return;
		}
		if (!next_place(&l, &to, &node))
			return;
	}
}
