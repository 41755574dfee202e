# For the live tests: `load servers` behind `load ../helper`, then in setup_file
# `servers kafka postgres`, in teardown_file `servers_down`; a setup of the
# file's own calls `servers_ready`.  A server that does not start fails the file when CI is set,
# and skips its tests otherwise.

# helper.bash clears the environment of each test; the file's broker comes back here.
if [ -s "${BATS_FILE_TMPDIR:-}/kafka.up" ]; then
	KAFKA_BROKERS=$(tail -n 1 "$BATS_FILE_TMPDIR/kafka.up")
	export KAFKA_BROKERS
fi

servers() {
	local server
	for server; do
		if ! "$MR_TESTS/live/$server" up "$BATS_FILE_TMPDIR/$server" \
		    >"$BATS_FILE_TMPDIR/$server.up" 2>"$BATS_FILE_TMPDIR/$server.err"; then
			sed "s/^/# $server: /" "$BATS_FILE_TMPDIR/$server.err" >&2
			[ -z "${CI:-}" ] || return 1
			echo "cannot start $server: $(tail -n 1 "$BATS_FILE_TMPDIR/$server.err" | sed "s/.*kafka: //")" >"$BATS_FILE_TMPDIR/skip"
			return 0
		fi
		case $server in
		kafka) KAFKA_BROKERS=$(tail -n 1 "$BATS_FILE_TMPDIR/$server.up") ;;
		postgres) eval "$(cat "$BATS_FILE_TMPDIR/$server.up")" ;;
		esac
	done
	[ -z "${KAFKA_BROKERS:-}" ] || export KAFKA_BROKERS
}

servers_ready() {
	[ ! -e "$BATS_FILE_TMPDIR/skip" ] || skip "$(cat "$BATS_FILE_TMPDIR/skip")"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	servers_ready
}

servers_down() {
	[ ! -e "$BATS_FILE_TMPDIR/kafka" ] || "$MR_TESTS/live/kafka" down "$BATS_FILE_TMPDIR/kafka"
	[ ! -e "$BATS_FILE_TMPDIR/postgres" ] || "$MR_TESTS/live/postgres" down "$BATS_FILE_TMPDIR/postgres" -m immediate
}

topic() {
	"$MR_TESTS/live/kafka" topic "$KAFKA_BROKERS" "$1" "$2"
}

sql() {
	psql -XAtq -v ON_ERROR_STOP=1 "$@"
}

rides() {
	"${MR_BUILD:-$MR_TOP/build}/tests/rides" "$@"
}

# oracle FILE...: the raw rides into Postgres, in a schema of this test alone.
oracle() {
	local file
	export PGOPTIONS="-c search_path=t$BATS_TEST_NUMBER -c timezone=UTC"
	sql -c "create schema t$BATS_TEST_NUMBER" -f "$MR_TESTS/demo/rides.sql"
	for file; do
		sql -c "\\copy raw (line) from '$file' with (format csv, quote e'\\x01', delimiter e'\\x02')"
	done
}

# same A B: two queries give the same rows, as text, to the last digit.
same() {
	local a b
	a=$(sql -c "$1 order by 1, 2" | tee a.txt | md5sum)
	b=$(sql -c "$2 order by 1, 2" | tee b.txt | md5sum)
	[ -s a.txt ] || { echo "no rows: $1"; return 1; }
	[ "$a" = "$b" ] || { diff a.txt b.txt | head -n 20; return 1; }
}
