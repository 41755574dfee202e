/*
 * number - numbers as jq 1.8 has them: a literal is exact until
 * arithmetic makes a double of it, and compares exactly with other literals.
 *
 * A short literal whose double is spelled as it stood needs no cell: it is
 * plain with `exact` set.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "jq/value/cell.h"
#include "json/num.h"

#define JQ_DIGITS 17 /* what jq keeps of a literal that becomes a double */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Take up to 15 digits with a point among them but no exponent.
 * Return: true, *x the number, *spelled whether printing it gives the text.
 */
static bool
short_number(const char *at, size_t len, double *x, bool *spelled)
{
	static const double pow10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	    1e12, 1e13, 1e14, 1e15};
	const char *p = at, *end = at + len, *dot = NULL;
	bool negative = len > 0 && *p == '-';
	uint64_t m = 0;

	p += negative;
	if (end - p > 16 || p == end)
		return false;
	for (; p < end; p++) {
		if (*p == '.' && !dot)
			dot = p;
		else if (is_digit(*p))
			m = m * 10 + (uint64_t)(*p - '0');
		else
			return false;
	}
	if (!dot && end - at - negative > 15)
		return false;
	*x = dot ? (double)m / pow10[end - dot - 1] : (double)m;
	if (negative)
		*x = -*x;
	*spelled = dot ? end[-1] != '0' && (*x >= 1e-4 || *x <= -1e-4) : m != 0 || !negative;
	return true;
}

/* The number of digits from the first to the last one that is not 0. */
static size_t
significant(const char *at, size_t len)
{
	size_t n = 0, last = 0;

	for (size_t i = 0; i < len && (is_digit(at[i]) || at[i] == '.' || at[i] == '-'); i++) {
		if (!is_digit(at[i]) || (at[i] == '0' && n == 0))
			continue;
		n++;
		if (at[i] != '0')
			last = n;
	}
	return last;
}

/* The digits behind the 17th: <0 less than half a unit of it, 0 half, >0 more. */
static int
behind(const char *p, const char *end)
{
	bool first = true;
	int half = -1;

	for (; p < end && (is_digit(*p) || *p == '.'); p++) {
		if (*p == '.')
			continue;
		if (first)
			half = *p < '5' ? -1 : *p > '5';
		else if (half == 0 && *p != '0')
			half = 1;
		first = false;
	}
	return half;
}

/* The exponent at p, behind its `e`; cut where nothing changes any more. */
static int64_t
exponent(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int64_t e = 0;

	for (p += p < end && (*p == '-' || *p == '+'); p < end; p++)
		if (e < INT64_MAX / 32)
			e = e * 10 + (*p - '0');
	return negative ? -e : e;
}

/*
 * jq rounds a literal to 17 digits, half to even, and that to a double: not
 * always the nearest double to what stood there.
 */
static double
rounded_twice(const char *at, size_t len)
{
	const char *p = at, *end = at + len;
	bool negative = *p == '-', fraction = false;
	uint64_t m = 0; /* the value is m * 10^e */
	int64_t e = 0;
	int n = 0, half;
	double x;

	for (p += negative; p < end && n < JQ_DIGITS && (is_digit(*p) || *p == '.'); p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		m = m * 10 + (uint64_t)(*p - '0');
		n += m != 0;
		e -= fraction;
	}
	half = behind(p, end);
	for (; p < end && (is_digit(*p) || *p == '.'); p++) {
		if (*p == '.')
			fraction = true;
		else
			e += !fraction;
	}
	if (half > 0 || (half == 0 && m % 2 == 1))
		m++;
	if (p < end)
		e += exponent(p + 1, end);
	x = mr_num_scale(m, e);
	return negative ? -x : x;
}

static double
text_double(const char *at, size_t len)
{
	if (len > JQ_DIGITS && significant(at, len) > JQ_DIGITS)
		return rounded_twice(at, len);
	return mr_num_double(at, len);
}

double
mr_value_double(const struct mr_value *v)
{
	if (v->form == MR_PLAIN)
		return v->u.number;
	if (v->form == MR_CELL)
		return mr_number_cell(v)->number;
	return text_double(v->u.text, v->len);
}

bool
mr_value_nan(const struct mr_value *v)
{
	return v->type == MR_NUMBER && v->form == MR_PLAIN && isnan(v->u.number);
}

/* A cell with a spelling in it. */
static struct mr_value
number_cell(const char *at, size_t len, double x)
{
	struct mr_number_cell *n = mr_xmalloc(sizeof *n + len);

	n->head = (struct mr_cell){.holders = 1, .type = MR_NUMBER, .owned = true};
	n->len = (uint32_t)len;
	n->number = x;
	memcpy(n->text, at, len);
	return (struct mr_value){.type = MR_NUMBER,
	    .form = MR_CELL,
	    .u.cell = (struct mr_cell *)(void *)n};
}

/* From a valid JSON number. */
static struct mr_value
from_json(const char *at, size_t len)
{
	struct mr_value v = {.type = MR_NUMBER, .exact = true};
	bool spelled;

	if (short_number(at, len, &v.u.number, &spelled) && spelled)
		return v;
	return number_cell(at, len, text_double(at, len));
}

/* A word that decNumber takes for a number, behind its sign. */
static struct mr_value
from_word(const char *p, size_t len, bool negative)
{
	if (len == 3 && strncasecmp(p, "nan", 3) == 0)
		return mr_value_number(NAN);
	if ((len == 3 && strncasecmp(p, "inf", 3) == 0) ||
	    (len == 8 && strncasecmp(p, "infinity", 8) == 0))
		return mr_value_number(negative ? -INFINITY : INFINITY);
	if (len > 1 && (*p == 's' || *p == 'S'))
		return from_word(p + 1, len == 4 ? 3 : 0, negative);
	if (len > 3 && strncasecmp(p, "nan", 3) == 0) { /* a payload of zeros is none */
		for (size_t i = 3; i < len; i++)
			if (p[i] != '0')
				return MR_VALUE_NONE;
		return mr_value_number(NAN);
	}
	return MR_VALUE_NONE;
}

