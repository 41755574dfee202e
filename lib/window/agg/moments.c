/*
 * variance, stddev, and their _pop forms - of all the numbers, exactly, until
 * one rounding at the end.
 *
 *   variance = (n * sum(x^2) - sum(x)^2) / (n * (n - 1))
 *
 * In doubles this formula loses everything when the mean is large beside the
 * spread, which is why others use Welford's; in exact sums it is the shorter
 * one, and merges.  n * n below makes it that of a population.
 */
#include <math.h>

#include "json/num.h"
#include "window/agg/agg.h"
#include "window/agg/mpz.h"

/* The variance of what is within these is within the doubles. */
#define LIMIT 1e150

struct moments {
	struct mr_exact sum, squares;
	uint64_t count;
};

enum form { VARIANCE, STDDEV };

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	if (mr_exact_read(&in->num, in->val->at, in->val->len, err))
		return -1;
	if ((in->num.wide || in->num.scale < -100) &&
	    fabs(mr_num_double(in->val->at, in->val->len)) > LIMIT)
		return mr_err_set(err, MR_EX_DATA, "the number is beyond 1e+150");
	return 0;
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct moments *m = state;

	mr_exact_add(&m->sum, &in->num, held);
	mr_exact_add_square(&m->squares, &in->num, held);
	m->count++;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct moments *m = into;
	const struct moments *o = from;

	(void)arg;
	mr_exact_merge(&m->sum, &o->sum, held);
	mr_exact_merge(&m->squares, &o->squares, held);
	m->count += o->count;
}

/* The formula's two sides of `/` as integers; others: n - 1, or n. */
static void
fraction(const struct moments *m, uint64_t others, mpz_t above, mpz_t below)
{
	int scale, sum_scale, square_scale;
	mpz_t sum;

	mpz_init(sum);
	sum_scale = 2 * mr_mpz_exact(sum, &m->sum);
	mpz_mul(sum, sum, sum);
	square_scale = mr_mpz_exact(above, &m->squares);
	mpz_mul_ui(above, above, m->count);
	scale = sum_scale > square_scale ? sum_scale : square_scale;
	mr_mpz_shift10(sum, scale - sum_scale);
	mr_mpz_shift10(above, scale - square_scale);
	mpz_sub(above, above, sum);
	mpz_clear(sum);

	mpz_set_ui(below, m->count);
	mpz_mul_ui(below, below, others);
	if (scale > 0)
		mr_mpz_shift10(below, scale);
	else
		mr_mpz_shift10(above, -scale);
}

static int
write_form(const struct moments *m, uint64_t others, enum form form, struct mr_buf *out)
{
	mpz_t above, below;

	if (!m->count || !others) {
		mr_buf_adds(out, "null");
		return 0;
	}
	mpz_init(above);
	mpz_init(below);
	fraction(m, others, above, below);
	mr_num_write_double(out,
	    form == STDDEV ? mr_mpz_root(above, below) : mr_mpz_ratio(above, below));
	mpz_clear(above);
	mpz_clear(below);
	return 0;
}

static int
write_variance(const void *state, const struct mr_agg_out *of, struct mr_buf *out,
    struct mr_err *err)
{
	const struct moments *m = state;

	(void)of;
	(void)err;
	return write_form(m, m->count - 1, VARIANCE, out);
}

static int
write_stddev(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct moments *m = state;

	(void)of;
	(void)err;
	return write_form(m, m->count - 1, STDDEV, out);
}

static int
write_var_pop(const void *state, const struct mr_agg_out *of, struct mr_buf *out,
    struct mr_err *err)
{
	const struct moments *m = state;

	(void)of;
	(void)err;
	return write_form(m, m->count, VARIANCE, out);
}

static int
write_stddev_pop(const void *state, const struct mr_agg_out *of, struct mr_buf *out,
    struct mr_err *err)
{
	const struct moments *m = state;

	(void)of;
	(void)err;
	return write_form(m, m->count, STDDEV, out);
}

static void
release(void *state, size_t *held)
{
	struct moments *m = state;

	mr_exact_release(&m->sum, held);
	mr_exact_release(&m->squares, held);
	m->count = 0;
}

const struct mr_agg_type mr_agg_variance = {
    .name = "variance",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct moments),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write_variance,
    .release = release,
};

const struct mr_agg_type mr_agg_stddev = {
    .name = "stddev",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct moments),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write_stddev,
    .release = release,
};

const struct mr_agg_type mr_agg_var_pop = {
    .name = "var_pop",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct moments),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write_var_pop,
    .release = release,
};

const struct mr_agg_type mr_agg_stddev_pop = {
    .name = "stddev_pop",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct moments),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write_stddev_pop,
    .release = release,
};
