/*
 * events - made-up events to measure filters with, one JSON object a line.
 *
 * Usage: events rides|gh|short|panes BYTES [SEED], or events --version
 * rides  about 250 B, flat, 13 or 14 fields: a tenth lacks `tip`, 1 % has its
 *        fields in another order, 3 % are not ASCII, 1 % has escapes
 * gh     about 1.9 KB (1-3), nested like GitHub's public events: half are
 *        pushes with their commits, and four in five lines are not ASCII
 * short  about 60 B, 5 fields
 * panes  about 240 B: keys of 10 to a million values in k10 to k1000000, and times of which a
 *        million events fill an hour in t1, ten in t10, a hundred in t100
 *
 * The same arguments give the same bytes on every machine: no floating point,
 * and random numbers of our own.  VERSION goes up when they change.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, LONGEST = 8192, ROOM = 1 << 18 };

struct events {
	uint64_t state; /* of the random numbers */
	uint64_t made;  /* events so far */
	size_t len;
	char buf[ROOM + LONGEST];
};

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof *(list)))

/* splitmix64 */
static uint64_t
bits(struct events *e)
{
	uint64_t z = e->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned
below(struct events *e, unsigned n)
{
	return (unsigned)(((bits(e) >> 32) * n) >> 32);
}

static bool
percent(struct events *e, unsigned share)
{
	return below(e, 100) < share;
}

static void
put(struct events *e, const char *text)
{
	size_t len = strlen(text);

	memcpy(e->buf + e->len, text, len);
	e->len += len;
}

static void
put_digits(struct events *e, uint64_t n, int digits)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		e->buf[e->len + (size_t)i] = (char)('0' + n % 10);
	e->len += (size_t)digits;
}

static void
put_number(struct events *e, uint64_t n)
{
	int digits = 1;

	for (uint64_t rest = n; rest >= 10; rest /= 10)
		digits++;
	put_digits(e, n, digits);
}

/* n of the unit 10^-digits: 1234 with 2 digits is 12.34. */
static void
put_fixed(struct events *e, unsigned n, int digits)
{
	unsigned unit = 1;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	put_number(e, n / unit);
	put(e, ".");
	put_digits(e, n % unit, digits);
}

static void
put_hex(struct events *e, int digits)
{
	uint64_t n = 0;

	for (int i = 0; i < digits; i++, n >>= 4) {
		if (i % 16 == 0)
			n = bits(e);
		e->buf[e->len++] = "0123456789abcdef"[n & 15];
	}
}

/* Of a month that has as many days as it needs, up to 28. */
static void
put_time(struct events *e, uint64_t ms)
{
	put(e, "2026-03-");
	put_digits(e, ms / 86400000 % 28 + 1, 2);
	put(e, "T");
	put_digits(e, ms / 3600000 % 24, 2);
	put(e, ":");
	put_digits(e, ms / 60000 % 60, 2);
	put(e, ":");
	put_digits(e, ms / 1000 % 60, 2);
	put(e, ".");
	put_digits(e, ms % 1000, 3);
	put(e, "Z");
}

static const char *const districts[] = {"Airport", "Altstadt", "Bahnhof", "Brook", "Castle",
    "Docks", "East", "Fields", "Garden", "Hammer", "Harbour", "Island", "Kings", "Lake", "Market",
    "Meadow", "Mill", "North", "Old Town", "Park", "River", "South", "Temple", "West"};
static const char *const corners[] = {"Central Station, exit B", "Museum", "Grand Hotel",
    "Stadium, gate 4", "Opera", "Main Street 12", "University", "St. Mary's Hospital", "Ferry pier",
    "City Hall", "Zoo", "Botanical Gardens"};
static const char *const accents[] = {"Café Noir, Rue de l’Est", "Königsplatz", "Señor Tango",
    "東京ホテル"};
static const char *const quoted[] = {"Pier \\\"7\\\"", "Gate A\\/B", "Caf\\u00e9 Rouge"};
static const char *const payments[] = {"card", "cash", "app", "voucher"};

