/*
 * zone - offsets from UTC, by binary search.
 *
 * The Gregorian calendar repeats every 400 years, weekdays included, and so do the
 * rules of all zones.  So the rule is written out once, for 400 years, and a
 * later time is looked up as many centuries earlier: one search, and no date
 * arithmetic for a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "time/civil.h"
#include "time/rule.h"
#include "time/tzif.h"
#include "time/zone.h"

#define ERA_MS (INT64_C(1) * MR_ERA_DAYS * MR_DAY_MS)
#define LIMIT_S \
	(INT64_C(1) << 50) /* what a file says behind it, in 35 million years, is not used */
#define FILE_MAX (1 << 20)

struct part {
	int64_t from; /* up to the next one's */
	int64_t offset_ms;
};

struct mr_zone {
	struct part *parts; /* the first is from INT64_MIN on */
	size_t n, cap;
	bool repeats, always; /* from era_ms on; before it, too */
	int64_t era_ms;       /* [era_ms, era_ms + ERA_MS) stands for what comes */
};

/* A change at the time of the last one takes its place. */
static void
add_part(struct mr_zone *z, int64_t from, int64_t offset_ms)
{
	if (z->n && z->parts[z->n - 1].from == from)
		z->n--;
	if (z->n && z->parts[z->n - 1].offset_ms == offset_ms)
		return;
	if (z->n == z->cap) {
		z->cap = z->cap ? z->cap * 2 : 64;
		z->parts = mr_xrealloc(z->parts, z->cap * sizeof *z->parts);
	}
	z->parts[z->n++] = (struct part){from, offset_ms};
}

/* The changes of the file; returns from when on its rule goes. */
static int64_t
add_changes(struct mr_zone *z, const struct mr_tzif *f)
{
	int64_t from = INT64_MIN;

	add_part(z, from, mr_tzif_first_s(f) * INT64_C(1000));
	for (size_t i = 0; i < f->changes; i++) {
		int64_t at = mr_tzif_time_s(f, i);

		if (at > LIMIT_S)
			return INT64_MAX;
		if (at >= -LIMIT_S)
			from = at * 1000;
		add_part(z, from, mr_tzif_offset_s(f, i) * INT64_C(1000));
	}
	return from;
}

/*
 * Summers of 400 years, with one more on both sides for what reaches over.
 * Where one ends when the next begins, or later, it is summer all the time.
 */
static void
add_summers(struct mr_zone *z, const struct mr_rule *rule)
{
	int64_t standard = rule->standard_s * INT64_C(1000),
		summer = rule->summer_s * INT64_C(1000);
	int64_t year, first, last = z->era_ms; /* up to here all is written */
	unsigned month, day;

	mr_civil_from_days(mr_floor_div(z->era_ms, MR_DAY_MS), &first, &month, &day);
	add_part(z, z->era_ms, standard);
	for (year = first - 2; year <= first + MR_ERA_YEARS + 1; year++) {
		int64_t start = mr_rule_start(rule, year), end = mr_rule_end(rule, year);

		if (end < start) /* south of the equator */
			end = mr_rule_end(rule, year + 1);
		start *= 1000;
		end *= 1000;
		if (start < last)
			start = last;
		if (end <= start)
			continue;
		add_part(z, start, summer);
		add_part(z, end, standard);
		last = end;
	}
}

/* A file without changes lives by its rule alone, which has no beginning. */
static void
add_rule(struct mr_zone *z, const struct mr_rule *rule, int64_t from)
{
	if (!rule->changes) {
		add_part(z, from, rule->standard_s * INT64_C(1000));
		return;
	}
	z->repeats = true;
	z->always = from == INT64_MIN;
	z->era_ms = z->always ? 0 : from;
	add_summers(z, rule);
}

