/*
 * path - indexing, putting and deleting, by one key.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jq/value/cell.h"

#define INDEX_MAX (INT_MAX >> 2) /* of an array in jq */

/* A number as jq makes an index of it: towards zero, within int. */
static int
to_index(double x)
{
	return x <= INT_MIN ? INT_MIN : x >= INT_MAX ? INT_MAX : (int)x;
}

/* Of something so long, from two values that may be null. */
static int
borders(const struct mr_value *start, const struct mr_value *end, size_t len, size_t *from,
    size_t *to, struct mr_value *out)
{
	double first = 0, last = (double)len, count = (double)len;

	if ((start->type != MR_NULL && start->type != MR_NUMBER) ||
	    (end->type != MR_NULL && end->type != MR_NUMBER))
		return mr_value_fail(out, "Array/string slice indices must be integers");
	if (start->type == MR_NUMBER)
		first = mr_value_double(start);
	if (end->type == MR_NUMBER)
		last = mr_value_double(end);
	first = isnan(first) ? 0 : first < 0 ? first + count : first;
	first = first < 0 ? 0 : first > count ? count : first;
	*from = (size_t)first;
	last = isnan(last) ? count : last < 0 ? last + count : last;
	last = last < 0 ? (double)*from : last > count ? count : last;
	*to = (size_t)last;
	if (*to < len && (double)*to < last) /* the end is rounded up */
		++*to;
	if (*to < *from)
		*to = *from;
	return 0;
}

/* The borders in {"start":1,"end":2}. */
static void
read_slice(const struct mr_value *slice, struct mr_value *start, struct mr_value *end)
{
	*start = mr_value_member(slice, "start", 5);
	*end = mr_value_member(slice, "end", 3);
}

int
mr_slice_borders(const struct mr_value *slice, size_t len, size_t *from, size_t *to,
    struct mr_value *out)
{
	struct mr_value start, end;
	int r;

	read_slice(slice, &start, &end);
	r = borders(&start, &end, len, from, to, out);
	mr_value_free(start);
	mr_value_free(end);
	return r;
}

/* Where character n begins in a string, from byte i on; its end when there is none. */
static size_t
skip_chars(const char *at, size_t len, size_t i, size_t n)
{
	for (; n > 0 && i < len; n--)
		for (i++; i < len && (at[i] & 0xc0) == 0x80;)
			i++;
	return i;
}

static bool
below_zero(const struct mr_value *v)
{
	return v->type == MR_NUMBER && !(mr_value_double(v) >= 0);
}

static int
slice_string(struct mr_value of, const struct mr_value *start, const struct mr_value *end,
    struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t len, chars, from, to;
	const char *at = mr_value_bytes(&of, &room, &len);
	int r;

	chars = len; /* or fewer: that matters only where one counts from the end */
	if (below_zero(start) || below_zero(end))
		for (size_t i = 0; i < len; i++)
			chars -= (at[i] & 0xc0) == 0x80;
	r = borders(start, end, chars, &from, &to, out);
	if (r == 0) {
		size_t first = skip_chars(at, len, 0, from);
		size_t last = skip_chars(at, len, first, to - from);

		*out = mr_value_string(at + first, last - first);
	}
	mr_buf_release(&room);
	mr_value_free(of);
	return r;
}

static int
slice_array(struct mr_value of, const struct mr_value *start, const struct mr_value *end,
    struct mr_value *out)
{
	size_t from, to;

	of = mr_array_cell_of(of);
	if (borders(start, end, mr_value_count(&of), &from, &to, out) != 0) {
		mr_value_free(of);
		return -1;
	}
	*out = mr_value_slice(of, from, to);
	return 0;
}

/* Of an array or string; all are consumed. */
static int
slice(struct mr_value of, struct mr_value start, struct mr_value end, struct mr_value *out)
{
	int r = of.type == MR_ARRAY ? slice_array(of, &start, &end, out) :
				      slice_string(of, &start, &end, out);

	mr_value_free(start);
	mr_value_free(end);
	return r;
}

