/*
 * Lines that are known to be valid, by needles; see needle.h.  Included by
 * each kernel behind rows_body.h.
 *
 * A chunk is gone through twice.  First the places of interest are noted: each
 * LF, whatever looks like a needle by its quotes and first letter, and quotes
 * that end a string with \u in it and are followed by a colon or space.  Then
 * each line is looked at by its places alone.
 *
 * Lines that are not valid after all give what they give, but no step leaves
 * its line, and none changes what the next line gives.
 */

/* What a block with \u in it leaves to the next. */
enum {
	PENDING = 1, /* the string goes on */
	ESCAPED = 2  /* and its next byte is escaped */
};

/*
 * Of a block with \u in it, or behind one in the same string: the quotes that
 * close such a string and have a colon or space behind.  Is the first byte of
 * the first such block escaped?  That does not matter: it is before the \u.
 */
__attribute__((noinline)) static uint64_t
escaped_keys(const byte *p, uint64_t *state)
{
	block b = block_load(p), next = block_load(p + 1);
	uint64_t pending = *state & PENDING, carry = *state / ESCAPED, slash = block_eq(b, '\\');
	uint64_t quote = block_eq(b, '"') & ~escaped_by(slash, &carry), closes;
	bool over;

	/* From a backslash the sum carries on to the next quote. */
	over = __builtin_add_overflow(~quote, slash, &closes);
	over |= __builtin_add_overflow(closes, pending, &closes);
	*state = over ? PENDING | carry * ESCAPED : 0;
	return closes & quote & (block_eq(next, ':') | block_eq(next, ' ') | block_eq(next, '\t'));
}

/* put_marks() where there are few. */
static inline size_t
put_few(uint16_t *at, unsigned from, uint64_t m)
{
	volatile uint16_t *to = at; /* or compilers would gather them in a vector first */
	unsigned n = (unsigned)__builtin_popcountll(m);

#define PUT(i) (to[i] = (uint16_t)(from + low_bit(m)), m &= m - 1)
	PUT(0), PUT(1), PUT(2), PUT(3);
	if (__builtin_expect(n > 4, 0))
		for (unsigned i = 4; i < n; i++)
			PUT(i);
#undef PUT
	return n;
}

/* The places of interest of the block at p. */
static inline __attribute__((always_inline)) uint64_t
find_in_block(const struct mr_needles *needles, size_t count, const byte *p, uint64_t *state)
{
	block b = block_load(p);
	uint64_t found = block_eq(b, '\n');

	__builtin_prefetch(p + AHEAD);
	if (count) {
		found |= block_needles(p, b, needles->needle, count);
		if (block_has_unicode(p, b) | (*state != 0)) {
			uint64_t now = *state;

			found |= escaped_keys(p, &now);
			*state = now;
		}
	}
	return found;
}

static inline __attribute__((always_inline)) void
find_some(struct mr_shapes *sh, const struct mr_needles *needles, size_t count, const byte *base,
    size_t len)
{
	uint64_t state = 0, found;
	uint16_t *at = sh->at;
	bool sparse = sh->line > 400; /* mostly blocks with nothing in them */
	size_t i = 0;

	for (; i + 64 <= len; i += 64) {
		found = find_in_block(needles, count, base + i, &state);
		if (!sparse || found)
			at += put_few(at, (unsigned)i, found);
	}
	if (i < len) {
		found = find_in_block(needles, count, base + i, &state);
		at += put_few(at, (unsigned)i, found & ~(uint64_t)0 >> (64 - (len - i)));
	}
	sh->len = len;
	sh->count = (size_t)(at - sh->at);
}

/* Note the places of interest of a chunk of len bytes. */
__attribute__((noinline)) static void
find_needles(struct mr_shapes *sh, const struct mr_needles *n, const byte *base, size_t len)
{
	switch (n->count) { /* loops of known length are no loops */
	case 0: find_some(sh, n, 0, base, len); break;
	case 1: find_some(sh, n, 1, base, len); break;
	case 2: find_some(sh, n, 2, base, len); break;
	case 3: find_some(sh, n, 3, base, len); break;
	case 4: find_some(sh, n, 4, base, len); break;
	default: find_some(sh, n, n->count, base, len);
	}
}

