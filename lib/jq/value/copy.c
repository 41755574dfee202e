/*
 * copy - text copied in one pass.
 *
 * Sixty-four bytes at a time: what stands outside of strings is known from
 * bits, white space there is left out, the rest is copied.  A string that jq
 * spells otherwise (\u, \/ or DEL in it) ends the block: it is spelled anew,
 * and the next block begins behind it.
 *
 * Of each object the hashes of its keys are kept until it closes; a hash that
 * is there already, an escaped key, too many keys or too deep a nesting end the
 * pass, and the caller takes the object apart instead.
 */
#include <string.h>

#include "jq/value/copy.h"
#include "jq/value/marks.h"
#include "json/scan.h"
#include "json/str.h"

#define KEYS 192 /* of all open objects together */

struct level {
	uint64_t seen;  /* a bit for each key, by its hash */
	uint32_t first; /* of its keys */
};

struct pass {
	const char *at;
	size_t len;
	struct mr_buf *buf;
	char *out; /* where in buf to go on */
	struct mr_buf room;
	uint64_t keys[KEYS];
	uint32_t nkeys, depth;
	struct level levels[MR_SCAN_DEPTH + 1];
};

/* Append bytes without DEL; false: there is one, and not all is appended. */
static bool
copy_plain(struct mr_buf *out, const char *at, size_t len)
{
	char *to;

	if (out->cap - out->len < len + 8)
		mr_buf_grow(out, len + 8);
	to = out->at + out->len;
	out->len += len;
	for (; len >= 8; at += 8, to += 8, len -= 8) {
		uint64_t x = mr_load8(at);

		if (mr_first_of(x, 0x7f))
			return false;
		memcpy(to, at, 8);
	}
	for (; len > 0; len--) {
		if (*at == 0x7f)
			return false;
		*to++ = *at++;
	}
	return true;
}

void
mr_copy_string(struct mr_buf *out, const char *at, size_t len, bool escaped)
{
	struct mr_val string = {at, len, MR_STRING, escaped};
	struct mr_buf room = MR_BUF_INIT;
	size_t n = out->len;
	const char *bytes;

	if (!escaped && copy_plain(out, at, len))
		return;
	out->len = n;
	bytes = mr_str_bytes(&string, &room, &n);
	mr_str_write_jq(out, bytes, n);
	mr_buf_release(&room);
}

/* A key of the innermost object; false: it may have come before. */
static bool
take_key(struct pass *s, const char *at, size_t len)
{
	struct level *l = &s->levels[s->depth];
	uint64_t hash = mr_key_hash(at, len, s->at + s->len);
	uint64_t bit = (uint64_t)1 << (hash >> 58);

	if (s->nkeys == KEYS)
		return false;
	if (l->seen & bit)
		for (uint32_t i = l->first; i < s->nkeys; i++)
			if (s->keys[i] == hash)
				return false;
	l->seen |= bit;
	s->keys[s->nkeys++] = hash;
	return true;
}

/*
 * The marks of one block, outside of strings: brackets and colons.
 * opens: where strings begin; last_open: where the last one before the block did.
 */
static bool
take_marks(struct pass *s, size_t base, uint64_t marks, uint64_t opens, size_t last_open)
{
	for (; marks; marks &= marks - 1) {
		size_t i = mr_lowest(marks), open, close;
		uint64_t before = opens & (((uint64_t)1 << i) - 1);
		char c = s->at[base + i];

		if (c == ':') {
			open = before ? base + mr_highest(before) : last_open;
			for (close = base + i - 1; s->at[close] != '"'; close--)
				if (close <= open)
					return false;
			if (close <= open || !take_key(s, s->at + open + 1, close - open - 1))
				return false;
		} else if (c == '{' || c == '[') {
			if (s->depth == MR_SCAN_DEPTH)
				return false;
			s->levels[++s->depth] = (struct level){0, s->nkeys};
		} else {
			if (s->depth == 0)
				return false;
			s->nkeys = s->levels[s->depth--].first;
		}
	}
	return true;
}

