/*
 * key - canonical spellings.
 */
#include <stdbool.h>
#include <string.h>

#include "json/num.h"
#include "json/str.h"
#include "json/digits.h"
#include "json/key.h"

#define PLAIN_LOW (-6) /* exponents of the first digit that are written plain */
#define PLAIN_HIGH 20

/* Up to 18 digits without sign of a second spelling: 0, 7, 12, not 007, -0, 1.0, 1e3. */
static bool
is_plain_integer(const char *at, size_t len)
{
	size_t i = *at == '-';

	if (len - i > 18 || (at[i] == '0' && len > 1))
		return false;
	for (; i < len; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	return true;
}

static void
add_zeros(struct mr_buf *key, int64_t n)
{
	while (n-- > 0)
		mr_buf_addc(key, '0');
}

/* The digits with a point behind the first `whole` of them; 0.00ddd when that is not above 0. */
static void
add_digits(struct mr_buf *key, const struct mr_digits *d, int64_t whole)
{
	int64_t n = (int64_t)d->n;

	if (whole <= 0) {
		mr_buf_adds(key, "0.");
		add_zeros(key, -whole);
		whole = n; /* no second point */
	}
	mr_buf_grow(key, d->n + 1);
	mr_digits_copy(d, key->at + key->len);
	key->len += d->n;
	add_zeros(key, whole - n);
	if (whole < n) {
		char *point = key->at + key->len - (n - whole);

		memmove(point + 1, point, (size_t)(n - whole));
		*point = '.';
		key->len++;
	}
}

static int
add_number(struct mr_buf *key, const struct mr_val *val, struct mr_err *err)
{
	struct mr_digits d;
	int64_t exponent;

	if (is_plain_integer(val->at, val->len)) {
		mr_buf_add(key, val->at, val->len);
		return 0;
	}
	if (mr_digits_read(&d, val->at, val->len))
		return mr_err_set(err, MR_EX_DATA, "the number's exponent is out of range");
	if (!d.n) {
		mr_buf_addc(key, '0');
		return 0;
	}
	if (d.negative)
		mr_buf_addc(key, '-');
	exponent = (int64_t)d.n - 1 - d.scale;
	if (exponent >= PLAIN_LOW && exponent <= PLAIN_HIGH) {
		add_digits(key, &d, exponent + 1);
		return 0;
	}
	add_digits(key, &d, 1);
	mr_buf_adds(key, exponent < 0 ? "e" : "e+");
	mr_num_write_int64(key, exponent);
	return 0;
}

/* Copy a valid JSON text without the white space outside of its strings. */
static void
add_compact(struct mr_buf *key, const char *at, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = at[i];

		if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
			continue;
		if (quoted && c == '\\') {
			mr_buf_addc(key, c);
			c = at[++i];
		} else if (c == '"') {
			quoted = !quoted;
		}
		mr_buf_addc(key, c);
	}
}

int
mr_key_add(struct mr_buf *key, const struct mr_val *val, struct mr_buf *room, struct mr_err *err)
{
	const char *text;
	size_t len;

	switch (val->type) {
	case MR_MISSING: mr_buf_adds(key, "null"); return 0;
	case MR_STRING:
		if (!val->escaped)
			break;
		text = mr_str_bytes(val, room, &len);
		mr_str_write(key, text, len);
		return 0;
	case MR_NUMBER: return add_number(key, val, err);
	case MR_ARRAY:
	case MR_OBJECT: add_compact(key, val->at, val->len); return 0;
	default: break;
	}
	mr_buf_add(key, val->at, val->len);
	return 0;
}

int
mr_key_cmp(const void *a, size_t alen, const void *b, size_t blen)
{
	size_t shared = alen < blen ? alen : blen;
	int cmp = shared ? memcmp(a, b, shared) : 0;

	return cmp ? cmp : (alen > blen) - (alen < blen);
}
