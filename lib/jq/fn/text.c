/*
 * text - builtins on strings.
 *
 * Positions in jq are code points; in strings of ASCII they are the bytes,
 * which is looked at once for each search.
 */
#include "base/buf.h"
#include "jq/fn/own.h"

size_t
mr_code_points(const char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)at[i] & 0xc0) != 0x80;
	return n;
}

/* The next character's code point; the text is well-formed. */
static uint32_t
code_point(const char **at)
{
	const unsigned char *p = (const unsigned char *)*at;
	uint32_t c = *p++;
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more)
		c &= 0x3fu >> more;
	while (more--)
		c = c << 6 | (*p++ & 0x3fu);
	*at = (const char *)p;
	return c;
}

static void
add_code_point(struct mr_buf *b, uint32_t c)
{
	if (c < 0x80) {
		mr_buf_addc(b, (char)c);
	} else if (c < 0x800) {
		mr_buf_addc(b, (char)(0xc0 | c >> 6));
		mr_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		mr_buf_addc(b, (char)(0xe0 | c >> 12));
		mr_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		mr_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		mr_buf_addc(b, (char)(0xf0 | c >> 18));
		mr_buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		mr_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		mr_buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* Free the arguments and give what was built in room. */
static int
give_room(struct mr_value *args, int arity, struct mr_buf *room, struct mr_value *out)
{
	*out = mr_value_string(room->at, room->len);
	room->len = 0;
	mr_args_free(args, arity);
	return 0;
}

static int
fail(struct mr_value *args, int arity, const char *words, struct mr_value *out)
{
	mr_args_free(args, arity);
	return mr_value_fail(out, "%s", words);
}

static int
fn_utf8bytelength(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	size_t len;

	if (args[0].type != MR_STRING)
		return mr_value_fail1(out, args[0], "only strings have UTF-8 byte length");
	mr_value_bytes(&args[0], &run->room, &len);
	run->room.len = 0;
	mr_value_free(args[0]);
	*out = mr_value_number((double)len);
	return 0;
}

/* The bytes of args[0] and args[1], strings both. */
struct two {
	const char *a, *b;
	size_t alen, blen;
};

static struct two
two_strings(struct mr_jq_run *run, struct mr_value *args)
{
	struct two t;

	t.a = mr_value_bytes(&args[0], &run->room, &t.alen);
	t.b = mr_value_bytes(&args[1], &run->room2, &t.blen);
	return t;
}

static bool
begins(const struct two *t)
{
	return t->alen >= t->blen && (t->blen == 0 || memcmp(t->a, t->b, t->blen) == 0);
}

static bool
ends(const struct two *t)
{
	return t->alen >= t->blen &&
	    (t->blen == 0 || memcmp(t->a + t->alen - t->blen, t->b, t->blen) == 0);
}

static bool
strings(const struct mr_value *args)
{
	return args[0].type == MR_STRING && args[1].type == MR_STRING;
}

static int
fn_startswith(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct two t;

	if (!strings(args))
		return fail(args, 1, "startswith() requires string inputs", out);
	t = two_strings(run, args);
	*out = mr_value_bool(begins(&t));
	mr_args_free(args, 1);
	return 0;
}

static int
fn_endswith(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct two t;

	if (!strings(args))
		return fail(args, 1, "endswith() requires string inputs", out);
	t = two_strings(run, args);
	*out = mr_value_bool(ends(&t));
	mr_args_free(args, 1);
	return 0;
}

/* Take the text args[1] from the beginning, the end or both of args[0]. */
static int
strip(struct mr_jq_run *run, struct mr_value *args, bool left, bool right, struct mr_value *out)
{
	struct two t;
	bool changed = false;

	if (!strings(args))
		return fail(args, 1,
		    left ? "startswith() requires string inputs" :
			   "endswith() requires string inputs",
		    out);
	t = two_strings(run, args);
	if (left && t.blen && begins(&t)) {
		t.a += t.blen;
		t.alen -= t.blen;
		changed = true;
	}
	if (right && t.blen && ends(&t)) {
		t.alen -= t.blen;
		changed = true;
	}
	if (changed) {
		*out = mr_value_string(t.a, t.alen);
		mr_value_free(args[0]);
	} else {
		*out = args[0];
	}
	mr_value_free(args[1]);
	return 0;
}

static int
fn_ltrimstr(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return strip(run, args, true, false, out);
}

static int
fn_rtrimstr(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return strip(run, args, false, true, out);
}

static int
fn_trimstr(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return strip(run, args, true, true, out);
}

/* Unicode's White_Space. */
static bool
white(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	    c == 0x205f || c == 0x3000;
}

static int
trim(struct mr_jq_run *run, struct mr_value *args, bool left, bool right, struct mr_value *out)
{
	const char *at, *end, *p;
	size_t len;

	if (args[0].type != MR_STRING)
		return fail(args, 0, "trim input must be a string", out);
	at = mr_value_bytes(&args[0], &run->room, &len);
	end = at + len;
	for (p = at; left && p < end && white(code_point(&p));)
		at = p;
	while (right && end > at) {
		const char *last = end - 1;

		while (((unsigned char)*last & 0xc0) == 0x80)
			last--;
		p = last;
		if (!white(code_point(&p)))
			break;
		end = last;
	}
	if ((size_t)(end - at) == len) {
		*out = args[0];
		return 0;
	}
	*out = mr_value_string(at, (size_t)(end - at));
	mr_value_free(args[0]);
	return 0;
}

static int
fn_trim(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return trim(run, args, true, true, out);
}

static int
fn_ltrim(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return trim(run, args, true, false, out);
}

static int
fn_rtrim(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return trim(run, args, false, true, out);
}

static int
fn_explode(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	const char *at, *end;
	size_t len;

	if (args[0].type != MR_STRING)
		return fail(args, 0, "explode input must be a string", out);
	at = mr_value_bytes(&args[0], &run->room, &len);
	*out = mr_value_array(len);
	for (end = at + len; at < end;)
		*out = mr_value_push(*out, mr_value_number(code_point(&at)));
	mr_value_free(args[0]);
	return 0;
}

static int
fn_implode(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value_iter it;
	struct mr_value v;
	double x;

	if (args[0].type != MR_ARRAY)
		return fail(args, 0, "implode input must be an array", out);
	run->room.len = 0;
	mr_value_iter_init(&it, &args[0]);
	while (mr_value_iter_next(&it, NULL, &v)) {
		if (v.type != MR_NUMBER || mr_value_nan(&v)) {
			mr_value_free(args[0]);
			return mr_value_fail1(out, v,
			    "can't be imploded, unicode codepoint needs to be numeric");
		}
		x = mr_value_double(&v);
		mr_value_free(v);
		if (!(x > -1 && x < 0x110000) || (x >= 0xd800 && x < 0xe000))
			x = 0xfffd;
		add_code_point(&run->room, (uint32_t)(int32_t)x);
	}
	return give_room(args, 0, &run->room, out);
}

/* ASCII letters from `first` on, 26 of them, get `change` added; other bytes stay. */
static int
change_case(struct mr_jq_run *run, struct mr_value *args, char first, int change,
    struct mr_value *out)
{
	const char *at;
	size_t len, i;

	if (args[0].type != MR_STRING)
		return fail(args, 0, "explode input must be a string", out);
	at = mr_value_bytes(&args[0], &run->room2, &len);
	run->room.len = 0;
	mr_buf_add(&run->room, at, len);
	for (i = 0; i < len; i++)
		if ((unsigned char)(run->room.at[i] - first) < 26)
			run->room.at[i] = (char)(run->room.at[i] + change);
	return give_room(args, 0, &run->room, out);
}

static int
fn_ascii_downcase(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return change_case(run, args, 'A', 'a' - 'A', out);
}

static int
fn_ascii_upcase(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return change_case(run, args, 'a', 'A' - 'a', out);
}

static int
fn_split(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	(void)run;
	if (!strings(args))
		return fail(args, 1, "split input and separator must be strings", out);
	return mr_value_binop('/', args[0], args[1], out);
}

/* What jq's join says when the text so far does not go with an element or separator. */
static int
join_fails(struct mr_value *args, struct mr_buf *room, struct mr_value bad, struct mr_value *out)
{
	struct mr_value so_far = mr_value_string(room->at, room->len);

	room->len = 0;
	mr_args_free(args, 1);
	return mr_value_binop('+', so_far, bad, out);
}

static int
fn_join(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_buf *room = &run->room, piece = MR_BUF_INIT;
	const char *at, *by = NULL;
	size_t len, by_len = 0;
	struct mr_value_iter it;
	struct mr_value v;
	int rc = 0;

	if (!mr_iterable(&args[0])) {
		mr_value_free(args[1]);
		return mr_fail_iterate(args[0], out);
	}
	if (args[1].type == MR_STRING)
		by = mr_value_bytes(&args[1], &run->room2, &by_len);
	room->len = 0;
	mr_value_iter_init(&it, &args[0]);
	for (size_t i = 0; mr_value_iter_next(&it, NULL, &v); i++) {
		if (i && args[1].type > MR_NULL && !by) {
			mr_value_free(v);
			rc = join_fails(args, room, mr_value_copy(&args[1]), out);
			goto done;
		}
		if (i)
			mr_buf_add(room, by, by_len);
		if (mr_iterable(&v)) {
			rc = join_fails(args, room, v, out);
			goto done;
		}
		if (v.type == MR_STRING) {
			at = mr_value_bytes(&v, &piece, &len);
			mr_buf_add(room, at, len);
		} else if (v.type > MR_NULL) {
			mr_value_write(&v, false, room);
		}
		mr_value_free(v);
	}
	rc = give_room(args, 1, room, out);
done:
	mr_buf_release(&piece);
	return rc;
}

/* Where each occurrence of needle is, in code points, overlapping ones too; `stop`: only the first. */
static struct mr_value
occurrences(const char *at, size_t len, const char *needle, size_t nlen, bool stop)
{
	struct mr_value list = mr_value_array(0);
	const char *p = at, *known = at;
	size_t points = 0;

	if (nlen == 0)
		return list;
	while ((p = memmem(p, len - (size_t)(p - at), needle, nlen))) {
		points += mr_code_points(known, (size_t)(p - known));
		known = p++;
		list = mr_value_push(list, mr_value_number((double)points));
		if (stop)
			break;
	}
	return list;
}

static int
find(struct mr_jq_run *run, struct mr_value *args, bool stop, struct mr_value *out)
{
	struct mr_value wrap;
	struct two t;

	if (strings(args)) {
		t = two_strings(run, args);
		*out = occurrences(t.a, t.alen, t.b, t.blen, stop);
		mr_args_free(args, 1);
		return 0;
	}
	if (args[0].type == MR_ARRAY && args[1].type != MR_ARRAY) {
		wrap = mr_value_push(mr_value_array(1), args[1]);
		return mr_value_index(args[0], wrap, out);
	}
	return mr_value_index(args[0], args[1], out);
}

static int
fn_indices(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	return find(run, args, false, out);
}

static int
fn_index(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	if (find(run, args, true, out) < 0)
		return -1;
	return mr_value_index(*out, mr_value_number(0), out);
}

static int
fn_rindex(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	if (find(run, args, false, out) < 0)
		return -1;
	if (mr_value_slice_of(*out, mr_value_number(-1), MR_VALUE_NULL, out) < 0)
		return -1;
	return mr_value_index(*out, mr_value_number(0), out);
}

static int
fn_strindices(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	if (args[0].type != MR_STRING) {
		mr_value_free(args[1]);
		return mr_value_fail1(out, args[0], "cannot be searched, as it is not a string");
	}
	if (args[1].type != MR_STRING) {
		mr_value_free(args[0]);
		return mr_value_fail1(out, args[1], "is not a string");
	}
	return find(run, args, false, out);
}

const struct mr_jq_fn mr_jq_fn_text[] = {
    {"utf8bytelength", 0, fn_utf8bytelength, 0},
    {"startswith", 1, fn_startswith, 0},
    {"endswith", 1, fn_endswith, 0},
    {"ltrimstr", 1, fn_ltrimstr, 0},
    {"rtrimstr", 1, fn_rtrimstr, 0},
    {"trimstr", 1, fn_trimstr, 0},
    {"trim", 0, fn_trim, 0},
    {"ltrim", 0, fn_ltrim, 0},
    {"rtrim", 0, fn_rtrim, 0},
    {"explode", 0, fn_explode, 0},
    {"implode", 0, fn_implode, 0},
    {"ascii_downcase", 0, fn_ascii_downcase, 0},
    {"ascii_upcase", 0, fn_ascii_upcase, 0},
    {"split", 1, fn_split, 0},
    {"join", 1, fn_join, 0},
    {"indices", 1, fn_indices, 0},
    {"index", 1, fn_index, 0},
    {"rindex", 1, fn_rindex, 0},
    {"_strindices", 1, fn_strindices, 0},
    {NULL, 0, NULL, 0},
};
