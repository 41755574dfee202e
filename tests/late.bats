# The cases of tests/late.txt.  Each runs once for each of its lines, with the input up to
# there, stopped: so a result has to come behind the line that lets it out, no later and no
# earlier.
load helper

# The cases as files of their own, N/line.M for each input line and N/want.M for what
# is to come out up to there.
setup_file() {
	mkdir "$BATS_FILE_TMPDIR/cases"
	cd "$BATS_FILE_TMPDIR/cases" || return 1
	awk -v nonce=0123456789abcdef0123456789abcdef '
	function time(t) {
		if (t !~ /^-?[0-9]+$/)
			return t
		if (t < 0)
			return sprintf("1969-12-31T23:59:%02d.%03dZ", int((60000 + t) / 1000), (60000 + t) % 1000)
		return sprintf("1970-01-01T00:00:%02d.%03dZ", int(t / 1000), t % 1000)
	}
	function key(k) { return k == "-" ? "null" : "\"" k "\"" }
	function put(name, text) {
		print text >(dir "/" name)
		close(dir "/" name)
	}
	function take(kind, line) {
		put("line." ++lines, line)
		put("kind." lines, kind)
		late += / late$/
		put("late." lines, late + 0)
		printf "" >(dir "/want." lines)
		close(dir "/want." lines)
	}
	/^#/ || NF == 0 { next }
	/^==/ {
		dir = sprintf("%03d", ++n)
		system("mkdir " dir)
		put("name", substr($0, 4))
		lines = late = options = 0
		next
	}
	!options { put("options", $0); options = 1; next }
	/^  / {
		split($1, bound, /\.\./)
		row = sprintf("{\"window_start\":\"%s\",\"window_end\":\"%s\",\"k\":%s", time(bound[1]),
		    time(bound[2]), key($2))
		if ($3 != "gone")
			row = row ",\"count\":" $3
		if ($4 != "")
			row = row ",\"revision\":" ($4 + 0 ? $4 : substr($4, 2) + 0) ",\"final\":" \
			    ($4 ~ /!$/ ? "true" : "false")
		if ($3 == "gone")
			row = row ",\"retracted\":true"
		print row "}" >>(dir "/want." lines)
		close(dir "/want." lines)
		next
	}
	$1 == "end" { take("end", "{\"$mr\":\"" nonce "\",\"t\":\"eos\",\"how\":\"end\",\"id\":0"); next }
	$1 == "wm" {
		take("wm", sprintf("{\"$mr\":\"%s\",\"t\":\"wm\",\"ts\":%d,\"idle\":%d", nonce, $2, $3 == "idle"))
		next
	}
	{
		take("event", "{" ($1 == "-" ? "" : "\"k\":\"" $1 "\",") "\"ts\":\"" time($2) "\"}")
	}' "$MR_TESTS/late.txt"
}

seal() {
	"${MR_BUILD:-$MR_TOP/build}/aid/seal"
}

# input DIR M: its first M lines as a stream, which stops there unless it has ended.
input() {
	local nonce=0123456789abcdef0123456789abcdef given=0 i
	! grep -q wm "$1"/kind.* || given=1
	printf '{"$mr":"%s","t":"hello","v":1,"p":"","uid":"","r":0,"path":["there"],"wm":%d,"ok":1\n' $nonce $given
	for ((i = 1; i <= $2; i++)); do
		cat "$1/line.$i"
	done
	[ "$(cat "$1/kind.$2")" = end ] ||
	    printf '{"$mr":"%s","t":"eos","how":"stop","id":0\n' $nonce
}

# up_to DIR M: what comes out of the first M lines, and what is late, are as the case says.
up_to() {
	local options before
	options=$(cat "$1/options")
	before="cat"
	case $options in *"| "*)
		before=${options%%"| "*}
		options=${options#*"| "}
		;;
	esac
	# shellcheck disable=SC2086	# options are words
	input "$1" "$2" | seal | $before | jwindow --by .k $options >got 2>err || return 1
	cmp -s got want && [ "$(sed -n 's/^jwindow: late: \([0-9]*\) of.*/\1/p' err)" = "$(sed 's/^0$//' "$1/late.$2")" ]
}

@test "late: every case of late.txt, line by line" {
	cases=$BATS_FILE_TMPDIR/cases bad=0 runs=0
	for dir in "$cases"/*; do
		: >want
		for ((i = 1; ; i++)); do
			[ -e "$dir/line.$i" ] || break
			cat "$dir/want.$i" >>want
			runs=$((runs + 1))
			up_to "$dir" $i && continue
			echo "# $(cat "$dir/name"): line $i"
			cat "$dir/line.$i" err
			diff want got || :
			bad=$((bad + 1))
			break
		done
	done
	echo "# $(ls "$cases" | wc -l) cases, $runs lines, $bad bad" >&3
	[ $bad = 0 ]
}

@test "late: the table has 60 cases and more, of every kind" {
	[ "$(ls "$BATS_FILE_TMPDIR/cases" | wc -l)" -ge 60 ]
	for kind in tumble hop cumulate session count global late emit tz; do
		[ "$(cat "$BATS_FILE_TMPDIR"/cases/*/options | grep -cw -- "--$kind")" -ge 3 ]
	done
	# each case goes to its end
	for dir in "$BATS_FILE_TMPDIR"/cases/*; do
		grep -q end "$dir"/kind.*
	done
}

@test "late: a table that is wrong is found" {
	dir=$BATS_FILE_TMPDIR/cases/001
	cat "$dir/want.1" "$dir/want.2" >want
	up_to "$dir" 2
	sed 's/"count":2/"count":3/' -i want
	run ! up_to "$dir" 2
	cat "$dir/want.1" "$dir/want.2" "$dir/want.3" >want
	up_to "$dir" 3
	echo 2 >"$dir/late.3"
	run ! up_to "$dir" 3
	: >want		# a result that comes too early
	run ! up_to "$dir" 2
}
