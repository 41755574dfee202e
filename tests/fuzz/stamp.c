/*
 * stamp: what is read is in range, written and read back the same; what is
 * refused has words.  The first byte is the unit, '0' is auto.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "time/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_time(const struct mr_time *t)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf out = MR_BUF_INIT;
	struct mr_time back;
	char fraction[16];

	if (t->ms < -62167219200000 || t->ms > 253402300799999 || t->ns < 0 || t->ns > 999999)
		abort();
	mr_stamp_write(&out, t->ms);
	if (out.len != 24)
		abort();
	out.len--;			/* its Z, for the nanoseconds */
	mr_buf_add(&out, fraction, (size_t)snprintf(fraction, sizeof fraction, "%06dZ", (int)t->ns));
	if (mr_stamp_text(out.at, out.len, &back, &err) < 0 || back.ms != t->ms || back.ns != t->ns)
		abort();
	mr_buf_release(&out);
}

static void
check_words(const struct mr_err *err, const char *at, size_t len)
{
	if (err->status != MR_EX_DATA || !strstr(err->text, "time"))
		abort();
	if (mr_utf8_ok(at, len) && !mr_utf8_ok(err->text, strlen(err->text)))
		abort();
}

/* As a value of a line, twice: the unit that the first pinned does not refuse the second. */
static void
check_val(enum mr_unit unit, const char *at, size_t len)
{
	struct mr_stamper st = {.unit = unit};
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t, again;
	struct mr_val val;

	if (mr_scan_path(scan, ".", &err) != 0)
		abort();
	if (mr_scan_line(scan, at, len, 0, &val, &err) == 0) {
		if (mr_stamp_val(&st, &val, &t, &err) < 0) {
			check_words(&err, at, len);
		} else {
			check_time(&t);
			if (mr_stamp_val(&st, &val, &again, &err) < 0 || again.ms != t.ms ||
			    again.ns != t.ns)
				abort();
		}
	}
	mr_scan_free(scan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_time t;
	const char *at;

	if (size == 0)
		return 0;
	at = (const char *)data + 1;
	if (mr_stamp_text(at, size - 1, &t, &err) < 0)
		check_words(&err, at, size - 1);
	else
		check_time(&t);
	check_val((enum mr_unit)((unsigned)(data[0] - '0') % 5), at, size - 1);
	return 0;
}