struct mr_value
mr_value_literal(const char *at, size_t len)
{
	const char *p = at, *end = at + len, *whole, *point, *exp;
	struct mr_buf text = MR_BUF_INIT;
	struct mr_value v;
	size_t digits;
	bool sign = len > 0 && (*p == '-' || *p == '+');

	p += sign;
	if (p < end && !is_digit(*p) && *p != '.')
		return from_word(p, (size_t)(end - p), sign && *at == '-');
	for (whole = p; p < end && is_digit(*p);)
		p++;
	digits = (size_t)(p - whole);
	point = p;
	if (p < end && *p == '.')
		for (p++; p < end && is_digit(*p); digits++)
			p++;
	if (digits == 0)
		return MR_VALUE_NONE;
	exp = p;
	if (p < end) {
		if (*p != 'e' && *p != 'E')
			return MR_VALUE_NONE;
		p++;
		p += p < end && (*p == '-' || *p == '+');
		if (p == end)
			return MR_VALUE_NONE;
		while (p < end && is_digit(*p))
			p++;
		if (p < end)
			return MR_VALUE_NONE;
	}
	if ((!sign || *at == '-') && whole < point && exp - point != 1 &&
	    (*whole != '0' || whole + 1 == point))
		return from_json(at, len);
	/* as JSON spells it */
	while (whole + 1 < point && *whole == '0')
		whole++;
	if (sign && *at == '-')
		mr_buf_addc(&text, '-');
	if (whole == point)
		mr_buf_addc(&text, '0');
	mr_buf_add(&text, whole, (size_t)(point - whole));
	if (exp - point > 1)
		mr_buf_add(&text, point, (size_t)(exp - point));
	mr_buf_add(&text, exp, (size_t)(end - exp));
	v = from_json(text.at, text.len);
	mr_buf_release(&text);
	return v;
}

/* The spelling of a literal; room for one that is plain. */
static const char *
spelling(const struct mr_value *v, struct mr_buf *room, size_t *len)
{
	if (v->form == MR_TEXT) {
		*len = v->len;
		return v->u.text;
	}
	if (v->form == MR_CELL) {
		*len = mr_number_cell(v)->len;
		return mr_number_cell(v)->text;
	}
	mr_num_write_double(room, v->u.number);
	*len = room->len;
	return room->at;
}

int
mr_number_cmp(const struct mr_value *a, const struct mr_value *b)
{
	double x = mr_value_double(a), y = mr_value_double(b);
	struct mr_buf aroom = MR_BUF_INIT, broom = MR_BUF_INIT;
	const char *p, *q;
	size_t plen, qlen;
	int c;

	if (x != y) /* rounding keeps the order */
		return x < y ? -1 : 1;
	if (a->form == MR_PLAIN && (b->form == MR_PLAIN || !a->exact))
		return 0;
	if (b->form == MR_PLAIN && !b->exact)
		return 0;
	p = spelling(a, &aroom, &plen);
	q = spelling(b, &broom, &qlen);
	c = plen == qlen && memcmp(p, q, plen) == 0 ? 0 : mr_num_cmp(p, plen, q, qlen);
	mr_buf_release(&aroom);
	mr_buf_release(&broom);
	return c;
}

/* A literal without its sign or with the other one; a zero has none. */
static struct mr_value
signed_literal(const struct mr_value *v, bool negative)
{
	const char *at = v->form == MR_TEXT ? v->u.text : mr_number_cell(v)->text;
	size_t len = v->form == MR_TEXT ? v->len : mr_number_cell(v)->len;
	struct mr_buf text = MR_BUF_INIT;
	struct mr_value out;

	if (*at == '-') {
		at++;
		len--;
	}
	if (negative && significant(at, len) > 0)
		mr_buf_addc(&text, '-');
	mr_buf_add(&text, at, len);
	out = from_json(text.at, text.len);
	mr_buf_release(&text);
	return out;
}

int
mr_value_negate(struct mr_value v, struct mr_value *out)
{
	if (v.type != MR_NUMBER)
		return mr_value_fail1(out, v, "cannot be negated");
	if (v.form == MR_PLAIN) {
		v.u.number = v.exact && v.u.number == 0 ? 0 : -v.u.number;
		*out = v;
		return 0;
	}
	*out = signed_literal(&v,
	    *(v.form == MR_TEXT ? v.u.text : mr_number_cell(&v)->text) != '-');
	mr_value_free(v);
	return 0;
}

int
mr_value_length(struct mr_value v, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	const char *at;
	size_t len, n = 0;

	switch (v.type) {
	case MR_FALSE:
	case MR_TRUE: return mr_value_fail1(out, v, "has no length");
	case MR_NUMBER:
		*out = v;
		if (v.form == MR_PLAIN)
			out->u.number = fabs(v.u.number);
		else
			*out = signed_literal(&v, false);
		break;
	case MR_STRING:
		at = mr_value_bytes(&v, &room, &len);
		for (size_t i = 0; i < len; i++)
			n += (at[i] & 0xc0) != 0x80;
		mr_buf_release(&room);
		*out = mr_value_number((double)n);
		break;
	default: *out = mr_value_number((double)mr_value_count(&v));
	}
	mr_value_free(v);
	return 0;
}
