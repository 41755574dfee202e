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

#include "jq/plan/node.h"
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

/* A slot without a value is null, if that is all there is to it. */
static inline bool
just_null(const struct batch *b, size_t i, const struct mr_pnode *slot)
{
	return slot->top_key && *b->row[i].at == '{';
}

/* A constant as far as it fits two words, in its quotes. */
struct pattern {
	uint64_t word[2], mask[2];
	size_t len;
	const char *rest; /* what does not fit */
};

static struct pattern
pattern_of(const struct mr_pnode *n)
{
	struct pattern p = {.len = n->len + 2, .rest = n->quoted + 16};
	char bytes[32] = {0};

	memcpy(bytes, n->quoted, p.len < 16 ? p.len : 16);
	memcpy(p.word, bytes, 16);
	memset(bytes, 0, 16);
	memset(bytes, 0xff, p.len < 16 ? p.len : 16);
	memcpy(p.mask, bytes, 16);
	return p;
}

/*
 * Without a branch on the length or the bytes, which nobody can foresee.  16
 * bytes are read whatever the length: an event has its padding.
 */
static inline bool
matches(const struct pattern *p, const char *at, size_t len)
{
	uint64_t word[2], diff;

	memcpy(word, at, 16);
	diff = ((word[0] ^ p->word[0]) & p->mask[0]) | ((word[1] ^ p->word[1]) & p->mask[1]) |
	    (len ^ p->len);
	if (p->len > 16 && diff == 0)
		diff = memcmp(at + 16, p->rest, len - 16) != 0;
	return diff == 0;
}

static void
strings(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	const struct pattern p = pattern_of(n);
	const struct mr_val *vals = b->vals + n->slot;
	const bool equal = n->cmp == MR_OP_EQ;

	for (size_t k = 0; k < count; k++) {
		const struct mr_val *v = vals + row[k] * b->width;

		if (v->type == MR_MISSING) {
			b->hit[row[k]] = just_null(b, row[k], n->a) ? !equal : MR_ROW_ALONE;
			continue;
		}
		b->hit[row[k]] = matches(&p, v->at, v->len) == equal;
		if (v->escaped)
			b->hit[row[k]] = mr_str_is(v, n->text, n->len) == equal;
	}
}

/* No doubles of numbers that differ are the same: few digits, and no exponent that leads out of their range. */
bool
mr_plan_simple(const char *at, size_t len)
{
	return len <= 15 && !memchr(at, 'e', len) && !memchr(at, 'E', len);
}

bool
mr_plan_number_holds(const struct mr_pnode *n, const struct mr_val *v)
{
	double x;
	int cmp;

	if (v->type != MR_NUMBER) /* jq's order of types */
		return mr_plan_holds(n->cmp, v->type < MR_NUMBER ? -1 : 1);
	x = mr_num_double(v->at, v->len);
	cmp = (x > n->number) - (x < n->number);
	if (cmp == 0 && !(n->simple && mr_plan_simple(v->at, v->len)))
		cmp = mr_num_cmp(v->at, v->len, n->text, n->len);
	return mr_plan_holds(n->cmp, cmp);
}

enum { SHORT = 8 }; /* places that a number read as a word can have, and one more */

/* A constant c beside numbers n / 10^p: n * scale is to be compared with at[p]. */
struct limit {
	int64_t scale, at[SHORT];
	unsigned holds; /* bit 0: the operator holds for less, 1: for equal, 2: for more */
};

/* False: the constant has too many digits. */
static bool
limit_of(const struct mr_pnode *n, struct limit *l)
{
	char text[2 * SHORT] = {0};
	const struct mr_val val = {text, n->len, MR_NUMBER, false};
	struct mr_decimal d;

	if (!n->simple || n->len >= SHORT)
		return false;
	memcpy(text, n->text, n->len);
	if (!mr_decimal_read(&val, &d))
		return false;
	l->scale = (int64_t)mr_pow10(d.places);
	for (int i = 0; i < SHORT; i++, d.n *= 10)
		l->at[i] = d.n;
	l->holds = 0;
	for (int cmp = -1; cmp <= 1; cmp++)
		l->holds |= (unsigned)mr_plan_holds(n->cmp, cmp) << (cmp + 1);
	return true;
}

static void
numbers(const struct batch *b, const struct mr_pnode *n, const byte *row, size_t count)
{
	const struct mr_val *vals = b->vals + n->slot;
	struct limit l;
	const bool quick = limit_of(n, &l);

	for (size_t k = 0; k < count; k++) {
		const struct mr_val *v = vals + row[k] * b->width;
		struct mr_decimal d;

		if (quick && v->type == MR_NUMBER && mr_decimal_word(v->at, v->len, &d)) {
			int64_t x = d.n * l.scale, at = l.at[d.places];

			b->hit[row[k]] = l.holds >> (1 + (x > at) - (x < at)) & 1;
		} else if (v->type == MR_MISSING && !just_null(b, row[k], n->a)) {
			b->hit[row[k]] = MR_ROW_ALONE;
		} else {
			b->hit[row[k]] = mr_plan_number_holds(n, v);
		}
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
