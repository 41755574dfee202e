/*
 * Speed - how fast Apache Flink is at a window over a file of rides.
 *
 * Usage: Speed tumble|hop|session FILE
 * Prints `SECONDS CPU_SECONDS ROWS:COUNT:SUM` of the second of two jobs over the same file: the
 * JVM, the cluster, the planner and the compiler have started and warmed up by then, and cost it nothing.
 * The job is what Flink's manual would have one write: a table over the file, of only the wanted
 * fields, and a query.  What it gives is added up, not written.
 */
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.util.Map;

import com.sun.management.OperatingSystemMXBean;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.SinkFunction;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;

public final class Speed {
	static final Map<String, String> WINDOWS = Map.of(
	    "tumble", "TUMBLE(TABLE rides, DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
	    "hop", "HOP(TABLE rides, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)",
	    "session", "SESSION(TABLE rides PARTITION BY zone, DESCRIPTOR(ts), INTERVAL '3' SECOND)");

	static final class Total implements SinkFunction<Row> {
		private static final long serialVersionUID = 1;
		static long rows, count;
		static BigDecimal sum;

		static void clear() {
			rows = count = 0;
			sum = BigDecimal.ZERO;
		}

		@Override
		public void invoke(Row row, Context context) {
			rows++;
			count += (Long)row.getField(3);
			sum = sum.add((BigDecimal)row.getField(4));
		}
	}

	static void run(String window, String file) throws Exception {
		StreamExecutionEnvironment cluster = StreamExecutionEnvironment.getExecutionEnvironment();

		cluster.setParallelism(1);
		cluster.getConfig().enableObjectReuse();

		StreamTableEnvironment session = StreamTableEnvironment.create(cluster);

		session.getConfig().set("table.local-time-zone", "UTC");
		session.executeSql("CREATE TABLE rides (ts TIMESTAMP_LTZ(3), zone STRING, fare DECIMAL(18, 2),"
		    + " WATERMARK FOR ts AS ts - INTERVAL '15' SECOND) WITH ('connector' = 'filesystem',"
		    + " 'path' = 'file://" + file + "', 'format' = 'json',"
		    + " 'json.timestamp-format.standard' = 'ISO-8601')");
		session.toDataStream(session.sqlQuery("SELECT window_start, window_end, zone, COUNT(*), SUM(fare)"
		    + " FROM TABLE(" + window + ") GROUP BY window_start, window_end, zone")).addSink(new Total());
		Total.clear();
		cluster.execute();
	}

	public static void main(String[] args) throws Exception {
		if (args.length != 2 || !WINDOWS.containsKey(args[0])) {
			System.err.println("usage: Speed tumble|hop|session FILE");
			System.exit(2);
		}
		OperatingSystemMXBean system =
		    (OperatingSystemMXBean)ManagementFactory.getOperatingSystemMXBean();

		run(WINDOWS.get(args[0]), args[1]);

		long wall = System.nanoTime(), cpu = system.getProcessCpuTime();

		run(WINDOWS.get(args[0]), args[1]);
		wall = System.nanoTime() - wall;
		cpu = system.getProcessCpuTime() - cpu;
		System.out.printf("%.6f %.6f %d:%d:%s%n", wall / 1e9, cpu / 1e9, Total.rows, Total.count,
		    Total.sum.setScale(2));
	}
}