/* Where `what` begins in an array, everywhere. */
static int
indexes(struct mr_value of, struct mr_value what, struct mr_value *out)
{
	struct mr_value *a, *b, found = mr_value_array(4);
	size_t alen, blen, j;
	int same = 1;

	of = mr_array_cell_of(of);
	what = mr_array_cell_of(what);
	a = mr_array_at(&of, &alen);
	b = mr_array_at(&what, &blen);
	for (size_t i = 0; blen > 0 && i < alen && same != MR_VALUE_DEEP; i++) {
		for (j = 0, same = 1; j < blen && same == 1; j++)
			same = i + j < alen ? mr_value_same(&a[i + j], &b[j]) : 0;
		if (same == 1)
			found = mr_value_push(found, mr_value_number((double)i));
	}
	mr_value_free(of);
	mr_value_free(what);
	if (same == MR_VALUE_DEEP) {
		mr_value_free(found);
		return mr_value_fail(out, "Equality check too deep");
	}
	*out = found;
	return 0;
}

static struct mr_value
array_get(const struct mr_value *of, const struct mr_value *key)
{
	double x = mr_value_double(key);
	int64_t i = to_index(isnan(x) ? 0 : x);

	if (isnan(x))
		return MR_VALUE_NULL;
	if (i < 0)
		i += (int64_t)mr_value_count(of);
	return i < 0 ? MR_VALUE_NULL : mr_value_elem(of, (size_t)i);
}

static struct mr_value
object_get(const struct mr_value *of, const struct mr_value *key)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t len;
	const char *at = mr_value_bytes(key, &room, &len);
	struct mr_value v = mr_value_member(of, at, len);

	mr_buf_release(&room);
	if (v.type == MR_MISSING)
		v = MR_VALUE_NULL;
	return v;
}

static int
cannot_index(struct mr_value of, struct mr_value key, struct mr_value *out)
{
	char room[32];

	mr_value_fail(out, "Cannot index %s with %s (%s)", mr_value_kind(&of), mr_value_kind(&key),
	    mr_value_show(&key, room));
	mr_value_free(of);
	mr_value_free(key);
	return -1;
}

int
mr_value_index(struct mr_value of, struct mr_value key, struct mr_value *out)
{
	struct mr_value start, end;

	if (of.type == MR_OBJECT && key.type == MR_STRING) {
		*out = object_get(&of, &key);
	} else if (of.type == MR_ARRAY && key.type == MR_NUMBER) {
		*out = array_get(&of, &key);
	} else if (key.type == MR_OBJECT && (of.type == MR_ARRAY || of.type == MR_STRING)) {
		read_slice(&key, &start, &end);
		mr_value_free(key);
		return slice(of, start, end, out);
	} else if (of.type == MR_ARRAY && key.type == MR_ARRAY) {
		return indexes(of, key, out);
	} else if (of.type <= MR_NULL &&
	    (key.type == MR_STRING || key.type == MR_NUMBER || key.type == MR_OBJECT)) {
		*out = MR_VALUE_NULL;
	} else {
		return cannot_index(of, key, out);
	}
	mr_value_free(of);
	mr_value_free(key);
	return 0;
}

int
mr_value_slice_of(struct mr_value of, struct mr_value from, struct mr_value to,
    struct mr_value *out)
{
	struct mr_value key;

	if (of.type == MR_ARRAY || of.type == MR_STRING)
		return slice(of, from, to, out);
	key = mr_value_object(2); /* null, or an error */
	key = mr_value_set_member(key, mr_value_string("start", 5), from);
	key = mr_value_set_member(key, mr_value_string("end", 3), to);
	return mr_value_index(of, key, out);
}

static int
put_slice(struct mr_value of, const struct mr_value *slice, struct mr_value val,
    struct mr_value *out)
{
	struct mr_value tail;
	size_t from, to;

	of = mr_array_cell_of(of);
	if (mr_slice_borders(slice, mr_value_count(&of), &from, &to, out) != 0) {
		mr_value_free(of);
		mr_value_free(val);
		return -1;
	}
	if (val.type != MR_ARRAY) {
		mr_value_free(of);
		mr_value_free(val);
		return mr_value_fail(out, "A slice of an array can only be assigned another array");
	}
	tail = mr_value_slice(mr_value_copy(&of), to, mr_value_count(&of));
	of = mr_value_concat(mr_value_slice(of, 0, from), val);
	*out = mr_value_concat(of, tail);
	return 0;
}

