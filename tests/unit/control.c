/*
 * Control lines: the vectors of millrace-protocol(7), read and written, and
 * what a line must not be.
 */
#include <stdlib.h>

#include "base/crc.h"
#include "stream/control.h"
#include "unit.h"

#define NONCE "0123456789abcdef0123456789abcdef"
#define WM "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1795255200000,\"idle\":0"
#define EOS "{\"$mr\":\"" NONCE "\",\"t\":\"eos\",\"how\":\"end\",\"id\":0"
#define HELLO(nonce, rest) "{\"$mr\":\"" nonce "\",\"t\":\"hello\"" rest
#define FIELDS ",\"v\":1,\"p\":\"\",\"uid\":\"\",\"r\":0,\"path\":[\"ksrc\"],\"wm\":1,\"ok\":0"

static char *vectors[32];
static size_t nvectors;

/* The page is the place they are published in; a backslash is `\e` there. */
static void
read_vectors(void)
{
	const char *top = getenv("MR_TOP");
	struct mr_buf path = MR_BUF_INIT;
	char line[1024];
	FILE *f;

	mr_buf_printf(&path, "%s/man/millrace-protocol.7", top ? top : ".");
	f = fopen(mr_buf_str(&path), "r");
	mr_buf_release(&path);
	while (f && fgets(line, sizeof line, f)) {
		size_t len = 0;

		if (strncmp(line, "{\"$mr\":\"0", 9) != 0 || nvectors == 32)
			continue;
		for (char *p = line; *p && *p != '\n'; p++) {
			line[len++] = *p;
			if (p[0] == '\\' && p[1] == 'e')
				p++;
		}
		line[len] = '\0';
		vectors[nvectors++] = strdup(line);
	}
	if (f)
		fclose(f);
}

static void
free_vectors(void)
{
	while (nvectors)
		free(vectors[--nvectors]);
}

/* The n-th vector of a type, from 0. */
static const char *
vector(const char *type, int n)
{
	char want[32];

	snprintf(want, sizeof want, "\",\"t\":\"%s\"", type);
	for (size_t i = 0; i < nvectors; i++)
		if (strstr(vectors[i], want) && n-- == 0)
			return vectors[i];
	return "";
}

/* BODY with its checksum, in a buffer of its own that the caller frees. */
static char *
seal(const char *body)
{
	struct mr_buf b = MR_BUF_INIT;
	unsigned crc = mr_crc32c(body, strlen(body));
	char *line;

	mr_buf_printf(&b, "%s,\"c\":\"%08x\"}", body, crc);
	line = strdup(mr_buf_str(&b));
	mr_buf_release(&b);
	return line;
}

/* The stream that the vectors are lines of. */
static struct mr_hello
stream(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_hello h = {0};
	const char *line = vector("hello", 0);

	CHECK_INT(mr_hello_parse(line, strlen(line), &h, &err), 1);
	return h;
}

static int
parse(const char *line, struct mr_control *c)
{
	struct mr_hello h = stream();
	struct mr_err err = MR_ERR_INIT;
	int r = mr_control_parse(&h, line, strlen(line), c, &err);

	mr_hello_release(&h);
	if (r < 0) {
		CHECK_INT(err.status, MR_EX_WORLD);
		CHECK(err.text[0] != '\0' && !strchr(err.text, '\n'));
	}
	return r;
}

