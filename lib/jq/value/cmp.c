/*
 * cmp - order, equality and containment.
 *
 * They recurse, no deeper than jq allows; text is nested less than that and
 * is compared where it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "jq/value/cell.h"
#include "json/str.h"

static int compare(const struct mr_value *, const struct mr_value *, int depth);
static int same(const struct mr_value *, const struct mr_value *, int depth);

static int
rank(const struct mr_value *v)
{
	return v->type == MR_MISSING ? MR_NULL : v->type;
}

static int
cmp_numbers(const struct mr_value *a, const struct mr_value *b)
{
	if (mr_value_nan(a)) /* less than any number, itself too */
		return -1;
	return mr_value_nan(b) ? 1 : mr_number_cmp(a, b);
}

static int
cmp_strings(const struct mr_value *a, const struct mr_value *b)
{
	struct mr_buf aroom = MR_BUF_INIT, broom = MR_BUF_INIT;
	size_t alen, blen;
	const char *p = mr_value_bytes(a, &aroom, &alen);
	const char *q = mr_value_bytes(b, &broom, &blen);
	int c = mr_bytes_cmp(p, alen, q, blen);

	mr_buf_release(&aroom);
	mr_buf_release(&broom);
	return c;
}

static int
cmp_arrays(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value av = *a, bv = *b, x, y;
	struct mr_value_iter i, j;
	int c = 0, more_a, more_b;

	mr_value_iter_init(&i, &av); /* of an array: changes nothing */
	mr_value_iter_init(&j, &bv);
	while (c == 0) {
		more_a = mr_value_iter_next(&i, NULL, &x);
		more_b = mr_value_iter_next(&j, NULL, &y);
		if (more_a && more_b)
			c = compare(&x, &y, depth + 1);
		else
			c = more_a - more_b;
		if (more_a)
			mr_value_free(x);
		if (more_b)
			mr_value_free(y);
		if (!more_a || !more_b)
			break;
	}
	return c;
}

/* All keys first, in order, then what they have. */
static int
cmp_members(const struct mr_object_cell *a, const struct mr_object_cell *b, int depth)
{
	const struct mr_member **x = mr_object_sorted(a), **y = mr_object_sorted(b);
	size_t n = a->count < b->count ? a->count : b->count;
	int c = 0;

	for (size_t i = 0; i < n && c == 0; i++)
		c = cmp_strings(&x[i]->key, &y[i]->key);
	if (c == 0)
		c = (a->count > b->count) - (a->count < b->count);
	for (size_t i = 0; i < n && c == 0; i++)
		c = compare(&x[i]->val, &y[i]->val, depth + 1);
	free(x);
	free(y);
	return c;
}

static int
cmp_objects(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value x = *a, y = *b;
	int c;

	x = mr_object_cell_of(x);
	y = mr_object_cell_of(y);
	c = cmp_members(mr_object_cell(&x), mr_object_cell(&y), depth);
	if (a->form == MR_TEXT)
		mr_value_free(x);
	if (b->form == MR_TEXT)
		mr_value_free(y);
	return c;
}

static int
compare(const struct mr_value *a, const struct mr_value *b, int depth)
{
	if (depth > MR_VALUE_DEPTH)
		return MR_VALUE_DEEP;
	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	switch (a->type) {
	case MR_NUMBER: return cmp_numbers(a, b);
	case MR_STRING: return cmp_strings(a, b);
	case MR_ARRAY: return cmp_arrays(a, b, depth);
	case MR_OBJECT: return cmp_objects(a, b, depth);
	default: return 0;
	}
}

int
mr_value_cmp(const struct mr_value *a, const struct mr_value *b)
{
	return compare(a, b, 0);
}

static bool
same_strings(const struct mr_value *a, const struct mr_value *b)
{
	struct mr_val text;
	const char *p, *q;
	size_t plen, qlen;

	if (a->form == MR_TEXT && a->escaped) {
		const struct mr_value *other = a;

		a = b;
		b = other;
	}
	if (a->form == MR_TEXT && a->escaped) /* both are */
		return cmp_strings(a, b) == 0;
	p = mr_value_raw(a, &plen);
	if (b->form == MR_TEXT && b->escaped) {
		text = mr_value_text(b);
		return mr_str_is(&text, p, plen);
	}
	q = mr_value_raw(b, &qlen);
	return plen == qlen && (plen == 0 || memcmp(p, q, plen) == 0);
}

static bool
same_numbers(const struct mr_value *a, const struct mr_value *b)
{
	if (a->form == MR_TEXT && b->form == MR_TEXT && a->len == b->len &&
	    memcmp(a->u.text, b->u.text, a->len) == 0)
		return true;
	return !mr_value_nan(a) && !mr_value_nan(b) && mr_number_cmp(a, b) == 0;
}

static int
same_arrays(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value av = *a, bv = *b, x, y;
	struct mr_value_iter i, j;
	int r = 1, more_a, more_b;

	if (a->form == MR_CELL && b->form == MR_CELL &&
	    mr_array_cell(a)->count != mr_array_cell(b)->count)
		return 0;
	mr_value_iter_init(&i, &av); /* of an array: changes nothing */
	mr_value_iter_init(&j, &bv);
	while (r == 1) {
		more_a = mr_value_iter_next(&i, NULL, &x);
		more_b = mr_value_iter_next(&j, NULL, &y);
		if (more_a && more_b)
			r = same(&x, &y, depth + 1);
		else
			r = more_a == more_b;
		if (more_a)
			mr_value_free(x);
		if (more_b)
			mr_value_free(y);
		if (!more_a || !more_b)
			break;
	}
	return r;
}

