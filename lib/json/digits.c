/*
 * digits - take a number's spelling apart, without arithmetic on its digits.
 */
#include "json/digits.h"

#define EXPONENT_MAX ((int64_t)100000000000000000)

static int
read_exponent(const char *at, const char *end, int64_t *exponent)
{
	bool negative = false;
	int64_t n = 0;

	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	for (; at < end; at++) {
		n = n * 10 + (*at - '0');
		if (n >= EXPONENT_MAX)
			return -1;
	}
	*exponent = negative ? -n : n;
	return 0;
}

int
mr_digits_read(struct mr_digits *d, const char *at, size_t len)
{
	const char *end = at + len, *p;
	int64_t exponent = 0, fraction = 0;
	size_t seen = 0; /* digits from the first that is not zero */
	size_t kept = 0; /* the same up to the last that is not zero */
	bool point = false;

	*d = (struct mr_digits){.negative = *at == '-', .at = at};
	for (p = at + d->negative; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		fraction += point;
		if (!seen && *p != '0')
			d->at = p;
		if (seen || *p != '0')
			seen++;
		if (*p != '0')
			kept = seen;
	}
	if (!kept) {
		d->negative = false;
		return 0;
	}
	if (p < end && read_exponent(p + 1, end, &exponent))
		return -1;
	d->n = kept;
	d->scale = fraction - exponent - (int64_t)(seen - kept);
	return 0;
}

void
mr_digits_copy(const struct mr_digits *d, char *out)
{
	const char *p = d->at;

	for (size_t i = 0; i < d->n; p++)
		if (*p != '.')
			out[i++] = *p;
}
