/* Growing buffers. */
#include <stdlib.h>

#include "base/buf.h"
#include "unit.h"

static void
starts_empty(void)
{
	struct mr_buf b = MR_BUF_INIT;

	CHECK(b.at == NULL && b.len == 0 && b.cap == 0);
	mr_buf_add(&b, "", 0);
	CHECK_INT(b.len, 0);
	CHECK_STR(mr_buf_str(&b), "");
	CHECK_INT(b.len, 0);
	mr_buf_release(&b);
	CHECK(b.at == NULL && b.len == 0 && b.cap == 0);
	mr_buf_release(&b); /* twice is harmless */
}

static void
adds(void)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_buf_adds(&b, "one");
	mr_buf_addc(&b, ' ');
	mr_buf_add(&b, "two\0three", 9);
	CHECK_INT(b.len, 13);
	CHECK(memcmp(b.at, "one two\0three", 13) == 0);
	mr_buf_str(&b);
	CHECK_INT(b.len, 13);
	CHECK_INT(b.at[13], 0);
	mr_buf_release(&b);
}

static void
string_at_exact_capacity(void)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_buf_addc(&b, 'x');
	while (b.len < b.cap)
		mr_buf_addc(&b, 'x');
	CHECK_INT(strlen(mr_buf_str(&b)), b.len);
	mr_buf_release(&b);
}

static void
grow_makes_room_and_keeps_bytes(void)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_buf_adds(&b, "kept");
	for (size_t more = 1; more < (size_t)1 << 22; more = more * 3 + 1) {
		mr_buf_grow(&b, more);
		CHECK(b.cap - b.len >= more);
		CHECK_INT(b.len, 4);
	}
	CHECK(memcmp(b.at, "kept", 4) == 0);
	mr_buf_grow(&b, 0);
	CHECK_INT(b.len, 4);
	mr_buf_release(&b);
}

static void
printf_of_any_length(void)
{
	struct mr_buf b = MR_BUF_INIT;
	char word[1001];

	memset(word, 'w', 1000);
	word[1000] = '\0';
	mr_buf_printf(&b, "%s", "");
	CHECK_INT(b.len, 0);
	for (int i = 0; i < 50; i++)
		mr_buf_printf(&b, "%d:%.*s;", i, i * 20, word);
	CHECK(memcmp(b.at, "0:;1:wwwwwwwwwwwwwwwwwwww;2:", 28) == 0);
	CHECK_INT(b.len, 50 * 2 + 10 + 40 * 2 + 20 * (49 * 50 / 2));
	CHECK_INT(b.at[b.len - 1], ';');
	mr_buf_release(&b);
}

static void
many_bytes_in_order(void)
{
	struct mr_buf b = MR_BUF_INIT;
	size_t n = 300000;

	for (size_t i = 0; i < n; i++)
		mr_buf_addc(&b, (char)(i % 251));
	CHECK_INT(b.len, n);
	for (size_t i = 0; i < n; i++)
		if (b.at[i] != (char)(i % 251)) {
			unit_fail(__FILE__, __LINE__, "the byte is the one that was added");
			break;
		}
	b.len = 0; /* emptied by its holder: the room stays */
	mr_buf_adds(&b, "again");
	CHECK_STR(mr_buf_str(&b), "again");
	mr_buf_release(&b);
}

int
main(void)
{
	RUN(starts_empty);
	RUN(adds);
	RUN(string_at_exact_capacity);
	RUN(grow_makes_room_and_keeps_bytes);
	RUN(printf_of_any_length);
	RUN(many_bytes_in_order);
	return unit_done();
}
