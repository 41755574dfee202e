/*
 * kernel_neon - 64 bytes as four registers of 16, on 64-bit ARM.
 *
 * Comparisons give bytes; to make them bits, each keeps one bit by its place,
 * and neighbours are added up until 8 bytes are left.
 */
#if defined __aarch64__ && !defined __AARCH64EB__
#include <arm_neon.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/needle.h"
#include "json/shape.h"

typedef uint8x16x4_t block;

static inline uint64_t
bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
	const uint8x16_t one = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint8x16_t ab = vpaddq_u8(vandq_u8(a, one), vandq_u8(b, one));
	uint8x16_t cd = vpaddq_u8(vandq_u8(c, one), vandq_u8(d, one)), all = vpaddq_u8(ab, cd);

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

#define EACH_OF(b, do) bits(do((b).val[0]), do((b).val[1]), do((b).val[2]), do((b).val[3]))

static inline block
block_load(const unsigned char *p)
{
	return vld1q_u8_x4(p);
}

static inline uint64_t
block_eq(block b, char c)
{
	uint8x16_t x = vdupq_n_u8((uint8_t)c);

#define EQ(v) vceqq_u8(v, x)
	return EACH_OF(b, EQ);
#undef EQ
}

static inline uint64_t
block_control(block b)
{
	uint8x16_t x = vdupq_n_u8(0x20);

#define CONTROL(v) vcltq_u8(v, x)
	return EACH_OF(b, CONTROL);
#undef CONTROL
}

static inline uint64_t
block_high(block b)
{
	uint8x16_t x = vdupq_n_u8(0x80);

#define HIGH(v) vcgeq_u8(v, x)
	return EACH_OF(b, HIGH);
#undef HIGH
}

/* The smaller ones as signed numbers. */
static inline uint64_t
block_odd(block b)
{
	int8x16_t x = vdupq_n_s8(0x20);

#define ODD(v) vcltq_s8(vreinterpretq_s8_u8(v), x)
	return EACH_OF(b, ODD);
#undef ODD
}

/* By its low half each byte could be one of them, the bit that tells ] from } aside. */
static inline uint8x16_t
marks16(uint8x16_t x)
{
	const uint8x16_t could_be = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, '\n' | 0x20,
	    255, ',', '}', 255, 255};

	return vceqq_u8(vqtbl1q_u8(could_be, vandq_u8(x, vdupq_n_u8(15))),
	    vorrq_u8(x, vdupq_n_u8(0x20)));
}

static inline uint64_t
block_marks(block b)
{
	return EACH_OF(b, marks16);
}

static inline uint8x16_t
hex16(uint8x16_t x)
{
	uint8x16_t digit = vsubq_u8(x, vdupq_n_u8('0'));
	uint8x16_t letter = vsubq_u8(vorrq_u8(x, vdupq_n_u8(0x20)), vdupq_n_u8('a'));

	return vorrq_u8(vcleq_u8(digit, vdupq_n_u8(9)), vcleq_u8(letter, vdupq_n_u8(5)));
}

static inline uint64_t
block_hex(block b)
{
	return EACH_OF(b, hex16);
}

static inline uint64_t
block_fold_eq(block b, char c)
{
	uint8x16_t fold = vdupq_n_u8(0x20), x = vdupq_n_u8((uint8_t)c);

#define FOLD_EQ(v) vceqq_u8(vorrq_u8(v, fold), x)
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

static inline uint8x16_t
quotes_about(const unsigned char *p, const struct mr_needle *n)
{
	uint8x16_t first = vceqq_u8(vld1q_u8(p + 1), vdupq_n_u8(n->text[1]));

	return vandq_u8(first, vceqq_u8(vld1q_u8(p + 1 + n->len), vdupq_n_u8('"')));
}

static inline uint64_t
block_needles(const unsigned char *p, block b, const struct mr_needle *needle, size_t count)
{
	uint8x16_t at[4], quote = vdupq_n_u8('"');

	for (int k = 0; k < 4; k++) {
		at[k] = vdupq_n_u8(0);
		for (size_t i = 0; i < count; i++)
			at[k] = vorrq_u8(at[k], quotes_about(p + 16 * k, &needle[i]));
		at[k] = vandq_u8(at[k], vceqq_u8(b.val[k], quote));
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

/* 32 bits of two registers. */
static inline uint32_t
bits32(uint8x16_t a, uint8x16_t b)
{
	return (uint32_t)bits(a, b, a, b);
}

static inline bool
lit_match(const unsigned char *lit, uint32_t mask, const unsigned char *p)
{
	uint8x16_t lo = vceqq_u8(vld1q_u8(p), vld1q_u8(lit));

	return (mask & ~bits32(lo, vceqq_u8(vld1q_u8(p + 16), vld1q_u8(lit + 16)))) == 0;
}

static inline bool
quote_first(const unsigned char *p, size_t n)
{
	uint8x16_t quote = vdupq_n_u8('"');
	uint32_t at = bits32(vceqq_u8(vld1q_u8(p), quote), vceqq_u8(vld1q_u8(p + 16), quote));

	return n < 32 && at << (31 - n) == (uint32_t)1 << 31;
}

static inline unsigned
not_digits(const unsigned char *p)
{
	uint8x16_t d = vsubq_u8(vld1q_u8(p), vdupq_n_u8('0')), not = vcgtq_u8(d, vdupq_n_u8(9));

	return bits32(not, not ) & 0xffff;
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

typedef uint8x16_t vec;
#define vec_load(p) vld1q_u8(p)
#define vec_zero() vdupq_n_u8(0)
#define vec_byte(b) vdupq_n_u8(b)
#define vec_table(t) vld1q_u8(t)
#define vec_lookup(table, x) vqtbl1q_u8(table, x)
#define vec_low(x) vandq_u8(x, vec_byte(15))
#define vec_high(x) vshrq_n_u8(x, 4)
#define vec_and(a, b) vandq_u8(a, b)
#define vec_or(a, b) vorrq_u8(a, b)
#define vec_xor(a, b) veorq_u8(a, b)
#define vec_above(x, n) vqsubq_u8(x, vec_byte((n)-0x80))
#define vec_any(x) (vmaxvq_u8(x) != 0)

#include "json/utf8_body.h"
#include "json/rows_body.h"

static const char *
lacks(void)
{
	return NULL;
}

const struct mr_kernel mr_kernel_neon = {"neon", lacks, kernel_rows};
#endif
