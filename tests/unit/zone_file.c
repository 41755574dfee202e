/*
 * zone: files and rules made by hand, files that are damaged, names and where
 * they are looked for.
 */
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "time/civil.h"
#include "time/rule.h"
#include "time/zone.h"
#include "unit.h"
#include "zone_make.h"

/* RFC 9636, 3.3.1: summer ends when the next one begins. */
static void
summer_may_last_all_year(void)
{
	static const char *const texts[] = {"XXX3EDT4,0/0,J365/23", "EST5EDT,0/0,J365/25",
	    "EST5EDT,0/0,J365/26"};

	for (int i = 0; i < 3; i++) {
		struct mr_zone *z = zone_made('3', -7200, NULL, 0, texts[i]);
		struct mr_zone_stretch s;
		int bad = 0;

		for (int n = 0; z && n < 3000; n++)
			bad += mr_zone_offset_ms(z, zone_draw_ms(FROM_S, TO_S)) != -4 * HOUR;
		CHECK(z && bad == 0);
		for (int64_t year = 0; z && year < 400; year++)
			bad += mr_zone_offset_ms(z, year * 31556952 * SECOND + 5 * HOUR) != -4 * HOUR;
		CHECK_INT(bad, 0);
		mr_zone_at(z, 0, &s);
		CHECK(s.from <= 0 && s.to > 300 * 365 * DAY);
		mr_zone_free(z);
	}
}

static void
rules_that_are_none(void)
{
	static const char *const none[] = {"", "A", "AB1", "ABC", "ABC1D", "ABC25", "ABC1:60",
	    "ABC1DEF,", "ABC1DEF,M3.2.0", "ABC1DEF,M3.2.0,", "ABC1DEF,M13.2.0,M3.2.0",
	    "ABC1DEF,M0.2.0,M3.2.0", "ABC1DEF,M3.6.0,M3.2.0", "ABC1DEF,M3.0.0,M3.2.0",
	    "ABC1DEF,M3.2.7,M3.2.0", "ABC1DEF,J0,J2", "ABC1DEF,J366,J2", "ABC1DEF,366,2",
	    "ABC1DEF,1/168,2", "ABC1DEF,1,2x", "<ABC1DEF,1,2", "ABC1DEF,M3,M4", "ABC1DEF;1,2",
	    "ABC99999999999999999999", "ABC1DEF,00001,2", "<A_C>1", "ABC1DEF1DEF"};
	struct mr_rule rule;

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (!mr_rule_parse(none[i], strlen(none[i]), &rule)) {
			printf("# taken: '%s'\n", none[i]);
			CHECK(false);
		}
	CHECK(mr_rule_parse("EST5EDT", 7, &rule) == NULL && rule.changes);
	CHECK_INT(mr_rule_start(&rule, 2026), 1772953200);	/* 2026-03-08T07:00Z */
	CHECK_INT(mr_rule_end(&rule, 2026), 1793512800);	/* 2026-11-01T06:00Z */
	CHECK_STR(mr_rule_parse("ABC25", 5, &rule), "a number is out of range");
	CHECK(mr_rule_parse("CET-1CEST,M3.5.0,M10.5.0/3", 26, &rule) == NULL);
	CHECK_INT(rule.standard_s, 3600);
	CHECK_INT(rule.summer_s, 7200);
	CHECK_INT(mr_rule_start(&rule, 2026), 1774746000);	/* 2026-03-29T01:00Z */
	CHECK_INT(mr_rule_end(&rule, 2026), 1792890000);	/* 2026-10-25T01:00Z */
	CHECK_INT(mr_rule_start(&rule, 2026 + 4000), 1774746000 + INT64_C(10) * MR_ERA_DAYS * 86400);
	CHECK_INT(mr_rule_start(&rule, 2026 - 4000), 1774746000 - INT64_C(10) * MR_ERA_DAYS * 86400);
}

