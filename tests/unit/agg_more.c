/*
 * The aggregates beyond sums: spreads and quantiles against rational
 * arithmetic, the others against obvious ones, and their arguments.
 */
#include <math.h>

#include "agg.h"
#include "window/agg/mpz.h"

static void
arguments_are_checked(void)
{
	static const struct { const struct mr_agg_type *type; const char *bad, *words; } cases[] = {
		{&mr_agg_quantile, NULL, "a number is missing: quantile(.field; 0.95)"},
		{&mr_agg_quantile, "", "'' is no number from 0 to 1"},
		{&mr_agg_quantile, ".", "'.' is no number from 0 to 1"},
		{&mr_agg_quantile, "1.01", "'1.01' is no number from 0 to 1"},
		{&mr_agg_quantile, "2", "'2' is no number from 0 to 1"},
		{&mr_agg_quantile, "11", "'11' is no number from 0 to 1"},
		{&mr_agg_quantile, "-0.5", "'-0.5' is no number from 0 to 1"},
		{&mr_agg_quantile, "95%", "'95%' is no number from 0 to 1"},
		{&mr_agg_quantile, "0.5x", "'0.5x' is no number from 0 to 1"},
		{&mr_agg_quantile, "0.1234567890123456789",
		    "'0.1234567890123456789' is no number from 0 to 1 of up to 18 digits"},
		{&mr_agg_top, NULL, "a number is missing: top(.field; 3)"},
		{&mr_agg_top, "0", "'0' is no whole number from 1 to 10000"},
		{&mr_agg_top, "10001", "'10001' is no whole number from 1 to 10000"},
		{&mr_agg_top, "-1", "'-1' is no whole number from 1 to 10000"},
		{&mr_agg_top, "3.5", "'3.5' is no whole number from 1 to 10000"},
		{&mr_agg_top, "99999999999999999999", "'99999999999999999999' is no whole number from 1 to 10000"},
		{&mr_agg_collect, "0", "'0' is no whole number from 1 to 1000000"},
		{&mr_agg_collect, "", "'' is no whole number from 1 to 1000000"},
		{&mr_agg_rate, NULL, "a length of time is missing: rate(per 1m)"},
		{&mr_agg_rate, "per 0s", "'0s' is no length of time"},
	};
	static const struct { const char *text; int64_t n; } good[] = {
		{"0", 0}, {"1", 1000000000000000000}, {"0.95", 950000000000000000}, {".5", 500000000000000000},
		{"1.0", 1000000000000000000}, {"0.000000000000000001", 1}, {"000.25", 250000000000000000},
	};
	struct mr_agg_arg arg;
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(cases[i].type->argument(&arg, cases[i].bad, &err) < 0);
		CHECK_INT(err.status, MR_EX_USAGE);
		CHECK_STR(err.text, cases[i].words);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		CHECK(mr_agg_quantile.argument(&arg, good[i].text, &err) == 0);
		CHECK_INT(arg.n, good[i].n);
	}
	CHECK(mr_agg_collect.argument(&arg, NULL, &err) == 0);
	CHECK_INT(arg.n, 1000);
	CHECK(mr_agg_rate.argument(&arg, "per 1m", &err) == 0);
	CHECK_INT(arg.ms, 60000);
	CHECK(mr_agg_rate.argument(&arg, "1h30m", &err) == 0);
	CHECK_INT(arg.ms, 5400000);
	CHECK(mr_agg_rate.argument(&arg, "per nothing", &err) < 0);
	CHECK_INT(err.status, MR_EX_USAGE);
}

