# Our windows beside Apache Flink's, by its answers in tests/flink/golden.
load helper

setup_file() {
	"$MR_TESTS/flink/rows" data "$BATS_FILE_TMPDIR/data"
}

# same PATTERN: each case that matches gives the golden rows.
same() {
	run -0 "$MR_TESTS/flink/rows" compare "$MR_TESTS/flink/golden" "$BATS_FILE_TMPDIR/data" "$1"
	[ -n "$output" ]
}

@test "flink: every case has its golden rows, and every golden file its case" {
	run -0 diff <("$MR_TESTS/flink/rows" list | sort) <(cd "$MR_TESTS/flink/golden" && printf '%s\n' *.ndjson | sed 's/\.ndjson$//' | sort)
}

@test "flink: a row that differs, is missing, is one too many or stands elsewhere is found" {
	rows="$MR_TESTS/flink/rows"
	mkdir golden
	cp "$MR_TESTS/flink/golden/tumble-no-key.ndjson" golden
	sed -i '3s/"n":/"n":1/' golden/tumble-no-key.ndjson
	run -1 "$rows" compare golden "$BATS_FILE_TMPDIR/data" tumble-no-key
	[[ $output == *" 55 rows,     54 equal"* ]]
	sed 3d "$MR_TESTS/flink/golden/tumble-no-key.ndjson" >golden/tumble-no-key.ndjson
	run -1 "$rows" compare golden "$BATS_FILE_TMPDIR/data" tumble-no-key
	[[ $output == *" 54 rows,     54 equal"* ]]
	sed 3p "$MR_TESTS/flink/golden/tumble-no-key.ndjson" >golden/tumble-no-key.ndjson
	run -1 "$rows" compare golden "$BATS_FILE_TMPDIR/data" tumble-no-key
	[[ $output == *" 56 rows,     55 equal"* ]]
	sed '3{h;d};4G' "$MR_TESTS/flink/golden/tumble-no-key.ndjson" >golden/tumble-no-key.ndjson
	run -1 "$rows" compare golden "$BATS_FILE_TMPDIR/data" tumble-no-key
	[[ $output == *" 55 equal, IN ANOTHER ORDER"* ]]
	sed -E '3s/("mean":[0-9]+\.[0-9])/\11/' "$MR_TESTS/flink/golden/tumble-no-key.ndjson" >golden/tumble-no-key.ndjson
	run -1 "$rows" compare golden "$BATS_FILE_TMPDIR/data" tumble-no-key
	[[ $output == *" 55 rows,     54 equal"* ]]
}

@test "flink: tumbling windows" {
	same '^tumble-[^d]'
}

@test "flink: days of time zones" {
	same '^tumble-day'
}

@test "flink: hopping windows" {
	same '^hop'
}

@test "flink: sessions" {
	same '^session'
}

@test "flink: cumulating windows" {
	same '^cumulate'
}

@test "flink: what late events fire again" {
	same '^refire'
}

@test "flink: aggregates that merge otherwise than by adding" {
	same '^more'
}

@test "flink: windows of a count" {
	same '^count'
}

@test "flink: the top of each window" {
	same '^topn'
}

@test "flink: the first and the last row of a key" {
	same '^dedup'
}
