/*
 * Files of tzdata made by hand: changes from one offset to another, and a
 * rule.  What holds for any zone at any time.
 */
#ifndef MR_ZONE_MAKE_H
#define MR_ZONE_MAKE_H

#include <stdint.h>

#include "base/buf.h"
#include "time/zone.h"
#include "unit.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define FROM_S INT64_C(-3786825600)	/* 1850 */
#define TO_S INT64_C(16725225600)	/* 2500 */

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

static inline struct mr_zone *
zone_named(const char *name)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_zone *z = mr_zone_new(name, &err);

	if (!z)
		printf("# %s: %s\n", name, err.text);
	return z;
}

static inline int64_t
zone_draw_ms(int64_t from_s, int64_t to_s)
{
	return from_s * SECOND + (int64_t)unit_draw((uint64_t)(to_s - from_s) * 1000);
}

static inline struct mr_zone *
zone_made(char version, int32_t first_s, const struct tzif_change *c, size_t n, const char *rule)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf b = MR_BUF_INIT;
	struct mr_zone *z;

	tzif_make(&b, version, first_s, c, n, rule);
	z = mr_zone_read(b.at, b.len, &err);
	if (!z)
		printf("# '%s': %s\n", rule, err.text);
	mr_buf_release(&b);
	return z;
}

/* Any time at all: stretches hold what they were asked for, and say the same offset. */
static inline int
zone_bad_anywhere(const struct mr_zone *z)
{
	int bad = 0;

	for (int i = 0; i < 300; i++) {
		int64_t t = (int64_t)(unit_draw(UINT64_MAX) >> unit_draw(64));
		struct mr_zone_stretch s;

		if (i < 4)
			t = i % 2 ? INT64_MAX - i : INT64_MIN + i;
		else if (i % 2)
			t = -t;
		mr_zone_at(z, t, &s);
		bad += t < s.from || (t >= s.to && s.to != INT64_MAX);
		bad += s.offset_ms != mr_zone_offset_ms(z, t);
		bad += s.offset_ms != mr_zone_offset_ms(z, s.from);
		bad += s.to != INT64_MAX && s.offset_ms != mr_zone_offset_ms(z, s.to - 1);
		bad += s.offset_ms <= -26 * HOUR || s.offset_ms >= 26 * HOUR;
		if (t > -(INT64_C(1) << 62) && t < INT64_C(1) << 62) {
			int64_t first = mr_zone_instant(z, t);

			bad += first + mr_zone_offset_ms(z, first) < t;
			bad += first - 1 + mr_zone_offset_ms(z, first - 1) >= t;
		} else {
			mr_zone_instant(z, t);
		}
	}
	return bad;
}

#endif
