/*
 * write - compact JSON as jq prints it.
 *
 * Containers that are being written lie in a stack of their own, because they
 * may be nested deeper than the C stack is.  Text is copied in one go
 * (copy.c) unless something in it is spelled anew.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"
#include "jq/value/copy.h"
#include "json/num.h"
#include "json/str.h"

struct level { /* a container half written; what it is made of is held here */
	struct mr_value of;
	const struct mr_member **sorted; /* an object's, when they are wanted so */
	size_t i;
	bool any; /* something is written of it */
};

#define FEW 8

struct writer {
	struct mr_buf *out;
	struct level *levels, few[FEW]; /* levels: few until there are more */
	size_t depth, room;
	size_t end; /* of the output, where it may stop */
	bool sorted;
};

/* As jq spells a number that was computed. */
static void
write_double(struct mr_buf *out, double x)
{
	char digits[20];
	uint64_t fixed;
	int n, point;

	if (isnan(x)) {
		mr_buf_adds(out, "null");
		return;
	}
	if (signbit(x)) {
		mr_buf_addc(out, '-');
		x = -x;
	}
	if (x < 9007199254740992.0 && x == (double)(int64_t)x) {
		mr_num_write_int64(out, (int64_t)x);
		return;
	}
	if (x >= 1e-4 && mr_num_fixed(x, &fixed, &point)) {
		if (out->cap - out->len < MR_NUM_ROOM)
			mr_buf_grow(out, MR_NUM_ROOM);
		out->len = (size_t)(mr_num_put(out->at + out->len, fixed, (unsigned)point) -
		    out->at);
		return;
	}
	n = mr_num_shortest(x > DBL_MAX ? DBL_MAX : x, digits, &point);
	if (point > -4 && point <= n + 15) {
		mr_num_write_digits(out, digits, n, point);
		return;
	}
	mr_num_write_digits(out, digits, n, 1);
	mr_buf_printf(out, "e%+.2d", point - 1);
}

static void
write_number(struct mr_buf *out, const struct mr_value *v)
{
	if (v->form == MR_TEXT)
		mr_buf_add(out, v->u.text, v->len);
	else if (v->form == MR_CELL)
		mr_buf_add(out, mr_number_cell(v)->text, mr_number_cell(v)->len);
	else
		write_double(out, v->u.number);
}

static void
write_string(struct mr_buf *out, const struct mr_value *v)
{
	struct mr_string_cell *s;
	size_t len;

	if (v->form == MR_TEXT) {
		mr_copy_string(out, v->u.text, v->len, v->escaped);
		return;
	}
	s = mr_string_cell(v);
	if (s->spelling == MR_ITSELF) {
		mr_buf_grow(out, s->len + 2);
		out->at[out->len] = '"';
		memcpy(out->at + out->len + 1, s->at, s->len);
		out->at[out->len + 1 + s->len] = '"';
		out->len += s->len + 2;
		return;
	}
	len = out->len;
	mr_str_write_jq(out, s->at, s->len);
	/* what is written again and again, a key, is looked through once */
	s->spelling = out->len - len == s->len + 2 ? MR_ITSELF : MR_ESCAPED;
}

static void
open_level(struct writer *w, struct mr_value of)
{
	struct level *l;

	if (w->depth == w->room) {
		w->room *= 2;
		w->levels = mr_xrealloc(w->levels == w->few ? NULL : w->levels,
		    w->room * sizeof *w->levels);
		if (w->depth == FEW)
			memcpy(w->levels, w->few, sizeof w->few);
	}
	l = &w->levels[w->depth++];
	*l = (struct level){.of = of};
	if (of.type == MR_OBJECT && w->sorted)
		l->sorted = mr_object_sorted(mr_object_cell(&of));
	mr_buf_addc(w->out, of.type == MR_ARRAY ? '[' : '{');
}

static void
close_level(struct writer *w)
{
	struct level *l = &w->levels[--w->depth];

	mr_buf_addc(w->out, l->of.type == MR_ARRAY ? ']' : '}');
	free(l->sorted);
	mr_value_free(l->of);
}

static inline void
write_scalar(struct mr_buf *out, const struct mr_value *v)
{
	switch (v->type) {
	case MR_FALSE: mr_buf_add(out, "false", 5); break;
	case MR_TRUE: mr_buf_add(out, "true", 4); break;
	case MR_NUMBER: write_number(out, v); break;
	case MR_STRING: write_string(out, v); break;
	default: mr_buf_add(out, "null", 4);
	}
}

