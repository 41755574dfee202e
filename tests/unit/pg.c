/*
 * lib/pg without a server: types from values, values to COPY, names, classes of errors.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "pg/batch.h"
#include "pg/row.h"
#include "unit.h"

static struct mr_val
val(const char *text)
{
	static const char firsts[] = "nft\"[{";
	static const enum mr_type types[] = {MR_NULL, MR_FALSE, MR_TRUE, MR_STRING, MR_ARRAY, MR_OBJECT};
	const char *at = strchr(firsts, *text);

	return (struct mr_val){.at = text, .len = strlen(text), .type = at ? types[at - firsts] : MR_NUMBER,
	    .escaped = *text == '"' && strchr(text, '\\')};
}

static enum mr_pg_type
type_of(const char *text)
{
	struct mr_val v = val(text);

	return mr_pg_type_of(&v);
}

static void
types_of_values(void)
{
	CHECK_INT(type_of("null"), MR_PG_NONE);
	CHECK_INT(type_of("true"), MR_PG_BOOLEAN);
	CHECK_INT(type_of("0"), MR_PG_BIGINT);
	CHECK_INT(type_of("-9223372036854775808"), MR_PG_BIGINT);
	CHECK_INT(type_of("9223372036854775807"), MR_PG_BIGINT);
	CHECK_INT(type_of("9223372036854775808"), MR_PG_NUMERIC);
	CHECK_INT(type_of("1.0"), MR_PG_NUMERIC);
	CHECK_INT(type_of("1e2"), MR_PG_NUMERIC);
	CHECK_INT(type_of("1e131071"), MR_PG_NUMERIC);
	CHECK_INT(type_of("1e131072"), MR_PG_TEXT);
	CHECK_INT(type_of("1e-16383"), MR_PG_NUMERIC);
	CHECK_INT(type_of("1e-16384"), MR_PG_TEXT);
	CHECK_INT(type_of("1E+99999999999999999999"), MR_PG_TEXT);
	CHECK_INT(type_of("\"x\""), MR_PG_TEXT);
	CHECK_INT(type_of("[]"), MR_PG_JSONB);
	CHECK_INT(type_of("{}"), MR_PG_JSONB);
}

static void
times(void)
{
	static const char *const good[] = {"2026-01-01T00:00:00Z", "2024-02-29t23:59:60z",
	    "2026-01-01 00:00:00.123456789+05:30", "0001-01-01T00:00:00-15:59"};
	static const char *const bad[] = {"", "2026-01-01", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z",
	    "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
	    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+16:00",
	    "2026-01-01T00:00:00+0100", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00Zx", "2026/01/01T00:00:00Z",
	    "2026-01-01x00:00:00Z", "infinity", "2026-01-01T00:00:0", "2026-01-01T00:00:00."};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK(mr_pg_is_time(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!mr_pg_is_time(bad[i], strlen(bad[i])));
}

/* On paper the order of values does not matter; a column that is there never narrows. */
static void
joins(void)
{
	for (enum mr_pg_type a = MR_PG_NONE; a <= MR_PG_JSONB; a++) {
		for (enum mr_pg_type b = MR_PG_NONE; b <= MR_PG_JSONB; b++) {
			enum mr_pg_type ab = mr_pg_type_join(a, b, true);

			CHECK_INT(mr_pg_type_join(b, a, true), ab);
			CHECK_INT(mr_pg_type_join(ab, a, true), ab);
			for (enum mr_pg_type c = MR_PG_NONE; c <= MR_PG_JSONB; c++)
				CHECK_INT(mr_pg_type_join(ab, c, true),
				    mr_pg_type_join(a, mr_pg_type_join(b, c, true), true));
		}
		CHECK_INT(mr_pg_type_join(MR_PG_TEXT, a, false), MR_PG_TEXT);
		CHECK_INT(mr_pg_type_join(MR_PG_FOREIGN, a, false), MR_PG_FOREIGN);
		CHECK_INT(mr_pg_type_join(MR_PG_JSONB, a, false), MR_PG_JSONB);
	}
	CHECK_INT(mr_pg_type_join(MR_PG_BIGINT, MR_PG_NUMERIC, false), MR_PG_NUMERIC);
	CHECK_INT(mr_pg_type_join(MR_PG_NUMERIC, MR_PG_BIGINT, false), MR_PG_NUMERIC);
	CHECK_INT(mr_pg_type_join(MR_PG_BIGINT, MR_PG_JSONB, false), MR_PG_TEXT);
	CHECK_INT(mr_pg_type_join(MR_PG_TIMESTAMPTZ, MR_PG_TEXT, false), MR_PG_TEXT);
}

