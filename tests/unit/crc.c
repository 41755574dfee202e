/* CRC-32C: the vectors of RFC 3720 B.4, and a second implementation bit by bit. */
#include <stdlib.h>

#include "base/crc.h"
#include "unit.h"

static uint32_t
bitwise(const unsigned char *at, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

static void
check_value(void)
{
	CHECK_INT(mr_crc32c("123456789", 9), 0xe3069283);
	CHECK_INT(mr_crc32c("", 0), 0);
	CHECK_INT(mr_crc32c("a", 1), 0xc1d04330);
}

static void
rfc_3720_vectors(void)
{
	unsigned char at[32];

	memset(at, 0, sizeof at);
	CHECK_INT(mr_crc32c(at, sizeof at), 0x8a9136aa);
	memset(at, 0xff, sizeof at);
	CHECK_INT(mr_crc32c(at, sizeof at), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		at[i] = (unsigned char)i;
	CHECK_INT(mr_crc32c(at, sizeof at), 0x46dd794e);
	for (unsigned i = 0; i < 32; i++)
		at[i] = (unsigned char)(31 - i);
	CHECK_INT(mr_crc32c(at, sizeof at), 0x113fdb5c);
}

static void
random_bytes(void)
{
	unsigned char at[300];
	unsigned seed = 20261121;

	for (int round = 0; round < 2000; round++) {
		size_t len = (size_t)(rand_r(&seed) % (int)sizeof at);

		for (size_t i = 0; i < len; i++)
			at[i] = (unsigned char)(rand_r(&seed) >> 7);
		if (mr_crc32c(at, len) != bitwise(at, len)) {
			printf("# round %d of seed 20261121\n", round);
			unit_fail(__FILE__, __LINE__, "the two agree");
			return;
		}
	}
}

static void
one_bit_changes_it(void)
{
	char line[] = "{\"$mr\":\"0123456789abcdef0123456789abcdef\",\"t\":\"end\"";
	size_t len = sizeof line - 1;
	uint32_t was = mr_crc32c(line, len);

	for (size_t i = 0; i < len * 8; i++) {
		line[i / 8] = (char)(line[i / 8] ^ 1 << i % 8);
		CHECK(mr_crc32c(line, len) != was);
		line[i / 8] = (char)(line[i / 8] ^ 1 << i % 8);
	}
}

int
main(void)
{
	RUN(check_value);
	RUN(rfc_3720_vectors);
	RUN(random_bytes);
	RUN(one_bit_changes_it);
	return unit_done();
}
