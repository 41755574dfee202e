/*
 * txn BROKERS TOPIC WHAT:N... - transactions for the tests of ksrc.
 *
 * Each WHAT:N is N records {"txn":"WHAT","n":i} to partition 0 in one transaction: commit, abort,
 * or open (left as it is: the program ends without a word, as a crash would).
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
need(rd_kafka_error_t *e, const char *what)
{
	if (!e)
		return;
	fprintf(stderr, "txn: %s: %s\n", what, rd_kafka_error_string(e));
	exit(1);
}

static void
put(rd_kafka_t *rk, const char *topic, const char *what, int n)
{
	char line[128];
	int len = snprintf(line, sizeof line, "{\"txn\":\"%s\",\"n\":%d}", what, n);
	rd_kafka_resp_err_t e = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
	    RD_KAFKA_V_VALUE(line, (size_t)len), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);

	if (e) {
		fprintf(stderr, "txn: cannot send: %s\n", rd_kafka_err2str(e));
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	char id[64], why[512];

	if (argc < 4)
		return 2;
	snprintf(id, sizeof id, "txn-%ld", (long)getpid());
	rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why);
	rd_kafka_conf_set(conf, "transactional.id", id, why, sizeof why);
	if (!(rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why))) {
		fprintf(stderr, "txn: %s\n", why);
		return 1;
	}
	need(rd_kafka_init_transactions(rk, 30000), "cannot begin");
	for (int i = 3; i < argc; i++) {
		char *what = argv[i], *colon = strchr(what, ':');
		int n = colon ? atoi(colon + 1) : 1;

		if (colon)
			*colon = '\0';
		need(rd_kafka_begin_transaction(rk), "cannot begin");
		for (int k = 1; k <= n; k++)
			put(rk, argv[2], what, k);
		rd_kafka_flush(rk, 30000);
		if (strcmp(what, "commit") == 0)
			need(rd_kafka_commit_transaction(rk, 30000), "cannot commit");
		else if (strcmp(what, "abort") == 0)
			need(rd_kafka_abort_transaction(rk, 30000), "cannot abort");
		else
			_exit(0);
	}
	rd_kafka_destroy(rk);
	return 0;
}
