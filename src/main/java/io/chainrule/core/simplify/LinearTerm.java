package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A term of a linear function of an array t, whose value is an array too. */
sealed interface LinearTerm {

    /**
     * {@code weight ∘ (left t right)}; of a vector, t is a column. A null weight is 1, a null matrix the identity.
     *
     * @param transposed whether t is transposed
     */
    record Product(@Nullable Node weight, @Nullable Node left, boolean transposed, @Nullable Node right) implements LinearTerm {
        static final Product IDENTITY = new Product(null, null, false, null);

        boolean hasMatricesOf(Product other) {
            return transposed == other.transposed && isSame(left, other.left) && isSame(right, other.right);
        }

        private static boolean isSame(@Nullable Node a, @Nullable Node b) {
            return Objects.equals(a, b);
        }

        Product weighted(@Nullable Node by) {
            return new Product(by, left, transposed, right);
        }

        /** Whether the function is a product of matrices, apart from a scalar. */
        boolean isMatrices() {
            return weight == null || weight.shape().isScalar();
        }

        /** The matrix by which a vector of this length is multiplied from the left; null for the identity. Leaves out scalar weights. */
        @Nullable
        Node matrix() {
            if (weight == null || weight.shape().isScalar()) {
                return left;
            }
            Node diagonal = LinearMap.call("diag", weight);
            return left == null ? diagonal : LinearMap.call("matmul", diagonal, left);
        }
    }

    /** {@code value · t[at]}, of a vector t; a null value is 1. */
    record Entry(@Nullable Node value, int at) implements LinearTerm {}

    /** {@code value · ⟨gradient, t⟩}; a null value is 1. */
    record Functional(@Nullable Node value, Node gradient) implements LinearTerm {}

    /** Any linear function, by its Jacobian. */
    record Whole(Node jacobian) implements LinearTerm {}

    /** The Jacobian of the term, whose value has the shape {@code of}, by t. */
    static Node jacobian(LinearTerm term, Shape of, Node t) {
        Shape by = t.shape();
        return switch (term) {
            case Whole(Node jacobian) -> jacobian;
            case Entry(var value, int at) -> jacobian(new Functional(value, row(t, at)), of, t);
            case Functional(var value, Node gradient) -> value == null
                    ? gradient
                    : of.isScalar()
                            ? LinearMap.call("mul", value, gradient)
                            : of.rank() == 1 && by.rank() == 1
                                    ? LinearMap.call("outer", Maths.broadcastTo(value, of), gradient)
                                    : einsum(List.of(Maths.broadcastTo(value, of), gradient),
                                            letters('i', of) + "," + letters('p', by) + "->" + letters('i', of) + letters('p', by));
            case Product product -> of.rank() == 1 && by.rank() == 1
                    ? scaled(product, product.matrix() == null ? eye(t, of.dim(0)) : product.matrix())
                    : scaled(product, indexed(product, of, t));
        };
    }

    /** The gradient of one entry of t. */
    static Node row(Node t, int at) {
        return t.graph().add(UniqueNodes.op("index", Map.of("at", List.of(at)), 1), eye(t, t.shape().dim(0)));
    }

    private static Node scaled(Product product, Node matrix) {
        Node weight = product.weight;
        return weight != null && weight.shape().isScalar() ? LinearMap.times(weight, matrix) : matrix;
    }

    /** The product with indices, as in {@code left[i, p] · right[q, j]}. */
    private static Node indexed(Product product, Shape of, Node t) {
        Shape by = t.shape();
        String out = letters('i', of);
        String in = letters('p', by);
        List<Node> factors = new ArrayList<>();
        List<String> indices = new ArrayList<>();
        if (!product.isMatrices() && product.weight != null) {
            factors.add(Maths.broadcastTo(product.weight, of));
            indices.add(out);
        }
        for (int axis = 0; axis < Math.max(1, by.rank()); axis++) {
            int place = product.transposed ? by.rank() - 1 - axis : axis;
            Node factor = axis == 0 ? product.left : axis == by.rank() - 1 ? product.right : null;
            boolean isVector = factor != null && factor.shape().rank() == 1;
            String row = axis < out.length() ? out.substring(axis, axis + 1) : "";
            String column = in.substring(place, place + 1);
            factors.add(factor == null ? eye(t, by.dim(place)) : factor);
            indices.add(axis == 0 ? row + column : isVector ? column : factor == null ? row + column : column + row);
        }
        return einsum(factors, String.join(",", indices) + "->" + out + in);
    }

    private static String letters(char first, Shape shape) {
        StringBuilder letters = new StringBuilder();
        for (int axis = 0; axis < shape.rank(); axis++) {
            letters.append((char) (first + axis));
        }
        return letters.toString();
    }

    private static Node einsum(List<Node> factors, String equation) {
        return factors.getFirst().graph().add(UniqueNodes.op("einsum", Map.of("equation", equation), factors.size()),
                factors.toArray(Node[]::new));
    }

    static Node eye(Node like, int n) {
        return like.graph().add(UniqueNodes.op("eye", Map.of("n", n), 0), new Node[0]);
    }
}
