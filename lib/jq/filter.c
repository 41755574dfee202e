/*
 * filter - a condition over many events at once.
 *
 * A condition made of comparisons with constants, `and`, `or` and `not` is
 * evaluated a comparison at a time over all events that still need it, rather
 * than an event at a time over all comparisons: what a comparison needs is
 * set up once for them all.  As nothing in it has effects or several outputs,
 * that is the same.  An event in which a path leads through a value that has
 * no members is left to be looked at alone.
 */
#include <string.h>

#include "jq/plan_node.h"
#include "json/num.h"
#include "json/str.h"

typedef unsigned char byte;

struct batch {
	const struct mr_scan_row *row;
	const struct mr_val *vals;
	size_t width;
	byte *hit;
};

bool
mr_plan_columnar(const struct mr_pnode *n)
{
	switch (n->op) {
	case MR_P_CMP_STR:
	case MR_P_CMP_NUM:
	case MR_P_SLOT: return n->optional == 0;
	case MR_P_CONST: return true;
	case MR_P_NOT: return n->a && mr_plan_columnar(n->a);
	case MR_P_AND:
	case MR_P_OR: return mr_plan_columnar(n->a) && mr_plan_columnar(n->b);
	default: return false;
	}
}

/* Are n >= 2 bytes the same? */
static inline bool
same(const char *a, const char *b, size_t n)
{
	uint64_t x, y, diff = 0;
	uint32_t u, v;

	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8) {
			memcpy(&x, a + i, 8);
			memcpy(&y, b + i, 8);
			diff |= x ^ y;
		}
		memcpy(&x, a + n - 8, 8);
		memcpy(&y, b + n - 8, 8);
		return (diff | (x ^ y)) == 0;
	}
	if (n < 4)
		return a[0] == b[0] && a[1] == b[1] && a[n - 1] == b[n - 1];
	memcpy(&u, a, 4);
	memcpy(&v, b, 4);
	diff = u ^ v;
	memcpy(&u, a + n - 4, 4);
	memcpy(&v, b + n - 4, 4);
	return (diff | (u ^ v)) == 0;
}

/* A slot without a value is null, if that is all there is to it. */
static inline bool
just_null(const struct batch *b, size_t i, const struct mr_pnode *slot)
{
	return slot->top_key && *b->row[i].at == '{';
}

static void
strings(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	const size_t width = b->width, len = n->len + 2;
	const struct mr_val *vals = b->vals + n->slot;
	const bool equal = n->cmp == MR_OP_EQ;

	for (size_t k = 0; k < count; k++) {
		const struct mr_val *v = vals + row[k] * width;
		bool is = v->type == MR_STRING && v->len == len && same(v->at, n->quoted, len);

		if (v->type == MR_STRING && v->escaped)
			is = mr_str_is(v, n->text, n->len);
		b->hit[row[k]] = is == equal;
		if (v->type == MR_MISSING && !just_null(b, row[k], n->a))
			b->hit[row[k]] = MR_ROW_ALONE;
	}
}

static bool
holds(int op, int cmp)
{
	switch (op) {
	case MR_OP_EQ: return cmp == 0;
	case MR_OP_NE: return cmp != 0;
	case MR_OP_LT: return cmp < 0;
	case MR_OP_LE: return cmp <= 0;
	case MR_OP_GT: return cmp > 0;
	default: return cmp >= 0;
	}
}

bool
mr_plan_number_holds(const struct mr_pnode *n, const struct mr_val *v)
{
	double x;
	int cmp;

	if (v->type != MR_NUMBER) /* jq's order of types */
		return holds(n->cmp, v->type < MR_NUMBER ? -1 : 1);
	x = mr_num_double(v->at, v->len);
	cmp = (x > n->number) - (x < n->number);
	if (cmp == 0 && (v->len > 15 || n->len > 15)) /* doubles may hide a difference */
		cmp = mr_num_cmp(v->at, v->len, n->text, n->len);
	return holds(n->cmp, cmp);
}

static void
numbers(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	const struct mr_val *vals = b->vals + n->slot;

	for (size_t k = 0; k < count; k++) {
		const struct mr_val *v = vals + row[k] * b->width;

		b->hit[row[k]] = mr_plan_number_holds(n, v);
		if (v->type == MR_MISSING && !just_null(b, row[k], n->a))
			b->hit[row[k]] = MR_ROW_ALONE;
	}
}

static void
truths(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		const struct mr_val *v = b->vals + n->slot + row[k] * b->width;

		b->hit[row[k]] = v->type > MR_FALSE;
		if (v->type == MR_MISSING && !just_null(b, row[k], n))
			b->hit[row[k]] = MR_ROW_ALONE;
	}
}

static void test(const struct batch *, const struct mr_pnode *, const byte *row, size_t count);

/* a for all, b for those that a leaves open. */
static void
logic(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	byte open[MR_ROWS_MAX], undecided = n->op == MR_P_AND;
	size_t left = 0;

	test(b, n->a, row, count);
	for (size_t k = 0; k < count; k++) {
		open[left] = row[k];
		left += b->hit[row[k]] == undecided;
	}
	test(b, n->b, open, left);
}

static void
test(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	switch (n->op) {
	case MR_P_CMP_STR: strings(b, n, row, count); break;
	case MR_P_CMP_NUM: numbers(b, n, row, count); break;
	case MR_P_SLOT: truths(b, n, row, count); break;
	case MR_P_NOT:
		test(b, n->a, row, count);
		for (size_t k = 0; k < count; k++)
			b->hit[row[k]] ^= b->hit[row[k]] != MR_ROW_ALONE;
		break;
	case MR_P_CONST:
		for (size_t k = 0; k < count; k++)
			b->hit[row[k]] = mr_value_true(&n->value);
		break;
	default: logic(b, n, row, count);
	}
}

bool
mr_plan_test_rows(const struct mr_plan *p, const struct mr_scan_row *row, const struct mr_val *vals,
    size_t width, size_t count, unsigned char *hit)
{
	const struct batch b = {row, vals, width, hit};
	byte all[MR_ROWS_MAX];

	if (!p->columnar)
		return false;
	for (size_t i = 0; i < count; i++)
		all[i] = (byte)i;
	test(&b, p->root, all, count);
	return true;
}
