package io.chainrule.core.rows;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.Compiled;
import io.chainrule.core.CompiledFunction;
import io.chainrule.core.CompiledJacobian;
import io.chainrule.core.FunctionRun;
import io.chainrule.core.Program;
import io.chainrule.core.Runner;
import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A row program, compiled for a number of rows that are computed together. Immutable. */
final class BlockFunction {
    private final int rows;
    private final BoundProgram bound;
    /**
     * Computes value, nodes and gradients. Where {@code hessian} computes value and gradients, the nodes alone; null if there are none.
     */
    private final @Nullable CompiledFunction function;
    /** Answers the value, the gradients and the second derivatives; null if these are not wanted. */
    private final @Nullable CompiledJacobian hessian;
    private final List<RowQuantity> quantities;

    /** Throws {@link io.chainrule.core.graph.ProblemException}, and {@link io.chainrule.core.graph.LimitException} beyond the limits. */
    BlockFunction(RowProgram program, int rows, BuildLimits limits) {
        this.rows = rows;
        Program parsed = Program.of(program.source(), limits.nesting());
        boolean isSecond = program.derivatives() == RowProgram.Derivatives.HESSIAN;
        if (isSecond) {
            Signature asked = program.signature(new Transformation.Hessian(true), rows).withNodes(new Signature.NodeSelection.None());
            hessian = (CompiledJacobian) Compiled.of(parsed.bind(asked, limits), limits);
        } else {
            hessian = null;
        }
        if (isSecond && program.nodes().isEmpty()) {
            function = null;
        } else {
            Transformation first = program.derivatives() == RowProgram.Derivatives.GRADIENT
                    ? new Transformation.Gradient(Shapes.NONE, Transformation.Locals.NONE, Transformation.Remarks.NONE)
                    : new Transformation.Value(Transformation.Remarks.NONE);
            function = CompiledFunction.of(parsed.bind(program.signature(first, rows), limits), limits);
        }
        bound = Objects.requireNonNull(hessian == null ? function : hessian).bound();
        quantities = quantities(program);
    }

    private List<RowQuantity> quantities(RowProgram program) {
        NamedGraph graph = bound.program();
        List<RowQuantity> all = new ArrayList<>();
        all.add(new RowQuantity(RowQuantity.Kind.VALUE, graph.outputId(), null, graph.graph().shape(graph.output())));
        for (String id : program.nodes()) {
            all.add(new RowQuantity(RowQuantity.Kind.NODE, id, null, graph.graph().shape(node(id))));
        }
        if (program.derivatives() == RowProgram.Derivatives.NONE) {
            return List.copyOf(all);
        }
        Compiled differentiated = Objects.requireNonNull(hessian == null ? function : hessian);
        differentiated.derivativeShapes()
                .forEach((name, shape) -> all.add(new RowQuantity(RowQuantity.Kind.GRADIENT, name, null, shape.without(0))));
        if (hessian != null) {
            Map<String, Shape> columns = hessian.columnShapes();
            columns.forEach((name, of) -> columns
                    .forEach((other, by) -> all.add(new RowQuantity(RowQuantity.Kind.HESSIAN, name, other, of.concat(by)))));
        }
        return List.copyOf(all);
    }

    private int node(String id) {
        return Objects.requireNonNull(bound.program().find(id), id);
    }

    int rows() {
        return rows;
    }

    BoundProgram bound() {
        return bound;
    }

    List<RowQuantity> quantities() {
        return quantities;
    }

    /** The names by which the gradient is zero whatever the inputs are. */
    Set<String> constantBy() {
        CompiledFunction gradient = Objects.requireNonNull(function);
        Set<String> names = new LinkedHashSet<>();
        bound.wrt().forEach((name, node) -> {
            if (node < 0 || gradient.isConstant(node)) {
                names.add(name);
            }
        });
        return names;
    }

    CostModel cost() {
        CostModel first = function == null ? CostModel.NONE : function.cost();
        return hessian == null ? first : first.plus(hessian.cost());
    }

    long bytes() {
        return (function == null ? 0 : function.bytes()) + (hessian == null ? 0 : hessian.bytes());
    }

    /** Starts a run that can be repeated, on arrays that stay the same while what is in them changes. */
    Run start(Map<String, Tensor> values, Parallel parallel) {
        return new Run(values, parallel);
    }

    /** A run over one block after the other. Not thread-safe. */
    final class Run {
        private final Map<String, Tensor> values;
        private final Parallel parallel;
        private final @Nullable FunctionRun run;

        Run(Map<String, Tensor> values, Parallel parallel) {
            this.values = new LinkedHashMap<>(values);
            this.parallel = parallel;
            run = function == null ? null : function.start(parallel);
            values.forEach(this::place);
        }

        /** Sets the value of an input for this run and later ones. Does nothing if the program does not mention the input. */
        void place(String name, Tensor value) {
            values.put(name, value);
            if (run != null && bound.program().find(name) != null) {
                run.place(name, value);
            }
        }

        /**
         * Computes the quantities of all rows, in their order, each row-major with the rows first. The arrays may be written to until the
         * next run.
         *
         * @throws io.chainrule.core.graph.ProblemException where an op meets values that it cannot use
         */
        List<double[]> run() {
            CompiledJacobian.Result second = hessian == null ? null : hessian.call(values, Runner.on(parallel));
            if (run != null) {
                run.run();
            }
            return quantities.stream().map(quantity -> result(quantity, second).data()).toList();
        }

        /** Which of the first {@code count} rows have a result that is infinite or NaN. */
        BitSet notFinite(List<double[]> results, int count) {
            BitSet found = new BitSet();
            for (double[] values : results) {
                int size = values.length / rows;
                if (!isFinite(values, 0, count * size)) {
                    for (int row = 0; row < count; row++) {
                        if (!isFinite(values, row * size, (row + 1) * size)) {
                            found.set(row);
                        }
                    }
                }
            }
            return found;
        }

        private static boolean isFinite(double[] values, int from, int end) {
            for (int i = from; i < end; i++) {
                if (!Double.isFinite(values[i])) {
                    return false;
                }
            }
            return true;
        }

        private Tensor result(RowQuantity quantity, CompiledJacobian.@Nullable Result second) {
            return switch (quantity.kind()) {
                case VALUE -> second == null
                        ? Objects.requireNonNull(run).value(bound.program().output())
                        : Objects.requireNonNull(second.value());
                case NODE -> Objects.requireNonNull(run).value(node(quantity.name()));
                case GRADIENT -> second == null
                        ? Objects.requireNonNull(run).gradient(quantity.name())
                        : Objects.requireNonNull(second.values().get(quantity.name()));
                case HESSIAN -> Objects.requireNonNull(second).block(quantity.name(), Objects.requireNonNull(quantity.by())).dense();
            };
        }
    }
}
