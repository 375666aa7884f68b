package io.chainrule.core.grade;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.expression.DerivativeNames;
import io.chainrule.core.expression.Misfit;
import io.chainrule.core.expression.Misfits;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads what the lines of a program are. */
final class PassReader {
    private static final int NONE = -1;
    private static final String CLAIMS = "claims";
    private final NamedGraph program;
    private final Place place;
    private final Map<String, String> given;
    private final Problems problems;
    private final Checkpoint checkpoint;
    private final List<Line> lines;
    private final Misfits misfits;
    private final Map<Line, DerivativeNames.Derivative> claimed = new LinkedHashMap<>();
    private final OutputLines outputs;
    private final List<Integer> kept;

    /** {@code place} is where the request has the program. */
    PassReader(BoundProgram bound, Place place, Map<String, String> given, Problems problems, Checkpoint checkpoint) {
        this.program = bound.program();
        this.place = place;
        this.given = given;
        this.problems = problems;
        this.checkpoint = checkpoint;
        this.lines = lines(bound);
        this.misfits = bound.misfits();
        // What the program itself keeps has a name that its lines may read.
        this.kept = program.inputs().stream().filter(input -> program.id(input).contains(".") && bound.kept().contains(program.id(input)))
                .toList();
        given.forEach(this::check);
        if (bound.bindings().isEmpty()) {
            program.aliases().keySet().forEach(this::checkIsNoClaim);
        }
        lines.stream().filter(Line::isLast).forEach(line -> derivative(line.name()).ifPresent(found -> claimed.put(line, found)));
        this.outputs = new OutputLines(program, lines, claimed, checkpoint);
    }

    private static List<Line> lines(BoundProgram bound) {
        NamedGraph program = bound.program();
        if (bound.bindings().isEmpty()) {
            return IntStream.range(0, program.graph().size())
                    .filter(node -> program.isNamed(node) && !program.graph().isLeaf(node))
                    .mapToObj(node -> new Line(program.id(node), program.id(node), node, true, 0)).toList();
        }
        return bound.bindings().stream().map(binding -> new Line(binding.id(), binding.name(), binding.node(),
                binding.id().equals(binding.name()), binding.position().line())).toList();
    }

    private void check(String name, String target) {
        checkpoint.check();
        boolean isLine = lines.stream().anyMatch(line -> line.isLast() && line.name().equals(name));
        if (!isLine) {
            boolean isInput = program.find(name) != null;
            problems.add(() -> Problem
                    .of(isInput ? ProblemCode.INVALID_VALUE : ProblemCode.UNKNOWN_NODE,
                            isInput
                                    ? "'" + name + "' is no line of the program, so it claims nothing"
                                    : "there is no line '" + name + "'")
                    .node(name).at(Place.setting(CLAIMS, name)).expected("the name that a line binds", isInput ? "an input" : null)
                    .hint(Nearest.hint(name, lines.stream().map(Line::name).toList()).orElse(null)));
        }
        if (program.find(target) == null) {
            problems.add(() -> Problem.of(ProblemCode.UNKNOWN_NODE, "there is no node '" + target + "'").node(target)
                    .at(Place.setting(CLAIMS, name)).hint(Nearest.hint(target, program.allIds()).orElse(null)));
        }
    }

