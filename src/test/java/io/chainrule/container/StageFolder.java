package io.chainrule.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.container.Dockerfile.Instruction;
import io.chainrule.container.Dockerfile.Stage;
import io.chainrule.process.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** A stage carried out in a folder that stands for the root of its file system. */
final class StageFolder {
    private final Path root;
    private final Map<String, StageFolder> earlier;
    private final Predicate<Instruction> elsewhere;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> arguments = new LinkedHashMap<>();
    private final List<String> outputs = new ArrayList<>();
    private boolean isWhole;
    private String workdir = "/";
    private String user = "";
    private String stopSignal = "";
    private List<String> entrypoint = List.of();
    private List<String> command = List.of();
    private List<String> healthcheck = List.of();

    /**
     * @param earlier the stages that it may copy from, by name
     * @param elsewhere whether an instruction was seen to in another way
     */
    StageFolder(Path root, Map<String, StageFolder> earlier, Predicate<Instruction> elsewhere) {
        this.root = root;
        this.earlier = earlier;
        this.elsewhere = elsewhere;
    }

    StageFolder carryOut(Stage stage) throws IOException, InterruptedException {
        isWhole = stage.image().equals("scratch");
        Files.createDirectories(root);
        for (var instruction : stage.instructions()) {
            if (!elsewhere.test(instruction)) {
                carryOut(instruction);
            }
        }
        return this;
    }

    private void carryOut(Instruction instruction) throws IOException, InterruptedException {
        String text = instruction.arguments();
        switch (instruction.keyword()) {
            case "ARG" -> Words.pairs(text).forEach(arguments::putIfAbsent);
            case "ENV" -> Words.pairs(substituted(text)).forEach(environment::put);
            case "WORKDIR" -> {
                workdir = Path.of(workdir).resolve(substituted(text)).toString();
                Files.createDirectories(folder());
            }
            case "COPY" -> copy(instruction.flags(), substituted(text).split("\\s+"));
            case "RUN" -> run(Words.command(text));
            case "USER" -> user = substituted(text);
            case "STOPSIGNAL" -> stopSignal = text;
            case "ENTRYPOINT" -> entrypoint = Words.command(text);
            case "CMD" -> command = Words.command(text);
            case "HEALTHCHECK" -> {
                assertThat(text).startsWith("CMD ");
                healthcheck = Words.command(text.substring("CMD ".length()).strip());
            }
            case "EXPOSE", "LABEL", "VOLUME" -> {
                // Say something, do nothing.
            }
            default -> throw new UnsupportedOperationException(instruction.toString());
        }
    }

    private String substituted(String text) {
        var variables = new LinkedHashMap<>(arguments);
        variables.putAll(environment);
        return Words.substituted(text, variables);
    }

    /** Keeps the times and modes, as the engine does it; a folder's contents, or a file of the project. */
    private void copy(List<String> flags, String[] words) throws IOException, InterruptedException {
        assertThat(words).as("COPY %s", (Object) words).hasSize(2);
        assertThat(words[1]).endsWith("/");
        Path source = Path.of(words[0]);
        String owner = "";
        for (String flag : flags) {
            String value = flag.substring(flag.indexOf('=') + 1);
            switch (flag.substring(0, flag.indexOf('='))) {
                case "--from" -> source = Objects.requireNonNull(earlier.get(value), flag).rooted(words[0]);
                case "--chown" -> owner = value;
                default -> throw new UnsupportedOperationException(flag);
            }
        }
        String target = Files.createDirectories(rooted(words[1])).toString();
        // With "/." the contents of a folder.
        var copying = List.of("cp", "-R", "--preserve=mode,timestamps", source + (Files.isDirectory(source) ? "/." : ""), target);
        output(copying, new ProcessBuilder(copying));
        if (!owner.isEmpty() && Rooted.IS_ROOT) {
            try (var children = Files.list(source)) {
                for (Path child : children.toList()) {
                    var owning = List.of("chown", "-R", owner, Path.of(target).resolve(child.getFileName()).toString());
                    output(owning, new ProcessBuilder(owning));
                }
            }
        }
    }

    private void run(List<String> words) throws IOException, InterruptedException {
        var command = words;
        if (isWhole) {
            command = new Rooted(root, workdir, user, false, List.of()).command(words);
        } else {
            // Only relative paths mean the same here as in the image.
            assertThat(words.getLast()).as("a command without absolute paths").doesNotContainPattern("(^|[\\s=:'\"])/");
        }
        outputs.add(output(words, Processes.builder(command, folder(), environment)));
    }

    private static String output(List<String> words, ProcessBuilder builder) throws IOException, InterruptedException {
        var process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s%n%s", words, output).isZero();
        return output;
    }

    Path rooted(String path) {
        return root.resolve(Path.of("/").relativize(Path.of(workdir).resolve(path))).normalize();
    }

    Path root() {
        return root;
    }

    /** The working directory. */
    Path folder() {
        return rooted(".");
    }

    Map<String, String> environment() {
        return environment;
    }

    /** What its commands wrote. */
    List<String> outputs() {
        return outputs;
    }

    /** A container whose file system is this one, read-only, but for what is mounted. */
    Rooted container(List<String> mounts) {
        return new Rooted(root, workdir, user, true, mounts);
    }

    String stopSignal() {
        return stopSignal;
    }

    List<String> healthcheck() {
        return healthcheck;
    }

    /** What a container of this image runs. */
    List<String> entrypoint() {
        var words = new ArrayList<>(entrypoint);
        words.addAll(command);
        return words;
    }
}
