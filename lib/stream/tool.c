/*
 * tool - from argv to a running stage.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/parallel.h"
#include "stream/tool.h"

enum { OPT_CHECK = 1000, OPT_DEAD, OPT_MAX_LINE, OPT_METRICS, OPT_ON_ERROR };

static const struct option common[] = {
    {"check", required_argument, NULL, OPT_CHECK},
    {"dead", required_argument, NULL, OPT_DEAD},
    {"max-line", required_argument, NULL, OPT_MAX_LINE},
    {"metrics-file", required_argument, NULL, OPT_METRICS},
    {"on-error", required_argument, NULL, OPT_ON_ERROR},
    {NULL, 0, NULL, 0},
};

/* Which of the words an argument is, from 0. */
static int
word(const char *option, const char *arg, const char *const *words, struct mr_err *err)
{
	struct mr_buf all = MR_BUF_INIT;

	for (int i = 0; words[i]; i++)
		if (strcmp(arg, words[i]) == 0)
			return i;
	for (int i = 0; words[i]; i++)
		mr_buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
	mr_err_set(err, MR_EX_USAGE, "%s '%s' is none of %s", option, arg, mr_buf_str(&all));
	mr_buf_release(&all);
	return -1;
}

static int
take(void *self, int c, const char *arg, struct mr_err *err)
{
	static const char *const checks[] = {"none", "full", NULL};
	static const char *const policies[] =
	    {[MR_FAIL] = "fail", [MR_SKIP] = "skip", [MR_DEAD] = "dead", NULL};
	struct mr_stage *stage = self;
	int which;

	switch (c) {
	case OPT_CHECK:
		if ((which = word("--check", arg, checks, err)) < 0)
			return -1;
		stage->check = which == 1;
		return 0;
	case OPT_DEAD: stage->bad.dead_path = arg; return 0;
	case OPT_MAX_LINE:
		if (mr_size_parse(arg, &stage->max_line, err) < 0)
			return mr_err_prefix(err, "--max-line");
		if (stage->max_line == 0)
			return mr_err_set(err, MR_EX_USAGE, "--max-line: 0 leaves no line");
		return 0;
	case OPT_METRICS: stage->metrics_path = arg; return 0;
	default:
		if ((which = word("--on-error", arg, policies, err)) < 0)
			return -1;
		stage->bad.policy = (enum mr_on_error)which;
		return 0;
	}
}

void
mr_tool_opt(struct mr_opt *opt, int argc, char **argv, const char *help, const char *letters,
    const struct option *longs, struct mr_stage *stage)
{
	const struct mr_opt_set set = {common, take, stage};

	mr_opt_init(opt, argc, argv, help, letters, longs, &set);
}

int
mr_tool_jobs(struct mr_stage *stage, const char *arg, struct mr_err *err)
{
	int64_t n;

	if (mr_int_parse("--jobs", arg, 1, MR_JOBS_MAX, &n, err) < 0)
		return -1;
	stage->jobs = (unsigned)n;
	return 0;
}

void
mr_tool_files(struct mr_opt *opt, struct mr_stage *stage)
{
	stage->files = mr_opt_operands(opt, &stage->nfiles);
}

/*
 * A standard stream that was closed must not become a pipe or a socket of
 * ours: occupy its number with what cannot be used the way it would be.
 */
static void
occupy_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

int
mr_tool_main(const struct mr_tool *tool, int argc, char **argv)
{
	struct mr_stage stage = {.id = tool->name,
	    .check = true,
	    .max_line = MR_LINE_MAX_DEFAULT,
	    .bad = {.stage = tool->name, .dead = {.fd = -1}}};
	struct mr_err err = MR_ERR_INIT;
	int status;

	mr_progname = tool->name;
	occupy_standard_streams();
	if (tool->setup(argc, argv, &stage, &err) < 0) {
		mr_say("%s", err.text);
		status = (int)err.status;
	} else {
		status = mr_stage_run(&stage);
	}
	if (stage.release)
		stage.release(stage.self);
	free(stage.self);
	return status;
}
