/*
 * match - what the matches of a regular expression become: match, test,
 * capture, scan, split, sub.
 *
 * Places are counted in code points.  A place inside a character (an empty
 * match can be there, see regex.c) counts as the next character's, and a
 * match that begins there as beginning at 0, as in jq.
 */
#include "jq/fn/regex.h"

/* What group i (from 0, the match) holds: null when it took no part. */
static struct mr_value
held(const struct mr_search *s, int i)
{
	const OnigRegion *r = s->region;

	if (r->beg[i] < 0)
		return MR_VALUE_NULL;
	if (mr_search_empty(s)) /* jq says so of every group then */
		return mr_value_string("", 0);
	return mr_value_string(s->at + r->beg[i], (size_t)(r->end[i] - r->beg[i]));
}

/* Where group i is, as jq counts. */
static void
place(const struct mr_search *s, int i, double *offset, double *length)
{
	const OnigRegion *r = s->region;
	int beg = r->beg[i], end = r->end[i];

	*length = 0;
	if (beg < 0) {
		*offset = -1;
	} else if (mr_search_empty(s) || beg == end) {
		*offset = (double)mr_search_points(s, mr_search_empty(s) ? r->beg[0] : beg);
	} else {
		*offset = mr_search_inside(s, beg) ? 0 : (double)mr_search_points(s, beg);
		*length = (double)mr_search_points(s, end) - *offset;
	}
}

static struct mr_value
set(struct mr_value object, const char *key, struct mr_value v)
{
	return mr_value_set_member(object, mr_value_word(key), v);
}

static struct mr_value
group_object(struct mr_search *s, int i)
{
	const struct mr_group *g = &s->pattern->groups[i - 1];
	struct mr_value o = mr_value_object(4), text = held(s, i);
	double offset, length;

	place(s, i, &offset, &length);
	o = set(o, "offset", mr_value_number(offset));
	if (length > 0) {
		o = set(o, "length", mr_value_number(length));
		o = set(o, "string", text);
	} else { /* jq's order of the keys */
		o = set(o, "string", text);
		o = set(o, "length", mr_value_number(0));
	}
	return set(o, "name",
	    g->name ? mr_value_string((const char *)g->name, g->len) : MR_VALUE_NULL);
}

static struct mr_value
match_object(struct mr_search *s)
{
	struct mr_value o = mr_value_object(4), captures;
	double offset, length;

	captures = mr_value_array((size_t)s->pattern->count);
	place(s, 0, &offset, &length);
	o = set(o, "offset", mr_value_number(offset));
	o = set(o, "length", mr_value_number(length));
	o = set(o, "string", held(s, 0));
	for (int i = 1; i < s->region->num_regs; i++)
		captures = mr_value_push(captures, group_object(s, i));
	return set(o, "captures", captures);
}

/* {name: what it holds} of the groups that have names. */
static struct mr_value
names_object(struct mr_search *s)
{
	struct mr_value o = mr_value_object(4);

	for (int i = 1; i < s->region->num_regs; i++) {
		const struct mr_group *g = &s->pattern->groups[i - 1];

		if (g->name)
			o = mr_value_set_member(o, mr_value_string((const char *)g->name, g->len),
			    held(s, i));
	}
	return o;
}

/* What scan gives for a match: its text, or the texts of its groups. */
static struct mr_value
scan_result(struct mr_search *s)
{
	struct mr_value list;

	if (s->region->num_regs <= 1)
		return held(s, 0);
	list = mr_value_array((size_t)s->pattern->count);
	for (int i = 1; i < s->region->num_regs; i++)
		list = mr_value_push(list, held(s, i));
	return list;
}

/* The bytes between the last match and this one; *rest moves behind this one. */
static struct mr_value
gap(struct mr_search *s, const char **rest)
{
	int beg = s->region->beg[0], end = s->region->end[0];
	const char *from = *rest, *to;

	if (!mr_search_empty(s) && mr_search_inside(s, beg))
		beg = 0;
	while (mr_search_inside(s, beg))
		beg++;
	while (mr_search_inside(s, end))
		end++;
	to = s->at + beg;
	*rest = s->at + end;
	return mr_value_string(from, to > from ? (size_t)(to - from) : 0);
}

static struct mr_value
split_result(struct mr_search *s, const char **rest)
{
	return gap(s, rest);
}

static struct mr_value
edit_result(struct mr_search *s, const char **rest)
{
	struct mr_value pair = mr_value_push(mr_value_array(2), gap(s, rest));

	return mr_value_push(pair, names_object(s));
}

/* All that `one` makes of each match, in an array. */
static int
collect(struct mr_jq_run *run, struct mr_search *s, struct mr_value one(struct mr_search *),
    struct mr_value piece(struct mr_search *, const char **), struct mr_value *out)
{
	struct mr_value list = mr_value_array(0);
	const char *rest = s->at;
	int rc;

	s->ascii = mr_code_points(s->at, (size_t)(s->end - s->at)) == (size_t)(s->end - s->at);
	while ((rc = mr_search_next(s, out)) > 0)
		list = mr_value_push(list, one ? one(s) : piece(s, &rest));
	if (rc < 0) {
		mr_value_free(list);
	} else if (piece == split_result) {
		*out = mr_value_push(list, mr_value_string(rest, (size_t)(s->end - rest)));
	} else if (piece == edit_result) {
		*out = mr_value_push(mr_value_array(2), list);
		*out = mr_value_push(*out, mr_value_string(rest, (size_t)(s->end - rest)));
	} else {
		*out = list;
	}
	run->room.len = 0;
	mr_search_release(s);
	return rc;
}