static void
a_vector_of_each_type(void)
{
	static const char *const types[] = {
	    "hello", "restore", "wm", "dead", "barrier", "end", "eos"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		CHECK(*vector(types[i], 0) != '\0');
}

static void
vectors_have_their_checksum(void)
{
	for (size_t i = 0; i < nvectors; i++) {
		size_t len = strlen(vectors[i]);
		char tail[32];

		CHECK(len > 16);
		snprintf(tail, sizeof tail, ",\"c\":\"%08x\"}", mr_crc32c(vectors[i], len - 16));
		CHECK_STR(vectors[i] + len - 16, tail);
	}
}

static void
hello_round_trip(void)
{
	for (int n = 0; n < 2; n++) {
		const char *line = vector("hello", n);
		struct mr_err err = MR_ERR_INIT;
		struct mr_buf again = MR_BUF_INIT;
		struct mr_hello h = {0};

		CHECK_INT(mr_hello_parse(line, strlen(line), &h, &err), 1);
		CHECK(h.there);
		CHECK_STR(h.nonce, NONCE);
		CHECK_STR(h.pipeline, n ? "rides" : "");
		CHECK_STR(h.uid, n ? "00112233445566778899aabbccddeeff" : "");
		CHECK_INT(h.run, n ? 7 : 0);
		CHECK_STR(h.path, n ? "[\"ksrc\",\"jfilter\",\"jfilter.2\"]" : "[\"ksrc\"]");
		CHECK_INT(h.wm, 1);
		CHECK_INT(h.ok, n);
		mr_hello_write(&again, &h);
		CHECK_INT(again.len, strlen(line) + 1);
		CHECK(strncmp(mr_buf_str(&again), line, strlen(line)) == 0);
		CHECK_INT(again.at[again.len - 1], '\n');
		mr_buf_release(&again);
		mr_hello_release(&h);
	}
}

static void
a_new_hello(void)
{
	struct mr_buf line = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;
	struct mr_hello a, b, back = {0};

	mr_hello_init(&a);
	mr_hello_init(&b);
	CHECK(a.there);
	CHECK_INT(strlen(a.nonce), MR_NONCE_LEN);
	CHECK_INT(strspn(a.nonce, "0123456789abcdef"), MR_NONCE_LEN);
	CHECK(strcmp(a.nonce, b.nonce) != 0);
	CHECK_INT(a.run, 0);
	mr_hello_add(&a, "ksrc");
	mr_hello_add(&a, "jfilter");
	mr_hello_add(&a, "jfilter");
	mr_hello_add(&a, "jfilter");
	mr_hello_add(&a, "ksrc");
	mr_hello_write(&line, &a);
	CHECK_INT(mr_hello_parse(line.at, line.len - 1, &back, &err), 1);
	CHECK_STR(back.path, "[\"ksrc\",\"jfilter\",\"jfilter.2\",\"jfilter.3\",\"ksrc.2\"]");
	CHECK_STR(back.nonce, a.nonce);
	mr_buf_release(&line);
	mr_hello_release(&a);
	mr_hello_release(&b);
	mr_hello_release(&back);
}

static void
control_round_trip(void)
{
	struct mr_hello h = stream();
	const char *lines[] = {
	    vector("wm", 0), vector("wm", 1), vector("end", 0), vector("eos", 0), vector("eos", 1)};
	static const struct mr_control want[] = {
	    {.type = MR_CTL_WM, .ts = 1795255200000},
	    {.type = MR_CTL_WM, .ts = -1, .idle = true},
	    {.type = MR_CTL_END},
	    {.type = MR_CTL_EOS},
	    {.type = MR_CTL_EOS, .stopped = true, .id = 42},
	};

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct mr_control c = {0};
		struct mr_buf again = MR_BUF_INIT;

		CHECK_INT(parse(lines[i], &c), 1);
		CHECK_INT(c.type, want[i].type);
		CHECK_INT(c.ts, want[i].ts);
		CHECK_INT(c.idle, want[i].idle);
		CHECK_INT(c.stopped, want[i].stopped);
		CHECK_INT(c.id, want[i].id);
		mr_control_write(&again, &h, &want[i]);
		CHECK_INT(again.len, strlen(lines[i]) + 1);
		CHECK(strncmp(mr_buf_str(&again), lines[i], strlen(lines[i])) == 0);
		mr_buf_release(&again);
	}
	mr_hello_release(&h);
}

static void
run_mode_types_are_known(void)
{
	struct mr_control c = {0};

	CHECK_INT(parse(vector("restore", 0), &c), 1);
	CHECK_INT(c.type, MR_CTL_RESTORE);
	CHECK_INT(parse(vector("barrier", 0), &c), 1);
	CHECK_INT(c.type, MR_CTL_BARRIER);
	CHECK_INT(parse(vector("dead", 0), &c), 1);
	CHECK_INT(c.type, MR_CTL_DEAD);
	CHECK_INT(parse(vector("dead", 1), &c), 1);
	CHECK_INT(c.type, MR_CTL_DEAD);
}

static void
a_second_hello_is_refused(void)
{
	struct mr_control c = {0};

	CHECK_INT(parse(vector("hello", 0), &c), -1);
	CHECK_INT(parse(vector("hello", 1), &c), -1);
}

/* Sealed, and yet not canonical. */
static void
other_spellings_are_refused(void)
{
	static const char *const bodies[] = {
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"idle\":0,\"ts\":1",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1,\"idle\":0,\"x\":1",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\": 1,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":01,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":9007199254740992,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":-9007199254740992,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":9223372036854775807,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1.0,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":\"1\",\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1,\"idle\":false",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1,\"idle\":2",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"w\\u006d\",\"ts\":1,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\", \"t\":\"wm\",\"ts\":1,\"idle\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"eos\",\"how\":\"END\",\"id\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"eos\",\"how\":\"end\"",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"end\",\"id\":0",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"nosuch\",\"ts\":1",
	    "{\"$mr\":\"" NONCE "\",\"t\":\"\"",
	    "{\"$mr\":\"" NONCE "\",\"t\":1",
	    "{\"$mr\":\"" NONCE "\"",
	};
	struct mr_control c;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		char *line = seal(bodies[i]);

		c = (struct mr_control){0};
		if (parse(line, &c) != -1) {
			unit_fail(__FILE__, __LINE__, "a spelling of its own is refused");
			printf("# %s\n", line);
		}
		free(line);
	}
}

