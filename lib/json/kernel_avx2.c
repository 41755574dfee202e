/*
 * kernel_avx2 - 64 bytes as two registers of 32.
 */
#if defined __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,pclmul"))), \
    apply_to = function)
#else
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt,pclmul")
#endif
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/needle.h"
#include "json/shape.h"

typedef struct {
	__m256i lo, hi;
} block;

static inline __m256i
load32(const void *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

static inline uint64_t
bits(__m256i lo, __m256i hi)
{
	return (uint32_t)_mm256_movemask_epi8(lo) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

static inline block
block_load(const unsigned char *p)
{
	return (block){load32(p), load32(p + 32)};
}

static inline uint64_t
block_eq(block b, char c)
{
	__m256i x = _mm256_set1_epi8(c);

	return bits(_mm256_cmpeq_epi8(b.lo, x), _mm256_cmpeq_epi8(b.hi, x));
}

static inline uint64_t
block_control(block b)
{
	__m256i x = _mm256_set1_epi8(0x1f);

	return bits(_mm256_cmpeq_epi8(_mm256_min_epu8(b.lo, x), b.lo),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(b.hi, x), b.hi));
}

static inline uint64_t
block_high(block b)
{
	return bits(b.lo, b.hi);
}

/* The smaller ones as signed numbers. */
static inline uint64_t
block_odd(block b)
{
	__m256i x = _mm256_set1_epi8(0x20);

	return bits(_mm256_cmpgt_epi8(x, b.lo), _mm256_cmpgt_epi8(x, b.hi));
}

/* By its low half each byte could be one of them, the bit that tells ] from } aside. */
static inline __m256i
marks32(__m256i x)
{
	const char o = -1;
	__m256i could_be = _mm256_setr_epi8(o, o, o, o, o, o, o, o, o, o, '\n' | 0x20, o, ',', '}',
	    o, o, o, o, o, o, o, o, o, o, o, o, '\n' | 0x20, o, ',', '}', o, o);

	return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(could_be, x),
	    _mm256_or_si256(x, _mm256_set1_epi8(0x20)));
}

static inline uint64_t
block_marks(block b)
{
	return bits(marks32(b.lo), marks32(b.hi));
}

static inline __m256i
hex32(__m256i x)
{
	__m256i digit = _mm256_sub_epi8(x, _mm256_set1_epi8('0'));
	__m256i letter = _mm256_sub_epi8(_mm256_or_si256(x, _mm256_set1_epi8(0x20)),
	    _mm256_set1_epi8('a'));

	return _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)),
				   digit),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)), letter));
}

static inline uint64_t
block_hex(block b)
{
	return bits(hex32(b.lo), hex32(b.hi));
}

static inline uint64_t
block_fold_eq(block b, char c)
{
	__m256i fold = _mm256_set1_epi8(0x20), x = _mm256_set1_epi8(c);

	return bits(_mm256_cmpeq_epi8(_mm256_or_si256(b.lo, fold), x),
	    _mm256_cmpeq_epi8(_mm256_or_si256(b.hi, fold), x));
}

#define block_opener(b) block_fold_eq(b, '{')
#define block_closer(b) block_fold_eq(b, '}')

static inline bool
block_has_unicode(const unsigned char *p, block b)
{
	__m256i slash = _mm256_set1_epi8('\\'), u = _mm256_set1_epi8('u');
	__m256i lo = _mm256_and_si256(_mm256_cmpeq_epi8(b.lo, slash),
	    _mm256_cmpeq_epi8(load32(p + 1), u));
	__m256i hi = _mm256_and_si256(_mm256_cmpeq_epi8(b.hi, slash),
	    _mm256_cmpeq_epi8(load32(p + 33), u));
	__m256i both = _mm256_or_si256(lo, hi);

	return !_mm256_testz_si256(both, both);
}

