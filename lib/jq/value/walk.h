/*
 * The members of text, found through marks: what json/scan.h's mr_members does,
 * faster where there is much to step over.  Inline, so that its state lies in
 * registers.  For lib/jq/value alone.
 *
 * Of text that is not valid (a trusted line) the members are nonsense, but lie
 * within it.
 */
#ifndef MR_JQ_VALUE_WALK_H
#define MR_JQ_VALUE_WALK_H

#include <string.h>

#include "jq/value/cell.h"
#include "jq/value/marks.h"

struct mr_walk {
	const char *at;
	size_t len;
	size_t base, next; /* the block is at[base..next-1] */
	uint64_t marks;    /* of the block, outside of strings, that are still to come */
	uint64_t opens;    /* where strings begin in the block */
	size_t last_open;  /* where the last string before the block begins */
	struct mr_strings strings;
	size_t start; /* of the value that comes */
	size_t depth;
	bool odd; /* a backslash was seen */
};

/* `of` is an MR_TEXT array or object. */
static inline void
mr_walk_init(struct mr_walk *w, const struct mr_value *of)
{
	*w = (struct mr_walk){.at = of->u.text, .len = of->len, .start = 1};
}

static inline void
mr_walk_load(struct mr_walk *w, bool with_commas)
{
	size_t n = w->len - w->next < 64 ? w->len - w->next : 64;
	struct mr_block b = mr_block_read(w->at + w->next, n);
	uint64_t inside;

	if (w->opens)
		w->last_open = w->base + mr_highest(w->opens);
	w->base = w->next;
	w->next += n;
	if (b.odd || w->strings.escaped) {
		mr_block_escapes(&b, w->at + w->base, &w->strings);
		w->odd = true;
	}
	inside = mr_block_inside(b.quotes, &w->strings);
	w->opens = b.quotes & inside;
	w->marks = (with_commas ? b.colons | b.commas : b.colons) & ~inside;
}

/* The string in front of a colon: *open and *close are its quotes. */
static inline bool
mr_walk_key(const struct mr_walk *w, size_t colon, size_t *open, size_t *close)
{
	uint64_t before = w->opens & (((uint64_t)1 << (colon - w->base)) - 1);

	*open = before ? w->base + mr_highest(before) : w->last_open;
	for (*close = colon - 1; *close > *open && w->at[*close] != '"'; --*close)
		continue;
	return *close > *open && w->at[*open] == '"';
}

static inline struct mr_value
mr_walk_string(const struct mr_walk *w, size_t from, size_t to)
{
	struct mr_value v = {.type = MR_STRING, .form = MR_TEXT};

	v.u.text = w->at + from;
	v.len = (uint32_t)(to - from);
	v.escaped = w->odd && memchr(v.u.text, '\\', v.len);
	return v;
}

/* The value in at[from..to-1], white space around it; MR_VALUE_NONE: there is none. */
static inline struct mr_value
mr_walk_value(const struct mr_walk *w, size_t from, size_t to)
{
	struct mr_value v = {.form = MR_TEXT};

	while (from < to && (unsigned char)w->at[from] <= ' ')
		from++;
	while (from < to && (unsigned char)w->at[to - 1] <= ' ')
		to--;
	if (from >= to)
		return MR_VALUE_NONE;
	v.u.text = w->at + from;
	v.len = (uint32_t)(to - from);
	switch (w->at[from]) {
	case '"': return mr_walk_string(w, from, to);
	case '{': v.type = MR_OBJECT; break;
	case '[': v.type = MR_ARRAY; break;
	case 't': return mr_value_bool(true);
	case 'f': return mr_value_bool(false);
	case 'n': return MR_VALUE_NULL;
	default: v.type = MR_NUMBER;
	}
	return v;
}

/* 1 the next element or member (its key if it is an object), MR_TEXT or plain; 0 no more. */
static inline int
mr_walk_next(struct mr_walk *w, struct mr_value *key, struct mr_value *val)
{
	size_t i, open, close;
	char c;

	for (;;) {
		while (!w->marks) {
			if (w->next == w->len)
				return 0;
			mr_walk_load(w, true);
		}
		i = w->base + mr_lowest(w->marks);
		w->marks &= w->marks - 1;
		c = w->at[i];
		if (c == '{' || c == '[') {
			w->depth++;
		} else if (c == '}' || c == ']') {
			if (--w->depth == 0) {
				w->next = w->len; /* no more behind this one */
				w->marks = 0;
				break;
			}
		} else if (w->depth == 1) {
			if (c == ',')
				break;
			if (!mr_walk_key(w, i, &open, &close))
				return 0;
			*key = mr_walk_string(w, open, close + 1);
			w->start = i + 1;
		}
	}
	*val = mr_walk_value(w, w->start, i);
	w->start = i + 1;
	return val->type != MR_MISSING;
}

/* The last member with this key in an MR_TEXT object, or MR_VALUE_NONE. */
struct mr_value mr_walk_find(const struct mr_value *object, const char *key, size_t len);

#endif
