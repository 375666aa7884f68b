package io.chainrule.spark;

import io.chainrule.core.rows.RowTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * The process that has Spark do the work of a job. It reads lines of JSON, each an object of one field:
 *
 * <pre>
 * session  the properties of Spark
 * open     the data set and the task, and where results are written if they are not reduced
 * run      the values of inputs, and the pieces that are done already
 * taken    after each line of results
 * rows     which rows are wanted of which pieces; of none, and the rows of all pieces are counted
 * alive    every ten seconds
 * </pre>
 *
 * and writes such lines: {@code pieces}, {@code results}, {@code piece} or {@code cells} as they come, and {@code ended}; or a
 * {@code problem} of the data set, or a {@code fault}. It ends when its input ends, and when it has heard nothing for a minute and a half.
 */
public final class Driver {
    /** The name under which executors get the secret, too. */
    private static final String SECRET = "_SPARK_AUTH_SECRET";
    /** What came within this time is one line. */
    private static final long TOGETHER = TimeUnit.SECONDS.toNanos(2);
    private static final long BETWEEN_LOOKS = 100;
    /** If no results are taken for so long, work pauses. */
    private static final long MOST_UNTAKEN = TimeUnit.SECONDS.toNanos(10);
    private static final String TAKEN = "{\"taken\"";
    private static final String ALIVE = "{\"alive\"";
    /** More than ten seconds, and the minute that the service has to send a line. */
    private static final int MOST_SILENT_SECONDS = 90;
    private static final long PATIENCE = 3_000;
    private static final int LONGEST_MESSAGE = 2_000;
    /** Names of columns have no character of control. */
    private static final String NO_COLUMN = "\u0001";

    private final PrintStream out;
    /** The lines of results that the service has not taken yet. */
    private final AtomicInteger untaken = new AtomicInteger();
    /** When a line was taken, or told while there was no other. */
    private volatile long movedAt;
    /** For how many seconds nothing has been heard from the service. */
    private final AtomicInteger silent = new AtomicInteger();
    private @Nullable SparkSession session;
    private @Nullable Table table;
    private @Nullable Broadcast<String> task;
    private @Nullable Parts parts;
    private String digest = "";

    private Driver(PrintStream out) {
        this.out = out;
    }

    /** Takes no arguments. */
    public static void main(String[] arguments) throws InterruptedException {
        // Whatever else is printed must not come between the lines of results.
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Driver driver = new Driver(out);
        Thread reader = new Thread(() -> driver.read(lines), "commands");
        reader.setDaemon(true);
        reader.start();
        Thread watch = new Thread(driver::watch, "watch");
        watch.setDaemon(true);
        watch.start();
        while (true) {
            driver.answer(lines.take());
        }
    }

