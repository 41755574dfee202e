/*
 * Files of tzdata made by hand: changes from one offset to another, and a rule.
 */
#ifndef MR_TZIF_MAKE_H
#define MR_TZIF_MAKE_H

#include <stdint.h>

#include "base/buf.h"

struct tzif_change {
	int64_t at_s;
	int32_t offset_s;
};

static inline void
tzif_put(struct mr_buf *b, int64_t n, int bytes)
{
	while (bytes-- > 0)
		mr_buf_addc(b, (char)(bytes < 8 ? (uint64_t)n >> (8 * bytes) : 0));
}

static inline void
tzif_header(struct mr_buf *b, char version, size_t changes, size_t leaps)
{
	mr_buf_adds(b, "TZif");
	mr_buf_addc(b, version);
	tzif_put(b, 0, 15);
	tzif_put(b, 0, 4);
	tzif_put(b, 0, 4);
	tzif_put(b, (int64_t)leaps, 4);
	tzif_put(b, (int64_t)changes, 4);
	tzif_put(b, (int64_t)changes + 1, 4);
	tzif_put(b, 4, 4);
}

/* A kind of time for what is before the changes, and one for each. */
static inline void
tzif_block(struct mr_buf *b, int32_t first_s, const struct tzif_change *c, size_t n, int width)
{
	for (size_t i = 0; i < n; i++)
		tzif_put(b, c[i].at_s, width);
	for (size_t i = 0; i < n; i++)
		tzif_put(b, (int64_t)i + 1, 1);
	for (size_t i = 0; i <= n; i++) {
		tzif_put(b, i ? c[i - 1].offset_s : first_s, 4);
		tzif_put(b, 0, 2);
	}
	mr_buf_add(b, "ABC", 4);
}

/* Version 0 has times of 32 bits and no rule; n up to 255. */
static inline void
tzif_make(struct mr_buf *b, char version, int32_t first_s, const struct tzif_change *c, size_t n,
    const char *rule)
{
	b->len = 0;
	if (version == 0) {
		tzif_header(b, version, n, 0);
		tzif_block(b, first_s, c, n, 4);
		return;
	}
	tzif_header(b, version, 0, 0);
	tzif_block(b, 0, NULL, 0, 4);
	tzif_header(b, version, n, 0);
	tzif_block(b, first_s, c, n, 8);
	mr_buf_addc(b, '\n');
	mr_buf_adds(b, rule);
	mr_buf_addc(b, '\n');
}

#endif
