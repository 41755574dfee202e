/*
 * Oracle - Apache Flink's answers to the cases of a file, over files of events.
 *
 * Usage: Oracle CASES DATA_DIR OUT_DIR [DATA_DIR OUT_DIR ...]
 * CASES has, for each case, a line `-- case NAME DATA [ZONE]`, other comments, and one SQL query,
 * or where SQL cannot ask `-- stream WINDOW`, see below;
 * `{x}` in it is what a line `-- {x} TEXT` said.  DATA_DIR/DATA.ndjson are the events, which the
 * query sees as the table `events`: ts (its time), id, k, v, f, q.  The rows go to
 * OUT_DIR/NAME.ndjson: a changelog is applied, and what stays is written in the order of
 * window_end, window_start and the bytes of the row.  More directories are further rounds.
 *
 * All cases are one job of one local cluster, since starting a job costs more than running it.
 * Each event is followed by the watermark it makes, newest time - 15 s, so that Flink judges what
 * is late by the same watermark as jwindow: with one every 200 ms of the clock it would
 * depend on the machine.
 */
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.flink.api.common.restartstrategy.RestartStrategies;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.Collector;

public final class Oracle {
	static final long LAG_MS = 15000;
	static final String NULL = "\0";	/* the key of events that have none: Flink wants one */
	static final DateTimeFormatter STAMP =
	    DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

	/* A case of the file, and what its query's columns are called. */
	static final class Case {
		final String name, data;
		final ZoneId zone;
		final StringBuilder sql = new StringBuilder();
		String[] stream;
		List<String> columns;

		Case(String[] words) {
			name = words[2];
			data = words[3];
			zone = ZoneId.of(words.length > 4 ? words[4] : "UTC");
		}
	}

	/* Where a row of an event has what. */
	static final int K = 1, V = 2, F = 3, MS = 5;

	/* The events of a file, each with its time, and its watermark behind it. */
	static final class Events implements SourceFunction<Row> {
		private static final long serialVersionUID = 1;
		static final TypeInformation<Row> TYPE = Types.ROW_NAMED(
		    new String[] {"id", "k", "v", "f", "q", "ms"},
		    Types.LONG, Types.STRING, Types.BIG_DEC, Types.BIG_DEC, Types.LONG, Types.LONG);
		private final String file;
		private volatile boolean running = true;

		Events(Path file) {
			this.file = file.toString();
		}

		@Override
		public void run(SourceContext<Row> out) throws IOException {
			ObjectMapper mapper = new ObjectMapper()
			    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
			long newest = Long.MIN_VALUE;
			String line;

			try (BufferedReader in = Files.newBufferedReader(Path.of(file))) {
				while (running && (line = in.readLine()) != null) {
					JsonNode event = mapper.readTree(line);
					long ms = Instant.parse(event.get("ts").textValue()).toEpochMilli();

					out.collectWithTimestamp(row(event, ms), ms);
					if (ms > newest) {
						newest = ms;
						out.emitWatermark(new Watermark(newest - LAG_MS));
					}
				}
			}
		}

		private static Row row(JsonNode event, long ms) {
			return Row.of(event.get("id").longValue(),
			    missing(event, "k") ? null : event.get("k").textValue(),
			    decimal(event, "v"), decimal(event, "f"), event.get("q").longValue(), ms);
		}

		private static boolean missing(JsonNode event, String name) {
			return event.get(name) == null || event.get(name).isNull();
		}

		private static BigDecimal decimal(JsonNode event, String name) {
			return missing(event, name) ? null : event.get(name).decimalValue();
		}

		@Override
		public void cancel() {
			running = false;
		}
	}

	/* What all cases ask for, of a window that is Flink's; the arithmetic is ours. */
	static final class All<W extends Window> extends ProcessWindowFunction<Row, Row, String, W> {
		private static final long serialVersionUID = 1;
		static final List<String> COLUMNS =
		    List.of("window_start", "window_end", "k", "n", "c", "s", "lo", "hi", "mean");
		static final TypeInformation<Row> TYPE = Types.ROW(Types.INSTANT, Types.INSTANT, Types.STRING,
		    Types.LONG, Types.LONG, Types.BIG_DEC, Types.BIG_DEC, Types.BIG_DEC, Types.DOUBLE);

