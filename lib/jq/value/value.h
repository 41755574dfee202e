/*
 * Values of a running jq program: 16 bytes, passed by value.
 *
 * What a program does not touch stays what it was: the bytes of the line
 * (MR_TEXT), borrowed, not decoded, valid until the next event.  Only what is
 * built or changed is a cell, counted and shared; a cell with one holder is
 * changed in place, so that `reduce` over `. + [$x]` is linear.
 *
 * Ownership: a function that takes a struct mr_value consumes it; one that
 * takes a pointer only looks.  What is returned is the caller's.
 * Failures: functions that can fail in jq's sense return -1 and leave jq 1.8's
 * error value (nearly always a string with jq's words) in *out; 0 otherwise.
 */
#ifndef MR_JQ_VALUE_H
#define MR_JQ_VALUE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"

enum mr_value_form {
	MR_PLAIN, /* null, true, false; a number as a double; MR_MISSING: no value */
	MR_TEXT, /* number, string, array, object: JSON bytes, validated, that somebody else owns */
	MR_CELL  /* string, array, object, or a number whose spelling matters: counted */
};

struct mr_cell;

struct mr_value {
	uint8_t type; /* enum mr_type */
	uint8_t form; /* enum mr_value_form */
	bool escaped; /* MR_TEXT, a string: there is a backslash in it */
	bool exact;   /* MR_PLAIN, a number: a literal, which its double spells as it stood */
	uint32_t len; /* MR_TEXT: bytes, quotes and braces included */
	union {
		double number;
		const char *text;
		struct mr_cell *cell;
	} u;
};

#define MR_VALUE_NONE ((struct mr_value){.type = MR_MISSING})
#define MR_VALUE_NULL ((struct mr_value){.type = MR_NULL})

static inline struct mr_value
mr_value_bool(bool b)
{
	return (struct mr_value){.type = b ? MR_TRUE : MR_FALSE};
}

static inline struct mr_value
mr_value_number(double x)
{
	return (struct mr_value){.type = MR_NUMBER, .u.number = x};
}

/* A scanned value as it stands; MR_MISSING becomes null, as jq has it. */
static inline struct mr_value
mr_value_scanned(const struct mr_val *v)
{
	struct mr_value x = {.type = v->type ? (uint8_t)v->type : MR_NULL};

	if (v->type >= MR_NUMBER) {
		x.form = MR_TEXT;
		x.escaped = v->escaped;
		x.len = (uint32_t)v->len;
		x.u.text = v->at;
	}
	return x;
}

struct mr_cell { /* the head of every cell */
	uint32_t holders;
	uint8_t type; /* enum mr_type */
	bool owned;   /* nothing in it is MR_TEXT, however deep */
};

static inline struct mr_value
mr_value_copy(const struct mr_value *v)
{
	if (v->form == MR_CELL)
		v->u.cell->holders++;
	return *v;
}
void mr_value_release(struct mr_value); /* not static: knows the kinds of cells */
static inline void
mr_value_free(struct mr_value v)
{
	if (v.form == MR_CELL && --v.u.cell->holders == 0)
		mr_value_release(v);
}

static inline bool
mr_value_true(const struct mr_value *v) /* neither null nor false */
{
	return v->type > MR_FALSE;
}

/* The same value without borrowed bytes, however deep: it may outlive the event. */
struct mr_value mr_value_own(struct mr_value);

/*
 * One JSON text (jq's fromjson: nan and NaN are accepted, trailing text is
 * not).  -1: *out is jq's error message.  The result owns all it needs.
 */
int mr_value_parse(const char *at, size_t len, struct mr_value *out);

/* Any number of JSON texts, one behind the other: *out is the array of them. */
int mr_value_parse_all(const char *at, size_t len, struct mr_value *out);

/*
 * Append compact JSON, as jq -c prints it; members in their order.  An
 * untouched number keeps its spelling; a string is escaped as jq 1.8 does.
 * With `sorted`, keys in jq's order (-S, tojson does not).
 */
void mr_value_write(const struct mr_value *, bool sorted, struct mr_buf *);

/* "null", "boolean", "number", "string", "array", "object". */
const char *mr_value_kind(const struct mr_value *);

/*
 * jq's order: null, false, true, numbers, strings by code point, arrays,
 * objects.  Numbers as jq 1.8 compares them: untouched ones exactly.
 * MR_VALUE_DEEP: deeper than MR_VALUE_DEPTH, jq's error "Comparison too deep".
 */
#define MR_VALUE_DEPTH 10000
#define MR_VALUE_DEEP INT_MIN
int mr_value_cmp(const struct mr_value *a, const struct mr_value *b);
/* 1, 0, or MR_VALUE_DEEP: jq's error "Equality check too deep". */
int mr_value_same(const struct mr_value *a, const struct mr_value *b);
bool mr_value_equal(const struct mr_value *a, const struct mr_value *b); /* false if too deep */

