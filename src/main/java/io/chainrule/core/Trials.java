package io.chainrule.core;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The graphs of a program for some lengths of its free axes.
 *
 * @param lengths for each graph, by the names of axes
 */
record Trials(List<NamedGraph> graphs, List<Map<String, Integer>> lengths) {
    private static final int ENOUGH = 2;

    /**
     * The first trials that fit: two, or one if no axis is free.
     *
     * @throws ProblemException if the program is wrong for too many lengths
     */
    static Trials of(Program program, StoredInputs given, BuildLimits limits) {
        Trials fitting = new Trials(new ArrayList<>(), new ArrayList<>());
        int needed = given.isFree() ? ENOUGH : 1;
        Growth growth = new Growth(limits.growth());
        BuildLimits ofTrials = limits.telling(growth, limits.foreseen());
        ProblemException first = null;
        ProblemException refusal = null;
        for (List<Map<String, Integer>> orders : given.trials()) {
            for (int i = 0, before = fitting.graphs.size(); i < orders.size() && fitting.graphs.size() == before; i++) {
                long used = growth.used;
                try {
                    fitting.graphs.add(graph(program, given.names(), given.shapes(orders.get(i)), ofTrials));
                    fitting.lengths.add(orders.get(i));
                    refusal = null;
                } catch (ProblemException e) {
                    growth.used = used;
                    first = first == null ? e : first;
                    refusal = refusal == null ? e : refusal;
                } catch (LimitException e) {
                    // With longer axes, a program that is wrong may also be too large. Clients are told what is wrong.
                    throw refusal == null ? e : refusal;
                }
            }
            if (fitting.graphs.size() == needed) {
                return fitting;
            }
        }
        throw Objects.requireNonNull(first);
    }

    /** Reserves the memory of trials. The next trial gets the memory of one that did not fit. */
    private static final class Growth implements LongConsumer {
        private final LongConsumer growth;
        private long used;
        private long held;

        Growth(LongConsumer growth) {
            this.growth = growth;
        }

        @Override
        public void accept(long bytes) {
            used += bytes;
            if (used > held) {
                growth.accept(used - held);
                held = used;
            }
        }
    }

    /** The graph for inputs of these shapes; it has shapes itself if those of all inputs are known. */
    static NamedGraph graph(Program program, Set<String> names, Map<String, Shape> shapes, BuildLimits limits) {
        NamedGraph written = program.graph(names, shapes, limits.written());
        limits.growByWritten(written.graph());
        return inferred(written, shapes, limits);
    }

    /** The same graph, with shapes if those of all inputs are known. */
    static NamedGraph inferred(NamedGraph written, Map<String, Shape> shapes, BuildLimits limits) {
        Map<String, Shape> known = new LinkedHashMap<>(shapes);
        boolean areAllKnown = true;
        for (int input : written.inputs()) {
            Shape declared = ((Leaf.Input) written.graph().op(input)).declared();
            if (declared != null) {
                known.putIfAbsent(written.id(input), declared);
            }
            areAllKnown &= known.containsKey(written.id(input));
        }
        Problems problems = new Problems();
        if (!areAllKnown) {
            ShapeInference.check(written, known, problems);
            problems.throwIfAny();
            return written;
        }
        NamedGraph inferred = ShapeInference.infer(written, known, problems);
        problems.throwIfAny();
        limits.checkSizes(Objects.requireNonNull(inferred).graph());
        return inferred;
    }
}
