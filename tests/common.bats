#!/usr/bin/env bats
# What every tool promises, over every tool there is.
load helper
load common

# tool        reads    writes    server    a sample command line
TABLE='
jfilter       events   events    -         .ts
jwatermark    events   events    -         --lag 0s
jwindow       events   results   -         --tumble 60s
ksrc          kafka    events    kafka     -e -q -b @KAFKA @TARGET
ksink         events   kafka     kafka     -q -b @KAFKA @TARGET
pgsink        events   postgres  postgres  --create --mode insert @TARGET
'

setup_file() {
	start_kafka
	start_postgres
}

teardown_file() {
	[ -z "${MOCK_PID:-}" ] || kill "$MOCK_PID"
	[ -z "${PGHOST:-}" ] || "$MR_TESTS/live/postgres" down "$BATS_FILE_TMPDIR/pg" -m immediate
}

# The mock cluster of ksrc: prints its address and serves until TERM.
start_kafka() {
	command -v ksrc >/dev/null || return 0
	ksrc -M 1 >"$BATS_FILE_TMPDIR/mock" 2>"$BATS_FILE_TMPDIR/mock.err" 3>&- &
	export MOCK_PID=$!
	until_true 10 test -s "$BATS_FILE_TMPDIR/mock"
	MOCK=$(grep -o '[^ =]*:[0-9]*' "$BATS_FILE_TMPDIR/mock" | head -n 1)
	export MOCK
}

start_postgres() {
	command -v pgsink >/dev/null || return 0
	"$MR_TESTS/live/postgres" up "$BATS_FILE_TMPDIR/pg" --fast >"$BATS_FILE_TMPDIR/pg.env" 3>&-
	eval "$(cat "$BATS_FILE_TMPDIR/pg.env")"
}

# --- what needs no input

one_table_row() {
	[ -n "$(column "$1" 4)" ]
	[ -x "$MR_BIN/$1" ]
}
@test "common: every tool has a row in the table, and is built" {
	each one_table_row $(tools)
}

help_on_stdout() {
	local option
	for option in -h --help; do
		"$1" $option >out 2>err
		[ ! -s err ]
		grep -q "^usage: $1" out
		[ -z "$(awk 'length > 100' out)" ]
		! LC_ALL=C grep -q "$(printf '\t')" out || { echo "tabs in help"; return 1; }
	done
}
@test "common: --help is on standard output, 0, within 100 columns" {
	each help_on_stdout $(tools)
}

# The long options that help names, and those of the page.
help_agrees_with_page() {
	local page="$MR_TOP/man/$1.1"
	[ -e "$page" ]
	"$1" --help | grep -oE '(^|[^-[:alnum:]])--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+' | sort -u >help
	sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/p' "$page" | grep '^\.It Fl' |
	    grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl -/--/' | sort -u >page
	diff help page
}
@test "common: help and manual page name the same options" {
	each help_agrees_with_page $(tools)
}

letters_agree_with_page() {
	"$1" --help | sed -n 's/^ *-\([A-Za-z]\)[ ,].*/\1/p' | sort -u >help
	sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/p' "$MR_TOP/man/$1.1" |
	    sed -n 's/^\.It Fl \([A-Za-z]\)\( .*\)*$/\1/p' | sort -u >page
	diff help page
}
@test "common: help and manual page name the same letters" {
	each letters_agree_with_page $(tools)
}

page_has_its_sections() {
	grep '^\.Sh ' "$MR_TOP/man/$1.1" | sed 's/^\.Sh //; s/"//g' >got
	printf '%s\n' NAME SYNOPSIS DESCRIPTION ENVIRONMENT 'EXIT STATUS' EXAMPLES 'SEE ALSO' CAVEATS >want
	diff want got
	grep -q '^\.Bd -literal' "$MR_TOP/man/$1.1"
}
@test "common: each manual page has its sections and an example" {
	each page_has_its_sections $(tools)
}

version_is_one_line() {
	local option
	for option in -V --version; do
		"$1" $option >out 2>err
		[ ! -s err ]
		[ "$(wc -l <out)" -eq 1 ]
		grep -qE "^$1 .*[0-9]+\.[0-9]+\.[0-9]+" out
	done
}
@test "common: --version is one line, 0" {
	each version_is_one_line $(tools)
}

# refused TOOL STATUS WORD ARGUMENT...
refused() {
	local tool=$1 want=$2 word=$3 rc=0
	shift 3
	"$tool" "$@" </dev/null >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "$tool $*: status $rc, not $want"; cat err; return 1; }
	[ ! -s out ] || { echo "$tool $*: wrote on standard output"; return 1; }
	one_message "$tool" err "$word"
}

bad_option() {
	refused "$1" 2 nosuch --nosuch
	refused "$1" 2 nosuch --nosuch=value
	refused "$1" 2 "'-~'" '-~'
	refused "$1" 2 on-error --on-error
	refused "$1" 2 on-error --on-error=nosuch
	refused "$1" 2 check --check=nosuch
	refused "$1" 2 max-line --max-line=12X
	refused "$1" 2 help --help=yes
	refused "$1" 2 --dead --on-error=dead $(arguments "$1"; echo "${ARGS[*]}")
}
@test "common: a mistake in an option is one line and 2" {
	each bad_option $(tools)
}

# Those with a word in front of FILE...
missing_operand() {
	refused "$1" 2 given
}
@test "common: a missing operand is one line and 2" {
	each missing_operand jfilter $(with 1 ksrc ksink pgsink)
}