    private void read(BlockingQueue<String> lines) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                silent.set(0);
                if (line.startsWith(TAKEN)) {
                    movedAt = System.nanoTime();
                    untaken.decrementAndGet();
                } else if (!line.startsWith(ALIVE)) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            System.err.println("the input of the driver ended: " + e);
        } catch (Error e) {
            e.printStackTrace();
            throw e;
        } finally {
            // Also after an error, as of a line for which there is no memory: nobody else would notice that the service has gone.
            end();
        }
    }

    /** Ends the process if the service hangs, so that another one gets the cluster. Nothing is printed, since nobody may read it. */
    private void watch() {
        try {
            // Looks are counted, since the clock also goes on while this process itself is stopped.
            while (silent.incrementAndGet() <= MOST_SILENT_SECONDS) {
                Thread.sleep(1_000);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    /** Ends the process, also if Spark takes too long to remove its files. */
    private static void end() {
        try {
            Thread last = new Thread(() -> {
                try {
                    Thread.sleep(PATIENCE);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
                Runtime.getRuntime().halt(0);
            });
            last.setDaemon(true);
            last.start();
            System.exit(0);
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }

    private void answer(String line) {
        try {
            Map<String, Object> command = Json.read(line);
            if (command.containsKey("session")) {
                begin(Json.object(command, "session"));
            } else if (command.containsKey("open")) {
                open(Json.object(command, "open"));
            } else if (command.containsKey("rows")) {
                feed(Json.object(command, "rows"));
            } else {
                run(Json.object(command, "run"));
            }
        } catch (Exception e) {
            DataException problem = DataException.of(e);
            if (problem == null) {
                fault(e);
            } else {
                problem(problem);
            }
        } catch (Error e) {
            // Nothing can be relied on after it.
            try {
                fault(e);
            } finally {
                Runtime.getRuntime().halt(1);
            }
        }
    }

    private void fault(Throwable e) {
        e.printStackTrace();
        String message = String.valueOf(e);
        tell("fault", message.substring(0, Math.min(message.length(), LONGEST_MESSAGE)));
    }

    private void tell(String kind, Object content) {
        out.println(Json.write(Map.of(kind, content)));
        out.flush();
    }

    private void tellResults(Map<String, Object> results) {
        if (untaken.getAndIncrement() == 0) {
            movedAt = System.nanoTime();
        }
        tell("results", results);
    }

    private void problem(DataException e) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("message", e.getMessage());
        problem.put("expected", e.expected());
        problem.put("actual", e.actual());
        problem.put("hint", e.hint());
        problem.put("place", e.place());
        tell("problem", problem);
    }

    private void begin(Map<String, Object> properties) {
        SparkConf conf = new SparkConf();
        properties.forEach((name, value) -> conf.set(name, String.valueOf(value)));
        String secret = System.getenv(SECRET);
        if (secret != null) {
            conf.set("spark.authenticate.secret", secret);
        }
        // Results are passed on as they come, so that all of them together may be more than fits into memory.
        conf.set("spark.driver.maxResultSize", "0");
        conf.set("spark.sql.caseSensitive", "true");
        // Spark puts broken rows into a column of this name if there is one, and reads nothing else there.
        conf.set("spark.sql.columnNameOfCorruptRecord", NO_COLUMN);
        conf.set("spark.sql.files.ignoreCorruptFiles", "false");
        conf.set("spark.sql.files.ignoreMissingFiles", "false");
        session = SparkSession.builder().config(conf).getOrCreate();
        context().setLogLevel("WARN");
    }

    private SparkContext context() {
        return Objects.requireNonNull(session).sparkContext();
    }

    private void open(Map<String, Object> content) throws InterruptedException {
        String json = Json.write(content.get("task"));
        digest = HexFormat.of().formatHex(Table.sha256().digest(json.getBytes(StandardCharsets.UTF_8)));
        task = new JavaSparkContext(context()).broadcast(json);
        RowTask read = Functions.of(digest, () -> json).task();
        table = new Table(Objects.requireNonNull(session), Json.object(content, "data"), read.program().columns());
        Map<String, Object> written = Json.object(content, "parts");
        parts = written.isEmpty() ? null : new Parts(String.valueOf(written.get("folder")), String.valueOf(written.get("suffix")));
    }

    private void run(Map<String, Object> content) throws InterruptedException {
        Table here = Objects.requireNonNull(table);
        BitSet done = BitSet.valueOf(Base64.getDecoder().decode((String) content.get("done")));
        int[] partitions = tellPieces(here);
        Broadcast<String> values = new JavaSparkContext(context()).broadcast(Json.write(content.get("values")));
        PieceTask each = new PieceTask(digest, Objects.requireNonNull(task), values, here.pieces(), parts);
        try {
            int end = partitions.length;
            while (done.nextClearBit(0) < end) {
                List<Object> wanted = new ArrayList<>();
                IntStream.range(0, end).filter(piece -> !done.get(piece)).forEach(piece -> wanted.add(partitions[piece]));
                end = run(each, wanted, done, end);
            }
            tell("ended", true);
        } finally {
            values.destroy();
        }
    }

    /** Tells what the pieces are; returns the partition of each. */
    private int[] tellPieces(Table of) {
        tell("pieces", Map.of("digest", of.digest(), "count", of.pieces().count(), "bytes", of.bytes()));
        return of.pieces().partitions();
    }

    private void feed(Map<String, Object> content) throws InterruptedException {
        Table here = Objects.requireNonNull(table);
        int[] partitions = tellPieces(here);
        HashMap<Integer, FeedTask.Wanted> wanted = new HashMap<>();
        if (content.get("wanted") instanceof List<?> some) {
            for (Object each : some) {
                long[] numbers = ((List<?>) each).stream().mapToLong(number -> ((Number) number).longValue()).toArray();
                wanted.put((int) numbers[0], new FeedTask.Wanted(numbers[1], numbers[2], numbers[3]));
            }
        }
        List<Object> asked = new ArrayList<>();
        IntStream.range(0, partitions.length).filter(piece -> wanted.isEmpty() || wanted.containsKey(piece))
                .forEach(piece -> asked.add(partitions[piece]));
        Submitted<FeedTask.Found> job = new Submitted<>(context(), here.rows(), new FeedTask(here.pieces(), wanted), asked);
        job.await();
        List<FeedTask.Found> all = new ArrayList<>();
        for (FeedTask.Found found = job.poll(0); found != null; found = job.poll(0)) {
            all.add(found);
        }
        // In the order of the rows, so that the service need not hold them.
        all.sort(Comparator.comparingInt(FeedTask.Found::piece));
        for (FeedTask.Found found : all) {
            tell("piece", Map.of("piece", found.piece(), "rows", found.rows(), "seconds", found.seconds()));
            for (byte[] cells : found.cells()) {
                tell("cells", Base64.getEncoder().encodeToString(cells));
            }
        }
        tell("ended", true);
    }

    /**
     * Works on pieces, and asks for them in the order of their rows. If a row ends the work, only the pieces before it are still wanted:
     * they may have an earlier one, and tell its number. If the service does not take results for long, as while it cannot store a state,
     * what is under way is given up until it does.
     *
     * @return the number of the first piece that is not wanted
     */
    private int run(PieceTask each, List<Object> partitions, BitSet done, int end) throws InterruptedException {
        Submitted<PieceResult> job = new Submitted<>(context(), Objects.requireNonNull(table).rows(), each, partitions);
        int wanted = end;
        MergedResults merged = new MergedResults(Functions.of(digest, Objects.requireNonNull(task)::value));
        boolean isCompleted = false;
        boolean isPaused = false;
        while (!isCompleted && wanted == end && !isPaused) {
            // Asked before the queue is, so that nothing comes after the last look.
            isCompleted = job.isCompleted();
            PieceResult result = job.poll(isCompleted ? 0 : BETWEEN_LOOKS);
            while (result != null) {
                done.set(result.piece());
                wanted = merged.add(result) ? Math.min(wanted, result.piece()) : wanted;
                result = job.poll(0);
            }
            isPaused = untaken.get() > 0 && System.nanoTime() - movedAt > MOST_UNTAKEN;
            if (merged.age() > TOGETHER || wanted < end || isCompleted || isPaused) {
                merged.take().ifPresent(this::tellResults);
            }
        }
        if (wanted < end || isPaused && !isCompleted) {
            job.cancel();
        } else {
            job.await();
        }
        while (untaken.get() > 0) {
            Thread.sleep(BETWEEN_LOOKS);
        }
        return wanted;
    }
}
