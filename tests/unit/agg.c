/*
 * The aggregates, against rational arithmetic (GMP's mpq) where numbers are
 * concerned: sums in any order are equal to the last digit, means are the
 * nearest double.
 */
#include "agg.h"

static void
sums_are_exact(void)
{
	static const struct { const char *in, *sum; } cases[] = {
		{"", "null"},
		{"0.1 0.2", "0.3"},
		{"1.10 2.20", "3.3"},
		{"1.5 1.5", "3"},
		{"-0", "0"},
		{"-0.0 0", "0"},
		{"0.00", "0"},
		{"1e3", "1000"},
		{"1e3 1", "1001"},
		{"1E+3 -1e3", "0"},
		{"1e30 1", "1000000000000000000000000000001"},
		{"1 1e30 -1e30", "1"},
		{"1e30 1e-30 -1e30", "0.000000000000000000000000000001"},
		{"1e30 0.5 -1e30 -0.5", "0"},
		{"9223372036854775807 1", "9223372036854775808"},
		{"-9223372036854775808 -1", "-9223372036854775809"},
		{"999999999999999999 999999999999999999", "1999999999999999998"},
		{"0.000000000000000001 1", "1.000000000000000001"},
		{"99999999999999999999999999999999999999 1", "100000000000000000000000000000000000000"},
		{"170141183460469231731687303715884105727 1", "170141183460469231731687303715884105728"},
		{"-170141183460469231731687303715884105727 -1 -1",
		    "-170141183460469231731687303715884105729"},
		{"1e100 1e-100 -1e100", "0.0000000000000000000000000000000000000000000000000000000000000"
		    "000000000000000000000000000000000000001"},
		{"1.0000000000000000000000000000000000000000000000000000000000000", "1"},
		{"123456789012345678901234567890.123456789012345678901234567890 0.000000000000000000000000000010",
		    "123456789012345678901234567890.1234567890123456789012345679"},
		{"-1e40", "-10000000000000000000000000000000000000000"},
		{"1e40 5", "10000000000000000000000000000000000000005"},
		{"1e60 -1e60", "0"},
		{"0e99999999999999 1", "1"},
		{"100000e-5", "1"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(aggregate(&mr_agg_sum, cases[i].in), cases[i].sum);
}

static void
sums_have_bounds(void)
{
	static char digits[1102];
	struct pane p;

	pane_init(&p, &mr_agg_sum);
	CHECK(pane_add(&p, "1e1001") < 0);
	CHECK(pane_add(&p, "1e-1001") < 0);
	CHECK(pane_add(&p, "1e99999999999999999999999999") < 0);
	CHECK(pane_add(&p, "-1e-99999999999999999999999999") < 0);
	CHECK(pane_add(&p, "10e1000") < 0);
	CHECK(pane_add(&p, "1e1000") == 0);
	CHECK(pane_add(&p, "-0.1e1001") == 0);
	memset(digits, '7', 1001);
	CHECK(pane_add(&p, digits) < 0);
	digits[1000] = '\0';
	CHECK(pane_add(&p, digits) == 0);
	CHECK_STR(pane_text(&p), digits);
	CHECK(p.held > 400 && p.held < 4096);
	pane_release(&p);
}

static void
types_are_checked(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct pane p;

	pane_init(&p, &mr_agg_sum);
	CHECK(pane_add_at(&p, "\"7\"", 0, &err) < 0);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK_STR(err.text, "sum needs a number, not a string");
	CHECK(pane_add_at(&p, "true", 0, &err) < 0);
	CHECK_STR(err.text, "sum needs a number, not a boolean");
	CHECK(pane_add_at(&p, "1e2000", 0, &err) < 0);
	CHECK_STR(err.text, "sum: the number's exponent is beyond 1000");
	pane_release(&p);
	pane_init(&p, &mr_agg_max);
	CHECK(pane_add_at(&p, "[]", 0, &err) < 0);
	CHECK_STR(err.text, "max needs a number or a string, not an array");
	pane_release(&p);
	pane_init(&p, &mr_agg_avg);
	CHECK(pane_add(&p, "1e308") == 0);
	CHECK(pane_add(&p, "1e309") < 0);
	CHECK(pane_add(&p, "-1e309") < 0);
	pane_release(&p);
	CHECK(mr_agg_find("sum", 3, &err) == &mr_agg_sum);
	CHECK(!mr_agg_find("summ", 4, &err));
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK_STR(err.text, "no aggregate 'summ'; there are all any avg collect count distinct "
	    "first last max median min quantile rate stddev stddev_pop sum top var_pop variance");
}

static void
averages_round_once(void)
{
	CHECK_STR(aggregate(&mr_agg_avg, ""), "null");
	CHECK_STR(aggregate(&mr_agg_avg, "1 2"), "1.5");
	CHECK_STR(aggregate(&mr_agg_avg, "0.1 0.2"), "0.15");
	CHECK_STR(aggregate(&mr_agg_avg, "1 1 2"), "1.3333333333333333");
	CHECK_STR(aggregate(&mr_agg_avg, "-1 1"), "0");
	CHECK_STR(aggregate(&mr_agg_avg, "1e308 1e308 1e308"), "1e+308");
	CHECK_STR(aggregate(&mr_agg_avg, "1.7976931348623157e308 1.7976931348623157e308"),
	    "1.7976931348623157e+308");
	CHECK_STR(aggregate(&mr_agg_avg, "9007199254740993"), "9007199254740992");
	CHECK_STR(aggregate(&mr_agg_avg, "9007199254740995"), "9007199254740996");
	CHECK_STR(aggregate(&mr_agg_avg, "1e30 1 -1e30"), "0.3333333333333333");
	CHECK_STR(aggregate(&mr_agg_avg, "5e-324"), "5e-324");
	CHECK_STR(aggregate(&mr_agg_avg, "5e-324 0"), "5e-324");	/* 2.5e-324 is above the half */
	CHECK_STR(aggregate(&mr_agg_avg, "5e-324 0 0"), "0");
	CHECK_STR(aggregate(&mr_agg_avg, "5e-324 5e-324 0"), "5e-324");
	CHECK_STR(aggregate(&mr_agg_avg, "-1e-400"), "0");
}

/* Random lists, in random orders, against rationals. */
static void
sums_and_averages_of_random_lists(void)
{
	enum { LISTS = 400, LONG = 24, ORDERS = 4 };

	for (int l = 0; l < LISTS && !unit_bad; l++) {
		char words[LONG][80], first[4096] = "";
		size_t n = 1 + unit_draw(LONG);
		mpq_t sum, x;

		mpq_init(sum);
		mpq_init(x);
		for (size_t i = 0; i < n; i++) {
			set_decimal(x, random_number(words[i]));
			mpq_add(sum, sum, x);
		}
		for (int o = 0; o < ORDERS; o++) {
			struct pane p, avg;

			pane_init(&p, &mr_agg_sum);
			pane_init(&avg, &mr_agg_avg);
			for (size_t i = 0; i < n; i++) {
				CHECK(pane_add(&p, words[i]) == 0);
				CHECK(pane_add(&avg, words[i]) == 0);
			}
			set_decimal(x, pane_text(&p));
			CHECK(mpq_equal(x, sum));
			if (o == 0)
				snprintf(first, sizeof first, "%s", pane_text(&p));
			CHECK_STR(pane_text(&p), first);

			mpq_set_ui(x, n, 1);
			mpq_div(x, sum, x);
			CHECK(is_rounded(strtod(pane_text(&avg), NULL), x));
			CHECK(mr_exact_mean(state(&p), n) == strtod(pane_text(&avg), NULL));
			pane_release(&p);
			pane_release(&avg);
			for (size_t i = n; i > 1; i--) {
				size_t j = unit_draw(i);
				char swap[80];

				memcpy(swap, words[i - 1], 80);
				memcpy(words[i - 1], words[j], 80);
				memcpy(words[j], swap, 80);
			}
		}
		mpq_clear(sum);
		mpq_clear(x);
	}
}

/* Means of halves of ulps: where a second rounding would show. */
static void
averages_of_ties(void)
{
	for (int i = 0; i < 2000 && !unit_bad; i++) {
		int64_t m = ((int64_t)1 << 53) + (int64_t)unit_draw((uint64_t)1 << 53);
		uint64_t n = 1 + unit_draw(1000);
		char text[64];
		struct mr_exact_num num;
		struct mr_exact x = {0};
		struct mr_err err = MR_ERR_INIT;
		size_t held = 0;
		mpq_t q;

		snprintf(text, sizeof text, "%lld%s", (long long)m, unit_draw(2) ? "e-3" : "");
		CHECK(mr_exact_read(&num, text, strlen(text), &err) == 0);
		mr_exact_add(&x, &num, &held);
		mpq_init(q);
		set_decimal(q, text);
		mpz_mul_ui(mpq_denref(q), mpq_denref(q), n);
		mpq_canonicalize(q);
		CHECK(is_rounded(mr_exact_mean(&x, n), q));
		mpq_clear(q);
		mr_exact_release(&x, &held);
		CHECK_INT(held, 0);
	}
}

static void
extremes(void)
{
	CHECK_STR(aggregate(&mr_agg_min, ""), "null");
	CHECK_STR(aggregate(&mr_agg_min, "3 1 2"), "1");
	CHECK_STR(aggregate(&mr_agg_max, "3 10 2"), "10");
	CHECK_STR(aggregate(&mr_agg_max, "-3 -10 -2.50"), "-2.50");
	CHECK_STR(aggregate(&mr_agg_max, "9007199254740992 9007199254740993"), "9007199254740993");
	CHECK_STR(aggregate(&mr_agg_min, "1e-400 1e-401"), "1e-401");
	CHECK_STR(aggregate(&mr_agg_max, "1e400 1e401 1e400"), "1e401");
	CHECK_STR(aggregate(&mr_agg_min, "\"b\" \"a\" \"c\""), "\"a\"");
	CHECK_STR(aggregate(&mr_agg_max, "\"a\" \"ab\" \"\""), "\"ab\"");
	CHECK_STR(aggregate(&mr_agg_max, "\"\\u0061\" \"A\""), "\"a\"");
	CHECK_STR(aggregate(&mr_agg_min, "\"\\n\" \"a\""), "\"\\n\"");
	CHECK_STR(aggregate(&mr_agg_max,
		      "\"a-string-longer-than-the-place-for-it\" \"a-string-even-longer-than-the-place-for-it\""),
	    "\"a-string-longer-than-the-place-for-it\"");
	CHECK_STR(aggregate(&mr_agg_min, "\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\" \"a\""), "\"a\"");
}

static void
extremes_of_several_types(void)
{
	static const char numbers[] = "\"x\" 2 \"2026-11-21T10:00:00Z\" 10";

	CHECK_STR(aggregate(&mr_agg_min, numbers), "2");
	CHECK_STR(aggregate(&mr_agg_max, numbers), "\"x\"");
	CHECK_STR(aggregate(&mr_agg_max, "\"2026-11-21T10:00:00Z\" 1e999"), "\"2026-11-21T10:00:00Z\"");
	CHECK_STR(aggregate(&mr_agg_min, "\"2026-11-21T10:00:00Z\" \"10\""), "\"2026-11-21T10:00:00Z\"");
	/* instants, not bytes */
	CHECK_STR(aggregate(&mr_agg_min, "\"2026-11-21T10:00:00Z\" \"2026-11-21T11:00:00+02:00\""),
	    "\"2026-11-21T11:00:00+02:00\"");
	CHECK_STR(aggregate(&mr_agg_max, "\"2026-11-21T10:00:00.5Z\" \"2026-11-21T10:00:00Z\""),
	    "\"2026-11-21T10:00:00.5Z\"");
	CHECK_STR(aggregate(&mr_agg_max, "\"2026-11-21T10:00:00.000000001Z\" \"2026-11-21T10:00:00.0000000009Z\""),
	    "\"2026-11-21T10:00:00.000000001Z\"");
	/* one instant: the shorter */
	CHECK_STR(aggregate(&mr_agg_max, "\"2026-11-21T12:00:00+02:00\" \"2026-11-21T10:00:00.0Z\" \"2026-11-21T10:00:00Z\""),
	    "\"2026-11-21T10:00:00Z\"");
	/* no times: a day that is not, a date alone */
	CHECK_STR(aggregate(&mr_agg_max, "\"2026-02-30T10:00:00Z\" \"2026-02-28T10:00:00Z\""),
	    "\"2026-02-30T10:00:00Z\"");
	CHECK_STR(aggregate(&mr_agg_min, "\"1999-01-01\" \"2026-02-28T10:00:00Z\""), "\"2026-02-28T10:00:00Z\"");
}

/* Which of equal numbers came first must not show. */
static void
extremes_of_equal_numbers(void)
{
	CHECK_STR(aggregate(&mr_agg_min, "1.50 1.5 15e-1"), "1.5");
	CHECK_STR(aggregate(&mr_agg_min, "15e-1 1.5 1.50"), "1.5");
	CHECK_STR(aggregate(&mr_agg_max, "1.50 15e-1 1.5"), "1.5");
	CHECK_STR(aggregate(&mr_agg_max, "1e3 1E3"), "1E3");
	CHECK_STR(aggregate(&mr_agg_max, "1E3 1e3"), "1E3");
	CHECK_STR(aggregate(&mr_agg_min, "-0 0"), "0");
}

static void
edges(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct pane first, last;

	pane_init(&first, &mr_agg_first);
	pane_init(&last, &mr_agg_last);
	CHECK_STR(pane_text(&first), "null");
	CHECK_STR(pane_text(&last), "null");
	for (int i = 0; i < 2; i++) {
		struct pane *p = i ? &last : &first;

		CHECK(pane_add_at(p, "{\"b\": 1}", 20, &err) == 0);
		CHECK(pane_add_at(p, "\"early\"", 10, &err) == 0);
		CHECK(pane_add_at(p, "[1]", 10, &err) == 0);
		CHECK(pane_add_at(p, "1.0", 30, &err) == 0);
		CHECK(pane_add_at(p, "true", 30, &err) == 0);
		CHECK(pane_add_at(p, "2", 15, &err) == 0);
	}
	CHECK_STR(pane_text(&first), "\"early\"");
	CHECK_STR(pane_text(&last), "true");
	pane_release(&first);
	pane_release(&last);
}

int
main(void)
{
	unit_seed(20261121);
	RUN(sums_are_exact);
	RUN(sums_have_bounds);
	RUN(types_are_checked);
	RUN(averages_round_once);
	RUN(sums_and_averages_of_random_lists);
	RUN(averages_of_ties);
	RUN(extremes);
	RUN(extremes_of_several_types);
	RUN(extremes_of_equal_numbers);
	RUN(edges);
	return unit_done();
}