static int
put_element(struct mr_value of, double x, struct mr_value val, struct mr_value *out)
{
	const char *wrong = NULL;
	int64_t i = 0;

	if (isnan(x)) {
		wrong = "Cannot set array element at NaN index";
	} else {
		i = to_index(x);
		if (i < 0)
			i += (int64_t)mr_value_count(&of);
		if (i < 0)
			wrong = "Out of bounds negative array index";
		else if (i > INDEX_MAX)
			wrong = "Array index too large";
	}
	if (!wrong) {
		*out = mr_value_set_elem(of, (size_t)i, val);
		return 0;
	}
	mr_value_free(of);
	mr_value_free(val);
	return mr_value_fail(out, "%s", wrong);
}

int
mr_value_put(struct mr_value of, struct mr_value key, struct mr_value val, struct mr_value *out)
{
	bool null = of.type <= MR_NULL;
	int r;

	if (key.type == MR_STRING && (of.type == MR_OBJECT || null)) {
		*out = mr_value_set_member(null ? mr_value_object(4) : of, key, val);
		return 0;
	}
	if (key.type == MR_NUMBER && (of.type == MR_ARRAY || null))
		r = put_element(null ? mr_value_array(4) : of, mr_value_double(&key), val, out);
	else if (key.type == MR_OBJECT && (of.type == MR_ARRAY || null))
		r = put_slice(null ? mr_value_array(4) : of, &key, val, out);
	else {
		r = key.type == MR_OBJECT && of.type == MR_STRING ?
		    mr_value_fail(out, "Cannot update string slices") :
		    mr_value_fail(out, "Cannot update field at %s index of %s", mr_value_kind(&key),
			mr_value_kind(&of));
		mr_value_free(of);
		mr_value_free(val);
	}
	mr_value_free(key);
	return r;
}

int
mr_value_has(struct mr_value of, struct mr_value key, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	struct mr_value v;
	int r = 0;

	if (of.type <= MR_NULL) {
		*out = mr_value_bool(false);
	} else if (of.type == MR_OBJECT && key.type == MR_STRING) {
		size_t len;
		const char *at = mr_value_bytes(&key, &room, &len);

		v = mr_value_member(&of, at, len);
		*out = mr_value_bool(v.type != MR_MISSING);
		mr_value_free(v);
		mr_buf_release(&room);
	} else if (of.type == MR_ARRAY && key.type == MR_NUMBER) {
		double x = mr_value_double(&key);

		/* -0.5 is index 0, as in jq */
		*out = mr_value_bool(x > -1 && to_index(x) < (double)mr_value_count(&of));
	} else {
		r = mr_value_fail(out, "Cannot check whether %s has a %s key", mr_value_kind(&of),
		    mr_value_kind(&key));
	}
	mr_value_free(of);
	mr_value_free(key);
	return r;
}

int
mr_value_keys(struct mr_value of, bool sorted, struct mr_value *out)
{
	struct mr_value keys;
	const struct mr_object_cell *o;
	const struct mr_member **members;

	if (of.type != MR_ARRAY && of.type != MR_OBJECT)
		return mr_value_fail1(out, of, "has no keys");
	if (of.type == MR_ARRAY) {
		size_t n = mr_value_count(&of);

		keys = mr_value_array(n);
		for (size_t i = 0; i < n; i++)
			keys = mr_value_push(keys, mr_value_number((double)i));
	} else {
		of = mr_object_cell_of(of);
		o = mr_object_cell(&of);
		keys = mr_value_array(o->count);
		members = sorted ? mr_object_sorted(o) : NULL;
		for (size_t i = 0; i < (sorted ? o->count : o->used); i++) {
			const struct mr_value *key = sorted ? &members[i]->key : &o->at[i].key;

			if (key->type != MR_MISSING)
				keys = mr_value_push(keys, mr_value_copy(key));
		}
		free(members);
	}
	mr_value_free(of);
	*out = keys;
	return 0;
}
