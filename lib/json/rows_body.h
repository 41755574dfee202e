/*
 * The body of a kernel: included once by each, behind its primitives.
 *
 * Primitives, over 64 bytes at a time; bit i of a mask is byte i:
 *   block, block_load(p)           the bytes
 *   block_eq(b, c)                 which are c
 *   block_control(b)               which are below 0x20
 *   block_high(b)                  which are not ASCII
 *   block_hex(b)                   which are hex digits
 *   block_fold_eq(b, c)            which are c but for the bit 0x20, which c has
 *   block_utf8(p, first)           are they well-formed, as what follows the bytes before
 *   block_opener(b), block_closer(b)   which are [ {, which ] }
 *   block_has_unicode(p, b)        is there a \u
 *   block_needles(p, b, n, count)  where quotes and first letters are those of a needle
 *   prefix_xor(m)                  bit i: parity of bits 0 to i
 *   block_marks(b)                 which are , ] } LF, and maybe others that stand only in strings
 *   block_odd(b)                   which are below 0x20 or not ASCII
 *   lit_match(lit, mask, p)        are those of 32 bytes the same
 *   quote_first(p, n)              p[n] is the first quote from p on; false also if n is large
 *   not_digits(p)                  which of 16 bytes are no digits
 *   low_bit(m)                     the place of the lowest bit; of no bit, any
 *   put_marks(at, from, m)         append the places of the bits, return how many
 *
 * How a chunk is scanned.  First an index of all of it is made, by masks: which
 * bytes are quotes that count, from them what lies in strings, and so where
 * values may end: at `,` `}` `]` outside.  That has no branches that depend on
 * the text, and each block depends on the one before by three bits only.  Then
 * the machine of shape.h runs over the lines.  It finds the end of each value
 * in the index, not by looking for it: so the processor can be many values
 * ahead, where a search would have to end before the next one can begin.
 *
 * What the index checks: no control byte in a string, escapes, UTF-8.  At the
 * first block with a fault it ends, and so do the lines that are taken here;
 * the exact walker says what is wrong.  What the machine checks: literals,
 * that a string value has its quote where it ends and none before, the form of
 * other values.  Hence a line that runs through has nothing unchecked in it.
 */
#include <string.h>

#include "json/bytes.h"
#include "json/kernel.h"
#include "json/needle.h"
#include "json/scan.h"
#include "json/shape.h"

typedef unsigned char byte;

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define EVEN_BITS 0x5555555555555555u

/*
 * Bytes of a file that is mapped come from memory, and processors do not look
 * beyond the page they read: by this many bytes we do.
 */
#define AHEAD 4096

/* What one block leaves to the next. */
struct carry {
	uint64_t in_string; /* all ones: the block begins within a string */
	uint64_t escaped;   /* 1: its first byte is escaped */
	uint64_t high;      /* not 0: the last bytes of the one before are not ASCII */
	uint16_t *at;       /* behind the marks */
};

/*
 * The bytes that are escaped by what is before them: those behind a run of
 * backslashes of odd length.  Adding its first bit to a run carries to the bit
 * behind it; whether that is an even place or an odd one tells the length.
 * *carry: is the first byte of the block escaped; of the next one, then.
 */
static inline uint64_t
escaped_by(uint64_t slash, uint64_t *carry)
{
	uint64_t first = *carry, run, from_odd, from_even;

	slash &= ~first;
	run = slash & ~(slash << 1);
	*carry = __builtin_add_overflow(slash, run & ~EVEN_BITS, &from_odd);
	from_even = slash + (run & EVEN_BITS);
	return first | (~slash & ((from_odd & EVEN_BITS) | (from_even & ~EVEN_BITS)));
}

static int
hex4(const byte *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		int c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			n = n * 16 + p[i] - '0';
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + c - 'a' + 10;
		else
			return -1;
	}
	return n;
}

/*
 * `\uXXXX` with the u at p; reads up to 11 bytes behind it.  *second is where
 * the u of the second half of a pair is, which was checked with the first.
 */
