package io.chainrule.core.rows;

import io.chainrule.core.Shapes;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program that is run for each row of a data set, and what is asked of it. A network gets a batch of one sample in each row: its data
 * have a leading axis of length 1 before the shape that the columns give, and so have the values of its layers.
 *
 * @param output the node whose value is wanted; null for the program's own
 * @param derivatives which derivatives of the output are wanted, in each row; the output must be a scalar if there are any
 * @param wrt the names to differentiate by; null for every input, or for every parameter of a network
 * @param nodes further nodes whose values are wanted
 * @param inputs where the inputs come from that differ from row to row
 * @param fixed the values of all other inputs, which are the same for all rows: also those that are kept with stored programs, under the
 *        names of {@link Source#kept()}, and the parameters and running statistics of a network
 * @param seed the seed from which those parameters of a network are drawn that have no value
 */
public record RowProgram(Source source, @Nullable String output, Derivatives derivatives, @Nullable List<String> wrt, List<String> nodes,
        List<RowInput> inputs, Map<String, Tensor> fixed, long seed) {

    /** Instead of a number of rows: one row, whose values have no axis for rows. */
    static final int ALONE = 0;

    /** The derivatives of the output that are computed of each row. */
    public enum Derivatives {
        NONE,
        GRADIENT,
        /** The second derivatives, and the gradient. */
        HESSIAN
    }

    public RowProgram {
        wrt = wrt == null ? null : List.copyOf(wrt);
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        fixed = new LinkedHashMap<>(fixed);
    }

    /** A program with no seed and no further nodes. */
    public RowProgram(Source source, Derivatives derivatives, @Nullable List<String> wrt, List<RowInput> inputs,
            Map<String, Tensor> fixed) {
        this(source, null, derivatives, wrt, List.of(), inputs, fixed, 0);
    }

    /** The same program with other values of some inputs that are the same for all rows. */
    public RowProgram with(Map<String, Tensor> values) {
        Map<String, Tensor> all = new LinkedHashMap<>(fixed);
        all.putAll(values);
        return new RowProgram(source, output, derivatives, wrt, nodes, inputs, all, seed);
    }

    /** The names of the columns that it reads, each once, in the order of the inputs. */
    public List<String> columns() {
        Set<String> columns = new LinkedHashSet<>();
        inputs.forEach(input -> columns.addAll(input.columns()));
        return List.copyOf(columns);
    }

    /** The network that the program is, also under a stored name; null if it is none. */
    Source.@Nullable Network network() {
        Source body = source instanceof Source.Stored(var program) ? program.source() : source;
        return body instanceof Source.Network network ? network : null;
    }

    /** The shape that an input has for a number of rows, or for one row {@link #ALONE}. */
    Shape shape(RowInput input, int rows) {
        Source.Network network = network();
        Shape leading = rows == ALONE ? Shape.SCALAR : Shape.of(rows);
        return leading.concat(network != null && network.data().contains(input.input()) ? Shape.of(1) : Shape.SCALAR)
                .concat(input.shape());
    }

    /** What a compiled function is to answer for a number of rows; or for one row {@link #ALONE}, as a program that is run once. */
    Signature signature(Transformation transformation, int rows) {
        Map<String, Shape> given = new LinkedHashMap<>();
        inputs.forEach(input -> given.put(input.input(), shape(input, rows)));
        Map<String, Shape> parameters = new LinkedHashMap<>();
        Set<String> kept = source.kept().names();
        fixed.forEach((name, value) -> {
            if (source instanceof Source.Network network && !network.data().contains(name)) {
                parameters.put(name, value.shape());
            } else if (!kept.contains(name)) {
                given.put(name, value.shape());
            }
        });
        List<String> mapped = rows == ALONE ? List.of() : inputs.stream().map(RowInput::input).toList();
        return Signature.of(transformation, Shapes.of(given)).withParameters(Shapes.of(parameters)).withOutput(output).withWrt(wrt)
                .withNodes(new Signature.NodeSelection.Ids(nodes)).withBatch(new Signature.Batch(mapped, Signature.Reduction.NONE));
    }

    /** Throws {@link io.chainrule.core.graph.ProblemException} if the columns contradict each other or the fixed values. */
    void check() {
        Problems problems = new Problems();
        Map<String, RowInput> byColumn = new HashMap<>();
        Set<String> names = new LinkedHashSet<>();
        if (inputs.isEmpty()) {
            problems.add(Problem.of(ProblemCode.MISSING_INPUT, "no input gets its value from a column, so that all rows would be the same")
                    .at(Place.setting("columns")).expected("an input and its column", "none"));
        }
        for (RowInput input : inputs) {
            Place place = Place.setting("columns", input.input());
            if (!names.add(input.input()) || fixed.containsKey(input.input())) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE, "input '" + input.input() + "' gets its value twice").node(input.input())
                        .at(place).expected("one value", fixed.containsKey(input.input()) ? "a value and columns" : "columns twice"));
            }
            if (input.columns().isEmpty()) {
                problems.add(
                        Problem.of(ProblemCode.MISSING_INPUT, "input '" + input.input() + "' has no column").node(input.input()).at(place)
                                .expected("a column at least", "none"));
            }
            if (input instanceof RowInput.Array && input.shape().isScalar()) {
                problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, "an array has an axis, input '" + input.input() + "' is a scalar")
                        .node(input.input()).at(place).expected("a shape such as [3]", "[]"));
            }
            for (String column : input.columns()) {
                RowInput other = byColumn.putIfAbsent(column, input);
                if (other != null && isArray(other) != isArray(input)) {
                    problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH, "column '" + column + "' is an array for input '"
                            + (isArray(input) ? input : other).input() + "' and a number for input '"
                            + (isArray(input) ? other : input).input() + "'").at(place));
                }
            }
        }
        problems.throwIfAny();
    }

    private static boolean isArray(RowInput input) {
        return input instanceof RowInput.Array;
    }
}
