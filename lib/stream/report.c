/*
 * report - what a running stage tells of itself.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/report.h"

void
mr_report_status(const struct mr_stage *s, uint64_t lines_in, const struct mr_out *out, double rate)
{
	struct mr_buf b = MR_BUF_INIT;

	if (!s->pull)
		mr_buf_printf(&b, "in %" PRIu64 ", ", lines_in);
	mr_buf_printf(&b, "out %" PRIu64 ", bad %" PRIu64, out->lines, s->bad.count);
	if (s->status)
		s->status(s->self, &b);
	if (rate > 0)
		mr_buf_printf(&b, ", %.0f/s", rate);
	mr_say("%s", mr_buf_str(&b));
	mr_buf_release(&b);
}

/* A label value of the Prometheus text format. */
static void
label(struct mr_buf *b, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\' || *value == '\n')
			mr_buf_addc(b, '\\');
		mr_buf_addc(b, *value == '\n' ? 'n' : *value);
	}
}

void
mr_report_metric(struct mr_buf *b, const struct mr_stage *s, const char *name, const char *help,
    double value)
{
	size_t len = strlen(name);
	bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;

	mr_buf_printf(b, "# HELP millrace_%s %s\n# TYPE millrace_%s %s\nmillrace_%s{pipeline=\"",
	    name, help, name, total ? "counter" : "gauge", name);
	label(b, s->hello.there ? s->hello.pipeline : "");
	mr_buf_printf(b, "\",stage=\"%s\"} %.15g\n", s->id, value);
}

static int
put_file(const char *path, const char *tmp, const struct mr_buf *b)
{
	FILE *f = fopen(tmp, "w");
	int r = f && fwrite(b->at, 1, b->len, f) == b->len ? 0 : -1;

	if (f && fclose(f) != 0)
		r = -1;
	return r == 0 ? rename(tmp, path) : -1;
}

int
mr_report_check(const char *path, struct mr_err *err)
{
	struct stat st;

	if (path && lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return mr_err_set(err, MR_EX_USAGE,
		    "--metrics-file '%s' is not a file: it is replaced each second", path);
	return 0;
}

int
mr_report_metrics(const struct mr_stage *s, uint64_t lines_in, const struct mr_out *out,
    struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT, tmp = MR_BUF_INIT;
	int r;

	mr_report_metric(&b, s, "records_in_total", "Data lines read.", (double)lines_in);
	mr_report_metric(&b, s, "records_out_total", "Data lines written.", (double)out->lines);
	mr_report_metric(&b, s, "bytes_out_total", "Bytes written.", (double)out->bytes);
	mr_report_metric(&b, s, "bad_records_total", "Records refused.", (double)s->bad.count);
	if (s->metrics)
		s->metrics(s->self, &b);
	mr_buf_printf(&tmp, "%s.%ld.tmp", s->metrics_path, (long)getpid());
	if ((r = put_file(s->metrics_path, mr_buf_str(&tmp), &b)) < 0) {
		mr_err_sys(err, "cannot write '%s'", s->metrics_path);
		unlink(mr_buf_str(&tmp));
	}
	mr_buf_release(&b);
	mr_buf_release(&tmp);
	return r;
}