/* -- error values: all return -1, so that a caller writes `return mr_value_fail(out, ...)` -- */
int mr_value_fail(struct mr_value *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* `number (1) WORDS` and `number (1) and null (null) WORDS`, the values consumed. */
int mr_value_fail1(struct mr_value *out, struct mr_value, const char *words);
int mr_value_fail2(struct mr_value *out, struct mr_value, struct mr_value, const char *words);

/* -- numbers -- */
double mr_value_double(const struct mr_value *); /* of a number, in any form */
bool mr_value_nan(const struct mr_value *);      /* a number that is none */
/* An exact number from the text of one, or of what decNumber accepts beyond JSON (+1 .5 1. nan
 * Infinity); MR_VALUE_NONE: it is none. */
struct mr_value mr_value_literal(const char *at, size_t len);

/* -- strings -- */
struct mr_value mr_value_string(const char *at,
    size_t len); /* copied; malformed UTF-8 becomes U+FFFD as in jq */
struct mr_value mr_value_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Decoded bytes: *len of them, not terminated; in the value, or in room when they had to be decoded (room is reset). */
const char *mr_value_bytes(const struct mr_value *, struct mr_buf *room, size_t *len);
struct mr_value mr_value_append(struct mr_value string, const char *at,
    size_t len); /* valid UTF-8; in place when it is the only holder */

/* -- arrays: index < mr_value_count() unless said otherwise -- */
struct mr_value mr_value_array(size_t room);
size_t mr_value_count(const struct mr_value *); /* elements; members of an object; 0 of others */
struct mr_value mr_value_elem(const struct mr_value *array, size_t index);
struct mr_value mr_value_push(struct mr_value array, struct mr_value);
struct mr_value mr_value_set_elem(struct mr_value array, size_t index,
    struct mr_value); /* nulls fill a gap */
struct mr_value mr_value_slice(struct mr_value array, size_t from,
    size_t to);                                                        /* from <= to <= count */
struct mr_value mr_value_concat(struct mr_value a, struct mr_value b); /* arrays */

/* -- objects: members keep the order they came in; the last of duplicates wins -- */
struct mr_value mr_value_object(size_t room);
struct mr_value mr_value_member(const struct mr_value *object, const char *key,
    size_t len); /* MR_VALUE_NONE: no such key */
struct mr_value mr_value_set_member(struct mr_value object, struct mr_value key, struct mr_value);
struct mr_value mr_value_drop_member(struct mr_value object, const char *key, size_t len);

/*
 * Walk elements or members; nothing of others.  `of` must stay where it is (or
 * it->of be moved with it) and must not be changed meanwhile.  An MR_TEXT object
 * becomes a cell here, because of duplicate keys: `of` is a value somebody frees.
 */
struct mr_value_iter {
	const struct mr_value *of;
	size_t i;
	struct mr_members text; /* of an MR_TEXT array */
};
void mr_value_iter_init(struct mr_value_iter *, struct mr_value *of);
/* 1 and the next, the caller's (key: MR_VALUE_NONE in an array, may be NULL when not wanted); 0 no more. */
int mr_value_iter_next(struct mr_value_iter *, struct mr_value *key, struct mr_value *val);

/* -- what jq's operators and path builtins do (all types, all of jq's errors) -- */
int mr_value_index(struct mr_value of, struct mr_value key,
    struct mr_value *out); /* .[key]: key, index, slice object, array in array */
int mr_value_slice_of(struct mr_value of, struct mr_value from, struct mr_value to,
    struct mr_value *out); /* .[from:to] */
int mr_value_put(struct mr_value of, struct mr_value key, struct mr_value val,
    struct mr_value *out); /* .[key] = val */
int mr_value_has(struct mr_value of, struct mr_value key, struct mr_value *out);
int mr_value_keys(struct mr_value of, bool sorted, struct mr_value *out);
int mr_value_getpath(struct mr_value of, struct mr_value path, struct mr_value *out);
int mr_value_setpath(struct mr_value of, struct mr_value path, struct mr_value val,
    struct mr_value *out);
int mr_value_delpaths(struct mr_value of, struct mr_value paths, struct mr_value *out);
int mr_value_contains(struct mr_value of, struct mr_value what, struct mr_value *out);
int mr_value_length(struct mr_value of, struct mr_value *out);
/* op: '+' '-' '*' '/' '%' */
int mr_value_binop(int op, struct mr_value a, struct mr_value b, struct mr_value *out);
int mr_value_negate(struct mr_value, struct mr_value *out);

/* Arrays in jq's order; keys[i] are arrays of what sort_by's argument gave for element i (both consumed). */
int mr_value_sort(struct mr_value array, struct mr_value *out);
int mr_value_sort_by(struct mr_value array, struct mr_value keys, struct mr_value *out);
int mr_value_group_by(struct mr_value array, struct mr_value keys, struct mr_value *out);
int mr_value_unique_by(struct mr_value array, struct mr_value keys, struct mr_value *out);
int mr_value_min_by(struct mr_value array, struct mr_value keys, bool max, struct mr_value *out);
int mr_value_flatten(struct mr_value array, struct mr_value depth, struct mr_value *out);

/* Words of jq's errors: the value as jq shows it in messages, cut to jq 1.8's length, into room. */
const char *mr_value_show(const struct mr_value *, char room[32]);

#endif