static bool
unicode_ok(const byte *p, const byte **second)
{
	int unit = hex4(p + 1);

	if (unit < 0xd800 || unit > 0xdfff)
		return unit >= 0;
	if (unit >= 0xdc00)
		return *second == p;
	if (p[5] != '\\' || p[6] != 'u')
		return false;
	*second = p + 6;
	unit = hex4(p + 7);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/*
 * Are the bytes behind each \u, whose u the bits of m are, hex digits?  Halves
 * of surrogate pairs are told by their D, as are some others with them.
 */
static inline bool
all_unicode_ok(const byte *p, block b, uint64_t m, const byte **second)
{
	block next = block_load(p + 64);
	uint64_t hex = block_hex(b), hex_next = block_hex(next), d;

	for (int i = 1; i <= 4; i++)
		if ((m << i & ~hex) | (m >> (64 - i) & ~hex_next))
			return false;
	d = block_fold_eq(b, 'd') >> 1 | block_fold_eq(next, 'd') << 63;
	for (m &= d; m; m &= m - 1)
		if (!unicode_ok(p + __builtin_ctzll(m), second))
			return false;
	return true;
}

/* Are the escaped bytes of the block at p such as may be? */
__attribute__((noinline)) static bool
escapes_ok(const byte *p, uint64_t escaped, const byte **second)
{
	block b = block_load(p);
	uint64_t unicode = escaped & block_eq(b, 'u'), plain;

	plain = block_eq(b, 'n') | block_eq(b, '"') | block_eq(b, '\\') | block_eq(b, '/') |
	    block_eq(b, 't') | block_eq(b, 'r') | block_eq(b, 'b') | block_eq(b, 'f');
	if (escaped & ~plain & ~unicode)
		return false;
	return !unicode || all_unicode_ok(p, b, unicode, second);
}

/*
 * A block with bytes in strings that are not ASCII or control bytes, or behind
 * such a one.  Return: what it leaves to the next as `high`, 8: it has a fault.
 */
__attribute__((noinline)) static uint64_t
odd_block(const byte *p, bool first, uint64_t inside, uint64_t high_before)
{
	block b = block_load(p);
	uint64_t high = block_high(b) & inside;

	if ((block_control(b) & inside) || ((high | high_before) && !block_utf8(p, first)))
		return 8;
	return high >> 61; /* bytes of the next block may belong to the last three */
}

/* Index the block at base + i; false: it has a fault. */
static inline __attribute__((always_inline)) bool
index_block(struct mr_shapes *sh, const byte *base, size_t i, uint64_t valid, struct carry *c,
    const byte **second)
{
	const byte *p = base + i;
	block b = block_load(p);
	uint64_t quote = block_eq(b, '"') & valid, slash = block_eq(b, '\\') & valid, inside;

	__builtin_prefetch(p + AHEAD);
	if (slash | c->escaped) {
		uint64_t escaped = escaped_by(slash, &c->escaped) & valid;

		quote &= ~escaped;
		if (!escapes_ok(p, escaped, second))
			return false;
	}
	inside = prefix_xor(quote) ^ c->in_string;
	c->in_string = (uint64_t)((int64_t)inside >> 63);
	inside &= valid;
	if ((block_odd(b) & inside) | c->high) {
		c->high = odd_block(p, i == 0, inside, c->high);
		if (c->high == 8)
			return false;
	}
	mr_store8(sh->quotes + i / 8, quote);
	mr_store8(sh->slashes + i / 8, slash);
	c->at += put_marks(c->at, (unsigned)i, block_marks(b) & ~inside & valid);
	return true;
}

/* Index len bytes from base on, or until a block has a fault. */
__attribute__((noinline)) static void
make_index(struct mr_shapes *sh, const byte *base, size_t len)
{
	const uint64_t all = ~(uint64_t)0;
	struct carry c = {0, 0, 0, sh->at};
	const byte *second = NULL;
	size_t i = 0;

	while (i + 64 <= len && index_block(sh, base, i, all, &c, &second))
		i += 64;
	sh->len = i;
	if (i < len && i + 64 > len &&
	    index_block(sh, base, i, all >> (64 - (len - i)), &c, &second)) {
		sh->len = len;
		i += 64;
	}
	sh->count = (size_t)(c.at - sh->at);
	for (size_t k = 0; k < 2 * MR_SHAPE_LIT; k++)
		c.at[k] = (uint16_t)sh->len;
	mr_store8(sh->quotes + i / 8, 0);
	mr_store8(sh->slashes + i / 8, 0);
}

/* 56 bits from bit `from` on. */
static inline uint64_t
bits_from(const byte *bits, size_t from)
{
	return mr_load8(bits + from / 8) >> (from & 7);
}

/* Is bit `to` the first one that is set from `from` on? */
__attribute__((noinline)) static bool
first_bit_is(const byte *bits, size_t from, size_t to)
{
	if (to < from)
		return false;
	for (; to - from >= 56; from += 56)
		if (bits_from(bits, from) << 8)
			return false;
	return bits_from(bits, from) << (63 - (to - from)) == (uint64_t)1 << 63;
}

static inline bool
any_bit(const byte *bits, size_t from, size_t to)
{
	for (; to - from >= 56; from += 56)
		if (bits_from(bits, from) << 8)
			return true;
	return to > from && bits_from(bits, from) << (64 - (to - from));
}

/* A number of any length, byte by byte. */
__attribute__((noinline)) static bool
long_number(const byte *p, const byte *end)
{
	const byte *start;

	p += *p == '-';
	for (start = p; p < end && (unsigned)(*p - '0') <= 9;)
		p++;
	if (p == start || (*start == '0' && p - start > 1))
		return false;
	if (p < end && *p == '.') {
		for (start = ++p; p < end && (unsigned)(*p - '0') <= 9;)
			p++;
		if (p == start)
			return false;
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		for (start = p; p < end && (unsigned)(*p - '0') <= 9;)
			p++;
		if (p == start)
			return false;
	}
	return p == end;
}

/* A value that is no string and not one of the plain numbers below. */
__attribute__((noinline)) static enum mr_type
other_scalar(const byte *p, size_t n)
{
	if ((ptrdiff_t)n <= 0)
		return MR_MISSING; /* the mark is before the value */
	if (n == 4 && memcmp(p, "null", 4) == 0)
		return MR_NULL;
	if (n == 4 && memcmp(p, "true", 4) == 0)
		return MR_TRUE;
	if (n == 5 && memcmp(p, "false", 5) == 0)
		return MR_FALSE;
	return long_number(p, p + n) ? MR_NUMBER : MR_MISSING;
}

/*
 * The type of the value at p[0..n-1], MR_MISSING when it is none.  Up to 16
 * digits with a point between them or none are a number but for zeros before
 * others; all else goes byte by byte.
 */
static inline enum mr_type
scalar_type(const byte *p, size_t n)
{
	unsigned others, point, minus = *p == '-';
	bool zero;

	p += minus;
	n -= minus;
	zero = *p == '0';
	if (n - 1 > 15)
		return other_scalar(p - minus, n + minus);
	others = not_digits(p) & ((1u << n) - 1);
	if (others == 0)
		return LIKELY(!zero | (n == 1)) ? MR_NUMBER : MR_MISSING;
	point = (unsigned)__builtin_ctz(others);
	if ((others & (others - 1)) == 0 && p[point] == '.' && point - 1 < (unsigned)n - 2 &&
	    (!zero | (point == 1)))
		return MR_NUMBER;
	return other_scalar(p - minus, n + minus);
}

/* Does the rest of a long literal stand here too?  If so, do what is to do. */
__attribute__((noinline)) static bool
do_more(const struct mr_scan *s, const struct mr_shape_arc *a, const byte *lit, struct mr_val *vals)
{
	if (a->more_mask && !lit_match(a->more_lit, a->more_mask, lit + sizeof a->lit))
		return false;
	for (unsigned i = 0; i < a->nacts; i++) {
		const struct mr_shape_act *act = &a->acts[i];
		const byte *at = lit + act->at;
		struct mr_val *v = &vals[act->slot];

		switch ((enum mr_shape_do)act->what) {
		case MR_SHAPE_OPEN:
			*v = (struct mr_val){(const char *)at, 0, *at == '{' ? MR_OBJECT : MR_ARRAY,
			    false};
			break;
		case MR_SHAPE_CLOSE: v->len = (size_t)((const char *)at + 1 - v->at); break;
		case MR_SHAPE_FORGET:
			for (int k = act->slot; k < act->hi; k++)
				vals[s->order[k]] = (struct mr_val){NULL, 0, MR_MISSING, false};
			break;
		}
	}
	return true;
}

/*
 * Run the machine over the line that begins at base + from; *mark is where its
 * marks begin, and becomes that of the next line.
 * Return: where the next line begins, 0: it did not match.
 */
__attribute__((noinline)) static size_t
run_line(const struct mr_scan *s, const byte *base, size_t from, size_t *mark, struct mr_val *vals)
{
	const struct mr_shapes *sh = s->shapes;
	const struct mr_shape_arc *a = sh->arcs;
	const uint16_t *at = sh->at + *mark;
	size_t end = from, value;

	for (;;) {
		while (!lit_match(a->lit, a->mask, base + end) ||
		    (a->more && !do_more(s, a, base + end, vals)))
			if (!(a = a->next))
				return 0;
		at += a->marks;
		value = end + a->len;
		end = *at;
		if (a->kind == MR_SHAPE_STRING) {
			if (!quote_first(base + value, end - 1 - value) &&
			    !first_bit_is(sh->quotes, value, end - 1))
				return 0;
			if (a->slot >= 0)
				vals[a->slot] = (struct mr_val){(const char *)base + value - 1,
				    end - value + 1, MR_STRING,
				    any_bit(sh->slashes, value, end - 1)};
		} else if (a->kind == MR_SHAPE_SCALAR) {
			enum mr_type type = scalar_type(base + value, end - value);

			if (type == MR_MISSING)
				return 0;
			if (a->slot >= 0)
				vals[a->slot] = (struct mr_val){(const char *)base + value,
				    end - value, type, false};
		} else {
			*mark = (size_t)(at - sh->at);
			return a->kind == MR_SHAPE_END && value <= sh->len ? value : 0;
		}
		a = a->to;
	}
}

/*
 * A line for the exact walker; what it takes is learned from.
 * Return: where the next line begins, NULL: no row.
 */
__attribute__((noinline)) static const char *
exact_line(struct mr_scan *s, const char *at, const char *lf, unsigned flags, struct mr_val *vals,
    bool learn)
{
	struct mr_err err = MR_ERR_INIT;
	size_t len = (size_t)(lf - at);

	if (mr_scan_line(s, at, len, flags, vals, &err) < 0)
		return NULL;
	if (!learn || s->shapes->full || s->shapes->tries >= 64)
		return lf + 1;
	if (flags & MR_SCAN_TRUSTED) { /* is it valid?  What it finds is the same then */
		if (mr_scan_line(s, at, len, flags & ~(unsigned)MR_SCAN_TRUSTED, vals, &err) < 0) {
			mr_scan_line(s, at, len, flags, vals, &err);
			return lf + 1;
		}
	}
	mr_shapes_learn(s, at, len + 1);
	return lf + 1;
}

struct batch {
	struct mr_scan *scan;
	const char *at, *end;
	unsigned flags;
	struct mr_scan_row *rows;
	size_t n, max;
	struct mr_val *vals; /* of the next row */
};

static inline void
add_row(struct batch *b, const char *next)
{
	b->rows[b->n++] = (struct mr_scan_row){b->at, (size_t)(next - b->at) - 1};
	b->vals += b->scan->count;
	b->at = next;
}

/* One line without the index.  False: the batch ends before it. */
static bool
add_exact(struct batch *b, bool learn)
{
	const char *lf = memchr(b->at, '\n', (size_t)(b->end - b->at)), *next;

	next = lf ? exact_line(b->scan, b->at, lf, b->flags, b->vals, learn) : NULL;
	if (!next)
		return false;
	add_row(b, next);
	return true;
}

/*
 * After a chunk: is the machine worth it?  Where it knows few lines it rests,
 * each time longer; where it could know more it may try again, or start over
 * when it is full of what is of no use.
 */
static void
judge(struct mr_shapes *sh, size_t hits, size_t misses)
{
	if (sh->tries > 0)
		sh->tries--;
	sh->poor += sh->full && misses > hits / 8;
	if (misses > 3 * hits + 8) {
		sh->rest = sh->next_rest;
		sh->next_rest *= sh->next_rest < 65536 ? 2 : 1;
		sh->tries = 0;
		sh->poor += 512;
	} else if (hits) {
		sh->next_rest = 256;
	}
	if (sh->full && sh->poor > 4096)
		mr_shapes_forget(sh);
}

/*
 * The lines of an indexed chunk; those that the machine does not know, exactly.
 * False: the batch ends; true: b->at is before the first line not complete.
 */
static bool
add_chunk(struct batch *b)
{
	struct mr_shapes *sh = b->scan->shapes;
	const byte *base = (const byte *)b->at;
	size_t mark = 0, from = 0, misses = 0, hits = 0;

	while (b->n < b->max && from < sh->len) {
		size_t next;

		for (int i = 0; i < b->scan->count; i++)
			b->vals[i] = (struct mr_val){NULL, 0, MR_MISSING, false};
		next = run_line(b->scan, base, from, &mark, b->vals);
		if (LIKELY(next)) {
			hits++;
			add_row(b, (const char *)base + next);
			from = next;
			continue;
		}
		while (mark < sh->count && base[sh->at[mark]] != '\n')
			mark++;
		if (mark >= sh->count)
			break; /* not complete in this chunk */
		next = (size_t)sh->at[mark++] + 1;
		if (!exact_line(b->scan, b->at, (const char *)base + next - 1, b->flags, b->vals,
			true))
			return false;
		misses++;
		add_row(b, (const char *)base + next);
		from = next;
	}
	judge(sh, hits, misses);
	return true;
}

#include "json/needle_body.h"

/* The next lines of a batch by the quickest way there is.  False: it ends before the first. */
static bool
add_some(struct batch *b)
{
	struct mr_shapes *sh = b->scan->shapes;
	const char *from = b->at;
	size_t want = (b->max - b->n + 1) * sh->line + 128, left = (size_t)(b->end - from),
	       had = b->n;

	if (sh->rest > 0) {
		sh->rest--;
		return add_exact(b, false);
	}
	want = want < MR_SHAPE_CHUNK ? want : MR_SHAPE_CHUNK;
	want = want < left ? want : left;
	if (b->flags & MR_SCAN_TRUSTED && b->scan->needles && !b->scan->needles->rest) {
		find_needles(sh, b->scan->needles, (const byte *)from, want);
		if (!add_hunted(b))
			return false;
	} else {
		if (b->scan->needles && b->scan->needles->rest)
			b->scan->needles->rest--;
		make_index(sh, (const byte *)from, want);
		if (!add_chunk(b))
			return false;
	}
	if (b->at == from && !add_exact(b, true))
		return false;
	sh->line = (size_t)(b->at - from) / (b->n - had) + 8;
	return true;
}

static size_t
kernel_rows(struct mr_scan *s, const char **at, const char *end, unsigned flags,
    struct mr_scan_row *rows, size_t max, struct mr_val *vals)
{
	struct batch b = {s, *at, end, flags, rows, 0, max, vals};

	if (!s->shapes) {
		s->shapes = mr_shapes_new();
		s->needles = mr_needles_new(s);
	}
	while (b.n < max && b.at < end && add_some(&b))
		;
	*at = b.at;
	return b.n;
}
