/*
 * regex - searching with Oniguruma: jq's syntax and flags.
 *
 * Patterns are compiled once and kept, as many as CACHED, the one that was
 * not used for longest making room.  jq starts its next search one byte
 * behind an empty match, in the middle of a character too: that is kept,
 * scripts have seen what comes of it.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jq/fn/regex.h"

enum { CACHED = 32 };

struct mr_regex_cache {
	struct mr_pattern of[CACHED];
	size_t count;
	uint64_t clock;
	OnigRegion *region;
};

static void
pattern_release(struct mr_pattern *p)
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

static void
initialize(void)
{
	OnigEncoding use = ONIG_ENCODING_UTF8;

	onig_initialize(&use, 1);
}

static struct mr_regex_cache *
cache_of(struct mr_jq_run *run)
{
	static pthread_once_t once =
	    PTHREAD_ONCE_INIT; /* what Oniguruma sets up is the process's */

	if (!run->regexes) {
		pthread_once(&once, initialize);
		run->regexes = mr_xcalloc(1, sizeof *run->regexes);
		run->regexes->region = onig_region_new();
	}
	return run->regexes;
}

static int
note_name(const UChar *name, const UChar *end, int n, int *groups, regex_t *regex, void *arg)
{
	struct mr_pattern *p = arg;

	(void)regex;
	for (int i = 0; i < n; i++)
		if (groups[i] >= 1 && groups[i] <= p->count)
			p->groups[groups[i] - 1] = (struct mr_group){name, (size_t)(end - name)};
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
pattern_new(struct mr_pattern *p, const char *at, size_t len, OnigOptionType options,
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

static struct mr_pattern *
pattern_get(struct mr_regex_cache *c, const char *at, size_t len, OnigOptionType options,
    struct mr_value *out)
{
	struct mr_pattern fresh, *p, *oldest = c->of;

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

void
mr_search_release(struct mr_search *s)
{
	mr_args_free(s->args, 2);
}

static int
search_flags(struct mr_jq_run *run, struct mr_search *s, OnigOptionType *options,
    struct mr_value *out)
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

int
mr_search_begin(struct mr_jq_run *run, struct mr_search *s, struct mr_value of, struct mr_value re,
    struct mr_value flags, struct mr_value *out)
{
	struct mr_regex_cache *cache = cache_of(run);
	OnigOptionType options;
	const char *text;
	size_t len;

	*s = (struct mr_search){.args = {of, re, flags}, .region = cache->region};
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
	mr_search_release(s);
	return -1;
}

/* 1 found, 0 not; -1 *out is the error.  Without a region nobody asks where. */
static int
search_run(struct mr_search *s, OnigRegion *region, struct mr_value *out)
{
	OnigErrorInfo none = {0};
	const UChar *end = (const UChar *)s->end;
	int code = onig_search(s->pattern->regex, (const UChar *)s->at, end, (const UChar *)s->from,
	    end, region, ONIG_OPTION_NONE);

	if (code >= 0)
		return 1;
	return code == ONIG_MISMATCH ? 0 : onig_fails(code, &none, out);
}

size_t
mr_search_points(const struct mr_search *s, int i)
{
	const char *p = s->at + i;

	if (s->ascii)
		return (size_t)i;
	if (p < s->known) /* a group that looked behind */
		return mr_code_points(s->at, (size_t)i);
	return s->known_points + mr_code_points(s->known, (size_t)(p - s->known));
}

int
mr_search_next(struct mr_search *s, struct mr_value *out)
{
	int rc;

	if (s->over || s->from > s->end)
		return 0;
	if ((rc = search_run(s, s->region, out)) <= 0)
		return rc;
	if (s->region->beg[0] >= s->known - s->at) {
		s->known_points = mr_search_points(s, s->region->beg[0]);
		s->known = s->at + s->region->beg[0];
	}
	s->over = !s->global;
	s->from = s->at + s->region->end[0] + mr_search_empty(s);
	return 1;
}

int
mr_search_test(struct mr_search *s, struct mr_value *out)
{
	return search_run(s, NULL, out);
}
