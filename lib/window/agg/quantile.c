/*
 * quantile, median - by linear interpolation between the two values beside the
 * place q * (n - 1), as SQL's percentile_cont has it.
 *
 * Up to 1000 values a group are kept, past that a sketch of them; which it is
 * depends on how many there are alone.  Values are doubles; the interpolation
 * is exact between their shortest decimals, and rounded once: half way from
 * 0.1 to 0.2 is 0.15 and not a digit more.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/num.h"
#include "window/agg/agg.h"
#include "window/agg/mpz.h"
#include "window/agg/sketch.h"

#define KEPT_MAX 1000
#define KEPT_FIRST 4
#define ONE INT64_C(1000000000000000000) /* what 1 is in the argument */
#define ONE_DIGITS 18

struct quantile {
	uint64_t n;
	union {
		double *kept; /* in any order; room for the next power of two above n */
		struct mr_sketch *sketch;
	};
};

static int
argument(struct mr_agg_arg *arg, const char *text, struct mr_err *err)
{
	const char *at;
	int64_t unit = ONE;
	bool digits;

	if (!text)
		return mr_err_set(err, MR_EX_USAGE, "a number is missing: quantile(.field; 0.95)");
	at = text + strspn(text, "0");
	arg->n = *at == '1' ? ONE : 0;
	at += *at == '1';
	digits = at > text;
	if (*at == '.') {
		digits = false;
		for (at++; *at >= '0' && *at <= '9' && unit > 1; at++, digits = true)
			arg->n += (*at - '0') * (unit /= 10);
	}
	if (digits && !*at && arg->n <= ONE)
		return 0;
	return mr_err_set(err, MR_EX_USAGE, "'%s' is no number from 0 to 1%s", text,
	    unit == 1 ? " of up to 18 digits" : "");
}

static size_t
room_for(uint64_t n)
{
	size_t room = KEPT_FIRST;

	while (room < n)
		room *= 2;
	return n ? room : 0;
}

static size_t
bytes(const struct quantile *s)
{
	return s->n > KEPT_MAX ? mr_sketch_bytes(s->sketch) : room_for(s->n) * sizeof *s->kept;
}

static void
sketch_kept(struct quantile *s)
{
	struct mr_sketch *sketch = mr_sketch_new();

	for (uint64_t i = 0; i < s->n; i++)
		mr_sketch_add(sketch, s->kept[i]);
	if (s->n)
		free(s->kept);
	s->sketch = sketch;
}

static void
add_number(struct quantile *s, double x)
{
	if (s->n == KEPT_MAX)
		sketch_kept(s);
	if (s->n >= KEPT_MAX) {
		mr_sketch_add(s->sketch, x);
	} else {
		if (s->n == room_for(s->n))
			s->kept = mr_xrealloc(s->kept, room_for(s->n + 1) * sizeof *s->kept);
		s->kept[s->n] = x;
	}
	s->n++;
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	size_t before = bytes(state);

	add_number(state, in->number);
	*held += bytes(state) - before;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct quantile *s = into;
	const struct quantile *o = from;
	size_t before = bytes(s);

	(void)arg;
	if (o->n <= KEPT_MAX) {
		for (uint64_t i = 0; i < o->n; i++)
			add_number(s, o->kept[i]);
	} else {
		if (s->n <= KEPT_MAX)
			sketch_kept(s);
		mr_sketch_merge(s->sketch, o->sketch);
		s->n += o->n;
	}
	*held += bytes(s) - before;
}

/* Put the value of rank k at its place, what is less before it (Hoare's FIND). */
static void
select_rank(double *x, int n, int k)
{
	int left = 0, right = n - 1;

	while (left < right) {
		double pivot = x[k], swap;
		int i = left, j = right;

		while (i <= j) {
			while (x[i] < pivot)
				i++;
			while (x[j] > pivot)
				j--;
			if (i > j)
				break;
			swap = x[i];
			x[i++] = x[j];
			x[j--] = swap;
		}
		if (j < k)
			left = i;
		if (k < i)
			right = j;
	}
}

