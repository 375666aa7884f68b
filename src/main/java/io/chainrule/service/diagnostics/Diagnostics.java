package io.chainrule.service.diagnostics;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Outcome;
import io.chainrule.core.PathsToOutput;
import io.chainrule.core.Transformation;
import io.chainrule.core.expression.Remark;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.language.Phrase;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.OverloadedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Remarks on a result that are not errors, such as zero or non-finite gradients. Each is one sentence that a student understands, and names
 * the node.
 */
public final class Diagnostics {
    private static final int MOST_SHOWN = 64;
    static final int MOST_NAMED = 3;
    private static final int MOST_COMPARED = 20;
    private static final int WAY_END = 16;

    private final BoundProgram bound;
    private final NamedGraph program;
    private final PathsToOutput paths;
    private final List<Diagnostic> found = new ArrayList<>();

    private Diagnostics(BoundProgram bound) {
        this.bound = bound;
        this.program = bound.program();
        this.paths = bound.paths();
    }

    /** Remarks on how the text was read, and on inputs, or shapes of inputs, that the program never mentions. */
    public static List<Diagnostic> ofInputs(BoundProgram bound) {
        NamedGraph program = bound.program();
        Set<String> given = bound.signature().inputs().names();
        List<String> unused = given.stream().filter(id -> program.find(id) == null && !bound.kept().contains(id)).toList();
        List<String> notGiven = unused.isEmpty()
                ? List.of()
                : program.inputs().stream().map(program::id)
                        .filter(id -> !given.contains(id) && !bound.signature().parameters().contains(id)).toList();
        List<Diagnostic> found = new ArrayList<>();
        for (Remark remark : bound.remarks()) {
            found.add(Diagnostic.of("notation", null, Phrase.of("diagnostic.notation", remark.position().line(),
                    remark.position().column(), Phrase.ofEnglish("notation", remark.message()))));
        }
        for (String id : unused) {
            // A name of one or two letters is close to many others, so only inputs without a value are suggested for it.
            Optional<String> nearest = found.size() >= MOST_COMPARED
                    ? Optional.empty()
                    : Nearest.name(id, notGiven).or(() -> id.length() > 2 ? Nearest.name(id, program.allIds()) : Optional.empty());
            found.add(Diagnostic.of("unused-input", id, nearest.map(other -> Phrase.of("diagnostic.unused-input.hint", id, other))
                    .orElseGet(() -> Phrase.of("diagnostic.unused-input", id))));
        }
        return found;
    }

    private static boolean areWanted(Outcome outcome) {
        return switch (outcome.function().bound().signature().transformation()) {
            case Transformation.Value(Transformation.Remarks remarks) -> remarks == Transformation.Remarks.ALL;
            case Transformation.Gradient gradient -> gradient.remarks() == Transformation.Remarks.ALL;
            default -> true;
        };
    }

    /** All remarks on a value; none where the run noted nothing. */
    public static List<Diagnostic> ofValue(Outcome outcome) {
        if (!areWanted(outcome)) {
            return List.of();
        }
        Diagnostics diagnostics = new Diagnostics(outcome.function().bound());
        diagnostics.found.addAll(ofInputs(diagnostics.bound));
        diagnostics.nonFiniteValue(outcome);
        return diagnostics.found;
    }

    /** All remarks on a gradient; none where the run noted nothing. */
    public static List<Diagnostic> ofGradient(Outcome outcome) {
        if (!areWanted(outcome)) {
            return List.of();
        }
        Diagnostics diagnostics = new Diagnostics(outcome.function().bound());
        diagnostics.found.addAll(ofInputs(diagnostics.bound));
        ZeroGradients zeros = new ZeroGradients(diagnostics, outcome);
        zeros.always();
        diagnostics.nonFiniteValue(outcome);
        int firstGradient = outcome.findings().firstNonFiniteGradient();
        if (firstGradient >= 0) {
            diagnostics.nonFiniteGradient(firstGradient, outcome);
        }
        diagnostics.kinks(outcome.findings().kinks());
        zeros.atTheseValues();
        diagnostics.stretchedLosses();
        outcome.unboundedNodes().forEach(diagnostics::digitsUnknown);
        TroubleText text = new TroubleText(diagnostics.program);
        outcome.findings().troubles().forEach(trouble -> diagnostics.add(text.of(trouble)));
        return diagnostics.found;
    }

    PathsToOutput paths() {
        return paths;
    }

    void add(Diagnostic diagnostic) {
        found.add(diagnostic);
    }

    /** Names the first node whose value is not finite, including inputs and constants. */
    private void nonFiniteValue(Outcome outcome) {
        Graph graph = program.graph();
        int first = outcome.findings().firstNonFiniteValue();
        int end = first < 0 ? graph.size() : first;
        for (int i = 0; i < end; i++) {
            Tensor given = switch (graph.op(i)) {
                case Leaf.Input input -> outcome.inputs().get(input.id());
                case Leaf.Constant constant -> constant.value();
                default -> null;
            };
            if (given != null && !given.isFinite()) {
                nonFinite("forward", i, Phrase.of("diagnostic.given", program.id(i)), Map.of());
                return;
            }
        }
        if (first >= 0) {
            Map<String, @Nullable Tensor> operands = operands(end, outcome);
            nonFinite("forward", end, Phrase.of("diagnostic.value", name(end), seen(operands)), operands);
        }
    }

