/*
 * Lists that users write: items separated by commas, where an item may be a jq
 * expression, with commas of its own in quotes and brackets.
 */
#ifndef MR_JQ_LIST_H
#define MR_JQ_LIST_H

#include <stddef.h>

struct mr_item {
	const char *at;
	size_t len;
};

/* What is between the two, without the white space around it. */
struct mr_item mr_item_trim(const char *at, const char *end);

/* The place of the first `c` outside of quotes and brackets, or end. */
const char *mr_item_find(const char *at, const char *end, char c);

/* 1: *item is the next of the list, which is stepped past it; 0: no more. */
int mr_list_next(const char **list, struct mr_item *item);

#endif
