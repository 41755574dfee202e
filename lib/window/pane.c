/*
 * pane - the aggregates of a group, one behind the other.
 */
#include "window/pane.h"

void
mr_pane_add(const struct mr_spec *spec, void *pane, size_t *held)
{
	for (size_t i = 0; i < spec->nagg; i++) {
		const struct mr_spec_agg *agg = &spec->agg[i];

		if (agg->takes)
			agg->type->add((char *)pane + agg->at, &agg->in, held);
	}
}

void
mr_pane_merge(const struct mr_spec *spec, void *into, const void *from, size_t *held)
{
	for (size_t i = 0; i < spec->nagg; i++) {
		const struct mr_spec_agg *agg = &spec->agg[i];

		agg->type->merge((char *)into + agg->at, (const char *)from + agg->at, &agg->arg,
		    held);
	}
}

void
mr_pane_release(const struct mr_spec *spec, void *pane, size_t *held)
{
	for (size_t i = 0; i < spec->nagg; i++) {
		const struct mr_spec_agg *agg = &spec->agg[i];

		if (agg->type->release)
			agg->type->release((char *)pane + agg->at, held);
	}
}
