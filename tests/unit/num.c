/*
 * Numbers, beside GMP for their order, strtod for their rounding, and a search
 * for anything shorter or closer for their spelling.
 */
#include <float.h>
#include <gmp.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "json/num.h"
#include "unit.h"

static uint64_t seed;

static uint64_t
roll(uint64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 24) % n;
}

static double
to_double(const char *text)
{
	return mr_num_double(text, strlen(text));
}

static const struct {
	const char *text, *want;		/* want NULL: no */
} decs[] = {
	{"0", "0 0"}, {"-0", "0 0"}, {"0.000", "0 0"}, {"0e99999", "0 0"}, {"-0.0E-99999999999999999999", "0 0"}, {"1", "1 0"},
	{"-1", "-1 0"}, {"1.50", "15 1"}, {"1e3", "1 -3"}, {"1000", "1 -3"}, {"1E-3", "1 3"}, {"0.001", "1 3"}, {"12.34e1", "1234 1"},
	{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999 0"},
	{"-99999999999999999999999999999999999999e-1000", "-99999999999999999999999999999999999999 1000"},
	{"999999999999999999999999999999999999991", NULL}, {"0.999999999999999999999999999999999999991", NULL},
	{"999999999999999999999999999999999999990", "99999999999999999999999999999999999999 -1"},
	{"100000000000000000000000000000000000000000000.000", "1 -44"}, {"0.00000000000000000000000000000000000000000005", "5 44"},
	{"1e1000", "1 -1000"}, {"1e1001", NULL}, {"1e-1000", "1 1000"}, {"1e-1001", NULL}, {"10e-1001", "1 1000"},
	{"1e99999999999999999999", NULL}, {"1e-99999999999999999999", NULL}, {"100200.003000", "100200003 3"},
};

static void
decimals(void)
{
	for (size_t i = 0; i < sizeof decs / sizeof *decs; i++) {
		struct mr_buf b = MR_BUF_INIT;
		struct mr_dec dec, whole;
		int r = mr_num_dec(decs[i].text, strlen(decs[i].text), &dec);

		CHECK_INT(r, decs[i].want != NULL);
		if (r && decs[i].want) {
			whole = (struct mr_dec){dec.mantissa, 0};
			mr_num_write_dec(&b, &whole);
			mr_buf_printf(&b, " %d", dec.scale);
			CHECK_STR(mr_buf_str(&b), decs[i].want);
			b.len = 0;
			mr_num_write_dec(&b, &dec);
			CHECK_INT(mr_num_cmp(b.at, b.len, decs[i].text, strlen(decs[i].text)), 0);
		}
		mr_buf_release(&b);
	}
}

static void
decimals_written(void)
{
	static const struct {
		int64_t mantissa;
		int scale;
		const char *want;
	} t[] = {{0, 5, "0"}, {0, -5, "0"}, {150, 2, "1.5"}, {100, 2, "1"}, {100, 3, "0.1"}, {5, 3, "0.005"}, {-5, 0, "-5"},
	    {-1234, 2, "-12.34"}, {7, -3, "7000"}, {1200, -1, "12000"}, {1200, 1, "120"}, {10, 1, "1"}, {1, 1, "0.1"}, {10, 5, "0.0001"}};
	struct mr_buf b = MR_BUF_INIT;
	struct mr_dec least = {0, 0};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct mr_dec dec = {t[i].mantissa, t[i].scale};

		b.len = 0;
		mr_num_write_dec(&b, &dec);
		CHECK_STR(mr_buf_str(&b), t[i].want);
	}
	least.mantissa = (__int128)((unsigned __int128)1 << 127);
	b.len = 0;
	mr_num_write_dec(&b, &least);
	CHECK_STR(mr_buf_str(&b), "-170141183460469231731687303715884105728");
	mr_buf_release(&b);
}

static void
int64s(void)
{
	static const struct {
		const char *text;
		int ok;
		int64_t n;
	} t[] = {{"0", 1, 0}, {"-0", 1, 0}, {"-0.0e5", 1, 0}, {"7", 1, 7}, {"1.0", 1, 1}, {"1e3", 1, 1000}, {"-12.50e1", 1, -125}, {"12.5", 0, 0},
	    {"1000e-3", 1, 1}, {"1e-1", 0, 0}, {"0.1e1", 1, 1}, {"9223372036854775807", 1, INT64_MAX}, {"9223372036854775808", 0, 0},
	    {"-9223372036854775808", 1, INT64_MIN}, {"-9223372036854775809", 0, 0}, {"9223372036854775807.0", 1, INT64_MAX},
	    {"9223372036854775807.5", 0, 0}, {"922337203685477580.7e1", 1, INT64_MAX}, {"1e18", 1, 1000000000000000000}, {"1e19", 0, 0},
	    {"9999999999999999999", 0, 0}, {"18446744073709551616", 0, 0}, {"1e999999999999999999999", 0, 0}, {"1e-999999999999999999999", 0, 0},
	    {"0e999999999999999999999", 1, 0}, {"100000000000000000000000e-23", 1, 1}, {"0.00000000000000000000000000000012e32", 1, 12}};
	int64_t n;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		CHECK_INT(mr_num_int64(t[i].text, strlen(t[i].text), &n), t[i].ok);
		CHECK_INT(n, t[i].n);
	}
}

