/*
 * sum - arithmetic over short numbers of an event.
 *
 * What jq computes is a double, rounded at each step.  Beside it the exact
 * decimal is kept as long as that has few digits: when it reads back as the
 * same double, as most sums of prices do, it is the shortest that does, and
 * known without a search.
 */
#include <math.h>

#include "jq/plan/node.h"
#include "json/num.h"

/* n * 10^more, if it stays small. */
static inline bool
shifted(int64_t *n, unsigned more)
{
	static const int64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
	    100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
	    100000000000000, 1000000000000000};

	return !__builtin_mul_overflow(*n, tens[more], n);
}

static inline void
add(struct mr_sum *to, const struct mr_sum *b)
{
	struct mr_decimal *d = &to->exact;
	unsigned places = d->places > b->exact.places ? d->places : b->exact.places;
	int64_t other = b->exact.n;

	to->x += b->x;
	to->known = to->known & b->known && shifted(&d->n, places - d->places) &&
	    shifted(&other, places - b->exact.places) &&
	    !__builtin_add_overflow(d->n, other, &d->n);
	d->places = places;
}

static inline void
multiply(struct mr_sum *to, const struct mr_sum *b)
{
	struct mr_decimal *d = &to->exact;

	to->x *= b->x;
	d->places += b->exact.places;
	to->known = to->known & b->known && d->places <= 15 &&
	    !__builtin_mul_overflow(d->n, b->exact.n, &d->n);
}

static bool
combine(int op, struct mr_sum *to, struct mr_sum *b)
{
	switch (op) {
	case '+': add(to, b); break;
	case '-':
		b->x = -b->x;
		b->exact.n = -b->exact.n;
		add(to, b);
		break;
	case '*': multiply(to, b); break;
	default:
		if (op != '/' || b->x == 0)
			return false;
		to->x /= b->x;
		to->known = false;
	}
	if (!to->known)
		to->exact = (struct mr_decimal){0, 0};
	return true;
}

static inline bool
operand(const struct mr_eval *e, const struct mr_pnode *n, struct mr_sum *out)
{
	const struct mr_val *v;

	if (n->op == MR_P_BINOP)
		return mr_plan_sum(e, n, out);
	out->known = true;
	if (n->op == MR_P_CONST) {
		out->exact = n->decimal;
	} else {
		v = &e->event->vals[n->slot];
		if (v->type != MR_NUMBER || !mr_decimal_read(v, &out->exact))
			return false;
	}
	out->x = mr_decimal_double(&out->exact);
	return true;
}

bool
mr_plan_sum(const struct mr_eval *e, const struct mr_pnode *n, struct mr_sum *out)
{
	struct mr_sum b;

	return n->sum && operand(e, n->a, out) && operand(e, n->b, &b) && combine(n->cmp, out, &b);
}

char *
mr_sum_put(char *to, const struct mr_sum *s)
{
	double x = fabs(s->x);
	uint64_t n = s->exact.n < 0 ? 0 - (uint64_t)s->exact.n : (uint64_t)s->exact.n;
	int places = (int)s->exact.places;

	if (!(x >= 1e-4)) /* jq has an exponent there */
		return NULL;
	*to = '-';
	to += s->x < 0;
	if (!s->known || n >= (uint64_t)MR_DECIMAL_MAX || mr_decimal_double(&s->exact) != s->x)
		if (!mr_num_fixed(x, &n, &places))
			return NULL;
	return mr_num_put(to, n, (unsigned)places);
}

/* A constant that arithmetic takes: its spelling in few digits. */
static bool
constant(struct mr_pnode *n)
{
	struct mr_buf text = MR_BUF_INIT;
	struct mr_val v = {.type = MR_NUMBER};
	bool ok;

	if (n->value.type != MR_NUMBER)
		return false;
	mr_value_write(&n->value, false, &text);
	v.len = text.len;
	mr_buf_grow(&text, 16); /* that are read */
	memset(text.at + text.len, 0, 16);
	v.at = text.at;
	ok = mr_decimal_read(&v, &n->decimal) &&
	    mr_decimal_double(&n->decimal) == mr_value_double(&n->value);
	mr_buf_release(&text);
	return ok;
}

static bool
takes(struct mr_pnode *n)
{
	return n->op == MR_P_SLOT || (n->op == MR_P_BINOP && n->sum) ||
	    (n->op == MR_P_CONST && constant(n));
}

void
mr_plan_note_sum(struct mr_pnode *n)
{
	n->sum = n->cmp != '%' && takes(n->a) && takes(n->b);
}
