/*
 * duration: what is read is in range, written and read back the same; what is
 * refused has words, with the text in quotes and an example.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/scan.h"
#include "time/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is a duration is the same as a period. */
static void
check_period(const char *text)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_period p, back;
	char room[64];
	int64_t ms;

	if (mr_period_parse(text, &p, &err) < 0) {
		if (err.status != MR_EX_USAGE || strlen(err.text) > 250 ||
		    mr_duration_parse(text, &ms, &err) == 0)
			abort();
		return;
	}
	if ((p.ms != 0) + (p.days != 0) + (p.months != 0) > 1 || p.ms < 0 || p.days < 0 ||
	    p.months < 0 || p.months > MR_PERIOD_MONTHS)
		abort();
	if (mr_duration_parse(text, &ms, &err) == 0 && ms != p.ms + p.days * INT64_C(86400000))
		abort();
	if (mr_period_parse(mr_period_text(&p, room), &back, &err) < 0 || back.ms != p.ms ||
	    back.days != p.days || back.months != p.months)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mr_xmemdup0(data, size), room[64];
	struct mr_err err = MR_ERR_INIT;
	int64_t ms, back;

	if (mr_duration_parse(text, &ms, &err) == 0) {
		if (ms < 0 || ms > MR_DURATION_MAX)
			abort();
		if (mr_duration_parse(mr_duration_text(ms, room), &back, &err) < 0 || back != ms)
			abort();
	} else {
		if (err.status != MR_EX_USAGE || !strchr(err.text, '\'') || strlen(err.text) > 250)
			abort();
		if (mr_utf8_ok(text, strlen(text)) && !mr_utf8_ok(err.text, strlen(err.text)))
			abort();
	}
	check_period(text);
	free(text);
	if (size >= sizeof ms) {		/* any number is written within its room */
		memcpy(&ms, data, sizeof ms);
		if (strlen(mr_duration_text(ms, room)) >= sizeof room)
			abort();
	}
	return 0;
}
