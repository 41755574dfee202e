-- The rides as they came, and the windows as Postgres sees them: what the
-- pipeline's table is compared with.  Shares no code with millrace.
-- Load with: \copy raw (line) from 'rides.ndjson' with (format csv, quote e'\x01', delimiter e'\x02')

create table raw (n bigint generated always as identity, line text not null);

-- newest: the newest time of the rides before this one.
create view ride as
select n, ts, j->>'zone' as zone, j->>'vendor' as vendor, j->>'status' as status,
       (j->>'fare')::numeric as fare, (j->>'tip')::numeric as tip, (j->>'passengers')::int as passengers,
       max(ts) over (order by n rows between unbounded preceding and 1 preceding) as newest
from (select n, line::jsonb as j, (line::jsonb->>'ts')::timestamptz as ts from raw) r;

-- The generator's late rides are 10 to 60 minutes behind the newest one, all others at most 15 s.
create view on_time as
select * from ride where newest is null or ts > newest - interval '5 minutes';

create view expected as
select date_trunc('minute', ts) as window_start, zone, count(*) as rides, sum(fare) as fare
from on_time where status = 'completed' group by 1, 2;