/* Copy what is not white space between tokens of the first n bytes. */
static void
copy_block(struct pass *s, const char *at, size_t n, uint64_t spaces)
{
	uint64_t keep = ~spaces;

	if (n == 64 && !spaces) {
		memcpy(s->out, at, 64);
		s->out += 64;
		return;
	}
	if (n < 64)
		keep &= ((uint64_t)1 << n) - 1;
	while (keep) {
		size_t from = mr_lowest(keep);
		uint64_t behind = ~(keep >> from);
		size_t len = behind ? mr_lowest(behind) : 64; /* zeros come in from above */

		memcpy(s->out, at + from, len);
		s->out += len;
		keep = from + len < 64 ? keep & (~(uint64_t)0 << (from + len)) : 0;
	}
}

/* Without the escapes that jq writes too. */
static uint64_t
respelled(const struct pass *s, size_t base, uint64_t odd)
{
	uint64_t left = 0;

	for (; odd; odd &= odd - 1) {
		size_t i = base + mr_lowest(odd);

		if (s->at[i] != '\\' || i + 1 >= s->len || s->at[i + 1] == 'u' ||
		    s->at[i + 1] == '/')
			left |= odd & -odd;
	}
	return left;
}

/*
 * Spell the string at `open` anew.  Of it, what is before `copied` is in the
 * output already.
 * Return: where it ends; 0: it is a key or has no end.
 */
static size_t
respell(struct pass *s, size_t open, size_t copied)
{
	size_t end = open + 1, behind;
	struct mr_val string = {s->at + open, 0, MR_STRING, true};

	while (end < s->len && s->at[end] != '"')
		end += s->at[end] == '\\' ? 2 : 1;
	if (end++ >= s->len)
		return 0;
	for (behind = end; behind < s->len && strchr(" \t\r\n", s->at[behind]); behind++)
		if (!s->at[behind])
			return 0;
	if (behind < s->len && s->at[behind] == ':')
		return 0;
	string.len = end - open;
	s->room.len = 0;
	mr_str_decode(&string, &s->room);
	s->buf->len = (size_t)(s->out - s->buf->at) - (copied - open);
	mr_str_write_jq(s->buf, s->room.at, s->room.len);
	mr_buf_grow(s->buf, s->len - end + 64);
	s->out = s->buf->at + s->buf->len;
	return end;
}

static bool
copy(struct pass *s)
{
	struct mr_strings strings = {0, false};
	size_t base = 0, last_open = 0, n, open;
	uint64_t inside, opens, odd;
	struct mr_block b;

	while (base < s->len) {
		n = s->len - base < 64 ? s->len - base : 64;
		b = mr_block_read(s->at + base, n);
		odd = 0;
		if (b.odd || strings.escaped) {
			mr_block_escapes(&b, s->at + base, &strings);
			odd = respelled(s, base, b.odd);
		}
		inside = mr_block_inside(b.quotes, &strings);
		opens = b.quotes & inside;
		open = last_open;
		if (odd) { /* the block ends where its string begins */
			uint64_t before = opens & (odd ^ (odd - 1));

			if (before)
				open = base + mr_highest(before);
			n = before ? open - base : 0;
			b.colons &= n ? ~(uint64_t)0 >> (64 - n) : 0;
		}
		if (!take_marks(s, base, b.colons & ~inside, opens, last_open))
			return false;
		copy_block(s, s->at + base, n, b.spaces & ~inside);
		if (odd) {
			strings = (struct mr_strings){0, false};
			if (!(base = respell(s, open, base + n)))
				return false;
		} else {
			if (opens)
				last_open = base + mr_highest(opens);
			base += n;
		}
	}
	return true;
}

bool
mr_copy_text(struct mr_buf *out, const char *at, size_t len)
{
	struct pass s;
	bool done;

	mr_buf_grow(out, len + 64);
	s.at = at;
	s.len = len;
	s.buf = out;
	s.room = (struct mr_buf)MR_BUF_INIT;
	s.out = out->at + out->len;
	s.nkeys = s.depth = 0;
	len = out->len;
	done = copy(&s);
	out->len = done ? (size_t)(s.out - out->at) : len;
	mr_buf_release(&s.room);
	return done;
}
