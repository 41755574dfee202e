# A real PostgreSQL for the file; only without one, and not in CI, is it skipped.
load helper

setup_file() {
	local vars
	if vars=$("$BATS_TEST_DIRNAME/live/postgres" up "$BATS_FILE_TMPDIR/pg" --fast); then
		eval "$vars"
		export PGOPTIONS='-c client_min_messages=warning'
	elif [ -n "${CI:-}" ]; then
		return 1
	else
		export NO_POSTGRES=1
	fi
}

teardown_file() {
	"$BATS_TEST_DIRNAME/live/postgres" down "$BATS_FILE_TMPDIR/pg" -m immediate
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	[ -z "${NO_POSTGRES:-}" ] || skip "no PostgreSQL server to be had"
}

# What a failed test leaves running.
teardown() {
	local left
	left=$(jobs -p)
	# shellcheck disable=SC2086	# numbers
	[ -z "$left" ] || kill $left 2>/dev/null || true
}

sql() {
	psql -XAtq -v ON_ERROR_STOP=1 -c "$1"
}

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

rows_are() {
	[ "$(sql "select count(*) from $1")" -eq "$2" ]
}

@test "pgsink: fields go to columns by name; null is NULL, missing is the default" {
	sql 'create table a (n bigint, s text, j jsonb, d int default 7)'
	printf '%s\n' '{"s":"x\ty\\","n":1,"j":{"k":[1,"\n"]}}' '{"n":2,"d":null,"s":null}' '{"d":1.0,"n":3e0}' >in
	run -0 --separate-stderr pgsink a in
	[ -z "$output$stderr" ]
	[ "$(sql "select * from a order by n")" = $'1|x\ty\\|{"k": [1, "\\n"]}|7\n2|||\n3|||1' ]
}

@test "pgsink: values keep their spelling, text takes any value" {
	sql 'create table b (t text, j json, n numeric)'
	printf '%s\n' '{"t":1.50,"j":1.50,"n":1.50}' '{"t":true,"j":"\u0041","n":123456789012345678901234567890}' \
	    '{"t":{"a": 1},"j":{"a": 1}}' '{"t":"\u00e9\ud83d\ude00","j":[ ]}' >in
	run -0 pgsink b in
	[ "$(sql 'table b')" = $'1.50|1.50|1.50\ntrue|"\\u0041"|123456789012345678901234567890\n{"a": 1}|{"a": 1}|\né😀|[ ]|' ]
}

@test "pgsink: a missing table is 2, and one line says how it would be made" {
	printf '%s\n' '{"n":1,"at":"2026-01-01T00:00:00Z"}' '{"n":2.5}' >in
	run -2 --separate-stderr pgsink nope in
	[ -z "$output" ]
	[ "$stderr" = 'pgsink: table "nope" does not exist: --create makes it as CREATE TABLE "nope" ("n" numeric, "at" timestamptz);' ]
	run -2 --separate-stderr pgsink nope /dev/null
	[[ $stderr == 'pgsink: table "nope" does not exist: --create makes it'* ]]
}

@test "pgsink: --dry-run prints the DDL and writes nothing" {
	printf '%s\n' '{"n":1}' '{"n":"x","b":true}' >in
	run -0 --separate-stderr pgsink --dry-run --key n planned in
	[ "$output" = 'CREATE TABLE "planned" ("n" text, "b" boolean, PRIMARY KEY ("n"));' ]
	[ -z "$stderr" ]
	[ "$(sql "select to_regclass('planned') is null")" = t ]
	sql 'create table half (n text)'
	run -0 --separate-stderr pgsink --dry-run --create half in
	[ "$output" = 'ALTER TABLE "half" ADD COLUMN "b" boolean;' ]
	run -3 pgsink --dry-run half in
	sql 'alter table half add b boolean'
	run -0 pgsink --dry-run half in
	[ -z "$output" ]
	rows_are half 0
	run -4 --separate-stderr bash -c 'pgsink --dry-run planned in >/dev/full'
}

@test "pgsink: --create infers integers, numbers, times, booleans, text and jsonb" {
	printf '%s\n' '{"i":1,"f":1,"t":"2026-01-01T10:00:00.123+02:00","b":false,"s":"2026-01-01","o":[1],"z":null,"m":1}' \
	    '{"i":-9223372036854775808,"f":1e400,"t":"2024-02-29t23:59:60z","b":true,"s":"x","o":"y","m":[2]}' >in
	run -0 pgsink --create typed in
	[ "$(sql "select string_agg(format_type(atttypid, -1), ',' order by attnum) from pg_attribute
	    where attrelid = 'typed'::regclass and attnum > 0")" = \
	    "bigint,numeric,timestamp with time zone,boolean,text,jsonb,text,jsonb" ]
	[ "$(sql "select i, f = 1e400, t at time zone 'UTC', b, s, o from typed where b")" = \
	    '-9223372036854775808|t|2024-03-01 00:00:00|t|x|"y"' ]
}

