package io.chainrule.core;

import io.chainrule.core.autodiff.GradientCheck;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A program and its derivative side by side, to be compared with central differences around the inputs of a call. Over samples, which
 * must be reduced, the reduced value is checked.
 */
public final class CompiledCheck implements Compiled {
    private final BoundProgram bound;
    private final LoweredProgram lowered;
    private final GradientCheck check;
    private final int order;
    private final PlannedGraph still;

    private CompiledCheck(LoweredProgram lowered, GradientCheck check, int order) {
        this.bound = lowered.bound();
        this.lowered = lowered;
        this.check = check;
        this.order = order;
        BitSet wanted = new BitSet();
        IntStream.of(check.results()).filter(node -> node >= 0).forEach(wanted::set);
        IntStream.of(check.derivatives()).filter(node -> node >= 0 && order == 1).forEach(wanted::set);
        check.roundoffs().values().forEach(wanted::set);
        still = PlannedGraph.of(check.graph(), wanted);
    }

    static CompiledCheck of(BoundProgram bound, BuildLimits limits) {
        int order = ((Transformation.Check) bound.signature().transformation()).order();
        List<Integer> wrt = bound.names().wrtNodes();
        LoweredProgram lowered = LoweredProgram.moving(bound, wrt, limits);
        GradientCheck check = BuildLimits.derive(() -> GradientCheck.of(lowered.graph(), lowered.result(bound.program().output()),
                wrt.stream().map(lowered::point).toList(), order, limits.derived()));
        limits.checkSizes(check.graph());
        return new CompiledCheck(lowered, check, order);
    }

    /** Checks the derivative at these inputs, by name, with the default steps; throws as the others. */
    public CheckReport call(Map<String, Tensor> inputs) {
        return call(inputs, CheckOptions.DEFAULT);
    }

    public CheckReport call(Map<String, Tensor> inputs, CheckOptions options) {
        return call(inputs, options, Runner.DIRECT, BuildLimits.GENEROUS);
    }

    /**
     * The same where {@code runner} lets it, with graphs of many points within {@code limits}. The order is the one that was compiled,
     * whatever the options say.
     *
     * @throws IllegalArgumentException for values that are not those of the inputs
     * @throws io.chainrule.core.graph.ProblemException where an op meets values that it cannot use
     */
    public CheckReport call(Map<String, Tensor> inputs, CheckOptions options, Runner runner, BuildLimits limits) {
        return new Checker(this, new ShiftedRuns(this, inputs, runner, limits), options).run();
    }

    LoweredProgram lowered() {
        return lowered;
    }

    GradientCheck derivatives() {
        return check;
    }

    int order() {
        return order;
    }

    /** Runs of the program and its derivative at the inputs, without a shift. */
    PlannedGraph still() {
        return still;
    }

    @Override
    public BoundProgram bound() {
        return bound;
    }

    @Override
    public Map<String, Shape> derivativeShapes() {
        return lowered.derivativeShapes();
    }

    /** What the value and the derivative cost at one point; a check runs them at many. */
    @Override
    public CostModel cost() {
        return still.cost();
    }

    @Override
    public String toString() {
        return bound + "\n# " + bound.signature().summary() + " of order " + order + ": " + still.plan() + "; " + cost();
    }
}
