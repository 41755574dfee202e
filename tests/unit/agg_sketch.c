/*
 * The sketches: their errors are measured on random distributions and are
 * within what is promised.
 */
#include <math.h>

#include "agg.h"
#include "window/agg/hll.h"
#include "window/agg/sketch.h"

/* Steele, Lea, Flood 2014, SplitMix64: from a counter, so that hashes differ. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static double
uniform(void)
{
	return (double)(1 + unit_draw((uint64_t)1 << 53)) / 9007199254740993.0; /* in (0, 1) */
}

static double
normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static double
any_double(void)
{
	uint64_t bits;
	double x;

	do {
		bits = mix(unit_draw(UINT64_MAX));
		memcpy(&x, &bits, sizeof x);
	} while (!isfinite(x) || fabs(x) < 2.2250738585072014e-308);
	return x;
}

static double
draw(int distribution)
{
	switch (distribution) {
	case 0: return uniform();
	case 1: return 1000 * normal();
	case 2: return exp(3 * normal());
	case 3: return 1 / (uniform() * uniform());	/* tails without a mean */
	case 4: return -log(uniform());
	case 5: return floor(20 * uniform()) - 10;	/* few values, some negative, some zero */
	case 6: return 1e6 + uniform();			/* all in one bucket */
	case 7: return ldexp(1 + (double)unit_draw(64) / 64, (int)unit_draw(20)); /* bounds of buckets */
	default: return any_double();
	}
}

#define DISTRIBUTIONS 9

static int
cmp_doubles(const void *va, const void *vb)
{
	double a = *(const double *)va, b = *(const double *)vb;

	return (a > b) - (a < b);
}

static void
sketch_is_within_its_error(void)
{
	enum { N = 5000 };
	static double x[N];

	for (int d = 0; d < DISTRIBUTIONS; d++) {
		struct mr_sketch *s = mr_sketch_new();
		double worst = 0;

		for (int i = 0; i < N; i++)
			mr_sketch_add(s, x[i] = draw(d));
		qsort(x, N, sizeof *x, cmp_doubles);
		for (uint64_t i = 0; i < N; i++) {
			double got = mr_sketch_at(s, i), off = fabs(got - x[i]);

			CHECK(off <= fabs(x[i]) * MR_SKETCH_ERROR);
			CHECK(i == 0 || got >= mr_sketch_at(s, i - 1));
			if (x[i] != 0 && off / fabs(x[i]) > worst)
				worst = off / fabs(x[i]);
		}
		CHECK(mr_sketch_at(s, 0) == x[0]);
		CHECK(mr_sketch_at(s, N - 1) == x[N - 1]);
		printf("# distribution %d: off by %.4f %% at most, %zu bytes\n", d, 100 * worst,
		    mr_sketch_bytes(s));
		mr_sketch_free(s);
	}
}

/* The aggregate past its bound: between two values of one sign, within the error of both. */
static void
quantile_is_within_its_error(void)
{
	enum { N = 3000 };
	static double x[N];
	static const char *const parts[] = {"0", "0.01", "0.1", "0.25", "0.5", "0.75", "0.9", "0.99",
	    "0.999", "1"};

	for (int d = 0; d < DISTRIBUTIONS; d++)
		for (size_t q = 0; q < sizeof parts / sizeof *parts; q++) {
			double place = strtod(parts[q], NULL) * (N - 1), want, got;
			size_t k = (size_t)place;
			char text[40];
			struct pane p;

			pane_init_with(&p, &mr_agg_quantile, parts[q]);
			for (int i = 0; i < N; i++) {
				x[i] = draw(d);
				snprintf(text, sizeof text, "%.17g", x[i]);
				CHECK(pane_add(&p, text) == 0);
			}
			qsort(x, N, sizeof *x, cmp_doubles);
			want = x[k];
			if (k + 1 < N)
				want += (x[k + 1] - x[k]) * (place - (double)k);
			got = strtod(pane_text(&p), NULL);
			if (x[k] * x[k + (k + 1 < N)] >= 0)
				CHECK(fabs(got - want) <= fabs(want) * (MR_SKETCH_ERROR + 1e-9));
			pane_release(&p);
		}
}

