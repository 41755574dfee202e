/*
 * simdjson - the yardstick: the filters of the benchmark, written with simdjson.
 *
 * Usage: simdjson ondemand|dom rides|gh|short FILE [IMPLEMENTATION]
 * Prints `SECONDS CPU_SECONDS PASSED IMPLEMENTATION`, of the scan alone: the file is in memory
 * before the clock starts, which millrace's tools pay for in theirs.
 *
 * ondemand  iterate() over each line, and a copy of the lines that pass.  Of a
 *           line it reads as far as the wanted fields, so that most of its
 *           grammar stays unseen: what `--check none` is compared with.
 *           iterate_many() would save the search for the ends of lines, but is
 *           slower here: 0.7 to 0.9 GB/s over the rides, against 3.
 * dom       parse_many() in batches of 1 MB: grammar and UTF-8 in full.  It only counts.
 *           Its second thread is off: one core is what is compared.
 *
 * IMPLEMENTATION (haswell, icelake, ...) forces one.  DOM and the first pass of
 * On-Demand dispatch to it at run time; the rest of On-Demand is fixed when this
 * file is compiled (-march), and a mismatch is refused.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include <simdjson.h>

using namespace simdjson;

#define WORD(name) #name
#define NAME_OF(macro) WORD(macro)
/* builtin_implementation() says what Debian's library was compiled for; this, what this file was. */
static const char compiled[] = NAME_OF(SIMDJSON_BUILTIN_IMPLEMENTATION);

static double
seconds(clockid_t clock)
{
	timespec t;

	clock_gettime(clock, &t);
	return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

enum shape { RIDES, GH, SHORT };

/* The same text for both interfaces: fields in any order, missing ones are false. */
template <typename Event>
static bool
passes(shape shape, Event &event)
{
	std::string_view word;
	double number;

	switch (shape) {
	case RIDES:
		return !event["status"].get(word) && word == "completed" &&
		    !event["fare"].get(number) && number > 10;
	case GH:
		return !event["type"].get(word) && word == "PushEvent" &&
		    !event["payload"]["size"].get(number) && number > 3;
	default:
		return !event["e"].get(word) && word == "click" && !event["v"].get(number) &&
		    number > 10;
	}
}

static size_t
ondemand_lines(const padded_string &text, shape shape)
{
	enum { ROOM = 1 << 18 };
	static char out[ROOM + (1 << 24)];
	const char *at = text.data(), *end = at + text.size();
	ondemand::parser parser;
	size_t passed = 0, len = 0;

	while (at < end) {
		const char *lf = static_cast<const char *>(memchr(at, '\n', size_t(end - at)));
		size_t line = size_t((lf ? lf : end) - at);
		ondemand::document doc;
		ondemand::object event;

		if (!parser.iterate(at, line, size_t(end - at) + SIMDJSON_PADDING).get(doc) &&
		    !doc.get_object().get(event) && passes(shape, event)) {
			if (len > ROOM)
				len = 0;
			memcpy(out + len, at, line + 1);
			len += line + 1;
			passed++;
		}
		at += line + 1;
	}
	return passed;
}

static size_t
dom_documents(const padded_string &text, shape shape)
{
	dom::parser parser;
	dom::document_stream documents;
	size_t passed = 0;

#ifdef SIMDJSON_THREADS_ENABLED
	parser.threaded = false;
#endif
	if (parser.parse_many(text.data(), text.size(), 1 << 20).get(documents)) {
		fprintf(stderr, "simdjson: cannot parse\n");
		exit(3);
	}
	for (auto event : documents) {
		if (event.error()) {
			fprintf(stderr, "simdjson: %s\n", error_message(event.error()));
			exit(3);
		}
		passed += passes(shape, event);
	}
	return passed;
}

int
main(int argc, char **argv)
{
	if (argc < 4 || argc > 5) {
		fprintf(stderr,
		    "usage: simdjson ondemand|dom rides|gh|short FILE [IMPLEMENTATION]\n");
		return 2;
	}
	std::string_view how = argv[1], name = argv[2];
	shape shape = name == "rides" ? RIDES : name == "gh" ? GH : SHORT;
	if (argc == 5) {
		auto wanted = get_available_implementations()[argv[4]];
		if (!wanted || !wanted->supported_by_runtime_system() ||
		    (how == "ondemand" && strcmp(compiled, argv[4]) != 0)) {
			fprintf(stderr, "simdjson: no implementation '%s' here\n", argv[4]);
			return 2;
		}
		get_active_implementation() = wanted;
	}
	padded_string text;
	if (padded_string::load(argv[3]).get(text)) {
		fprintf(stderr, "simdjson: cannot read '%s'\n", argv[3]);
		return 4;
	}
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	size_t passed = how == "dom" ? dom_documents(text, shape) : ondemand_lines(text, shape);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%.6f %.6f %zu %s\n", wall, cpu, passed,
	    how == "dom" ? get_active_implementation()->name().c_str() : compiled);
	return 0;
}
