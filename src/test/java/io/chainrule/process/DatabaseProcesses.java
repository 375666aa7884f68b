package io.chainrule.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processes of a PostgreSQL on this machine, which is known by its data folder. */
public final class DatabaseProcesses {
    private DatabaseProcesses() {}

    private static ProcessHandle server(Path data) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst())).orElseThrow();
    }

    private static List<ProcessHandle> all(ProcessHandle server) {
        return Stream.concat(Stream.of(server), server.descendants()).toList();
    }

    /** Ends all as SIGKILL does. */
    static void kill(Path data) throws IOException {
        List<ProcessHandle> all = all(server(data));
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().join());
    }

    /** From now on they keep their connections and answer nothing. */
    public static void suspend(Path data) throws IOException, InterruptedException {
        ProcessHandle server = server(data);
        signal("STOP", server);
        // Those that it has started meanwhile, since now it starts no others.
        signal("STOP", server);
    }

    /** Ends {@link #suspend}. */
    public static void resume(Path data) throws IOException, InterruptedException {
        signal("CONT", server(data));
    }

    private static void signal(String name, ProcessHandle server) throws IOException, InterruptedException {
        signal(name, all(server).stream().map(process -> String.valueOf(process.pid())).collect(Collectors.joining(" ")));
    }

    /** Sends a signal to processes, whose ids have blanks between them. */
    public static void signal(String name, String ids) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + ids).start().waitFor()).as("status of kill").isZero();
    }
}