static int
same_members(const struct mr_object_cell *a, const struct mr_object_cell *b, int depth)
{
	const struct mr_member *m;
	const char *key;
	size_t len;
	int r = 1;

	if (a->count != b->count)
		return 0;
	for (size_t i = 0; i < a->used && r == 1; i++) {
		if (a->at[i].key.type == MR_MISSING)
			continue;
		key = mr_value_raw(&a->at[i].key, &len);
		m = mr_object_find(b, key, len);
		r = m ? same(&a->at[i].val, &m->val, depth + 1) : 0;
	}
	return r;
}

static int
same_objects(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value x = mr_object_cell_of(*a), y = mr_object_cell_of(*b);
	int r = same_members(mr_object_cell(&x), mr_object_cell(&y), depth);

	if (a->form == MR_TEXT)
		mr_value_free(x);
	if (b->form == MR_TEXT)
		mr_value_free(y);
	return r;
}

static int
same(const struct mr_value *a, const struct mr_value *b, int depth)
{
	if (depth > MR_VALUE_DEPTH)
		return MR_VALUE_DEEP;
	if (rank(a) != rank(b))
		return 0;
	if (a->form != MR_PLAIN && a->type != MR_NUMBER && a->form == b->form &&
	    a->u.cell == b->u.cell)
		return 1; /* jq too finds [nan] equal to itself then */
	switch (a->type) {
	case MR_NUMBER: return same_numbers(a, b);
	case MR_STRING: return same_strings(a, b);
	case MR_ARRAY: return same_arrays(a, b, depth);
	case MR_OBJECT: return same_objects(a, b, depth);
	default: return 1;
	}
}

int
mr_value_same(const struct mr_value *a, const struct mr_value *b)
{
	return same(a, b, 0);
}

bool
mr_value_equal(const struct mr_value *a, const struct mr_value *b)
{
	return same(a, b, 0) == 1;
}

static int contains(const struct mr_value *, const struct mr_value *, int depth);

static int
array_contains(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value bv = *b, av = *a, x, y;
	struct mr_value_iter i, j;
	int r = 1;

	mr_value_iter_init(&j, &bv); /* of an array: changes nothing */
	while (r == 1 && mr_value_iter_next(&j, NULL, &y)) {
		r = 0;
		mr_value_iter_init(&i, &av);
		while (r == 0 && mr_value_iter_next(&i, NULL, &x)) {
			r = contains(&x, &y, depth + 1);
			mr_value_free(x);
		}
		mr_value_free(y);
	}
	return r;
}

static int
object_contains(const struct mr_value *a, const struct mr_value *b, int depth)
{
	struct mr_value x = mr_object_cell_of(*a), y = mr_object_cell_of(*b);
	const struct mr_object_cell *o = mr_object_cell(&y);
	const struct mr_member *m;
	const char *key;
	size_t len;
	int r = 1;

	for (size_t i = 0; i < o->used && r == 1; i++) {
		if (o->at[i].key.type == MR_MISSING)
			continue;
		key = mr_value_raw(&o->at[i].key, &len);
		m = mr_object_find(mr_object_cell(&x), key, len);
		r = m ? contains(&m->val, &o->at[i].val, depth + 1) : 0;
	}
	if (a->form == MR_TEXT)
		mr_value_free(x);
	if (b->form == MR_TEXT)
		mr_value_free(y);
	return r;
}

static bool
string_contains(const struct mr_value *a, const struct mr_value *b)
{
	struct mr_buf aroom = MR_BUF_INIT, broom = MR_BUF_INIT;
	size_t alen, blen;
	const char *p = mr_value_bytes(a, &aroom, &alen);
	const char *q = mr_value_bytes(b, &broom, &blen);
	bool r = blen == 0 || (blen <= alen && memmem(p, alen, q, blen));

	mr_buf_release(&aroom);
	mr_buf_release(&broom);
	return r;
}

static int
contains(const struct mr_value *a, const struct mr_value *b, int depth)
{
	if (depth > MR_VALUE_DEPTH)
		return MR_VALUE_DEEP;
	if (rank(a) != rank(b))
		return 0;
	switch (a->type) {
	case MR_STRING: return string_contains(a, b);
	case MR_ARRAY: return array_contains(a, b, depth);
	case MR_OBJECT: return object_contains(a, b, depth);
	default: return same(a, b, depth);
	}
}

static bool
same_kind(const struct mr_value *a, const struct mr_value *b)
{
	/* to jq true and false are of two kinds, which are called the same */
	return rank(a) == rank(b);
}

int
mr_value_contains(struct mr_value of, struct mr_value what, struct mr_value *out)
{
	int r;

	if (!same_kind(&of, &what))
		return mr_value_fail2(out, of, what, "cannot have their containment checked");
	r = contains(&of, &what, 0);
	mr_value_free(of);
	mr_value_free(what);
	if (r == MR_VALUE_DEEP)
		return mr_value_fail(out, "Containment check too deep");
	*out = mr_value_bool(r);
	return 0;
}
