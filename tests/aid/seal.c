/*
 * seal - make control lines: put the checksum behind each line.
 *
 * Usage: seal
 * A line `{"$mr":"...","t":"wm","ts":1,"idle":0` comes out with
 * `,"c":"<crc>"}` behind it; a line that does not begin with `{"$mr":"`, or has
 * a checksum already, passes as it is.  The CRC-32C here is written apart from
 * the library's, bit by bit, because it is there to judge it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t
crc32c(const char *at, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

static int
wants_one(const char *line, size_t len)
{
	static const char prefix[] = "{\"$mr\":\"", mark[] = ",\"c\":\"";
	size_t tail = sizeof mark - 1 + 10; /* 8 digits, a quote, a brace */

	return len > tail && memcmp(line, prefix, sizeof prefix - 1) == 0 &&
	       memcmp(line + len - tail, mark, sizeof mark - 1) != 0;
}

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		fwrite(line, 1, (size_t)len, stdout);
		if (wants_one(line, (size_t)len))
			printf(",\"c\":\"%08x\"}", crc32c(line, (size_t)len));
		putchar('\n');
	}
	free(line);
	return fflush(stdout) != 0;
}