static void
spreads(void)
{
	CHECK_STR(aggregate(&mr_agg_variance, ""), "null");
	CHECK_STR(aggregate(&mr_agg_variance, "7"), "null");
	CHECK_STR(aggregate(&mr_agg_stddev, "7"), "null");
	CHECK_STR(aggregate(&mr_agg_var_pop, ""), "null");
	CHECK_STR(aggregate(&mr_agg_var_pop, "7"), "0");
	CHECK_STR(aggregate(&mr_agg_stddev_pop, "7"), "0");
	CHECK_STR(aggregate(&mr_agg_variance, "1 2 3 4"), "1.6666666666666667");
	CHECK_STR(aggregate(&mr_agg_var_pop, "1 2 3 4"), "1.25");
	CHECK_STR(aggregate(&mr_agg_stddev, "2 4 4 4 5 5 7 9"), "2.138089935299395");
	CHECK_STR(aggregate(&mr_agg_stddev_pop, "2 4 4 4 5 5 7 9"), "2");
	CHECK_STR(aggregate(&mr_agg_variance, "0.1 0.1 0.1"), "0");
	/* where doubles see no spread at all */
	CHECK_STR(aggregate(&mr_agg_variance, "1000000000000000000001 1000000000000000000002 1000000000000000000003"),
	    "1");
	CHECK_STR(aggregate(&mr_agg_stddev_pop, "1e30 -1e30"), "1e+30");
	CHECK_STR(aggregate(&mr_agg_stddev, "1e150 -1e150"), "1.414213562373095e+150");
	CHECK_STR(aggregate(&mr_agg_stddev_pop, "1e-300 -1e-300"), "1e-300");
	CHECK_STR(aggregate(&mr_agg_var_pop, "2e-162 -2e-162"), "5e-324");	/* 4e-324 */
}

static void
spreads_have_bounds(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct pane p;

	pane_init(&p, &mr_agg_stddev);
	CHECK(pane_add(&p, "1e150") == 0);
	CHECK(pane_add(&p, "-1e150") == 0);
	CHECK(pane_add_at(&p, "1.1e150", 0, &err) < 0);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK_STR(err.text, "stddev: the number is beyond 1e+150");
	CHECK(pane_add(&p, "\"1\"") < 0);
	pane_release(&p);
}

/* Is `got` the nearest double to the root of x?  Between the squares of the halves beside it. */
static int
is_root(double got, const mpq_t x)
{
	mpq_t low, high, t;
	int ok;

	if (mpq_sgn(x) == 0)
		return got == 0;
	mpq_init(low);
	mpq_init(high);
	mpq_init(t);
	mpq_set_d(t, got);
	mpq_set_d(low, nextafter(got, 0));
	mpq_set_d(high, nextafter(got, INFINITY));
	mpq_add(low, low, t);
	mpq_add(high, high, t);
	mpq_mul(low, low, low);
	mpq_mul(high, high, high);
	mpq_mul_2exp(t, x, 2); /* the halves are still sums */
	ok = mpq_cmp(low, t) <= 0 && mpq_cmp(t, high) <= 0;
	mpq_clear(low);
	mpq_clear(high);
	mpq_clear(t);
	return ok;
}

/* Roots half way between two doubles, and a hair beside that. */
static void
roots_near_ties(void)
{
	for (int i = 0; i < 3000 && !unit_bad; i++) {
		/* 54 bits, the last one set: between two doubles */
		uint64_t m = ((uint64_t)1 << 53) + 2 * unit_draw((uint64_t)1 << 52) + 1, even = m - 1;
		int beside = (int)unit_draw(3) - 1, by = (int)unit_draw(60);
		double want;
		mpz_t n, d;

		even += m % 4 == 3 ? 2 : 0;
		want = (double)(beside < 0 ? m - 1 : beside > 0 ? m + 1 : even);
		mpz_init_set_ui(n, m);
		mpz_init_set_ui(d, 1);
		mpz_mul(n, n, n);
		mr_mpz_shift10(n, by);
		mr_mpz_shift10(d, by);
		if (beside < 0)
			mpz_sub_ui(n, n, 1);
		else
			mpz_add_ui(n, n, (unsigned long)beside);
		CHECK(mr_mpz_root(n, d) == want);
		mpz_clear(n);
		mpz_clear(d);
	}
}

/* sum((x - mean)^2) / n, the definition, in rationals. */
static void
slow_variance(mpq_t var, mpq_t *x, size_t n, size_t others)
{
	mpq_t mean, d;

	mpq_init(mean);
	mpq_init(d);
	for (size_t i = 0; i < n; i++)
		mpq_add(mean, mean, x[i]);
	mpq_set_ui(d, n, 1);
	mpq_div(mean, mean, d);
	mpq_set_ui(var, 0, 1);
	for (size_t i = 0; i < n; i++) {
		mpq_sub(d, x[i], mean);
		mpq_mul(d, d, d);
		mpq_add(var, var, d);
	}
	mpq_set_ui(d, others, 1);
	mpq_div(var, var, d);
	mpq_clear(mean);
	mpq_clear(d);
}

