/*
 * Made-up texts that are JSON or nearly so, from a seed.
 */
#ifndef MR_JSON_MAKE_H
#define MR_JSON_MAKE_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

static uint64_t seed;

static inline unsigned
roll(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((seed >> 33) % n);
}

static inline void
make_value(struct mr_buf *b, int levels)
{
	static const char *const scalars[] = {"0", "-1", "1.50", "9007199254740993", "1e-3", "-0.0", "true", "false", "null",
	    "\"\"", "\"a\"", "\"W\xC3\xBCrfel\"", "\"\\u00e9\\n\"", "\"\\ud83d\\ude00\"", "\"]}{[\"", "\"12345678\\\"\"",
	    "\"\\u0000\"", "12345678901234567890123", "\"2026-03-02T00:00:00.000Z\"", "\xF0\x9F"};
	static const char *const keys[] = {"a", "b", "a", "b", "ab", "status", "pickup", "lat", "\\u0061", "\\u0062", "abcdefgh",
	    "abcdefghi", "st\\u0061tus", "", "\xC3\xA9"};
	static const char *const gaps[] = {"", "", "", "", "", " ", "\t", "\r\n "};
	unsigned kind = levels > 0 ? roll(5) : 9, n = roll(4);

	mr_buf_adds(b, gaps[roll(8)]);
	if (kind >= 4) {
		mr_buf_adds(b, scalars[roll(19 + (roll(40) == 0))]);
	} else {
		mr_buf_adds(b, kind < 2 ? "{" : "[");
		for (unsigned i = 0; i < n; i++) {
			if (i)
				mr_buf_adds(b, ",");
			if (kind < 2)
				mr_buf_printf(b, "%s\"%s\"%s:", gaps[roll(8)], keys[roll(15)], gaps[roll(8)]);
			make_value(b, levels - 1);
		}
		mr_buf_adds(b, kind < 2 ? "}" : "]");
	}
	mr_buf_adds(b, gaps[roll(8)]);
}

static inline void
mutate(struct mr_buf *b)
{
	static const char bytes[] = "\"\\{}[],:0123456789.-+eEtrufalsn \t\n\x01\x80\xC3\xE9\xF0\xFF\0ud8";
	size_t at = roll((unsigned)b->len);

	switch (roll(4)) {
	case 0: b->at[at] = bytes[roll(sizeof bytes - 1)]; break;
	case 1: b->at[at] ^= (char)(1 << roll(8)); break;
	case 2: b->len = at; break;
	default:
		memmove(b->at + at, b->at + at + 1, b->len - at - 1);
		b->len--;
	}
}

#endif
