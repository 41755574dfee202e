/*
 * Strings: decoded, compared and written; broken ones keep within their bytes.
 */
#include <stdlib.h>

#include "json/str.h"
#include "unit.h"

static const struct {
	const char *json, *bytes;
	size_t len;
} spelled[] = {
	{"\"\"", "", 0}, {"\"a\"", "a", 1}, {"\"\\\"\\\\\\/\"", "\"\\/", 3}, {"\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t", 5},
	{"\"\\u0041\\u00e9\\u00E9\"", "A\xC3\xA9\xC3\xA9", 5}, {"\"a\\u0000b\"", "a\0b", 3}, {"\"\\u07ff\\u0800\\uffff\"", "\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF", 8},
	{"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!", 5}, {"\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8},
	{"\"W\xC3\xBCrfel\\n\"", "W\xC3\xBCrfel\n", 8}, {"\"12345678\\\\\"", "12345678\\", 9}, {"\"\\u0080\\u007f\"", "\xC2\x80\x7f", 3},
	/* what only a trusted line can bring */
	{"\"\\ud800\"", "\xEF\xBF\xBD", 3}, {"\"\\u12\"", "\xEF\xBF\xBD" "12", 5}, {"\"\\udc00\\u0041\"", "\xEF\xBF\xBD" "A", 4},
	{"\"\\ud800\\u0041\"", "\xEF\xBF\xBD" "A", 4}, {"\"\\q\"", "q", 1},
};

/* A value in memory of exactly its size, for the sanitizer. */
static struct mr_val
exact(const char *json, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, json, len);
	return (struct mr_val){copy, len, MR_STRING, memchr(json, '\\', len) != NULL};
}

static void
decode(void)
{
	struct mr_buf out = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
		struct mr_val v = exact(spelled[i].json, strlen(spelled[i].json));
		const char *bytes;
		size_t len;

		out.len = 0;
		mr_buf_adds(&out, "x");
		mr_str_decode(&v, &out);		/* appends */
		CHECK_INT(out.len, spelled[i].len + 1);
		CHECK(memcmp(out.at + 1, spelled[i].bytes, spelled[i].len) == 0);
		bytes = mr_str_bytes(&v, &out, &len);
		CHECK_INT(len, spelled[i].len);
		CHECK(memcmp(bytes, spelled[i].bytes, len) == 0);
		CHECK(v.escaped ? bytes == out.at : bytes == v.at + 1);
		free((char *)v.at);
	}
	mr_buf_release(&out);
}

static void
is(void)
{
	struct mr_val number = {"12", 2, MR_NUMBER, false}, missing = {NULL, 0, MR_MISSING, false};

	for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
		for (size_t j = 0; j < sizeof spelled / sizeof *spelled; j++) {
			struct mr_val v = exact(spelled[i].json, strlen(spelled[i].json));
			bool same = spelled[i].len == spelled[j].len &&
			    memcmp(spelled[i].bytes, spelled[j].bytes, spelled[i].len) == 0;

			CHECK_INT(mr_str_is(&v, spelled[j].bytes, spelled[j].len), same);
			free((char *)v.at);
		}
	CHECK(!mr_str_is(&number, "12", 2));
	CHECK(!mr_str_is(&number, "", 0));
	CHECK(!mr_str_is(&missing, "", 0));
}

/* Cut anywhere, nothing is read beyond. */
static void
broken(void)
{
	static const char whole[] = "\"\\ud83d\\ude00\\n\\u00e9\\\\\"";
	struct mr_buf out = MR_BUF_INIT;

	for (size_t len = 0; len < sizeof whole; len++) {
		struct mr_val v = exact(whole, len);

		out.len = 0;
		mr_str_decode(&v, &out);
		CHECK(mr_utf8_ok(out.at ? out.at : "", out.len));
		(void)mr_str_is(&v, "\xF0\x9F\x98\x80", 4);
		free((char *)v.at);
	}
	mr_buf_release(&out);
}

static void
written(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *want;
	} t[] = {{"", 0, "\"\""}, {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""}, {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""}, {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
	    {"W\xC3\xBCrfel \xF0\x9F\x98\x80", 12, "\"W\xC3\xBCrfel \xF0\x9F\x98\x80\""}, {"<&>\xE2\x80\xA8'", 7, "\"<&>\xE2\x80\xA8'\""}, {"1234567\n", 8, "\"1234567\\n\""},
	    {"12345678\n90123456789\"", 21, "\"12345678\\n90123456789\\\"\""}};
	struct mr_buf out = MR_BUF_INIT, back = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		out.len = 0;
		mr_str_write(&out, t[i].bytes, t[i].len);
		CHECK_STR(mr_buf_str(&out), t[i].want);
	}
	for (int b = 0; b < 128; b++)			/* each byte at each place, and back */
		for (size_t at = 0; at < 20; at++) {
			char bytes[20];
			struct mr_val v;

			memset(bytes, '.', sizeof bytes);
			bytes[at] = (char)b;
			out.len = back.len = 0;
			mr_str_write(&out, bytes, sizeof bytes);
			v = (struct mr_val){out.at, out.len, MR_STRING, true};
			mr_str_decode(&v, &back);
			CHECK(back.len == sizeof bytes && memcmp(back.at, bytes, sizeof bytes) == 0);
		}
	mr_buf_release(&out);
	mr_buf_release(&back);
}

int
main(void)
{
	RUN(decode);
	RUN(is);
	RUN(broken);
	RUN(written);
	return unit_done();
}
