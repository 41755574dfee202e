/*
 * The map beside a plain array: found, counted and listed in order of coming.
 */
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/map.h"
#include "unit.h"
#include "json/key.h"
#include "window/keyed.h"

static uint64_t seed;

static unsigned
roll(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((seed >> 33) % n);
}

static void
empty(void)
{
	struct mr_map *m = mr_map_new(8);

	CHECK_INT(mr_map_count(m), 0);
	CHECK(mr_map_bytes(m) > 0);
	CHECK(!mr_map_get(m, "", 0));
	CHECK(!mr_map_get(m, "a", 1));
	mr_map_clear(m);
	CHECK_INT(mr_map_count(m), 0);
	mr_map_free(m);
	mr_map_free(NULL);
}

static void
keys_are_bytes(void)
{
	static const struct {
		const char *at;
		size_t len;
	} keys[] = {{"", 0}, {"\0", 1}, {"\0\0", 2}, {"a", 1}, {"a\0", 2}, {"a\0b", 3}, {"A", 1}, {"aa", 2}, {"\xff", 1}};
	const size_t n = sizeof keys / sizeof *keys;
	struct mr_map *m = mr_map_new(sizeof(int));
	const void *key;
	size_t len;
	bool is_new;

	for (size_t i = 0; i < n; i++) {
		int *value = mr_map_put(m, keys[i].at, keys[i].len, &is_new);

		CHECK(is_new && *value == 0);
		*value = (int)i + 1;
	}
	CHECK_INT(mr_map_count(m), n);
	for (size_t i = 0; i < n; i++) {
		int *value = mr_map_put(m, keys[i].at, keys[i].len, &is_new);

		CHECK(!is_new);
		CHECK_INT(*value, i + 1);
		CHECK(mr_map_get(m, keys[i].at, keys[i].len) == value);
		CHECK(mr_map_at(m, i, &key, &len) == value);
		CHECK(key && len == keys[i].len && memcmp(key, keys[i].at, len) == 0);
	}
	mr_map_free(m);
}

static void
sizes_of_values(void)
{
	for (size_t size = 0; size <= 100; size += size < 20 ? 1 : 16) {
		struct mr_map *m = mr_map_new(size);
		bool is_new;

		for (unsigned i = 0; i < 500; i++) {
			unsigned char *value = mr_map_put(m, &i, sizeof i, &is_new);

			CHECK(is_new && value && (uintptr_t)value % _Alignof(max_align_t) == 0);
			for (size_t k = 0; k < size; k++)
				CHECK(value[k] == 0);
			memset(value, (int)(i & 0xff), size);
		}
		for (unsigned i = 0; i < 500; i++) {
			unsigned char *value = mr_map_get(m, &i, sizeof i);

			CHECK(value);
			for (size_t k = 0; value && k < size; k++)
				CHECK(value[k] == (i & 0xff));
		}
		mr_map_free(m);
	}
}

/* Beside an array, also after clear, when old values must not show through. */
static void
beside_an_array(void)
{
	enum { KEYS = 20000 };
	static int64_t want[KEYS];
	struct mr_map *m = mr_map_new(sizeof(int64_t));
	char key[64];
	size_t len;
	bool is_new;

	for (int round = 0; round < 3; round++) {
		size_t count = 0;

		memset(want, 0, sizeof want);
		mr_map_clear(m);
		for (int i = 0; i < 60000; i++) {
			unsigned k = roll(KEYS);
			int64_t *value;

			len = (size_t)snprintf(key, sizeof key, "%0*u", (int)(k % 40), k);
			value = mr_map_put(m, key, len, &is_new);
			if (is_new != !want[k] || *value != want[k])
				CHECK_INT(*value, want[k]);
			*value = want[k] = i + 1;
			count += is_new;
		}
		CHECK_INT(mr_map_count(m), count);
		for (unsigned k = 0; k < KEYS; k++) {
			int64_t *value;

			len = (size_t)snprintf(key, sizeof key, "%0*u", (int)(k % 40), k);
			value = mr_map_get(m, key, len);
			if (want[k] ? !value || *value != want[k] : value != NULL)
				CHECK_INT(k, -1);
		}
	}
	mr_map_free(m);
}

static void
order_of_insertion(void)
{
	struct mr_map *m = mr_map_new(0);
	const void *key;
	size_t len, bytes = 0;
	bool is_new;

	for (unsigned i = 0; i < 10000; i++) {
		unsigned k = i * 2654435761u;

		mr_map_put(m, &k, sizeof k, &is_new);
		if (mr_map_bytes(m) < bytes)
			unit_fail(__FILE__, __LINE__, "memory shrinks");
		bytes = mr_map_bytes(m);
	}
	for (unsigned i = 0; i < 10000; i++) {
		unsigned k = i * 2654435761u;

		mr_map_at(m, i, &key, &len);
		if (len != sizeof k || memcmp(key, &k, len) != 0)
			CHECK_INT(i, -1);
	}
	CHECK(bytes < 10000 * 100);
	mr_map_free(m);
}