static const char *
draw_corner(struct events *e)
{
	unsigned draw = below(e, 100);

	return draw < 3 ? accents[below(e, COUNT(accents))] :
	    draw < 4    ? quoted[below(e, COUNT(quoted))] :
			  corners[below(e, COUNT(corners))];
}

static void
put_status(struct events *e)
{
	unsigned draw = below(e, 10);

	put(e, "\"status\":\"");
	put(e,
	    draw < 7     ? "completed" :
		draw < 8 ? "cancelled" :
		draw < 9 ? "in_progress" :
			   "requested");
	put(e, "\"");
}

static void
put_fare(struct events *e)
{
	put(e, "\"fare\":");
	put_fixed(e, 300 + below(e, 4700), 2);
}

static void
put_ride_id(struct events *e)
{
	put(e, "\"ride_id\":\"");
	put_hex(e, 8);
	put(e, "-");
	put_hex(e, 4);
	put(e, "-");
	put_hex(e, 4);
	put(e, "\"");
}

static void
put_driver(struct events *e)
{
	put(e, "\"driver\":\"");
	for (int i = 0; i < 3; i++)
		e->buf[e->len++] = (char)('A' + below(e, 26));
	put_digits(e, below(e, 100000), 5);
	put(e, "\"");
}

static void
put_zone(struct events *e)
{
	put(e, "\"zone\":\"");
	put(e, districts[below(e, COUNT(districts))]);
	put(e, " ");
	put_number(e, 1 + below(e, 11));
	put(e, "\"");
}

static void
put_ride(struct events *e)
{
	bool other = percent(e, 1);

	put(e, "{\"ts\":\"");
	put_time(e, e->made * 3 + below(e, 2000));
	put(e, "\",");
	put_ride_id(e);
	put(e, ",");
	if (other) {
		put_fare(e);
		put(e, ",");
		put_status(e);
		put(e, ",");
	}
	put_driver(e);
	put(e, ",");
	put_zone(e);
	if (!other) {
		put(e, ",");
		put_status(e);
		put(e, ",");
		put_fare(e);
	}
	if (!percent(e, 10)) {
		put(e, ",\"tip\":");
		put_fixed(e, below(e, 1500), 2);
	}
	put(e, ",\"km\":");
	put_fixed(e, below(e, 4000), 2);
	put(e, ",\"passengers\":");
	put_number(e, 1 + below(e, 5));
	put(e, ",\"payment\":\"");
	put(e, payments[below(e, COUNT(payments))]);
	put(e, "\",\"pickup\":\"");
	put(e, draw_corner(e));
	put(e, percent(e, 75) ? "\",\"surge\":null" : "\",\"surge\":1.5");
	put(e, ",\"lat\":52.");
	put_digits(e, below(e, 1000000), 6);
	put(e, ",\"lon\":13.");
	put_digits(e, below(e, 1000000), 6);
	put(e, "}\n");
}

static const char *const types[] = {"WatchEvent", "CreateEvent", "IssuesEvent", "ForkEvent",
    "PullRequestEvent"};
static const char *const plain_words[] = {"fix", "the", "build", "in", "parser", "when", "using",
    "release", "branch", "update", "deps", "add", "test", "for", "refactor", "module", "status",
    "revert", "Signed-off-by:", "type", "\\\"quoted\\\"", "\\n\\n", "size", "payload"};
static const char *const other_words[] = {"naïve", "größer", "détails", "→", "“smart”", "修正",
    "🎉"};

static void
put_words(struct events *e, unsigned count, bool ascii)
{
	for (unsigned i = 0; i < count; i++) {
		put(e, i ? " " : "");
		put(e,
		    !ascii && percent(e, 8) ? other_words[below(e, COUNT(other_words))] :
					      plain_words[below(e, COUNT(plain_words))]);
	}
}

