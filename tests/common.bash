# What the tests of common promises need beside helper.bash.
# shellcheck shell=bash

# tool        reads    writes    server    a sample command line (values: events written anew;
#                                         with the line number as key none is a repeat)
TABLE='
jfilter       events   events    -         .ts
jmap          events   values    -         .+{}
jdedup        events   events    -         --lag 0s --key input_line_number --within 1ms
jsort         events   events    -         --lag 0s
jwatermark    events   events    -         --lag 0s
jwindow       events   results   -         --tumble 60s
ksrc          kafka    events    kafka     -e -q -b @KAFKA @TARGET
ksink         events   kafka     kafka     -q -b @KAFKA -k .n @TARGET
pgsink        events   postgres  postgres  --create --mode insert @TARGET
'

AID=${MR_BUILD:-$(dirname "$MR_BIN")}/aid
NONCE=0123456789abcdef0123456789abcdef

# Every tool there is a source of; a new one is covered at once.  MR_TOOLS names fewer, and
# those whose server did not start are left out, which setup_file has said.
tools() {
	local src
	[ -z "${MR_TOOLS:-}" ] || { tr ' ' '\n' <<<"$MR_TOOLS"; return; }
	for src in "$MR_TOP"/cmd/*.c; do
		basename "$src" .c
	done | grep -vxFf <(cat "$BATS_FILE_TMPDIR/without" 2>/dev/null)
}

# column TOOL N: of its row in the table.
column() {
	local row
	row=$(grep "^$1 " <<<"$TABLE") || { echo "$1 has no row in the table of common.bats" >&2; return 1; }
	awk -v n="$2" '{ print $n }' <<<"$row"
}

# with COLUMN VALUE...: the tools whose column has one of the values.
with() {
	local tool n=$1
	shift
	for tool in $(tools); do
		case " $* " in
		*" $(column "$tool" "$n") "*) echo "$tool" ;;
		esac
	done
}

# What the table calls them: readers read events, writers write a stream, filters do both.
readers() { with 2 events; }
writers() { with 3 events results; }
filters() { comm -12 <(readers) <(writers); }

# each FUNCTION TOOL...: FUNCTION TOOL in a directory of its own, for each tool;
# all are tried, and the test fails if one failed.
each() {
	local check=$1 tool rc failed=0
	shift
	[ $# -gt 0 ] || skip "no tool of MR_TOOLS is of this kind"
	for tool; do
		mkdir -p "$BATS_TEST_TMPDIR/$check/$tool"
		set +e
		(
			set -eE
			trap 'echo "FAILED $tool: line $LINENO of $check: $BASH_COMMAND"' ERR
			cd "$BATS_TEST_TMPDIR/$check/$tool"
			"$check" "$tool"
		)
		rc=$?
		set -e
		[ $rc -eq 0 ] || { failed=1; echo "$tool: $check ended with $rc"; tail -n 5 "$BATS_TEST_TMPDIR/$check/$tool/err" 2>/dev/null || :; }
	done
	return $failed
}

# arguments TOOL: its sample command line into ARGS; each call has a topic and a table of its
# own, named in the file target.
arguments() {
	local args TARGET
	TARGET=t${BATS_TEST_NUMBER}_${BASHPID}_$RANDOM$RANDOM
	echo "$TARGET" >target
	args=$(grep "^$1 " <<<"$TABLE" | sed 's/^\([^ ]* *\)\{4\}//')
	args=${args//@KAFKA/${MOCK:-127.0.0.1:1}}
	args=${args//@TARGET/$TARGET}
	read -ra ARGS <<<"$args"
}

# sample [OPTION...] TOOL [FILE...]: run it with its sample command line; standard
# error goes to err, and each line of it must be a message.  What a sample's --lag is for,
# streams without watermarks, is not said of those with them.
sample() {
	local options=() tool rc=0
	while [[ $1 == -* ]]; do
		options+=("$1")
		shift
	done
	tool=$1
	shift
	arguments "$tool"
	"$tool" "${options[@]}" "${ARGS[@]}" "$@" 2>err || rc=$?
	messages "$tool" err
	[[ ${ARGS[*]} != *--lag* ]] || ! [ -w err ] ||
	    sed -i '/: --lag is not used: the watermarks in the stream decide$/d' err
	return $rc
}

# fill FILE: its lines into partition 0 of the topic in the file target.
fill() {
	kcat -P -q -b "$MOCK" -t "$(cat target)" -p 0 <"$1"
}

# draw [OPTION...] TOOL FILE: the same as sample for a source, over the lines of FILE.
draw() {
	local options=() rc=0
	while [[ $1 == -* ]]; do
		options+=("$1")
		shift
	done
	arguments "$1"
	fill "$2"
	"$1" "${options[@]}" "${ARGS[@]}" 2>err || rc=$?
	messages "$1" err
	return $rc
}

# messages TOOL FILE: every line begins with the tool's name; no control bytes, valid UTF-8,
# none too long for one write to a pipe.
messages() {
	local line
	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line == "$1: "* ]] || { echo "no message of $1: $line"; return 1; }
		[ ${#line} -lt 4096 ] || { echo "message of ${#line} bytes"; return 1; }
	done < <(tr -d '\0' <"$2")
	if LC_ALL=C grep -q '[[:cntrl:]]' "$2"; then
		echo "control bytes in a message"
		return 1
	fi
	if [ -s "$2" ] && [ "$(tail -c 1 "$2" | od -An -tx1)" != ' 0a' ]; then
		echo "a message without its newline"
		return 1
	fi
}

# one_message TOOL FILE [WORDS]: there is one, and it has the words.
one_message() {
	messages "$1" "$2"
	[ "$(wc -l <"$2")" -eq 1 ] || { echo "not one message:"; cat "$2"; return 1; }
	grep -qF -- "${3:-}" "$2" || { echo "no '$3' in: $(cat "$2")"; return 1; }
}

# Standard input without its control lines: those with the nonce of the hello on line 1.
data() {
	LC_ALL=C awk '
		NR == 1 && substr($0, 1, 8) == "{\"$mr\":\"" && substr($0, 41, 13) == "\",\"t\":\"hello\"" {
			control = substr($0, 1, 41)
		}
		control == "" || substr($0, 1, 41) != control'
}

# passed TOOL FILE: how many events came through the last sample; FILE is what it wrote.
passed() {
	case $(column "$1" 3) in
	events | values) data <"$2" | wc -l ;;
	results) data <"$2" | sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }' ;;
	kafka) kcat -C -q -e -b "$MOCK" -t "$(cat target)" -f 'x\n' 2>/dev/null | wc -l ;;
	postgres) psql -XAtq -c "select count(*) from $(cat target)" ;;
	esac
}

# event N [FIELDS]: an event a minute after the one before.
event() {
	printf '{"ts":%d,"n":%d%s}\n' $((1795255200000 + 60000 * $1)) "$1" "${2:-}"
}

# events FIRST LAST
events() {
	awk -v i="$1" -v last="$2" 'BEGIN {
		for (; i <= last; i++) printf "{\"ts\":%.0f,\"n\":%d}\n", 1795255200000 + 60000 * i, i
	}'
}

# exits PID SECONDS: wait for it; its status is the function's, 99 if it stays.
exits() {
	until_true "$2" gone "$1" || return 99
	wait "$1"
}
gone() {
	! kill -0 "$1" 2>/dev/null
}

# hello [WM [OK]]: the first line of a plain stream, unsealed.
hello() {
	printf '{"$mr":"%s","t":"hello","v":1,"p":"","uid":"","r":0,"path":["there"],"wm":%d,"ok":%d\n' \
	    "$NONCE" "${1:-0}" "${2:-1}"
}
wm() {
	printf '{"$mr":"%s","t":"wm","ts":%d,"idle":0\n' "$NONCE" "$1"
}
eos() {
	printf '{"$mr":"%s","t":"eos","how":"%s","id":0\n' "$NONCE" "${1:-end}"
}

# stream LINE...: lines, the control lines among them sealed.
stream() {
	printf '%s\n' "$@" | "$AID/seal"
}

is_asan() {
	grep -q __asan_init "$MR_BIN/$1"
}

setup_file() {
	start_kafka
	start_postgres
}

teardown_file() {
	[ -z "${MOCK_PID:-}" ] || kill "$MOCK_PID"
	[ ! -e "$BATS_FILE_TMPDIR/pg" ] || "$MR_TESTS/live/postgres" down "$BATS_FILE_TMPDIR/pg" -m immediate
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
	if "$MR_TESTS/live/postgres" up "$BATS_FILE_TMPDIR/pg" --fast >"$BATS_FILE_TMPDIR/pg.env" \
	    2>"$BATS_FILE_TMPDIR/pg.err" 3>&-; then
		eval "$(cat "$BATS_FILE_TMPDIR/pg.env")"
		return
	fi
	cat "$BATS_FILE_TMPDIR/pg.err" >&2
	[ -z "${CI:-}" ] || return 1
	echo "# without pgsink: $(tail -n 1 "$BATS_FILE_TMPDIR/pg.err")" >&3
	echo pgsink >"$BATS_FILE_TMPDIR/without"
}

is_two_events() {
	[ "$(passed "$1" out)" -eq 2 ]
}

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

# What a bad record does under each policy: an event, three records that are
# none (broken, not UTF-8, no object), an event.
mixed() {
	event 1
	printf '{"ts":1795255260000,"n":\n'
	printf '{"ts":1795255260000,"n":"\xff"}\n'
	printf '[1,"\\u001b\x7f"]\n'
	event 2
}

# JSON by another implementation, and UTF-8 by a third.
is_json_lines() {
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null
	[ "$(jq -c . "$1" | wc -l)" -eq "$(wc -l <"$1")" ]
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
	[ "$(cat "/proc/$PID/comm")" = "$1" ] || return 1
	mask=$(awk '/^SigCgt/ { print $2 }' "/proc/$PID/status")
	[ $((0x${mask: -4} & 0x4200)) -eq $((0x4200)) ]
}

has_lines() {
	[ "$(data <"$1" 2>/dev/null | wc -l)" -ge "$2" ]
}

# Has it read what was written?  It answers a signal with its count.
read_events() {
	kill -s USR1 "$PID"
	grep -q "in 3" err
}

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
