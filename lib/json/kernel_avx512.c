/*
 * kernel_avx512 - 64 bytes as one register, masks without detour.
 *
 * It asks for VBMI2 (Ice Lake, Zen 4): earlier processors slow down for wide
 * registers, and are served better by AVX2.
 */
#if defined __x86_64__
#ifdef __clang__
#pragma clang attribute push( \
    __attribute__((target( \
	"avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt,pclmul"))), \
    apply_to = function)
#else
#pragma GCC target( \
    "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt,pclmul")
#endif
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/needle.h"
#include "json/shape.h"

typedef __m512i block;

static inline __m256i
load32(const void *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

static inline block
block_load(const unsigned char *p)
{
	return _mm512_loadu_si512(p);
}

static inline uint64_t
block_eq(block b, char c)
{
	return _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(c));
}

static inline uint64_t
block_control(block b)
{
	return _mm512_cmplt_epu8_mask(b, _mm512_set1_epi8(0x20));
}

static inline uint64_t
block_high(block b)
{
	return _mm512_movepi8_mask(b);
}

/* The smaller ones as signed numbers. */
static inline uint64_t
block_odd(block b)
{
	return _mm512_cmplt_epi8_mask(b, _mm512_set1_epi8(0x20));
}

/* By its low half each byte could be one of them, the bit that tells ] from } aside. */
static inline uint64_t
block_marks(block b)
{
	const char o = -1;
	__m128i could_be = _mm_setr_epi8(o, o, o, o, o, o, o, o, o, o, '\n' | 0x20, o, ',', '}', o,
	    o);

	return _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(_mm512_broadcast_i32x4(could_be), b),
	    _mm512_or_si512(b, _mm512_set1_epi8(0x20)));
}

static inline uint64_t
block_hex(block b)
{
	__m512i digit = _mm512_sub_epi8(b, _mm512_set1_epi8('0'));
	__m512i letter = _mm512_sub_epi8(_mm512_or_si512(b, _mm512_set1_epi8(0x20)),
	    _mm512_set1_epi8('a'));

	return _mm512_cmple_epu8_mask(digit, _mm512_set1_epi8(9)) |
	    _mm512_cmple_epu8_mask(letter, _mm512_set1_epi8(5));
}

static inline uint64_t
block_fold_eq(block b, char c)
{
	return _mm512_cmpeq_epi8_mask(_mm512_or_si512(b, _mm512_set1_epi8(0x20)),
	    _mm512_set1_epi8(c));
}

#define block_opener(b) block_fold_eq(b, '{')
#define block_closer(b) block_fold_eq(b, '}')

static inline bool
block_has_unicode(const unsigned char *p, block b)
{
	return _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\\')),
		   block_load(p + 1), _mm512_set1_epi8('u')) != 0;
}

/*
 * What differs from each needle, of which the least is 0 where one is: only
 * one of the ports of the processor compares, two of them do this.
 */
static inline uint64_t
block_needles(const unsigned char *p, block b, const struct mr_needle *needle, size_t count)
{
	__m512i quote = _mm512_set1_epi8('"'), least = _mm512_set1_epi8(-1);

	for (size_t i = 0; i < count; i++) {
		const struct mr_needle *n = &needle[i];
		__m512i x = _mm512_xor_si512(_mm512_loadu_si512(p + 1),
		    _mm512_set1_epi32((int)n->first));

		/* x | (what is behind the key ^ quote) */
		x = _mm512_ternarylogic_epi32(x, _mm512_loadu_si512(p + 1 + n->len), quote, 0xf6);
		least = _mm512_min_epu8(least, x);
	}
	least = _mm512_or_si512(least, _mm512_xor_si512(b, quote));
	return _mm512_testn_epi8_mask(least, least);
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

/* Squeeze the places of the bits together, and write those of 32 at once. */
static inline size_t
put_marks(uint16_t *at, unsigned from, uint64_t m)
{
	const __m512i places = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51,
	    50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29,
	    28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6,
	    5, 4, 3, 2, 1, 0);
	__m512i x = _mm512_maskz_compress_epi8(m, places), base = _mm512_set1_epi16((short)from);
	size_t n = (size_t)_mm_popcnt_u64(m);

	_mm512_storeu_si512(at,
	    _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(x))));
	if (__builtin_expect(n > 32, 0))
		_mm512_storeu_si512(at + 32,
		    _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(x, 1))));
	return n;
}

typedef __m512i vec;
#define vec_load(p) _mm512_loadu_si512(p)
#define vec_zero() _mm512_setzero_si512()
#define vec_byte(b) _mm512_set1_epi8((char)(b))
#define vec_table(t) _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(t)))
#define vec_lookup(table, x) _mm512_shuffle_epi8(table, x)
#define vec_low(x) _mm512_and_si512(x, vec_byte(15))
#define vec_high(x) vec_low(_mm512_srli_epi16(x, 4))
#define vec_and(a, b) _mm512_and_si512(a, b)
#define vec_or(a, b) _mm512_or_si512(a, b)
#define vec_xor(a, b) _mm512_xor_si512(a, b)
#define vec_above(x, n) _mm512_subs_epu8(x, vec_byte((n)-0x80))
#define vec_any(x) (_mm512_test_epi8_mask(x, x) != 0)

#include "json/utf8_body.h"
#include "json/rows_body.h"

static const char *
lacks(void)
{
	if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
	    !__builtin_cpu_supports("avx512vbmi2") || !__builtin_cpu_supports("bmi2") ||
	    !__builtin_cpu_supports("pclmul"))
		return "this processor has no AVX-512 with VBMI2";
	return NULL;
}

const struct mr_kernel mr_kernel_avx512 = {"avx512", lacks, kernel_rows};

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
