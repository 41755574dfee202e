/*
 * The envelope of Kafka records, and the forms of -o.
 */
#include "kafka/envelope.h"
#include "kafka/offset.h"
#include "unit.h"

static void
check_write(const struct mr_krecord *r, const char *want)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_krecord_write(&b, r);
	CHECK_STR(mr_buf_str(&b), want);
	mr_buf_release(&b);
}

static void
write_it(void)
{
	struct mr_kheader h[] = {{{"n", 1}, {"v", 1}}, {{"n", 1}, {NULL, 0}}, {{"", 0}, {"", 0}},
	    {{"b", 1}, {"\xff", 1}}};
	struct mr_krecord r = {.topic = {"t", 1}, .partition = 3, .offset = 7, .ts = 1700000000000,
	    .tstype = "create", .broker = 1, .key = {"k\"", 2}, .payload = {"{}", 2}};

	check_write(&r, "{\"topic\":\"t\",\"partition\":3,\"offset\":7,\"tstype\":\"create\","
	    "\"ts\":1700000000000,\"broker\":1,\"key\":\"k\\\"\",\"payload\":\"{}\"}");
	r.ts = -1;
	r.key = (struct mr_kbytes){NULL, 0};
	r.payload = (struct mr_kbytes){"", 0};
	check_write(&r, "{\"topic\":\"t\",\"partition\":3,\"offset\":7,\"broker\":1,\"key\":null,"
	    "\"payload\":\"\"}");
	r.key = (struct mr_kbytes){"\xff\x00", 2};
	r.payload = (struct mr_kbytes){NULL, 0};
	r.headers = h;
	r.nheaders = 4;
	check_write(&r, "{\"topic\":\"t\",\"partition\":3,\"offset\":7,\"broker\":1,"
	    "\"headers\":[[\"n\",\"v\"],[\"n\",null],[\"\",\"\"],[\"b\",{\"b64\":\"/w==\"}]],"
	    "\"key_b64\":\"/wA=\",\"payload\":null}");
}

static bool
is(const struct mr_kbytes *b, const char *at, size_t len)
{
	return b->at && b->len == len && memcmp(b->at, at, len) == 0;
}

static void
read_it(void)
{
	static const char line[] = "{\"payload_b64\":\"AP8=\",\"key\":\"a\\nb\",\"partition\":2,"
	    "\"topic\":\"t\",\"ts\":5,\"headers\":[[\"n\",\"\\u00e9\"],[\"n\",null],"
	    "[\"b\",{\"b64\":\"/w==\"}]]}";
	static const char flat[] = "{\"payload\":null,\"key\":\"\",\"headers\":[\"n\",\"v\",\"m\",null]}";
	struct mr_kreader *reader = mr_kreader_new();
	struct mr_krecord r;
	struct mr_err err = MR_ERR_INIT;

	CHECK_INT(mr_kreader_line(reader, line, sizeof line - 1, false, &r, &err), 0);
	CHECK(is(&r.payload, "\0\xff", 2));
	CHECK(is(&r.key, "a\nb", 3));
	CHECK(is(&r.topic, "t", 1));
	CHECK_INT(r.partition, 2);
	CHECK_INT(r.ts, 5);
	CHECK_INT(r.nheaders, 3);
	CHECK(is(&r.headers[0].value, "\xc3\xa9", 2));
	CHECK(!r.headers[1].value.at);
	CHECK(is(&r.headers[2].value, "\xff", 1));
	CHECK_INT(mr_kreader_line(reader, flat, sizeof flat - 1, false, &r, &err), 0);
	CHECK(!r.payload.at);
	CHECK(is(&r.key, "", 0));
	CHECK_INT(r.partition, -1);
	CHECK_INT(r.ts, -1);
	CHECK_INT(r.nheaders, 2);
	CHECK(is(&r.headers[1].name, "m", 1));
	CHECK(!r.headers[1].value.at);
	mr_kreader_free(reader);
}

static void
refuse_it(void)
{
	static const char *const lines[] = {
		"{\"key\":\"a\"}",
		"[]",
		"{\"payload\":1,\"partition\":-2}",
		"{\"payload\":1,\"partition\":1.5}",
		"{\"payload\":1,\"ts\":\"now\"}",
		"{\"payload_b64\":\"?\"}",
		"{\"payload_b64\":1}",
		"{\"payload\":1,\"headers\":{}}",
		"{\"payload\":1,\"headers\":[\"a\"]}",
		"{\"payload\":1,\"headers\":[[\"a\"]]}",
		"{\"payload\":1,\"headers\":[[null,\"a\"]]}",
		"{\"payload\":1,\"headers\":[[\"a\",1]]}",
		"{\"payload\":1,\"headers\":[[\"a\",{\"b64\":\"x\"}]]}",
	};
	struct mr_kreader *reader = mr_kreader_new();
	struct mr_krecord r;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct mr_err err = MR_ERR_INIT;

		CHECK_INT(mr_kreader_line(reader, lines[i], strlen(lines[i]), false, &r, &err), -1);
		CHECK_INT(err.status, MR_EX_DATA);
		CHECK(err.text[0] != '\0');
	}
	mr_kreader_free(reader);
}

static void
offsets(void)
{
	static const struct {
		const char *text;
		enum mr_kwhence whence;
		int64_t n;
	} good[] = {
		{"beginning", MR_K_BEGIN, 0}, {"earliest", MR_K_BEGIN, 0}, {"end", MR_K_END, 0},
		{"latest", MR_K_END, 0}, {"stored", MR_K_STORED, 0}, {"0", MR_K_AT, 0},
		{"17", MR_K_AT, 17}, {"-5", MR_K_TAIL, 5}, {"s@1700000000000", MR_K_SINCE, 1700000000000},
		{"s@2026-10-01T00:00Z", MR_K_SINCE, 1790812800000},
		{"s@2026-10-01", MR_K_SINCE, 1790812800000},
		{"s@-3h", MR_K_SINCE, 1800000000000 - 3 * 3600000},
	};
	static const char *const bad[] = {"", "-", "start", "s@", "s@-3", "s@yesterday", "1x", "e@", "+5"};
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct mr_koffset o = {0};

		CHECK_INT(mr_koffset_parse(&o, good[i].text, 1800000000000, &err), 0);
		CHECK_INT(o.whence, good[i].whence);
		CHECK_INT(o.n, good[i].n);
		CHECK(!o.bounded);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mr_koffset o = {0};

		CHECK_INT(mr_koffset_parse(&o, bad[i], 1800000000000, &err), -1);
		CHECK_INT(err.status, MR_EX_USAGE);
	}
}

static void
both_bounds(void)
{
	struct mr_koffset o = {0};
	struct mr_err err = MR_ERR_INIT;

	CHECK_INT(mr_koffset_parse(&o, "s@-2h", 1800000000000, &err), 0);
	CHECK_INT(mr_koffset_parse(&o, "e@-1h", 1800000000000, &err), 0);
	CHECK_INT(o.whence, MR_K_SINCE);
	CHECK_INT(o.n, 1800000000000 - 7200000);
	CHECK(o.bounded);
	CHECK_INT(o.until_ms, 1800000000000 - 3600000);
}

int
main(void)
{
	RUN(write_it);
	RUN(read_it);
	RUN(refuse_it);
	RUN(offsets);
	RUN(both_bounds);
	return unit_done();
}