/* The values of ranks k and k + 1, or twice the last one. */
static void
kept_at(const struct quantile *s, uint64_t k, double pair[2])
{
	double *x = mr_xmalloc(s->n * sizeof *x);

	memcpy(x, s->kept, s->n * sizeof *x);
	select_rank(x, (int)s->n, (int)k);
	pair[0] = pair[1] = x[k];
	if (k + 1 < s->n)
		pair[1] = x[k + 1];
	for (uint64_t i = k + 2; i < s->n; i++)
		if (x[i] < pair[1])
			pair[1] = x[i];
	free(x);
}

/* x is z * 10^-scale, by its shortest decimal.  Return: scale. */
static int
read_decimal(mpz_t z, double x)
{
	char digits[20 + 1];
	int n, point;

	mpz_set_ui(z, 0);
	if (x == 0)
		return 0;
	n = mr_num_shortest(fabs(x), digits, &point);
	digits[n] = '\0';
	mpz_set_str(z, digits, 10);
	if (x < 0)
		mpz_neg(z, z);
	return n - point;
}

/* a + (b - a) * part / ONE */
static double
between(double a, double b, int64_t part)
{
	int a_scale, b_scale, scale;
	mpz_t za, zb, below;
	double x;

	mpz_init(za);
	mpz_init(zb);
	mpz_init(below);
	a_scale = read_decimal(za, a);
	b_scale = read_decimal(zb, b);
	scale = a_scale > b_scale ? a_scale : b_scale;
	mr_mpz_shift10(za, scale - a_scale);
	mr_mpz_shift10(zb, scale - b_scale);
	mpz_sub(zb, zb, za);
	mr_mpz_shift10(za, ONE_DIGITS);
	mpz_addmul_ui(za, zb, (unsigned long)part);
	mpz_set_ui(below, 1);
	mr_mpz_shift10(scale + ONE_DIGITS < 0 ? za : below, abs(scale + ONE_DIGITS));
	x = mr_mpz_ratio(za, below);
	mpz_clear(za);
	mpz_clear(zb);
	mpz_clear(below);
	return x;
}

static int
write_part(const struct quantile *s, int64_t q, struct mr_buf *out)
{
	unsigned __int128 place;
	uint64_t k;
	double pair[2], x;

	if (!s->n) {
		mr_buf_adds(out, "null");
		return 0;
	}
	place = (unsigned __int128)q * (s->n - 1);
	k = (uint64_t)(place / ONE);
	if (s->n <= KEPT_MAX) {
		kept_at(s, k, pair);
	} else {
		pair[0] = mr_sketch_at(s->sketch, k);
		pair[1] = mr_sketch_at(s->sketch, k + 1 < s->n ? k + 1 : k);
	}
	x = pair[0] == pair[1] ? pair[0] : between(pair[0], pair[1], (int64_t)(place % ONE));
	mr_num_write_double(out, x == 0 ? 0 : x);
	return 0;
}

static int
write_quantile(const void *state, const struct mr_agg_out *of, struct mr_buf *out,
    struct mr_err *err)
{
	(void)err;
	return write_part(state, of->arg->n, out);
}

static int
write_median(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	(void)of;
	(void)err;
	return write_part(state, ONE / 2, out);
}

static void
release(void *state, size_t *held)
{
	struct quantile *s = state;

	*held -= bytes(s);
	if (s->n > KEPT_MAX)
		mr_sketch_free(s->sketch);
	else if (s->n)
		free(s->kept);
	*s = (struct quantile){0};
}

const struct mr_agg_type mr_agg_quantile = {
    .name = "quantile",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct quantile),
    .argument = argument,
    .read = mr_agg_read_double,
    .add = add,
    .merge = merge,
    .write = write_quantile,
    .release = release,
};

const struct mr_agg_type mr_agg_median = {
    .name = "median",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct quantile),
    .read = mr_agg_read_double,
    .add = add,
    .merge = merge,
    .write = write_median,
    .release = release,
};
