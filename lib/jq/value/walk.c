/*
 * walk - one member of text.
 *
 * All of it is walked, because the last of duplicates counts; only colons and
 * brackets are looked at.
 */
#include "jq/value/walk.h"
#include "json/str.h"

static bool
is_key(const struct mr_walk *w, size_t colon, const char *key, size_t len)
{
	const char *quote = w->at + colon - 1;
	struct mr_val text = {NULL, 0, MR_STRING, true};
	size_t open, close;

	if (!w->odd && *quote == '"') /* most are not as long */
		return colon > len + 2 && quote[-1 - (ptrdiff_t)len] == '"' &&
		    memcmp(quote - len, key, len) == 0;
	if (!mr_walk_key(w, colon, &open, &close))
		return false;
	text.at = w->at + open;
	text.len = close + 1 - open;
	text.escaped = memchr(text.at, '\\', text.len) != NULL;
	return mr_str_is(&text, key, len);
}

/* The value behind the colon `from`, which ends before the one at i. */
static struct mr_value
before_colon(const struct mr_walk *w, size_t from, size_t i)
{
	size_t open, close;

	if (!mr_walk_key(w, i, &open, &close))
		return MR_VALUE_NONE;
	while (open > from && w->at[open - 1] != ',')
		open--;
	return open > from ? mr_walk_value(w, from + 1, open - 1) : MR_VALUE_NONE;
}

struct mr_value
mr_walk_find(const struct mr_value *object, const char *key, size_t len)
{
	struct mr_value found = MR_VALUE_NONE;
	size_t i = 0, pending = 0; /* the colon of a member whose end is not seen yet */
	struct mr_walk w;
	char c;

	for (mr_walk_init(&w, object);;) {
		while (!w.marks) {
			if (w.next == w.len)
				return found;
			mr_walk_load(&w, false);
		}
		i = w.base + mr_lowest(w.marks);
		w.marks &= w.marks - 1;
		c = w.at[i];
		if (c != ':') {
			w.depth += c == '{' || c == '[' ? 1 : SIZE_MAX;
			if (w.depth == 0)
				break;
		} else if (w.depth == 1) {
			if (pending)
				found = before_colon(&w, pending, i);
			pending = is_key(&w, i, key, len) ? i : 0;
		}
	}
	return pending ? mr_walk_value(&w, pending + 1, i) : found;
}
