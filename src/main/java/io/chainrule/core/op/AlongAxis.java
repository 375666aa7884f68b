package io.chainrule.core.op;

import static io.chainrule.core.op.Maths.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.RowKernel;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An op with an array of indices along one axis: it gathers the elements there, or adds elements to them. */
abstract class AlongAxis implements Op {
    final int axis;

    AlongAxis(int axis) {
        this.axis = axis;
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (axis != -1) {
            attributes.put("axis", axis);
        }
        return attributes;
    }

    @Override
    public Family family() {
        return Family.MOVEMENT;
    }

    final void checkRanks(Shape a, Shape indices) {
        if (a.rank() != indices.rank()) {
            throw new ShapeException("shape " + a + " and indices of shape " + indices + " have not as many axes", a.rank() + " axes",
                    indices.toString());
        }
    }

    final int shifted() {
        return axis < 0 ? axis : axis + 1;
    }

    static Node leading(Node x, boolean batched) {
        return batched ? x : reshape(x, Shape.of(1).concat(x.shape()));
    }

    /** Reads the element at each index. */
    static final class TakeAlong extends AlongAxis {
        TakeAlong(int axis) {
            super(axis);
        }

        @Override
        public String name() {
            return "take_along_axis";
        }

        @Override
        public Shape shape(Shape... operands) {
            int at = operands[0].axis(axis);
            checkRanks(operands[0], operands[1]);
            return operands[0].with(at, 1).broadcast(operands[1].with(at, 1)).with(at, operands[1].dim(at));
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return result.size();
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            int last = result.rank() - 1;
            Positions positions = new Positions(operands[0], operands[1], result, result.axis(axis));
            if (result.axis(axis) == last && operands[1].dim(last) == 1 && operands[0].with(last, 1).equals(operands[1])) {
                return new RowKernel(result.length(), 1, 0,
                        (x, from, y, o, spare) -> y[o] = x[0][from[0] + positions.offset(this, 1, x[1][from[1]])]);
            }
            return (x, y, checkpoint) -> positions.read(this, x[0], x[1], y, checkpoint);
        }

        @Override
        public @Nullable Node vjp(Node node, int operand, Node cotangent) {
            if (operand == 1) {
                return null;
            }
            Shape x = node.operand(0).shape();
            int at = x.axis(axis);
            Node indices = node.operand(1);
            return sumTo(node.graph().add(new AddAlong(axis, x.dim(at)), indices, cotangent), x);
        }

        @Override
        public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
            return tangents[0] == null ? null : node.graph().add(this, tangents[0], node.operand(1));
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            Node ofIndices = Errors.unlessExact(errors[1]);
            Node read = errors[0] == null ? null : node.graph().add(this, errors[0], node.operand(1));
            return Errors.sum(read, ofIndices == null ? null : broadcastTo(ofIndices, node.shape()));
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            return Gathering.takeAlong(leading(operands[0], batched[0]), leading(operands[1], batched[1]), shifted());
        }