static void
put_user(struct events *e, unsigned id)
{
	put(e, "{\"id\":");
	put_number(e, id);
	put(e, ",\"login\":\"user");
	put_number(e, id);
	put(e, "\",\"display_login\":\"user");
	put_number(e, id);
	put(e, "\",\"gravatar_id\":\"\",\"url\":\"https://api.github.com/users/user");
	put_number(e, id);
	put(e, "\",\"avatar_url\":\"https://avatars.githubusercontent.com/u/");
	put_number(e, id);
	put(e, "?\"}");
}

static void
put_repo_name(struct events *e, unsigned repo)
{
	put(e, "org");
	put_number(e, repo % 9999);
	put(e, "/repo-");
	put_number(e, repo);
}

static void
put_commit(struct events *e, unsigned user, unsigned repo, bool ascii)
{
	put(e, "{\"sha\":\"");
	put_hex(e, 40);
	put(e, "\",\"author\":{\"email\":\"user");
	put_number(e, user);
	put(e, "@users.noreply.github.com\",\"name\":\"");
	put(e, ascii ? "User " : "Jürgen Ångström ");
	put_number(e, user);
	put(e, "\"},\"message\":\"");
	put_words(e, 4 + below(e, 20), ascii);
	put(e, percent(e, 87) ? "\",\"distinct\":true" : "\",\"distinct\":false");
	put(e, ",\"url\":\"https://api.github.com/repos/");
	put_repo_name(e, repo);
	put(e, "/commits/");
	put_hex(e, 40);
	put(e, "\"}");
}

static void
put_push(struct events *e, unsigned user, unsigned repo, bool ascii)
{
	unsigned commits = 1 + below(e, 6);

	put(e, "{\"repository_id\":");
	put_number(e, repo);
	put(e, ",\"push_id\":");
	put_number(e, UINT64_C(20000000000) + e->made);
	put(e, ",\"size\":");
	put_number(e, commits);
	put(e, ",\"distinct_size\":");
	put_number(e, commits);
	put(e, ",\"ref\":\"refs/heads/main\",\"head\":\"");
	put_hex(e, 40);
	put(e, "\",\"before\":\"");
	put_hex(e, 40);
	put(e, "\",\"commits\":[");
	for (unsigned i = 0; i < commits; i++) {
		put(e, i ? "," : "");
		put_commit(e, user, repo, ascii);
	}
	put(e, "]}");
}

static void
put_issue(struct events *e, unsigned user, unsigned repo, bool ascii)
{
	unsigned labels = below(e, 4);

	put(e, "{\"action\":\"opened\",\"issue\":{\"url\":\"https://api.github.com/repos/");
	put_repo_name(e, repo);
	put(e, "/issues/");
	put_number(e, 1 + below(e, 9999));
	put(e, "\",\"id\":");
	put_number(e, 1500000000 + below(e, 900000000));
	put(e, ",\"title\":\"");
	put_words(e, 3 + below(e, 8), ascii);
	put(e, "\",\"user\":");
	put_user(e, user);
	put(e, ",\"labels\":[");
	for (unsigned i = 0; i < labels; i++) {
		put(e, i ? ",{\"name\":\"" : "{\"name\":\"");
		put_words(e, 1, true);
		put(e, "\",\"color\":\"");
		put_hex(e, 6);
		put(e, "\",\"default\":false}");
	}
	put(e,
	    "],\"state\":\"open\",\"locked\":false,\"assignee\":null,\"milestone\":null,\"comments\":");
	put_number(e, below(e, 30));
	put(e, ",\"body\":\"");
	put(e, ascii ? "" : "Ça: ");
	put_words(e, 20 + below(e, 150), ascii);
	put(e, "\"}}");
}