static void
spreads_of_random_lists(void)
{
	enum { LONG = 20 };
	static const struct mr_agg_type *const types[] = {&mr_agg_variance, &mr_agg_var_pop,
	    &mr_agg_stddev, &mr_agg_stddev_pop};

	for (int l = 0; l < 2000 && !unit_bad; l++) {
		size_t n = 2 + unit_draw(LONG - 1);
		struct pane p[4];
		mpq_t x[LONG], var;
		char room[80];

		mpq_init(var);
		for (int t = 0; t < 4; t++)
			pane_init(&p[t], types[t]);
		for (size_t i = 0; i < n; i++) {
			mpq_init(x[i]);
			do
				random_number(room);
			while (fabs(strtod(room, NULL)) > 1e150);
			set_decimal(x[i], room);
			for (int t = 0; t < 4; t++)
				CHECK(pane_add(&p[t], room) == 0);
		}
		for (int t = 0; t < 4; t++) {
			double got = strtod(pane_text(&p[t]), NULL);

			slow_variance(var, x, n, t % 2 ? n : n - 1);
			CHECK(t < 2 ? is_rounded(got, var) : is_root(got, var));
			pane_release(&p[t]);
		}
		for (size_t i = 0; i < n; i++)
			mpq_clear(x[i]);
		mpq_clear(var);
	}
}

static void
quantiles(void)
{
	CHECK_STR(aggregate(&mr_agg_median, ""), "null");
	CHECK_STR(aggregate(&mr_agg_median, "7"), "7");
	CHECK_STR(aggregate(&mr_agg_median, "0.2 0.1"), "0.15");
	CHECK_STR(aggregate(&mr_agg_median, "3 1 2"), "2");
	CHECK_STR(aggregate(&mr_agg_median, "4 1 3 2"), "2.5");
	CHECK_STR(aggregate(&mr_agg_median, "-0.0 0"), "0");
	CHECK_STR(aggregate(&mr_agg_median, "-0.0"), "0");
	CHECK_STR(aggregate(&mr_agg_median, "-1 1"), "0");
	CHECK_STR(aggregate(&mr_agg_median, "1e308 1.7e308"), "1.35e+308");
	CHECK_STR(aggregate(&mr_agg_median, "-1.7e308 1.7e308"), "0");
	CHECK_STR(aggregate(&mr_agg_median, "5e-324 1e300"), "5e+299");
	CHECK_STR(aggregate_with(&mr_agg_quantile, "0", "3 1 2"), "1");
	CHECK_STR(aggregate_with(&mr_agg_quantile, "1", "3 1 2"), "3");
	CHECK_STR(aggregate_with(&mr_agg_quantile, "0.25", "1 2 3 4"), "1.75");
	CHECK_STR(aggregate_with(&mr_agg_quantile, "0.95", "10 20 30"), "29");
	CHECK_STR(aggregate_with(&mr_agg_quantile, "0.9", "1.1 2.2"), "2.09");
}

static int
cmp_mpq(const void *a, const void *b)
{
	return mpq_cmp(*(const mpq_t *)a, *(const mpq_t *)b);
}

/* Decimals of up to 15 digits: exact, and rounded once. */
static void
quantiles_of_random_lists(void)
{
	for (int l = 0; l < 400 && !unit_bad; l++) {
		size_t n = 1 + unit_draw(l % 10 ? 30 : 1000);
		mpq_t *x = calloc(n, sizeof *x), q, place, whole, d;
		uint64_t many = l % 3 ? 1000000 : 5; /* or mostly equal ones */
		char text[64], argument[64];
		mpz_t k;
		struct pane p;

		snprintf(argument, sizeof argument, "0.%06d", (int)unit_draw(1000000));
		pane_init_with(&p, &mr_agg_quantile, argument);
		for (size_t i = 0; i < n; i++) {
			mpq_init(x[i]);
			snprintf(text, sizeof text, "%s%llu.%0*llu", unit_draw(2) ? "-" : "",
			    (unsigned long long)unit_draw(many), 1 + (int)unit_draw(8),
			    (unsigned long long)unit_draw(10));
			set_decimal(x[i], text);
			CHECK(pane_add(&p, text) == 0);
		}
		qsort(x, n, sizeof *x, cmp_mpq);
		mpq_inits(q, place, whole, d, NULL);
		mpz_init(k);
		set_decimal(q, argument);
		mpq_set_ui(place, n - 1, 1);
		mpq_mul(place, place, q);
		mpz_fdiv_q(k, mpq_numref(place), mpq_denref(place));
		mpq_set_z(whole, k);
		mpq_sub(place, place, whole);
		mpq_set(q, x[mpz_get_ui(k)]);
		if (mpz_get_ui(k) + 1 < n) {
			mpq_sub(d, x[mpz_get_ui(k) + 1], q);
			mpq_mul(d, d, place);
			mpq_add(q, q, d);
		}
		CHECK(is_rounded(strtod(pane_text(&p), NULL), q));
		pane_release(&p);
		for (size_t i = 0; i < n; i++)
			mpq_clear(x[i]);
		mpq_clears(q, place, whole, d, NULL);
		mpz_clear(k);
		free(x);
	}
}

