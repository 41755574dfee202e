#!/usr/bin/env bats
# What every tool promises, over every tool there is: options, records, bad records.
load helper
load common

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
	each empty_input jdedup jfilter jsort jwatermark jwindow $(with 1 ksink)
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

anywhere() {
	events 1 5 >in
	sample "$1" <in | data >out
	TZ=Asia/Kolkata LC_ALL=de_DE.UTF-8 sample "$1" <in | data | diff out -
	TZ=America/New_York LC_ALL=C sample "$1" <in | data | diff out -
}
@test "common: the zone and the language of the machine change nothing" {
	each anywhere $(filters)
}

# --- bad records

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

# 500 records with one to three bytes of a value replaced, put in or taken out.
mutants() {
	LC_ALL=C awk -v seed="$1" 'BEGIN {
		srand(seed)
		base = "{\"a\":[1,-2.5e+3,true,null,\"x\\u00e9\\n\\\"\303\251\360\237\232\225\\ud83d\\ude80\",{\"b\":[]}],\"c\":{\"d\":\"\"}}"
		some = "{}[]\",:\\0123456789.eE+-truefalsn u\t\r"
		for (i = 1; i <= 500; i++) {
			v = base
			for (k = int(rand() * 3); k >= 0; k--) {
				at = int(rand() * length(v)) + 1
				c = rand() < 0.8 ? substr(some, int(rand() * length(some)) + 1, 1) : \
				    sprintf("%c", 11 + int(rand() * 245))
				how = int(rand() * 3)
				v = substr(v, 1, at - 1) (how < 2 ? c : "") substr(v, how == 1 ? at : at + 1)
			}
			printf "{\"ts\":%.0f,\"v\":%s}\n", 1795255200000 + i, v
		}
	}'
}

refuses_mutants_alike() {
	local seed
	for seed in 1 2 3 4 5 6; do
		mutants $seed >in
		rm -f dead
		sample --dead=dead "$1" <in >out
		refused_numbers >got
		rm -f dead
		sample --dead=dead jwatermark <in >/dev/null
		refused_numbers >want
		[ "$(wc -l <want)" -gt 200 ]
		diff want got || { echo "seed $seed"; for n in $(diff want got | sed -n 's/^[<>] //p'); do sed -n "${n}p" in | cat -v; done; return 1; }
	done
}
@test "common: every filter accepts and refuses the same mutants" {
	each refuses_mutants_alike $(filters)
}

# Without validation a tool may take what is naughty for an event; it must count each
# one, and end well.
naughty_unchecked() {
	naughty | sed 's/^[a-z]* //' >in
	sample --check=none --dead=dead --metrics-file=m.prom "$1" <in >out
	[ "$(sed -n 's/^millrace_records_in_total{.*} //p' m.prom)" = "$(wc -l <in)" ]
	[ "$(sed -n 's/^millrace_bad_records_total{.*} //p' m.prom)" = "$(wc -l <dead)" ]
	is_json_lines dead
	(stream "$(hello 1 1)"; cat in; stream "$(eos)") | sample --on-error=skip "$1" >out
}
@test "common: records that are naughty do no harm where they are not validated" {
	each naughty_unchecked $(filters)
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
