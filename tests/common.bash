# What tests/common.bats needs beside helper.bash.

AID=${MR_BUILD:-$(dirname "$MR_BIN")}/aid
NONCE=0123456789abcdef0123456789abcdef

# Every tool there is a source of; a new one is covered at once.  MR_TOOLS names fewer.
tools() {
	local src
	[ -z "${MR_TOOLS:-}" ] || { tr ' ' '\n' <<<"$MR_TOOLS"; return; }
	for src in "$MR_TOP"/cmd/*.c; do
		basename "$src" .c
	done
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

# arguments TOOL: its sample command line into ARGS; each call has a topic and a table of its own.
arguments() {
	local args
	TARGET=t${BATS_TEST_NUMBER}_$BASHPID_$RANDOM$RANDOM
	args=$(grep "^$1 " <<<"$TABLE" | sed 's/^\([^ ]* *\)\{4\}//')
	args=${args//@KAFKA/${MOCK:-127.0.0.1:1}}
	args=${args//@TARGET/$TARGET}
	read -ra ARGS <<<"$args"
}

# sample [OPTION...] TOOL [FILE...]: run it with its sample command line; standard
# error goes to err, and each line of it must be a message.
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
	events) data <"$2" | wc -l ;;
	results) data <"$2" | sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }' ;;
	kafka) kcat -C -q -e -b "$MOCK" -t "$TARGET" -f 'x\n' 2>/dev/null | wc -l ;;
	postgres) psql -XAtq -c "select count(*) from $TARGET" ;;
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

# until_true SECONDS COMMAND...: poll until it succeeds.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
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
