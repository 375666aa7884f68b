package io.chainrule.core.rows;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.Outcome;
import io.chainrule.core.Program;
import io.chainrule.core.RunFindings;
import io.chainrule.core.Runner;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one row alone, to find out what is wrong with it: only a program that is not mapped over rows speaks of the axes that were
 * written. It is compiled when it is asked for the first time.
 */
final class RowProbe {
    private final RowProgram program;
    private final BuildLimits limits;
    private @Nullable Functions functions;

    private record Functions(CompiledFunction explained, @Nullable CompiledJacobian hessian) {}

    RowProbe(RowProgram program, BuildLimits limits) {
        this.program = program;
        this.limits = limits;
    }

    private synchronized Functions functions() {
        Functions known = functions;
        if (known == null) {
            boolean isSecond = program.derivatives() == RowProgram.Derivatives.HESSIAN;
            known = new Functions((CompiledFunction) compiled(program.derivatives() == RowProgram.Derivatives.NONE
                    ? new Transformation.Value()
                    : new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE)),
                    isSecond ? (CompiledJacobian) compiled(new Transformation.Hessian(true)) : null);
            functions = known;
        }
        return known;
    }

    private Compiled compiled(Transformation transformation) {
        Signature asked = program.signature(transformation, RowProgram.ALONE);
        return Compiled.of(Program.of(program.source(), limits.nesting()).bind(asked, limits), limits);
    }

    /** What an op of the program says that cannot use these values, of one row and those that all rows share; null if all can. */
    @Nullable
    ProblemException refusal(Map<String, Tensor> values, Parallel parallel) {
        Functions asked = functions();
        try {
            asked.explained.call(values, Map.of(), Runner.on(parallel));
            if (asked.hessian != null) {
                asked.hessian.call(values, Runner.on(parallel));
            }
            return null;
        } catch (ProblemException e) {
            return e;
        }
    }

    /** Whether the value of one row and its gradients are finite; false also if an op of the program cannot use these values. */
    boolean isFinite(Map<String, Tensor> values, Parallel parallel) {
        try {
            Outcome outcome = functions().explained.call(values, Map.of(), Runner.on(parallel));
            return outcome.value().isFinite() && (program.derivatives() == RowProgram.Derivatives.NONE
                    || outcome.gradients().values().stream().allMatch(Tensor::isFinite));
        } catch (ProblemException _) {
            return false;
        }
    }

    /**
     * Where a result of one row began not to be finite.
     *
     * @param name the input or node whose value, or else whose gradient, was not finite first; null if only second derivatives are not
     */
    record Origin(RowFault.Kind kind, @Nullable String name) {}

    /** Finds where a result of one row began not to be finite. */
    Origin origin(Map<String, Tensor> values, Parallel parallel) {
        CompiledFunction function = functions().explained;
        Set<String> inputs = new LinkedHashSet<>();
        program.inputs().forEach(input -> inputs.add(input.input()));
        function.bound().program().inputs().forEach(node -> inputs.add(function.bound().program().id(node)));
        for (String input : inputs) {
            Tensor value = values.get(input);
            if (value != null && !value.isFinite()) {
                return new Origin(RowFault.Kind.NOT_FINITE_VALUE, input);
            }
        }
        RunFindings findings = function.call(values, Map.of(), Runner.on(parallel)).findings();
        int node = findings.firstNonFiniteValue();
        if (node >= 0) {
            return new Origin(RowFault.Kind.NOT_FINITE_VALUE, function.bound().program().id(node));
        }
        node = program.derivatives() == RowProgram.Derivatives.NONE ? -1 : findings.firstNonFiniteGradient();
        return new Origin(RowFault.Kind.NOT_FINITE_DERIVATIVE, node < 0 ? null : function.bound().program().id(node));
    }
}