struct mr_zone *
mr_zone_read(const void *at, size_t len, struct mr_err *err)
{
	struct mr_tzif f;
	struct mr_rule rule;
	struct mr_zone *z;
	const char *why = mr_tzif_read(at, len, &f);
	int64_t from;

	if (!why && f.rule_len && (why = mr_rule_parse(f.rule, f.rule_len, &rule))) {
		mr_err_set(err, MR_EX_WORLD, "it is damaged: in its rule, %s", why);
		return NULL;
	}
	if (why) {
		mr_err_set(err, MR_EX_WORLD, "it is damaged: %s", why);
		return NULL;
	}
	z = mr_xcalloc(1, sizeof *z);
	from = add_changes(z, &f);
	if (f.rule_len && from != INT64_MAX)
		add_rule(z, &rule, from);
	return z;
}

void
mr_zone_free(struct mr_zone *z)
{
	if (!z)
		return;
	free(z->parts);
	free(z);
}

/* A name is a path below the folder of tzdata, and must stay there. */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || name[len - 1] == '/')
		return false;
	for (const char *s = name; *s; s++) {
		if ((s == name || s[-1] == '/') && (*s == '/' || *s == '.' || *s == '-'))
			return false;
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			strchr("0123456789_+-./", *s)))
			return false;
	}
	return true;
}

static int
open_in(const char *folder, const char *name)
{
	struct mr_buf path = MR_BUF_INIT;
	int fd;

	mr_buf_printf(&path, "%s/%s", folder, name);
	fd = open(mr_buf_str(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	mr_buf_release(&path);
	return fd;
}

/* Where the name is a file; -1 not here, errno says whether it could not be looked for. */
static int
open_zone(const char *folder, const char *name)
{
	int fd = open_in(folder, name);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
		errno = ENOENT; /* Europe is a folder */
	}
	return fd;
}

static struct mr_zone *
read_fd(int fd, struct mr_err *err)
{
	struct mr_buf data = MR_BUF_INIT;
	struct mr_zone *z = NULL;
	ssize_t n;

	do {
		mr_buf_grow(&data, 4096);
		n = read(fd, data.at + data.len, data.cap - data.len);
		if (n > 0)
			data.len += (size_t)n;
	} while ((n > 0 && data.len <= FILE_MAX) || (n < 0 && errno == EINTR));
	if (n < 0)
		mr_err_sys(err, "cannot read it");
	else if (data.len > FILE_MAX)
		mr_err_set(err, MR_EX_WORLD, "it is damaged: it is larger than 1 MiB");
	else
		z = mr_zone_read(data.at, data.len, err);
	mr_buf_release(&data);
	return z;
}

/* zone.tab and the like lie there, too: not damaged, but no zones. */
static bool
is_zone(int fd)
{
	char magic[4];

	return pread(fd, magic, 4, 0) != 4 || memcmp(magic, "TZif", 4) == 0;
}

static struct mr_zone *
zone_from(int fd, const char *folder, const char *name, struct mr_err *err)
{
	struct mr_zone *z = NULL;

	if (!is_zone(fd)) {
		mr_err_set(err, MR_EX_USAGE,
		    "'%s' is not a time zone: %s/%s does not begin with TZif", name, folder, name);
	} else if (!(z = read_fd(fd, err))) {
		mr_err_prefix(err, "cannot use time zone '%s': %s/%s", name, folder, name);
	}
	close(fd);
	return z;
}

/* Not found: the message names the folder that is there, or says that none is. */
static struct mr_zone *
no_zone(const char *const *folders, const char *name, struct mr_err *err)
{
	for (; *folders; folders++)
		if (access(*folders, X_OK) == 0) {
			mr_err_set(err, MR_EX_USAGE, "no time zone '%s' in %s", name, *folders);
			return NULL;
		}
	mr_err_set(err, MR_EX_WORLD, "no time zone '%s': %s is not there; is tzdata installed?",
	    name, folders[-1]);
	return NULL;
}

struct mr_zone *
mr_zone_new(const char *name, struct mr_err *err)
{
	const char *system[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
	    "/usr/share/lib/zoneinfo", "/etc/zoneinfo", NULL};
	const char *theirs[] = {getenv("TZDIR"), NULL};
	const char *const *folders = theirs[0] && *theirs[0] ? theirs : system;

	if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0) {
		struct mr_zone *z = mr_xcalloc(1, sizeof *z);

		add_part(z, INT64_MIN, 0);
		return z;
	}
	if (strlen(name) > 255) {
		mr_err_set(err, MR_EX_USAGE, "the name of a time zone has 255 bytes at most");
		return NULL;
	}
	if (!is_name(name)) {
		mr_err_set(err, MR_EX_USAGE,
		    "'%s' is not the name of a time zone, such as Europe/Paris", name);
		return NULL;
	}
	for (const char *const *folder = folders; *folder; folder++) {
		int fd = open_zone(*folder, name);

		if (fd >= 0)
			return zone_from(fd, *folder, name, err);
		if (errno != ENOENT && errno != ENOTDIR) {
			mr_err_sys(err, "cannot open time zone '%s': %s/%s", name, *folder, name);
			return NULL;
		}
	}
	return no_zone(folders, name, err);
}