static inline __m256i
quotes_about(const unsigned char *p, const struct mr_needle *n)
{
	__m256i first = _mm256_cmpeq_epi8(load32(p + 1), _mm256_set1_epi32((int)n->first));

	return _mm256_and_si256(first,
	    _mm256_cmpeq_epi8(load32(p + 1 + n->len), _mm256_set1_epi8('"')));
}

static inline uint64_t
block_needles(const unsigned char *p, block b, const struct mr_needle *needle, size_t count)
{
	__m256i lo = _mm256_setzero_si256(), hi = lo, quote = _mm256_set1_epi8('"');

	for (size_t i = 0; i < count; i++) {
		lo = _mm256_or_si256(lo, quotes_about(p, &needle[i]));
		hi = _mm256_or_si256(hi, quotes_about(p + 32, &needle[i]));
	}
	return bits(_mm256_and_si256(lo, _mm256_cmpeq_epi8(b.lo, quote)),
	    _mm256_and_si256(hi, _mm256_cmpeq_epi8(b.hi, quote)));
}

static inline uint64_t
prefix_xor(uint64_t m)
{
	__m128i x = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)m), _mm_set1_epi8(-1), 0);

	return (uint64_t)_mm_cvtsi128_si64(x);
}

static inline bool
lit_match(const unsigned char *lit, uint32_t mask, const unsigned char *p)
{
	__m256i same = _mm256_cmpeq_epi8(load32(p), load32(lit));

	return (mask & ~(uint32_t)_mm256_movemask_epi8(same)) == 0;
}

static inline bool
quote_first(const unsigned char *p, size_t n)
{
	__m256i quotes = _mm256_cmpeq_epi8(load32(p), _mm256_set1_epi8('"'));

	return _tzcnt_u32((uint32_t)_mm256_movemask_epi8(quotes)) == n && n < 32;
}

static inline unsigned
not_digits(const unsigned char *p)
{
	__m128i d = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8('0'));

	return ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
}

/* The place of the lowest bit; of no bit, any. */
static inline unsigned
low_bit(uint64_t m)
{
	return (unsigned)_tzcnt_u64(m);
}

static inline size_t
put_marks(uint16_t *at, unsigned from, uint64_t m)
{
	volatile uint16_t *to = at; /* or compilers would gather them in a vector first */
	unsigned n = (unsigned)_mm_popcnt_u64(m);

#define PUT(i) (to[i] = (uint16_t)(from + low_bit(m)), m &= m - 1)
	PUT(0), PUT(1), PUT(2), PUT(3), PUT(4), PUT(5), PUT(6), PUT(7);
#undef PUT
	if (__builtin_expect(n > 8, 0))
		for (unsigned i = 8; i < n; i++, m &= m - 1)
			to[i] = (uint16_t)(from + low_bit(m));
	return n;
}

typedef __m256i vec;
#define vec_load(p) load32(p)
#define vec_zero() _mm256_setzero_si256()
#define vec_byte(b) _mm256_set1_epi8((char)(b))
#define vec_table(t) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(t)))
#define vec_lookup(table, x) _mm256_shuffle_epi8(table, x)
#define vec_low(x) _mm256_and_si256(x, vec_byte(15))
#define vec_high(x) vec_low(_mm256_srli_epi16(x, 4))
#define vec_and(a, b) _mm256_and_si256(a, b)
#define vec_or(a, b) _mm256_or_si256(a, b)
#define vec_xor(a, b) _mm256_xor_si256(a, b)
#define vec_above(x, n) _mm256_subs_epu8(x, vec_byte((n)-0x80))
#define vec_any(x) !_mm256_testz_si256(x, x)

#include "json/utf8_body.h"
#include "json/rows_body.h"

static const char *
lacks(void)
{
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") ||
	    !__builtin_cpu_supports("pclmul"))
		return "this processor has no AVX2";
	return NULL;
}

const struct mr_kernel mr_kernel_avx2 = {"avx2", lacks, kernel_rows};

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
