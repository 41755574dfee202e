/*
 * The entries of a map by key bytes.
 */
#ifndef MR_WINDOW_KEYED_H
#define MR_WINDOW_KEYED_H

#include <stdint.h>

#include "base/map.h"

struct mr_keyed {
	uint64_t prefix; /* of the key, for the sort */
	uint32_t number; /* of the entry: mr_map_at() */
};

/*
 * mr_map_count() of them, of a map that had no entry removed; free() the array.  Sorted in place, byte by
 * byte (McIlroy, Bostic, McIlroy, "Engineering Radix Sort", 1993, American
 * flag sort), eight bytes of the keys at a time.
 */
struct mr_keyed *mr_keyed_sorted(const struct mr_map *);

#endif
