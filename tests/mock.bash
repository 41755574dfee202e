# For tests against librdkafka's mock cluster: `load mock` behind `load helper`.
# It keeps a few MB per partition, makes each topic asked for with four
# partitions, knows no offsets by time, and a group joins in 3 s, once.

setup_file() {
	ksrc -M 1 >"$BATS_FILE_TMPDIR/address" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	for _ in {1..250}; do
		[ -s "$BATS_FILE_TMPDIR/address" ] && break
		sleep 0.02
	done
	MOCK=$(cat "$BATS_FILE_TMPDIR/address")
	[ -n "$MOCK" ] || return 1
	export MOCK
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

# Each test has a topic of its own, $T, at the cluster of the environment.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export KAFKA_BROKERS=$MOCK T=t$BATS_TEST_NUMBER
}

# put [PARTITION]: standard input as it stands, a record a line, by kcat.
put() {
	kcat -P -b "$MOCK" -t "$T" -p "${1:-0}"
}
