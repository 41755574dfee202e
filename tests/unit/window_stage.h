/*
 * A stage for a window operator under test, without a loop around it.
 */
#ifndef WINDOW_STAGE_H
#define WINDOW_STAGE_H

#include "window/window.h"

/* Not live unless live_stage() says so: the clock means nothing. */
static inline struct mr_stage *
fresh_stage(struct mr_stage *stage)
{
	static char file[] = "a file";
	static char *const files[] = {file};

	*stage = (struct mr_stage){.files = files, .nfiles = 1};
	return stage;
}

/* Watermarks come in with the stream. */
static inline void
stage_is_given(struct mr_stage *stage)
{
	stage->hello.there = stage->hello.wm = true;
}

#endif