no_control_bytes_in_messages() {
	refused "$1" 2 nosuch $'--nosuch\e[31m\n\tred'
	refused "$1" 2 none $'--on-error=a\nb\rc\x7f'
	refused "$1" 2 none $'--on-error=\xff\xfe'
	refused "$1" 2 on-error --on-error="$(head -c 100000 /dev/zero | tr '\0' x)"
}
@test "common: a message is one line without control bytes, whatever is quoted" {
	each no_control_bytes_in_messages $(tools)
}

help_on_a_full_disk() {
	local option rc
	for option in --help --version; do
		rc=0
		"$1" $option >/dev/full 2>err || rc=$?
		[ $rc -eq 4 ]
		one_message "$1" err 'standard output'
	done
}
@test "common: --help on a full disk is 4" {
	each help_on_a_full_disk $(tools)
}

no_such_file() {
	local rc=0
	event 1 >in
	sample "$1" in nosuch.ndjson </dev/null >out || rc=$?
	[ $rc -eq 4 ]
	grep -q "nosuch.ndjson" err
	rc=0
	sample "$1" . </dev/null >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a file that cannot be read is 4 and named" {
	each no_such_file $(filters)
}

# --- the stream

is_two_events() {
	[ "$(passed "$1" out)" -eq 2 ]
}

reads_events() {
	events 1 2 | sample "$1" >out
	is_two_events "$1"
	[ ! -s err ]
}
@test "common: events come through, in silence" {
	each reads_events $(readers)
}

no_final_newline() {
	printf '%s\n%s' "$(event 1)" "$(event 2)" | sample "$1" >out
	is_two_events "$1"
	[ "$(column "$1" 3)" != events ] || [ "$(tail -c 1 out | od -An -tx1)" = ' 0a' ]
}
@test "common: the last line needs no newline" {
	each no_final_newline $(readers)
}

cut_off_last_line() {
	local rc=0
	printf '%s\n%s' "$(event 1)" '{"ts":1795255260000,"n' | sample "$1" >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:2:
	[ "$(column "$1" 3)" = results ] || [ "$(passed "$1" out)" -eq 1 ]
}
@test "common: a last line that is cut off is a bad record" {
	each cut_off_last_line $(readers)
}

cut_off_number() {
	local rc=0
	printf '1\n12' | "$1" . >out 2>err || rc=$?
	[ $rc -eq 3 ]
	[ "$(cat out)" = 1 ]
	one_message "$1" err stdin:2:
	printf '1\n12\n' | "$1" . >out
	[ "$(cat out)" = $'1\n12' ]
}
@test "common: a bare number without its newline is a bad record" {
	each cut_off_number jfilter
}

crlf() {
	events 1 2 | sed 's/$/\r/' >in
	sample "$1" <in >out
	is_two_events "$1"
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
}
@test "common: CRLF is accepted, and kept by filters" {
	each crlf $(readers)
}

bom() {
	events 1 2 >in
	(printf '\xef\xbb\xbf'; cat in) | sample "$1" >out
	is_two_events "$1"
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
}
@test "common: a byte order mark at the start is accepted" {
	each bom $(readers)
}

bom_of_each_file() {
	(printf '\xef\xbb\xbf'; event 1) >a
	(printf '\xef\xbb\xbf'; event 2) >b
	: >empty
	printf '\xef\xbb\xbf' >mark
	sample "$1" a empty mark b >out
	is_two_events "$1"
}
@test "common: files are read in turn, a byte order mark at each start" {
	each bom_of_each_file $(filters)
}

bom_elsewhere() {
	local rc=0
	(event 1; printf '\xef\xbb\xbf'; event 2) | sample "$1" >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:2:
}
@test "common: a byte order mark elsewhere is a bad record" {
	each bom_elsewhere $(readers)
}

blank_lines() {
	printf '\n\r\n  \n\t\n%s\n\n%s\n\n' "$(event 1)" "$(event 2)" | sample "$1" >out
	is_two_events "$1"
	[ ! -s err ]
}
@test "common: blank lines are skipped, and are no bad records" {
	each blank_lines $(readers)
}

blank_lines_count() {
	local rc=0
	printf '\n\n%s\n\n{oops\n' "$(event 1)" | sample "$1" >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:5:
}
@test "common: blank lines count in line numbers" {
	each blank_lines_count $(readers)
}

empty_input() {
	sample "$1" </dev/null >out
	[ "$(data <out | wc -l)" -eq 0 ]
	[ ! -s err ]
}
@test "common: no input is no event and 0" {
	each empty_input jfilter jwatermark jwindow $(with 1 ksink)
}

bytes_are_kept() {
	cat >in <<-'END'
	{ "ts" : "2026-11-21T10:00:00Z" , "n" : 1.50 , "e":1E+2 }
	{"ts":"2026-11-21T10:01:00Z","big":9007199254740993,"wide":123456789012345678901234567890.10}
	{"z":1,"a":"\u00e9\/\u0041","ts":"2026-11-21T10:02:00Z","a":2}
	{"ts":"2026-11-21T10:03:00Z","v":[1e400,-0,0.10],"s":"é日本🚕"}
	  {"ts":"2026-11-21T10:04:00Z"}  	
	END
	sample "$1" <in >out
	data <out | cmp - in
}
@test "common: what passes a filter is the bytes that came in" {
	each bytes_are_kept $(with 3 events | grep -v ksrc)
}

# --- bad records

