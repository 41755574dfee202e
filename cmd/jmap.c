/*
 * jmap - transform events with a jq program.
 *
 * Each output of the program is a line, in order; an event without output is
 * gone, and one that the program fails on is a bad record as a whole: none of
 * its outputs is written.
 */
#include "jq/args.h"
#include "stream/tool.h"

struct jmap {
	struct mr_stage *stage;
	struct mr_args args;
	const char *text;
	struct mr_prog *prog;
	struct mr_prog_style style;
	bool begun;
	struct mr_buf held; /* the event on which a run began that waits for input */
	struct mr_line held_line;
};

enum { OPT_JOBS = 256 };

static const char help[] =
    "usage: jmap [-cjnrS] [--arg NAME TEXT] [--argjson NAME JSON] EXPRESSION [FILE ...]\n"
    "       jmap [-cjnrS] ... -f PROGRAM [FILE ...]\n"
    "Write what a jq expression makes of each event, one line an output.\n"
    "\n" MR_ARGS_HELP
    "  -c, --compact-output     a line an output; always so, accepted for jq's sake\n"
    "      --jobs N             run the expression in N threads (default 1)\n"
    "  -j, --join-output        as -r, without a newline behind each output\n"
    "  -n, --null-input         run once, on null; input and inputs read the events\n"
    "  -r, --raw-output         write strings as their text, not as JSON\n"
    "  -S, --sort-keys          write the keys of objects in order\n" MR_TOOL_HELP;

static const struct option longs[] = {
    MR_ARGS_OPTIONS,
    {"compact-output", no_argument, NULL, 'c'},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"join-output", no_argument, NULL, 'j'},
    {"null-input", no_argument, NULL, 'n'},
    {"raw-output", no_argument, NULL, 'r'},
    {"slurp", no_argument, NULL, 's'},
    {"sort-keys", no_argument, NULL, 'S'},
    {NULL, 0, NULL, 0},
};

/* Hand on what the program made, and what it goes on to make; r is what it returned. */
static int
deliver(struct jmap *m, int r, uint64_t lines, struct mr_out *out, struct mr_err *err)
{
	while (r > 0) {
		if (mr_out_built(out, lines, err) < 0)
			return -1;
		lines = 0;
		r = mr_prog_more(m->prog, &m->style, &out->buf, &lines, err);
	}
	return r < 0 ? -1 : mr_out_built(out, lines, err);
}

/* Keep the event on which a run began until it has ended: its failure is that event's. */
static void
hold(struct jmap *m, const struct mr_event *e)
{
	if (!mr_prog_waits(m->prog))
		m->held.len = 0;
	if (m->args.prog.null_input || m->held.len || !mr_prog_waits(m->prog))
		return;
	mr_buf_add(&m->held, e->at, e->len);
	m->held_line = (struct mr_line){.len = e->len, .file = e->file, .no = e->no, .end = 1};
}

/*
 * A run failed: the event that it began on is a bad record as any other, if
 * that is not the one at hand.  Return: 0 it was dealt with; -1 err is the failure.
 */
static int
blame(struct jmap *m, struct mr_err *err)
{
	struct mr_err why = *err;
	int r = -1;

	if (m->held.len && why.status == MR_EX_DATA && !why.placed) {
		m->held_line.at = m->held.at;
		if ((r = mr_bad_record(&m->stage->bad, &m->held_line, &why)) < 0)
			*err = why;
	}
	m->held.len = 0;
	return r;
}

static int
map(struct jmap *m, const struct mr_event *e, struct mr_out *out, struct mr_err *err)
{
	uint64_t lines = 0;
	int r = mr_prog_write(m->prog, e, &m->style, &out->buf, &lines, err);

	return deliver(m, r, lines, out, err);
}

/* -n: the one run begins before the first event, and may end before the last. */
static int
begin(struct jmap *m, struct mr_out *out, struct mr_err *err)
{
	uint64_t lines = 0;
	int r;

	if (m->begun || !m->args.prog.null_input)
		return 0;
	m->begun = true;
	r = mr_prog_begin(m->prog, &m->style, &out->buf, &lines, err);
	if (deliver(m, r, lines, out, err) < 0)
		return mr_err_prefix(err, "-n");
	m->stage->done = mr_prog_over(m->prog);
	return 0;
}

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jmap *m = self;
	const struct mr_event e = {line->at, line->len, line->vals, line->no, line->file,
	    line->trusted};

	if (begin(m, out, err) < 0)
		return -1;
	if (m->stage->done)
		return 0;
	if (map(m, &e, out, err) < 0) {
		blame(m, err);
		return -1;
	}
	hold(m, &e);
	m->stage->done = mr_prog_over(m->prog);
	return 0;
}

