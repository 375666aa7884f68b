package io.chainrule.core.network;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Appends the loss of a network: that of its output and a target, plus the penalty of its weights. */
final class NetworkLoss {
    private static final String NAME = "loss";
    private static final String DATA = "loss/data";
    private static final String PENALTY = "loss/penalty";

    private final NetworkSpec spec;
    private final NetworkGraph graph;
    private final Problems problems;
    private final boolean isPenalized;
    private @Nullable Shape target;

    NetworkLoss(NetworkSpec spec, NetworkGraph graph, Problems problems) {
        this.spec = spec;
        this.graph = graph;
        this.problems = problems;
        this.isPenalized = spec.l1() != 0 || spec.l2() != 0;
        checkFactor("l1", spec.l1());
        checkFactor("l2", spec.l2());
        if (isPenalized && spec.loss() == null) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "regularization is added to the loss, and the network has none")
                    .at(Place.network("regularization")).hint("add \"loss\" to the network"));
        }
    }

    private void checkFactor(String name, double factor) {
        if (!(factor >= 0 && factor < Double.POSITIVE_INFINITY)) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, name + " is a finite number from 0, not " + factor)
                    .at(Place.network("regularization", name)).expected("a finite number from 0", String.valueOf(factor)));
        }
    }

    /** Claims the names that the loss needs, and looks up the target. */
    void prepare(NetworkNames names) {
        LossSpec loss = spec.loss();
        if (loss == null) {
            return;
        }
        target = graph.dataShape(loss.target(), "target");
        names.claim(NAME, "the loss", null);
        if (!loss.target().equals(spec.input().name())) {
            names.claim(loss.target(), "the target", place("target"));
        }
        if (isPenalized) {
            names.claim(DATA, "the loss of the data", null);
            names.claim(PENALTY, "the penalty of the weights", null);
        }
    }

    /**
     * Appends the loss of an output and returns it. Returns the output itself if the network has no loss, or if there is a problem with
     * it, which is reported.
     */
    Node append(Node output, String source) {
        LossSpec loss = spec.loss();
        if (loss == null) {
            return output;
        }
        Op op = op(loss, output.shape());
        if (op == null || target == null) {
            return output;
        }
        Node targets = graph.data(loss.target(), target);
        int before = graph.size();
        try {
            Node data = data(loss, op, output, targets, source);
            Node penalty = isPenalized ? penalty() : null;
            Node total = data;
            if (penalty != null) {
                graph.name(data, DATA);
                graph.name(penalty, PENALTY);
                total = Ops.call("add", data, penalty);
            }
            graph.name(total, NAME);
            graph.own(before, NAME);
            return total;
        } catch (ShapeException e) {
            String message = "the loss: " + e.getMessage() + "; " + source + " gives " + NetworkLowering.describe(output.shape())
                    + ", target '" + loss.target() + "' is " + targets.shape();
            problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, message).node(NAME)
                    .at(e.attribute() == null ? Place.network(NAME) : place(e.attribute()))
                    .expected(e.expected(), e.actual()));
            return output;
        }
    }

    /** Creates the op of the loss. Its axis is that of the channels unless an option gives one. */
    private @Nullable Op op(LossSpec loss, Shape output) {
        LossType type = LossType.LOSSES.find(loss.type());
        if (type == null) {
            problems.add(() -> LossType.LOSSES.unknown(ProblemCode.UNKNOWN_OP, loss.type()).node(NAME).at(place("type")));
            return null;
        }
        Map<String, Object> options = new HashMap<>(loss.options());
        if (type.hasAxis()) {
            options.putIfAbsent(Ops.AXIS, (double) Ops.channelAxis(output));
        }
        try {
            return type.op().create(options, 2);
        } catch (ProblemException e) {
            e.problems().forEach(
                    problem -> problems.add(problem.node(NAME).at(place(Objects.requireNonNullElse(problem.attribute(), "type")))));
            return null;
        }
    }

    /** Elementwise losses would broadcast a target [batch] against an output [batch, 1], a mistake that is hard to find. */
    private static Node data(LossSpec loss, Op op, Node output, Node target, String source) {
        LossType type = LossType.LOSSES.find(loss.type());
        if (type != null && type.isElementwise() && !target.shape().equals(output.shape())) {
            throw new ShapeException(loss.type() + " needs a target in the shape of " + source, output.shape().toString(),
                    target.shape().toString());
        }
        return output.graph().add(op, output, target);
    }

    /** λ₁ Σ|w| + ½ λ₂ Σw², or null where there are no weights. */
    private @Nullable Node penalty() {
        Node total = null;
        if (spec.l1() != 0) {
            total = plus(total, spec.l1(), "abs");
        }
        if (spec.l2() != 0) {
            total = plus(total, 0.5 * spec.l2(), "square");
        }
        return total;
    }

    private @Nullable Node plus(@Nullable Node total, double factor, String op) {
        Node sum = null;
        for (Node weight : graph.weights()) {
            Node one = Ops.call("sum", Ops.call(op, weight));
            sum = sum == null ? one : Ops.call("add", sum, one);
        }
        if (sum == null) {
            return total;
        }
        Node scaled = Ops.call("mul", sum, graph.literal(factor));
        return total == null ? scaled : Ops.call("add", total, scaled);
    }

    private static Place place(String part) {
        return Place.network(NAME, part);
    }
}
