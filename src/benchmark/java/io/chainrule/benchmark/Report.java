package io.chainrule.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.openblas.global.openblas;

/** The table, with the machine and the date. */
final class Report {
    private static final Path PAGE = Path.of("docs", "benchmarks.md");
    private static final String TABLE = """
            | row | work | ours | peer | peer's | **ratio** | spread | target | met |
            |---|---|---|---|---|---|---|---|---|
            """;
    private static final String PAGE_TEXT = """
            # Benchmarks

            Written by `./mvnw verify -Pbenchmark`, which prints the same table; `-Drows=a,e` makes some of its rows alone, `-Dquick` one round of
            short iterations without the sizes that take seconds. The sources are in `src/benchmark/java` and `src/benchmark/python`.

            | | |
            |---|---|
            %s
            The **ratio** is the peer's time by ours: above 1, ours is faster. It is the median, the spread the least and the largest, of the
            ratios of measurements that were made side by side%s. A time is that of one run of the work. A target says
            how many times as fast as the peer ours should be; a peer without one is there to look at. All work is in float64, and of one thread
            unless a row says otherwise. Before a peer is timed, its numbers are compared with ours.

            %s
            %s
            ## Who the peers are

            - PyTorch is libtorch %s in the same process, called through the Deep Java Library. Work is one function in TorchScript that holds the
              forward pass and `torch.autograd.grad`, so that a run costs one call, and no Python. "Eager" is a call from Java for each op.
              `torch.func` is Python's alone: where it matters, the batched work that `vmap` makes of it is written out, and the row "in Python"
              has `torch.autograd.functional` of Debian's PyTorch 1.13.
            - OpenBLAS and LAPACK are called through JavaCPP, on arrays outside of the heap.
            - Hipparchus is its `Gradient`, Jackson its own way with arrays of doubles, "by hand" a loop as one would write it.
            - The bare echo is a Spring service that takes any bytes and answers the bytes that ours answers. wrk makes the load for it, for ours
              and for the service of FastAPI, one after another on the same machine as the service.
            - No container is started: row m starts the jar as the image does, with a cache that is trained as the image's.

            ## What the rows mean

            - k: the time of the value with its gradient is compared with that of the value: a ratio of 0.25 says that it takes four times as long.
            - j: a graph is compared with as many nodes in graphs of 1,000: a ratio of 0.5 says that a node takes twice as long in the large one.
            - e: with 2 threads, so may the peer; ours uses as many as it can.
            - f, h, i: a training step is the loss and the gradients by all parameters, without the optimizer's update.
            """;

    private final Settings settings;
    private final List<Line> lines;
    private final List<String> failures;

    Report(Settings settings, List<Line> lines, List<String> failures) {
        this.settings = settings;
        this.lines = lines;
        this.failures = failures;
    }

    /** The table alone. */
    String toMarkdown() {
        return TABLE + lines.stream().map(line -> line.toMarkdown() + "\n").collect(Collectors.joining());
    }

    /** Writes the page, unless only some rows were measured. */
    void write() throws IOException {
        if (settings.rows().isEmpty()) {
            Files.writeString(PAGE,
                    PAGE_TEXT.formatted(machine(), settings.isQuick() ? "; this one was made with -Dquick" : "", toMarkdown(),
                            failed(), Torch.version()));
        }
    }

    private String failed() {
        return failures.isEmpty()
                ? ""
                : failures.stream().map(failure -> "- " + failure + "\n")
                        .collect(Collectors.joining("", "Not measured:\n\n", ""));
    }

    private static String machine() throws IOException {
        return "| date | " + LocalDate.now() + " |\n"
                + "| processor | " + found(Path.of("/proc/cpuinfo"), "model name") + ", " + Runtime.getRuntime().availableProcessors()
                + " cores |\n"
                + "| memory | " + found(Path.of("/proc/meminfo"), "MemTotal") + " |\n"
                + "| JDK | " + System.getProperty("java.vendor.version") + " " + System.getProperty("java.version") + " |\n"
                + "| peers | PyTorch " + Torch.version() + ", OpenBLAS " + openblas.OPENBLAS_VERSION + " |\n";
    }

    private static String found(Path file, String key) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> line.startsWith(key)).findFirst().orElse(":?")
                .replaceFirst(".*?:", "").strip();
    }
}
