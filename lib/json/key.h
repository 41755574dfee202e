/*
 * Keys of groups: one spelling for each value, so that equal values are one
 * group and the group is written the same on every run.
 *
 *   null, missing   null
 *   a string        decoded, then escaped as mr_str_write() does
 *   a number        its exact value: plain digits for 1e-6 <= |x| < 1e21,
 *                   else 1.5e+300, as ECMAScript lays them out; -0 is 0
 *   array, object   its bytes without the white space between tokens
 */
#ifndef MR_JSON_KEY_H
#define MR_JSON_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"

/* Stands between the values of a key; below every byte of a spelling. */
#define MR_KEY_SEPARATOR '\n'

/*
 * Append the spelling of a scanned value.  `room` is for decoding.
 * Return: 0, or -1 err set, MR_EX_DATA: an exponent of 18 digits or more.
 */
int mr_key_add(struct mr_buf *key, const struct mr_val *, struct mr_buf *room, struct mr_err *err);

/* By bytes: below 0, 0, above 0. */
int mr_key_cmp(const void *a, size_t alen, const void *b, size_t blen);

#endif
