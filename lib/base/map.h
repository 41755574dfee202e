/*
 * A hash map from byte strings to fixed-size values.
 *
 * Keys are hashed with XXH3 under a random seed, so that hostile keys cannot
 * make it slow; the order of iteration therefore means nothing: sort what is
 * shown.  Entries live in one array, the bytes of long keys in one arena: no malloc
 * an entry.
 */
#ifndef MR_BASE_MAP_H
#define MR_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mr_map;

struct mr_map *mr_map_new(size_t value_size);
void mr_map_free(struct mr_map *);
size_t mr_map_count(const struct mr_map *);
size_t mr_map_bytes(const struct mr_map *); /* memory held, about */

/* Value of a key or NULL.  Valid until the next put or clear. */
void *mr_map_get(const struct mr_map *, const void *key, size_t len);

/* Value of a key, made and zeroed when it is new.  Valid until the next put or clear. */
void *mr_map_put(struct mr_map *, const void *key, size_t len, bool *is_new);

/*
 * A key that will be asked for soon, of a map too large for the caches: expect
 * it some ten puts before, and soon some five, with what that gave; both only
 * begin to load.
 * Return: the hash; where the value probably is, or NULL: do not look at it.
 */
uint64_t mr_map_expect(const struct mr_map *, const void *key, size_t len);
void *mr_map_soon(const struct mr_map *, uint64_t hash);

/* Entry i of mr_map_count() in order of insertion; key valid until the next put or clear. */
void *mr_map_at(const struct mr_map *, size_t i, const void **key, size_t *len);

/*
 * Maps that forget: an entry has a number, which stays until it is removed and
 * may be given again then.  Of a map that had entries removed, the numbers
 * below mr_map_numbers() are entries or free: mr_map_at() gives NULL for these.
 */
size_t mr_map_number(const struct mr_map *, const void *value);
size_t mr_map_numbers(const struct mr_map *);
void mr_map_remove(struct mr_map *, size_t number);

void mr_map_clear(struct mr_map *); /* keeps the memory */

#endif
