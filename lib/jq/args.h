/*
 * The options of a tool that runs a jq program: jq's own names.
 */
#ifndef MR_JQ_ARGS_H
#define MR_JQ_ARGS_H

#include "base/opt.h"
#include "jq/prog.h"

enum {
	MR_ARG_ARG = 512,
	MR_ARG_ARGS,
	MR_ARG_ARGJSON,
	MR_ARG_ENGINE,
	MR_ARG_ENV,
	MR_ARG_EXPLAIN,
	MR_ARG_JSONARGS,
	MR_ARG_RAWFILE,
	MR_ARG_SLURPFILE
};

/* For the tool's table of long options, and its text of --help. */
#define MR_ARGS_OPTIONS \
	{"arg", required_argument, NULL, MR_ARG_ARG}, {"args", no_argument, NULL, MR_ARG_ARGS}, \
	    {"argjson", required_argument, NULL, MR_ARG_ARGJSON}, \
	    {"engine", required_argument, NULL, MR_ARG_ENGINE}, \
	    {"env", no_argument, NULL, MR_ARG_ENV}, \
	    {"explain", no_argument, NULL, MR_ARG_EXPLAIN}, \
	    {"from-file", required_argument, NULL, 'f'}, \
	    {"jsonargs", no_argument, NULL, MR_ARG_JSONARGS}, \
	    {"library-path", required_argument, NULL, 'L'}, \
	    {"rawfile", required_argument, NULL, MR_ARG_RAWFILE}, \
	{ \
		"slurpfile", required_argument, NULL, MR_ARG_SLURPFILE \
	}

#define MR_ARGS_HELP \
	"      --arg NAME TEXT      let $NAME be a string in the expression\n" \
	"      --args               words behind the expression are $ARGS.positional, not files\n" \
	"      --argjson NAME JSON  let $NAME be a JSON value in the expression\n" \
	"      --engine auto|own|libjq\n" \
	"                           run the expression on libjq when only that knows it, never,\n" \
	"                           or always\n" \
	"      --env                let the expression see the environment ($ENV, env)\n" \
	"      --explain            say how the expression would run, and end\n" \
	"  -f, --from-file PROGRAM  read the expression from a file\n" \
	"      --jsonargs           as --args, the words being JSON\n" \
	"  -L, --library-path DIR   look for modules there; a program with modules runs on libjq\n" \
	"      --rawfile NAME FILE  let $NAME be the text of a file\n" \
	"      --slurpfile NAME FILE\n" \
	"                           let $NAME be an array of the JSON values in a file\n"

struct mr_args {
	struct mr_prog_args prog;
	const char *from; /* -f: the file of the expression */
	char *text;       /* what was read from it */
	int positional;   /* MR_ARG_ARGS, MR_ARG_JSONARGS, 0 */
	bool explain;
};

void mr_args_init(struct mr_args *);
void mr_args_release(struct mr_args *);

/* The same arguments once more, sharing no value: for a program that another thread runs. */
void mr_args_twin(struct mr_args *copy, const struct mr_args *);

/* One of the options above, just returned by mr_opt_next(): 0, -1 err set. */
int mr_args_take(struct mr_args *, int c, struct mr_opt *, struct mr_err *err);

/*
 * Behind the options: the expression, from the operands or -f, with the
 * operands behind it taken if they are arguments and no files.
 * NULL: err set.  Owner: argv or *args.
 */
const char *mr_args_expression(struct mr_args *, struct mr_opt *, struct mr_err *err);

/* The program, unless --explain asked about it: then it is printed, and the process ends with 0. */
struct mr_prog *mr_args_program(const struct mr_args *, const char *text, struct mr_err *err);

#endif
