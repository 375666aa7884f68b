package io.chainrule.core.grade;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the lines of a program are: its forward pass, claims, and lines that help these.
 *
 * @param output the node that is differentiated
 * @param upstream the input that holds the output's own cotangent, as {@code dout} does; −1 where that is 1
 * @param lines all lines
 * @param claims in the order of the text
 * @param helpers the lines behind the forward pass that are no claims
 * @param passings claims of names that are bound more than once, which may pass gates
 * @param rivals nodes of lines that may be the output in place of this one, which is before them or depends on less
 * @param kept the inputs whose values are stored in the models that the lines call
 */
record BackwardPass(NamedGraph program, int output, int upstream, List<Line> lines, List<Claim> claims, List<Line> helpers,
        List<Passing> passings, List<Integer> rivals, List<Integer> kept) {
    private static final Comparator<Claim> IN_ORDER = Comparator.comparingInt(Claim::node);

    /**
     * Reads the lines of a program; where it is not sure which of them is the output, there is a reading for each that it may be, the
     * likeliest first.
     *
     * @param place where the request has the program
     * @param given what lines claim, node by name of the line; names that say it themselves need no entry
     * @param isOutputGiven whether the program's output is the one that the user asked for, and not just its last statement
     * @param checkpoint asked for each line, because each line is compared with all lines and nodes
     * @throws ProblemException for claims of unknown names, and where there is no output or it is no scalar
     */
    static Candidates of(BoundProgram bound, Place place, Map<String, String> given, boolean isOutputGiven, Checkpoint checkpoint) {
        Problems problems = new Problems();
        PassReader reader = new PassReader(bound, place, given, problems, checkpoint);
        List<Integer> outputs = isOutputGiven ? List.of(bound.program().output()) : reader.outputs();
        problems.throwIfAny();
        List<BackwardPass> passes = new ArrayList<>();
        ProblemException refused = null;
        for (int output : outputs) {
            try {
                passes.add(isOutputGiven ? reader.pass(output).withoutRivals() : reader.pass(output));
            } catch (ProblemException e) {
                refused = refused == null ? e : refused;
            }
        }
        if (passes.isEmpty() && refused != null) {
            throw refused;
        }
        return new Candidates(passes, reader);
    }

    /** Readings of a program that differ in the output, the likeliest first, and what reads it with any other. */
    record Candidates(List<BackwardPass> passes, PassReader reader) {}

    /**
     * A second reading of a claim whose name is bound twice. The first binding is the gradient of a gate's result, and the last one is the
     * gradient of the gate's operand. An example is {@code dh = dy @ W.T} before {@code dh[h <= 0] = 0}.
     */
    record Passing(Claim last, Claim result, Claim operand) {}

    /** The same with the claims of all passings added to the others. */
    BackwardPass withPassings() {
        return new BackwardPass(program, output, upstream, lines,
                Stream.concat(claims.stream(), passings.stream().map(Passing::result)).sorted(IN_ORDER).toList(), helpers, List.of(),
                rivals, kept);
    }

    /** The same in the other reading of these claims; the other passings are left. */
    BackwardPass passed(List<Passing> chosen) {
        Map<Claim, Claim> operands = chosen.stream().collect(Collectors.toMap(Passing::last, Passing::operand));
        Stream<Claim> read = claims.stream().map(claim -> operands.getOrDefault(claim, claim));
        return new BackwardPass(program, output, upstream, lines,
                Stream.concat(read, chosen.stream().map(Passing::result)).sorted(IN_ORDER).toList(), helpers,
                passings.stream().filter(passing -> !chosen.contains(passing)).toList(), rivals, kept);
    }

    private BackwardPass withoutRivals() {
        return new BackwardPass(program, output, upstream, lines, claims, helpers, passings, List.of(), kept);
    }

    Graph graph() {
        return program.graph();
    }

    /** The nodes that the output depends on, itself included. */
    BitSet forward() {
        return ancestors(graph(), output);
    }

    static BitSet ancestors(Graph graph, int node) {
        BitSet one = new BitSet();
        one.set(node);
        return Activity.ancestors(graph, one);
    }
}