    /** A list of nodes, as which a text is stored, has no line for a second name: the claim of {@code dfdz = q} would be lost. */
    private void checkIsNoClaim(String alias) {
        derivative(alias).ifPresent(_ -> {
            String node = program.id(Objects.requireNonNull(program.find(alias)));
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "'" + alias + "' is a second name of '" + node
                    + "', and no line of its own that could be marked").node(alias)
                    .at(Place.nodeList("aliases", alias)).expected("a node of its own", "a second name")
                    .hint(place.equals(Place.setting("graph"))
                            ? "make it a node of its own, as mul of " + node + " and 1"
                            : "mark the text itself, as an 'expression': a model keeps its nodes, not its lines"));
        });
    }

    private Optional<DerivativeNames.Derivative> derivative(String line) {
        checkpoint.check();
        String node = given.get(line);
        return node != null
                ? Optional.of(new DerivativeNames.Derivative(null, node))
                : DerivativeNames.read(line, name -> !name.equals(line) && program.find(name) != null);
    }

    /**
     * The last statement that neither is a claim nor reads one. If claims read it, it may be a line that only helps them; then the lines
     * before it may be the output too.
     */
    List<Integer> outputs() {
        List<Integer> found = outputs.all();
        if (found.isEmpty() && !given.isEmpty()) {
            // A line of the forward pass may be called like a claim.
            claimed.keySet().removeIf(line -> !given.containsKey(line.name()));
            found = outputs.all();
        }
        if (found.isEmpty()) {
            problems.add(
                    Problem.of(ProblemCode.MISSING_OUTPUT, "every line is a claim or reads one, so there is no output to differentiate")
                            .expected("a line of the forward pass", null)
                            .hint("write the forward pass before its derivatives, as f = x * y, or name the node in 'output'"));
        }
        return found;
    }

    BackwardPass pass(int output) {
        Problems problems = new Problems();
        BitSet forward = BackwardPass.ancestors(program.graph(), output);
        List<Claim> claims = new ArrayList<>();
        List<Line> helpers = new ArrayList<>();
        for (Line line : lines) {
            DerivativeNames.Derivative derivative = claimed.get(line);
            if (derivative != null && !forward.get(line.node()) && isOfForwardPass(line, derivative, forward)) {
                claims.add(claim(line, derivative, output));
            } else if (derivative != null && given.containsKey(line.name())) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE,
                        "the output '" + program.id(output) + "' depends on '" + line.name()
                                + "', so that is no line of the backward pass")
                        .node(line.name()).at(Place.setting(CLAIMS, line.name()))
                        .hint("name the node that is differentiated in 'output'"));
            } else if (!forward.get(line.node())) {
                helpers.add(line);
            }
        }
        Set<String> names = claims.stream().map(each -> each.line().name()).collect(Collectors.toSet());
        misfits.lines().forEach((name, misfit) -> {
            if (!names.contains(name)) {
                problems.add(misfit.problem());
            }
        });
        int upstream = upstream(output, problems);
        problems.throwIfAny();
        return new BackwardPass(program, output, upstream, lines, claims, helpers,
                claims.stream().map(claim -> passing(claim, forward)).flatMap(Optional::stream).toList(),
                outputs.rivals(output), kept);
    }

    /** Whether the output depends on a claimed node; a node that is computed behind the forward pass has no gradient to claim. */
    private boolean isOfForwardPass(Line line, DerivativeNames.Derivative derivative, BitSet forward) {
        Integer by = program.find(derivative.by());
        return given.containsKey(line.name()) || derivative.of() != null || by == null || program.graph().isLeaf(by)
                || forward.get(by);
    }

    private Claim claim(Line line, DerivativeNames.Derivative derivative, int output) {
        Integer of = derivative.of() == null ? null : program.find(derivative.of());
        Integer by = program.find(derivative.by());
        boolean isLocal = of != null && of != output;
        Misfit misfit = misfits.lines().get(line.name());
        int standIn = misfits.standIns().getOrDefault(line.name(), NONE);
        return new Claim(line, isLocal && of != null ? of : output, by == null ? output : by, isLocal, standIn, misfit);
    }

    private Optional<BackwardPass.Passing> passing(Claim claim, BitSet forward) {
        checkpoint.check();
        Optional<Line> before = lines.stream().filter(line -> line.name().equals(claim.line().name()) && !line.isLast())
                .filter(line -> !forward.get(line.node())).reduce((_, later) -> later);
        OptionalInt operand = claim.isLocal() ? OptionalInt.empty() : operand(claim.by());
        return before.isEmpty() || operand.isEmpty()
                ? Optional.empty()
                : Optional.of(new BackwardPass.Passing(claim, new Claim(before.get(), claim.of(), claim.by(), false),
                        new Claim(claim.line(), claim.of(), operand.getAsInt(), false, claim.standIn(), claim.misfit())));
    }

    /** Returns the one operand of a gate that is not a constant. Empty if there are several, or if its shape is not that of the gate. */
    private OptionalInt operand(int gate) {
        Graph graph = program.graph();
        int[] operands = IntStream.range(0, graph.operandCount(gate)).filter(k -> !graph.op(gate).ignores(k))
                .map(k -> graph.operand(gate, k)).filter(node -> !graph.isLeaf(node) || program.inputs().contains(node)).toArray();
        return operands.length == 1 && graph.shape(operands[0]).equals(graph.shape(gate))
                ? OptionalInt.of(operands[0])
                : OptionalInt.empty();
    }

    private int upstream(int output, Problems problems) {
        int upstream = outputs.upstream(output);
        if (upstream == NONE && !program.graph().shape(output).isScalar()) {
            String id = program.id(output);
            problems.add(Problem
                    .of(ProblemCode.NOT_SCALAR,
                            "the output '" + id + "' has shape " + program.graph().shape(output) + ", a gradient is that of a scalar")
                    .node(id).position(program.position(output)).expected("[]", program.graph().shape(output).toString())
                    .hint("end the forward pass in a scalar, or give the gradient that arrives at '" + id + "' as an input 'd" + id
                            + "'"));
        }
        return upstream;
    }
}
