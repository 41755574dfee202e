/*
 * The wanted keys as needles, to be looked for in lines that are known to be
 * valid.  For lib/json alone.
 *
 * In a valid line the text `"fare":`, its first quote not escaped, is a key and
 * nothing else, wherever it stands.  What it is the key of is told by counting
 * the braces outside of strings before it.  So no more of a line is read with
 * care than what is before its last wanted key, and only if there are braces.
 * A key may also be written with escapes or with space before the colon: a
 * string with \u in it, or a needle without its colon, that a colon or space
 * follows is noticed, and the line is left to the exact walker.  Other escapes
 * stand for bytes that no key has for which there is a needle.
 */
#ifndef MR_JSON_NEEDLE_H
#define MR_JSON_NEEDLE_H

#include "json/path.h"

enum {
	MR_NEEDLES = 8,      /* different keys; with more the machine of shape.h does better */
	MR_NEEDLE_KEY = 29,  /* longest key */
	MR_NEEDLE_STEPS = 8, /* longest path */
	MR_NEEDLE_USES = 16, /* places of the keys in the tree of paths */
};

struct mr_needle {
	unsigned char text[32]; /* `"key":`, zeros behind it */
	uint32_t mask;          /* bit i: text[i] counts */
	uint32_t first;         /* four times the first byte of the key */
	unsigned bit;           /* 1 << its place among them */
	unsigned char len;      /* of the key */
	int slot; /* when it is a key of the line's own object and no more is wanted */
};

struct mr_needles {
	struct mr_needle needle[MR_NEEDLES];
	size_t count;
	struct {
		unsigned char needle;
		const struct mr_path_node *parent, *node;
	} use[MR_NEEDLE_USES];
	size_t uses;
	bool flat;   /* that is so for all */
	size_t rest; /* so many chunks are left to the machine */
};

/* NULL: these paths cannot be found by needles. */
struct mr_needles *mr_needles_new(const struct mr_scan *);

#endif
