/*
 * Time zones of the system's tzdata, by their IANA names: Europe/Paris.
 *
 * Looked for where the C library looks: in $TZDIR, or without it in
 * /usr/share/zoneinfo, /usr/lib/zoneinfo, /usr/share/lib/zoneinfo and
 * /etc/zoneinfo.  The files are read here, because the C library has one zone a
 * process.  UTC, also spelled Z, needs no file.  Behind the last change that a
 * file lists, its rule goes on for ever; without a rule, the last offset does.
 *
 * Times are milliseconds since 1970.  A local time counts them as if the
 * clock on the wall showed UTC: local = time + offset.  All of int64 is taken;
 * results stay within it.  A zone does not change once made: threads may share
 * it, and no call but the makers allocates.  NULL stands for UTC.
 */
#ifndef MR_TIME_ZONE_H
#define MR_TIME_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mr_zone;

/* A stretch of time with one offset: from <= time < to; up to INT64_MAX it has no end. */
struct mr_zone_stretch {
	int64_t from, to, offset_ms;
};

/*
 * The zone of that name, or NULL with err set: MR_EX_USAGE no such name,
 * MR_EX_WORLD a file cannot be read or is damaged, or no tzdata is installed.
 */
struct mr_zone *mr_zone_new(const char *name, struct mr_err *);

/* The same from the bytes of a file; they are not kept.  MR_EX_WORLD when they are damaged. */
struct mr_zone *mr_zone_read(const void *at, size_t len, struct mr_err *);
void mr_zone_free(struct mr_zone *);

/* What to add to a time for the local one.  O(log changes). */
int64_t mr_zone_offset_ms(const struct mr_zone *, int64_t ms);

/*
 * The same with its bounds: a caller that keeps them asks again only outside
 * of them.  The offset may be the same on both sides of a bound.
 */
void mr_zone_at(const struct mr_zone *, int64_t ms, struct mr_zone_stretch *);

/*
 * The first time at which the local clock shows this or later: of a time the
 * clock skips, when it skips; of one that it shows twice, the first.
 */
int64_t mr_zone_instant(const struct mr_zone *, int64_t local_ms);

#endif
