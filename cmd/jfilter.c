/*
 * jfilter - copy the events for which a jq expression is true.
 *
 * What passes is written as the bytes that came in: same key order, same
 * number spelling.  Control lines never reach a stage: the loop passes them,
 * because windows downstream wait on them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "jq/prog.h"
#include "json/scan.h"
#include "stream/tool.h"

struct jfilter {
	struct mr_stage *stage;
	struct mr_prog *prog;
	struct mr_scan *scan; /* for `.`: validation, and the whole event */
	struct mr_prog_arg *args;
	size_t nargs;
	char *text; /* of the program, when it came from a file */
	bool invert, want_match;
};

static const char help[] =
    "usage: jfilter [-ev] [--arg NAME TEXT] [--argjson NAME JSON] EXPRESSION [FILE ...]\n"
    "       jfilter [-ev] ... -f PROGRAM [FILE ...]\n"
    "Copy the events for which a jq expression is true, byte for byte.\n"
    "\n"
    "      --arg NAME TEXT      let $NAME be a string in the expression\n"
    "      --argjson NAME JSON  let $NAME be a JSON value in the expression\n"
    "  -e, --exit-status        status 1 if nothing passed\n"
    "  -f, --from-file PROGRAM  read the expression from a file\n"
    "  -v, --invert             copy the events for which it is false\n" MR_TOOL_HELP;

enum { OPT_ARG = 256, OPT_ARGJSON };

static const struct option longs[] = {
    {"arg", required_argument, NULL, OPT_ARG},
    {"argjson", required_argument, NULL, OPT_ARGJSON},
    {"exit-status", no_argument, NULL, 'e'},
    {"from-file", required_argument, NULL, 'f'},
    {"invert", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static int
event(void *self, const struct mr_line *line, struct mr_out *out, struct mr_err *err)
{
	struct jfilter *f = self;
	unsigned flags = f->stage->trusted ? MR_SCAN_TRUSTED : 0;
	struct mr_val val;
	int hit;

	if (mr_scan_line(f->scan, line->at, line->len, flags, &val, err) < 0 ||
	    (hit = mr_prog_test(f->prog, &val, err)) < 0)
		return -1;
	if (hit == f->invert)
		return 0;
	f->stage->no_match = false;
	return mr_out_pass(out, line, err);
}

static void
release(void *self)
{
	struct jfilter *f = self;

	mr_prog_free(f->prog);
	mr_scan_free(f->scan);
	free(f->args);
	free(f->text);
}

/* --arg and --argjson take two words, as jq's do. */
static int
add_arg(struct jfilter *f, struct mr_opt *opt, int is_json, struct mr_err *err)
{
	const char *name = opt->arg;
	const char *value;

	if (!(value = mr_opt_operand(opt,
		  is_json ? "JSON behind --argjson NAME" : "TEXT behind --arg NAME", err)))
		return -1;
	f->args = mr_xrealloc(f->args, (f->nargs + 1) * sizeof *f->args);
	f->args[f->nargs++] = (struct mr_prog_arg){name, value, is_json};
	return 0;
}

static char *
read_program(const char *path, struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT;
	ssize_t n = -1;
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		do {
			mr_buf_grow(&b, 4096);
			if ((n = read(fd, b.at + b.len, 4096)) > 0)
				b.len += (size_t)n;
		} while (n > 0);
	}
	if (n < 0)
		mr_err_sys(err, "cannot read '%s'", path);
	if (fd >= 0)
		close(fd);
	text = n < 0 ? NULL : mr_xmemdup0(b.at, b.len);
	mr_buf_release(&b);
	return text;
}

static int
options(struct jfilter *f, struct mr_opt *opt, const char **from, struct mr_err *err)
{
	int c;

	while ((c = mr_opt_next(opt, err)) > 0)
		switch (c) {
		case 'e': f->want_match = true; break;
		case 'f': *from = opt->arg; break;
		case 'v': f->invert = true; break;
		default:
			if (add_arg(f, opt, c == OPT_ARGJSON, err) < 0)
				return -1;
		}
	return c;
}

static int
setup(int argc, char **argv, struct mr_stage *stage, struct mr_err *err)
{
	struct jfilter *f = mr_stage_self(stage, sizeof *f);
	const char *from = NULL, *text = NULL;
	struct mr_opt opt;
	int r;

	stage->event = event;
	stage->release = release;
	f->stage = stage;
	mr_tool_opt(&opt, argc, argv, help, "ef:v", longs, stage);
	if ((r = options(f, &opt, &from, err)) == 0) {
		text = from ? f->text = read_program(from, err) :
			      mr_opt_operand(&opt, "expression", err);
		r = text ? 0 : -1;
	}
	mr_tool_files(&opt, stage);
	mr_opt_release(&opt);
	if (r < 0)
		return -1;
	f->scan = mr_scan_new();
	f->prog = mr_prog_new(text, f->args, f->nargs, err);
	stage->no_match = f->want_match;
	return f->prog && mr_scan_path(f->scan, ".", err) == 0 ? 0 : -1;
}

MR_TOOL_MAIN(jfilter, setup, help)