/* A line as far as it was looked at: where, how deep, inside what that is wanted. */
struct hunt {
	const struct mr_scan *scan;
	const byte *at, *end; /* so far, outside of strings; the LF */
	size_t depth, steps;
	struct {
		const struct mr_path_node *node;
		size_t depth;
	} step[MR_NEEDLE_STEPS + 1];
	struct mr_val *vals;
};

/* The braces of a block that are outside of strings; false: there is none. */
static inline bool
braces(const byte *p, uint64_t valid, uint64_t *opens, uint64_t *closes)
{
	block b = block_load(p);

	*opens = block_opener(b) & valid;
	*closes = block_closer(b) & valid;
	return *opens | *closes;
}

/*
 * Count the braces from h->at up to `to`, and leave what they close.  When
 * `until` is not 0, stop behind the one that makes the depth less than that.
 */
__attribute__((noinline)) static const byte *
count_braces(struct hunt *h, const byte *to, size_t until)
{
	uint64_t in_string = 0, escaped = 0, opens, closes;

	for (const byte *p = h->at; p < to; p += 64) {
		uint64_t valid = to - p < 64 ? ~(uint64_t)0 >> (64 - (to - p)) : ~(uint64_t)0,
			 inside, both;
		block b = block_load(p);
		uint64_t quote = block_eq(b, '"') & valid, slash = block_eq(b, '\\') & valid;

		if (slash | escaped)
			quote &= ~escaped_by(slash, &escaped);
		inside = prefix_xor(quote) ^ in_string;
		in_string = (uint64_t)((int64_t)inside >> 63);
		if (!braces(p, valid & ~inside, &opens, &closes))
			continue;
		for (both = opens | closes; both; both &= both - 1) {
			if (opens & both & -both) {
				h->depth++;
				continue;
			}
			if (h->depth > 0)
				h->depth--;
			if (h->depth < until)
				return p + __builtin_ctzll(both) + 1;
			while (h->steps > 1 && h->depth < h->step[h->steps - 1].depth)
				h->steps--;
		}
	}
	return to;
}

static inline bool
any_brace(const byte *p, const byte *to)
{
	uint64_t opens, closes;

	for (; to - p >= 64; p += 64)
		if (braces(p, ~(uint64_t)0, &opens, &closes))
			return true;
	return p < to && braces(p, ~(uint64_t)0 >> (64 - (to - p)), &opens, &closes);
}

/* The closing quote of the string that p is behind the opening one of. */
static inline const byte *
closing_quote(const byte *p, const byte *end, bool *has_escape)
{
	*has_escape = false;
	while (p < end) {
		block b = block_load(p);
		uint64_t quote = block_eq(b, '"'), slash = block_eq(b, '\\');

		if (slash & (quote ^ (quote - 1))) {
			*has_escape = true;
			p += __builtin_ctzll(slash) + 2;
		} else if (quote) {
			p += __builtin_ctzll(quote);
			return p < end ? p : NULL;
		} else {
			p += 64;
		}
	}
	return NULL;
}