# naughty: lines of which the first word says `ok` or `bad`; the rest is the record.
naughty() {
	local ts='"ts":"2026-11-21T10:00:00Z"'
	nest() { printf "%s{$ts,\"v\":%s%s}\n" "$1" "$(printf "%$2s" '' | tr ' ' '[')" "$(printf "%$2s" '' | tr ' ' ']')"; }
	nest 'ok ' 255
	nest 'bad ' 256
	nest 'bad ' 100000
	nest_objects() { printf "%s{$ts,\"v\":%s1%s}\n" "$1" "$(printf "%$2s" '' | sed 's/ /{"a":/g')" "$(printf "%$2s" '' | tr ' ' '}')"; }
	nest_objects 'ok ' 255
	nest_objects 'bad ' 256
	while IFS= read -r line; do
		printf '%s {%s,"v":%b}\n' "${line%% *}" "$ts" "${line#* }"
	done <"$MR_TESTS/naughty.txt"
	printf 'bad {%s,"v":1\n' "$ts"
	printf 'bad {%s,"v":1}}\n' "$ts"
	printf 'bad {%s,"v":1} {}\n' "$ts"
	printf 'bad {%s,"v":1},\n' "$ts"
	printf 'bad {%s,}\n' "$ts"
	printf 'bad {%s,"v"}\n' "$ts"
	printf 'bad {%s,"v":}\n' "$ts"
	printf 'bad {%s,v:1}\n' "$ts"
	printf "bad {%s,'v':1}\n" "$ts"
	printf 'bad {%s "v":1}\n' "$ts"
	printf 'bad {%s,,"v":1}\n' "$ts"
	printf 'bad {%s,"v":1;}\n' "$ts"
	printf 'bad {%s,"v":1}\0\n' "$ts"
	printf 'bad \0{%s,"v":1}\n' "$ts"
	printf 'bad {%s,"v\xff":1}\n' "$ts"
	printf 'bad {%s,"\\ud800":1}\n' "$ts"
	printf 'ok {%s,"":1,"":2}\n' "$ts"
	printf 'ok {"ts":1,%s}\n' "$ts"
	printf 'ok {%s,"\\u0000":1}\n' "$ts"
	printf 'ok {"t\\u0073":"2026-11-21T10:00:00Z"}\n'
	printf 'ok \t{%s} \t\n' "$ts"
	printf 'bad \v{%s}\n' "$ts"
	printf 'bad {%s}\f\n' "$ts"
	printf 'bad \xc2\xa0{%s}\n' "$ts"
	printf 'bad // {%s}\n' "$ts"
	printf 'bad \x1e{%s}\n' "$ts"
	printf 'bad [{%s}]\n' "$ts"
	printf 'bad "ts"\n'
	printf 'bad 17\n'
	printf 'bad true\n'
	printf 'bad []\n'
	printf 'bad oops\n'
	printf 'bad }\n'
	printf 'bad {\n'
	printf 'bad "\n'
	printf 'bad nan\n'
}

# The numbers of the lines that a tool refused, from its dead letters.
refused_numbers() {
	sed 's/.*"where":"\(stdin:\)\{0,1\}\([0-9]*\)".*/\2/' dead
}

refuses_what_is_naughty() {
	naughty >all
	sed 's/^[a-z]* //' all >in
	LC_ALL=C awk '/^bad /{ print NR }' all >want
	[ "$(wc -l <want)" -gt 80 ]
	sample --dead=dead "$1" <in >out
	refused_numbers >got
	diff want got || { echo "records that differ:"
		for n in $(diff want got | sed -n 's/^[<>] //p'); do sed -n "${n}p" all | cut -c 1-120 | cat -v; done; return 1; }
	[ $(($(passed "$1" out) + $(wc -l <want))) -eq "$(wc -l <all)" ]
}
@test "common: every filter accepts and refuses the same records" {
	each refuses_what_is_naughty $(filters)
}

# What a bad record does under each policy: an event, three records that are
# none (broken, not UTF-8, no object), an event.
mixed() {
	event 1
	printf '{"ts":1795255260000,"n":\n'
	printf '{"ts":1795255260000,"n":"\xff"}\n'
	printf '[1,"\\u001b\x7f"]\n'
	event 2
}

fail_stops() {
	local rc=0
	mixed | sample "$1" >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:2:
	[ "$(column "$1" 3)" = results ] || [ "$(passed "$1" out)" -eq 1 ]
	rc=0
	mixed | sample --on-error=fail "$1" >again || rc=$?
	[ $rc -eq 3 ]
}
@test "common: --on-error fail, the default, is 3, located, and keeps what passed" {
	each fail_stops $(readers)
}

skip_counts() {
	mixed | sample --on-error=skip "$1" >out
	is_two_events "$1"
	one_message "$1" err 3
	grep -q 'stdin:2:' err
}
@test "common: --on-error skip goes on, counts, and is 0" {
	each skip_counts $(readers)
}

# JSON by another implementation, and UTF-8 by a third.
is_json_lines() {
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null
	[ "$(jq -c . "$1" | wc -l)" -eq "$(wc -l <"$1")" ]
}

dead_letters() {
	mixed | sample --on-error=dead --dead=dead "$1" >out
	is_two_events "$1"
	one_message "$1" err 3
	[ "$(wc -l <dead)" -eq 3 ]
	is_json_lines dead
	[ "$(jq -r 'keys_unsorted | join(",")' dead | sort -u)" = $'stage,why,where,raw\nstage,why,where,raw_b64' ]
	[ "$(jq -r .stage dead | sort -u)" = "$1" ]
	[ "$(jq -r .where dead | paste -sd' ')" = 'stdin:2 stdin:3 stdin:4' ]
	[ -z "$(jq -r 'select(.why | length == 0)' dead)" ]
	[ "$(jq -r 'select(.raw).raw' dead)" = "$(mixed | sed -n '2p;4p')" ]
	jq -r 'select(.raw_b64).raw_b64' dead | base64 -d | cmp - <(mixed | sed -n 3p | tr -d '\n')
}
@test "common: a dead letter says stage, why, where, and has the record, raw or raw_b64" {
	each dead_letters $(readers)
}

