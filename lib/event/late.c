/*
 * late - what becomes of events behind the watermark.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "event/late.h"
#include "time/duration.h"
#include "time/stamp.h"

int
mr_late_open(struct mr_late *late, struct mr_err *err)
{
	int fd;

	if (!late->path)
		return 0;
	fd = open(late->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return mr_err_sys(err, "cannot open '%s'", late->path);
	mr_out_init(&late->file, fd, late->path);
	return 0;
}

int
mr_late_event(struct mr_late *late, const struct mr_line *line, int64_t watermark_ms,
    int64_t time_ms, int64_t by_ms, struct mr_err *err)
{
	struct mr_buf *b = &late->file.buf;

	late->count++;
	if (by_ms > late->worst_ms)
		late->worst_ms = by_ms;
	if (!late->path)
		return 0;
	mr_buf_adds(b, "{\"why\":\"late\",\"watermark\":\"");
	mr_stamp_write(b, watermark_ms);
	mr_buf_adds(b, "\",\"time\":\"");
	mr_stamp_write(b, time_ms);
	mr_buf_adds(b, "\",\"line\":");
	mr_buf_add(b, line->at, line->len);
	mr_buf_adds(b, "}\n");
	return mr_out_built(&late->file, 1, err);
}

int
mr_late_flush(struct mr_late *late, struct mr_err *err)
{
	return late->path ? mr_out_flush(&late->file, err) : 0;
}

/* Up to the next whole second: a lag that is easy to type. */
static int64_t
round_up(int64_t ms)
{
	return ms > INT64_MAX - 1000 ? ms : (ms + 999) / 1000 * 1000;
}

void
mr_late_report(const struct mr_late *late, uint64_t events, const char *came, bool own)
{
	char what[320], worst[64], lag[64];

	if (!late->count)
		return;
	snprintf(what, sizeof what, "late: %" PRIu64 " of %" PRIu64 " events (%.3g %%) %s%s%.128s",
	    late->count, events, 100. * (double)late->count / (double)events, came,
	    late->path ? ": they are in " : " and were dropped", late->path ? late->path : "");
	if (late->count <= events / 100) {
		mr_say("%s", what);
		return;
	}
	mr_duration_text(late->worst_ms, worst);
	if (own)
		mr_say("%s; the latest was %s behind the newest event: raise --lag to %s, or make "
		       "watermarks per partition with ksrc --time",
		    what, worst, mr_duration_text(round_up(late->worst_ms + 1), lag));
	else
		mr_say("%s; the latest was %s behind the watermark: raise the --lag where the "
		       "watermarks are made by %s, or make them per partition with ksrc --time",
		    what, worst, mr_duration_text(round_up(late->worst_ms + 1), lag));
}

void
mr_late_release(struct mr_late *late)
{
	struct mr_err ignored = MR_ERR_INIT;

	if (late->file.fd >= 0) {
		mr_out_flush(&late->file, &ignored);
		close(late->file.fd);
	}
	mr_out_release(&late->file);
	late->file.fd = -1;
}
