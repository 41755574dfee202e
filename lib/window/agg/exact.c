/*
 * exact - decimal sums in 128 bits, in GMP past that.
 *
 * The scale of a sum only grows, to the largest of its inputs: bringing an
 * input to it is one multiplication, and bringing the sum to a new scale, the
 * costly case, happens a few times in the life of a group.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/num.h"
#include "window/agg/exact.h"
#include "window/agg/mpz.h"

#define SMALL_MAX ((__int128)(((unsigned __int128)1 << 127) - 1))
#define POW10_64 18 /* 10^18 is the last power in 63 bits */

struct mr_exact_big {
	mpz_t m;
};

static const int64_t pow10_64[POW10_64 + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

/* Up to 18 digits and a point, the numbers that data is made of. */
static bool
read_plain(struct mr_exact_num *num, const char *at, size_t len)
{
	size_t i = *at == '-', point = len - 1;
	int64_t m = 0;

	if (len - i > POW10_64)
		return false;
	for (; i < len; i++) {
		unsigned digit = (unsigned char)at[i] - '0';

		if (digit <= 9)
			m = m * 10 + digit;
		else if (at[i] == '.')
			point = i;
		else
			return false;
	}
	num->m = *at == '-' ? -m : m;
	num->scale = (int)(len - 1 - point);
	num->wide = 0;
	return true;
}

int
mr_exact_read_long(struct mr_exact_num *num, const char *at, size_t len, struct mr_err *err)
{
	struct mr_digits *d = &num->digits;
	struct mr_dec dec;

	if (read_plain(num, at, len))
		return 0;
	if (mr_digits_read(d, at, len) || d->scale > MR_EXACT_SCALE || d->scale < -MR_EXACT_SCALE)
		return mr_err_set(err, MR_EX_DATA, "the number's exponent is beyond %d",
		    MR_EXACT_SCALE);
	if (d->n > MR_EXACT_DIGITS)
		return mr_err_set(err, MR_EX_DATA, "the number has more than %d digits",
		    MR_EXACT_DIGITS);
	num->m = 0;
	num->scale = (int)d->scale;
	num->wide = d->n != 0;
	if (num->wide && mr_num_dec(at, len, &dec)) {
		num->m = dec.mantissa;
		num->scale = dec.scale;
		num->wide = 0;
	}
	return 0;
}

static __int128
small(const struct mr_exact *x)
{
	return (__int128)((unsigned __int128)(uint64_t)x->hi << 64 | x->lo);
}

static void
set_small(struct mr_exact *x, __int128 m, int scale)
{
	x->lo = (uint64_t)m;
	x->hi = (int64_t)(m >> 64);
	x->scale = scale;
	x->form = MR_EXACT_SMALL;
}

/* *m *= 10^by, unless it overflows. */
static bool
shift_small(__int128 *m, int by)
{
	if (*m == 0)
		return true;
	while (by > 0) {
		int step = by < POW10_64 ? by : POW10_64;
		__int128 p = pow10_64[step];

		/* 63 bits times 60 always fit: no division on the common path */
		if ((*m > INT64_MAX || *m < -INT64_MAX) &&
		    (*m > SMALL_MAX / p || *m < -(SMALL_MAX / p)))
			return false;
		*m *= p;
		by -= step;
	}
	return true;
}

static bool
add_small(struct mr_exact *x, const struct mr_exact_num *num)
{
	__int128 sum = small(x), m = num->m;
	int scale = x->scale;

	if (num->scale < scale && !shift_small(&m, scale - num->scale))
		return false;
	if (num->scale > scale) {
		if (!shift_small(&sum, num->scale - scale))
			return false;
		scale = num->scale;
	}
	if (__builtin_add_overflow(sum, m, &sum))
		return false;
	set_small(x, sum, scale);
	return true;
}

static void
set_num(mpz_t z, const struct mr_exact_num *num)
{
	char digits[MR_EXACT_DIGITS + 1];

	if (!num->wide) {
		mr_mpz_int128(z, num->m);
		return;
	}
	mr_digits_copy(&num->digits, digits);
	digits[num->digits.n] = '\0';
	mpz_set_str(z, digits, 10);
	if (num->digits.negative)
		mpz_neg(z, z);
}

static size_t
big_bytes(const struct mr_exact *x)
{
	if (x->form != MR_EXACT_BIG)
		return 0;
	return sizeof *x->big + mpz_size(x->big->m) * sizeof(mp_limb_t);
}

static void
make_big(struct mr_exact *x)
{
	__int128 m = small(x);

	x->big = mr_xmalloc(sizeof *x->big);
	mpz_init(x->big->m);
	mr_mpz_int128(x->big->m, m);
	x->form = MR_EXACT_BIG;
}

/* x += m * 10^-scale; m is spoiled. */
static void
add_big(struct mr_exact *x, mpz_t m, int scale, size_t *held)
{
	size_t before = big_bytes(x);

	if (x->form == MR_EXACT_SMALL)
		make_big(x);
	if (scale < x->scale)
		mr_mpz_shift10(m, x->scale - scale);
	if (scale > x->scale) {
		mr_mpz_shift10(x->big->m, scale - x->scale);
		x->scale = scale;
	}
	mpz_add(x->big->m, x->big->m, m);
	*held += big_bytes(x) - before;
}

void
mr_exact_add_any(struct mr_exact *x, const struct mr_exact_num *num, size_t *held)
{
	mpz_t m;

	if (x->form == MR_EXACT_NONE)
		set_small(x, 0, num->wide ? 0 : num->scale);
	if (x->form == MR_EXACT_SMALL && !num->wide && add_small(x, num))
		return;
	mpz_init(m);
	set_num(m, num);
	add_big(x, m, num->scale, held);
	mpz_clear(m);
}

void
mr_exact_add_square(struct mr_exact *x, const struct mr_exact_num *num, size_t *held)
{
	struct mr_exact_num square = {.scale = 2 * num->scale};
	mpz_t m;

	if (!num->wide && num->m <= INT64_MAX && num->m >= -INT64_MAX) {
		square.m = num->m * num->m;
		mr_exact_add(x, &square, held);
		return;
	}
	if (x->form == MR_EXACT_NONE)
		set_small(x, 0, 0);
	mpz_init(m);
	set_num(m, num);
	mpz_mul(m, m, m);
	add_big(x, m, square.scale, held);
	mpz_clear(m);
}

void
mr_exact_merge(struct mr_exact *into, const struct mr_exact *from, size_t *held)
{
	struct mr_exact_num num = {.scale = from->scale};
	mpz_t m;

	if (from->form == MR_EXACT_SMALL) {
		num.m = small(from);
		mr_exact_add(into, &num, held);
	} else if (from->form == MR_EXACT_BIG) {
		if (into->form == MR_EXACT_NONE)
			set_small(into, 0, from->scale);
		mpz_init_set(m, from->big->m);
		add_big(into, m, from->scale, held);
		mpz_clear(m);
	}
}

static void
write_big(const struct mr_exact *x, struct mr_buf *out)
{
	const __mpz_struct *m = x->big->m;
	char *text = mpz_get_str(mr_xmalloc(mpz_sizeinbase(m, 10) + 2), 10, m);
	char *digits = text + (*text == '-');
	size_t len = strlen(digits), whole, scale = x->scale > 0 ? (size_t)x->scale : 0;

	if (*text == '-')
		mr_buf_addc(out, '-');
	whole = len > scale ? len - scale : 0;
	if (whole)
		mr_buf_add(out, digits, whole);
	else
		mr_buf_addc(out, '0');
	if (mpz_sgn(m))
		for (int i = x->scale; i < 0; i++)
			mr_buf_addc(out, '0');
	while (len > whole && digits[len - 1] == '0')
		len--;
	if (len > whole) {
		mr_buf_addc(out, '.');
		for (size_t i = strlen(digits); i < scale; i++)
			mr_buf_addc(out, '0');
		mr_buf_add(out, digits + whole, len - whole);
	}
	free(text);
}

void
mr_exact_write(const struct mr_exact *x, struct mr_buf *out)
{
	struct mr_dec dec;

	switch (x->form) {
	case MR_EXACT_NONE: mr_buf_adds(out, "null"); break;
	case MR_EXACT_SMALL:
		dec.mantissa = small(x);
		dec.scale = dec.mantissa ? x->scale : 0;
		mr_num_write_dec(out, &dec);
		break;
	case MR_EXACT_BIG: write_big(x, out); break;
	}
}

int
mr_mpz_exact(mpz_t z, const struct mr_exact *x)
{
	if (x->form == MR_EXACT_BIG)
		mpz_set(z, x->big->m);
	else
		mr_mpz_int128(z, small(x));
	return x->scale;
}

static double
mean_big(const struct mr_exact *x, uint64_t count)
{
	mpz_t n, d;
	double mean;

	mpz_init(n);
	mpz_init(d);
	mr_mpz_exact(n, x);
	mr_mpz_int128(d, (__int128)count);
	if (x->scale > 0)
		mr_mpz_shift10(d, x->scale);
	else
		mr_mpz_shift10(n, -x->scale);
	mean = mr_mpz_ratio(n, d);
	mpz_clear(n);
	mpz_clear(d);
	return mean;
}

double
mr_exact_mean(const struct mr_exact *x, uint64_t count)
{
	const int64_t exact = (int64_t)1 << 53; /* whole doubles up to here */

	if (x->form == MR_EXACT_SMALL && x->scale >= 0 && x->scale <= 15 &&
	    count <= (uint64_t)exact) {
		__int128 m = small(x), d = (__int128)count * pow10_64[x->scale];

		/* both exact: the one rounding is the division's */
		if (m <= exact && m >= -exact && d <= exact)
			return m ? (double)m / (double)d : 0;
	}
	return mean_big(x, count);
}

void
mr_exact_release(struct mr_exact *x, size_t *held)
{
	if (x->form == MR_EXACT_BIG) {
		*held -= big_bytes(x);
		mpz_clear(x->big->m);
		free(x->big);
	}
	*x = (struct mr_exact){0};
}
