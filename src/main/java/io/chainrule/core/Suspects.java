package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a program at which a run may meet a {@link Trouble}, and the troubles that its graph alone shows. Made once for each
 * compiled gradient, so that a run looks at these nodes only. Nodes are those of the bound program unless a name says otherwise.
 *
 * @param sums elementwise sums and differences of arrays, and sums of all elements
 * @param scalarSums sums and differences of scalars, as three nodes of the derived graph each: the result and both terms
 * @param merged for scalars whose gradients are sums: the node, its cotangent and its contributions, which are nodes of the derived graph
 * @param sampled those of the rectified and bounded nodes whose leading axis is that of the samples
 * @param certain what is wrong whatever the values are
 */
record Suspects(List<Integer> sums, int[] scalarSums, List<int[]> merged, List<Integer> rectified, List<Integer> bounded,
        List<Integer> solves, List<Integer> labelled, BitSet sampled, @Nullable GradientChain chain, List<Trouble> certain) {
    private static final int NONE = -1;
    /** A run keeps values of this many elements for these looks alone; of larger ones it tells where the answer lists them. */
    private static final long MOST_KEPT = 1 << 15;
    /** An entry of a list, or an array's header. */
    private static final long BYTES_A_LIST = 24;

    static Suspects of(DerivedGraph derived) {
        return new Search(derived).found();
    }

    /** The nodes of the derived graph that a run must keep to be looked at, as far as they are small. */
    BitSet kept(DerivedGraph derived) {
        Graph graph = derived.graph();
        LoweredProgram lowered = derived.lowered();
        Samples samples = lowered.bound().samples();
        long count = samples.keepAxis() ? samples.length() : 1;
        BitSet kept = new BitSet();
        List<Integer> wanted = new ArrayList<>();
        rectified.forEach(node -> {
            wanted.add(lowered.image(node));
            int compared = comparedWithZero(lowered.program().graph(), node);
            if (compared != NONE) {
                wanted.add(lowered.image(compared));
            }
        });
        bounded.forEach(node -> wanted.add(lowered.image(node)));
        solves.forEach(node -> {
            wanted.add(lowered.image(node));
            wanted.add(lowered.image(operand(lowered, node, 0)));
        });
        if (chain != null) {
            IntStream.of(chain.nodes()).map(derived::cotangent).forEach(wanted::add);
        }
        long room = MOST_KEPT;
        for (int node : wanted) {
            long size = count * graph.shape(node).size();
            if (size <= room) {
                kept.set(node);
                room -= size;
            }
        }
        return kept;
    }

    /** An estimate of the memory that this takes. */
    long bytes() {
        long numbers = (long) scalarSums.length + (chain == null ? 0 : chain.nodes().length);
        return Integer.BYTES * (numbers + merged.stream().mapToLong(entry -> entry.length + BYTES_A_LIST / Integer.BYTES).sum())
                + BYTES_A_LIST * (1 + sums.size() + rectified.size() + bounded.size() + solves.size() + labelled.size());
    }

    /** The operand of an op of two whose other operand is a literal 0; −1 if there is none. */
    static int comparedWithZero(Graph graph, int node) {
        if (graph.operandCount(node) != 2) {
            return NONE;
        }
        int a = graph.operand(node, 0);
        int b = graph.operand(node, 1);
        return isLiteralZero(graph, b) ? a : isLiteralZero(graph, a) ? b : NONE;
    }

    private static boolean isLiteralZero(Graph graph, int node) {
        return graph.op(node) instanceof Leaf.Literal(double value) && value == 0;
    }

    private static int operand(LoweredProgram lowered, int node, int k) {
        return lowered.program().graph().operand(node, k);
    }

    /** Walks over the graph once. */
    private static final class Search {
        private final DerivedGraph derived;
        private final LoweredProgram lowered;
        private final BoundProgram bound;
        private final Graph graph;
        private final boolean isMapped;
        private final List<Integer> sums = new ArrayList<>();
        private final List<Integer> rectified = new ArrayList<>();
        private final List<Integer> bounded = new ArrayList<>();
        private final List<Integer> solves = new ArrayList<>();
        private final List<Integer> labelled = new ArrayList<>();
        private final List<Trouble> certain = new ArrayList<>();
        private int[] scalarSums = new int[0];
        private final SampleRows rows;
        private int scalars;

        Search(DerivedGraph derived) {
            this.derived = derived;
            this.lowered = derived.lowered();
            this.bound = lowered.bound();
            this.graph = bound.program().graph();
            this.rows = new SampleRows(derived);
            this.isMapped = bound.samples().keepAxis() || bound.samples().areReduced();
        }

        Suspects found() {
            for (int i = 0; i < graph.size(); i++) {
                if (!graph.isLeaf(i) && bound.paths().reaches(i)) {
                    visit(i, graph.op(i));
                }
            }
            rows.total().ifPresent(certain::add);
            BitSet below = bounded.isEmpty() ? new BitSet() : belowProducts();
            bounded.removeIf(node -> !below.get(lowered.image(node)));
            BitSet sampled = new BitSet();
            Stream.concat(rectified.stream(), bounded.stream()).filter(rows::areLeading).forEach(sampled::set);
            return new Suspects(sums, IntStream.of(scalarSums).limit(3L * scalars).toArray(), merged(), rectified, bounded, solves,
                    labelled, sampled,
                    GradientChain.of(derived), certain);
        }

        private void visit(int node, Op op) {
            OpDefinition definition = OpCatalogue.find(op.name());
            if (definition == null) {
                return;
            }
            if (definition.has(Trait.SUMS)) {
                sum(node, op);
            }
            if (definition.has(Trait.CLOSED_AT_ZERO) || definition.has(Trait.CLOSED_AT_OPERAND) && comparedWithZero(graph, node) != NONE) {
                rectified.add(node);
            }
            if (definition.has(Trait.SOLVES)) {
                solves.add(node);
            }
            Cautions cautions = definition.cautions();
            if (cautions.limits() != null) {
                bounded.add(node);
            }
            if (cautions.labels() != null && !rows.hasClasses(node)) {
                labelled.add(node);
            }
            if (cautions.applied() != null) {
                int operand = graph.operand(node, 0);
                if (OpCatalogue.find(graph.op(operand).name()) == cautions.applied() && sameAxis(node, operand)) {
                    int axis = axis(node);
                    certain.add(new Trouble(Trouble.Kind.ALREADY_NORMALIZED, node, List.of(operand),
                            axis < 0 ? Map.of() : Map.of("classes", (double) graph.shape(operand).dim(axis))));
                }
            }
        }

        /** The axis of classes of an op that has one; −1 for others. */
        private int axis(int node) {
            boolean has = OpCatalogue.of(graph.op(node)).attributes().stream().anyMatch(attribute -> attribute.name().equals("axis"));
            Shape shape = graph.shape(graph.operand(node, 0));
            return has ? shape.axis(graph.op(node).attributes().get("axis") instanceof Number axis ? axis.intValue() : -1) : -1;
        }

        private boolean sameAxis(int node, int operand) {
            return axis(node) == axis(operand);
        }

        private void sum(int node, Op op) {
            boolean isPair = op.family() == Family.ELEMENTWISE && graph.operandCount(node) == 2;
            if (isPair && graph.isLeaf(graph.operand(node, 0)) && graph.isLeaf(graph.operand(node, 1))) {
                return;
            }
            boolean areScalars = isPair && !isMapped && graph.shape(node).isScalar();
            if (areScalars) {
                if (scalarSums.length < 3 * scalars + 3) {
                    scalarSums = Arrays.copyOf(scalarSums, 6 * scalars + 48);
                }
                scalarSums[3 * scalars] = lowered.image(node);
                scalarSums[3 * scalars + 1] = lowered.image(graph.operand(node, 0));
                scalarSums[3 * scalars + 2] = lowered.image(graph.operand(node, 1));
                scalars++;
            } else if (isPair || op.family() == Family.LINEAR && graph.shape(node).size() == 1 && !isMapped) {
                sums.add(node);
            }
        }

        /** Nodes of the lowered graph that a product of arrays reads, directly or not. */
        private BitSet belowProducts() {
            Graph all = lowered.graph();
            BitSet below = new BitSet();
            for (int i = all.size() - 1; i >= 0; i--) {
                if (below.get(i) || all.op(i).family() == Family.BILINEAR) {
                    for (int k = 0; k < all.operandCount(i); k++) {
                        below.set(all.operand(i, k));
                    }
                }
            }
            return below;
        }

        private List<int[]> merged() {
            List<int[]> found = new ArrayList<>();
            if (isMapped) {
                return found;
            }
            Graph all = lowered.graph();
            int[] counts = new int[all.size()];
            forEachContribution((operand, _) -> counts[operand]++);
            int[][] entries = new int[all.size()][];
            for (int i = 0; i < graph.size(); i++) {
                int image = lowered.image(i);
                if (counts[image] > 1 && all.shape(image).isScalar() && derived.cotangents()[image] != NONE) {
                    entries[image] = new int[counts[image] + 2];
                    entries[image][0] = i;
                    entries[image][1] = derived.cotangents()[image];
                    found.add(entries[image]);
                    counts[image] = 0;
                }
            }
            forEachContribution((operand, contribution) -> {
                if (entries[operand] != null) {
                    entries[operand][2 + counts[operand]++] = contribution;
                }
            });
            return found;
        }

        private interface Contribution {
            void to(int operand, int contribution);
        }

        private void forEachContribution(Contribution each) {
            Graph all = lowered.graph();
            for (int i = 0; i < all.size(); i++) {
                for (int k = 0; k < all.operandCount(i); k++) {
                    int contribution = derived.contributions()[all.use(i, k)];
                    if (contribution != NONE) {
                        each.to(all.operand(i, k), contribution);
                    }
                }
            }
        }
    }
}
