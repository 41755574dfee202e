#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "jq/args.h"
#include "jq/slow.h"

void
mr_args_init(struct mr_args *a)
{
	memset(a, 0, sizeof *a);
	a->prog.named = mr_value_object(0);
	a->prog.positional = mr_value_array(0);
	a->prog.library = mr_value_array(0);
	a->prog.libjq = &mr_libjq;
}

void
mr_args_release(struct mr_args *a)
{
	mr_value_free(a->prog.named);
	mr_value_free(a->prog.positional);
	mr_value_free(a->prog.library);
	free(a->text);
}

/* A value with cells of its own throughout; as deep as one that was parsed. */
static struct mr_value
apart(struct mr_value v)
{
	bool array = v.type == MR_ARRAY;
	struct mr_value copy = array ? mr_value_array(0) : mr_value_object(0), key, val;
	struct mr_buf room = MR_BUF_INIT;
	struct mr_value_iter it;
	const char *bytes;
	size_t len;

	if (array || v.type == MR_OBJECT) {
		for (mr_value_iter_init(&it, &v); mr_value_iter_next(&it, &key, &val);) {
			copy = array ? mr_value_push(copy, apart(val)) :
				       mr_value_set_member(copy, apart(key), apart(val));
			mr_value_free(key);
			mr_value_free(val);
		}
		return copy;
	}
	mr_value_free(copy);
	copy = v;
	if (v.type == MR_STRING) {
		bytes = mr_value_bytes(&v, &room, &len);
		copy = mr_value_string(bytes, len);
	} else if (v.form != MR_PLAIN) {
		mr_value_write(&v, false, &room);
		copy = mr_value_literal(room.at, room.len);
	}
	mr_buf_release(&room);
	return copy;
}

void
mr_args_twin(struct mr_args *copy, const struct mr_args *a)
{
	*copy = *a;
	copy->text = NULL; /* the one of *a is read alone */
	copy->prog.named = apart(a->prog.named);
	copy->prog.positional = apart(a->prog.positional);
	copy->prog.library = apart(a->prog.library);
}

/* A whole file; -1 err set. */
static int
read_file(const char *path, struct mr_buf *b, struct mr_err *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		do {
			mr_buf_grow(b, 4096);
			if ((n = read(fd, b->at + b->len, b->cap - b->len)) > 0)
				b->len += (size_t)n;
		} while (n > 0);
	}
	if (n < 0)
		mr_err_sys(err, "cannot read '%s'", path);
	if (fd > STDIN_FILENO)
		close(fd);
	return n < 0 ? -1 : 0;
}

/* A word, or the contents of a file, that is not JSON; why is consumed. */
static int
not_json(struct mr_value why, const char *option, const char *word, struct mr_err *err)
{
	mr_value_free(why);
	return mr_err_set(err, MR_EX_USAGE, "%s: '%.60s' is not JSON", option, word);
}

static int
from_file(int c, const char *option, const char *path, struct mr_value *v, struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT;
	int r = read_file(path, &b, err);

	if (r == 0 && c == MR_ARG_RAWFILE)
		*v = mr_value_string(mr_buf_str(&b), b.len);
	else if (r == 0 && (r = mr_value_parse_all(mr_buf_str(&b), b.len, v)) < 0)
		not_json(*v, option, path, err);
	mr_buf_release(&b);
	return r;
}