static int
end(void *self, bool stopped, struct mr_out *out, struct mr_err *err)
{
	struct jmap *m = self;
	uint64_t lines = 0;
	int r;

	if (stopped) {
		if (m->args.prog.null_input && mr_prog_waits(m->prog))
			mr_say("stopped before the program of -n had ended");
		return 0;
	}
	if (begin(m, out, err) < 0)
		return -1;
	r = mr_prog_finish(m->prog, &m->style, &out->buf, &lines, err);
	return deliver(m, r, lines, out, err) < 0 ? blame(m, err) : 0;
}

/* -n of a program that reads nothing. */
static int
pull(void *self, int wait_ms, struct mr_out *out, struct mr_err *err)
{
	(void)wait_ms;
	return begin(self, out, err);
}

static int
rows(void *self, const struct mr_rows *rows, size_t *next, struct mr_out *out, struct mr_err *err)
{
	struct jmap *m = self;
	const struct mr_event_rows events = {rows->row, rows->n, rows->vals, rows->width,
	    mr_stage_trusts(m->stage)};
	int r = 0;

	while (*next < rows->n && r == 0) {
		uint64_t lines = 0;

		r = mr_prog_write_rows(m->prog, &events, next, &m->style, &out->buf, &lines, err);
		if (r < 0)
			out->lines += lines; /* err is taken */
		else
			r = mr_out_built(out, lines, err);
	}
	return r;
}

static void
release(void *self)
{
	struct jmap *m = self;

	mr_prog_free(m->prog);
	mr_args_release(&m->args);
	mr_buf_release(&m->held);
}

static int
twin(const struct mr_stage *stage, struct mr_stage *copy, struct mr_err *err)
{
	const struct jmap *m = stage->self;
	struct jmap *t = mr_stage_self(copy, sizeof *t);

	t->stage = copy;
	t->style = m->style;
	copy->rows = rows;
	copy->release = release;
	mr_args_twin(&t->args, &m->args);
	if (!(t->prog = mr_prog_new(m->text, &t->args.prog, err)))
		return -1;
	copy->scan = mr_prog_scan(t->prog);
	copy->thorough = mr_prog_thorough(t->prog);
	return 0;
}

static int
options(struct jmap *m, struct mr_opt *opt, struct mr_err *err)
{
	int c;

	while ((c = mr_opt_next(opt, err)) > 0)
		switch (c) {
		case 'c': break;
		case 'j': m->style.raw = m->style.joined = true; break;
		case 'n': m->args.prog.null_input = true; break;
		case 'r': m->style.raw = true; break;
		case 's':
			return mr_err_set(err, MR_EX_USAGE,
			    "-s would hold the whole stream in memory: reduce it with jwindow, or use -n and 'reduce inputs'");
		case 'S': m->style.sorted = true; break;
		case OPT_JOBS:
			if (mr_tool_jobs(m->stage, opt->arg, err) < 0)
				return -1;
			break;
		default:
			if (mr_args_take(&m->args, c, opt, err) < 0)
				return -1;
		}
	return c;
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jmap *m = mr_stage_self(stage, sizeof *m);
	struct mr_opt opt;

	m->stage = stage;
	stage->event = event;
	stage->end = end;
	stage->release = release;
	mr_args_init(&m->args);
	mr_tool_opt(&opt, argc, argv, help, "cf:jL:nrsS", longs, stage);
	if (options(m, &opt, err) == 0)
		m->text = mr_args_expression(&m->args, &opt, err);
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (!m->text || !(m->prog = mr_args_program(&m->args, m->text, err)))
		return -1;
	if (m->style.raw)
		stage->control = MR_CONTROL_EAT; /* text for people, no stream */
	stage->scan = mr_prog_scan(m->prog);
	stage->thorough = mr_prog_thorough(m->prog);
	if (m->args.prog.null_input && !mr_prog_reads(m->prog)) {
		stage->pull = pull;
		stage->control = MR_CONTROL_EAT;
	} else if (!mr_prog_reads(m->prog) && !mr_prog_wants_place(m->prog)) {
		stage->rows = rows;
	}
	stage->twin = twin;
	if (!mr_prog_apart(m->prog))
		stage->jobs = 1;
	return 0;
}

MR_TOOL_MAIN(jmap, setup, help)
