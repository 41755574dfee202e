/*
 * list - take a list apart without reading what its items mean.
 */
#include <string.h>

#include "jq/list.h"

struct mr_item
mr_item_trim(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n'))
		at++;
	while (at < end && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n'))
		end--;
	return (struct mr_item){at, (size_t)(end - at)};
}

#define DEPTH_MAX 200 /* of brackets in each other: behind it they are read as any character */

static const char *step(const char *at, const char *end, int depth);

/* Behind a string; what \( begins in it is an expression up to its bracket. */
static const char *
step_string(const char *at, const char *end, int depth)
{
	for (at++; at < end && *at != '"';)
		if (*at == '\\' && at + 1 < end)
			at = at[1] == '(' ? step(at + 1, end, depth) : at + 2;
		else
			at++;
	return at < end ? at + 1 : end;
}

/* Behind what stands at `at`: a string, a bracket with all that is in it, or one character. */
static const char *
step(const char *at, const char *end, int depth)
{
	if (depth < DEPTH_MAX && *at == '"')
		return step_string(at, end, depth + 1);
	if (depth == DEPTH_MAX || (*at != '(' && *at != '[' && *at != '{'))
		return at + 1;
	for (at++; at < end && *at != ')' && *at != ']' && *at != '}';)
		at = step(at, end, depth + 1);
	return at < end ? at + 1 : end;
}

const char *
mr_item_find(const char *at, const char *end, char c)
{
	while (at < end && *at != c)
		at = step(at, end, 0);
	return at < end ? at : end;
}

int
mr_list_next(const char **list, struct mr_item *item)
{
	const char *end, *comma;

	if (!*list)
		return 0;
	end = *list + strlen(*list);
	comma = mr_item_find(*list, end, ',');
	*item = mr_item_trim(*list, comma);
	*list = comma < end ? comma + 1 : NULL;
	return 1;
}
