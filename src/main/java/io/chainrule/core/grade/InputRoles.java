package io.chainrule.core.grade;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the inputs of a program are, by their values and by what reads them. An input that is differentiated by is any numbers, but for a
 * symmetric matrix that is inverted or decomposed. Names count for nothing.
 */
final class InputRoles {
    private static final Set<String> OF_MATRICES = Set.of("inv", "solve", "det", "logdet", "slogdet", "cofactors", "cholesky", "eigvalsh",
            "eigh_vectors", "matrix_power", "expm");
    private static final Set<String> PRODUCTS = Set.of("matmul", "einsum");
    private static final Set<String> EQUALITIES = Set.of("eq", "ne", "logical_not", "logical_and", "logical_or", "logical_xor");

    private final Sheet sheet;
    private final BackwardPass pass;
    private final Graph graph;
    private final Map<Integer, Tensor> given;
    private final BitSet indices = new BitSet();
    /** Nodes that divide something, by themselves or through numbers that are computed from them. */
    private final BitSet divisors = new BitSet();
    private final BitSet claimed = new BitSet();
    /** Nodes that lines of claims read. */
    private final BitSet read = new BitSet();
    private final BitSet kept = new BitSet();

    InputRoles(Sheet sheet, BackwardPass pass, Map<Integer, Tensor> given) {
        this.sheet = sheet;
        this.pass = pass;
        this.graph = sheet.graph();
        this.given = given;
        for (int i = sheet.size() - 1; i >= 0; i--) {
            OpDefinition definition = OpCatalogue.find(graph.op(i).name());
            Integer checked = definition == null ? null : definition.checkedOperand();
            for (int k = 0; k < graph.operandCount(i); k++) {
                // What an argmax or a comparison reads is no index, though its result may be one.
                boolean isIndex = checked != null && checked == k || indices.get(i) && !graph.op(i).ignores(k);
                indices.set(graph.operand(i, k), isIndex || indices.get(graph.operand(i, k)));
                boolean divides = graph.op(i).name().equals("div") && k == 1 || divisors.get(i) && graph.shape(i).isScalar();
                divisors.set(graph.operand(i, k), divides || divisors.get(graph.operand(i, k)));
            }
        }
        pass.kept().forEach(input -> kept.set(sheet.image(input)));
        for (Claim claim : pass.claims()) {
            claimed.set(sheet.image(claim.by()));
            sheet.own(claim).stream().forEach(node -> IntStream.range(0, graph.operandCount(node))
                    .forEach(k -> read.set(graph.operand(node, k))));
        }
    }

    /** Whether an op checks that an input is a whole number in its range. */
    boolean isChecked(int node) {
        return indices.get(node);
    }

    /** The kinds of all inputs, by node. */
    Map<Integer, InputKind> kinds() {
        Map<Integer, InputKind> kinds = new LinkedHashMap<>();
        given.forEach((node, value) -> kinds.put(node, kind(node, value)));
        return kinds;
    }

    private InputKind kind(int node, Tensor value) {
        double[] data = value.data();
        boolean isUpstream = pass.upstream() >= 0 && node == sheet.image(pass.upstream());
        if (kept.get(node) && !claimed.get(node)) {
            return InputKind.KEPT;
        } else if (indices.get(node)) {
            return InputKind.INDEX;
        } else if (isSymmetric(value) && isReadBy(node, OF_MATRICES, true)) {
            return InputKind.SYMMETRIC;
        } else if (claimed.get(node) || isUpstream || data.length == 0) {
            return InputKind.FREE;
        } else if (isSymmetric(value) && isReadBy(node, PRODUCTS, true)) {
            return Rows.addingUp(value) == Rows.NONE ? InputKind.SYMMETRIC : InputKind.SYMMETRIC_ROWS;
        } else if (Rows.addingUp(value) != Rows.NONE) {
            return Arrays.stream(data).allMatch(x -> x == 0 || x == 1) ? InputKind.ONE_HOT : InputKind.PROBABILITIES;
        } else if (isLabels(node, value)) {
            return InputKind.LABELLED;
        } else if (Arrays.stream(data).allMatch(x -> x >= 0 && x == Math.rint(x)) && isReadBy(node, Set.of("eq"), false)) {
            return InputKind.INDEX;
        } else if (isSize(node, value)) {
            return InputKind.SIZE;
        }
        boolean hasSign = Arrays.stream(data).allMatch(x -> x > 0) || Arrays.stream(data).allMatch(x -> x < 0);
        return hasSign ? InputKind.SIGNED : InputKind.FREE;
    }

    /**
     * Two labels, the larger of which may be another number than 1, as in the mask of a dropout. A single number, or an array of ones, may
     * be any other number, unless it is used as a label.
     */
    private boolean isLabels(int node, Tensor value) {
        double[] data = value.data();
        boolean isTruth = Arrays.stream(data).allMatch(x -> x == 0 || x == 1);
        boolean isSign = Arrays.stream(data).allMatch(x -> x == -1 || x == 1);
        boolean isMixed = Arrays.stream(data).anyMatch(x -> x != data[0]);
        boolean isScaled = Arrays.stream(data).allMatch(x -> x == 0 || x == Closeness.largest(data));
        return (isTruth || isSign) && isMixed || (isTruth || isMixed && isScaled) && isUsedAsTruth(node, value);
    }

    private boolean isUsedAsTruth(int node, Tensor value) {
        return IntStream.range(0, sheet.size()).anyMatch(i -> IntStream.range(0, graph.operandCount(i)).anyMatch(k -> {
            String op = graph.op(i).name();
            boolean isCompared = EQUALITIES.contains(op) || !value.shape().isScalar() && OpCatalogue.has(graph.op(i), Trait.TRUTH_VALUE);
            boolean isComplement = op.equals("sub") && k == 1 && sheet.node(graph.operand(i, 0)).isLiteral(1);
            return graph.operand(i, k) == node && (isCompared || isComplement || op.equals("where") && k == 0);
        }));
    }

    /** A number that a claim reads and that divides something, and that is the number of entries of an array or of one of its axes. */
    private boolean isSize(int node, Tensor value) {
        if (value.length() != 1 || !read.get(node) || !divisors.get(node)) {
            return false;
        }
        Set<Double> sizes = new HashSet<>();
        given.values().forEach(other -> {
            Shape shape = other.shape();
            shape.toList().forEach(length -> sizes.add((double) length));
            if (!shape.isScalar()) {
                sizes.add((double) shape.size());
            }
        });
        return sizes.contains(value.data()[0]);
    }

    /** Whether an op, of the forward pass where that is asked for, reads a matrix, or its transpose. */
    private boolean isReadBy(int node, Set<String> ops, boolean isForward) {
        BitSet same = new BitSet();
        same.set(node);
        for (int i = node + 1; i < sheet.size(); i++) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                if ((!isForward || sheet.isForward(i)) && same.get(graph.operand(i, k)) && ops.contains(graph.op(i).name())) {
                    return true;
                }
            }
            if (graph.operandCount(i) == 1 && same.get(graph.operand(i, 0)) && graph.op(i).name().equals("transpose")) {
                same.set(i);
            }
        }
        return false;
    }

    private static boolean isSymmetric(Tensor value) {
        Shape shape = value.shape();
        int n = shape.rank() == 2 && shape.dim(0) == shape.last() ? shape.last() : 0;
        return n > 1 && Closeness.largest(value.data()) > 0
                && IntStream.range(0, n * n).allMatch(i -> value.data()[i] == value.data()[i % n * n + i / n]);
    }
}
