/*
 * A tool: a name, its help, and how its options make a stage.
 */
#ifndef MR_STREAM_TOOL_H
#define MR_STREAM_TOOL_H

#include "base/opt.h"
#include "stream/stage.h"

struct mr_tool {
	const char *name, *help;

	/* Options and operands to *stage, which comes with its defaults; 0, or -1 err set. */
	int (*setup)(int argc, char **argv, struct mr_stage *stage, struct mr_err *err);
};

/* What --help says of the options every tool has; a tool's help ends with it. */
#define MR_TOOL_HELP \
	"      --check full|none    validate JSON and UTF-8 (default full, none if done upstream)\n" \
	"      --dead FILE          append bad records to FILE; implies --on-error dead\n" \
	"      --max-line SIZE      longest line that is not a bad record (default 16M)\n" \
	"      --metrics-file FILE  keep metrics for node_exporter in FILE\n" \
	"      --on-error fail|skip|dead\n" \
	"                           what to do with a bad record (default fail)\n" \
	"  -h, --help               print this help\n" \
	"  -V, --version            print the version\n"

/* Start reading the options of a tool: its own, and those every tool has. */
void mr_tool_opt(struct mr_opt *, int argc, char **argv, const char *help, const char *letters,
    const struct option *longs, struct mr_stage *stage);

/* The argument of --jobs, for a tool whose stage has a twin. */
int mr_tool_jobs(struct mr_stage *stage, const char *arg, struct mr_err *err);

/* The rest of the operands are the files to read. */
void mr_tool_files(struct mr_opt *, struct mr_stage *stage);

int mr_tool_main(const struct mr_tool *, int argc, char **argv);

#ifdef MR_TOOL_NO_MAIN /* a runner links several tools */
#define MR_TOOL_MAIN(tool, setup_fn, help_text) \
	const struct mr_tool mr_tool_##tool = {#tool, help_text, setup_fn};
#else
#define MR_TOOL_MAIN(tool, setup_fn, help_text) \
	int main(int argc, char **argv) \
	{ \
		static const struct mr_tool me = {#tool, help_text, setup_fn}; \
		return mr_tool_main(&me, argc, argv); \
	}
#endif

#endif