dead_alone() {
	mixed | sample --dead=dead "$1" >out
	is_two_events "$1"
	[ "$(wc -l <dead)" -eq 3 ]
	mixed | sample --dead=dead "$1" >out
	[ "$(wc -l <dead)" -eq 6 ]
}
@test "common: --dead implies --on-error dead, and appends" {
	each dead_alone $(readers)
}

dead_cannot_be_written() {
	local rc=0
	mixed | sample --dead=nosuch/dead "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err nosuch/dead
	rc=0
	mixed | sample --dead=/dev/full "$1" >out || rc=$?
	[ $rc -eq 4 ]
	grep -q /dev/full err
}
@test "common: dead letters that cannot be written are 4, never lost" {
	each dead_cannot_be_written $(readers)
}

odd_file_names() {
	local name
	for name in $'\xff\xfe.ndjson' $'a\nb\x1b[31m.ndjson' "$(printf '%120s' '' | tr ' ' x)é.ndjson" '"\.ndjson'; do
		mixed >"$name"
		rm -f dead
		sample --dead=dead "$1" "$name" >out
		[ "$(wc -l <dead)" -eq 3 ]
		is_json_lines dead
		sample --on-error=skip "$1" "$name" >out
	done
	name=$(printf '%240s' '' | tr ' ' d)
	mkdir -p "$name/$name/$name"
	mixed >"$name/$name/$name/é"
	rm -f dead
	sample --dead=dead "$1" "$name/$name/$name/é" >out
	is_json_lines dead
}
@test "common: a file's name, whatever it is, breaks no message and no dead letter" {
	each odd_file_names $(filters)
}

# 200 records, a third of them broken at random.
random_records() {
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		for (i = 1; i <= 200; i++) {
			line = sprintf("{\"ts\":%.0f,\"n\":%d}", 1795255200000 + 1000 * i, i)
			if (rand() < 1 / 3) {
				at = int(rand() * length(line)) + 1
				line = substr(line, 1, at - 1) substr("}]x\",:", int(rand() * 6) + 1, 1) substr(line, at + 1)
			}
			print line
		}
	}'
}

