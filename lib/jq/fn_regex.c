/*
 * fn_regex - match, test, capture, scan, split, sub: Oniguruma with jq's
 * syntax and flags.
 *
 * Patterns are compiled once and kept, as many as CACHED, the one that was
 * not used for longest making room.  jq starts its next search one byte
 * behind an empty match, in the middle of a character too, and counts such
 * places as the next character's: that is kept, scripts have seen it.
 */
#include <oniguruma.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jq/fn_own.h"

enum { CACHED = 32 };

struct group {
	const UChar *name; /* NULL: has none; into the regex */
	size_t len;
};

struct pattern {
	char *text;
	size_t len;
	OnigOptionType options;
	regex_t *regex;
	struct group *groups; /* 1..count */
	int count;
	uint64_t used;
};

struct mr_regex_cache {
	struct pattern of[CACHED];
	size_t count;
	uint64_t clock;
	OnigRegion *region;
};

static void
pattern_release(struct pattern *p)
{
	free(p->text);
	free(p->groups);
	onig_free(p->regex);
}

void
mr_regex_cache_free(struct mr_regex_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		pattern_release(&c->of[i]);
	onig_region_free(c->region, 1);
	free(c);
}

static struct mr_regex_cache *
cache_of(struct mr_jq_run *run)
{
	static const OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
	OnigEncoding use = encodings[0];

	if (!run->regexes) {
		onig_initialize(&use, 1);
		run->regexes = mr_xcalloc(1, sizeof *run->regexes);
		run->regexes->region = onig_region_new();
	}
	return run->regexes;
}

static int
note_name(const UChar *name, const UChar *end, int n, int *groups, regex_t *regex, void *arg)
{
	struct pattern *p = arg;

	(void)regex;
	for (int i = 0; i < n; i++)
		if (groups[i] >= 1 && groups[i] <= p->count)
			p->groups[groups[i] - 1] = (struct group){name, (size_t)(end - name)};
	return 0;
}

static int
onig_fails(int code, OnigErrorInfo *info, struct mr_value *out)
{
	UChar words[ONIG_MAX_ERROR_MESSAGE_LEN];

	onig_error_code_to_str(words, code, info);
	return mr_value_fail(out, "Regex failure: %s", (const char *)words);
}

static int
pattern_new(struct pattern *p, const char *at, size_t len, OnigOptionType options,
    struct mr_value *out)
{
	const UChar *text = (const UChar *)at;
	OnigErrorInfo info;
	int code;

	code = onig_new(&p->regex, text, text + len, options, ONIG_ENCODING_UTF8,
	    ONIG_SYNTAX_PERL_NG, &info);
	if (code != ONIG_NORMAL)
		return onig_fails(code, &info, out);
	p->text = mr_xmemdup0(at, len);
	p->len = len;
	p->options = options;
	p->count = onig_number_of_captures(p->regex);
	p->groups = mr_xcalloc((size_t)p->count + 1, sizeof *p->groups);
	onig_foreach_name(p->regex, note_name, p);
	return 0;
}

static struct pattern *
pattern_get(struct mr_regex_cache *c, const char *at, size_t len, OnigOptionType options,
    struct mr_value *out)
{
	struct pattern fresh, *p, *oldest = c->of;

	for (p = c->of; p < c->of + c->count; p++) {
		if (p->len == len && p->options == options && memcmp(p->text, at, len) == 0) {
			p->used = ++c->clock;
			return p;
		}
		if (p->used < oldest->used)
			oldest = p;
	}
	if (pattern_new(&fresh, at, len, options, out) < 0)
		return NULL;
	if (c->count < CACHED)
		p = &c->of[c->count++];
	else
		pattern_release(p = oldest);
	*p = fresh;
	p->used = ++c->clock;
	return p;
}

/* 0, or -1: jq knows no such letter. */
static int
read_flags(const char *at, size_t len, OnigOptionType *options, bool *global)
{
	for (size_t i = 0; i < len; i++)
		switch (at[i]) {
		case 'g': *global = true; break;
		case 'i': *options |= ONIG_OPTION_IGNORECASE; break;
		case 'x': *options |= ONIG_OPTION_EXTEND; break;
		case 'm': *options |= ONIG_OPTION_MULTILINE; break;
		case 's': *options |= ONIG_OPTION_SINGLELINE; break;
		case 'p': *options |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE; break;
		case 'l': *options |= ONIG_OPTION_FIND_LONGEST; break;
		case 'n': *options |= ONIG_OPTION_FIND_NOT_EMPTY; break;
		default: return -1;
		}
	return 0;
}

