package io.chainrule.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Measures all rows, prints the table and writes {@code docs/benchmarks.md}. */
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.of(arguments[0], arguments[1], arguments[2], arguments[3]);
        Timing timing = new Timing(settings);
        List<Line> lines = new ArrayList<>();
        for (Comparison comparison : Comparisons.all()) {
            if (settings.includes(comparison.row())) {
                show(lines, timing.lines(comparison));
            }
        }
        List<String> failures = new ArrayList<>(timing.failures());
        for (Measurement measurement : Measurement.all(settings, timing)) {
            if (settings.includes(measurement.row())) {
                try {
                    show(lines, measurement.lines());
                } catch (IOException | IllegalStateException e) {
                    failures.add(measurement.row() + ": " + e.getMessage());
                    IO.println("failed: " + failures.getLast());
                }
            }
        }
        lines.sort(Comparator.comparing(Line::row));
        Report report = new Report(settings, lines, failures);
        IO.println(report.toMarkdown());
        report.write();
    }

    private static void show(List<Line> lines, List<Line> more) {
        more.forEach(line -> IO.println(line.toMarkdown()));
        lines.addAll(more);
    }
}