nothing_is_lost() {
	local seed n
	for seed in 1 2 3 4 5; do
		random_records $seed >in
		rm -f dead
		sample --dead=dead --metrics-file=metrics "$1" <in >out
		n=$(passed "$1" out)
		[ $((n + $(wc -l <dead))) -eq 200 ] || { echo "seed $seed: $n passed, $(wc -l <dead) dead"; return 1; }
		[ "$(sed -n 's/^millrace_records_in_total{.*} //p' metrics)" = 200 ]
		[ "$(sed -n 's/^millrace_bad_records_total{.*} //p' metrics)" = "$(wc -l <dead)" ]
		jq -r .raw dead >raw
		[ "$(grep -cxFf raw in)" -eq "$(wc -l <dead)" ]
	done
}
@test "common: what passed and the dead letters add up to what came in" {
	each nothing_is_lost $(readers | grep -v jfilter)
	jfilter_all() { TABLE=${TABLE//' .ts'/' has("n")or(true)'}; nothing_is_lost "$1"; }
	each jfilter_all jfilter
}

# --- long lines

hundred_megabytes() {
	printf '{"ts":1795255260000,"s":"'
	head -c 100000000 /dev/zero | tr '\0' x
	printf '"}\n'
}

long_line() {
	local rc=0 peak
	(event 1; hundred_megabytes; event 2) >in
	arguments "$1"
	"$AID/rss" peak "$1" --on-error=skip "${ARGS[@]}" <in >out 2>err
	is_two_events "$1"
	one_message "$1" err stdin:2:
	peak=$(cat peak)
	is_asan "$1" || [ "$peak" -lt 65536 ] || { echo "peak of $peak KiB"; return 1; }
	arguments "$1"
	"$AID/rss" peak "$1" --dead=dead "${ARGS[@]}" <in >out 2>err
	is_two_events "$1"
	[ "$(wc -l <dead)" -eq 1 ]
	peak=$(cat peak)
	is_asan "$1" || [ "$peak" -lt 65536 ] || { echo "peak of $peak KiB with --dead"; return 1; }
	rm -f dead
	sample "$1" <in >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:2:
	rm -f in
}
@test "common: a line of 100 MB is a bad record, in less than 64 MiB, and the stream goes on" {
	each long_line $(readers)
}

long_line_of_nul() {
	local peak
	(event 1; head -c 30000000 /dev/zero; echo; event 2) >in
	arguments "$1"
	"$AID/rss" peak "$1" --dead=dead "${ARGS[@]}" <in >out 2>err
	is_two_events "$1"
	peak=$(cat peak)
	is_asan "$1" || [ "$peak" -lt 65536 ] || { echo "peak of $peak KiB"; return 1; }
	[ "$(wc -c <dead)" -le $((16 << 20)) ] || { echo "a dead letter of $(wc -c <dead) bytes, above --max-line"; return 1; }
	rm -f in dead
}
@test "common: the dead letter of a long line is itself within --max-line, and so is memory" {
	each long_line_of_nul $(filters)
}

max_line() {
	local line rc=0
	line=$(event 1)
	event 1 >in
	sample --max-line=${#line} "$1" <in >out
	[ "$(passed "$1" out)" -eq 1 ]
	(sed 's/$/\r/' in; printf '%s' "$line") | sample --max-line=${#line} "$1" >out
	is_two_events "$1"
	sample --max-line=$((${#line} - 1)) "$1" <in >out || rc=$?
	[ $rc -eq 3 ]
	one_message "$1" err stdin:1:
	rc=0
	printf '%s' "$line" | sample --max-line=$((${#line} - 1)) "$1" >out || rc=$?
	[ $rc -eq 3 ]
	rc=0
	sample --max-line=0 "$1" <in >out || rc=$?
	[ $rc -eq 2 ]
}
@test "common: --max-line is the longest line that passes, its end not counted" {
	each max_line $(filters)
}

# --- the pipe

# Input that has everything in it.
everything() {
	printf '\xef\xbb\xbf'
	event 1 | sed 's/$/\r/'
	printf '\n'
	event 2 ',"s":"日本🚕"'
	printf '{"ts":"\xff"}\n'
	printf '{"ts":\n'
	event 3 ",\"s\":\"$(printf '%5000s' '' | tr ' ' x)\""
	awk 'BEGIN { for (i = 4; i < 60; i++) printf "{\"ts\":%.0f,\"n\":%d}\n", 1795255200000 + 60000 * i, i }'
	printf '%s' "$(event 60)"
}

chunks() {
	local n
	everything >in
	sample --dead=dead.whole "$1" <in >out.whole
	for n in 1 2 3 7 4096; do
		"$AID/chunk" $n <in | sample --dead=dead.$n "$1" >out.$n
		cmp <(data <out.whole) <(data <out.$n) || { echo "chunks of $n"; return 1; }
		cmp dead.whole dead.$n || { echo "dead letters of chunks of $n"; return 1; }
	done
	[ "$(passed "$1" out.whole)" -eq 60 ]
}
@test "common: input in reads of 1, 2, 3, 7 and 4096 bytes gives the same output" {
	each chunks $(filters)
}

chunked_control() {
	local n
	stream "$(hello 1)" "$(event 1)" "$(wm 1795255200000)" "$(event 2)" "$(eos)" >in
	sample "$1" <in >out.whole
	for n in 1 7 100; do
		"$AID/chunk" $n <in | sample "$1" >out.$n
		cmp out.whole out.$n
	done
}
@test "common: control lines in reads of 1, 7 and 100 bytes give the same output" {
	each chunked_control $(filters)
}

full_disk() {
	local rc=0
	events 1 9 | sample "$1" >/dev/full || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
	rc=0
	events 1 100000 | sample "$1" >/dev/full || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
}
@test "common: a full disk is 4" {
	each full_disk $(filters)
}

closed_output() {
	local rc=0
	events 1 9 | sample "$1" >&- || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err 'standard output'
}
@test "common: a standard output that is closed is 4" {
	each closed_output $(filters)
}

closed_reader() {
	local status
	arguments "$1"
	set +eE +o pipefail
	trap - ERR
	events 1 100000000 2>/dev/null | "$1" "${ARGS[@]}" 2>err | head -n 1 >out
	status=("${PIPESTATUS[@]}")
	set -eE
	[ "${status[1]}" -eq 141 ]
	[ ! -s err ]
	[ "$(wc -l <out)" -eq 1 ]
}
@test "common: a reader that left is a quiet SIGPIPE" {
	each closed_reader $(filters)
}

# The tool runs with its input held open by us; PID is its, fd 8 its input.
start_open() {
	local tool=$1
	shift
	rm -f fifo
	mkfifo fifo
	arguments "$tool"
	"$tool" "$@" "${ARGS[@]}" <fifo >out 2>err 3>&- 8>&- &
	PID=$!
	exec 8>fifo
	until_true 10 catches_signals "$tool"
}
# Its handlers are set: TERM is signal 15, bit 14 of the mask, USR1 signal 10.
catches_signals() {
	local mask
	[ "$(cat /proc/$PID/comm)" = "$1" ] || return 1
	mask=$(awk '/^SigCgt/ { print $2 }' /proc/$PID/status)
	[ $((0x${mask: -4} & 0x4200)) -eq $((0x4200)) ]
}
has_lines() {
	[ "$(data <"$1" 2>/dev/null | wc -l)" -ge "$2" ]
}

idle_closed_reader() {
	mkfifo in out
	arguments "$1"
	"$1" "${ARGS[@]}" <in >out 2>err 3>&- &
	PID=$!
	exec 8>in 9<out
	events 1 3 >&8
	read -r -t 10 -u 9 _
	exec 9<&-
	until_true 5 gone $PID
	exec 8>&-
	rc=0
	wait $PID || rc=$?
	[ $rc -eq 141 ]
	[ ! -s err ]
}
@test "common: a reader that left is noticed while the input is silent" {
	each idle_closed_reader $(filters)
}

comes_out_at_once() {
	start_open "$1"
	events 1 3 >&8
	case $(column "$1" 3) in
	results) until_true 5 has_lines out 1 ;;
	events) until_true 5 has_lines out 3 ;;
	*) until_true 10 has_passed "$1" 3 ;;
	esac
	kill -0 $PID
	exec 8>&-
	exits $PID 20
	has_passed "$1" 3
}
has_passed() {
	[ "$(passed "$1" out)" -eq "$2" ]
}
@test "common: an event comes out while the input stays open" {
	each comes_out_at_once $(readers)
}

a_part_of_a_line_waits() {
	start_open "$1"
	event 1 >&8
	printf '{"ts":1795255' >&8
	until_true 5 has_lines out 1
	printf '320000}\n' >&8
	until_true 5 has_lines out 2
	exec 8>&-
	exits $PID 5
}
@test "common: a part of a line holds back nothing but itself" {
	each a_part_of_a_line_waits $(with 3 events | grep -v ksrc)
}

stops_on() {
	local signal=$1 tool=$2 rc=0
	start_open "$tool"
	events 1 3 >&8
	until_true 10 read_events "$tool"
	kill -s "$signal" $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
	messages "$tool" err
	[ "$(column "$tool" 3)" = results ] || [ "$(passed "$tool" out)" -eq 3 ]
}
# Has it read what was written?  It answers a signal with its count.
read_events() {
	kill -s USR1 $PID
	grep -q "in 3" err
}
stops_on_term() { stops_on TERM "$1"; }
stops_on_int() { stops_on INT "$1"; }
@test "common: TERM while the input is open is 0 within 3 s, what was read is written" {
	each stops_on_term $(readers)
}

stops_on_term_at_once() {
	local rc=0
	start_open "$1"
	kill -s TERM $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
}
@test "common: TERM before the first event is 0 within 3 s" {
	each stops_on_term_at_once $(readers)
}

term_with_control() {
	local rc=0
	start_open "$1"
	stream "$(hello 1)" "$(event 1)" "$(event 2)" "$(event 3)" >&8
	until_true 10 read_events "$1"
	kill -s TERM $PID
	exits $PID 3 || rc=$?
	exec 8>&-
	[ $rc -eq 0 ]
	[ "$(column "$1" 3)" = results ] || grep -q '"t":"eos","how":"stop"' out
}
@test "common: TERM in a stream with control lines ends it with eos stop" {
	each term_with_control $(filters)
}

status_on_usr1() {
	start_open "$1"
	events 1 3 >&8
	until_true 10 read_events "$1"
	messages "$1" err
	grep -q ', bad 0' err
	event 4 >&8
	exec 8>&-
	exits $PID 20
	messages "$1" err
	[ "$(passed "$1" out)" -eq 4 ]
}
@test "common: USR1 prints a line of status, and the tool goes on" {
	each status_on_usr1 $(readers)
}

# --- metrics

# The text format of Prometheus: HELP, TYPE, samples, and nothing else.
is_prometheus() {
	[ -s "$1" ]
	awk '
		/^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+$/ { next }
		/^# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram|summary|untyped)$/ {
			if (seen[$3]++) { print "typed twice: " $0; bad = 1 }
			type[$3] = $4; next
		}
		/^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*",?)*\})? [-+]?([0-9.]+([eE][-+]?[0-9]+)?|Inf|NaN)( [0-9]+)?$/ {
			name = $0; sub(/[{ ].*/, "", name)
			base = name; sub(/_(bucket|sum|count)$/, "", base)
			if (!(name in type) && !(base in type)) { print "no type: " $0; bad = 1 }
			if (name !~ /^millrace_/) { print "a name of another: " $0; bad = 1 }
			if (type[name] == "counter" && name !~ /_total$/) { print "a counter without _total: " $0; bad = 1 }
			series = $0; sub(/ [^ ]*$/, "", series)
			if (all[series]++) { print "twice: " series; bad = 1 }
			next
		}
		{ print "not of the format: " $0; bad = 1 }
		END { exit bad }' "$1"
	[ "$(tail -c 1 "$1" | od -An -tx1)" = ' 0a' ]
}

metrics_file() {
	mixed | sample --on-error=skip --metrics-file=m.prom "$1" >out
	is_prometheus m.prom
	grep -q "^millrace_records_in_total{.*stage=\"$1\".*} 5$" m.prom
	grep -q "^millrace_bad_records_total{.*stage=\"$1\".*} 3$" m.prom
	[ "$(ls m.prom*)" = m.prom ]
}
@test "common: --metrics-file is Prometheus text, and right at the end" {
	each metrics_file $(readers)
}

metrics_odd_pipeline() {
	stream "$(hello 1 | sed 's/"p":""/"p":"a\\"b\\\\c\\nd{}"/')" "$(event 1)" "$(eos)" |
	    sample --metrics-file=m.prom "$1" >out
	is_prometheus m.prom
}
@test "common: a pipeline's name is escaped in metrics" {
	each metrics_odd_pipeline $(readers)
}

metrics_while_it_runs() {
	start_open "$1" --metrics-file=m.prom
	events 1 3 >&8
	until_true 10 grep -qs '^millrace_records_in_total{.*} 3$' m.prom
	is_prometheus m.prom
	exec 8>&-
	exits $PID 20
}
@test "common: --metrics-file is kept while the input is open" {
	each metrics_while_it_runs $(readers)
}

metrics_cannot_be_written() {
	local rc=0
	event 1 | sample --metrics-file=nosuch/m.prom "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err nosuch/m.prom
}
@test "common: metrics that cannot be written are 4" {
	each metrics_cannot_be_written $(readers)
}

# --- control lines

# Events that look like control lines and are none: 18 of them.
forged_lines() {
	local other=ffffffffffffffffffffffffffffffff ts='"ts":1795255260000'
	stream "{\"\$mr\":\"$other\",\"t\":\"wm\",$ts,\"idle\":0" "{\"\$mr\":\"$other\",\"t\":\"end\",$ts"
	cat <<-END
	{"\$mr":"$other","t":"wm",$ts,"idle":0,"c":"00000000"}
	{"\$mr":"$other","t":"wm",$ts,"idle":0}
	{"\$mr":"$other","t":"eos",$ts,"how":"end","id":0}
	{"\$mr":"$other","t":"hello","v":1,"p":"","uid":"","r":1,"path":[],"wm":1,"ok":1,$ts}
	{"\$mr":"$other","t":"barrier","id":1,"n":1,"done":null,"src":{},"st":{},$ts}
	{"\$mr":"$other","t":"nosuch",$ts}
	{"\$mr":"","t":"eos",$ts}
	{"\$mr":null,$ts}
	{"\$mr":"${NONCE^^}","t":"end",$ts}
	{"\$mr":"${NONCE%?}","t":"end",$ts}
	{"\$mr":"${NONCE%?}\\u0066","t":"end",$ts}
	{ "\$mr":"$other","t":"eos",$ts}
	{"\$mr": "$other","t":"eos",$ts}
	{"\\u0024mr":"$other","t":"eos",$ts}
	{$ts,"\$mr":"$other","t":"eos"}
	{$ts,"a":"0123456789012345678901234567890123456789","\$mr":"$NONCE","t":"eos"}
	END
}

forged_in_plain() {
	forged_lines >in
	sample "$1" <in >out
	[ "$(passed "$1" out)" -eq 18 ]
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
	[ ! -s err ]
}
@test "common: lines that look like control are data in a stream without hello" {
	each forged_in_plain $(readers)
}

forged_behind_hello() {
	forged_lines >in
	(stream "$(hello)"; cat in; stream "$(eos)") | sample "$1" >out
	[ "$(passed "$1" out)" -eq 18 ]
	[ "$(column "$1" 3)" != events ] || data <out | cmp - in
	[ ! -s err ]
}
@test "common: forged control lines are data in a stream with hello" {
	each forged_behind_hello $(readers)
}

hello_in_a_file() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" >in
	event 2 >>in
	sample --on-error=skip "$1" in >out
	[ "$(passed "$1" out)" -ge 2 ]
	(event 1; stream "$(hello 1)" "$(wm 5)") >in
	sample --on-error=skip "$1" <in >out
	[ "$(passed "$1" out)" -ge 1 ]
	messages "$1" err
}
@test "common: a hello in a file, or behind line 1, is no hello" {
	each hello_in_a_file $(filters)
}

control_passes() {
	stream "$(hello 1)" "$(event 1)" "$(wm 1795255200000)" "$(event 2)" "$(wm 1795255260000)" \
	    "$(eos)" >in
	sample "$1" <in >out
	diff <(tail -n +2 in) <(tail -n +2 out)
	sed -n 1p in | sed "s/\"there\"/\"there\",\"$1\"/; s/,\"c\":.*//" | "$AID/seal" | diff - <(sed -n 1p out)
	stream "$(hello 1)" "$(event 1)" "$(eos stop)" >in
	sample "$1" <in >out
	diff <(tail -n +2 in) <(tail -n +2 out)
}
@test "common: a filter keeps every byte of control lines but hello's path" {
	each control_passes jfilter
}

# Of a stage that writes control lines, each is canonical, the first a hello, the last eos.
control_is_canonical() {
	events 1 5 | sample "$1" >out
	LC_ALL=C grep -a '^{"\$mr":"' out >control
	sed 's/,"c":"[0-9a-f]\{8\}"}$//' control | "$AID/seal" | diff - control
	[ "$(sed 's/^{"$mr":"[0-9a-f]\{32\}","t":"\([a-z]*\)".*/\1/' control | uniq | paste -sd' ')" = 'hello wm eos' ]
	[ "$(sed 's/^{"$mr":"\([0-9a-f]*\)".*/\1/' control | sort -u | wc -l)" -eq 1 ]
	grep -qF "\"path\":[\"$1\"],\"wm\":1,\"ok\":1," control
	sed -n 's/.*"t":"wm","ts":\(-\{0,1\}[0-9]*\),.*/\1/p' control | sort -nc
	head -n 1 out | grep -q '"t":"hello"'
	tail -n 1 out | grep -q '"t":"eos","how":"end","id":0'
	events 1 5 | sample "$1" >again
	[ "$(head -c 40 out)" != "$(head -c 40 again)" ]
}
@test "common: what makes watermarks writes hello, canonical lines and eos" {
	each control_is_canonical jwatermark
}

control_twice() {
	sample jwatermark < <(events 1 5) | "$1" --lag 1s --every 1ms >out
	[ "$(grep -c '"t":"hello"' out)" -eq 1 ]
	grep -q '"path":\["jwatermark","jwatermark.2"\]' out
	[ "$(grep -c '"t":"eos"' out)" -eq 1 ]
	"$1" <out >/dev/null
}
@test "common: watermarks can be declared again downstream" {
	each control_twice jwatermark
}

ends_without_eos() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(event 2)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err eos
	! grep -q '"t":"eos"' out || { echo "it wrote eos itself"; return 1; }
	rc=0
	stream "$(hello 1)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	rc=0
	(stream "$(hello 1)" "$(event 1)" "$(event 2)"; stream "$(eos)" | tr -d '\n') | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a stream with hello that ends without eos is 4, with a message" {
	each ends_without_eos $(readers)
}

torn_is_no_event() {
	local rc=0
	(stream "$(hello 1)" "$(event 1)"; event 2 | tr -d '\n') | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	case $(column "$1" 3) in
	results) ;;
	*) [ "$(passed "$1" out)" -eq 1 ] ;;
	esac
}
@test "common: a torn last line of a stream with hello is no event" {
	each torn_is_no_event $(readers)
}

# broken TOOL LINE...: a stream with the hello and these lines is 4, with a place.
broken() {
	local tool=$1 rc=0
	shift
	(stream "$(hello 1)" "$(event 1)"; printf '%s\n' "$@"; event 2; stream "$(eos)") | sample "$tool" >out || rc=$?
	[ $rc -eq 4 ] || { echo "status $rc for $*"; return 1; }
	one_message "$tool" err stdin:3:
	case $(column "$tool" 3) in
	events) [ "$(passed "$tool" out)" -eq 1 ] ;;
	esac
}

broken_control() {
	local good ts='"ts":1795255260000'
	good=$(stream "$(wm 1795255260000)")
	broken "$1" "${good%??????????}00000000\"}"
	broken "$1" "${good%?} }"
	broken "$1" "$good "
	broken "$1" "$good"$'\r'
	broken "$1" " $good"
	broken "$1" "${good/wm/vm}"
	broken "$1" "${good/\"idle\":0/\"idle\": 0}"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"nosuch\"")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"wm\",\"idle\":0,$ts")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\", \"t\":\"wm\",$ts,\"idle\":0")"
	broken "$1" "{\"\$mr\":\"$NONCE\",\"t\":\"wm\",$ts,\"idle\":0}"
	broken "$1" "{\"a\":\"$NONCE\",$ts}"
	broken "$1" "[\"$NONCE\"]"
	broken "$1" "{\"\\u0024mr\":\"$NONCE\",$ts}"
	broken "$1" "$(stream "$(hello 1)")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"barrier\",\"id\":1,\"n\":1,\"done\":null,\"src\":{},\"st\":{}")"
}
@test "common: a control line that is broken, rewritten or of run mode is 4" {
	each broken_control $(filters)
}