		/* A window of a count has no bounds: they are those of its events. */
		@Override
		public void process(String key, Context context, Iterable<Row> events, Collector<Row> out) {
			long n = 0, c = 0, first = Long.MAX_VALUE, last = Long.MIN_VALUE;
			BigDecimal s = null, lo = null, hi = null;
			double f = 0;

			for (Row event : events) {
				BigDecimal v = (BigDecimal)event.getField(V);
				long ms = (Long)event.getField(MS);

				first = Math.min(first, ms);
				last = Math.max(last, ms);
				f += ((BigDecimal)event.getField(F)).doubleValue();
				n++;
				if (v == null)
					continue;
				c++;
				s = s == null ? v : s.add(v);
				lo = lo == null ? v : lo.min(v);
				hi = hi == null ? v : hi.max(v);
			}
			if (context.window() instanceof TimeWindow) {
				first = ((TimeWindow)context.window()).getStart();
				last = ((TimeWindow)context.window()).getEnd() - 1;
			}
			out.collect(Row.of(Instant.ofEpochMilli(first), Instant.ofEpochMilli(last + 1),
			    key.equals(NULL) ? null : key, n, c, s, lo, hi, f / n));
		}
	}

	/* Keeps what a query gives; the cluster is in this process. */
	static final class Keep extends RichSinkFunction<Row> {
		private static final long serialVersionUID = 1;
		static final Map<String, List<Row>> ROWS = new ConcurrentHashMap<>();
		private final String name;

		Keep(String name) {
			this.name = name;
		}

		@Override
		public void invoke(Row row, Context context) {
			ROWS.computeIfAbsent(name, n -> new ArrayList<>()).add(row);
		}
	}

	/* A row as it is written, with what it is ordered by. */
	static final class Line {
		final String json;
		final long start, end;

		Line(Row row, List<String> columns, ZoneId zone) {
			StringBuilder out = new StringBuilder("{");
			long[] bounds = new long[2];

			for (int i = 0; i < columns.size(); i++) {
				Object value = row.getField(i);

				if (columns.get(i).equals("window_start"))
					bounds[0] = instant(value, zone).toEpochMilli();
				if (columns.get(i).equals("window_end"))
					bounds[1] = instant(value, zone).toEpochMilli();
				out.append(i > 0 ? "," : "").append(quote(columns.get(i))).append(':')
				    .append(text(value, zone));
			}
			json = out.append('}').toString();
			start = bounds[0];
			end = bounds[1];
		}

		/* The bounds of windows are without a zone, in that of the session. */
		static Instant instant(Object value, ZoneId zone) {
			if (value instanceof LocalDateTime)
				return ((LocalDateTime)value).atZone(zone).toInstant();
			return (Instant)value;
		}

		static String text(Object value, ZoneId zone) {
			if (value == null)
				return "null";
			if (value instanceof LocalDateTime || value instanceof Instant)
				return quote(STAMP.format(instant(value, zone)));
			if (value instanceof String)
				return quote((String)value);
			if (value instanceof BigDecimal)	/* of a fixed scale: 1.500000 */
				return decimal((BigDecimal)value);
			return value.toString();
		}

		static String decimal(BigDecimal value) {
			return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
		}

