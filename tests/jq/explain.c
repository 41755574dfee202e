/*
 * explain - tell the differences that are meant from those that are not; see
 * explain.h.
 *
 * Each rule is as narrow as its reason: it walks both outputs side by side
 * and lets pass only what the reason explains.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "explain.h"
#include "json/num.h"

const char *const explanations[EXPLANATIONS] = {
    "a number keeps its spelling",
    "a timestamp with an offset, a fraction or a date only is understood",
};

int
explained_as(const char *explanation)
{
	for (int i = 0; i < EXPLANATIONS; i++)
		if (explanations[i] == explanation)
			return i;
	return 0;
}

static size_t
number(const char *at)
{
	size_t n = 0;

	if (at[n] == '-')
		n++;
	if (!isdigit((unsigned char)at[n]))
		return 0;
	while (isdigit((unsigned char)at[n]) || strchr("+-.eE", at[n]))
		if (!at[n++])
			return n - 1;
	return n;
}

/* Where the number begins that *at stands in. */
static const char *
number_start(const char *text, const char *at)
{
	while (at > text && (isdigit((unsigned char)at[-1]) || strchr("+-.eE", at[-1])))
		at--;
	while (*at == '+' || *at == 'e' || *at == 'E' || *at == '.')
		at++;
	return at;
}

static bool
stands_in(const char *text, const char *at, size_t len)
{
	return memmem(text, strlen(text), at, len) != NULL;
}

/*
 * jq writes an untouched 1e2 as 1E+2; here it stays 1e2.  The numbers are
 * equal, and ours is spelled as in the input or the program.
 */
static bool
same_but_spelling(const char *program, const char *input, const char *ours, const char *theirs)
{
	const char *a = ours, *b = theirs;

	while (*a || *b) {
		const char *from_a, *from_b;
		size_t na, nb;

		if (*a == *b) {
			a++;
			b++;
			continue;
		}
		from_a = number_start(ours, a);
		from_b = number_start(theirs, b);
		na = number(from_a);
		nb = number(from_b);
		if (!na || !nb || a - from_a != b - from_b ||
		    mr_num_cmp(from_a, na, from_b, nb) != 0 ||
		    !(stands_in(input, from_a, na) || stands_in(program, from_a, na)))
			return false;
		a = from_a + na;
		b = from_b + nb;
	}
	return true;
}

const char *
explain(const char *program, const char *input, const char *ours, const char *theirs)
{
	if (same_but_spelling(program, input, ours, theirs))
		return explanations[0];
	return NULL;
}
