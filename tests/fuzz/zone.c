/*
 * zone: bytes of a file of tzdata.  What is taken has offsets, stretches and
 * first instants that agree with each other, and days that follow each other; what
 * is refused has words.  Behind "TZ=" the bytes are a rule, put into a file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "time/calendar.h"
#include "time/tzif.h"
#include "time/zone.h"

#define LIMIT_MS (MR_OFFSET_LIMIT_S * INT64_C(1000))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_stretch(const struct mr_zone *z, int64_t ms, const struct mr_zone_stretch *s)
{
	if (s->offset_ms <= -LIMIT_MS || s->offset_ms >= LIMIT_MS)
		abort();
	if (ms < s->from || (ms >= s->to && s->to != INT64_MAX))
		abort();
	if (mr_zone_offset_ms(z, ms) != s->offset_ms ||
	    mr_zone_offset_ms(z, s->from) != s->offset_ms ||
	    (s->to != INT64_MAX && mr_zone_offset_ms(z, s->to - 1) != s->offset_ms))
		abort();
}

static void
check_instant(const struct mr_zone *z, int64_t local)
{
	int64_t at = mr_zone_instant(z, local);

	if (local < -(INT64_C(1) << 62) || local > INT64_C(1) << 62)
		return;
	if (at + mr_zone_offset_ms(z, at) < local || at - 1 + mr_zone_offset_ms(z, at - 1) >= local)
		abort();
	if (mr_zone_instant(z, local - 1) > at)
		abort();
}

static void
check_calendar(const struct mr_zone *z, int64_t ms)
{
	struct mr_calendar c, next;

	if (ms < -(INT64_C(1) << 62) || ms > INT64_C(1) << 62)
		return;
	for (int unit = MR_CALENDAR_DAY; unit <= MR_CALENDAR_MONTH; unit++) {
		mr_calendar_find(z, (enum mr_calendar_unit)unit, ms, &c);
		mr_calendar_find(z, (enum mr_calendar_unit)unit, c.end, &next);
		if (!mr_calendar_holds(&c, ms) || next.start != c.end || next.index <= c.index)
			abort();
	}
}

/* The bounds from 1900 on, and times of all sizes. */
static void
check_zone(const struct mr_zone *z)
{
	struct mr_zone_stretch s;
	int64_t ms = INT64_C(-2208988800000);

	for (int i = 0; i < 40; i++) {
		mr_zone_at(z, ms, &s);
		check_stretch(z, ms, &s);
		check_instant(z, ms);
		check_calendar(z, ms);
		if (s.to == INT64_MAX)
			break;
		ms = s.to;
		check_instant(z, ms + s.offset_ms);
		check_instant(z, ms + s.offset_ms - 1);
		check_calendar(z, ms - 1);
	}
	for (int i = 0; i < 64; i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			ms = (int64_t)((uint64_t)INT64_MAX >> i) * sign;
			mr_zone_at(z, ms, &s);
			check_stretch(z, ms, &s);
			check_instant(z, ms);
			check_calendar(z, ms);
		}
}

/* A file of version 3 without changes, whose rule this is. */
static void
make_file(struct mr_buf *b, const void *rule, size_t len)
{
	static const char counts[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4";
	static const char kind[] = "\0\0\0\0\0\0ABC";

	for (int i = 0; i < 2; i++) {
		mr_buf_add(b, "TZif3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
		mr_buf_add(b, counts, 24);
		mr_buf_add(b, kind, 10);
	}
	mr_buf_addc(b, '\n');
	mr_buf_add(b, rule, len);
	mr_buf_addc(b, '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf b = MR_BUF_INIT;
	struct mr_zone *z;

	if (size > 3 && memcmp(data, "TZ=", 3) == 0) {
		make_file(&b, data + 3, size - 3);
		z = mr_zone_read(b.at, b.len, &err);
		mr_buf_release(&b);
	} else {
		z = mr_zone_read(data, size, &err);
	}
	if (z)
		check_zone(z);
	else if (err.status != MR_EX_WORLD || strncmp(err.text, "it is damaged: ", 15) != 0)
		abort();
	mr_zone_free(z);
	return 0;
}