/* The value as COPY gets it; "!" and the message when it is refused. */
static const char *
copied(const char *text, enum mr_pg_write as, struct mr_buf *out)
{
	struct mr_pg_row row;
	struct mr_pg_col col = {.write = as};
	struct mr_err err = MR_ERR_INIT;

	out->len = 0;
	mr_pg_row_init(&row);
	row.vals = mr_xmalloc(sizeof *row.vals);
	row.vals[0] = val(text);
	if (mr_pg_row_write(&row, &col, 0, out, &err) < 0)
		mr_buf_printf(out, "!%s", err.text);
	mr_pg_row_release(&row);
	return mr_buf_str(out);
}

static void
values(void)
{
	struct mr_buf b = MR_BUF_INIT;

	CHECK_STR(copied("null", MR_PG_AS_TEXT, &b), "\\N");
	CHECK_STR(copied("null", MR_PG_AS_JSON, &b), "\\N");
	CHECK_STR(copied("\"\"", MR_PG_AS_TEXT, &b), "");
	CHECK_STR(copied("\"\\\\N\"", MR_PG_AS_TEXT, &b), "\\\\N");
	CHECK_STR(copied("\"\\\\.\"", MR_PG_AS_TEXT, &b), "\\\\.");
	CHECK_STR(copied("\"a\\tb\\nc\\rd\\\"\\u00e9\"", MR_PG_AS_TEXT, &b), "a\\tb\\nc\\rd\"\xc3\xa9");
	CHECK_STR(copied("\"a\\tb\"", MR_PG_AS_JSON, &b), "\"a\\\\tb\"");
	CHECK_STR(copied("[1,\t\"\\\\\"]", MR_PG_AS_TEXT, &b), "[1,\\t\"\\\\\\\\\"]");
	CHECK_STR(copied("1.50", MR_PG_AS_TEXT, &b), "1.50");
	CHECK_STR(copied("1e2", MR_PG_AS_TEXT, &b), "1e2");
	CHECK_STR(copied("1e2", MR_PG_AS_INT, &b), "100");
	CHECK_STR(copied("7.0", MR_PG_AS_INT, &b), "7");
	CHECK_STR(copied("7.5", MR_PG_AS_INT, &b), "7.5");
	CHECK_STR(copied("true", MR_PG_AS_INT, &b), "true");
	CHECK_STR(copied("1700000000123", MR_PG_AS_TIME, &b), "2023-11-14T22:13:20.123000000Z");
	CHECK_STR(copied("\"infinity\"", MR_PG_AS_TIME, &b), "infinity");
	CHECK_STR(copied("\"a\\u0000b\"", MR_PG_AS_TEXT, &b), "!a text of PostgreSQL cannot hold \\u0000");
	CHECK_STR(copied("\"a\\u0000b\"", MR_PG_AS_JSON, &b), "\"a\\\\u0000b\"");
	mr_buf_release(&b);
}

static int
named(const char *text, const char *schema, const char *name)
{
	struct mr_pg_table t = {0};
	struct mr_err err;
	int r = mr_pg_table_name(&t, text, &err);

	if (r == 0 && name)
		CHECK_STR(t.name, name);
	if (r == 0 && schema)
		CHECK_STR(t.schema ? t.schema : "", schema);
	mr_pg_table_release(&t);
	return r;
}