static void
files_by_hand(void)
{
	static const struct tzif_change c[] = {{-1000, 3600}, {500, -3600}, {600, 7200}};
	static const struct tzif_change old[] = {{INT64_MIN, 1}, {-(INT64_C(1) << 59), 3600}, {0, 60}};
	static const struct tzif_change far[] = {{0, 3600}, {INT64_MAX, 60}};
	struct mr_zone *z;

	for (int version = 0; version < 5; version += version ? 1 : 2) {
		z = zone_made(version ? (char)('0' + version) : 0, 60, c, 3, "");
		CHECK_INT(mr_zone_offset_ms(z, INT64_MIN), 60000);
		CHECK_INT(mr_zone_offset_ms(z, -1000001), 60000);
		CHECK_INT(mr_zone_offset_ms(z, -1000000), 3600000);
		CHECK_INT(mr_zone_offset_ms(z, 499999), 3600000);
		CHECK_INT(mr_zone_offset_ms(z, 500000), -3600000);
		CHECK_INT(mr_zone_offset_ms(z, 600000), 7200000);
		CHECK_INT(mr_zone_offset_ms(z, INT64_MAX), 7200000);
		CHECK_INT(mr_zone_instant(z, -1000000 + 60000), -1000000);
		CHECK_INT(mr_zone_instant(z, -1000000 + 59999), -1000001);
		CHECK_INT(mr_zone_instant(z, -1000000 + 3600000), -1000000);
		CHECK_INT(mr_zone_instant(z, 600000 + 3600000), 600000);
		mr_zone_free(z);
	}
	z = zone_made('2', 60, old, 3, "ABC-1");
	CHECK_INT(mr_zone_offset_ms(z, -1), 3600000);
	CHECK_INT(mr_zone_offset_ms(z, INT64_MIN), 3600000);
	CHECK_INT(mr_zone_offset_ms(z, 0), 3600000);
	mr_zone_free(z);
	z = zone_made('2', 60, far, 2, "ABC-5");	/* its rule never comes to be */
	CHECK_INT(mr_zone_offset_ms(z, INT64_MAX), 3600000);
	mr_zone_free(z);
}

static void
load(const char *name, struct mr_buf *b)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
	f = fopen(path, "rb");
	mr_buf_grow(b, 1 << 16);
	b->len = f ? fread(b->at, 1, b->cap, f) : 0;
	if (f)
		fclose(f);
	CHECK(b->len > 44);
}

/* Returns whether it is taken. */
static bool
try(const char *at, size_t len)
{
	struct mr_err err = MR_ERR_INIT;
	char *copy = malloc(len ? len : 1);	/* a red zone right behind it */
	struct mr_zone *z;
	bool taken;

	memcpy(copy, at, len);
	z = mr_zone_read(copy, len, &err);
	free(copy);
	taken = z != NULL;
	if (z)
		CHECK_INT(zone_bad_anywhere(z), 0);
	else
		CHECK(err.status == MR_EX_WORLD && strstr(err.text, "it is damaged: ") == err.text);
	mr_zone_free(z);
	return taken;
}

static void
every_prefix_is_refused(void)
{
	static const char *const names[] = {"Europe/Paris", "Asia/Kolkata", "Etc/UTC"};

	for (int i = 0; i < 3; i++) {
		struct mr_buf b = MR_BUF_INIT;
		int taken = 0;

		load(names[i], &b);
		for (size_t len = 0; len < b.len; len++)
			taken += try(b.at, len);
		CHECK_INT(taken, 0);
		CHECK(try(b.at, b.len));
		mr_buf_release(&b);
	}
}

static void
flipped_bits_do_no_harm(void)
{
	static const char *const names[] = {"Europe/Paris", "America/Sao_Paulo", "Etc/UTC",
	    "Asia/Kolkata"};
	int taken = 0, tries = 0;

	for (int i = 0; i < 4; i++) {
		struct mr_buf b = MR_BUF_INIT, flipped = MR_BUF_INIT;

		load(names[i], &b);
		for (int n = 0; n < 1500; n++) {
			flipped.len = 0;
			mr_buf_add(&flipped, b.at, b.len);
			for (uint64_t flips = 1 + unit_draw(3); flips; flips--) {
				uint64_t at = unit_draw(4) ? unit_draw(b.len) : unit_draw(44);

				flipped.at[at] = (char)(flipped.at[at] ^ 1 << unit_draw(8));
			}
			taken += try(flipped.at, flipped.len);
			tries++;
		}
		mr_buf_release(&b);
		mr_buf_release(&flipped);
	}
	printf("# %d of %d taken\n", taken, tries);
	CHECK(taken > 0 && taken < tries);
}