static void
booleans(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct pane p;

	CHECK_STR(aggregate(&mr_agg_any, ""), "null");
	CHECK_STR(aggregate(&mr_agg_all, ""), "null");
	CHECK_STR(aggregate(&mr_agg_any, "false false"), "false");
	CHECK_STR(aggregate(&mr_agg_all, "false false"), "false");
	CHECK_STR(aggregate(&mr_agg_any, "false true"), "true");
	CHECK_STR(aggregate(&mr_agg_all, "true false"), "false");
	CHECK_STR(aggregate(&mr_agg_all, "true true"), "true");
	pane_init(&p, &mr_agg_all);
	CHECK(pane_add_at(&p, "1", 0, &err) < 0);
	CHECK_STR(err.text, "all needs a boolean, not a number");
	pane_release(&p);
}

static void
rates(void)
{
	struct mr_agg_out of = {.start_ms = 0};
	struct mr_err err = MR_ERR_INIT;
	struct pane p;

	/* in a window of a minute */
	CHECK_STR(aggregate_with(&mr_agg_rate, "1m", "1 1 1"), "3");
	CHECK_STR(aggregate_with(&mr_agg_rate, "per 1s", "1 1 1"), "0.05");
	CHECK_STR(aggregate_with(&mr_agg_rate, "7s", "1"), "0.11666666666666667");
	CHECK_STR(aggregate_with(&mr_agg_rate, "1h", "1"), "60");
	CHECK_STR(aggregate_with(&mr_agg_rate, "1h", ""), "0");
	pane_init_with(&p, &mr_agg_rate, "1s");
	CHECK(pane_add(&p, "1") == 0);
	of = (struct mr_agg_out){&p.arg, MR_TIME_MIN, MR_TIME_MAX};
	CHECK(mr_agg_rate.write(state(&p), &of, &p.out, &err) == 0);
	CHECK_STR(mr_buf_str(&p.out), "null");
	of = (struct mr_agg_out){&p.arg, -1000, 3000};
	p.out.len = 0;
	CHECK(mr_agg_rate.write(state(&p), &of, &p.out, &err) == 0);
	CHECK_STR(mr_buf_str(&p.out), "0.25");
	pane_release(&p);
}

static void
different_values(void)
{
	CHECK_STR(aggregate(&mr_agg_distinct, ""), "0");
	CHECK_STR(aggregate(&mr_agg_distinct, "1 1.0 10e-1 \"1\" true [1] [1] {\"a\":1} -0 0"), "6");
	CHECK_STR(aggregate(&mr_agg_distinct, "\"a\" \"\\u0061\" \"A\""), "2");
	CHECK_STR(aggregate_with(&mr_agg_top, "2", ""), "null");
	CHECK_STR(aggregate_with(&mr_agg_top, "2", "3 1 2 1.0"),
	    "[{\"value\":1,\"count\":2},{\"value\":2,\"count\":1}]");
	CHECK_STR(aggregate_with(&mr_agg_top, "9", "\"b\" \"a\" \"\\u0062\" [] 10 9"),
	    "[{\"value\":\"b\",\"count\":2},{\"value\":\"a\",\"count\":1},{\"value\":10,\"count\":1},"
	    "{\"value\":9,\"count\":1},{\"value\":[],\"count\":1}]");
}