/* Numbers too small to be normal are zeros; infinities never come. */
static void
sketch_at_the_edges(void)
{
	static const double edges[] = {-1.7976931348623157e308, -1, -2.2250738585072014e-308, -5e-324,
	    0, 5e-324, 2.2250738585072014e-308, 1, 1.7976931348623157e308};
	struct mr_sketch *s = mr_sketch_new();

	for (int i = 0; i < 9; i++)
		mr_sketch_add(s, edges[i]);
	for (uint64_t i = 0; i < 9; i++)
		CHECK(fabs(mr_sketch_at(s, i) - edges[i]) <=
		    fabs(edges[i]) * MR_SKETCH_ERROR + (fabs(edges[i]) < 1e-310 ? 1e-310 : 0));
	mr_sketch_free(s);
}

/* Root of the mean square of the errors, and the largest, of many sets of n. */
static void
measure(uint64_t n, int sets)
{
	struct mr_hll *h = calloc(1, sizeof *h);
	double squares = 0, worst = 0, sum = 0, rms;

	for (int s = 0; s < sets; s++) {
		uint64_t base = unit_draw(UINT64_MAX);
		double off;

		memset(h, 0, sizeof *h);
		for (uint64_t i = 0; i < n; i++)
			mr_hll_add(h, mix(base + i));
		off = ((double)mr_hll_count(h) - (double)n) / (double)n;
		sum += off;
		squares += off * off;
		worst = fabs(off) > worst ? fabs(off) : worst;
	}
	rms = sqrt(squares / sets);
	printf("# %llu values, %d sets: standard error %.3f %%, mean %+.3f %%, most %.2f %%\n",
	    (unsigned long long)n, sets, 100 * rms, 100 * sum / sets, 100 * worst);
	/* 4 standard errors of what is measured; each set alone within 5.5 */
	CHECK(rms <= MR_HLL_ERROR * (1 + 4 / sqrt(2.0 * sets)));
	CHECK(fabs(sum / sets) <= MR_HLL_ERROR * 4 / sqrt(sets));
	CHECK(worst <= MR_HLL_ERROR * 5.5);
	free(h);
}

static void
distinct_is_within_its_error(void)
{
	/* below 1001 values none is estimated */
	measure(1001, 300);
	measure(5000, 300);
	measure(16384, 300);
	measure(40000, 200);
	measure(300000, 50);
	measure(5000000, 4);
}

/* From JSON to the estimate: what is hashed is spread well enough. */
static void
distinct_of_strings_and_numbers(void)
{
	static const char *const before[] = {"", "\"user-", "{\"id\":"};
	static const char *const behind[] = {"", "\"", "}"};

	for (int form = 0; form < 3; form++) {
		const int n = 30000;
		struct pane p;
		char text[40];
		double off;

		pane_init(&p, &mr_agg_distinct);
		for (int i = 0; i < 2 * n; i++) {
			snprintf(text, sizeof text, "%s%d%s", before[form], i % n, behind[form]);
			CHECK(pane_add(&p, text) == 0);
		}
		off = (strtod(pane_text(&p), NULL) - n) / n;
		printf("# %d values: off by %+.2f %%\n", n, 100 * off);
		CHECK(fabs(off) <= MR_HLL_ERROR * 5);
		CHECK_INT(p.held, sizeof(struct mr_hll));
		pane_release(&p);
	}
}

int
main(void)
{
	unit_seed(20261121);
	RUN(sketch_is_within_its_error);
	RUN(quantile_is_within_its_error);
	RUN(sketch_at_the_edges);
	RUN(distinct_is_within_its_error);
	RUN(distinct_of_strings_and_numbers);
	return unit_done();
}
