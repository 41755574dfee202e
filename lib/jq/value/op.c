/*
 * op - jq's arithmetic on all types.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"

#define STRING_MAX ((size_t)INT_MAX - 8) /* as jq counts */

static int
add_strings(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t alen, blen;
	const char *at;

	a = mr_value_decoded(a);
	mr_value_raw(&a, &alen);
	at = mr_value_bytes(&b, &room, &blen);
	if (alen + blen >= STRING_MAX) {
		mr_value_free(a);
		mr_value_fail(out, "String too long");
	} else {
		*out = mr_value_append(a, at, blen);
	}
	mr_buf_release(&room);
	mr_value_free(b);
	return alen + blen >= STRING_MAX ? -1 : 0;
}

static struct mr_value
merge(struct mr_value a, struct mr_value b)
{
	struct mr_value_iter it;
	struct mr_value key, val;

	mr_value_iter_init(&it, &b);
	while (mr_value_iter_next(&it, &key, &val))
		a = mr_value_set_member(a, key, val);
	mr_value_free(b);
	return a;
}

static int
plus(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	if (a.type <= MR_NULL) {
		mr_value_free(a);
		*out = b;
	} else if (b.type <= MR_NULL) {
		mr_value_free(b);
		*out = a;
	} else if (a.type != b.type || a.type < MR_NUMBER) {
		return mr_value_fail2(out, a, b, "cannot be added");
	} else if (a.type == MR_STRING) {
		return add_strings(a, b, out);
	} else if (a.type == MR_ARRAY) {
		*out = mr_value_concat(a, b);
	} else {
		*out = merge(a, b);
	}
	return 0;
}

/* The elements of a that are not in b. */
static int
subtract(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	struct mr_value *at, *from, left = mr_value_array(4);
	size_t n, m;
	int same = 0;

	a = mr_array_cell_of(a);
	b = mr_array_cell_of(b);
	at = mr_array_at(&a, &n);
	from = mr_array_at(&b, &m);
	for (size_t i = 0; i < n && same != MR_VALUE_DEEP; i++) {
		same = 0;
		for (size_t j = 0; j < m && same == 0; j++)
			same = mr_value_same(&at[i], &from[j]);
		if (same == 0)
			left = mr_value_push(left, mr_value_copy(&at[i]));
	}
	mr_value_free(a);
	mr_value_free(b);
	*out = left;
	if (same != MR_VALUE_DEEP)
		return 0;
	mr_value_free(left);
	return mr_value_fail(out, "Equality check too deep");
}

static int
minus(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	if (a.type == MR_ARRAY && b.type == MR_ARRAY)
		return subtract(a, b, out);
	return mr_value_fail2(out, a, b, "cannot be subtracted");
}

static int
repeat(struct mr_value string, struct mr_value number, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT, text = MR_BUF_INIT;
	double x = mr_value_double(&number);
	size_t len, n = x > INT_MAX ? INT_MAX : x > 0 ? (size_t)x : 0;
	const char *at = mr_value_bytes(&string, &room, &len);
	int r = 0;

	if (x < 0 || isnan(x)) {
		*out = MR_VALUE_NULL;
	} else if (len * n >= STRING_MAX) {
		r = mr_value_fail(out, "Repeat string result too long");
	} else {
		mr_buf_grow(&text, len * n + 1);
		for (size_t i = 0; len > 0 && i < n; i++)
			mr_buf_add(&text, at, len);
		*out = mr_value_string(text.at, text.len);
	}
	mr_buf_release(&room);
	mr_buf_release(&text);
	mr_value_free(string);
	mr_value_free(number);
	return r;
}

static int merge_deep(struct mr_value *a, struct mr_value b, int depth);

/* One member of b into a, both consumed; where both have objects, these become one. */
static int
merge_member(struct mr_value *a, struct mr_value key, struct mr_value val, int depth)
{
	struct mr_value *slot = mr_object_slot(a, key), old = *slot;
	int r = 0;

	if (old.type != MR_OBJECT || val.type != MR_OBJECT) {
		mr_value_free(old);
		*slot = val;
		return 0;
	}
	*slot = MR_VALUE_NULL; /* it has no other holder now */
	r = merge_deep(&old, val, depth + 1);
	*slot = old;
	return r;
}

