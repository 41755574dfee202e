/*
 * UTF-8, a vector of bytes at a time, for kernels with a lookup in 16 bytes.
 *
 * What can be wrong with a pair of neighbouring bytes depends on three
 * half-bytes: both of the first, the high one of the second.  A table for each
 * tells by a bit each which faults it allows; a fault is what all three allow.
 * Third and fourth bytes need a continuation byte behind another one, which
 * is what TWO is: right there, and wrong elsewhere.
 *
 * Primitives: vec, vec_load(p), vec_table(t), vec_lookup(table, indexes),
 * vec_low(x) and vec_high(x), the half-bytes, vec_and, vec_or, vec_xor,
 * vec_above(x, n): not 0 in the high bit where a byte is n or more, n being at
 * least 0x80, vec_any(x): not all 0.
 */
enum {
	SHORT = 0x01, /* a lead byte, but no continuation */
	STRAY = 0x02, /* a continuation behind ASCII */
	OVER3 = 0x04, /* 3 bytes where fewer do */
	LARGE = 0x08, /* beyond U+10FFFF: F4 90 and above */
	SURRO = 0x10, /* a surrogate */
	OVER2 = 0x20, /* 2 bytes where one does */
	OVER4 = 0x40, /* 4 bytes where fewer do; F5 80 and above too, which are too large */
	TWO = 0x80,   /* two continuations */
	ANY_LOW = SHORT | STRAY | TWO
};

static const unsigned char utf8_tables[3][16] = {
    {STRAY, STRAY, STRAY, STRAY, STRAY, STRAY, STRAY, STRAY, TWO, TWO, TWO, TWO, SHORT | OVER2,
	SHORT, SHORT | OVER3 | SURRO, SHORT | LARGE | OVER4},
    {ANY_LOW | OVER2 | OVER3 | OVER4, ANY_LOW | OVER2, ANY_LOW, ANY_LOW, ANY_LOW | LARGE,
	ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4,
	ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4,
	ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4 | SURRO,
	ANY_LOW | LARGE | OVER4, ANY_LOW | LARGE | OVER4},
    {SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, STRAY | TWO | OVER2 | OVER3 | OVER4,
	STRAY | TWO | OVER2 | OVER3 | LARGE, STRAY | TWO | OVER2 | SURRO | LARGE,
	STRAY | TWO | OVER2 | SURRO | LARGE, SHORT, SHORT, SHORT, SHORT},
};

/* 64 bytes at p, and three before it. */
static inline bool
utf8_behind(const unsigned char *p)
{
	vec first_high = vec_table(utf8_tables[0]), first_low = vec_table(utf8_tables[1]);
	vec second_high = vec_table(utf8_tables[2]), faults = vec_zero();

	for (size_t i = 0; i < 64; i += sizeof(vec)) {
		vec here = vec_load(p + i), one = vec_load(p + i - 1);
		vec special = vec_and(vec_lookup(first_high, vec_high(one)),
		    vec_and(vec_lookup(first_low, vec_low(one)),
			vec_lookup(second_high, vec_high(here))));
		vec must = vec_or(vec_above(vec_load(p + i - 2), 0xe0),
		    vec_above(vec_load(p + i - 3), 0xf0));

		faults = vec_or(faults, vec_xor(special, vec_and(must, vec_byte(0x80))));
	}
	return !vec_any(faults);
}

__attribute__((noinline)) static bool
block_utf8(const unsigned char *p, bool first)
{
	unsigned char room[80] = {0};

	if (!first)
		return utf8_behind(p);
	__builtin_memcpy(room + 16, p, 64);
	return utf8_behind(room + 16);
}
