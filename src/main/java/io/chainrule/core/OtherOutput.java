package io.chainrule.core;

import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a text with another output than that of its last statement. The name of the output becomes the last line, and lines before it that
 * it does not need are left out, so that what they read need not be given.
 *
 * @param output the name of the output
 * @param others the names of other nodes that the new text must keep
 */
record OtherOutput(String output, Set<String> others, BuildLimits limits) {
    /** A line that begins a statement outside of all loops, branches and definitions. */
    private static final Pattern STATEMENT = Pattern.compile("(?!(?:else|elif|except|finally)\\b)[\\p{L}_]");

    /**
     * Returns the program with this output; null if it is no text, or the output has no name in it.
     *
     * @param names the inputs that are known
     * @param shapes shapes of inputs that the program has been tried with
     * @param tried what it came to with each of them
     */
    @Nullable
    Program of(Program program, Set<String> names, List<Map<String, Shape>> shapes, List<NamedGraph> tried) {
        if (!(program.source() instanceof Source.Text(String text, var models))) {
            return null;
        }
        for (String written : written(text)) {
            try {
                Program other = Program.of(new Source.Text(written, models), limits.nesting());
                boolean isSame = true;
                for (int k = 0; k < tried.size() && isSame; k++) {
                    NamedGraph graph = StoredForm.tried(other, names, shapes.get(k), limits);
                    isSame = graph.id(graph.output()).equals(output) && nodes(graph).equals(nodes(tried.get(k)));
                }
                if (isSame) {
                    return other;
                }
            } catch (ProblemException _) {
                // Such a text is no program, as where lines of one statement were parted.
            }
        }
        return null;
    }

    /** The text up to the statement that last gives the output a value, and the whole text, each with a line for the output. */
    private List<String> written(String text) {
        Pattern name = Pattern.compile("(?<![\\p{L}\\p{N}_])" + Pattern.quote(output) + "(?![\\p{L}\\p{N}_])");
        List<String> lines = text.lines().toList();
        int end = 0;
        for (int i = 0; i < lines.size(); i++) {
            Matcher found = name.matcher(lines.get(i));
            int equals = lines.get(i).indexOf('=');
            if (found.find() && (equals < 0 || found.start() < equals)) {
                end = i + 1;
            }
        }
        while (end < lines.size() && !STATEMENT.matcher(lines.get(end)).lookingAt()) {
            end++;
        }
        List<String> first = new ArrayList<>(lines.subList(0, end));
        first.add(output);
        return List.of(String.join("\n", first), text + "\n" + output);
    }

    /** The nodes that the output and the others need; none where one of them is not there. */
    private List<NodeSpec> nodes(NamedGraph graph) {
        BitSet wanted = new BitSet();
        List<String> ids = new ArrayList<>(others);
        ids.add(output);
        for (String id : ids) {
            Integer node = graph.find(id);
            if (node == null) {
                return List.of();
            }
            wanted.set(node);
        }
        return StoredForm.nodes(graph, StoredForm.needed(graph.graph(), wanted));
    }
}
