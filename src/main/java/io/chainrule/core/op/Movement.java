package io.chainrule.core.op;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An op that only moves data, so is linear in all operands together: the VJP is the transpose, the JVP the op itself. */
abstract class Movement implements Op {
    @Override
    public Family family() {
        return Family.MOVEMENT;
    }

    @Override
    public long flops(Shape[] operands, Shape result) {
        return result.size();
    }

    /** The transpose by one operand. */
    abstract Node transposed(Node node, int operand, Node cotangent);

    /** Runs the op on operands that hold the numbers of their elements, counted from 1; a 0 in the result depends on no element. */
    @Override
    public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
        double[][] numbers = new double[operands.length][];
        int[] first = new int[operands.length + 1];
        for (int k = 0; k < operands.length; k++) {
            numbers[k] = new double[operands[k].length()];
            for (int i = 0; i < numbers[k].length; i++) {
                numbers[k][i] = first[k] + i + 1;
            }
            first[k + 1] = first[k] + numbers[k].length;
        }
        double[] moved = new double[result.length()];
        if (moved.length > 0) {
            prepare(operands, result).run(numbers, moved, Parallel.NONE);
        }
        for (int to = 0; to < moved.length; to++) {
            int number = (int) moved[to] - 1;
            if (number >= 0) {
                int operand = holder(first, number);
                dependence.between(operand, number - first[operand], to);
            }
        }
        return true;
    }

    /** The operand in which the element of this number lies; of several that begin there, the last, as the others are empty. */
    private static int holder(int[] first, int number) {
        int at = Arrays.binarySearch(first, number);
        int operand = at >= 0 ? at : -at - 2;
        while (first[operand + 1] == number) {
            operand++;
        }
        return operand;
    }

    @Override
    public final Node vjp(Node node, int operand, Node cotangent) {
        return transposed(node, operand, cotangent);
    }

    /** Data that move keep their errors. */
    @Override
    public @Nullable Node error(Node node, @Nullable Node[] errors) {
        return jvp(node, errors);
    }

    @Override
    public final @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
        Node[] all = new Node[tangents.length];
        boolean any = false;
        for (int k = 0; k < all.length; k++) {
            Node tangent = tangents[k];
            any |= tangent != null;
            all[k] = tangent != null ? tangent : Maths.broadcastTo(Maths.number(node.graph(), 0), node.operand(k).shape());
        }
        return any ? node.graph().add(this, all) : null;
    }
}
