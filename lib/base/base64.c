/*
 * base64 - three bytes to four letters and back.
 */
#include <stdint.h>
#include <string.h>

#include "base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
mr_base64_write(struct mr_buf *out, const void *at, size_t len)
{
	const unsigned char *p = at;

	for (; len;) {
		size_t n = len < 3 ? len : 3;
		uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) |
		    (n > 2 ? p[2] : 0);
		char four[4] = {letters[v >> 18], letters[v >> 12 & 63],
		    n > 1 ? letters[v >> 6 & 63] : '=', n > 2 ? letters[v & 63] : '='};

		mr_buf_add(out, four, 4);
		p += n;
		len -= n;
	}
}

int
mr_base64_read(struct mr_buf *out, const char *at, size_t len)
{
	size_t start = out->len;
	size_t pad = 0;

	if (len % 4)
		return -1;
	while (pad < 2 && pad < len && at[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t n = i + 4 == len ? 3 - pad : 3;
		uint32_t v = 0;
		unsigned char three[3];

		for (size_t j = 0; j < 4; j++) {
			const char *l = j > n ? letters : memchr(letters, at[i + j], 64);

			if (!l)
				goto bad;
			v = v << 6 | (uint32_t)(l - letters);
		}
		if (n < 3 && (v & (n == 2 ? 0xffu : 0xffffu)))
			goto bad; /* bits that no encoder sets */
		three[0] = (unsigned char)(v >> 16);
		three[1] = (unsigned char)(v >> 8);
		three[2] = (unsigned char)v;
		mr_buf_add(out, three, n);
	}
	return 0;
bad:
	out->len = start;
	return -1;
}
