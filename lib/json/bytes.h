/*
 * Eight bytes at a time, and characters of UTF-8.
 */
#ifndef MR_JSON_BYTES_H
#define MR_JSON_BYTES_H

#include <stddef.h>
#include <stdint.h>

#define MR_EACH(b) (0x0101010101010101u * (b))

/* Eight bytes, the first one lowest, whatever the machine. */
static inline uint64_t
mr_load8(const void *at)
{
	uint64_t x;

	__builtin_memcpy(&x, at, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

static inline void
mr_store8(void *at, uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	__builtin_memcpy(at, &x, sizeof x);
}

/* The len bytes at `at`, 8 at most, the first the lowest; no other byte is read. */
static inline uint64_t
mr_load_few(const char *at, size_t len)
{
	uint64_t x = 0;
	uint32_t low, high;

	if (len == 8)
		return mr_load8(at);
	if (len < 4) {
		for (size_t i = len; i-- > 0;)
			x = x << 8 | (unsigned char)at[i];
		return x;
	}
	__builtin_memcpy(&low, at, 4);
	__builtin_memcpy(&high, at + len - 4, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low = __builtin_bswap32(low);
	high = __builtin_bswap32(high);
#endif
	return low | (uint64_t)high << (len - 4) * 8;
}

/* The high bit of the first (lowest) byte that is b is set, and of none before it. */
static inline uint64_t
mr_first_of(uint64_t x, unsigned char b)
{
	x ^= MR_EACH(b);
	return (x - MR_EACH(1)) & ~x & MR_EACH(0x80);
}

/* The place of the first byte whose high bit is set, when there is one. */
static inline size_t
mr_first_byte(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) >> 3;
}

/*
 * The bytes of a well-formed character that is not ASCII, 0 for a malformed
 * one: RFC 3629, without overlong forms, surrogates and what is beyond U+10FFFF.
 */
static inline size_t
mr_utf8_char(const unsigned char *p, const unsigned char *end)
{
	unsigned char lead = *p, low = 0x80, high = 0xbf;
	size_t n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - p) < n)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

#endif