@test "pgsink: an integer past bigint, no date, no offset: numeric, text, text" {
	echo '{"i":9223372036854775808,"d":"2026-02-30T00:00:00Z","l":"2026-01-01T00:00:00","e":1e200000}' |
	    pgsink --create edge
	[ "$(sql "select pg_typeof(i), pg_typeof(d), pg_typeof(l), pg_typeof(e) from edge")" = 'numeric|text|text|text' ]
}

@test "pgsink: a column of this run widens, and what was stored stays" {
	cat >in <<-'END'
	{"n":1,"t":"2026-01-01T10:00:00.5+01:00","b":true,"j":{"a":1},"z":null}
	{"n":2.50,"z":5}
	{"n":"x","t":"infinity","b":0,"j":"s"}
	{"n":{"y":1},"new":3,"t":7}
	{"n":null,"new":"q"}
	END
	run -0 pgsink --create --batch-rows 1 wide in
	[ "$(sql "select string_agg(attname || ' ' || format_type(atttypid, -1), ',' order by attnum) from pg_attribute
	    where attrelid = 'wide'::regclass and attnum > 0")" = 'n text,t text,b text,j jsonb,z text,new text' ]
	[ "$(sql 'select n, t, b, j, z, new from wide')" = '1|2026-01-01T09:00:00.500000Z|true|{"a": 1}||
2.50||||5|
x|infinity|0|"s"||
{"y":1}|7||||3
|||||q' ]
}

@test "pgsink: one large first batch and many small ones hold the same values" {
	cat >in <<-'END'
	{"n":1,"t":"2026-01-01T10:00:00Z"}
	{"n":2.5,"u":1}
	{"n":3,"u":null,"t":null}
	END
	pgsink --create big in
	pgsink --create --batch-rows 1 small in
	[ "$(sql 'table big')" = "$(sql 'table small')" ]
}

@test "pgsink: an unknown field is refused, passed over by --extra ignore, added by --create" {
	sql 'create table x (n int)'
	printf '%s\n' '{"n":1}' '{"n":2,"Odd name":1}' '{"n":3}' >in
	run -3 --separate-stderr pgsink x in
	[ "$stderr" = "pgsink: in:2: table \"x\" has no column 'Odd name' (--extra ignore passes over it)" ]
	[ "$(sql 'select n from x')" = 1 ]
	run -0 pgsink --extra ignore x in
	rows_are x 4
	run -0 pgsink --create x in
	[ "$(sql 'select "Odd name" from x where n = 2 order by 1')" = $'1\n' ] || [ "$(sql 'select max("Odd name") from x')" = 1 ]
	run -3 --separate-stderr pgsink x <<<'{"N":1}'
	[[ $stderr == *"no column 'N', but one in another case"* ]]
	run -3 --separate-stderr pgsink --extra ignore x <<<'{"m":1}'
	[[ $stderr == *"no field of the record is a column"* ]]
}

@test "pgsink: upsert replaces, the last of a key wins in a batch and between batches" {
	sql 'create table u (k int primary key, v text, d int default 7)'
	printf '%s\n' '{"k":1,"v":"a"}' '{"k":2,"v":"b"}' '{"k":1,"v":"c","d":1}' '{"k":1,"v":"d"}' >in
	run -0 pgsink --mode upsert u in
	[ "$(sql 'table u order by k')" = $'1|d|1\n2|b|7' ]
	echo '{"k":2,"v":null}' | pgsink --mode upsert --key k u
	[ "$(sql 'table u order by k')" = $'1|d|1\n2||7' ]
	run -0 pgsink --mode upsert --batch-rows 1 u in
	[ "$(sql 'table u order by k')" = $'1|d|1\n2|b|7' ]
}

@test "pgsink: ignore keeps what is there, the first of a key wins" {
	sql 'create table g (k int primary key, v text)'
	printf '%s\n' '{"k":1,"v":"a"}' '{"k":1,"v":"b"}' '{"k":2,"v":"c"}' >in
	pgsink --mode ignore g in
	pgsink --mode ignore --key k g <<<'{"k":2,"v":"z"}'
	[ "$(sql 'table g order by k')" = $'1|a\n2|c' ]
}

@test "pgsink: keys with a null in them are equal to none" {
	sql 'create table kn (a int, b int, v text, unique (a, b))'
	printf '%s\n' '{"a":1,"b":null,"v":"p"}' '{"a":1,"b":null,"v":"q"}' '{"a":1,"b":2,"v":"r"}' '{"a":1,"b":2,"v":"s"}' |
	    pgsink --mode upsert --key b,a kn
	[ "$(sql 'select v from kn order by v')" = $'p\nq\ns' ]
}

@test "pgsink: --create --key makes a primary key; upsert goes on from there" {
	printf '%s\n' '{"a b":1,"v":1}' '{"a b":1,"v":2.5}' '{"a b":"x","v":3}' |
	    pgsink --create --mode upsert --key 'a b' --batch-rows 1 made
	[ "$(sql 'select "a b", v from made order by 1')" = $'1|2.5\nx|3' ]
	[ "$(sql "select count(*) from pg_index where indrelid = 'made'::regclass and indisprimary")" = 1 ]
}

@test "pgsink: a key without a unique index, or without a column, is 2 with the remedy" {
	sql 'create table nk (k int, v text)'
	run -2 --separate-stderr pgsink --mode upsert --key k nk <<<'{"k":1}'
	[ "$stderr" = 'pgsink: table "nk" has no unique index on its key: CREATE UNIQUE INDEX ON "nk" ("k")' ]
	run -2 --separate-stderr pgsink --mode upsert nk <<<'{"k":1}'
	[[ $stderr == *"has no primary key: --mode upsert needs --key"* ]]
	run -2 --separate-stderr pgsink --mode upsert --key zz nk <<<'{"k":1}'
	[[ $stderr == *"no column 'zz'"* ]]
	run -2 --separate-stderr pgsink --create --mode upsert never <<<'{"k":1}'
	[[ $stderr == *"needs --key"* ]]
	run -2 --separate-stderr pgsink --create --key q never <<<'{"k":1}'
	[[ $stderr == *"no record has a field 'q'"* ]]
}

@test "pgsink: rows the server refuses are found, located and set aside; the rest is committed" {
	sql 'create table p (n smallint check (n <> 13))'
	seq 1 10000 | sed 's/.*/{"n":&}/; 13s/.*/{"n":13}/; 500s/.*/{"n": "five"}/; 501s/.*/{"n":70000}/; 9999s/.*/{"n":{}}/' >in
	run -0 --separate-stderr pgsink --dead dead p in
	[[ $stderr == 'pgsink: 4 bad records written to dead, the first: in:13: '*'check constraint "p_n_check" (SQLSTATE 23514)' ]]
	rows_are p 9996
	[ "$(jq -r '.where + " " + .raw' dead)" = $'in:13 {"n":13}\nin:500 {"n": "five"}\nin:501 {"n":70000}\nin:9999 {"n":{}}' ]
	[[ $(jq -r .why dead | sed -n 2p) == "column 'n': invalid input syntax for type smallint: \"five\" (SQLSTATE 22P02)" ]]
	[ "$(jq -r .stage dead | sort -u)" = pgsink ]
}

@test "pgsink: --on-error fail commits what stands before the bad record, whoever finds it" {
	sql 'create table q (n smallint)'
	seq 1 1000 | sed 's/.*/{"n":&}/; 700s/.*/{"n":70000}/; 800s/.*/{"n":80000}/' >in
	run -3 --separate-stderr pgsink q in
	[[ $stderr == "pgsink: in:700: "*'22003)' ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[ "$(sql 'select count(*), max(n) from q')" = '699|699' ]
	sql 'truncate q'
	run -3 --separate-stderr pgsink --batch-rows 750 q in
	[[ $stderr == "pgsink: in:700: "* ]]
	[ "$(sql 'select count(*), max(n) from q')" = '699|699' ]
	sql 'truncate q'
	sed '700s/.*/{oops/; 650s/.*/{"n":65000}/' in >in2
	run -3 --separate-stderr pgsink q in2
	[[ $stderr == "pgsink: in2:650: "* ]]
	[ "$(sql 'select count(*) from q')" = 649 ]
	sql 'truncate q'
	run -3 --separate-stderr pgsink q <(sed '650s/.*/{"n":65}/' in2)
	[[ $stderr == *":700: cannot parse record"* ]]
	[ "$(sql 'select count(*) from q')" = 699 ]
}

@test "pgsink: every other row refused, in all modes" {
	seq 1 4000 | awk '{ print $1 % 2 ? "{\"n\":" $1 "}" : "{\"n\":\"x\"}" }' >in
	for mode in insert ignore upsert; do
		sql "create table odd_$mode (n int primary key)"
		run -0 --separate-stderr pgsink --on-error skip --mode $mode odd_$mode in
		[[ $stderr == *"2000 bad records skipped"* ]]
		[ "$(sql "select count(*), sum(n) from odd_$mode")" = '2000|4000000' ]
	done
}

@test "pgsink: foreign keys, deferred constraints and triggers refuse single rows too" {
	sql 'create table ref (id int primary key); insert into ref select generate_series(1, 50);
	    create table child (id int references ref deferrable initially deferred, n int unique deferrable initially deferred);
	    create function no_seven() returns trigger language plpgsql as $$ begin
	      if new.n = 7 then raise exception '"'not seven'"'; end if; return new; end $$;
	    create trigger t before insert on child for each row execute function no_seven()'
	seq 1 40 | sed 's/.*/{"id":&,"n":&}/; 5s/.*/{"id":99,"n":5}/; 20s/.*/{"id":20,"n":19}/' >in
	run -0 --separate-stderr pgsink --dead dead child in
	rows_are child 37
	[ "$(jq -r .where dead)" = $'in:5\nin:7\nin:20' ]
	[[ $(jq -r .why dead) == *23503*P0001*23505* ]]
}

@test "pgsink: NUL, lone surrogates, 1e400, 30 digits and infinity, into each type" {
	sql 'create table h (text text, json json, jsonb jsonb, numeric numeric, bigint bigint, float8 float8,
	    timestamptz timestamptz, date date, boolean boolean, bytea bytea)'
	cat >values <<-'END'
	"a\u0000b"
	"\ud800"
	1e400
	123456789012345678901234567890
	"infinity"
	END
	for type in text json jsonb numeric bigint float8 timestamptz date boolean bytea; do
		sed "s/.*/{\"$type\":&}/" values >in
		run -0 pgsink --on-error skip --dead dead h in
		echo "$type $(sql "select string_agg(coalesce(left($type::text, 24), '-'), ' ' order by ctid) from h")"
		sql 'truncate h'
	done >got
	diff - got <<-'END'
	text 1e400 123456789012345678901234 infinity
	json "a\u0000b" 1e400 123456789012345678901234 "infinity"
	jsonb 100000000000000000000000 123456789012345678901234 "infinity"
	numeric 100000000000000000000000 123456789012345678901234 Infinity
	bigint 
	float8 1.2345678901234568e+29 Infinity
	timestamptz infinity
	date infinity
	boolean 
	bytea \x3165343030 \x3132333435363738393031 \x696e66696e697479
	END
	# What is not in the table is in the file, all of it: 50 values, 20 stored.
	[ "$(wc -l <dead)" -eq 30 ]
}

@test "pgsink: epochs as numbers in time columns, the unit pinned by the first" {
	sql 'create table ep (t timestamptz)'
	printf '%s\n' '{"t":1700000000123}' '{"t":1700000000}' '{"t":"2026-01-01 00:00:00"}' >in
	run -0 --separate-stderr pgsink --on-error skip ep in
	[[ $stderr == *"in:2: column 't': "*"unit jumps"* ]]
	[ "$(TZ=UTC sql 'select t at time zone $$UTC$$ from ep')" = $'2023-11-14 22:13:20.123\n2026-01-01 00:00:00' ]
}

@test "pgsink: names are quoted, folded and limited as SQL's are" {
	local name n=0
	while IFS= read -r name; do
		n=$((n + 1))
		jq -nc --arg k "$name" '{($k): 1, id: 2}' >in
		run -0 pgsink --create "\"naughty ${name//\"/\"\"}\"" in
		[ "$(psql -XAtq -v t="naughty $name" -v c="$name" <<<'select :"c", id from :"t"')" = '1|2' ]
		# There already, through the temporary table, as a key.
		run -0 pgsink --mode ignore "\"naughty ${name//\"/\"\"}\"" in
		run -0 pgsink --create --mode upsert --key "${name//,/}" k_$n <<<"$(jq -nc --arg k "${name//,/}" '{($k): 1, v: 2}')"
	done <<-'END'
	"; drop table a; --
	it's
	two words
	naïve ☃ 名前
	a.b.c
	back\slash
	\N
	\.
	%s%n$1
	select
	CamelCase
	mr_order
	'||pg_sleep(9)||'
	tab	inside
	1starts_with_digit
	END
	[ "$(sql "select count(*) from pg_class where relname like 'naughty %'")" = $n ]
	local long
	long=$(printf 'n%.0s' {1..63})
	run -0 pgsink --create "$long" <<<"{\"$long\":1}"
	[ "$(sql "select $long from $long")" = 1 ]
	run -2 --separate-stderr pgsink --create "${long}n" <<<'{"a":1}'
	[[ $stderr == *"is no table name"* ]]
	run -3 --separate-stderr pgsink --create "$long" <<<"{\"${long}n\":1}"
	[[ $stderr == *"cannot be a column: a name has 1 to 63 bytes"* ]]
	run -3 pgsink --create "$long" <<<'{"":1}'
	run -0 --separate-stderr pgsink -v --create --extra ignore "$long" <<<"{\"$long\":1,\"\":1}"
	[[ $stderr == *"1 fields without a column passed over"* ]]
	run -3 pgsink --create "$long" <<<'{"a\u0000":1}'
	run -2 pgsink 'a;b' <<<'{"a":1}'
	run -2 pgsink '"open' <<<'{"a":1}'
	run -2 pgsink 'a.b.c' <<<'{"a":1}'
	run -2 pgsink '' <<<'{"a":1}'
	sql 'create schema "Sch"'
	run -0 pgsink --create '"Sch".TAB' <<<'{"a":1}'
	[ "$(sql 'select a from "Sch".tab')" = 1 ]
	run -2 --separate-stderr pgsink --create 'missing.t' <<<'{"a":1}'
	[[ $stderr == *"SQLSTATE 3F000)" ]]
}

@test "pgsink: a column called ctid, and 1601 fields" {
	run -2 --separate-stderr pgsink --create sys <<<'{"ctid":1}'
	[[ $stderr == *"cannot make or change table"*"42701"* ]]
	run -3 --separate-stderr pgsink --create broad <<<"$(jq -nc '[range(1601) | {"f\(.)": .}] | add')"
	[[ $stderr == *"a table has at most 1600"* ]]
}

@test "pgsink: partitioned tables, views, identity and generated columns" {
	sql 'create table part (id int generated always as identity, n int, g int generated always as (n * 2) stored,
	    primary key (id, n)) partition by range (n); create table part1 partition of part for values from (0) to (100)' ||
	sql 'create table part (id int, n int, primary key (id, n)) partition by range (n);
	    create table part1 partition of part for values from (0) to (100)'
	run -0 --separate-stderr pgsink --on-error skip part <<<$'{"id":1,"n":1}\n{"id":2,"n":100}'
	[[ $stderr == *"no partition of relation"* ]]
	rows_are part 1
	sql 'create table idt (id int generated always as identity primary key, n int, g int generated always as (n * 2) stored)'
	run -0 pgsink idt <<<$'{"n":1}\n{"id":50,"n":2}\n{"n":3}'
	[ "$(sql 'table idt order by n')" = $'1|1|2\n50|2|4\n2|3|6' ]
	run -0 pgsink --mode upsert idt <<<$'{"id":50,"n":5}'
	[ "$(sql 'select n from idt where id = 50')" = 5 ]
	run -3 --separate-stderr pgsink idt <<<'{"g":5}'
	[[ $stderr == *"column 'g' is generated"* ]]
}

@test "pgsink: what is wrong use stops at once, in words, with 2" {
	run -2 --separate-stderr pgsink -d nosuchdb t <<<'{}'
	[[ $stderr == *'database "nosuchdb" does not exist' ]]
	run -2 --separate-stderr pgsink -U nobody_here t <<<'{}'
	[[ $stderr == *'role "nobody_here" does not exist' ]]
	sql 'create role weak login; create table guarded (n int)'
	run -2 --separate-stderr pgsink -U weak guarded <<<'{"n":1}'
	[[ $stderr == *'no privilege to insert into "guarded": GRANT INSERT ON "guarded" TO weak' ]]
	run -2 --separate-stderr pgsink --mode replace t
	[[ $stderr == *"--mode 'replace' is none of insert, ignore, upsert" ]]
	run -2 --separate-stderr pgsink --extra maybe t
	run -2 --separate-stderr pgsink --flush 1 t
	run -2 --separate-stderr pgsink --batch-rows 0 t
	run -2 --separate-stderr pgsink
	[[ $stderr == "pgsink: no TABLE given"* ]]
	sql 'create sequence sq'
	run -2 --separate-stderr pgsink sq <<<'{"n":1}'
	[[ $stderr == *'"sq" is not a table' ]]
}

@test "pgsink: conninfo, URI, DATABASE_URL, and no password in any message" {
	sql 'create table c (n int)'
	run -0 pgsink -d "dbname=$PGDATABASE host=$PGHOST" c <<<'{"n":1}'
	run -0 pgsink -d "postgresql:///$PGDATABASE?host=$PGHOST&port=$PGPORT" c <<<'{"n":2}'
	run -0 pgsink --host "$PGHOST" -p "$PGPORT" -U "$PGUSER" -w -d "$PGDATABASE" c <<<'{"n":3}'
	run -0 env -u PGHOST -u PGPORT -u PGDATABASE -u PGUSER DATABASE_URL="postgresql://$PGUSER@/$PGDATABASE?host=$PGHOST&port=$PGPORT" \
	    pgsink c <<<'{"n":4}'
	rows_are c 4
	run -0 --separate-stderr pgsink -d "postgresql://$PGUSER:s3cret@/$PGDATABASE?host=$PGHOST" c <<<'{"n":5}'
	[[ $stderr == *"can be seen by other users"*PGPASSFILE* && $stderr != *s3cret* ]]
	run -2 --separate-stderr pgsink -d "postgresql://u:s3cret@[broken/x" c <<<'{"n":5}'
	[[ $stderr != *s3cret* ]]
	run -4 --separate-stderr pgsink --retry-for 0 -d "host=/nowhere password=s3cret" c <<<'{"n":5}'
	[[ $stderr != *"nect"*s3cret* ]]
}

@test "pgsink: passwords from PGPASSFILE; none or a wrong one is 2 at once, as are bad options" {
	local up="$MR_TESTS/live/postgres" dir=$BATS_TEST_TMPDIR/pg base
	eval "$("$up" up "$dir" --fast --tcp)"
	base=$(cat "$dir/base")
	sql "create table t (n int); create role guest login password 'open sesame'; grant insert on t to guest"
	echo 'host all guest 127.0.0.1/32 scram-sha-256' | cat - "$base/pg/data/pg_hba.conf" >hba
	cat hba >"$base/pg/data/pg_hba.conf"
	sql 'select pg_reload_conf()' >/dev/null
	until_true 5 bash -c '! psql -w -U guest -c "" 2>/dev/null'
	run -2 --separate-stderr pgsink -U guest t <<<'{"n":1}'
	[[ $stderr == *"no password supplied: PGPASSFILE"* ]]
	run -2 --separate-stderr env PGPASSWORD=wrong pgsink -U guest t <<<'{"n":1}'
	[[ $stderr == *"password authentication failed"* && $stderr != *wrong* ]]
	echo '*:*:*:guest:open sesame' >pgpass
	chmod 600 pgpass
	PGPASSFILE=$PWD/pgpass run -0 pgsink -U guest t <<<'{"n":1}'
	run -2 --separate-stderr pgsink -p 99999999 t <<<'{"n":1}'
	[[ $stderr == *"invalid port number"* ]]
	run -2 pgsink -d 'sslmode=perhaps' t <<<'{"n":1}'
	run -2 --separate-stderr pgsink -d 'sslmode=require' t <<<'{"n":1}'
	[[ $stderr == *"does not support SSL"* ]]
	run -2 pgsink -d 'service=nowhere' t <<<'{"n":1}'
	"$up" down "$dir"
}

@test "pgsink: the session is named millrace/pgsink, unless PGAPPNAME says otherwise" {
	sql "create table app (n int, who text default current_setting('application_name'),
	    enc text default current_setting('client_encoding'), tz text default current_setting('TimeZone'))"
	pgsink app <<<'{"n":1}'
	PGAPPNAME=mine PGCLIENTENCODING=LATIN1 PGTZ=Asia/Tokyo pgsink app <<<'{"n":2}'
	[ "$(sql 'table app order by n')" = $'1|millrace/pgsink|UTF8|UTC\n2|mine|UTF8|Asia/Tokyo' ]
}

@test "pgsink: rows are committed when the input pauses, and after --flush when it does not" {
	sql 'create table idle (n int)'
	mkfifo pipe
	pgsink idle <pipe &
	local pid=$!
	exec 7>pipe
	echo '{"n":1}' >&7
	until_true 5 rows_are idle 1
	echo '{"n":2}' >&7
	until_true 5 rows_are idle 2
	exec 7>&-
	wait $pid
	# A stream that never pauses: rows are there long before a batch is full.
	(yes '{"n":5}' & echo $! >yes.pid; wait) | pgsink --batch-rows 100000000 --batch-bytes 1T --flush 200ms idle &
	pid=$!
	until_true 10 bash -c '[ "$(psql -XAtqc "select count(*) > 2 from idle")" = t ]'
	kill "$(cat yes.pid)"
	wait $pid
}

@test "pgsink: TERM commits what came in, and is 0" {
	sql 'create table term (n int)'
	mkfifo pipe
	pgsink --flush 1h -v term <pipe 2>err &
	local pid=$!
	exec 7>pipe
	for n in 1 2 3; do echo "{\"n\":$n}"; done >&7
	until_true 5 rows_are term 3
	echo '{"n":4}' >&7
	kill -TERM $pid
	exec 7>&-
	wait $pid
	rows_are term 4
	[[ $(cat err) == *'4 rows in '* ]]
}

@test "pgsink: -v sums up, USR1 tells, --metrics-file counts" {
	sql 'create table m (n int)'
	mkfifo pipe
	pgsink -v --metrics-file prom m <pipe 2>err &
	local pid=$!
	exec 7>pipe
	echo '{"n":1}' >&7
	until_true 5 rows_are m 1
	kill -USR1 $pid
	until_true 5 grep -q 'in 1, .*rows 1, batches 1, held 0, retries 0' err
	exec 7>&-
	wait $pid
	grep -q '^pgsink: 1 rows in 1 batches into "m", ' err
	grep -q '^millrace_rows_committed_total{pipeline="",stage="pgsink"} 1$' prom
}

@test "pgsink: watermarks and the end of the stream are not rows" {
	sql 'create table wm (ts timestamptz)'
	printf '%s\n' '{"ts":"2026-01-01T00:00:00Z"}' '{"ts":"2026-01-01T00:01:00Z"}' | jwatermark --time .ts | pgsink wm
	rows_are wm 2
}

@test "pgsink: serialization failures are retried, nothing comes twice" {
	sql 'create table ser (n int); create sequence tries;
	    create function flaky() returns trigger language plpgsql as $$ begin
	      if nextval('"'tries'"') <= 3 then raise exception using errcode = '"'40001'"', message = '"'again'"'; end if;
	      return new; end $$;
	    create trigger t before insert on ser for each statement execute function flaky()'
	seq 1 100 | sed 's/.*/{"n":&}/' | pgsink ser
	[ "$(sql 'select count(*), count(distinct n) from ser')" = '100|100' ]
}

@test "pgsink: a database that stays away is 4 after --retry-for, said once" {
	sql 'create table away (n int)'
	run -4 --separate-stderr pgsink --host "$BATS_TEST_TMPDIR" --retry-for 300ms away <<<'{"n":1}'
	[[ ${stderr_lines[0]} == *"trying again for up to 300ms" ]]
	[[ ${stderr_lines[1]} == "pgsink: cannot connect to the database: "* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "pgsink: TERM while the database is away: 4 after a few seconds, and what was lost is said" {
	local up="$MR_TESTS/live/postgres" dir=$BATS_TEST_TMPDIR/pg pid
	eval "$("$up" up "$dir" --fast)"
	sql 'create table gone (n int)'
	mkfifo pipe
	pgsink gone <pipe 2>err &
	pid=$!
	exec 7>pipe
	echo '{"n":1}' >&7
	until_true 5 rows_are gone 1
	"$up" down "$dir" -m immediate --keep
	echo '{"n":2}' >&7
	until_true 5 grep -q 'trying again for up to 5m' err
	kill -TERM $pid
	exec 7>&-
	local status=0
	wait $pid || status=$?
	[ $status -eq 4 ]
	[[ $(tail -n 1 err) == "pgsink: 1 row not written: cannot connect to the database: "* ]]
	"$up" down "$dir"
}

# feed ROWS SEED: {"n":1}.. in bursts and pauses
feed() {
	perl -e '$| = 1; my ($n, $seed) = @ARGV; srand $seed; my $i = 0;
	    while ($i < $n) { my $m = (1, 1, 3, 50, 1000, 3000)[rand 6];
	      print join "", map { "{\"n\":$_,\"s\":\"" . ("x" x rand 50) . "\"}\n" } $i + 1 .. ($i + $m > $n ? $n : $i + $m);
	      $i += $m; select undef, undef, undef, rand .02 if rand > .5 }' "$1" "$2"
}

@test "pgsink: sessions ended at random instants lose no row and double none" {
	sql 'create table killed (n int, s text)'
	# Without privileges: a role ends its own sessions only.
	sql 'create role modest login; grant insert on killed to modest'
	feed 120000 $RANDOM | pgsink -U modest killed 2>err &
	local pid=$!
	while kill -0 $pid 2>/dev/null; do
		sql "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'millrace/pgsink'" >>kills
		sleep "0.0$((RANDOM % 10))"
	done
	wait $pid
	echo "# $(grep -c t kills) sessions ended"
	[ "$(sql 'select count(*), count(distinct n), min(n), max(n) from killed')" = '120000|120000|1|120000' ]
}

@test "pgsink: a wire cut around COMMIT: settled, no row lost and none doubled" {
	local seed=$RANDOM mode pid total=0
	for mode in insert upsert; do
		echo "# seed $seed, $mode"
		sql "create table cut_$mode (n int $([ $mode = insert ] || echo primary key), s text)"
		"$MR_TESTS/live/cutter" "$BATS_TEST_TMPDIR" "$PGHOST" "$PGPORT" $seed >cuts 3>&- &
		pid=$!
		until_true 5 test -S ".s.PGSQL.$PGPORT"
		feed 150000 $seed | pgsink --host "$BATS_TEST_TMPDIR" --mode $mode cut_$mode
		kill $pid
		wait $pid
		total=$((total + $(wc -l <cuts)))
		[ "$(sql "select count(*), count(distinct n), min(n), max(n) from cut_$mode")" = '150000|150000|1|150000' ]
	done
	echo "# $total cuts"
	[ $total -ge 5 ]
}

@test "pgsink: refused rows and new columns through a wire that is cut" {
	local seed=$RANDOM pid
	echo "# seed $seed"
	perl -e 'srand shift; for my $i (1 .. 40000) { my $r = rand;
	    print $r < .002 ? "{\"n\":$i,\"j\":[\"\\u0000\"]}\n" : $r < .3 ? "{\"n\":$i,\"v\":" . ($i > 20000 ? "$i.5" : $i) . "}\n" :
	      $r < .4 && $i > 15000 ? "{\"n\":$i,\"late" . int($i / 10000) . "\":\"x\"}\n" : "{\"n\":$i,\"j\":[$i]}\n" }' $seed >in
	"$MR_TESTS/live/cutter" "$BATS_TEST_TMPDIR" "$PGHOST" "$PGPORT" $seed >cuts 3>&- &
	pid=$!
	until_true 5 test -S ".s.PGSQL.$PGPORT"
	pgsink --host "$BATS_TEST_TMPDIR" --create --key n --batch-rows 1000 --dead dead cut_made in 2>err
	kill $pid
	wait $pid
	[ "$(wc -l <dead)" -eq "$(grep -c u0000 in)" ]
	[ "$(sort -u dead | wc -l)" -eq "$(wc -l <dead)" ]
	[ "$(sql 'select count(*), count(v), count(j), count(late1), count(late2), count(late3) from cut_made')" = \
	    "$(jq -rs 'map(select(.j != ["\u0000"])) | [length, (map(select(has("v"))) | length), (map(select(has("j"))) | length),
	      (map(select(has("late1"))) | length), (map(select(has("late2"))) | length), (map(select(has("late3"))) | length)] |
	      join("|")' in)" ]
}

@test "pgsink: a server that crashes and comes back" {
	local up="$MR_TESTS/live/postgres" dir=$BATS_TEST_TMPDIR/pg pid vars
	vars=$("$up" up "$dir" --fast)
	(
		eval "$vars"
		sql 'create table crash (n int, s text)'
		feed 60000 $RANDOM | pgsink crash 2>err &
		pid=$!
		for _ in 1 2 3; do
			sleep "0.$((RANDOM % 5))"
			"$up" down "$dir" -m immediate --keep
			"$up" up "$dir" >/dev/null
		done
		wait $pid
		[ "$(sql 'select count(*), count(distinct n), max(n) from crash')" = '60000|60000|60000' ]
	)
	"$up" down "$dir" -m immediate
}

@test "pgsink: random values read back as the server's own JSON reads them" {
	local seed=$RANDOM mode
	echo "# seed $seed"
	"$MR_TESTS/aid/rows" $seed 3000 >in
	sql 'create table raw (id serial, line text)'
	psql -Xq -c "\\copy raw (line) from 'in' with (format csv, quote E'\\x01', delimiter E'\\x02')"
	rows_are raw 3000
	sql 'create table rt_insert (id int primary key, i bigint, n numeric, s text, t timestamptz, b boolean, j jsonb);
	    create table rt_upsert (like rt_insert including all)'
	pgsink rt_insert in
	pgsink --mode upsert --batch-rows 700 rt_upsert in
	pgsink --create --batch-rows 997 rt_create in
	for mode in insert upsert create; do
		[ "$(sql "select count(*), count(*) filter (where l->>'i' is distinct from i::text
		      or (l->>'n')::numeric is distinct from n or l->>'s' is distinct from s
		      or (l->>'t')::timestamptz is distinct from t::timestamptz or (l->>'b')::boolean is distinct from b
		      or nullif(l->'j', 'null') is distinct from j)
		    from (select id, line::jsonb as l from raw) r full join rt_$mode using (id)")" = '3000|0' ]
	done
	# The spelling of numbers without exponent is theirs.
	[ "$(sql "select count(*) from rt_insert join raw using (id)
	    where line::json->>'n' !~ '[eE]' and line::json->>'n' <> n::text and n <> 0")" = 0 ]
}

@test "pgsink: several --create of one table at once lose nothing" {
	for round in 1 2 3; do
		for n in 1 2 3 4 5 6; do
			seq 100 | sed 's/.*/{"n":&}/' >"in$n"
			pgsink --create "race$round" "in$n" 2>"err$n" &
		done
		wait
		cat err?
		[ "$(psql -XAtc "select count(*) from race$round")" -eq 600 ]
	done
}
