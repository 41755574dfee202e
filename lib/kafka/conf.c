/*
 * conf - options, files and environment to librdkafka properties.
 *
 * Secrets are not taken from the command line, where every user of the
 * machine can read them: a property that is one must come from a file or
 * the environment.
 */
#include <ctype.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kafka/conf.h"
#include "time/duration.h"

#define FILE_MAX ((size_t)1 << 20)

static void
say_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	(void)level;
	mr_say("librdkafka: %s: %s", facility, text);
}

/* librdkafka would write to standard error by itself, and repeat what we say in words. */
static void
drop_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	(void)level;
	(void)facility;
	(void)text;
}

void
mr_kconf_init(struct mr_kconf *k)
{
	*k = (struct mr_kconf){.rd = rd_kafka_conf_new(), .retry_ms = 5 * 60 * 1000};
}

void
mr_kconf_release(struct mr_kconf *k)
{
	if (k->rd)
		rd_kafka_conf_destroy(k->rd);
	free(k->files);
	free(k->sets);
	*k = (struct mr_kconf){.rd = NULL};
}

static void
append(const char ***list, size_t *n, const char *arg)
{
	*list = mr_xrealloc(*list, (*n + 1) * sizeof **list);
	(*list)[(*n)++] = arg;
}

static int
take_retry(struct mr_kconf *k, const char *arg, struct mr_err *err)
{
	k->retry_ms = -1;
	if (strcmp(arg, "inf") == 0)
		return 1;
	if (mr_duration_parse(arg, &k->retry_ms, err) < 0)
		return mr_err_prefix(err, "--retry-for");
	return 1;
}

int
mr_kconf_take(struct mr_kconf *k, int c, const char *arg, struct mr_err *err)
{
	switch (c) {
	case 'b': k->brokers = arg; return 1;
	case 'd': k->debug = arg; return 1;
	case 'F': append(&k->files, &k->nfiles, arg); return 1;
	case 'q': k->quiet = true; return 1;
	case 'v': k->verbose++; return 1;
	case 'X': append(&k->sets, &k->nsets, arg); return 1;
	case MR_KCONF_RETRY: return take_retry(k, arg, err);
	default: return 0;
	}
}

static int
set(struct mr_kconf *k, const char *name, const char *value, struct mr_err *err)
{
	char why[512];

	if (strncmp(name, "topic.", 6) == 0 && strncmp(name, "topic.metadata.", 15) != 0 &&
	    strncmp(name, "topic.blacklist", 15) != 0)
		name += 6; /* kcat's prefix for properties of topics */
	if (rd_kafka_conf_set(k->rd, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
		return 0;
	return mr_err_set(err, MR_EX_USAGE, "property '%s': %s", name, why);
}

int
mr_kconf_default(struct mr_kconf *k, const char *name, const char *value, struct mr_err *err)
{
	return set(k, name, value, err);
}

bool
mr_kconf_try(struct mr_kconf *k, const char *name, const char *value)
{
	char why[256];

	return rd_kafka_conf_set(k->rd, name, value, why, sizeof why) == RD_KAFKA_CONF_OK;
}

/* The text of a file without its last newlines. */
static int
read_file(const char *path, struct mr_buf *text, struct mr_err *err)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return mr_err_set(err, MR_EX_USAGE, "cannot open '%s': %s", path, strerror(errno));
	do {
		mr_buf_grow(text, 4096);
		n = fread(text->at + text->len, 1, 4096, f);
		text->len += n;
	} while (n > 0 && text->len < FILE_MAX);
	if (ferror(f) || n > 0) {
		mr_err_set(err, MR_EX_USAGE, "cannot read '%s': %s", path,
		    n > 0 ? "it is larger than 1M" : strerror(errno));
		fclose(f);
		return -1;
	}
	fclose(f);
	while (text->len && (text->at[text->len - 1] == '\n' || text->at[text->len - 1] == '\r'))
		text->len--;
	return 0;
}

static char *
trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s + strspn(s, " \t");
}

static int
set_line(struct mr_kconf *k, char *line, struct mr_err *err)
{
	char *value;

	line = trim(line);
	if (*line == '\0' || *line == '#')
		return 0;
	if (!(value = strchr(line, '=')))
		return mr_err_set(err, MR_EX_USAGE, "'%s' is not name=value", line);
	*value++ = '\0';
	return set(k, trim(line), trim(value), err);
}

static int
set_file(struct mr_kconf *k, const char *path, struct mr_err *err)
{
	struct mr_buf text = MR_BUF_INIT;
	char *line, *next;
	int no = 0, r;

	r = read_file(path, &text, err);
	mr_buf_addc(&text, '\0');
	for (line = text.at; r == 0 && line; line = next) {
		no++;
		if ((next = strchr(line, '\n')))
			*next++ = '\0';
		if ((r = set_line(k, line, err)) < 0)
			mr_err_prefix(err, "%s:%d", path, no);
	}
	mr_buf_release(&text);
	return r;
}

