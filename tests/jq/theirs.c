/*
 * theirs - jq 1.8.2's library; see theirs.h.
 *
 * Ownership: jq's functions eat their jv arguments.
 */
#include <jq.h>
#include <jv.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "theirs.h"

struct theirs {
	jq_state *jq;
	struct mr_buf *why;
};

static void
add(struct mr_buf *out, jv value)
{
	jv text = jv_dump_string(value, 0);

	mr_buf_add(out, jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));
	mr_buf_addc(out, '\n');
	jv_free(text);
}

static void
on_error(void *self, jv message)
{
	struct theirs *t = self;

	if (t->why)
		add(t->why, message);
	else
		jv_free(message);
}

static jv
no_input(jq_state *jq, void *self)
{
	(void)jq;
	(void)self;
	return jv_invalid();
}

void
theirs_free(struct theirs *t)
{
	if (!t)
		return;
	jq_teardown(&t->jq);
	free(t);
}

struct theirs *
theirs_new(const char *program, struct mr_buf *why)
{
	struct theirs *t = mr_xcalloc(1, sizeof *t);
	jv args = JV_OBJECT(jv_string("ARGS"),
	    JV_OBJECT(jv_string("positional"), jv_array(), jv_string("named"), jv_object()));
	int compiled;

	t->jq = jq_init();
	t->why = why;
	jq_set_error_cb(t->jq, on_error, t);
	jq_set_input_cb(t->jq, no_input, NULL);
	jq_set_attr(t->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_attr(t->jq, jv_string("JQ_ORIGIN"), jv_string("."));
	jq_set_attr(t->jq, jv_string("PROGRAM_ORIGIN"), jv_string("."));
	compiled = jq_compile_args(t->jq, program, args);
	t->why = NULL;
	if (compiled)
		return t;
	theirs_free(t);
	return NULL;
}

bool
theirs_run(struct theirs *t, const char *input, size_t len, int most, struct mr_buf *out)
{
	jv value = jv_parse_sized(input, (int)len);

	if (!jv_is_valid(value)) {
		jv_free(value);
		return false;
	}
	jq_start(t->jq, value, 0);
	for (int n = 0; n < most; n++) {
		value = jq_next(t->jq);
		if (!jv_is_valid(value)) {
			if (jq_halted(t->jq))
				mr_buf_adds(out, "halted\n");
			else if (jv_invalid_has_msg(jv_copy(value))) {
				mr_buf_adds(out, "error: ");
				add(out, jv_invalid_get_msg(jv_copy(value)));
			}
			jv_free(value);
			return true;
		}
		add(out, value);
	}
	return true;
}

static size_t
number(const char *at, const char *end)
{
	const char *p = at;

	while (p < end && *p && strchr("+-.0123456789eE", *p))
		p++;
	return (size_t)(p - at);
}

void
theirs_spell(const char *text, size_t len, struct mr_buf *out)
{
	const char *at = text, *end = text + len;
	bool string = false;

	while (at < end) {
		size_t n = *at == '-' || (*at >= '0' && *at <= '9') ? number(at, end) : 0;

		if (string || n == 0) {
			if (string && *at == '\\')
				mr_buf_addc(out, *at++);
			else if (*at == '"')
				string = !string;
			mr_buf_addc(out, *at++);
			continue;
		}
		add(out, jv_parse_sized(at, (int)n));
		out->len--; /* its newline */
		at += n;
	}
}
