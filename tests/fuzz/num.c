/*
 * num: two numbers, a line each, and eight bytes as a double, beside strtod()
 * and a comparison by digits; what is written reads back as the same number.
 */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(what) ((what) ? (void)0 : fail(#what, __LINE__))

static void
fail(const char *what, int line)
{
	fprintf(stderr, "num.c:%d: %s\n", line, what);
	abort();
}

static size_t
digits(const char *at)
{
	size_t n = 0;

	while (isdigit((unsigned char)at[n]))
		n++;
	return n;
}

/* A JSON number and nothing else; the functions take no other. */
static bool
is_number(const char *at)
{
	size_t n;

	at += *at == '-';
	if (!(n = digits(at)) || (n > 1 && *at == '0'))
		return false;
	at += n;
	if (*at == '.') {
		if (!(n = digits(at + 1)))
			return false;
		at += n + 1;
	}
	if (*at == 'e' || *at == 'E') {
		at += 1 + (at[1] == '+' || at[1] == '-');
		if (!(n = digits(at)))
			return false;
		at += n;
	}
	return !*at;
}

/* sign * 0.DIGITS * 10^point; no digits: zero. */
struct plain {
	int sign;
	char *digits;
	int64_t point;
};

static struct plain
plain(const char *at)
{
	struct plain p = {*at == '-' ? -1 : 1, mr_xcalloc(1, strlen(at) + 1), 0};
	bool fraction = false;
	size_t n = 0;

	for (at += *at == '-'; *at && *at != 'e' && *at != 'E'; at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		if (n || *at != '0')
			p.digits[n++] = *at;
		if (!fraction && n)
			p.point++;
		if (fraction && !n)
			p.point--;
	}
	while (n && p.digits[n - 1] == '0')
		p.digits[--n] = '\0';
	if (*at)
		p.point += strtoll(at + 1, NULL, 10);
	if (!n)
		p.sign = 0;
	return p;
}

/* An exponent of more than 17 digits is too much for plain(). */
static bool
is_plain(const char *at)
{
	const char *e = strpbrk(at, "eE");

	return !e || strlen(e) <= 18;
}

static int
compare(const char *a, const char *b)
{
	struct plain x = plain(a), y = plain(b);
	int c = x.sign - y.sign;

	if (c == 0 && x.sign != 0) {
		c = x.point != y.point ? (x.point < y.point ? -1 : 1) : strcmp(x.digits, y.digits);
		c *= x.sign;
	}
	free(x.digits);
	free(y.digits);
	return (c > 0) - (c < 0);
}

static int
sign_of(int c)
{
	return (c > 0) - (c < 0);
}

static int
num_cmp(const char *a, const char *b)
{
	return sign_of(mr_num_cmp(a, strlen(a), b, strlen(b)));
}

static void
check_double(double x)
{
	struct mr_buf out = MR_BUF_INIT;
	char room[64], shortest[20];
	int n, point;

	mr_num_write_double(&out, x);
	if (!isfinite(x)) {
		CHECK(strcmp(mr_buf_str(&out), "null") == 0);
	} else {
		double back = strtod(mr_buf_str(&out), NULL);

		CHECK(is_number(out.at));
		CHECK(memcmp(&back, &x, sizeof x) == 0);
		CHECK(mr_num_double(out.at, out.len) == x);
		if (x > 0) {
			n = mr_num_shortest(x, shortest, &point);
			CHECK(n >= 1 && n <= 17 && shortest[0] != '0' && shortest[n - 1] != '0');
			snprintf(room, sizeof room, "0.%.*se%d", n, shortest, point);
			CHECK(strtod(room, NULL) == x);
			/* One digit less is another number. */
			snprintf(room, sizeof room, "%.*e", n > 1 ? n - 2 : 0, x);
			CHECK(n == 1 || strtod(room, NULL) != x);
		}
	}
	mr_buf_release(&out);
}

static void
check_number(const char *a)
{
	static const char most[] = "9223372036854775807", least[] = "-9223372036854775808";
	size_t len = strlen(a);
	struct mr_buf out = MR_BUF_INIT;
	double x = mr_num_double(a, len), y = strtod(a, NULL);
	struct mr_dec dec;
	int64_t n;
	int has_dec = mr_num_dec(a, len, &dec);

	CHECK(memcmp(&x, &y, sizeof x) == 0);
	CHECK(num_cmp(a, a) == 0);
	if (has_dec) {
		mr_num_write_dec(&out, &dec);
		CHECK(is_number(mr_buf_str(&out)));
		CHECK(num_cmp(a, out.at) == 0);
		CHECK(!is_plain(a) || compare(a, out.at) == 0);
	}
	out.len = 0;
	if (mr_num_int64(a, len, &n)) {
		mr_num_write_int64(&out, n);
		CHECK(num_cmp(a, mr_buf_str(&out)) == 0);
		CHECK(!is_plain(a) || compare(a, out.at) == 0);
	} else if (has_dec && is_plain(a))
		CHECK(dec.scale > 0 || compare(a, most) > 0 || compare(a, least) < 0);
	mr_buf_release(&out);
	check_double(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_buf text = MR_BUF_INIT;
	double x;
	char *b;

	if (size >= sizeof x) {
		memcpy(&x, data, sizeof x);
		check_double(x);
	}
	mr_buf_add(&text, data, size);
	mr_buf_str(&text);
	if ((b = strchr(text.at, '\n')))
		*b++ = '\0';
	if (is_number(text.at)) {
		check_number(text.at);
		if (b && is_number(b)) {
			check_number(b);
			CHECK(num_cmp(text.at, b) == -num_cmp(b, text.at));
			CHECK(!is_plain(text.at) || !is_plain(b) || num_cmp(text.at, b) == compare(text.at, b));
		}
	}
	mr_buf_release(&text);
	return 0;
}