/* The eras between the time and the one that is written out, in ms; wraps around. */
static inline uint64_t
era_shift(const struct mr_zone *z, int64_t ms)
{
	uint64_t away;

	if (!z->repeats || (ms < z->era_ms && !z->always))
		return 0;
	if (ms >= z->era_ms) {
		away = (uint64_t)ms - (uint64_t)z->era_ms;
		return away - away % ERA_MS;
	}
	away = (uint64_t)z->era_ms - (uint64_t)ms + ERA_MS - 1;
	return -(away - away % ERA_MS);
}

/* The part that a time is in, which is none of an era to come. */
static inline size_t
find_part(const struct mr_zone *z, int64_t ms)
{
	const struct part *p = z->parts;

	for (size_t n = z->n; n > 1;) {
		size_t half = n / 2;

		p = ms >= p[half].from ? p + half : p; /* without a jump */
		n -= half;
	}
	return (size_t)(p - z->parts);
}

int64_t
mr_zone_offset_ms(const struct mr_zone *z, int64_t ms)
{
	if (!z)
		return 0;
	ms = (int64_t)((uint64_t)ms - era_shift(z, ms));
	return z->parts[find_part(z, ms)].offset_ms;
}

static int64_t
clamp(__int128 ms)
{
	if (ms > INT64_MAX)
		return INT64_MAX;
	return ms < INT64_MIN ? INT64_MIN : (int64_t)ms;
}

void
mr_zone_at(const struct mr_zone *z, int64_t ms, struct mr_zone_stretch *s)
{
	__int128 shift, from, to;
	size_t i;

	*s = (struct mr_zone_stretch){INT64_MIN, INT64_MAX, 0};
	if (!z)
		return;
	i = find_part(z, (int64_t)((uint64_t)ms - era_shift(z, ms)));
	shift = (__int128)ms - (int64_t)((uint64_t)ms - era_shift(z, ms));
	from = z->parts[i].from;
	if ((shift || z->always) && from < z->era_ms)
		from = z->era_ms; /* what was before the era is not in the others */
	if (i + 1 < z->n)
		to = z->parts[i + 1].from;
	else
		to = INT64_MAX;
	if (z->repeats && to > (__int128)z->era_ms + ERA_MS)
		to = (__int128)z->era_ms + ERA_MS;
	s->offset_ms = z->parts[i].offset_ms;
	s->from = i == 0 && !z->always ? INT64_MIN : clamp(from + shift);
	s->to = !z->repeats && i + 1 == z->n ? INT64_MAX : clamp(to + shift);
}

/*
 * No offset is 26 hours, so the clock shows less than this 26 hours before this
 * is the time in UTC.  From there on, stretch by stretch: the clock runs
 * evenly within one.
 */
int64_t
mr_zone_instant(const struct mr_zone *z, int64_t local_ms)
{
	struct mr_zone_stretch s;
	int64_t at = clamp((__int128)local_ms - MR_OFFSET_LIMIT_S * INT64_C(1000)), hit;

	if (!z)
		return local_ms;
	for (;;) {
		mr_zone_at(z, at, &s);
		hit = clamp((__int128)local_ms - s.offset_ms);
		if (hit < at)
			hit = at;
		if (hit < s.to || s.to == INT64_MAX)
			return hit;
		at = s.to;
	}
}
