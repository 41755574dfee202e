/*
 * jfilter - copy the events for which a jq expression is true.
 *
 * What passes is written as the bytes that came in: same key order, same
 * number spelling.  Control lines never reach a stage: the loop passes them,
 * because windows downstream wait on them.
 */
#include <stdint.h>
#include <string.h>

#include "jq/args.h"
#include "stream/tool.h"

struct jfilter {
	struct mr_stage *stage;
	struct mr_args args;
	const char *text;
	struct mr_prog *prog;
	bool invert, want_match;
};

enum { OPT_JOBS = 256 };

static const char help[] =
    "usage: jfilter [-ev] [--arg NAME TEXT] [--argjson NAME JSON] EXPRESSION [FILE ...]\n"
    "       jfilter [-ev] ... -f PROGRAM [FILE ...]\n"
    "Copy the events for which a jq expression is true, byte for byte.\n"
    "\n" MR_ARGS_HELP "  -e, --exit-status        status 1 if nothing passed\n"
    "  -v, --invert             copy the events for which it is false\n"
    "      --jobs N             run the expression in N threads (default 1)\n" MR_TOOL_HELP;

static const struct option longs[] = {
    MR_ARGS_OPTIONS,
    {"exit-status", no_argument, NULL, 'e'},
    {"invert", no_argument, NULL, 'v'},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {NULL, 0, NULL, 0},
};

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jfilter *f = self;
	const struct mr_event e = {line->at, line->len, line->vals, line->no, line->file,
	    line->trusted};
	int hit = mr_prog_test(f->prog, &e, err);

	if (hit < 0)
		return -1;
	if (hit == f->invert)
		return 0;
	f->stage->no_match = false;
	return mr_out_pass(out, line, err);
}

/* Rows from..to-1, which follow each other, as one run. */
static int
pass(struct jfilter *f, const struct mr_rows *rows, size_t from, size_t to, struct mr_out *out,
    struct mr_err *err)
{
	const struct mr_scan_row *first = rows->row + from, *last = rows->row + to - 1;

	f->stage->no_match = false;
	return mr_out_run(out, first->at, (size_t)(last->at + last->len + 1 - first->at), to - from,
	    err);
}

static int
test_row(struct jfilter *f, const struct mr_rows *rows, size_t i, struct mr_err *err)
{
	const struct mr_event e = {rows->row[i].at, rows->row[i].len, rows->vals + i * rows->width,
	    0, NULL, mr_stage_trusts(f->stage)};

	return mr_prog_test(f->prog, &e, err);
}

/* Decide rows from..n-1, up to one that fails, of which the place is returned; n: none does. */
static size_t
decide(struct jfilter *f, const struct mr_rows *rows, size_t from, unsigned char *hit,
    struct mr_err *err)
{
	bool known = mr_prog_test_rows(f->prog, rows->row, rows->vals, rows->width, rows->n, hit);

	if (known && !memchr(hit + from, MR_ROW_ALONE, rows->n - from))
		return rows->n;
	for (size_t i = from; i < rows->n; i++) {
		int alone;

		if (known && hit[i] != MR_ROW_ALONE)
			continue;
		if ((alone = test_row(f, rows, i, err)) < 0)
			return i;
		hit[i] = (unsigned char)alone;
	}
	return rows->n;
}

/*
 * Where, among rows from..to-1, those that pass begin and end, by turns.
 * Nobody can foresee which pass: there is no branch on it.
 */
static size_t
edges_of(const struct jfilter *f, const unsigned char *hit, size_t from, size_t to, uint16_t *edge)
{
	size_t edges = 0;
	unsigned before = 0;

	for (size_t i = from; i < to; i++) {
		unsigned passes = hit[i] ^ (unsigned)f->invert;

		edge[edges] = (uint16_t)i;
		edges += passes ^ before;
		before = passes;
	}
	edge[edges] = (uint16_t)to;
	return edges + before;
}

static int
rows(void *self, const struct mr_rows *rows, size_t *next, struct mr_out *out, struct mr_err *err)
{
	struct jfilter *f = self;
	unsigned char hit[MR_ROWS_MAX];
	uint16_t edge[MR_ROWS_MAX + 1];
	size_t from = *next, to = decide(f, rows, from, hit, err);
	size_t edges = edges_of(f, hit, from, to, edge);

	*next = to;
	for (size_t i = 0; i < edges; i += 2)
		if (pass(f, rows, edge[i], edge[i + 1], out, err) < 0) {
			*next = edge[i];
			return -1;
		}
	return to < rows->n ? -1 : 0;
}

static void
release(void *self)
{
	struct jfilter *f = self;

	mr_prog_free(f->prog);
	mr_args_release(&f->args);
}

static int
twin(const struct mr_stage *stage, struct mr_stage *copy, struct mr_err *err)
{
	const struct jfilter *f = stage->self;
	struct jfilter *t = mr_stage_self(copy, sizeof *t);

	t->stage = copy;
	t->invert = f->invert;
	copy->rows = rows;
	copy->release = release;
	mr_args_twin(&t->args, &f->args);
	if (!(t->prog = mr_prog_new(f->text, &t->args.prog, err)))
		return -1;
	copy->scan = mr_prog_scan(t->prog);
	copy->thorough = mr_prog_thorough(t->prog);
	return 0;
}

static int
options(struct jfilter *f, struct mr_opt *opt, struct mr_err *err)
{
	int c;

	while ((c = mr_opt_next(opt, err)) > 0)
		switch (c) {
		case 'e': f->want_match = true; break;
		case 'v': f->invert = true; break;
		case OPT_JOBS:
			if (mr_tool_jobs(f->stage, opt->arg, err) < 0)
				return -1;
			break;
		default:
			if (mr_args_take(&f->args, c, opt, err) < 0)
				return -1;
		}
	return c;
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jfilter *f = mr_stage_self(stage, sizeof *f);
	struct mr_opt opt;

	f->stage = stage;
	stage->event = event;
	stage->release = release;
	mr_args_init(&f->args);
	mr_tool_opt(&opt, argc, argv, help, "ef:L:v", longs, stage);
	if (options(f, &opt, err) == 0)
		f->text = mr_args_expression(&f->args, &opt, err);
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (!f->text || !(f->prog = mr_args_program(&f->args, f->text, err)))
		return -1;
	stage->no_match = f->want_match;
	stage->scan = mr_prog_scan(f->prog);
	stage->thorough = mr_prog_thorough(f->prog);
	if (!mr_prog_wants_place(f->prog))
		stage->rows = rows;
	stage->twin = twin;
	if (!mr_prog_apart(f->prog))
		stage->jobs = 1;
	return 0;
}

MR_TOOL_MAIN(jfilter, setup, help)