static int
merge_deep(struct mr_value *a, struct mr_value b, int depth)
{
	struct mr_value_iter it;
	struct mr_value key, val;
	int r = depth > MR_VALUE_DEPTH ? -1 : 0;

	mr_value_iter_init(&it, &b);
	while (r == 0 && mr_value_iter_next(&it, &key, &val))
		r = merge_member(a, key, val, depth);
	mr_value_free(b);
	return r;
}

static int
times(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	if (a.type == MR_STRING && b.type == MR_NUMBER)
		return repeat(a, b, out);
	if (a.type == MR_NUMBER && b.type == MR_STRING)
		return repeat(b, a, out);
	if (a.type != MR_OBJECT || b.type != MR_OBJECT)
		return mr_value_fail2(out, a, b, "cannot be multiplied");
	if (merge_deep(&a, b, 0) != 0) {
		mr_value_free(a);
		return mr_value_fail(out, "Object merge too deep");
	}
	*out = a;
	return 0;
}

static struct mr_value
split_chars(const char *at, size_t len)
{
	struct mr_value parts = mr_value_array(4);
	size_t n;

	for (; len > 0; at += n, len -= n) {
		for (n = 1; n < len && (at[n] & 0xc0) == 0x80;)
			n++;
		parts = mr_value_push(parts, mr_value_string(at, n));
	}
	return parts;
}

static int
split(struct mr_value string, struct mr_value by, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT, room2 = MR_BUF_INIT;
	size_t len, by_len;
	const char *p = mr_value_bytes(&string, &room, &len), *end = p + len, *stop;
	const char *sep = mr_value_bytes(&by, &room2, &by_len);
	struct mr_value parts;

	if (by_len == 0) {
		parts = split_chars(p, len);
	} else {
		parts = mr_value_array(4);
		while (p < end) {
			stop = memmem(p, (size_t)(end - p), sep, by_len);
			parts = mr_value_push(parts,
			    mr_value_string(p, (size_t)((stop ? stop : end) - p)));
			p = stop ? stop + by_len : end;
			if (stop && p == end) /* nothing behind the last one */
				parts = mr_value_push(parts, mr_value_string("", 0));
		}
	}
	mr_buf_release(&room);
	mr_buf_release(&room2);
	mr_value_free(string);
	mr_value_free(by);
	*out = parts;
	return 0;
}

static int
divide(struct mr_value a, struct mr_value b, struct mr_value *out)
{
	if (a.type == MR_STRING && b.type == MR_STRING)
		return split(a, b, out);
	return mr_value_fail2(out, a, b, "cannot be divided");
}

/* A number as an integer, as jq takes it for a remainder. */
static int64_t
to_int(double x)
{
	return x < (double)INT64_MIN ? INT64_MIN : x >= -(double)INT64_MIN ? INT64_MAX : (int64_t)x;
}

static int
numbers(int op, struct mr_value a, struct mr_value b, struct mr_value *out)
{
	double x = mr_value_double(&a), y = mr_value_double(&b), z;
	int64_t n;

	switch (op) {
	case '+': z = x + y; break;
	case '-': z = x - y; break;
	case '*': z = x * y; break;
	case '/':
		if (y == 0)
			return mr_value_fail2(out, a, b,
			    "cannot be divided because the divisor is zero");
		z = x / y;
		break;
	default:
		if (isnan(x) || isnan(y)) {
			z = NAN;
			break;
		}
		if ((n = to_int(y)) == 0)
			return mr_value_fail2(out, a, b,
			    "cannot be divided (remainder) because the divisor is zero");
		z = n == -1 ? 0 : (double)(to_int(x) % n); /* -1 would overflow */
	}
	mr_value_free(a);
	mr_value_free(b);
	*out = mr_value_number(z);
	return 0;
}

int
mr_value_binop(int op, struct mr_value a, struct mr_value b, struct mr_value *out)
{
	if (a.type == MR_NUMBER && b.type == MR_NUMBER)
		return numbers(op, a, b, out);
	switch (op) {
	case '+': return plus(a, b, out);
	case '-': return minus(a, b, out);
	case '*': return times(a, b, out);
	case '/': return divide(a, b, out);
	default: return mr_value_fail2(out, a, b, "cannot be divided (remainder)");
	}
}