broken_control_of_a_sink() {
	local good
	good=$(stream "$(wm 1795255260000)")
	broken "$1" "${good%??????????}00000000\"}"
	broken "$1" "$(stream "$(hello 1)")"
	broken "$1" "$(stream "{\"\$mr\":\"$NONCE\",\"t\":\"barrier\",\"id\":1,\"n\":1,\"done\":null,\"src\":{},\"st\":{}")"
}
@test "common: a sink that meets a broken control line is 4" {
	each broken_control_of_a_sink $(with 3 kafka postgres)
}

broken_hello() {
	local good line rc
	good=$(stream "$(hello 1)")
	for line in "${good%??????????}00000000\"}" "${good/\"v\":1/\"v\":2}" \
	    "$(stream "$(hello 1 | sed 's/"v":1/"v":2/')")" "$(stream "$(hello 1 | sed 's/"wm":1,"ok":1/"ok":1,"wm":1/')")"; do
		rc=0
		(printf '%s\n' "$line"; event 1; stream "$(eos)") | sample "$1" >out || rc=$?
		[ $rc -eq 4 ] || { echo "status $rc for $line"; return 1; }
		one_message "$1" err stdin:1:
	done
}
@test "common: a hello that is broken or of another version is 4" {
	each broken_hello $(readers)
}