static void
damage_has_words(void)
{
	static const struct tzif_change back[] = {{5, 1}, {5, 2}}, wide = {0, 26 * 3600};
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf b = MR_BUF_INIT;

	tzif_make(&b, '2', 0, back, 2, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: its changes are not in order");
	tzif_make(&b, '2', 0, &wide, 1, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: an offset is 26 hours or more");
	tzif_make(&b, '2', 0, NULL, 0, "CET1CE");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: in its rule, an abbreviation is missing");
	tzif_make(&b, '1', 0, NULL, 0, "");
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: its version is unknown");
	b.len = 0;
	tzif_header(&b, 0, 0, 1);
	tzif_block(&b, 0, NULL, 0, 4);
	tzif_put(&b, 0, 8);
	CHECK(!mr_zone_read(b.at, b.len, &err));
	CHECK_STR(err.text, "it is damaged: it counts leap seconds, unlike times since 1970");
	mr_buf_release(&b);
}

static bool
refused(const char *name, int status, const char *want)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_zone *z = mr_zone_new(name, &err);
	bool ok = !z && (int)err.status == status && strcmp(err.text, want) == 0;

	if (!ok)
		printf("# '%s': %d %s\n", name, (int)err.status, z ? "is taken" : err.text);
	mr_zone_free(z);
	return ok;
}

static void
names_are_checked(void)
{
	char name[300];

#define NONE " in /usr/share/zoneinfo"
#define NO_NAME " is not the name of a time zone, such as Europe/Paris"
	CHECK(refused("Europe/Pariss", MR_EX_USAGE, "no time zone 'Europe/Pariss'" NONE));
	CHECK(refused("PST", MR_EX_USAGE, "no time zone 'PST'" NONE));
	CHECK(refused("Europe", MR_EX_USAGE, "no time zone 'Europe'" NONE));
	CHECK(refused("Europe/Paris/x", MR_EX_USAGE, "no time zone 'Europe/Paris/x'" NONE));
	CHECK(refused("", MR_EX_USAGE, "''" NO_NAME));
	CHECK(refused("/etc/localtime", MR_EX_USAGE, "'/etc/localtime'" NO_NAME));
	CHECK(refused("../zoneinfo/Europe/Paris", MR_EX_USAGE, "'../zoneinfo/Europe/Paris'" NO_NAME));
	CHECK(refused("Europe/../UTC", MR_EX_USAGE, "'Europe/../UTC'" NO_NAME));
	CHECK(refused("Europe//Paris", MR_EX_USAGE, "'Europe//Paris'" NO_NAME));
	CHECK(refused("Europe/", MR_EX_USAGE, "'Europe/'" NO_NAME));
	CHECK(refused("+02:00", MR_EX_USAGE, "'+02:00'" NO_NAME));
	CHECK(refused("Europe/Paris ", MR_EX_USAGE, "'Europe/Paris '" NO_NAME));
	CHECK(refused("zone1970.tab", MR_EX_USAGE, "'zone1970.tab' is not a time zone: "
	    "/usr/share/zoneinfo/zone1970.tab does not begin with TZif"));
	memset(name, 'x', sizeof name);
	name[299] = '\0';
	CHECK(refused(name, MR_EX_USAGE, "the name of a time zone has 255 bytes at most"));
}

static void
folders_are_searched(void)
{
	char dir[] = "/tmp/millrace-zone.XXXXXX", path[100], want[300];
	struct mr_zone *z;
	struct mr_buf b = MR_BUF_INIT;
	FILE *f;

	CHECK(mkdtemp(dir) != NULL);
	setenv("TZDIR", dir, 1);
	snprintf(want, sizeof want, "no time zone 'Europe/Paris' in %s", dir);
	CHECK(refused("Europe/Paris", MR_EX_USAGE, want));
	tzif_make(&b, '2', 0, NULL, 0, "ABC-7");
	snprintf(path, sizeof path, "%s/Mine", dir);
	f = fopen(path, "wb");
	fwrite(b.at, 1, b.len - 1, f);
	fclose(f);
	snprintf(want, sizeof want, "cannot use time zone 'Mine': %s: it is damaged: it ends too early",
	    path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	f = fopen(path, "wb");
	fwrite(b.at, 1, b.len, f);
	fclose(f);
	CHECK((z = zone_named("Mine")) != NULL);
	CHECK_INT(mr_zone_offset_ms(z, 0), 7 * HOUR);
	mr_zone_free(z);
	CHECK(truncate(path, 2 << 20) == 0);
	snprintf(want, sizeof want, "cannot use time zone 'Mine': %s: it is damaged: it is larger than "
	    "1 MiB", path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	unlink(path);
	CHECK(symlink("Mine", path) == 0);
	snprintf(want, sizeof want, "cannot open time zone 'Mine': %s: Too many levels of symbolic "
	    "links", path);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	unlink(path);
	CHECK(mkfifo(path, 0600) == 0);
	snprintf(want, sizeof want, "no time zone 'Mine' in %s", dir);
	CHECK(refused("Mine", MR_EX_USAGE, want));
	unlink(path);
	rmdir(dir);
	snprintf(want, sizeof want, "no time zone 'Mine': %s is not there; is tzdata installed?", dir);
	CHECK(refused("Mine", MR_EX_WORLD, want));
	CHECK((z = zone_named("UTC")) != NULL && mr_zone_offset_ms(z, 0) == 0);
	mr_zone_free(z);
	CHECK((z = zone_named("Z")) != NULL && mr_zone_instant(z, 5) == 5);
	mr_zone_free(z);
	unsetenv("TZDIR");
	mr_buf_release(&b);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	unsetenv("TZDIR");
	RUN(summer_may_last_all_year);
	RUN(rules_that_are_none);
	RUN(files_by_hand);
	RUN(every_prefix_is_refused);
	RUN(flipped_bits_do_no_harm);
	RUN(damage_has_words);
	RUN(names_are_checked);
	RUN(folders_are_searched);
	return unit_done();
}