        @Override
        public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
            Positions positions = new Positions(operands[0], operands[1], result, result.axis(axis));
            positions.forEachElement((r, base) -> {
                for (int j = 0; j < positions.length(); j++) {
                    dependence.between(0, base + j * positions.step(), r);
                }
            });
            return true;
        }

        @Override
        public boolean ignores(int operand) {
            return operand == 1;
        }

        /** Where the indices are those of a sorted order of the same array, equal elements are a kink: they could be in any order. */
        @Override
        public @Nullable Node kink(Node node) {
            Node x = node.operand(0);
            Node indices = node.operand(1);
            if (!(indices.op() instanceof LineOp order) || indices.operand(0).index() != x.index()
                    || x.shape().axis(axis) != x.shape().axis(order.axis())) {
                return null;
            }
            return order.ties(node);
        }
    }

    /** Adds updates to zeros, each at its index: the transpose of {@link TakeAlong}. */
    static final class AddAlong extends AlongAxis {
        private final int length;

        AddAlong(int axis, int length) {
            super(axis);
            this.length = length;
        }

        @Override
        public String name() {
            return "take_along_axis_transpose";
        }

        @Override
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>(Map.of("length", length));
            attributes.putAll(super.attributes());
            return attributes;
        }

        @Override
        public Shape shape(Shape... operands) {
            int at = operands[1].axis(axis);
            checkRanks(operands[1], operands[0]);
            if (!operands[0].broadcastsTo(operands[1])) {
                throw new ShapeException("indices of shape " + operands[0] + " do not stretch to the updates' shape " + operands[1],
                        operands[1].toString(), operands[0].toString());
            }
            return operands[1].with(at, length);
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            return result.size() + operands[1].size();
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            int along = operands[1].axis(axis);
            Positions positions = new Positions(result, operands[0], operands[1], along);
            boolean isOfLines = along == result.rank() - 1 && operands[0].equals(operands[1]);
            return (x, y, parallel) -> {
                double[] indices = x[0];
                double[] updates = x[1];
                if (isOfLines) {
                    int n = operands[1].last();
                    parallel.share(y.length / length, parallel.grain(length + (long) n),
                            (from, end) -> addLines(positions, indices, updates, n, y, from, end, parallel));
                    return;
                }
                Arrays.fill(y, 0);
                positions.add(this, indices, updates, y, parallel);
            };
        }

        /** The loop over elements where each line along the last axis takes one update; else null. */
        @Nullable
        ElementLoop loop(Shape[] operands, Shape result) {
            int last = result.rank() - 1;
            if (result.axis(axis) != last || length <= 1 || operands[0].dim(last) != 1 || operands[1].dim(last) != 1) {
                return null;
            }
            Positions positions = new Positions(result, operands[0], operands[1], last);
            return (x, from, stride, out, o, position, n) -> {
                int endOfLine;
                for (int i = 0; i < n; i = endOfLine) {
                    int inLine = (position + i) % length;
                    endOfLine = Math.min(n, i + length - inLine);
                    int at = i + positions.offset(this, 0, x[0][from[0] + i * stride[0]]) - inLine;
                    double update = x[1][from[1] + i * stride[1]];
                    Arrays.fill(out, o + i, o + endOfLine, 0);
                    if (at >= i && at < endOfLine) {
                        out[o + at] += update;
                    }
                }
            };
        }

        /** Lines along the last axis, with {@code n} updates and an index for each; a visitor would take longer than the additions. */
        private void addLines(Positions positions, double[] indices, double[] updates, int n, double[] y, int from, int end,
                Checkpoint checkpoint) {
            Arrays.fill(y, from * length, end * length, 0);
            for (int line = from; line < end; line++) {
                if ((long) line * n % (1 << 18) < n) {
                    checkpoint.check();
                }
                for (int u = line * n; u < (line + 1) * n; u++) {
                    y[line * length + positions.offset(this, 0, indices[u])] += updates[u];
                }
            }
        }

        @Override
        public @Nullable Node vjp(Node node, int operand, Node cotangent) {
            // An empty result has no element that an index could read.
            boolean isZero = operand == 0 || length == 0;
            return isZero ? null : broadcastTo(Gathering.takeAlong(cotangent, node.operand(0), axis), node.operand(1).shape());
        }

        @Override
        public @Nullable Node jvp(Node node, @Nullable Node[] tangents) {
            return tangents[1] == null ? null : node.graph().add(this, node.operand(0), tangents[1]);
        }

        @Override
        public Node error(Node node, @Nullable Node[] errors) {
            Node indices = node.operand(0);
            Node updates = node.operand(1);
            Node moved = errors[1] == null ? null : node.graph().add(this, indices, errors[1]);
            if (errors[0] != null) {
                Node anywhere = Maths.sum(broadcastTo(Errors.whereDoubtful(errors[0]), updates.shape()), List.of(axis), true);
                moved = Errors.sum(moved, broadcastTo(anywhere, node.shape()));
            }
            Node ones = broadcastTo(number(node.graph(), 1), updates.shape());
            return Errors.ofAdded(node.graph().add(this, indices, ones), node.graph().add(this, indices, abs(updates)), moved);
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            Node updates = batched[1] ? operands[1] : broadcastTo(operands[1], Shape.of(n).concat(operands[1].shape()));
            return updates.graph().add(new AddAlong(shifted(), length), leading(operands[0], batched[0]), updates);
        }

        @Override
        public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
            Positions positions = new Positions(result, operands[0], operands[1], operands[1].axis(axis));
            positions.forEachElement((u, base) -> {
                for (int j = 0; j < length; j++) {
                    dependence.between(1, u, base + j * positions.step());
                }
            });
            return true;
        }

        @Override
        public boolean ignores(int operand) {
            return operand == 0;
        }
    }
}