static void
put_gh(struct events *e)
{
	unsigned user = below(e, 1000000), repo = below(e, 5000000);
	bool push = percent(e, 50), ascii = percent(e, 20);

	put(e, "{\"id\":\"");
	put_number(e, UINT64_C(40000000000) + e->made);
	put(e, "\",\"type\":\"");
	put(e, push ? "PushEvent" : types[below(e, COUNT(types))]);
	put(e, "\",\"actor\":");
	put_user(e, user);
	put(e, ",\"repo\":{\"id\":");
	put_number(e, repo);
	put(e, ",\"name\":\"");
	put_repo_name(e, repo);
	put(e, "\",\"url\":\"https://api.github.com/repos/");
	put_repo_name(e, repo);
	put(e, "\"},\"payload\":");
	(push ? put_push : put_issue)(e, user, repo, ascii);
	put(e, ",\"public\":true,\"created_at\":\"");
	put_time(e, e->made * 20 + below(e, 1000));
	put(e, "\"");
	if (percent(e, 33)) {
		put(e, ",\"org\":{\"id\":");
		put_number(e, repo % 9999);
		put(e, ",\"login\":\"org");
		put_number(e, repo % 9999);
		put(e, "\",\"url\":\"https://api.github.com/orgs/org");
		put_number(e, repo % 9999);
		put(e, "\"}");
	}
	put(e, "}\n");
}

static const char *const clicks[] = {"click", "click", "click", "view", "view", "scroll", "buy",
    "leave"};

static void
put_short(struct events *e)
{
	put(e, "{\"t\":");
	put_number(e, UINT64_C(1772323200000) + e->made + below(e, 500));
	put(e, ",\"u\":");
	put_number(e, 10000 + below(e, 90000));
	put(e, ",\"e\":\"");
	put(e, clicks[below(e, COUNT(clicks))]);
	put(e, "\",\"v\":");
	put_fixed(e, below(e, 300), 1);
	put(e, ",\"k\":\"p");
	put_number(e, 100 + below(e, 900));
	put(e, "\"}\n");
}

/* The same line whatever is grouped by: what differs between runs is the windows. */
static void
put_panes(struct events *e)
{
	unsigned late = below(e, 2000);

	for (unsigned hours = 1; hours <= 100; hours *= 10) {
		put(e, hours == 1 ? "{\"t" : ",\"t");
		put_number(e, hours);
		put(e, "\":\"");
		put_time(e, e->made * 36 * hours / 10 + late);
		put(e, "\"");
	}
	for (unsigned keys = 10; keys <= 1000000; keys *= 10) {
		put(e, ",\"k");
		put_number(e, keys);
		put(e, "\":\"key");
		put_digits(e, below(e, keys), 6);
		put(e, "\"");
	}
	put(e, ",\"v\":");
	put_fixed(e, below(e, 100000), 2);
	put(e, "}\n");
}

static const struct kind {
	const char *name;
	void (*event)(struct events *);
} kinds[] = {{"rides", put_ride}, {"gh", put_gh}, {"short", put_short}, {"panes", put_panes}};

/* Whole lines, as many as begin before `bytes`. */
static int
write_all(struct events *e, const struct kind *kind, uint64_t bytes)
{
	uint64_t done = 0;

	while (done + e->len < bytes) {
		kind->event(e);
		e->made++;
		if (e->len >= ROOM || done + e->len >= bytes) {
			if (fwrite(e->buf, 1, e->len, stdout) != e->len)
				return -1;
			done += e->len;
			e->len = 0;
		}
	}
	return fflush(stdout) == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	static struct events e;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("%d\n", VERSION);
		return 0;
	}
	for (unsigned i = 0; argc >= 3 && argc <= 4 && i < COUNT(kinds); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		e.state = strtoull(argc > 3 ? argv[3] : "1", NULL, 10) *
		    UINT64_C(0xd1342543de82ef95);
		if (write_all(&e, &kinds[i], strtoull(argv[2], NULL, 10)) < 0) {
			perror("events");
			return 4;
		}
		return 0;
	}
	fprintf(stderr, "usage: events rides|gh|short|panes BYTES [SEED]\n");
	return 2;
}