behind_eos() {
	local rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" "$(event 2)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
	one_message "$1" err stdin:4:
	rc=0
	stream "$(hello 1)" "$(event 1)" "$(eos)" "$(eos)" | sample "$1" >out || rc=$?
	[ $rc -eq 4 ]
}
@test "common: a line behind eos is 4" {
	each behind_eos $(readers)
}

run_mode() {
	local rc=0
	stream "$(hello 1 | sed 's/"r":0/"r":7/')" "$(event 1)" "$(eos)" | sample "$1" >out || rc=$?
	[ $rc -eq 2 ]
	[ ! -s out ]
	one_message "$1" err MILLRACE_STATE
}
@test "common: a stream in run mode without a state directory is 2, naming MILLRACE_STATE" {
	each run_mode $(readers)
}

control_and_bad_records() {
	(stream "$(hello 1 0)" "$(event 1)" "$(wm 5)"; printf '{oops\n'; stream "$(event 2)" "$(eos)") >in
	sample --dead=dead "$1" <in >out
	is_two_events "$1"
	[ "$(jq -r .where dead)" = stdin:4 ]
}
@test "common: control lines count in line numbers, and are never dead letters" {
	each control_and_bad_records $(readers)
}

# --- secrets

no_secret_is_said() {
	local rc canary=c4n4ry
	export PGPASSWORD=$canary SECRET=$canary
	echo $canary >secret
	chmod 600 secret
	: >said
	run_quietly() {
		rc=0
		timeout 20 "$@" </dev/null >>said 2>&1 || rc=$?
		[ $rc -ne 0 ]
		[ $rc -ne 124 ]
	}
	case $1 in
	ksrc | ksink)
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X sasl.username=u -X sasl.password=@secret -X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN -e t
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X sasl.username=u -X sasl.password=env:SECRET -X nosuch.property=1 -e t
		run_quietly "$1" --retry-for 1s -b 127.0.0.1:1 -X ssl.key.password=@secret -X ssl.key.location=nosuch -X security.protocol=ssl -v -e t
		;;
	pgsink)
		run_quietly "$1" --retry-for 1s -d 'host=127.0.0.1 port=1 user=u dbname=d' t
		run_quietly "$1" --retry-for 1s -d "postgresql://u:$canary@127.0.0.1:1/d" t
		run_quietly "$1" --retry-for 1s -d "host=127.0.0.1 port=1 password=$canary nosuch=1" t
		run_quietly "$1" --retry-for 1s -d "postgresql://u:$canary@127.0.0.1:x/d" t
		;;
	esac
	! grep -q $canary said || { echo "the secret was said:"; grep $canary said; return 1; }
}
@test "common: no message has a secret in it" {
	each no_secret_is_said $(with 4 kafka postgres)
}

no_environment_for_programs() {
	[ -z "$(echo '{}' | SECRET=c4n4ry "$1" '$ENV.SECRET == "c4n4ry" or env.SECRET == "c4n4ry"')" ]
}
@test "common: an expression does not see the environment" {
	each no_environment_for_programs jfilter
}
