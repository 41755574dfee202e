/*
 * world - builtins that look outside the program: input, environment,
 * standard error, clock, halt.
 *
 * What goes to standard error goes in one write, so that messages of
 * several stages on one terminal do not mix.
 */
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "jq/fn/own.h"

static int
give(struct mr_value *args, struct mr_value v, struct mr_value *out)
{
	mr_value_free(args[0]);
	*out = v;
	return 0;
}

/* Nobody is left to tell when standard error cannot be written. */
static void
to_stderr(struct mr_buf *text)
{
	const char *at = text->at;
	ssize_t n;

	while (text->len) {
		n = write(STDERR_FILENO, at, text->len);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0) {
			at += n;
			text->len -= (size_t)n;
		}
	}
	text->len = 0;
}

/* A string as it is, anything else as JSON. */
static void
add_raw(struct mr_jq_run *run, const struct mr_value *v, struct mr_buf *to)
{
	const char *at;
	size_t len;

	if (v->type == MR_STRING) {
		at = mr_value_bytes(v, &run->room2, &len);
		mr_buf_add(to, at, len);
		run->room2.len = 0;
	} else {
		mr_value_write(v, false, to);
	}
}

static int
fn_debug(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	run->room.len = 0;
	mr_buf_adds(&run->room, "[\"DEBUG:\",");
	mr_value_write(&args[0], false, &run->room);
	mr_buf_adds(&run->room, "]\n");
	to_stderr(&run->room);
	*out = args[0];
	return 0;
}

static int
fn_stderr(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	run->room.len = 0;
	add_raw(run, &args[0], &run->room);
	to_stderr(&run->room);
	*out = args[0];
	return 0;
}

static int
fn_halt(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	run->halted = true;
	run->halt_status = 0;
	give(args, MR_VALUE_NULL, out);
	return -1;
}

static int
fn_halt_error(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	double status;

	if (args[1].type != MR_NUMBER) {
		mr_value_free(args[1]);
		return mr_value_fail1(out, args[0], "halt_error/1: number required");
	}
	status = mr_value_double(&args[1]);
	run->room.len = 0;
	if (args[0].type != MR_NULL)
		add_raw(run, &args[0], &run->room);
	if (args[0].type > MR_NULL && args[0].type != MR_STRING)
		mr_buf_addc(&run->room, '\n');
	to_stderr(&run->room);
	run->halted = true;
	run->halt_status = status >= 1 && status <= INT_MAX ? (int)status & 255 : 0;
	mr_args_free(args, 1);
	*out = MR_VALUE_NULL;
	return -1;
}

static int
fn_input(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	int rc;

	mr_value_free(args[0]);
	rc = run->input ? run->input(run->input_self, out) : 0;
	if (rc == 0)
		return mr_value_fail(out, "break"); /* what jq says when there is no more */
	return rc < 0 ? -1 : 0;
}

static int
fn_input_filename(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return give(args, run->file ? mr_value_word(run->file) : MR_VALUE_NULL, out);
}

static int
fn_input_line_number(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return give(args, mr_value_number((double)run->line_no), out);
}

static int
fn_env(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value env = mr_value_object(run->env ? 64 : 0);

	for (char **e = environ; run->env && e && *e; e++) {
		const char *is = strchr(*e, '=');
		size_t len = is ? (size_t)(is - *e) : strlen(*e);

		env = mr_value_set_member(env, mr_value_string(*e, len),
		    is ? mr_value_word(is + 1) : MR_VALUE_NULL);
	}
	return give(args, env, out);
}

static int
fn_now(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct timespec t;

	(void)run;
	clock_gettime(CLOCK_REALTIME, &t);
	return give(args,
	    mr_value_number((double)t.tv_sec + (double)(t.tv_nsec / 1000) / 1000000.0), out);
}

const struct mr_jq_fn mr_jq_fn_world[] = {
    {"debug", 0, fn_debug, MR_FN_SPEAKS},
    {"stderr", 0, fn_stderr, MR_FN_SPEAKS},
    {"halt", 0, fn_halt, 0},
    {"halt_error", 1, fn_halt_error, MR_FN_SPEAKS},
    {"input", 0, fn_input, MR_FN_READS},
    {"input_filename", 0, fn_input_filename, MR_FN_PLACE},
    {"input_line_number", 0, fn_input_line_number, MR_FN_PLACE},
    {"env", 0, fn_env, 0},
    {"now", 0, fn_now, 0},
    {NULL, 0, NULL, 0},
};
