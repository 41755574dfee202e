/*
 * The map beside a plain array: found, counted and listed in order of coming.
 */
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/map.h"
#include "unit.h"

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
	return unit_done();
}
