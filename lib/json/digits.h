/*
 * The significant digits of a JSON number: what two spellings of one value
 * (1, 1.0, 10e-1) have in common.
 *
 * value = +-D * 10^-scale, D the n digits from the first to the last that is
 * not zero; n = 0 is zero, whatever its sign and exponent.
 */
#ifndef MR_JSON_DIGITS_H
#define MR_JSON_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mr_digits {
	bool negative;
	size_t n;
	int64_t scale;
	const char *at; /* the first of them, in the number; a '.' may stand between */
};

/* Read a scanned (valid) number: 0, or -1 when its exponent has no place in 10^17. */
int mr_digits_read(struct mr_digits *, const char *at, size_t len);

/* Copy the n digits without the point to out[n]. */
void mr_digits_copy(const struct mr_digits *, char *out);

#endif
