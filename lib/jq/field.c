/*
 * field - one value of each event.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/field.h"
#include "jq/prog.h"
#include "json/key.h"

/* Apart from the field, because the program keeps a pointer to its arguments. */
struct mr_field_prog {
	struct mr_prog_args args;
	struct mr_prog *prog;
	struct mr_val val;
	struct mr_buf room; /* what val spells */
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Asked of a scan that is thrown away: what is wrong with a path leaves steps in it. */
static bool
is_path(const char *text)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	bool is = mr_scan_path(scan, text, &err) >= 0;

	mr_scan_free(scan);
	return is;
}

/* `zone`, where `.zone` was meant, is a name to jq. */
static bool
is_word(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return *text && text[strspn(text, letters)] == '\0';
}

static int
make_prog(struct mr_field *f, struct mr_scan *scan, struct mr_err *err)
{
	struct mr_field_prog *p = f->prog = mr_xcalloc(1, sizeof *p);

	p->args.named = mr_value_object(0);
	p->args.positional = mr_value_array(0);
	p->args.library = mr_value_array(0);
	p->args.scan = scan;
	p->prog = mr_prog_new(f->text, &p->args, err);
	if (!p->prog)
		return is_word(f->text) ?
		    mr_err_set(err, MR_EX_USAGE, "'%.200s' is no path: a path begins with '.'",
			f->text) :
		    -1;
	if (mr_prog_reads(p->prog))
		return mr_err_set(err, MR_EX_USAGE,
		    "expression '%.200s': a field is of one event, there is no other input",
		    f->text);
	f->thorough = mr_prog_thorough(p->prog);
	return 0;
}

int
mr_field_init(struct mr_field *f, struct mr_scan *scan, const char *text, size_t len,
    struct mr_err *err)
{
	*f = (struct mr_field)MR_FIELD_NONE;
	for (; len && is_space(*text); len--)
		text++;
	while (len && is_space(text[len - 1]))
		len--;
	f->text = mr_xmemdup0(text, len);
	if (*f->text == '.' && is_path(f->text))
		return (f->slot = mr_scan_path(scan, f->text, err)) < 0 ? -1 : 0;
	return make_prog(f, scan, err);
}

void
mr_field_release(struct mr_field *f)
{
	struct mr_field_prog *p = f->prog;

	if (p) {
		mr_prog_free(p->prog);
		mr_value_free(p->args.named);
		mr_value_free(p->args.positional);
		mr_value_free(p->args.library);
		mr_buf_release(&p->room);
		free(p);
	}
	free(f->text);
	*f = (struct mr_field)MR_FIELD_NONE;
}

const char *
mr_field_name(const struct mr_field *f, const struct mr_scan *scan)
{
	return f->slot < 0 ? NULL : mr_scan_name(scan, f->slot);
}

static struct mr_event
event_of(const struct mr_line *line)
{
	return (
	    struct mr_event){line->at, line->len, line->vals, line->no, line->file, line->trusted};
}

static enum mr_type
type_of(char first)
{
	switch (first) {
	case 'n': return MR_NULL;
	case 'f': return MR_FALSE;
	case 't': return MR_TRUE;
	case '"': return MR_STRING;
	case '[': return MR_ARRAY;
	case '{': return MR_OBJECT;
	default: return MR_NUMBER;
	}
}

int
mr_field_run(struct mr_field *f, const struct mr_line *line, const struct mr_val **val,
    struct mr_err *err)
{
	const struct mr_event e = event_of(line);
	struct mr_field_prog *p = f->prog;
	int r;

	p->room.len = 0;
	p->val = (struct mr_val){0};
	*val = &p->val;
	if ((r = mr_prog_first(p->prog, &e, &p->room, err)) < 0)
		return mr_err_prefix(err, "%.200s", f->text);
	if (r == 0)
		return 0;
	mr_buf_grow(&p->room, MR_SCAN_PAD); /* values may be read past their end */
	p->val.at = p->room.at;
	p->val.len = p->room.len;
	p->val.type = type_of(*p->val.at);
	p->val.escaped = p->val.type == MR_STRING && memchr(p->val.at, '\\', p->val.len) != NULL;
	return 0;
}

int
mr_field_run_test(struct mr_field *f, const struct mr_line *line, struct mr_err *err)
{
	const struct mr_event e = event_of(line);
	int r = mr_prog_test(f->prog->prog, &e, err);

	return r < 0 ? mr_err_prefix(err, "%.200s", f->text) : r;
}

int
mr_field_key(struct mr_field *f, const struct mr_line *line, struct mr_buf *key,
    struct mr_buf *room, struct mr_err *err)
{
	const struct mr_val *val;

	if (mr_field_get(f, line, &val, err))
		return -1;
	return mr_key_add(key, val, room, err) ? mr_err_prefix(err, "%.200s", f->text) : 0;
}