static void
names(void)
{
	static const char *const bad[] = {"", ".", "a.", ".a", "a.b.c", "a b", "a-b", "a;b", "1a", "\"a", "\"\"",
	    "\"a\"b", "\"a\".", "a\"b\"", "\xff", "a\xc3",
	    "n123456789012345678901234567890123456789012345678901234567890123"};

	CHECK_INT(named("t", "", "t"), 0);
	CHECK_INT(named("Rides_2$", "", "rides_2$"), 0);
	CHECK_INT(named("S.\"T\"", "s", "T"), 0);
	CHECK_INT(named("\"a.b\".\"c\"\"d\"", "a.b", "c\"d"), 0);
	CHECK_INT(named("na\xc3\xafve", "", "na\xc3\xafve"), 0);
	CHECK_INT(named("n12345678901234567890123456789012345678901234567890123456789012", "", NULL), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_INT(named(bad[i], NULL, NULL), -1);
}

static void
keys(void)
{
	static const char *const bad[] = {"", ",", "a,", ",a", "a,,b"};
	struct mr_pg_table t = {0};
	struct mr_err err;

	CHECK_INT(mr_pg_table_key(&t, "a,B c", &err), 0);
	CHECK_INT(t.key.n, 2);
	CHECK_STR(t.key.names[1], "B c");
	mr_pg_table_release(&t);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		t = (struct mr_pg_table){0};
		CHECK_INT(mr_pg_table_key(&t, bad[i], &err), -1);
		mr_pg_table_release(&t);
	}
}

static void
classes(void)
{
	CHECK_INT(mr_pg_class("22P02"), MR_PG_ROW);
	CHECK_INT(mr_pg_class("23505"), MR_PG_ROW);
	CHECK_INT(mr_pg_class("P0001"), MR_PG_ROW);
	CHECK_INT(mr_pg_class("08006"), MR_PG_RETRY);
	CHECK_INT(mr_pg_class("40P01"), MR_PG_RETRY);
	CHECK_INT(mr_pg_class("53100"), MR_PG_RETRY);
	CHECK_INT(mr_pg_class("57P01"), MR_PG_RETRY);
	CHECK_INT(mr_pg_class("25006"), MR_PG_RETRY);
	CHECK_INT(mr_pg_class("42501"), MR_PG_STOP);
	CHECK_INT(mr_pg_class("28P01"), MR_PG_STOP);
	CHECK_INT(mr_pg_class("3D000"), MR_PG_STOP);
	CHECK_INT(mr_pg_class("XX000"), MR_PG_STOP);
}

/* Lines and their places survive what they came from. */
static void
batches(void)
{
	struct mr_pg_batch b = {0};
	char text[16], file[8];

	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			snprintf(text, sizeof text, "{\"n\":%u}", i);
			snprintf(file, sizeof file, "f%u", i / 300);
			mr_pg_batch_add(&b, &(struct mr_line){.at = text, .len = strlen(text), .end = 1,
			    .file = file, .no = i + 1});
		}
		CHECK_INT(b.n, 1000);
		for (unsigned i = 0; i < 1000; i += 37) {
			struct mr_line line = mr_pg_batch_line(&b, i);

			snprintf(text, sizeof text, "{\"n\":%u}", i);
			snprintf(file, sizeof file, "f%u", i / 300);
			CHECK(line.len == strlen(text) && memcmp(line.at, text, line.len) == 0);
			CHECK_STR(line.file, file);
			CHECK_INT(line.no, i + 1);
		}
		mr_pg_batch_clear(&b);
		CHECK_INT(b.n, 0);
	}
	mr_pg_batch_release(&b);
}

int
main(void)
{
	RUN(types_of_values);
	RUN(times);
	RUN(joins);
	RUN(values);
	RUN(names);
	RUN(keys);
	RUN(classes);
	RUN(batches);
	return unit_done();
}
