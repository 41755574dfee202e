/*
 * What the bytes of JSON text are, 64 at a time, as sets of bits: bit i is
 * byte i.  For lib/jq/value alone.
 */
#ifndef MR_JQ_VALUE_MARKS_H
#define MR_JQ_VALUE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct mr_block {
	uint64_t quotes; /* " */
	uint64_t odd;    /* backslash and DEL */
	uint64_t colons; /* : and brackets */
	uint64_t commas; /* , */
	uint64_t spaces; /* what is not above a space */
};

#if defined(__SSE2__)

static inline __m128i
mr_is(__m128i x, char c)
{
	return _mm_cmpeq_epi8(x, _mm_set1_epi8(c));
}

static inline uint64_t
mr_bits(__m128i x)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(x);
}

static inline struct mr_block
mr_block_16(const char *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i low = _mm_or_si128(x, _mm_set1_epi8(0x20)); /* [ and { are one, ] and } */
	struct mr_block b;

	b.quotes = mr_bits(mr_is(x, '"'));
	b.odd = mr_bits(_mm_or_si128(mr_is(x, '\\'), mr_is(x, 0x7f)));
	b.colons = mr_bits(
	    _mm_or_si128(mr_is(x, ':'), _mm_or_si128(mr_is(low, '{'), mr_is(low, '}'))));
	b.commas = mr_bits(mr_is(x, ','));
	b.spaces = mr_bits(mr_is(_mm_max_epu8(x, _mm_set1_epi8(' ')), ' '));
	return b;
}

#define MR_BLOCK_STEP 16
#define MR_BLOCK_PART mr_block_16

#else

/* A bit for each byte of x that is c. */
static inline uint64_t
mr_is(uint64_t x, unsigned char c)
{
	x ^= MR_EACH(c);
	return ~(((x & MR_EACH(0x7f)) + MR_EACH(0x7f)) | x) & MR_EACH(0x80);
}

static inline uint64_t
mr_bits(uint64_t x)
{
	return (x >> 7) * 0x0102040810204080u >> 56;
}

static inline struct mr_block
mr_block_8(const char *at)
{
	uint64_t x = mr_load8(at), low = x | MR_EACH(0x20);
	struct mr_block b;

	b.quotes = mr_bits(mr_is(x, '"'));
	b.odd = mr_bits(mr_is(x, '\\') | mr_is(x, 0x7f));
	b.colons = mr_bits(mr_is(x, ':') | mr_is(low, '{') | mr_is(low, '}'));
	b.commas = mr_bits(mr_is(x, ','));
	b.spaces = mr_bits(~(((x & MR_EACH(0x7f)) + MR_EACH(0x5f)) | x) & MR_EACH(0x80));
	return b;
}

#define MR_BLOCK_STEP 8
#define MR_BLOCK_PART mr_block_8

#endif

/* The marks of 64 bytes, or of the n there are: no byte beyond is read. */
static inline struct mr_block
mr_block_read(const char *at, size_t n)
{
	struct mr_block b = {0, 0, 0, 0, 0};
	char room[64];

	if (n < sizeof room) {
		memset(room, ' ', sizeof room);
		memcpy(room, at, n);
		at = room;
	}
#pragma GCC unroll 8
	for (int i = 0; i < 64; i += MR_BLOCK_STEP) {
		struct mr_block part = MR_BLOCK_PART(at + i);

		b.quotes |= part.quotes << i;
		b.odd |= part.odd << i;
		b.colons |= part.colons << i;
		b.commas |= part.commas << i;
		b.spaces |= part.spaces << i;
	}
	return b;
}

/* From block to block. */
struct mr_strings {
	uint64_t inside; /* all ones: the next block begins inside a string */
	bool escaped;    /* its first byte is escaped */
};

/*
 * Leave the quotes that open or close a string, and of what is odd the
 * backslashes that begin an escape, and DEL.
 */
static inline void
mr_block_escapes(struct mr_block *b, const char *at, struct mr_strings *s)
{
	uint64_t escaped = s->escaped, left = b->odd & ~escaped, odd = 0;

	s->escaped = false;
	while (left) {
		uint64_t one = left & -left;

		odd |= one;
		left &= ~one;
		if (at[__builtin_ctzll(one)] != '\\')
			continue;
		escaped |= one << 1;
		left &= ~(one << 1);
		if (one >> 63)
			s->escaped = true;
	}
	b->odd = odd;
	b->quotes &= ~escaped;
}

/* The bytes of strings, opening quotes among them but not closing ones. */
static inline uint64_t
mr_block_inside(uint64_t quotes, struct mr_strings *s)
{
	uint64_t x = quotes;

	x ^= x << 1;
	x ^= x << 2;
	x ^= x << 4;
	x ^= x << 8;
	x ^= x << 16;
	x ^= x << 32;
	x ^= s->inside;
	s->inside = 0 - (x >> 63);
	return x;
}

/* Some hash of a key in text that ends at `end`: two that are equal have the same. */
static inline uint64_t
mr_key_hash(const char *at, size_t len, const char *end)
{
	uint64_t x = len * 0x9e3779b97f4a7c15u;
	char room[8] = {0};

	if (len < 8) {
		if (end - at < 8)
			at = memcpy(room, at, len);
		x ^= len ? mr_load8(at) << (64 - 8 * len) : 0;
	} else {
		const char *last = at + len - 8;

		for (; at < last; at += 8)
			x = (x ^ mr_load8(at)) * 0xff51afd7ed558ccdu;
		x ^= mr_load8(last);
	}
	x *= 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 29;
}

static inline size_t
mr_lowest(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits);
}

static inline size_t
mr_highest(uint64_t bits)
{
	return 63 - (size_t)__builtin_clzll(bits);
}

#endif