/* A search in args[0] for args[1] with the flags args[2]. */
struct search {
	struct mr_value args[3];
	struct pattern *pattern;
	OnigRegion *region;
	const char *at, *end, *from;
	bool global, ascii, over;
	const char *known; /* a place whose number of code points is known */
	size_t known_points;
};

static void
search_release(struct search *s)
{
	mr_args_free(s->args, 2);
}

static int
search_flags(struct mr_jq_run *run, struct search *s, OnigOptionType *options, struct mr_value *out)
{
	struct mr_value *flags = &s->args[2];
	const char *at;
	size_t len;

	*options = ONIG_OPTION_CAPTURE_GROUP;
	if (flags->type == MR_NULL)
		return 0;
	if (flags->type != MR_STRING)
		return mr_value_fail1(out, mr_value_copy(flags), "is not a string");
	at = mr_value_bytes(flags, &run->room2, &len);
	if (read_flags(at, len, options, &s->global) == 0)
		return 0;
	*out = mr_value_append(mr_value_copy(flags), " is not a valid modifier string", 31);
	return -1;
}

/* Takes the three values.  run->room holds the text while the search lasts. */
static int
search_begin(struct mr_jq_run *run, struct search *s, struct mr_value of, struct mr_value re,
    struct mr_value flags, struct mr_value *out)
{
	struct mr_regex_cache *cache = cache_of(run);
	OnigOptionType options;
	const char *text;
	size_t len;

	*s = (struct search){.args = {of, re, flags}, .region = cache->region};
	if (of.type != MR_STRING) {
		mr_value_fail1(out, mr_value_copy(&of), "cannot be matched, as it is not a string");
		goto fail;
	}
	if (re.type != MR_STRING) {
		mr_value_fail1(out, mr_value_copy(&re), "is not a string");
		goto fail;
	}
	if (search_flags(run, s, &options, out) < 0)
		goto fail;
	text = mr_value_bytes(&s->args[1], &run->room2, &len);
	if (!(s->pattern = pattern_get(cache, text, len, options, out)))
		goto fail;
	s->at = s->from = s->known = mr_value_bytes(&s->args[0], &run->room, &len);
	s->end = s->at + len;
	return 0;
fail:
	search_release(s);
	return -1;
}

/* 1 found, 0 not; -1 *out is the error.  Without a region nobody asks where. */
static int
search_run(struct search *s, OnigRegion *region, struct mr_value *out)
{
	OnigErrorInfo none = {0};
	const UChar *end = (const UChar *)s->end;
	int code = onig_search(s->pattern->regex, (const UChar *)s->at, end, (const UChar *)s->from,
	    end, region, ONIG_OPTION_NONE);

	if (code >= 0)
		return 1;
	return code == ONIG_MISMATCH ? 0 : onig_fails(code, &none, out);
}

/* Code points of the text before the i-th byte. */
static size_t
points(struct search *s, int i)
{
	const char *p = s->at + i;

	if (s->ascii)
		return (size_t)i;
	if (p < s->known)
		return mr_code_points(s->at, (size_t)i);
	s->known_points += mr_code_points(s->known, (size_t)(p - s->known));
	s->known = p;
	return s->known_points;
}

static bool
inside_character(const struct search *s, int i)
{
	return s->at + i < s->end && ((unsigned char)s->at[i] & 0xc0) == 0x80;
}

static bool
empty(const struct search *s)
{
	return s->region->beg[0] == s->region->end[0];
}

/* 1 the next match is in s->region; 0 no more; -1 *out is the error. */
static int
search_next(struct search *s, struct mr_value *out)
{
	int rc;

	if (s->over || s->from > s->end)
		return 0;
	if ((rc = search_run(s, s->region, out)) <= 0)
		return rc;
	s->over = !s->global;
	s->from = s->at + s->region->end[0] + empty(s);
	return 1;
}

/* What group i (from 0, the match) holds: null when it took no part. */
static struct mr_value
held(const struct search *s, int i)
{
	const OnigRegion *r = s->region;

	if (r->beg[i] < 0)
		return MR_VALUE_NULL;
	if (empty(s)) /* jq says so of every group then */
		return mr_value_string("", 0);
	return mr_value_string(s->at + r->beg[i], (size_t)(r->end[i] - r->beg[i]));
}

