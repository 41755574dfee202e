/*
 * A compiled file of tzdata (RFC 9636, versions 1 to 4; a later one is read as
 * a 4): when the offset of a zone changed, and its rule from then on.
 *
 * The 64-bit block is read where there is one.  A file that counts leap
 * seconds is refused, since its times are not those since 1970 that everything else
 * here means.
 */
#ifndef MR_TIME_TZIF_H
#define MR_TIME_TZIF_H

#include <stddef.h>
#include <stdint.h>

/* No offset of a sound file is as far from UTC, in seconds. */
#define MR_OFFSET_LIMIT_S (26 * 3600)

/* Points into the bytes that were read: they must outlive it. */
struct mr_tzif {
	size_t changes, kinds;      /* kinds: 1 or more */
	size_t width;               /* bytes of a time: 4 or 8 */
	const unsigned char *times; /* of the changes, ascending */
	const unsigned char *to;    /* the kind of time that each begins */
	const unsigned char *kind;  /* 6 bytes each */
	const char *rule;           /* the POSIX rule behind the last change */
	size_t rule_len;            /* 0: none */
};

/* Returns NULL, or what is wrong with the file: a constant. */
const char *mr_tzif_read(const void *at, size_t len, struct mr_tzif *);

int64_t mr_tzif_time_s(const struct mr_tzif *, size_t change);
int32_t mr_tzif_offset_s(const struct mr_tzif *, size_t change); /* from that change on */
int32_t mr_tzif_first_s(const struct mr_tzif *);                 /* before the first */

#endif