		static String quote(String s) {
			return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(s)) + '"';
		}
	}

	static List<Case> read(Path file) throws IOException {
		Map<String, String> macros = new LinkedHashMap<>();
		List<Case> cases = new ArrayList<>();

		for (String line : Files.readAllLines(file)) {
			if (line.startsWith("-- case "))
				cases.add(new Case(line.trim().split(" +")));
			else if (line.startsWith("-- stream "))
				cases.get(cases.size() - 1).stream = line.substring(10).split(" ");
			else if (line.startsWith("-- {"))
				macros.put(line.substring(3, line.indexOf('}') + 1),
				    line.substring(line.indexOf('}') + 2));
			else if (!line.startsWith("--") && !cases.isEmpty())
				cases.get(cases.size() - 1).sql.append(expand(line, macros)).append('\n');
		}
		return cases;
	}

	static String expand(String line, Map<String, String> macros) {
		for (Map.Entry<String, String> macro : macros.entrySet())
			line = line.replace(macro.getKey(), macro.getValue());
		return line;
	}

	static Schema schema() {
		return Schema.newBuilder()
		    .column("id", DataTypes.BIGINT())
		    .column("k", DataTypes.STRING())
		    .column("v", DataTypes.DECIMAL(30, 6))
		    .column("f", DataTypes.DECIMAL(18, 6))
		    .column("q", DataTypes.BIGINT())
		    .columnByMetadata("ts", DataTypes.TIMESTAMP_LTZ(3), "rowtime", true)
		    .watermark("ts", "SOURCE_WATERMARK()")
		    .build();
	}

	static StreamExecutionEnvironment cluster() {
		Configuration configuration = new Configuration();

		configuration.setString("taskmanager.memory.network.min", "256mb");
		configuration.setString("taskmanager.memory.network.max", "256mb");
		configuration.setString("taskmanager.network.memory.buffers-per-channel", "2");

		StreamExecutionEnvironment cluster =
		    StreamExecutionEnvironment.getExecutionEnvironment(configuration);

		cluster.setParallelism(1);
		cluster.setRestartStrategy(RestartStrategies.noRestart());
		return cluster;
	}

	static void write(Case c, Path to) throws IOException {
		Map<Line, Long> left = new TreeMap<>(Comparator.<Line>comparingLong(l -> l.end)
		    .thenComparingLong(l -> l.start).thenComparing(l -> l.json, Oracle::compareBytes));
		StringBuilder out = new StringBuilder();

		for (Row row : Keep.ROWS.getOrDefault(c.name, List.of())) {
			RowKind kind = row.getKind();
			long change = kind == RowKind.INSERT || kind == RowKind.UPDATE_AFTER ? 1 : -1;

			left.merge(new Line(row, c.columns, c.zone), change, Long::sum);
		}
		left.forEach((line, n) -> {
			if (n < 0)
				throw new IllegalStateException(c.name + ": taken back without having been: " + line.json);
			out.append((line.json + "\n").repeat(n.intValue()));
		});
		Files.writeString(to, out);
	}

	static int compareBytes(String a, String b) {
		return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8),
		    b.getBytes(StandardCharsets.UTF_8));
	}

	/*
	 * Every firing of windows by k, also those that late events cause: `tumble SIZE LATENESS`,
	 * `hop SIZE SLIDE LATENESS`, `session GAP LATENESS` in seconds, `count N SLIDE` in events.
	 */
	static DataStream<Row> stream(String[] words, DataStream<Row> events) {
		KeyedStream<Row, String> keyed = events.keyBy(row ->
		    row.getField(K) == null ? NULL : (String)row.getField(K), Types.STRING);
		int a = Integer.parseInt(words[1]), b = Integer.parseInt(words[2]);

		switch (words[0]) {
		case "tumble":
			return fire(keyed, TumblingEventTimeWindows.of(Duration.ofSeconds(a)), b);
		case "hop":
			return fire(keyed, SlidingEventTimeWindows.of(Duration.ofSeconds(a), Duration.ofSeconds(b)),
			    Integer.parseInt(words[3]));
		case "session":
			return fire(keyed, EventTimeSessionWindows.withGap(Duration.ofSeconds(a)), b);
		case "count":
			return (a == b ? keyed.countWindow(a) : keyed.countWindow(a, b)).process(new All<>(), All.TYPE);
		default:
			throw new IllegalArgumentException(words[0]);
		}
	}

	static DataStream<Row> fire(KeyedStream<Row, String> keyed, WindowAssigner<Object, TimeWindow> windows,
	    int lateness) {
		return keyed.window(windows).allowedLateness(Duration.ofSeconds(lateness))
		    .process(new All<>(), All.TYPE);
	}

	/* All cases over the events of one directory. */
	static void answer(List<Case> cases, Path data, Path to) throws Exception {
		StreamExecutionEnvironment cluster = cluster();
		Map<String, DataStream<Row>> streams = new HashMap<>();
		Map<String, StreamTableEnvironment> sessions = new HashMap<>();

		Keep.ROWS.clear();
		for (Case c : cases) {
			DataStream<Row> events = streams.computeIfAbsent(c.data, name ->
			    cluster.addSource(new Events(data.resolve(name + ".ndjson")), name, Events.TYPE));

			if (c.stream != null) {
				c.columns = All.COLUMNS;
				stream(c.stream, events).addSink(new Keep(c.name));
				continue;
			}
			StreamTableEnvironment session = sessions.computeIfAbsent(c.data + c.zone, name ->
			    session(cluster, events, c.zone));
			Table result = session.sqlQuery(c.sql.toString());

			c.columns = result.getResolvedSchema().getColumnNames();
			session.toChangelogStream(result).addSink(new Keep(c.name));
		}
		cluster.execute();
		for (Case c : cases)
			write(c, to.resolve(c.name + ".ndjson"));
	}

	static StreamTableEnvironment session(StreamExecutionEnvironment cluster, DataStream<Row> events,
	    ZoneId zone) {
		StreamTableEnvironment session = StreamTableEnvironment.create(cluster);

		session.getConfig().setLocalTimeZone(zone);
		session.createTemporaryView("events", events, schema());
		return session;
	}

	public static void main(String[] args) throws Exception {
		if (args.length < 3 || args.length % 2 == 0) {
			System.err.println("usage: Oracle CASES DATA_DIR OUT_DIR [DATA_DIR OUT_DIR ...]");
			System.exit(2);
		}
		List<Case> cases = read(Path.of(args[0]));

		for (int i = 1; i < args.length; i += 2)
			answer(cases, Path.of(args[i]), Path.of(args[i + 1]));
	}
}
