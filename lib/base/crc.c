/*
 * crc - CRC-32C, a nibble at a time: it covers control lines, a few a second,
 * and a 64-byte table needs no set-up.
 */
#include "base/crc.h"

uint32_t
mr_crc32c(const void *at, size_t len)
{
	static const uint32_t nibble[16] = {
	    0x00000000,
	    0x105ec76f,
	    0x20bd8ede,
	    0x30e349b1,
	    0x417b1dbc,
	    0x5125dad3,
	    0x61c69362,
	    0x7198540d,
	    0x82f63b78,
	    0x92a8fc17,
	    0xa24bb5a6,
	    0xb21572c9,
	    0xc38d26c4,
	    0xd3d3e1ab,
	    0xe330a81a,
	    0xf36e6f75,
	};
	const unsigned char *p = at;
	uint32_t crc = 0xffffffff;

	while (len--) {
		crc ^= *p++;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return ~crc;
}
