/*
 * explain - tell the differences that are meant from those that are not; see
 * explain.h.  Each rule is as narrow as its reason.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "json/num.h"

const char *const explanations[EXPLANATIONS] = {
    "a number keeps its spelling",
    "a timestamp with an offset, with a fraction, or of a date alone is understood",
    "0 where jq has -0, or the other way round",
    "a builtin of ours is no path, or says so in other words",
    "|= over ?// is what one alternative gives",
    "mktime gives -2 for two seconds before 1970",
    "a key that is no string is refused where it is evaluated",
    "names are not looked up where nothing comes",
};

int
explained_as(const char *explanation)
{
	for (int i = 0; i < EXPLANATIONS; i++)
		if (explanations[i] == explanation)
			return i;
	return 0;
}

static bool
begins(const char *text, const char *with)
{
	while (*with && *text == *with) {
		text++;
		with++;
	}
	return !*with;
}

/* The last line: an error, when there is one. */
static const char *
last_line(const char *text)
{
	const char *at = text + strlen(text);

	while (at > text && at[-1] == '\n')
		at--;
	while (at > text && at[-1] != '\n')
		at--;
	return at;
}

static bool
in_number(char c)
{
	return c && strchr("0123456789.eE+-", c);
}

/* Where the number begins that `at` is in, or stands behind. */
static const char *
number_of(const char *text, const char *at, size_t *len)
{
	const char *end = at;

	while (at > text && in_number(at[-1]))
		at--;
	while (in_number(*end))
		end++;
	while (at < end && *at != '-' && !isdigit((unsigned char)*at))
		at++;
	*len = (size_t)(end - at);
	return at;
}

/* A number that came out of a string is spelled as there: 1e+20, where jq has 1E+20. */
static bool
same_but_spelling(const char *ours, const char *theirs)
{
	const char *a = ours, *b = theirs, *x, *y;
	size_t xlen, ylen;

	while (*a || *b) {
		if (*a == *b) {
			a++;
			b++;
			continue;
		}
		x = number_of(ours, a, &xlen);
		y = number_of(theirs, b, &ylen);
		if (x + xlen <= a || y + ylen <= b || strtod(x, NULL) != strtod(y, NULL) ||
		    mr_num_cmp(x, xlen, y, ylen) != 0)
			return false;
		a = x + xlen;
		b = y + ylen;
	}
	return true;
}

static bool
is_zero(const char *at)
{
	return *at == '0' && !in_number(at[1]);
}

/* A zero of the program is a decimal to jq, which negates it to 0; ours is a double. */
static bool
same_but_zeros(const char *ours, const char *theirs)
{
	while (*ours || *theirs) {
		if (*ours != *theirs) {
			if (*ours == '-' && is_zero(ours + 1))
				ours++;
			else if (*theirs == '-' && is_zero(theirs + 1))
				theirs++;
			else
				return false;
		}
		ours++;
		theirs++;
	}
	return true;
}

/*
 * jq defines most builtins in jq, and looks into them when they stand in a
 * path expression: it complains about what is inside, and takes [] for `.`
 * where nothing was collected.  And a number that is no longer text of an
 * event is `.` to us when it is equal.
 */
static bool
other_path(const char *program, const char *ours, const char *theirs)
{
	static const char refusal[] = "Invalid path expression ";
	const char *mine = strstr(last_line(ours), refusal);
	const char *other = strstr(last_line(theirs), refusal);

	if (other) {
		other += sizeof refusal - 1;
		return mine || strstr(last_line(ours), "error: ") ||
		    strstr(last_line(ours), "failed: ") ||
		    isdigit((unsigned char)other[sizeof "with result " - 1]) ||
		    begins(other, "near attempt to iterate through [");
	}
	if (strstr(program, "index(") && strstr(last_line(theirs), "error: \"Cannot "))
		return true; /* index(x) is .[[x]] | .[0] */
	return mine && (strstr(mine, " []") || strstr(program, "index("));
}

const char *
explain(const char *program, const char *ours, const char *theirs)
{
	static const char format[] = "does not match format \\\"%Y-%m-%dT%H:%M:%SZ\\\"";

	if ((strstr(program, "fromjson") || strstr(program, "tonumber")) &&
	    same_but_spelling(ours, theirs))
		return explanations[0];
	if (strstr(theirs, format) && !strstr(ours, format))
		return explanations[1];
	if (same_but_zeros(ours, theirs))
		return explanations[2];
	if (other_path(program, ours, theirs))
		return explanations[3];
	if (strstr(program, "?//") && strstr(program, "|=") &&
	    begins(last_line(theirs), "error: \"Paths must be specified as an array\""))
		return explanations[4];
	if (begins(last_line(theirs), "error: \"mktime not supported on this platform\""))
		return explanations[5];
	if (strstr(theirs, " as object key at <top-level>"))
		return explanations[6];
	if (begins(ours, "a program") && strstr(theirs, " is not defined at <top-level>") &&
	    (strstr(program, "empty") || strstr(program, "error") || strstr(program, "break")))
		return explanations[7];
	return NULL;
}