static void
int64s_written(void)
{
	static const int64_t some[] = {0, 1, -1, 9, 10, -10, 1234567890, INT64_MAX, INT64_MIN};
	struct mr_buf b = MR_BUF_INIT;
	char want[32];

	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		b.len = 0;
		mr_num_write_int64(&b, some[i]);
		snprintf(want, sizeof want, "%" PRId64, some[i]);
		CHECK_STR(mr_buf_str(&b), want);
	}
	mr_buf_release(&b);
}

/* A number of any kind, valid; exponents within span. */
static void
make_number(struct mr_buf *b, unsigned most_digits, int span)
{
	unsigned whole = (unsigned)roll(most_digits), fraction = (unsigned)roll(most_digits);

	b->len = 0;
	if (roll(3) == 0)
		mr_buf_addc(b, '-');
	if (whole == 0 || roll(4) == 0)
		mr_buf_addc(b, '0');
	else
		for (unsigned i = 0; i < whole; i++)
			mr_buf_addc(b, (char)('0' + (i == 0) + roll(i == 0 ? 9 : roll(2) ? 10 : 1)));
	if (fraction) {
		mr_buf_addc(b, '.');
		for (unsigned i = 0; i < fraction; i++)
			mr_buf_addc(b, (char)('0' + roll(roll(2) ? 10 : 1)));
	}
	if (roll(2))
		mr_buf_printf(b, roll(2) ? "e%+d" : "E%d", (int)roll(2 * (uint64_t)span) - span);
	mr_buf_str(b);
}

static void
doubles(void)
{
	static const char *const hard[] = {"0", "-0", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "2.2250738585072011e-308",
	    "2.2250738585072014e-308", "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
	    "1.7976931348623158e308", "1.7976931348623159e308", "1e400", "-1e400", "1e-400", "0.1", "123456789012345678", "8.5e22",
	    "6.631236846766476e-316", "1e-99999999", "1e99999999", "-1e99999999999999999999999", "1e-99999999999999999999999999"};
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
		double want = strtod(hard[i], NULL), got = to_double(hard[i]);

		CHECK(memcmp(&got, &want, sizeof got) == 0);
	}
	for (int i = 0; i < 100000; i++) {
		double want, got;

		make_number(&b, i % 50 ? 24 : 900, i % 3 ? 30 : 400);
		want = strtod(b.at, NULL);
		got = to_double(b.at);
		if (memcmp(&got, &want, sizeof got) != 0) {
			unit_fail(__FILE__, __LINE__, "rounded as strtod does");
			printf("#   %s\n", b.at);
		}
	}
	mr_buf_release(&b);
}

/* Halfway between two doubles, and a digit more far behind. */
static void
doubles_halfway(void)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_buf_adds(&b, "9007199254740993.");	/* 2^53 + 1 */
	for (int i = 0; i < 5000; i++)
		mr_buf_addc(&b, '0');
	CHECK(mr_num_double(b.at, b.len) == 9007199254740992.0);
	mr_buf_addc(&b, '1');
	CHECK(mr_num_double(b.at, b.len) == 9007199254740994.0);
	mr_buf_adds(&b, "e-20");
	CHECK(mr_num_double(b.at, b.len) == strtod(mr_buf_str(&b), NULL));
	mr_buf_release(&b);
}

