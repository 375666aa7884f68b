package io.chainrule.core;

import io.chainrule.core.execution.Checks;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles the functions that one run answers, each from a graph with what it needs appended, and the nodes that are its results. */
final class FunctionCompiler {
    private FunctionCompiler() {}

    static CompiledFunction compiled(BoundProgram bound, BuildLimits limits) {
        return switch (bound.signature().transformation()) {
            case Transformation.Value value -> value(bound, value.remarks(), limits);
            case Transformation.Gradient gradient -> gradient(bound, gradient, limits);
            case Transformation.Vjp(Shapes cotangents) -> vjp(bound, cotangents, limits);
            case Transformation.Jvp jvp -> jvp(bound, jvp.tangents(), limits);
            case Transformation.Hvp(Shapes vectors) -> hvp(bound, vectors, limits);
            case Transformation.TrainingStep step -> trainingStep(bound, step.hasGradient(), limits);
            default -> throw new IllegalArgumentException(bound.signature().transformation() + " is no function of one run");
        };
    }

    private static int output(BoundProgram bound) {
        return bound.program().output();
    }

    private static CompiledFunction value(BoundProgram bound, Transformation.Remarks remarks, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(output(bound)), limits);
        BitSet results = lowered.images(bound.names().listed());
        results.set(lowered.result(output(bound)));
        Checks checks = remarks == Transformation.Remarks.NONE ? Checks.NONE : Checks.finite(lowered.images());
        return new CompiledFunction(bound, DerivedGraph.plain(lowered), Shapes.NONE, results, checks, limits);
    }

    private static CompiledFunction gradient(BoundProgram bound, Transformation.Gradient asked, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(output(bound)), limits);
        BitSet wrt = lowered.images(bound.names().wrt().values());
        wrt.or(lowered.images(bound.names().listed()));
        boolean isExplained = asked.remarks() == Transformation.Remarks.ALL;
        boolean hasContributions = asked.extra() == Transformation.Extra.CONTRIBUTIONS;
        DerivedGraph derived = asked.cotangent().isEmpty()
                ? DerivedGraph.gradient(lowered, wrt, isExplained || hasContributions, limits)
                : DerivedGraph.reverse(lowered, bound.names().seeded(), wrt, isExplained || hasContributions, limits);
        LocalJacobians locals = LocalJacobians.of(bound, asked.locals(), limits);
        BitSet results = lowered.images(bound.names().listed());
        results.or(derived.answered());
        results.or(lowered.images(locals.operands().stream().boxed().toList()));
        results.or(derived.cotangentsOf(bound.names().listed()));
        Suspects suspects = isExplained ? Suspects.of(derived) : null;
        Checks checks = suspects == null ? Checks.NONE : derived.explained(suspects, results);
        BitSet bounded = asked.extra() == Transformation.Extra.DIGITS ? derived.answered() : new BitSet();
        Contributions contributions = hasContributions ? Contributions.of(derived, bound.names().differentiated()) : null;
        if (contributions != null) {
            results.or(contributions.kept());
        }
        return new CompiledFunction(bound, derived, asked.cotangent(), locals, suspects, contributions, results, bounded, checks, limits);
    }

    private static CompiledFunction vjp(BoundProgram bound, Shapes cotangents, BuildLimits limits) {
        Map<String, Integer> seeded = bound.names().seeded();
        LoweredProgram lowered = LoweredProgram.of(bound, seeded.values(), limits);
        DerivedGraph derived = DerivedGraph.reverse(lowered, seeded, lowered.images(bound.names().wrt().values()), false, limits);
        BitSet results = derived.cotangentsOf(bound.names().wrt().values());
        seeded.values().forEach(node -> results.set(lowered.result(node)));
        return new CompiledFunction(bound, derived, cotangents, results, Checks.NONE, limits);
    }

    private static CompiledFunction jvp(BoundProgram bound, Shapes tangents, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, bound.names().of().values(), limits);
        DerivedGraph derived = DerivedGraph.plain(lowered).forward(bound.names().seeded(), limits);
        BitSet results = new BitSet();
        bound.names().of().values().forEach(node -> results.set(lowered.result(node)));
        bound.names().of().values().stream().mapToInt(derived::tangent).filter(node -> node >= 0).forEach(results::set);
        return new CompiledFunction(bound, derived, tangents, results, Checks.NONE, limits);
    }

    /** Forward over reverse: the derivative of the gradient along a direction. */
    private static CompiledFunction hvp(BoundProgram bound, Shapes vectors, BuildLimits limits) {
        Set<Integer> moved = new HashSet<>(bound.names().seeded().values());
        moved.addAll(bound.names().wrtNodes());
        LoweredProgram lowered = LoweredProgram.moving(bound, moved, limits);
        DerivedGraph derived = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits)
                .forward(bound.names().seeded(), limits);
        BitSet results = derived.cotangentsOf(bound.names().wrt().values());
        bound.names().wrtNodes().stream().mapToInt(derived::tangentOfCotangent).filter(node -> node >= 0).forEach(results::set);
        results.set(lowered.result(output(bound)));
        bound.names().seeded().values().forEach(node -> results.set(lowered.result(node)));
        return new CompiledFunction(bound, derived, vectors, results, Checks.NONE, limits);
    }

    private static CompiledFunction trainingStep(BoundProgram bound, boolean hasGradient, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(output(bound)), limits);
        DerivedGraph derived = hasGradient
                ? DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits)
                : DerivedGraph.plain(lowered);
        BitSet results = derived.cotangentsOf(bound.names().wrt().values());
        results.set(lowered.result(output(bound)));
        results.or(lowered.images(bound.names().of().values()));
        results.or(lowered.images(bound.names().listed()));
        if (bound.network() != null) {
            results.or(lowered.images(bound.network().batchStatistics().values()));
        }
        BitSet finite = new BitSet();
        finite.set(0, derived.graph().size());
        return new CompiledFunction(bound, derived, Shapes.NONE, results, new Checks(finite, new BitSet()), limits);
    }
}