static void
clear_keeps_the_memory(void)
{
	struct mr_map *m = mr_map_new(16);
	size_t bytes = 0;
	bool is_new;

	for (int round = 0; round < 50; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			unsigned k = i + 1000 * (unsigned)round;

			mr_map_put(m, &k, sizeof k, &is_new);
			CHECK(is_new);
		}
		CHECK_INT(mr_map_count(m), 1000);
		if (round)
			CHECK_INT(mr_map_bytes(m), bytes);
		bytes = mr_map_bytes(m);
		mr_map_clear(m);
		CHECK_INT(mr_map_bytes(m), bytes);
	}
	mr_map_free(m);
}

/* Keys of all lengths, put and removed beside an array; what is left is found by key and by number. */
static void
what_is_removed_is_gone(void)
{
	enum { KEYS = 3000 };
	static int64_t want[KEYS];
	static size_t number[KEYS];
	struct mr_map *m = mr_map_new(sizeof(int64_t));
	size_t count = 0, most = 0;
	bool is_new;

	memset(want, 0, sizeof want);
	for (int i = 0; i < 300000; i++) {
		/* now more come, now more go */
		bool puts = roll(100) < ((i / 20000) % 2 ? 25u : 75u);
		unsigned k = roll(KEYS);
		char key[300];
		size_t len = (size_t)snprintf(key, sizeof key, "%0*u", (int)(k % 5 ? k % 16 : k % 290), k);
		int64_t *value = mr_map_get(m, key, len);

		if (want[k] ? !value || *value != want[k] || mr_map_number(m, value) != number[k] :
			      value != NULL) {
			CHECK_INT(k, -1);
			break;
		}
		if (puts) {
			value = mr_map_put(m, key, len, &is_new);
			if (is_new != !want[k] || *value != want[k])
				CHECK_INT(*value, want[k]);
			*value = want[k] = i + 1;
			number[k] = mr_map_number(m, value);
			count += is_new;
		} else if (want[k]) {
			mr_map_remove(m, number[k]);
			want[k] = 0;
			count--;
		}
		most = count > most ? count : most;
		if (mr_map_count(m) != count)
			CHECK_INT(mr_map_count(m), count);
	}
	CHECK(mr_map_numbers(m) <= most);	/* numbers are given again */
	CHECK(mr_map_bytes(m) < 2000000);	/* and the bytes of keys */
	for (size_t i = 0; i < mr_map_numbers(m); i++) {
		const void *key;
		size_t len;
		const int64_t *value = mr_map_at(m, i, &key, &len);

		if (!value)
			continue;
		count--;
		CHECK(mr_map_get(m, key, len) == value);
	}
	CHECK_INT(count, 0);
	mr_map_clear(m);
	CHECK_INT(mr_map_numbers(m), 0);
	CHECK(!mr_map_get(m, "1", 1));
	mr_map_put(m, "1", 1, &is_new);
	CHECK(is_new);
	CHECK_INT(mr_map_numbers(m), 1);
	mr_map_free(m);
}

/* The keys of a map come in the order of their bytes. */
static void
check_sorted(const struct mr_map *m)
{
	struct mr_keyed *at = mr_keyed_sorted(m);
	size_t n = mr_map_count(m), len, before_len = 0;
	const void *key, *before = "";
	char *seen = calloc(n + 1, 1);

	for (size_t i = 0; i < n; i++) {
		CHECK(at[i].number < n && !seen[at[i].number]++);
		mr_map_at(m, at[i].number, &key, &len);
		if (i && mr_key_cmp(before, before_len, key, len) >= 0)
			CHECK_INT(i, -1);
		before = key;
		before_len = len;
	}
	free(seen);
	free(at);
}

static void
keys_are_sorted(void)
{
	for (int round = 0; round < 200; round++) {
		struct mr_map *m = mr_map_new(8);
		size_t n = round % 20 ? roll(300) : 20000, shared = roll(4) ? roll(20) : roll(200);
		unsigned letters = 1 + roll(3);
		bool is_new;

		for (size_t i = 0; i < n; i++) {
			char key[512];
			size_t len = roll(8) ? shared : roll((unsigned)shared + 1);

			memset(key, 'x', len);
			for (unsigned more = roll(24); more; more--)
				key[len++] = (char)("\x01" "a\xff" [roll(letters)]);
			mr_map_put(m, key, len, &is_new);
		}
		check_sorted(m);
		mr_map_free(m);
	}
}

/* Data does not choose how deep the sort calls itself. */
static void
long_keys_that_are_alike_are_sorted(void)
{
	enum { LEN = 200000 };
	struct mr_map *m = mr_map_new(8);
	char *key = malloc(LEN + 16);
	bool is_new;

	memset(key, 'x', LEN + 16);
	mr_map_put(m, "a", 1, &is_new);
	for (int i = 0; i < 100; i++) {
		int len = snprintf(key + LEN, 16, "%d", i);

		mr_map_put(m, key, LEN + (size_t)len, &is_new);
		mr_map_put(m, key, (size_t)i * 8 + 1, &is_new);
	}
	check_sorted(m);
	mr_map_free(m);
	free(key);
}

int
main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
	printf("# seed %llu\n", (unsigned long long)seed);
	RUN(empty);
	RUN(keys_are_bytes);
	RUN(sizes_of_values);
	RUN(beside_an_array);
	RUN(order_of_insertion);
	RUN(clear_keeps_the_memory);
	RUN(what_is_removed_is_gone);
	RUN(keys_are_sorted);
	RUN(long_keys_that_are_alike_are_sorted);
	return unit_done();
}