static void
order_by_table(void)
{
	/* ascending, equal ones on one line */
	static const char *const up[][4] = {
	    {"-1e99999999999999999999999999999999999999999999"}, {"-1e99999999999999999999999999999999999999999998"},
	    {"-1e999999999"}, {"-9.99e999999998"}, {"-2"}, {"-1.0000000000000000000000000000000000001"}, {"-1", "-1.0", "-10e-1", "-0.1E+1"},
	    {"-1e-999999999"}, {"0", "-0", "0.000e99999999999999999999999", "-0e-1"}, {"1e-99999999999999999999999999999999999999999999"},
	    {"2e-99999999999999999999999999999999999999999999"}, {"1e-99999999999999999999999999999999999999999998", "10e-99999999999999999999999999999999999999999999"},
	    {"1e-999999999", "0.001e-999999996"}, {"1e-999999998"}, {"0.1"}, {"0.10000000000000000000000000000000000000000001"},
	    {"9007199254740992"}, {"9007199254740993", "9007199254740993.000", "9.007199254740993e15"}, {"9007199254740994"},
	    {"1e17", "100000000000000000", "1e00000000000000000000000000000000000000000000017"}, {"1e400"}, {"1e999999998"}, {"1e999999999", "10e999999998"},
	    {"1e99999999999999999999999999999999999999999998"}, {"0.09e100000000000000000000000000000000000000000000"},
	    {"1e99999999999999999999999999999999999999999999", "0.1e100000000000000000000000000000000000000000000"}, {"11e99999999999999999999999999999999999999999998"},
	};
	size_t n = sizeof up / sizeof *up;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			for (size_t k = 0; k < 16; k++) {
				const char *a = up[i][k / 4], *b = up[j][k % 4];
				int cmp;

				if (!a || !b)
					continue;
				cmp = mr_num_cmp(a, strlen(a), b, strlen(b));
				if ((cmp > 0) - (cmp < 0) != (i > j) - (i < j)) {
					unit_fail(__FILE__, __LINE__, "order");
					printf("#   %s, %s\n", a, b);
				}
			}
}

/* The value times 10^1000. */
static void
to_mpz(mpz_t z, const char *text)
{
	char digits[256], *d = digits;
	long e = 1000;
	mpz_t ten;

	for (; *text && *text != 'e' && *text != 'E'; text++) {
		if (*text == '.') {
			for (text++; *text >= '0' && *text <= '9'; text++, e--)
				*d++ = *text;
			break;
		}
		*d++ = *text;
	}
	*d = '\0';
	if (*text)
		e += strtol(text + 1, NULL, 10);
	mpz_init(ten);
	mpz_ui_pow_ui(ten, 10, (unsigned long)e);
	mpz_set_str(z, digits, 10);
	mpz_mul(z, z, ten);
	mpz_clear(ten);
}

static void
order_beside_gmp(void)
{
	struct mr_buf a = MR_BUF_INIT, b = MR_BUF_INIT;
	mpz_t x, y;

	mpz_init(x);
	mpz_init(y);
	for (int i = 0; i < 20000; i++) {
		int want, got;

		make_number(&a, 1 + (unsigned)roll(20), 6);
		make_number(&b, 1 + (unsigned)roll(20), 6);
		to_mpz(x, a.at);
		to_mpz(y, b.at);
		want = mpz_cmp(x, y);
		got = mr_num_cmp(a.at, a.len, b.at, b.len);
		if ((want > 0) - (want < 0) != (got > 0) - (got < 0)) {
			unit_fail(__FILE__, __LINE__, "order");
			printf("#   %s, %s\n", a.at, b.at);
		}
	}
	mpz_clear(x);
	mpz_clear(y);
	mr_buf_release(&a);
	mr_buf_release(&b);
}

static void
write_double(struct mr_buf *b, double x)
{
	b->len = 0;
	mr_num_write_double(b, x);
	mr_buf_str(b);
}

static void
doubles_written(void)
{
	static const struct {
		double x;
		const char *want;
	} t[] = {{0, "0"}, {-0.0, "-0"}, {1, "1"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {25.51, "25.51"}, {1.0 / 3, "0.3333333333333333"},
	    {100, "100"}, {1e20, "100000000000000000000"}, {123456789012345680000.0, "123456789012345680000"}, {1e21, "1e+21"},
	    {1.5e21, "1.5e+21"}, {1e-6, "0.000001"}, {1.25e-6, "0.00000125"}, {1e-7, "1e-7"}, {1.5e-7, "1.5e-7"}, {5e-324, "5e-324"},
	    {1e-323, "1e-323"}, {1.5e-323, "1.5e-323"}, {DBL_MIN, "2.2250738585072014e-308"}, {DBL_MAX, "1.7976931348623157e+308"},
	    {9007199254740991, "9007199254740991"}, {9007199254740992, "9007199254740992"}, {9007199254740994, "9007199254740994"},
	    {2251799813685248.5, "2251799813685248.5"}, {0x1p-44, "5.684341886080802e-14"}, {0x1p-24, "5.960464477539063e-8"},
	    {0x1p89, "6.189700196426902e+26"}, {0x1p1023, "8.98846567431158e+307"}, {2e-5, "0.00002"}, {1e23, "1e+23"},
	    {9.5367431640625e-7, "9.5367431640625e-7"}, {0.000035, "0.000035"}, {4.35, "4.35"}, {-1e-7, "-1e-7"}, {1e15 + 0.3, "1000000000000000.2"},
	    {INFINITY, "null"}, {-INFINITY, "null"}, {NAN, "null"}};
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		write_double(&b, t[i].x);
		CHECK_STR(b.at, t[i].want);
	}
	mr_buf_release(&b);
}