static void
a_line_that_shows_the_nonce_is_refused(void)
{
	static const char *const lines[] = {
	    "{\"$mr\":\"" NONCE "\",\"t\":\"wm\",\"ts\":1,\"idle\":0}",
	    "{\"$mr\":\"" NONCE "\"}",
	    "{\"$mr\": \"" NONCE "\",\"t\":\"wm\",\"ts\":1,\"idle\":0,\"c\":\"00000000\"}",
	    "{ \"$mr\":\"" NONCE "\"}",
	    " {\"$mr\":\"" NONCE "\"}",
	    "{\"\\u0024mr\":\"" NONCE "\"}",
	    "{\"a\":null,\"$mr\":\"" NONCE "\"}",
	    "{\"x\":\"" NONCE "\"}",
	    "[\"" NONCE "\"]",
	    "{\"$mr\":\"" NONCE,
	    NONCE,
	    WM ",\"c\":\"00000000\"}",
	    WM ",\"c\":\"F7DEFFD7\"}",
	    WM ",\"c\":\"f7deffd7\"",
	    WM ",\"c\":\"f7deffd7\"} ",
	    WM ",\"c\":\"f7deffd7\"}\r",
	    EOS "}",
	};
	struct mr_control c;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		c = (struct mr_control){0};
		if (parse(lines[i], &c) != -1) {
			unit_fail(__FILE__, __LINE__, "it is refused");
			printf("# %s\n", lines[i]);
		}
	}
}

static void
data_is_data(void)
{
	static const char *const lines[] = {
	    "",
	    "{}",
	    "{\"a\":1}",
	    "{\"$mr\":1}",
	    "{\"$mr\":\"\"}",
	    "{\"$mr\":\"x\",\"t\":\"eos\"}",
	    "{\"$mr\":\"1123456789abcdef0123456789abcdef\",\"t\":\"eos\",\"how\":\"end\",\"id\":0}",
	    "{\"$mr\":\"0123456789ABCDEF0123456789ABCDEF\",\"t\":\"end\",\"c\":\"49b3d97f\"}",
	    "{\"$mr\":\"0123456789abcdef0123456789abcde",
	    "{\"a\":\"a string of more than sixty-four bytes goes in front of it, and "
	    "then\",\"b\":\"" NONCE "\"}",
	};
	struct mr_control c;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		c = (struct mr_control){0};
		if (parse(lines[i], &c) != 0) {
			unit_fail(__FILE__, __LINE__, "it is data");
			printf("# %s\n", lines[i]);
		}
	}
}

/* Any bit that flips in transit is found, or the line no longer shows the nonce. */
static void
no_flipped_bit_is_taken(void)
{
	char *line = strdup(vector("wm", 0));
	size_t len = strlen(line);
	struct mr_control c;

	for (size_t i = 0; i < len * 8; i++) {
		line[i / 8] = (char)(line[i / 8] ^ 1 << i % 8);
		if (line[i / 8] != '\0' && parse(line, &c) == 1) {
			unit_fail(__FILE__, __LINE__, "a flipped bit is found");
			printf("# bit %zu\n", i);
		}
		line[i / 8] = (char)(line[i / 8] ^ 1 << i % 8);
	}
	free(line);
}

static int
hello_of(const char *body)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_hello h = {0};
	char *line = seal(body);
	int r = mr_hello_parse(line, strlen(line), &h, &err);

	if (r > 0)
		mr_hello_release(&h);
	if (r < 0)
		CHECK_INT(err.status, MR_EX_WORLD);
	if (r <= 0)
		CHECK(!h.there);
	free(line);
	return r;
}

static void
first_lines(void)
{
	CHECK_INT(hello_of(HELLO(NONCE, FIELDS)), 1);
	CHECK_INT(hello_of("{\"a\":1"), 0);
	CHECK_INT(hello_of(WM), 0);
	CHECK_INT(hello_of(HELLO("short", FIELDS)), 0);
	CHECK_INT(hello_of(HELLO(NONCE, ",\"v\":2,\"new\":\"things\"")), -1);
	CHECK_INT(hello_of(HELLO(NONCE, ",\"v\":1")), -1);
	CHECK_INT(hello_of(HELLO(NONCE, FIELDS ",\"x\":1")), -1);
	CHECK_INT(
	    hello_of(HELLO(NONCE, ",\"v\":1,\"p\":\"\",\"uid\":\"\",\"r\":0,\"path\":\"ksrc\","
				  "\"wm\":1,\"ok\":0")),
	    -1);
}

static void
a_hello_with_a_wrong_checksum(void)
{
	char *line = strdup(vector("hello", 0));
	struct mr_err err = MR_ERR_INIT;
	struct mr_hello h = {0};

	line[strlen(line) - 3] ^= 1;
	CHECK_INT(mr_hello_parse(line, strlen(line), &h, &err), -1);
	CHECK_INT(err.status, MR_EX_WORLD);
	CHECK(!h.there);
	free(line);
}

int
main(void)
{
	read_vectors();
	RUN(a_vector_of_each_type);
	RUN(vectors_have_their_checksum);
	RUN(hello_round_trip);
	RUN(a_new_hello);
	RUN(control_round_trip);
	RUN(run_mode_types_are_known);
	RUN(a_second_hello_is_refused);
	RUN(other_spellings_are_refused);
	RUN(a_line_that_shows_the_nonce_is_refused);
	RUN(data_is_data);
	RUN(no_flipped_bit_is_taken);
	RUN(first_lines);
	RUN(a_hello_with_a_wrong_checksum);
	free_vectors();
	return unit_done();
}