/* distinct and top of small numbers, against an array of counts. */
static void
counts_of_random_lists(void)
{
	enum { VALUES = 900 };

	for (int l = 0; l < 100 && !unit_bad; l++) {
		int counts[VALUES] = {0}, different = 0, most = 0;
		size_t n = 1 + unit_draw(3000);
		struct pane d, t;
		char text[80];

		pane_init(&d, &mr_agg_distinct);
		pane_init_with(&t, &mr_agg_top, "1");
		for (size_t i = 0; i < n; i++) {
			int x = (int)(unit_draw(VALUES) * unit_draw(VALUES) / VALUES);

			snprintf(text, sizeof text, unit_draw(2) ? "%d" : "%d.0", 100 + x);
			CHECK(pane_add(&d, text) == 0);
			CHECK(pane_add(&t, text) == 0);
			different += !counts[x]++;
		}
		for (int x = 1; x < VALUES; x++)
			if (counts[x] > counts[most])
				most = x;
		snprintf(text, sizeof text, "%d", different);
		CHECK_STR(pane_text(&d), text);
		snprintf(text, sizeof text, "[{\"value\":%d,\"count\":%d}]", 100 + most, counts[most]);
		CHECK_STR(pane_text(&t), text);
		pane_release(&d);
		pane_release(&t);
	}
}

static void
lists(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct pane p;

	CHECK_STR(aggregate(&mr_agg_collect, ""), "null");
	CHECK_STR(aggregate(&mr_agg_collect, "1.0 \"\\u0061\" [2] {} true"), "[1.0,\"\\u0061\",[2],{},true]");
	CHECK_STR(aggregate_with(&mr_agg_collect, "2", "3 1 2"), "[3,1]");
	pane_init_with(&p, &mr_agg_collect, "3");
	CHECK(pane_add_at(&p, "\"d\"", 20, &err) == 0);
	CHECK(pane_add_at(&p, "\"b\"", 10, &err) == 0);
	CHECK(pane_add_at(&p, "\"c\"", 10, &err) == 0);
	CHECK(pane_add_at(&p, "\"a\"", -10, &err) == 0);
	CHECK_STR(pane_text(&p), "[\"a\",\"b\",\"c\"]");
	pane_release(&p);
}

/* Stable insertion by time, all kept, against a limit that drops as it goes. */
static void
lists_of_random_times(void)
{
	enum { LONG = 300 };

	for (int l = 0; l < 300 && !unit_bad; l++) {
		struct { int64_t ms; int id; } all[LONG], one;
		size_t n = 1 + unit_draw(LONG - 1), limit = 1 + unit_draw(l % 2 ? 10 : LONG);
		struct mr_err err = MR_ERR_INIT;
		struct mr_buf want = MR_BUF_INIT;
		char text[32];
		struct pane p;

		snprintf(text, sizeof text, "%zu", limit);
		pane_init_with(&p, &mr_agg_collect, text);
		for (size_t i = 0; i < n; i++) {
			size_t to = i;

			one.ms = (int64_t)unit_draw(50) + (l % 3 ? (int64_t)i / 2 : 0);
			one.id = (int)i;
			snprintf(text, sizeof text, "%d", one.id);
			CHECK(pane_add_at(&p, text, one.ms, &err) == 0);
			for (; to > 0 && all[to - 1].ms > one.ms; to--)
				all[to] = all[to - 1];
			all[to] = one;
		}
		for (size_t i = 0; i < n && i < limit; i++)
			mr_buf_printf(&want, "%s%d", i ? "," : "[", all[i].id);
		mr_buf_addc(&want, ']');
		CHECK_STR(pane_text(&p), mr_buf_str(&want));
		mr_buf_release(&want);
		pane_release(&p);
	}
}

int
main(void)
{
	unit_seed(20261121);
	RUN(arguments_are_checked);
	RUN(spreads);
	RUN(spreads_have_bounds);
	RUN(roots_near_ties);
	RUN(spreads_of_random_lists);
	RUN(quantiles);
	RUN(quantiles_of_random_lists);
	RUN(booleans);
	RUN(rates);
	RUN(different_values);
	RUN(counts_of_random_lists);
	RUN(lists);
	RUN(lists_of_random_times);
	return unit_done();
}