/* Options of two words; the first use of a name counts, as in jq. */
static int
take_named(struct mr_args *a, int c, struct mr_opt *opt, struct mr_err *err)
{
	static const char *const second[] = {[MR_ARG_ARG - MR_ARG_ARG] = "TEXT behind --arg NAME",
	    [MR_ARG_ARGJSON - MR_ARG_ARG] = "JSON behind --argjson NAME",
	    [MR_ARG_RAWFILE - MR_ARG_ARG] = "FILE behind --rawfile NAME",
	    [MR_ARG_SLURPFILE - MR_ARG_ARG] = "FILE behind --slurpfile NAME"};
	const char *name = opt->arg;
	const char *word = mr_opt_operand(opt, second[c - MR_ARG_ARG], err);
	char option[64];
	struct mr_value v;

	if (!word)
		return -1;
	snprintf(option, sizeof option, "--%s %.40s", c == MR_ARG_ARGJSON ? "argjson" : "slurpfile",
	    name);
	v = mr_value_member(&a->prog.named, name, strlen(name));
	if (v.type != MR_MISSING) {
		mr_value_free(v);
		return 0;
	}
	if (c == MR_ARG_ARG)
		v = mr_value_string(word, strlen(word));
	else if (c == MR_ARG_ARGJSON && mr_value_parse(word, strlen(word), &v) < 0)
		return not_json(v, option, word, err);
	else if (c != MR_ARG_ARGJSON && from_file(c, option, word, &v, err) < 0)
		return -1;
	a->prog.named = mr_value_set_member(a->prog.named, mr_value_string(name, strlen(name)), v);
	return 0;
}

static int
take_engine(struct mr_args *a, const char *word, struct mr_err *err)
{
	if (strcmp(word, "auto") == 0)
		a->prog.engine = MR_ENGINE_AUTO;
	else if (strcmp(word, "own") == 0)
		a->prog.engine = MR_ENGINE_OWN;
	else if (strcmp(word, "libjq") == 0)
		a->prog.engine = MR_ENGINE_LIBJQ;
	else
		return mr_err_set(err, MR_EX_USAGE, "--engine '%s' is none of auto, own, libjq",
		    word);
	return 0;
}

int
mr_args_take(struct mr_args *a, int c, struct mr_opt *opt, struct mr_err *err)
{
	switch (c) {
	case 'f': a->from = opt->arg; return 0;
	case 'L':
		a->prog.library = mr_value_push(a->prog.library,
		    mr_value_string(opt->arg, strlen(opt->arg)));
		return 0;
	case MR_ARG_ARGS:
	case MR_ARG_JSONARGS: a->positional = c; return 0;
	case MR_ARG_ENGINE: return take_engine(a, opt->arg, err);
	case MR_ARG_ENV: a->prog.env = true; return 0;
	case MR_ARG_EXPLAIN: a->explain = true; return 0;
	default: return take_named(a, c, opt, err);
	}
}

static int
take_positional(struct mr_args *a, struct mr_opt *opt, struct mr_err *err)
{
	struct mr_err none = MR_ERR_INIT;
	const char *word;
	struct mr_value v;

	while ((word = mr_opt_operand(opt, "", &none))) {
		if (a->positional == MR_ARG_ARGS)
			v = mr_value_string(word, strlen(word));
		else if (mr_value_parse(word, strlen(word), &v) < 0)
			return not_json(v, "--jsonargs", word, err);
		a->prog.positional = mr_value_push(a->prog.positional, v);
	}
	return 0;
}

const char *
mr_args_expression(struct mr_args *a, struct mr_opt *opt, struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT;
	const char *text;

	if (!a->from) {
		text = mr_opt_operand(opt, "expression", err);
	} else {
		text = NULL;
		if (read_file(a->from, &b, err) == 0)
			text = a->text = mr_xmemdup0(mr_buf_str(&b), b.len);
		mr_buf_release(&b);
	}
	if (text && a->positional && take_positional(a, opt, err) < 0)
		return NULL;
	return text;
}

struct mr_prog *
mr_args_program(const struct mr_args *a, const char *text, struct mr_err *err)
{
	struct mr_prog *p = mr_prog_new(text, &a->prog, err);
	struct mr_buf b = MR_BUF_INIT;
	bool written;

	if (!p && a->from)
		mr_err_prefix(err, "%s", a->from);
	if (!p || !a->explain)
		return p;
	mr_prog_explain(p, &b);
	written = fwrite(b.at, 1, b.len, stdout) == b.len && fflush(stdout) == 0;
	mr_buf_release(&b);
	mr_prog_free(p);
	exit(written ? MR_EX_OK : MR_EX_WORLD);
}
