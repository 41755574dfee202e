/*
 * tzif - the blocks of a file of tzdata, checked before anything uses them.
 *
 * Such files come from the system, but a disk can be damaged and TZDIR names
 * any folder: no count and no index is believed.
 */
#include <string.h>

#include "time/tzif.h"

#define HEADER 44
#define KIND 6 /* int32 offset, summer time or not, index of its abbreviation */

static const char short_file[] = "it ends too early";

struct counts {
	uint32_t utc, standard, leaps, changes, kinds, letters;
};

static uint32_t
get32(const unsigned char *s)
{
	return (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
}

/* A header: what its block holds.  The order of the counts is the file's own. */
static const char *
read_header(const unsigned char *s, size_t len, struct counts *n)
{
	if (len < 4 || memcmp(s, "TZif", 4) != 0)
		return "it does not begin with TZif";
	if (len < HEADER)
		return short_file;
	if (s[4] != 0 && s[4] < '2')
		return "its version is unknown";
	n->utc = get32(s + 20);
	n->standard = get32(s + 24);
	n->leaps = get32(s + 28);
	n->changes = get32(s + 32);
	n->kinds = get32(s + 36);
	n->letters = get32(s + 40);
	return NULL;
}

static uint64_t
block_size(const struct counts *n, size_t width)
{
	return (uint64_t)n->changes * (width + 1) + (uint64_t)n->kinds * KIND + n->letters +
	    (uint64_t)n->leaps * (width + 4) + n->standard + (uint64_t)n->utc;
}

static const char *
check_kinds(const struct mr_tzif *f, const struct counts *n)
{
	for (size_t i = 0; i < f->kinds; i++) {
		const unsigned char *kind = f->kind + i * KIND;
		int32_t offset = (int32_t)get32(kind);

		if (offset <= -MR_OFFSET_LIMIT_S || offset >= MR_OFFSET_LIMIT_S)
			return "an offset is 26 hours or more";
		if (kind[4] > 1 || kind[5] >= n->letters)
			return "a kind of time is not one";
	}
	return NULL;
}

static const char *
check_changes(const struct mr_tzif *f)
{
	for (size_t i = 0; i < f->changes; i++) {
		if (f->to[i] >= f->kinds)
			return "a change leads to no kind of time";
		if (i > 0 && mr_tzif_time_s(f, i) <= mr_tzif_time_s(f, i - 1))
			return "its changes are not in order";
	}
	return NULL;
}

static const char *
read_block(const unsigned char *s, const struct counts *n, size_t width, struct mr_tzif *f)
{
	const char *why;

	if (n->kinds == 0 || n->kinds > 256 || n->letters == 0)
		return "it has no kind of time, or too many";
	if ((n->utc && n->utc != n->kinds) || (n->standard && n->standard != n->kinds))
		return "its counts contradict each other";
	if (n->leaps)
		return "it counts leap seconds, unlike times since 1970";
	*f = (struct mr_tzif){.changes = n->changes, .kinds = n->kinds, .width = width};
	f->times = s;
	f->to = s + f->changes * width;
	f->kind = f->to + f->changes;
	if ((why = check_kinds(f, n)))
		return why;
	return check_changes(f);
}

/* "\nRULE\n" behind the second block */
static const char *
read_rule(const unsigned char *s, size_t len, struct mr_tzif *f)
{
	const unsigned char *end;

	if (len < 2)
		return short_file;
	if (*s != '\n')
		return "its rule does not stand where it should";
	if (!(end = memchr(s + 1, '\n', len - 1)))
		return short_file;
	f->rule = (const char *)s + 1;
	f->rule_len = (size_t)(end - s - 1);
	return NULL;
}

/* The first block is for readers with 32 bits: from version 2 on it is stepped over. */
const char *
mr_tzif_read(const void *at, size_t len, struct mr_tzif *f)
{
	const unsigned char *s = at;
	size_t width = 4;
	struct counts n;
	const char *why;

	if ((why = read_header(s, len, &n)))
		return why;
	if (block_size(&n, width) > len - HEADER)
		return short_file;
	if (s[4] == 0)
		return read_block(s + HEADER, &n, width, f);
	len -= HEADER + block_size(&n, width);
	s += HEADER + block_size(&n, width);
	width = 8;
	if (len == 0)
		return short_file;
	if ((why = read_header(s, len, &n)))
		return why;
	if (block_size(&n, width) > len - HEADER)
		return short_file;
	if ((why = read_block(s + HEADER, &n, width, f)))
		return why;
	len -= HEADER + block_size(&n, width);
	s += HEADER + block_size(&n, width);
	return read_rule(s, len, f);
}

int64_t
mr_tzif_time_s(const struct mr_tzif *f, size_t change)
{
	const unsigned char *s = f->times + change * f->width;

	if (f->width == 4)
		return (int32_t)get32(s);
	return (int64_t)((uint64_t)get32(s) << 32 | get32(s + 4));
}

int32_t
mr_tzif_offset_s(const struct mr_tzif *f, size_t change)
{
	return (int32_t)get32(f->kind + f->to[change] * (size_t)KIND);
}

int32_t
mr_tzif_first_s(const struct mr_tzif *f)
{
	return (int32_t)get32(f->kind);
}
