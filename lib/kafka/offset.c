/*
 * offset - the argument of -o.
 */
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "kafka/offset.h"
#include "time/duration.h"
#include "time/stamp.h"

static int
parse_time(const char *text, int64_t now_ms, int64_t *ms, struct mr_err *err)
{
	struct mr_time t;

	if (text[0] == '-') {
		if (mr_duration_parse(text + 1, ms, err) < 0)
			return -1;
		*ms = now_ms - *ms;
		return 0;
	}
	if (mr_stamp_text(text, strlen(text), &t, err) < 0)
		return -1;
	*ms = t.ms;
	return 0;
}

static int
parse_number(struct mr_koffset *o, const char *text, struct mr_err *err)
{
	o->whence = text[0] == '-' ? MR_K_TAIL : MR_K_AT;
	return mr_int_parse("offset", text[0] == '-' ? text + 1 : text, 0, INT64_MAX, &o->n, err);
}

static int
parse(struct mr_koffset *o, const char *text, int64_t now_ms, struct mr_err *err)
{
	static const struct {
		const char *word;
		enum mr_kwhence whence;
	} words[] = {
	    {"beginning", MR_K_BEGIN},
	    {"earliest", MR_K_BEGIN},
	    {"end", MR_K_END},
	    {"latest", MR_K_END},
	    {"stored", MR_K_STORED},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(text, words[i].word) == 0) {
			o->whence = words[i].whence;
			return 0;
		}
	if (strncmp(text, "s@", 2) == 0) {
		o->whence = MR_K_SINCE;
		return parse_time(text + 2, now_ms, &o->n, err);
	}
	if (strncmp(text, "e@", 2) == 0) {
		o->bounded = true;
		return parse_time(text + 2, now_ms, &o->until_ms, err);
	}
	if (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))
		return parse_number(o, text, err);
	return mr_err_set(err, MR_EX_USAGE,
	    "none of beginning, end, stored, N, -N, s@TIME, e@TIME");
}

int
mr_koffset_parse(struct mr_koffset *o, const char *text, int64_t now_ms, struct mr_err *err)
{
	if (parse(o, text, now_ms, err) == 0)
		return 0;
	err->status = MR_EX_USAGE;
	return mr_err_prefix(err, "-o '%s'", text);
}