static bool
is_secret(const char *name)
{
	static const char *const names[] = {"sasl.password", "ssl.key.password", "ssl.key.pem",
	    "ssl.keystore.password", "sasl.oauthbearer.client.secret", NULL};

	for (int i = 0; names[i]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int
set_arg(struct mr_kconf *k, const char *arg, struct mr_err *err)
{
	const char *sign = strchr(arg, '='), *value;
	struct mr_buf text = MR_BUF_INIT;
	char *name;
	int r = 0;

	if (!sign)
		return mr_err_set(err, MR_EX_USAGE, "-X '%s' is not name=value", arg);
	name = mr_xmemdup0(arg, (size_t)(sign - arg));
	value = sign + 1;
	if (value[0] == '@') {
		r = read_file(value + 1, &text, err);
		value = mr_buf_str(&text);
	} else if (strncmp(value, "env:", 4) == 0) {
		if (!(value = getenv(sign + 5)))
			r = mr_err_set(err, MR_EX_USAGE, "the variable is not set");
	} else if (is_secret(name)) {
		r = mr_err_set(err, MR_EX_USAGE,
		    "others can read a secret on the command line: "
		    "give %s=@FILE or %s=env:VARIABLE",
		    name, name);
	}
	if (r < 0)
		mr_err_prefix(err, "-X %s", name);
	else
		r = set(k, name, value, err);
	free(name);
	mr_buf_release(&text);
	return r;
}

static int
set_default_file(struct mr_kconf *k, struct mr_err *err)
{
	const char *path = getenv("KCAT_CONFIG"), *home = getenv("HOME");
	struct mr_buf b = MR_BUF_INIT;
	FILE *f;
	int r = 0;

	if (path && *path)
		return set_file(k, path, err);
	if (!home)
		return 0;
	mr_buf_printf(&b, "%s/.config/kcat.conf", home);
	if ((f = fopen(mr_buf_str(&b), "re"))) {
		fclose(f);
		r = set_file(k, mr_buf_str(&b), err);
	}
	mr_buf_release(&b);
	return r;
}

int
mr_kconf_finish(struct mr_kconf *k, struct mr_err *err)
{
	const char *env = getenv("KAFKA_BROKERS");
	char room[8];
	int r = 0;

	rd_kafka_conf_set_log_cb(k->rd, drop_log);
	if (k->nfiles == 0)
		r = set_default_file(k, err);
	for (size_t i = 0; i < k->nfiles && r == 0; i++)
		r = set_file(k, k->files[i], err);
	if (r == 0 && env && *env)
		r = set(k, "bootstrap.servers", env, err);
	for (size_t i = 0; i < k->nsets && r == 0; i++)
		r = set_arg(k, k->sets[i], err);
	if (r == 0 && k->brokers)
		r = set(k, "bootstrap.servers", k->brokers, err);
	if (r == 0 && !*mr_kconf_get(k, "bootstrap.servers", room, sizeof room))
		r = set(k, "bootstrap.servers", "localhost:9092", err);
	if (r == 0 && k->debug)
		r = set(k, "debug", k->debug, err);
	if (r == 0 && (k->verbose || *mr_kconf_get(k, "debug", room, sizeof room)))
		rd_kafka_conf_set_log_cb(k->rd, say_log);
	return r;
}

const char *
mr_kconf_get(const struct mr_kconf *k, const char *name, char *room, size_t size)
{
	size_t need = 0;
	struct mr_buf b = MR_BUF_INIT;

	room[0] = '\0';
	if (rd_kafka_conf_get(k->rd, name, NULL, &need) != RD_KAFKA_CONF_OK || need == 0)
		return room;
	mr_buf_grow(&b, need + 1);
	if (rd_kafka_conf_get(k->rd, name, b.at, &need) == RD_KAFKA_CONF_OK)
		snprintf(room, size, "%s", b.at);
	mr_buf_release(&b);
	return room;
}

char *
mr_kdelim_parse(const char *arg)
{
	static const char letters[] = "nrt\\", bytes[] = "\n\r\t\\";
	struct mr_buf b = MR_BUF_INIT;
	unsigned hex;
	const char *l;
	char *delim;

	while (*arg) {
		if (arg[0] == '\\' && arg[1] && (l = strchr(letters, arg[1]))) {
			mr_buf_addc(&b, bytes[l - letters]);
			arg += 2;
		} else if (sscanf(arg, "\\x%2x", &hex) == 1 && hex &&
		    isxdigit((unsigned char)arg[3])) {
			mr_buf_addc(&b, (char)hex);
			arg += 4;
		} else {
			mr_buf_addc(&b, *arg++);
		}
	}
	delim = mr_xmemdup0(b.at, b.len);
	mr_buf_release(&b);
	return delim;
}
