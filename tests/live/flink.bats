# Our windows beside Apache Flink's, asked anew: its golden answers, and those of another seed.
load ../helper

setup_file() {
	seed=${SEED:-20261121}
	echo "$seed" >"$BATS_FILE_TMPDIR/seed"
	"$MR_TESTS/flink/rows" data "$BATS_FILE_TMPDIR/golden"
	"$MR_TESTS/flink/rows" data "$BATS_FILE_TMPDIR/new" "$seed" 2000
	cd "$BATS_FILE_TMPDIR" || return 1
	"$MR_TESTS/live/flink" answers golden golden.out new new.out 2>"$BATS_FILE_TMPDIR/err" && return
	sed 's/^/# flink: /' "$BATS_FILE_TMPDIR/err" >&2
	[ -z "${CI:-}" ] || return 1
	echo "cannot ask Flink: $(tail -n 1 "$BATS_FILE_TMPDIR/err" | sed 's/.*flink: //')" >"$BATS_FILE_TMPDIR/skip"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	[ ! -e skip ] || skip "$(cat skip)"
}

# same PATTERN: each case that matches gives Flink's rows; how many goes to the terminal.
same() {
	run "$MR_TESTS/flink/rows" compare new.out new "$1"
	{ echo "seed $(cat seed)" && echo "$output"; } | sed 's/^/# /' >&3
	[ "$status" -eq 0 ]
	[ -n "$output" ]
}

@test "flink: the golden rows are what Flink answers" {
	diff -r "$MR_TESTS/flink/golden" golden.out
}

@test "flink: tumbling windows over new events" {
	same '^tumble-[^d]'
}

@test "flink: days of time zones over new events" {
	same '^tumble-day'
}

@test "flink: hopping windows over new events" {
	same '^hop'
}

@test "flink: sessions over new events" {
	same '^session'
}

@test "flink: cumulating windows over new events" {
	same '^cumulate'
}

@test "flink: what late events fire again over new events" {
	same '^refire'
}

@test "flink: aggregates that merge otherwise than by adding over new events" {
	same '^more'
}

@test "flink: windows of a count over new events" {
	same '^count'
}

@test "flink: the top of each window over new events" {
	same '^topn'
}

@test "flink: the first and the last row of a key over new events" {
	same '^dedup'
}