    /** Explains the first node, on the reverse sweep, whose gradient is not finite. */
    private void nonFiniteGradient(int node, Outcome outcome) {
        List<Integer> users = paths.users(node);
        if (users.size() != 1) {
            nonFinite("backward", node, users.isEmpty()
                    ? Phrase.of("diagnostic.gradient", name(node))
                    : Phrase.of("diagnostic.gradient.through", name(node), names(users)), Map.of());
            return;
        }
        Map<String, @Nullable Tensor> operands = operands(users.getFirst(), outcome);
        nonFinite("backward", node, Phrase.of("diagnostic.gradient.local", name(node), names(users), seen(operands)), operands);
    }

    private void nonFinite(String phase, int node, Phrase message, Map<String, @Nullable Tensor> operands) {
        found.add(new Diagnostic("non-finite", program.id(node), phase, null, message, ids(paths.toOutput(node)), operands));
    }

    /** The values that a node reads. A second run computes them, since the first one has overwritten their buffers. */
    private Map<String, @Nullable Tensor> operands(int node, Outcome outcome) {
        Graph graph = program.graph();
        List<Integer> read = IntStream.range(0, graph.operandCount(node)).map(k -> graph.operand(node, k)).boxed().toList();
        Map<Integer, Tensor> values;
        try {
            values = outcome.valuesAgain(read);
        } catch (LimitException | OverloadedException e) {
            return Map.of();
        }
        Map<String, @Nullable Tensor> operands = new LinkedHashMap<>();
        for (int operand : read) {
            if (graph.op(operand) instanceof Leaf.Literal(double literal)) {
                // Over samples the run repeats a literal's value for each sample; one number is enough here.
                operands.put(String.valueOf(literal), Tensor.scalar(literal));
            } else {
                Tensor value = Objects.requireNonNull(values.get(operand));
                operands.put(program.id(operand), value.length() <= MOST_SHOWN ? value : null);
            }
        }
        return operands;
    }

    private static Object seen(Map<String, @Nullable Tensor> operands) {
        List<String> scalars = new ArrayList<>();
        operands.forEach((id, value) -> {
            if (value != null && value.length() == 1 && !id.equals(String.valueOf(value.item()))) {
                scalars.add(id + " = " + value.item());
            }
        });
        return scalars.isEmpty() ? "" : Phrase.of("diagnostic.seen", String.join(", ", scalars));
    }

    /** The ids of the nodes of a path; of a long path only both ends. */
    List<String> ids(List<Integer> nodes) {
        if (nodes.size() <= 2 * WAY_END) {
            return nodes.stream().map(program::id).toList();
        }
        List<String> ends = new ArrayList<>(nodes.subList(0, WAY_END).stream().map(program::id).toList());
        ends.add("…");
        nodes.subList(nodes.size() - WAY_END, nodes.size()).forEach(node -> ends.add(program.id(node)));
        return ends;
    }

    Object names(List<Integer> nodes) {
        String all = nodes.stream().limit(MOST_NAMED).map(this::name).collect(Collectors.joining(", "));
        return nodes.size() > MOST_NAMED ? Phrase.of("diagnostic.others", all) : all;
    }

    private void kinks(Map<Integer, Long> counts) {
        counts.forEach((node, count) -> {
            String op = program.graph().op(node).name();
            OpDefinition definition = OpCatalogue.find(op);
            String convention = definition == null ? null : definition.convention();
            Phrase chosen = convention == null ? Phrase.of("convention.other", "") : Phrase.ofEnglish("convention", convention);
            found.add(new Diagnostic("kink", program.id(node), null, count,
                    Phrase.of(count == 1 ? "diagnostic.kink" : "diagnostic.kinks", name(node), count, chosen), List.of(), Map.of()));
        });
    }

    /** Warns about a difference or loss of shapes (N,) and (N, 1): broadcasting makes N × N elements of it, which is rarely intended. */
    private void stretchedLosses() {
        Graph graph = program.graph();
        for (int node : paths.stretchedComparisons()) {
            add("broadcast", program.id(node), Phrase.of("diagnostic.broadcast", name(node), graph.shape(graph.operand(node, 0)),
                    graph.shape(graph.operand(node, 1))));
        }
    }

    private void digitsUnknown(int node) {
        add("digits-unknown", program.id(node), Phrase.of("diagnostic.digits-unknown", name(node)));
    }

    String name(int node) {
        return "'" + program.id(node) + "' (" + program.graph().op(node).name() + ")";
    }

    void add(String kind, String node, Phrase message) {
        found.add(Diagnostic.of(kind, node, message));
    }
}