/* The digits of a spelling without zeros at either end. */
static int
count_digits(const char *text)
{
	int n = 0, kept = 0;

	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (n || *text != '0')) {
			n++;
			if (*text != '0')
				kept = n;
		}
	return kept;
}

/*
 * Whether a decimal of n digits reads back as x, and the closest that does.
 * If the nearest does not, only its neighbours could.
 */
static bool
some_reads_back(double x, int n, char closest[40])
{
	mpf_t exact, below, above;
	char down[40], up[40], *end;
	bool found, down_ok, up_ok;
	unsigned long long m;
	int e;

	/* the nearest, and its neighbours by a unit of its last digit */
	snprintf(closest, 40, "%.*e", n - 1, x);
	if (strtod(closest, NULL) == x)
		return true;
	e = atoi(strchr(closest, 'e') + 1) - (n - 1);
	m = (unsigned long long)(closest[0] - '0');
	for (end = closest + 1; *end != 'e'; end++)
		if (*end != '.')
			m = m * 10 + (unsigned long long)(*end - '0');
	snprintf(down, sizeof down, "%llue%d", m - 1, e);
	snprintf(up, sizeof up, "%llue%d", m + 1, e);
	down_ok = strtod(down, NULL) == x;
	up_ok = strtod(up, NULL) == x;
	found = down_ok || up_ok;
	if (down_ok && up_ok) {
		mpf_init2(exact, 4096);
		mpf_init2(below, 4096);
		mpf_init2(above, 4096);
		mpf_set_d(exact, x);
		mpf_set_str(below, down, 10);
		mpf_set_str(above, up, 10);
		mpf_sub(below, exact, below);
		mpf_sub(above, above, exact);
		down_ok = mpf_cmp(below, above) < 0;
		mpf_clears(exact, below, above, NULL);
	}
	if (found)
		memcpy(closest, down_ok ? down : up, 40);
	return found;
}

static void
check_shortest(struct mr_buf *b, double x)
{
	char closest[40];
	int n;

	write_double(b, x);
	n = count_digits(b->at);
	if (strtod(b->at, NULL) != x || mr_num_double(b->at, b->len) != x) {
		unit_fail(__FILE__, __LINE__, "reads back");
		printf("#   %s is not %a\n", b->at, x);
	} else if (n > 1 && some_reads_back(x, n - 1, closest)) {
		unit_fail(__FILE__, __LINE__, "shortest");
		printf("#   %s, shorter %s\n", b->at, closest);
	} else if (some_reads_back(x, n, closest) &&
	    mr_num_cmp(b->at, b->len, closest, strlen(closest)) != 0) {
		unit_fail(__FILE__, __LINE__, "closest");
		printf("#   %s, closer %s\n", b->at, closest);
	}
}

static void
doubles_shortest(void)
{
	struct mr_buf b = MR_BUF_INIT;

	for (int e = -1074; e < 1024; e++)
		for (int ulp = -1; ulp <= 1; ulp++) {
			double x = ldexp(1, e);

			x = ulp < 0 ? nextafter(x, 0) : ulp > 0 ? nextafter(x, INFINITY) : x;
			if (x > 0)
				check_shortest(&b, x);
		}
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = roll(1ull << 32) << 32 | roll(1ull << 32);
		double x;

		memcpy(&x, &bits, sizeof x);
		if (i % 2)		/* of a size that is met */
			x = (double)(int64_t)bits / (double)(1ull << roll(60));
		if (i % 4 == 3)
			x = round(x * 1e3) / 1e5;
		if (isfinite(x) && x != 0)
			check_shortest(&b, fabs(x));
	}
	mr_buf_release(&b);
}

int
main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
	printf("# seed %" PRIu64 "\n", seed);
	RUN(decimals);
	RUN(decimals_written);
	RUN(int64s);
	RUN(int64s_written);
	RUN(doubles);
	RUN(doubles_halfway);
	RUN(order_by_table);
	RUN(order_beside_gmp);
	RUN(doubles_written);
	RUN(doubles_shortest);
	return unit_done();
}
