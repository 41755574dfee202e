/*
 * bad - what becomes of a record that a stage refused.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/base64.h"
#include "json/scan.h"
#include "json/str.h"
#include "stream/bad.h"

#define CUT_SHARE 8 /* a byte may become six (\u0001) */

int
mr_bad_open(struct mr_bad *bad, struct mr_err *err)
{
	int fd = -1;

	if (bad->policy == MR_DEAD && !bad->dead_path)
		return mr_err_set(err, MR_EX_USAGE, "--on-error dead needs --dead FILE");
	if (bad->dead_path) {
		bad->policy = MR_DEAD;
		fd = open(bad->dead_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (fd < 0)
			return mr_err_sys(err, "cannot open '%s'", bad->dead_path);
	}
	mr_out_init(&bad->dead, fd, bad->dead_path);
	return 0;
}

static void
member(struct mr_buf *b, const char *key, const char *value, size_t len)
{
	mr_buf_printf(b, "%s\"%s\":", b->at[b->len - 1] == '{' ? "" : ",", key);
	mr_str_write(b, value, len);
}

/* Words of ours, in which a file name or a message may hold any byte. */
static void
words(struct mr_buf *b, const char *key, char *text)
{
	size_t len = strlen(text);

	if (!mr_utf8_ok(text, len))
		for (char *c = text; *c; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
	member(b, key, text, len);
}

/*
 * How much of a line its dead letter holds: all of it, or so much of one that was too long
 * that the letter itself is not.
 */
static size_t
raw_len(const struct mr_line *line)
{
	size_t len = line->len;

	if (line->cut)
		for (len /= CUT_SHARE; len && (line->at[len] & 0xc0) == 0x80; len--)
			;
	return len;
}

static int
bury(struct mr_bad *bad, const struct mr_line *line, char *where, struct mr_err *err)
{
	struct mr_buf *b = &bad->dead.buf;
	size_t len = raw_len(line);
	char why[sizeof err->text + 64];

	mr_buf_addc(b, '{');
	member(b, "stage", bad->stage, strlen(bad->stage));
	if (line->cut) {
		snprintf(why, sizeof why, "%s; raw is its first %zu bytes", err->text, len);
		words(b, "why", why);
	} else {
		words(b, "why", err->text);
	}
	words(b, "where", where);
	if (mr_utf8_ok(line->at, len)) {
		member(b, "raw", line->at, len);
	} else {
		mr_buf_adds(b, ",\"raw_b64\":\"");
		mr_base64_write(b, line->at, len);
		mr_buf_addc(b, '"');
	}
	mr_buf_adds(b, "}\n");
	return mr_out_built(&bad->dead, 1, err);
}

int
mr_bad_record(struct mr_bad *bad, const struct mr_line *line, struct mr_err *err)
{
	char where[512];
	int n = snprintf(where, sizeof where - 32, "%s", line->file);

	if (n < 0 || (size_t)n > sizeof where - 33)
		n = (int)sizeof where - 33;
	snprintf(where + n, 32, ":%" PRIu64, line->no);
	if (bad->count++ == 0 || bad->policy == MR_FAIL) {
		bad->first = *err;
		mr_err_prefix(&bad->first, "%s", where);
		bad->first.placed = 1;
	}
	switch (bad->policy) {
	case MR_SKIP: return 0;
	case MR_DEAD: return bury(bad, line, where, err);
	default: *err = bad->first; return -1;
	}
}

void
mr_bad_report(const struct mr_bad *bad)
{
	if (bad->count == 0 || bad->policy == MR_FAIL)
		return;
	mr_say("%" PRIu64 " bad record%s %s%s, the first: %s", bad->count,
	    bad->count == 1 ? "" : "s", bad->policy == MR_SKIP ? "skipped" : "written to ",
	    bad->policy == MR_SKIP ? "" : bad->dead_path, bad->first.text);
}

int
mr_bad_close(struct mr_bad *bad, struct mr_err *err)
{
	int r = 0;

	if (bad->dead.fd >= 0) {
		r = mr_out_flush(&bad->dead, err);
		if (close(bad->dead.fd) < 0 && r == 0)
			r = mr_err_sys(err, "cannot write '%s'", bad->dead_path);
		bad->dead.fd = -1;
	}
	mr_out_release(&bad->dead);
	return r;
}
