/*
 * Cells: what counted values look like in memory.  For lib/jq/value and vm/open.c.
 *
 * A cell is changed only by its sole holder; mr_array_own() and
 * mr_object_own() give one that may be changed, a copy if need be.  Elements
 * and members may be MR_TEXT: a container taken from text is a shallow one.
 */
#ifndef MR_JQ_VALUE_CELL_H
#define MR_JQ_VALUE_CELL_H

#include "jq/value/value.h"

struct mr_number_cell { /* a spelling, a valid JSON number */
	struct mr_cell head;
	uint32_t len;
	double number;
	char text[];
};

enum mr_spelling { MR_UNKNOWN, MR_ITSELF, MR_ESCAPED }; /* how a string's bytes stand in JSON */

struct mr_string_cell {
	struct mr_cell head;
	uint8_t spelling; /* enum mr_spelling */
	size_t len, room;
	char at[];
};

struct mr_array_cell {
	struct mr_cell head;
	size_t count;
	union {
		size_t room;
		struct mr_cell *next; /* while it is being freed */
	} u;
	struct mr_value at[];
};

struct mr_member { /* key.type MR_MISSING: deleted */
	struct mr_value
	    key; /* a string whose bytes are there: a cell, or MR_TEXT without escapes */
	struct mr_value val;
};

struct mr_place {
	uint32_t hash, number; /* of the member, from 1; 0: free */
};

/* Members in order; places index them once there are more than MR_OBJECT_SMALL. */
#define MR_OBJECT_SMALL 16
struct mr_object_cell {
	struct mr_cell head;
	size_t count, used; /* members that are there; members with those deleted */
	union {
		size_t room;
		struct mr_cell *next; /* while it is being freed */
	} u;
	struct mr_place *places; /* NULL: none yet */
	size_t nplaces;          /* a power of two */
	uint64_t seed;
	struct mr_member at[];
};

static inline struct mr_number_cell *
mr_number_cell(const struct mr_value *v)
{
	return (struct mr_number_cell *)(void *)v->u.cell;
}

static inline struct mr_string_cell *
mr_string_cell(const struct mr_value *v)
{
	return (struct mr_string_cell *)(void *)v->u.cell;
}

static inline struct mr_array_cell *
mr_array_cell(const struct mr_value *v)
{
	return (struct mr_array_cell *)(void *)v->u.cell;
}

static inline struct mr_object_cell *
mr_object_cell(const struct mr_value *v)
{
	return (struct mr_object_cell *)(void *)v->u.cell;
}

/* The scanned value that an MR_TEXT value is. */
static inline struct mr_val
mr_value_text(const struct mr_value *v)
{
	return (struct mr_val){v->u.text, v->len, (enum mr_type)v->type, v->escaped};
}

/* Bytes of a string that has them: a cell, or MR_TEXT without escapes. */
static inline const char *
mr_value_raw(const struct mr_value *v, size_t *len)
{
	if (v->form == MR_CELL) {
		*len = mr_string_cell(v)->len;
		return mr_string_cell(v)->at;
	}
	*len = v->len < 2 ? 0 : v->len - 2;
	return v->u.text + (v->len > 0);
}

/* A string as one that has its bytes; consumes and returns it. */
struct mr_value mr_value_unescaped(struct mr_value string); /* of MR_TEXT with escapes */
static inline struct mr_value
mr_value_decoded(struct mr_value string)
{
	return string.form == MR_TEXT && string.escaped ? mr_value_unescaped(string) : string;
}

/* A container as a cell, shared or not; consumes and returns it. */
struct mr_value mr_array_cell_of(struct mr_value array);
struct mr_value mr_object_cell_of(struct mr_value object);
/* A container as a cell that has one holder and may be changed. */
struct mr_array_cell *mr_array_own(struct mr_value *array, size_t more);
struct mr_object_cell *mr_object_own(struct mr_value *object);

/* The member of a key or NULL. */
struct mr_member *mr_object_find(const struct mr_object_cell *, const char *key, size_t len);
/* The value of a key in an object that may be changed, made null if new; the key consumed. */
struct mr_value *mr_object_slot(struct mr_value *object, struct mr_value key);
/* Members sorted by key, malloc'd: free() it. */
const struct mr_member **mr_object_sorted(const struct mr_object_cell *);

int mr_bytes_cmp(const char *a, size_t alen, const char *b, size_t blen);
int mr_number_cmp(const struct mr_value *a, const struct mr_value *b); /* neither is NaN */
/* Append JSON as mr_value_write() does, but stop soon behind `limit` bytes. */
void mr_value_write_some(const struct mr_value *, bool sorted, size_t limit, struct mr_buf *);
/* The values of an array cell; it is an array. */
struct mr_value *mr_array_at(const struct mr_value *array, size_t *count);

/* A slice object's borders within len; -1 *out is the error. */
int mr_slice_borders(const struct mr_value *slice, size_t len, size_t *from, size_t *to,
    struct mr_value *out);

#endif
