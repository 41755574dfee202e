/*
 * Searching with regular expressions, as jq does it.  For regex.c and
 * match.c alone.
 */
#ifndef MR_JQ_FN_REGEX_H
#define MR_JQ_FN_REGEX_H

#include <oniguruma.h>

#include "jq/fn/own.h"

struct mr_group {
	const UChar *name; /* NULL: has none; into the regex */
	size_t len;
};

struct mr_pattern {
	char *text;
	size_t len;
	OnigOptionType options;
	regex_t *regex;
	struct mr_group *groups; /* 1..count */
	int count;
	uint64_t used;
};

/* A search in args[0] for args[1] with the flags args[2]. */
struct mr_search {
	struct mr_value args[3];
	struct mr_pattern *pattern;
	OnigRegion *region;
	const char *at, *end, *from;
	bool global, ascii, over;
	const char *known; /* where the last match began, so that counting goes on from there */
	size_t known_points;
};

/* Takes the three values, which are freed when it fails.  run->room holds the text while it lasts. */
int mr_search_begin(struct mr_jq_run *, struct mr_search *, struct mr_value of, struct mr_value re,
    struct mr_value flags, struct mr_value *out);
void mr_search_release(struct mr_search *);

/* 1 found at all, 0 not; -1 *out is the error. */
int mr_search_test(struct mr_search *, struct mr_value *out);

/* 1 the next match is in s->region; 0 no more; -1 *out is the error. */
int mr_search_next(struct mr_search *, struct mr_value *out);

/* Code points of the text before the i-th byte. */
size_t mr_search_points(const struct mr_search *, int i);

static inline bool
mr_search_inside(const struct mr_search *s, int i) /* a character that began before */
{
	return s->at + i < s->end && ((unsigned char)s->at[i] & 0xc0) == 0x80;
}

static inline bool
mr_search_empty(const struct mr_search *s) /* the match has no length */
{
	return s->region->beg[0] == s->region->end[0];
}

#endif