/*
 * test, match and capture with one argument take it as a pattern or as an
 * array of pattern and flags: then it is taken apart here.
 */
static int
apart(struct mr_value *args, struct mr_value *out)
{
	struct mr_value list = args[1];
	size_t n = list.type == MR_ARRAY ? mr_value_count(&list) : 0;

	if (args[2].type != MR_MISSING)
		return 0;
	args[2] = MR_VALUE_NULL;
	if (list.type == MR_STRING)
		return 0;
	if (n == 0) {
		mr_value_fail(out, "%s not a string or array", mr_value_kind(&list));
		mr_args_free(args, 1);
		return -1;
	}
	args[1] = mr_value_elem(&list, 0);
	if (n > 1)
		args[2] = mr_value_elem(&list, 1);
	mr_value_free(list);
	return 0;
}

static int
fn_test2(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_search s;
	int rc;

	if (apart(args, out) < 0 || mr_search_begin(run, &s, args[0], args[1], args[2], out) < 0)
		return -1;
	rc = mr_search_test(&s, out);
	if (rc >= 0)
		*out = mr_value_bool(rc);
	run->room.len = 0;
	mr_search_release(&s);
	return rc < 0 ? -1 : 0;
}

static int
fn_test1(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value three[] = {args[0], args[1], MR_VALUE_NONE};

	return fn_test2(run, three, out);
}

static int
fn_match2(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_search s;

	if (apart(args, out) < 0 || mr_search_begin(run, &s, args[0], args[1], args[2], out) < 0)
		return -1;
	return collect(run, &s, match_object, NULL, out);
}

static int
fn_match1(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value three[] = {args[0], args[1], MR_VALUE_NONE};

	return fn_match2(run, three, out);
}

static int
fn_capture2(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_search s;

	if (apart(args, out) < 0 || mr_search_begin(run, &s, args[0], args[1], args[2], out) < 0)
		return -1;
	return collect(run, &s, names_object, NULL, out);
}

static int
fn_capture1(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value three[] = {args[0], args[1], MR_VALUE_NONE};

	return fn_capture2(run, three, out);
}

/* Flags with g behind or in front of them; an error frees the other arguments. */
static int
globally(struct mr_value *args, bool behind, struct mr_value *flags, struct mr_value *out)
{
	struct mr_value g = mr_value_word("g");

	if (mr_value_binop('+', behind ? args[2] : g, behind ? g : args[2], out) < 0) {
		mr_args_free(args, 1);
		return -1;
	}
	*flags = *out;
	return 0;
}

static int
fn_scan(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value flags;
	struct mr_search s;

	if (globally(args, false, &flags, out) < 0 ||
	    mr_search_begin(run, &s, args[0], args[1], flags, out) < 0)
		return -1;
	return collect(run, &s, scan_result, NULL, out);
}

static int
fn_split(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value flags;
	struct mr_search s;

	if (globally(args, true, &flags, out) < 0 ||
	    mr_search_begin(run, &s, args[0], args[1], flags, out) < 0)
		return -1;
	return collect(run, &s, NULL, split_result, out);
}

/* [[[text before a match, its named groups], ...], text behind the last one] */
static int
fn_edits(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_search s;

	if (mr_search_begin(run, &s, args[0], args[1], args[2], out) < 0)
		return -1;
	return collect(run, &s, NULL, edit_result, out);
}

/* One step of sub: args[1], then each of args[2], behind the result of its number so far. */
static int
fn_edit(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value results = args[0], sum;
	size_t n = mr_value_count(&args[2]);

	(void)run;
	for (size_t i = 0; i < n; i++) {
		struct mr_value insert = mr_value_elem(&args[2], i), so_far = MR_VALUE_NULL;

		if (mr_value_binop('+', mr_value_copy(&args[1]), insert, &sum) < 0)
			goto fail;
		if (i < mr_value_count(&results)) {
			so_far = mr_value_elem(&results, i);
			results = mr_value_set_elem(results, i, MR_VALUE_NULL);
		}
		if (mr_value_binop('+', so_far, sum, &sum) < 0)
			goto fail;
		results = mr_value_set_elem(results, i, sum);
	}
	mr_value_free(args[1]);
	mr_value_free(args[2]);
	*out = results;
	return 0;
fail:
	mr_value_free(args[1]);
	mr_value_free(args[2]);
	mr_value_free(results);
	*out = sum;
	return -1;
}

const struct mr_jq_fn mr_jq_fn_regex[] = {
    {"test", 1, fn_test1, 0},
    {"test", 2, fn_test2, 0},
    {"_match", 1, fn_match1, 0},
    {"_match", 2, fn_match2, 0},
    {"_capture", 1, fn_capture1, 0},
    {"_capture", 2, fn_capture2, 0},
    {"_scan", 2, fn_scan, 0},
    {"split", 2, fn_split, 0},
    {"_edits", 2, fn_edits, 0},
    {"_edit", 2, fn_edit, 0},
    {NULL, 0, NULL, 0},
};