/* A value that is no container, or one that text has ready; a container is opened. */
static void
write_value(struct writer *w, const struct mr_value *v)
{
	if (w->depth > MR_VALUE_DEPTH)
		mr_buf_adds(w->out, "<skipped: too deep>");
	else if (v->type < MR_ARRAY)
		write_scalar(w->out, v);
	else if (v->form == MR_CELL)
		open_level(w, mr_value_copy(v));
	else if (w->sorted || w->end != SIZE_MAX || !mr_copy_text(w->out, v->u.text, v->len))
		open_level(w, v->type == MR_ARRAY ? mr_array_cell_of(*v) : mr_object_cell_of(*v));
}

/* The next member of an object or NULL. */
static const struct mr_member *
next_member(struct level *l)
{
	const struct mr_object_cell *o = mr_object_cell(&l->of);

	if (l->sorted)
		return l->i < o->count ? l->sorted[l->i++] : NULL;
	while (l->i < o->used && o->at[l->i].key.type == MR_MISSING)
		l->i++;
	return l->i < o->used ? &o->at[l->i++] : NULL;
}

/* One more element or member of the innermost container. */
static void
write_next(struct writer *w)
{
	struct level *l = &w->levels[w->depth - 1];
	const struct mr_member *m;

	if (l->of.type == MR_ARRAY) {
		const struct mr_array_cell *a = mr_array_cell(&l->of);

		if (l->i == a->count) {
			close_level(w);
			return;
		}
		if (l->i > 0)
			mr_buf_addc(w->out, ',');
		write_value(w, &a->at[l->i++]);
		return;
	}
	if (!(m = next_member(l))) {
		close_level(w);
		return;
	}
	if (l->any)
		mr_buf_addc(w->out, ',');
	l->any = true;
	write_string(w->out, &m->key);
	mr_buf_addc(w->out, ':');
	write_value(w, &m->val);
}

void
mr_value_write_some(const struct mr_value *v, bool sorted, size_t limit, struct mr_buf *out)
{
	struct writer w;

	w.out = out;
	w.levels = w.few;
	w.depth = 0;
	w.room = FEW;
	w.end = SIZE_MAX;
	w.sorted = sorted;
	if (limit < SIZE_MAX - out->len)
		w.end = out->len + limit;
	write_value(&w, v);
	while (w.depth > 0 && out->len < w.end)
		write_next(&w);
	while (w.depth > 0) /* it was cut */
		close_level(&w);
	if (w.levels != w.few)
		free(w.levels);
}

void
mr_value_write(const struct mr_value *v, bool sorted, struct mr_buf *out)
{
	if (v->type < MR_ARRAY)
		write_scalar(out, v);
	else
		mr_value_write_some(v, sorted, SIZE_MAX, out);
}

/* jq's room for a value in a message, with the NUL. */
#define SHOWN 30

/* A string that is long as jq cuts it before it is written: to as many characters. */
static struct mr_value
cut_string(const struct mr_value *v)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t len, n = 0, i;
	const char *at = mr_value_bytes(v, &room, &len);
	struct mr_value cut;

	for (i = 0; i < len; i++)
		if ((at[i] & 0xc0) != 0x80 && n++ == SHOWN)
			break;
	cut = mr_value_string(at, i);
	mr_buf_release(&room);
	return cut;
}

const char *
mr_value_show(const struct mr_value *v, char room[32])
{
	struct mr_buf text = MR_BUF_INIT;
	char close = 0;
	size_t n;

	if (v->type == MR_STRING) {
		struct mr_value cut = cut_string(v);

		mr_value_write(&cut, false, &text);
		mr_value_free(cut);
	} else {
		mr_value_write_some(v, false, SHOWN, &text);
	}
	n = text.len;
	if (n > SHOWN - 1) {
		close = text.at[0] == '"' ? '"' :
		    text.at[0] == '['     ? ']' :
		    text.at[0] == '{'     ? '}' :
					    0;
		n = SHOWN - (close ? 5 : 4);
		while (n > 0 && (text.at[n] & 0xc0) == 0x80)
			n--;
		memcpy(room, text.at, n);
		memcpy(room + n, "...", 3);
		n += 3;
		if (close)
			room[n++] = close;
	} else {
		memcpy(room, text.at, n);
	}
	room[n] = '\0';
	mr_buf_release(&text);
	return room;
}
