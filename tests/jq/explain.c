/*
 * explain - tell the differences that are meant from those that are not; see
 * explain.h.  Each rule is as narrow as its reason.
 */
#include <stddef.h>
#include <string.h>

#include "explain.h"

const char *const explanations[EXPLANATIONS] = {
    "a number keeps its spelling",
    "a timestamp with an offset, with a fraction, or of a date alone is understood",
};

int
explained_as(const char *explanation)
{
	for (int i = 0; i < EXPLANATIONS; i++)
		if (explanations[i] == explanation)
			return i;
	return 0;
}

const char *
explain(const char *ours, const char *theirs)
{
	static const char refusal[] = "does not match format \\\"%Y-%m-%dT%H:%M:%SZ\\\"";

	if (strstr(theirs, refusal) && !strstr(ours, refusal))
		return explanations[1];
	return NULL;
}
