package io.chainrule.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A Dockerfile's stages and their instructions; without heredocs and parser directives, which it refuses. */
record Dockerfile(List<Stage> stages) {
    private static final Pattern FROM = Pattern.compile("(?i)(\\S+)(?:\\s+AS\\s+(\\S+))?");

    record Stage(String image, String name, List<Instruction> instructions) {}

    /**
     * @param flags what stands before the arguments, such as {@code --from=build}
     */
    record Instruction(String keyword, List<String> flags, String arguments) {}

    static Dockerfile read(Path file) throws IOException {
        var stages = new ArrayList<Stage>();
        for (String line : joinedLines(Files.readAllLines(file))) {
            var instruction = instruction(line);
            if (instruction.keyword().equals("FROM")) {
                var from = FROM.matcher(instruction.arguments());
                if (!from.matches()) {
                    throw new IllegalArgumentException(line);
                }
                String name = from.group(2) == null ? "" : from.group(2);
                stages.add(new Stage(from.group(1), name, new ArrayList<>()));
            } else {
                stages.getLast().instructions().add(instruction);
            }
        }
        return new Dockerfile(stages);
    }

    private static List<String> joinedLines(List<String> lines) {
        var joined = new ArrayList<String>();
        var current = new StringBuilder();
        for (String line : lines) {
            String text = line.strip();
            if (text.startsWith("#") || text.isEmpty()) {
                // Comments may stand between the lines of one instruction.
                if (text.matches("# *(syntax|escape|check) *=.*")) {
                    throw new IllegalArgumentException("parser directives are not read: " + line);
                }
            } else if (text.endsWith("\\")) {
                current.append(text, 0, text.length() - 1).append(' ');
            } else {
                joined.add(current.append(text).toString());
                current.setLength(0);
            }
        }
        return joined;
    }

    private static Instruction instruction(String line) {
        if (line.contains("<<")) {
            throw new IllegalArgumentException("heredocs are not read: " + line);
        }
        String[] words = line.split("\\s+", 2);
        String arguments = words.length > 1 ? words[1].strip() : "";
        var flags = new ArrayList<String>();
        while (arguments.startsWith("--")) {
            String[] parts = arguments.split("\\s+", 2);
            flags.add(parts[0]);
            arguments = parts[1];
        }
        return new Instruction(words[0].toUpperCase(Locale.ROOT), flags, arguments);
    }

    Stage stage(String name) {
        return stages.stream().filter(stage -> stage.name().equals(name)).findFirst().orElseThrow();
    }

    Stage last() {
        return stages.getLast();
    }
}