static inline bool
is_space(byte c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The end of the number or word at p, spaces behind it left out. */
static inline const byte *
scalar_end(const byte *p, const byte *end)
{
	uint64_t marks = block_marks(block_load(p));

	for (; !marks && p < end; marks = block_marks(block_load(p)))
		p += 64;
	p += marks ? __builtin_ctzll(marks) : 0;
	if (p > end)
		p = end;
	while (p[-1] <= ' ')
		p--;
	return p;
}

/* The array or object at p, inside a container of the depth h->depth: what is behind it. */
static const byte *
container_end(const struct hunt *h, const byte *p)
{
	struct hunt inner = {.at = p, .end = h->end, .depth = 1, .steps = 1};

	return count_braces(&inner, h->end, 2) /* its opener makes 2, its closer less */;
}

/* Record the value at p for node, and go into it if more is wanted there. */
static inline bool
take_value(struct hunt *h, const struct mr_path_node *node, const byte *p)
{
	struct mr_val v = {(const char *)p, 0, MR_NUMBER, false};
	const byte *end;

	for (int i = node->lo; i < node->hi; i++)
		h->vals[h->scan->order[i]] = (struct mr_val){NULL, 0, MR_MISSING, false};
	if (*p == '"') {
		end = closing_quote(p + 1, h->end, &v.escaped);
		if (!end)
			return false;
		v.type = MR_STRING;
		end++;
	} else if (*p == '{' || *p == '[') {
		v.type = *p == '{' ? MR_OBJECT : MR_ARRAY;
		end = node->slot >= 0 ? container_end(h, p) : p;
		if (node->nkeys && *p == '{') {
			h->at = p + 1;
			h->depth++;
			h->step[h->steps].node = node;
			h->step[h->steps++].depth = h->depth;
		}
	} else {
		if (*p <= ' ')
			return false;
		end = scalar_end(p + 1, h->end);
		if (*p > '9')
			v.type = *p == 't' ? MR_TRUE : *p == 'f' ? MR_FALSE : MR_NULL;
	}
	if (node->slot >= 0) {
		v.len = (size_t)((const char *)end - v.at);
		h->vals[node->slot] = v;
	}
	return true;
}

/* Is the byte at p escaped?  Nothing before `from` is looked at. */
static inline bool
is_escaped(const byte *from, const byte *p)
{
	const byte *run = p;

	while (run > from && run[-1] == '\\')
		run--;
	return (p - run) & 1;
}

/* A place of interest that is no LF.  False: the line must be read exactly. */
static inline bool
look_at(struct hunt *h, const struct mr_needles *needles, const byte *p)
{
	const struct mr_path_node *parent;
	const byte *value;
	size_t k = 0;

	while (
	    k < needles->count && !lit_match(needles->needle[k].text, needles->needle[k].mask, p))
		k++;
	if (k == needles->count) {
		if (p[1] == ':' || is_space(p[1]))
			return false; /* a string with a backslash that is a key, maybe */
		for (k = 0; k < needles->count; k++) {
			const struct mr_needle *n = &needles->needle[k];

			if (lit_match(n->text, n->mask >> 1, p) && is_space(p[n->len + 2]))
				return false; /* a key before space, maybe */
		}
		return true;
	}
	if (p[-1] == '\\' && is_escaped(h->at, p))
		return true; /* the rest of a longer key */
	if (any_brace(h->at, p))
		count_braces(h, p, 0);
	h->at = p;
	parent = h->step[h->steps - 1].node;
	if (h->depth != h->step[h->steps - 1].depth)
		return true;
	for (size_t i = 0; i < needles->uses; i++) {
		if (needles->use[i].needle != k || needles->use[i].parent != parent)
			continue;
		value = p + needles->needle[k].len + 3;
		while (is_space(*value))
			value++;
		h->at = value;
		return value < h->end && take_value(h, needles->use[i].node, value);
	}
	return true;
}

/* The line base[from..end-1] by the places at[0..n-1] in it; false: it must be read exactly. */
static inline bool
hunt_line(const struct mr_scan *s, const byte *base, size_t from, size_t end, const uint16_t *at,
    size_t n, struct mr_val *vals)
{
	const byte *last = base + end - 1;
	struct hunt h;

	last -= end > from && *last == '\r';
	if (end - from < 2 || base[from] != '{' || *last != '}' || last == base + from)
		return false;
	h.scan = s;
	h.at = base + from + 1;
	h.end = base + end;
	h.depth = h.steps = 1;
	h.step[0].node = s->root;
	h.step[0].depth = 1;
	h.vals = vals;
	for (int i = 0; i < s->count; i++)
		vals[i] = (struct mr_val){NULL, 0, MR_MISSING, false};
	if (s->root->slot >= 0)
		vals[s->root->slot] = (struct mr_val){(const char *)base + from,
		    (size_t)(last + 1 - (base + from)), MR_OBJECT, false};
	for (size_t i = 0; i < n; i++)
		if (!look_at(&h, s->needles, base + at[i]))
			return false;
	return true;
}

/* The value at p, a string or scalar that ends before `end`: behind it, NULL for what is neither. */
static inline __attribute__((always_inline)) const byte *
flat_value(const byte *p, const byte *end, struct mr_val *v)
{
	const byte *to;

	while (is_space(*p))
		p++;
	if (p >= end)
		return NULL;
	v->at = (const char *)p;
	v->escaped = false;
	if (*p == '"') {
		to = closing_quote(p + 1, end, &v->escaped);
		if (!to)
			return NULL;
		to++;
		v->type = MR_STRING;
	} else {
		if (*p > '9' ? *p == '[' || *p >= '{' : *p < '-')
			return NULL;
		to = scalar_end(p + 1, end);
		v->type = *p <= '9' ? MR_NUMBER :
		    *p == 't'       ? MR_TRUE :
		    *p == 'f'       ? MR_FALSE :
				      MR_NULL;
	}
	v->len = (size_t)(to - p);
	return to;
}

/* Does the line, an object whose last wanted key is at `to`, end as one, and nothing opens or closes before that? */
static inline bool
one_object(const byte *line, const byte *to, const byte *lf)
{
	lf -= lf[-1] == '\r';
	return lf - line >= 2 && lf[-1] == '}' && (to == line || !any_brace(line + 1, to));
}

__attribute__((noinline)) static void
forget_unseen(const struct mr_needles *n, unsigned seen, struct mr_val *vals)
{
	for (size_t i = 0; i < n->count; i++)
		if (!(seen & n->needle[i].bit))
			vals[n->needle[i].slot] = (struct mr_val){NULL, 0, MR_MISSING, false};
}

/*
 * hunt_line() for lines whose wanted keys are all of their own object, with
 * nothing before the last of them that opens or closes: as many as there are
 * from *mark on, which is left at the first that hunt_line() must see.
 */
__attribute__((noinline)) static void
flat_lines(struct batch *b, const byte *base, size_t *mark)
{
	const struct mr_scan *s = b->scan;
	const struct mr_needle *first = s->needles->needle, *stop = first + s->needles->count,
			       *next = first;
	const uint16_t *at = s->shapes->at + *mark, *end = s->shapes->at + s->shapes->count;
	const unsigned all = stop == first ? 0 : 2 * stop[-1].bit - 1;
	const byte *line = (const byte *)b->at, *p, *last;
	struct mr_scan_row *row = b->rows + b->n, *full = b->rows + b->max;
	struct mr_val *vals = b->vals;

	for (; row < full && *line == '{'; line = p + 1, vals += s->count) {
		const uint16_t *m = at;
		unsigned seen = 0;

		for (last = line; m < end && *(p = base + *m) != '\n'; last = p, m++) {
			size_t tries = s->needles->count;

			while (!lit_match(next->text, next->mask, p)) {
				if (--tries == 0)
					goto out;
				next = next + 1 < stop ? next + 1 : first;
			}
			if (p[-1] == '\\' || m + 1 == end ||
			    !flat_value(p + next->len + 3, base + m[1], &vals[next->slot]))
				goto out;
			seen |= next->bit;
			next = next + 1 < stop ? next + 1 : first;
		}
		if (m >= end || !one_object(line, last, p))
			break;
		if (seen != all)
			forget_unseen(s->needles, seen, vals);
		if (s->root->slot >= 0)
			vals[s->root->slot] = (struct mr_val){(const char *)line,
			    (size_t)(p - line) - (p[-1] == '\r'), MR_OBJECT, false};
		*row++ = (struct mr_scan_row){(const char *)line, (size_t)(p - line)};
		at = m + 1;
	}
out:
	*mark = (size_t)(at - s->shapes->at);
	b->n = (size_t)(row - b->rows);
	b->vals = vals;
	b->at = (const char *)line;
}

/* The lines of a chunk by needles.  False: the batch ends; true: b->at is before the first not complete. */
static bool
add_hunted(struct batch *b)
{
	struct mr_shapes *sh = b->scan->shapes;
	const byte *base = (const byte *)b->at;
	size_t mark = 0, misses = 0, n = b->n;
	unsigned flat = b->scan->needles->flat ? 8 : 0; /* so often it may be tried for nothing */

	while (b->n < b->max) {
		size_t first, end, had = b->n;

		if (flat) {
			flat_lines(b, base, &mark);
			flat = b->n > had + 8 ? 64 : flat - 1;
		}
		first = mark;
		while (mark < sh->count && base[sh->at[mark]] != '\n')
			mark++;
		if (mark == sh->count || b->n == b->max)
			break;
		end = sh->at[mark];
		if (!hunt_line(b->scan, base, (size_t)((const byte *)b->at - base), end,
			sh->at + first, mark - first, b->vals)) {
			misses++;
			if (!exact_line(b->scan, b->at, (const char *)base + end, b->flags, b->vals,
				false))
				return false;
		}
		mark++;
		add_row(b, (const char *)base + end + 1);
	}
	if (misses > (b->n - n) / 2)
		b->scan->needles->rest = 64;
	return true;
}
