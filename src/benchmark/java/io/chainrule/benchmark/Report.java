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
    /** What stands between these lines of the page is written here, the rest by hand. */
    private static final String BEGIN = "<!-- measured -->\n";
    private static final String END = "<!-- end of what was measured -->\n";

    private final Settings settings;
    private final List<Line> lines;
    private final List<String> failures;

    Report(Settings settings, List<Line> lines, List<String> failures) {
        this.settings = settings;
        this.lines = lines;
        this.failures = failures;
    }

    /** The machine, the table, and what could not be measured. */
    String toMarkdown() throws IOException {
        return """
                | | |
                |---|---|
                | date | %s%s |
                | processor | %s, %d cores |
                | memory | %s |
                | JDK | %s %s |
                | peers | PyTorch %s, %s |

                | row | work | ours | peer | peer's | **ratio** | spread | target | met |
                |---|---|---|---|---|---|---|---|---|
                %s%s""".formatted(LocalDate.now(), settings.isQuick() ? ", with -Dquick" : "",
                found(Path.of("/proc/cpuinfo"), "model name"), Runtime.getRuntime().availableProcessors(),
                found(Path.of("/proc/meminfo"), "MemTotal"),
                System.getProperty("java.vendor.version"), System.getProperty("java.version"),
                Torch.version(), openblas.OPENBLAS_VERSION.strip(), each("", lines.stream().map(Line::toMarkdown).toList()),
                failures.isEmpty() ? "" : "\nNot measured:\n\n" + each("- ", failures));
    }

    private static String each(String prefix, List<String> items) {
        return items.stream().map(item -> prefix + item + "\n").collect(Collectors.joining());
    }

    private static String found(Path file, String key) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> line.startsWith(key)).findFirst().orElse(": unknown")
                .replaceFirst(".*?:", "").strip();
    }

    /** Writes what was measured into the page, if all rows were. */
    void write() throws IOException {
        if (settings.rows().isEmpty()) {
            String page = Files.readString(PAGE);
            int begin = page.indexOf(BEGIN) + BEGIN.length();
            Files.writeString(PAGE, page.substring(0, begin) + "\n" + toMarkdown() + "\n" + page.substring(page.indexOf(END)));
        }
    }
}