/* Where group i is, as jq counts: see the head of this file. */
static void
place(struct search *s, int i, double *offset, double *length)
{
	const OnigRegion *r = s->region;
	int beg = r->beg[i], end = r->end[i];

	*length = 0;
	if (beg < 0) {
		*offset = -1;
	} else if (empty(s) || beg == end) {
		*offset = (double)points(s, empty(s) ? r->beg[0] : beg);
	} else {
		*offset = inside_character(s, beg) ? 0 : (double)points(s, beg);
		*length = (double)points(s, end) - *offset;
	}
}

static struct mr_value
set(struct mr_value object, const char *key, struct mr_value v)
{
	return mr_value_set_member(object, mr_value_word(key), v);
}

static struct mr_value
group_object(struct search *s, int i)
{
	const struct group *g = &s->pattern->groups[i - 1];
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
match_object(struct search *s)
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
names_object(struct search *s)
{
	struct mr_value o = mr_value_object(4);

	for (int i = 1; i < s->region->num_regs; i++) {
		const struct group *g = &s->pattern->groups[i - 1];

		if (g->name)
			o = mr_value_set_member(o, mr_value_string((const char *)g->name, g->len),
			    held(s, i));
	}
	return o;
}

/* What scan gives for a match: its text, or the texts of its groups. */
static struct mr_value
scan_result(struct search *s)
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
gap(struct search *s, const char **rest)
{
	int beg = s->region->beg[0], end = s->region->end[0];
	const char *from = *rest, *to;

	if (!empty(s) && inside_character(s, beg))
		beg = 0;
	while (inside_character(s, beg))
		beg++;
	while (inside_character(s, end))
		end++;
	to = s->at + beg;
	*rest = s->at + end;
	return mr_value_string(from, to > from ? (size_t)(to - from) : 0);
}

static struct mr_value
split_result(struct search *s, const char **rest)
{
	return gap(s, rest);
}

static struct mr_value
edit_result(struct search *s, const char **rest)
{
	struct mr_value pair = mr_value_push(mr_value_array(2), gap(s, rest));

	return mr_value_push(pair, names_object(s));
}

/* All that `one` makes of each match, in an array. */
static int
collect(struct mr_jq_run *run, struct search *s, struct mr_value one(struct search *),
    struct mr_value piece(struct search *, const char **), struct mr_value *out)
{
	struct mr_value list = mr_value_array(0);
	const char *rest = s->at;
	int rc;

	s->ascii = mr_code_points(s->at, (size_t)(s->end - s->at)) == (size_t)(s->end - s->at);
	while ((rc = search_next(s, out)) > 0)
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
	search_release(s);
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
	struct search s;
	int rc;

	if (apart(args, out) < 0 || search_begin(run, &s, args[0], args[1], args[2], out) < 0)
		return -1;
	rc = search_run(&s, NULL, out);
	if (rc >= 0)
		*out = mr_value_bool(rc);
	run->room.len = 0;
	search_release(&s);
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
	struct search s;

	if (apart(args, out) < 0 || search_begin(run, &s, args[0], args[1], args[2], out) < 0)
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
	struct search s;

	if (apart(args, out) < 0 || search_begin(run, &s, args[0], args[1], args[2], out) < 0)
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
	struct search s;

	if (globally(args, false, &flags, out) < 0 ||
	    search_begin(run, &s, args[0], args[1], flags, out) < 0)
		return -1;
	return collect(run, &s, scan_result, NULL, out);
}

static int
fn_split(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct mr_value flags;
	struct search s;

	if (globally(args, true, &flags, out) < 0 ||
	    search_begin(run, &s, args[0], args[1], flags, out) < 0)
		return -1;
	return collect(run, &s, NULL, split_result, out);
}

/* [[[text before a match, its named groups], ...], text behind the last one] */
static int
fn_edits(struct mr_jq_run *run, struct mr_value *args, struct mr_value *out)
{
	struct search s;

	if (search_begin(run, &s, args[0], args[1], args[2], out) < 0)
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
    {"test", 1, fn_test1},
    {"test", 2, fn_test2},
    {"_match", 1, fn_match1},
    {"_match", 2, fn_match2},
    {"_capture", 1, fn_capture1},
    {"_capture", 2, fn_capture2},
    {"_scan", 2, fn_scan},
    {"split", 2, fn_split},
    {"_edits", 2, fn_edits},
    {"_edit", 2, fn_edit},
    {NULL, 0, NULL},
};
