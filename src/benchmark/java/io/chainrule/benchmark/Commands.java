package io.chainrule.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Other programs that the benchmark calls. */
final class Commands {
    private Commands() {}

    /** Runs a command and answers what it printed. */
    static String run(String... command) throws IOException, InterruptedException {
        return run(new ProcessBuilder(command));
    }

    /** Runs a process and answers what it printed, errors included. */
    static String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            List<String> lines = output.lines().toList();
            throw new IOException(builder.command().getFirst() + " failed: " + (lines.isEmpty() ? "" : lines.getLast()));
        }
        return output;
    }
}
