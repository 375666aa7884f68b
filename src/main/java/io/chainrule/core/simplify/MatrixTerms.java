package io.chainrule.core.simplify;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.Axes;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.LinearTerm.Entry;
import io.chainrule.core.simplify.LinearTerm.Functional;
import io.chainrule.core.simplify.LinearTerm.Product;
import io.chainrule.core.simplify.LinearTerm.Whole;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rules of a {@link LinearMap} for products of matrices, their sums and transposes. */
record MatrixTerms(LinearMap map) {

    @Nullable
    List<LinearTerm> product(int node) {
        int k = map.operand(node, 0) == null ? 1 : 0;
        Node other = map.fixed(node, 1 - k);
        int rank = map.graph.shape(map.graph.operand(node, k)).rank();
        if (rank > 2 || other.shape().rank() > 2) {
            return null;
        } else if (rank == 1 && other.shape().rank() == 1) {
            return total(map.weighted(map.needed(node, k), other, other.shape()), other.shape());
        } else if (rank == 1) {
            return each(node, k, term -> left(k == 1 ? other : LinearMap.call("transpose", other), term));
        } else if (k == 1) {
            return other.shape().rank() == 2
                    ? each(node, k, term -> left(other, term))
                    : each(node, k, term -> turned(term) instanceof Product turned ? right(turned, other) : null);
        }
        return each(node, k, term -> term instanceof Product product ? right(product, other) : null);
    }

    /** Applies a function to each term of an operand; null if it cannot be applied to one of them. */
    private @Nullable List<LinearTerm> each(int node, int position, Function<LinearTerm, @Nullable LinearTerm> function) {
        List<LinearTerm> all = new ArrayList<>();
        for (LinearTerm term : map.needed(node, position)) {
            LinearTerm mapped = function.apply(term);
            if (mapped == null) {
                return null;
            }
            all.add(mapped);
        }
        return all;
    }

    private @Nullable LinearTerm left(Node matrix, LinearTerm term) {
        return switch (term) {
            case Entry _ -> null;
            case Functional(var value, Node gradient) ->
                new Functional(LinearMap.call("matmul", matrix, Objects.requireNonNull(value)), gradient);
            case Product product -> {
                boolean isVector = map.source.shape().rank() == 1;
                Node before = isVector ? product.matrix() : product.left();
                yield isVector || product.isMatrices()
                        ? new Product(product.isMatrices() ? product.weight() : null,
                                before == null ? matrix : LinearMap.call("matmul", matrix, before),
                                product.transposed(), product.right())
                        : null;
            }
            case Whole(Node jacobian) -> map.source.shape().rank() == 1 && jacobian.shape().rank() == 2
                    ? new Whole(LinearMap.call("matmul", matrix, jacobian))
                    : null;
        };
    }

    private static @Nullable LinearTerm right(Product product, Node other) {
        return product.isMatrices()
                ? new Product(product.weight(), product.left(), product.transposed(),
                        product.right() == null ? other : LinearMap.call("matmul", product.right(), other))
                : null;
    }

    @Nullable
    List<LinearTerm> transposed(int node) {
        return each(node, 0, MatrixTerms::turned);
    }

    /** The term transposed, a matrix. */
    private static @Nullable LinearTerm turned(LinearTerm term) {
        return switch (term) {
            case Functional(var value, Node gradient) ->
                new Functional(LinearMap.call("transpose", Objects.requireNonNull(value)), gradient);
            case Product product -> new Product(product.isMatrices() ? product.weight() : turned(product.weight()), turned(product.right()),
                    !product.transposed(), turned(product.left()));
            case Whole _,Entry _ -> null;
        };
    }

    private static @Nullable Node turned(@Nullable Node matrix) {
        return matrix == null ? null : LinearMap.call("transpose", matrix);
    }

    /** Returns the terms of the sum of an array's elements, given those of the array; null if they have no short form. */
    @Nullable
    List<LinearTerm> total(List<LinearTerm> terms, Shape shape) {
        List<LinearTerm> all = new ArrayList<>();
        for (LinearTerm term : terms) {
            switch (term) {
                case Functional(var value, Node gradient) ->
                    all.add(new Functional(LinearMap.call("sum", Objects.requireNonNull(value)), gradient));
                case Product product when map.source.shape().rank() == shape.rank() ->
                    all.add(new Functional(null, gradient(product, shape)));
                default -> {
                    return null;
                }
            }
        }
        return all;
    }

    /** The gradient of the sum of a product's elements: {@code leftᵀ weight rightᵀ}. */
    private Node gradient(Product product, Shape shape) {
        Node gradient = Maths.broadcastTo(product.weight() == null ? map.source.graph().literal(1) : product.weight(), shape);
        Node left = product.left();
        Node right = product.right();
        gradient = left == null ? gradient : LinearMap.call("matmul", LinearMap.call("transpose", left), gradient);
        gradient = right == null ? gradient : LinearMap.call("matmul", gradient, LinearMap.call("transpose", right));
        return product.transposed() ? LinearMap.call("transpose", gradient) : gradient;
    }

    /** A matrix of one column as a vector. */
    @Nullable
    List<LinearTerm> column(int node) {
        Shape own = map.graph.shape(map.graph.operand(node, 0));
        boolean isColumn = own.rank() == 2 && own.last() == 1 && map.source.shape().rank() == 2;
        return !isColumn
                ? null
                : each(node, 0, term -> term instanceof Product product && product.isMatrices()
                        ? new Product(product.weight(), product.left(), product.transposed(), product.right() == null
                                ? Maths.broadcastTo(map.source.graph().literal(1), Shape.of(1))
                                : Maths.reshape(product.right(), Shape.of(product.right().shape().dim(0))))
                        : null);
    }

    /** The sums of the rows of a matrix, or of its columns, as a product with ones. */
    @Nullable
    List<LinearTerm> line(int node, Op sum) {
        Shape own = map.graph.shape(map.graph.operand(node, 0));
        if (own.rank() != 2 || map.source.shape().rank() != 2 || map.graph.shape(node).rank() != 1) {
            return null;
        }
        int axis = Objects.requireNonNull(Axes.of(sum, own.rank())).nextSetBit(0);
        Node ones = Maths.broadcastTo(map.source.graph().literal(1), Shape.of(own.dim(axis)));
        return each(node, 0, term -> {
            LinearTerm turned = axis == 1 ? term : turned(term);
            return turned instanceof Product product ? right(product, ones) : null;
        });
    }

    @Nullable
    List<LinearTerm> solved(int node) {
        Node matrix = map.fixed(node, 0);
        Shape shape = map.graph.shape(node);
        if (matrix.shape().rank() != 2 || shape.rank() > 2 || map.source.shape().rank() != shape.rank()) {
            return null;
        }
        return each(node, 1, term -> {
            Node before = term instanceof Product product ? shape.rank() == 1 ? product.matrix() : product.left() : null;
            return term instanceof Product product && (shape.rank() == 1 || product.isMatrices())
                    ? new Product(product.isMatrices() ? product.weight() : null,
                            before == null ? LinearMap.call("inv", matrix) : LinearMap.call("solve", matrix, before), product.transposed(),
                            product.right())
                    : null;
        });
    }
}
