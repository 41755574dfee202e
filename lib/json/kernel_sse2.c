/*
 * kernel_sse2 - 64 bytes as four registers of 16; what every x86-64 has.
 *
 * There is no lookup in a table of 16 bytes: UTF-8 goes character by character.
 */
#if defined __x86_64__
#include <emmintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/bytes.h"
#include "json/needle.h"
#include "json/shape.h"

typedef struct {
	__m128i at[4];
} block;

static inline __m128i
load16(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

static inline uint64_t
bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(a) |
	    (uint64_t)(unsigned)_mm_movemask_epi8(b) << 16 |
	    (uint64_t)(unsigned)_mm_movemask_epi8(c) << 32 |
	    (uint64_t)(unsigned)_mm_movemask_epi8(d) << 48;
}

#define EACH_OF(b, do) bits(do((b).at[0]), do((b).at[1]), do((b).at[2]), do((b).at[3]))

static inline block
block_load(const unsigned char *p)
{
	return (block){{load16(p), load16(p + 16), load16(p + 32), load16(p + 48)}};
}

static inline uint64_t
block_eq(block b, char c)
{
	__m128i x = _mm_set1_epi8(c);

#define EQ(v) _mm_cmpeq_epi8(v, x)
	return EACH_OF(b, EQ);
#undef EQ
}

static inline uint64_t
block_control(block b)
{
	__m128i x = _mm_set1_epi8(0x1f);

#define CONTROL(v) _mm_cmpeq_epi8(_mm_min_epu8(v, x), v)
	return EACH_OF(b, CONTROL);
#undef CONTROL
}

static inline uint64_t
block_high(block b)
{
	return EACH_OF(b, );
}

/* The smaller ones as signed numbers. */
static inline uint64_t
block_odd(block b)
{
	__m128i x = _mm_set1_epi8(0x20);

#define ODD(v) _mm_cmplt_epi8(v, x)
	return EACH_OF(b, ODD);
#undef ODD
}

static inline __m128i
marks16(__m128i x)
{
	__m128i closer = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('}'));
	__m128i comma = _mm_cmpeq_epi8(x, _mm_set1_epi8(','));

	return _mm_or_si128(_mm_or_si128(closer, comma), _mm_cmpeq_epi8(x, _mm_set1_epi8('\n')));
}

static inline uint64_t
block_marks(block b)
{
	return EACH_OF(b, marks16);
}

static inline __m128i
hex16(__m128i x)
{
	__m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));

	return _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit),
	    _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter));
}

static inline uint64_t
block_hex(block b)
{
	return EACH_OF(b, hex16);
}

static inline uint64_t
block_fold_eq(block b, char c)
{
	__m128i fold = _mm_set1_epi8(0x20), x = _mm_set1_epi8(c);

#define FOLD_EQ(v) _mm_cmpeq_epi8(_mm_or_si128(v, fold), x)
	return EACH_OF(b, FOLD_EQ);
#undef FOLD_EQ
}

#define block_opener(b) block_fold_eq(b, '{')
#define block_closer(b) block_fold_eq(b, '}')

static inline bool
block_has_unicode(const unsigned char *p, block b)
{
	uint64_t slash = block_eq(b, '\\');

	return slash && (slash & block_eq(block_load(p + 1), 'u'));
}

static inline __m128i
quotes_about(const unsigned char *p, const struct mr_needle *n)
{
	__m128i first = _mm_cmpeq_epi8(load16(p + 1), _mm_set1_epi8((char)n->text[1]));

	return _mm_and_si128(first, _mm_cmpeq_epi8(load16(p + 1 + n->len), _mm_set1_epi8('"')));
}

static inline uint64_t
block_needles(const unsigned char *p, block b, const struct mr_needle *needle, size_t count)
{
	__m128i at[4], quote = _mm_set1_epi8('"');

	for (int k = 0; k < 4; k++) {
		at[k] = _mm_setzero_si128();
		for (size_t i = 0; i < count; i++)
			at[k] = _mm_or_si128(at[k], quotes_about(p + 16 * k, &needle[i]));
		at[k] = _mm_and_si128(at[k], _mm_cmpeq_epi8(b.at[k], quote));
	}
	return bits(at[0], at[1], at[2], at[3]);
}

static inline uint64_t
prefix_xor(uint64_t m)
{
	for (int by = 1; by < 64; by *= 2)
		m ^= m << by;
	return m;
}

static inline bool
lit_match(const unsigned char *lit, uint32_t mask, const unsigned char *p)
{
	uint32_t same = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load16(p), load16(lit)));

	same |= (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load16(p + 16), load16(lit + 16))) << 16;
	return (mask & ~same) == 0;
}

static inline bool
quote_first(const unsigned char *p, size_t n)
{
	__m128i quote = _mm_set1_epi8('"');
	uint32_t at = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load16(p), quote));

	at |= (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load16(p + 16), quote)) << 16;
	return n < 32 && at << (31 - n) == (uint32_t)1 << 31;
}

static inline unsigned
not_digits(const unsigned char *p)
{
	__m128i d = _mm_sub_epi8(load16(p), _mm_set1_epi8('0'));

	return ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
}

/* The place of the lowest bit; of no bit, any. */
static inline unsigned
low_bit(uint64_t m)
{
	return (unsigned)__builtin_ctzll(m | (uint64_t)1 << 63);
}

static inline size_t
put_marks(uint16_t *at, unsigned from, uint64_t m)
{
	volatile uint16_t *to = at; /* or compilers would gather them in a vector first */
	unsigned n = (unsigned)__builtin_popcountll(m);

#define PUT(i) (to[i] = (uint16_t)(from + low_bit(m)), m &= m - 1)
	PUT(0), PUT(1), PUT(2), PUT(3), PUT(4), PUT(5), PUT(6), PUT(7);
	if (__builtin_expect(n > 8, 0))
		for (unsigned i = 8; i < n; i++)
			PUT(i);
#undef PUT
	return n;
}

/* Could p[0..end-1], less than its lead byte asks for, become a character? */
static bool
could_become(const unsigned char *p, const unsigned char *end)
{
	if (*p < 0xc2 || *p > 0xf4)
		return false;
	while (++p < end)
		if ((*p & 0xc0) != 0x80)
			return false;
	return true;
}

/* Characters that begin in the block, and one that began before it. */
__attribute__((noinline)) static bool
block_utf8(const unsigned char *p, bool first)
{
	const unsigned char *end = p + 64, *from = p;

	for (int back = 1; !first && back <= 3 && p[-back] >= 0x80; back++)
		if (p[-back] >= 0xc0) {
			from = p - back;
			break;
		}
	while (from < end) {
		size_t n = *from < 0x80 ? 1 : *from < 0xe0 ? 2 : *from < 0xf0 ? 3 : 4;

		if ((size_t)(end - from) < n)
			return could_become(from, end); /* the next block sees to it */
		if (n > 1 && !(n = mr_utf8_char(from, end)))
			return false;
		from += n;
	}
	return true;
}

#include "json/rows_body.h"

static const char *
lacks(void)
{
	return NULL;
}

const struct mr_kernel mr_kernel_sse2 = {"sse2", lacks, kernel_rows};
#endif
