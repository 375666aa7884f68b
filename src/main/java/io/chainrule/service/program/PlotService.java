package io.chainrule.service.program;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.Plot;
import io.chainrule.core.picture.PlotFunction;
import io.chainrule.core.picture.PlotRange;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Plots ops, and programs of one or two inputs. Throws the same exceptions as {@link GradientService}. */
@Service
public final class PlotService {
    private static final PlotRange WIDE = new PlotRange(-4, 4);
    private static final double MARGIN = 0.08;
    private static final int MOST_STEPS = 500;
    private static final String RANGES = "ranges";
    private static final String PATH = "path";

    private final Functions functions;

    public PlotService(Functions functions) {
        this.functions = functions;
    }

    /** Why an op cannot be plotted; null if it can. */
    public @Nullable String obstacle(OpDefinition op) {
        if (op.family() != Family.ELEMENTWISE) {
            return "it is not computed element by element, so it is no function of one or two numbers";
        }
        if (op.operands().size() > 2) {
            return "it has " + op.operands().size() + " operands, and a plot shows one or two";
        }
        try {
            op.create(Map.of(), op.operands().size());
            return null;
        } catch (ProblemException e) {
            return "it has an attribute without a default";
        }
    }

    /** An op and its derivative, with attributes at their defaults; an op of two operands as lines of equal value. */
    public Answer<Answer.Drawing> op(OpDefinition op, Theme theme, Language language) {
        List<String> variables = List.of("x", "y").subList(0, op.operands().size());
        String call = op.name() + "(" + String.join(", ", variables) + ")";
        Query query = new Query(new Source.Text(call), Map.of(), null, null, new Signature.NodeSelection.None(), Signature.Batch.NONE);
        if (variables.size() == 1) {
            try (PlottedFunction function = PlottedFunction.open(functions, query, variables, Plot.CURVE_POINTS)) {
                return drawing(Plot.curve(function, call, variables.getFirst(), range(function), theme, language),
                        function.work());
            }
        }
        try (PlottedFunction function = PlottedFunction.open(functions, query, variables, Plot.GRID * Plot.GRID)) {
            return drawing(Plot.contour(function, call, variables, WIDE, WIDE, List.of(), theme, language), function.work());
        }
    }

    /** Where an op is finite, and a little more. */
    private static PlotRange range(PlotFunction function) {
        double[] xs = WIDE.points(Plot.CURVE_POINTS);
        double[] values = function.at(xs).values();
        int first = 0;
        int last = xs.length - 1;
        while (first < last && !Double.isFinite(values[first])) {
            first++;
        }
        while (last > first && !Double.isFinite(values[last])) {
            last--;
        }
        double margin = MARGIN * (xs[last] - xs[first]);
        return new PlotRange(first == 0 ? WIDE.low() : xs[first] - margin, last == xs.length - 1 ? WIDE.high() : xs[last] + margin);
    }

    /** A program as a function of its inputs that have no value: one as a curve with its derivative, two as lines of equal value. */
    public Answer<Answer.Drawing> plot(Query query, PlotOptions options) {
        List<String> variables;
        String label;
        Shape shape;
        Problems problems = new Problems();
        Signature signature = query.describing(new Transformation.Description(), Map.of(), Signature.Missing.SCALAR);
        try (Work<BoundProgram> described = functions.describe(query, signature)) {
            BoundProgram bound = described.bound();
            variables = bound.program().inputs().stream().map(bound.program()::id)
                    .filter(id -> !query.values().containsKey(id)).toList();
            label = bound.program().outputId();
            shape = bound.answered(bound.program().output());
            variables.forEach(id -> checkIsNumber(id, bound.inputShape(Objects.requireNonNull(bound.program().find(id))), problems));
        }
        if (!shape.isScalar()) {
            problems.add(Problem.of(ProblemCode.NOT_SCALAR, "a plot shows a number, and the output '" + label + "' has shape " + shape)
                    .node(label).expected("[]", shape.toString()).hint("reduce it, as by sum(" + label + "), or take one entry of it"));
        }
        List<PlotRange> ranges = ranges(variables, options, problems);
        check(variables, options, problems);
        problems.throwIfAny();
        if (variables.size() == 1) {
            try (PlottedFunction function = PlottedFunction.open(functions, query, variables, Plot.CURVE_POINTS)) {
                return drawing(Plot.curve(function, label, variables.getFirst(), ranges.getFirst(), options.theme(), options.language()),
                        function.work());
            }
        }
        List<double[]> path = path(query, variables, options);
        try (PlottedFunction function = PlottedFunction.open(functions, query, variables, Plot.GRID * Plot.GRID)) {
            return drawing(
                    Plot.contour(function, label, variables, ranges.getFirst(), ranges.getLast(), path, options.theme(),
                            options.language()),
                    function.work());
        }
    }

    private static void checkIsNumber(String input, Shape shape, Problems problems) {
        if (!shape.isScalar()) {
            problems.add(Problem.of(ProblemCode.NOT_SCALAR, "the axes of a plot are numbers, and input '" + input + "' has shape " + shape)
                    .node(input).expected("[]", shape.toString())
                    .hint("give it a value, or plot an expression with numbers in its place, as one that calls a model does"));
        }
    }

    private List<double[]> path(Query query, List<String> variables, PlotOptions options) {
        PlotOptions.Descent descent = options.descent();
        if (descent == null) {
            return options.path().stream().map(point -> new double[]{point.getFirst(), point.getLast()}).toList();
        }
        double[] start = variables.stream().mapToDouble(variable -> Objects.requireNonNull(descent.start().get(variable))).toArray();
        try (PlottedFunction function = PlottedFunction.open(functions, query, variables, 1)) {
            return function.descent(start, descent.rate(), descent.steps());
        }
    }

    private static List<PlotRange> ranges(List<String> variables, PlotOptions options, Problems problems) {
        options.ranges().keySet().stream().filter(name -> !variables.contains(name)).forEach(name -> problems.add(
                Problem.of(ProblemCode.UNKNOWN_NODE, "'" + name + "' is no input that is plotted").node(name)
                        .at(Place.setting(RANGES, name))
                        .expected("one of " + variables, name).hint("a plot shows the inputs that have no value")));
        List<PlotRange> ranges = new ArrayList<>();
        for (String variable : variables) {
            List<Double> ends = options.ranges().getOrDefault(variable, List.of(WIDE.low(), WIDE.high()));
            String obstacle = obstacle(ends);
            if (obstacle == null) {
                ranges.add(new PlotRange(ends.getFirst(), ends.getLast()));
            } else {
                problems.add(invalid("the range of '" + variable + "' " + obstacle, Place.setting(RANGES, variable),
                        "[from, to], the smaller number first", ends.toString()));
            }
        }
        return ranges;
    }

    /** What keeps numbers from being a range; null if they are. */
    private static @Nullable String obstacle(List<Double> ends) {
        if (ends.size() != 2) {
            return "is two numbers, not " + ends.size();
        }
        double from = ends.getFirst();
        double to = ends.getLast();
        if (!(from < to)) {
            return from == to ? "is empty, since both ends are " + from : "goes from " + from + " to " + to + ", which is not greater";
        } else if (!Double.isFinite(to - from)) {
            return "is wider than the largest number";
        }
        return PlotRange.isWideEnough(from, to) ? null : "is so narrow that there are too few numbers in it";
    }

    private static void check(List<String> variables, PlotOptions options, Problems problems) {
        if (variables.isEmpty() || variables.size() > 2) {
            problems.add(invalid("a plot shows one or two inputs, those that have no value", Place.setting("inputs"),
                    "one or two inputs without a value", variables.isEmpty() ? "none" : String.join(", ", variables))
                    .hint(variables.isEmpty() ? "leave out the value of the input to be plotted" : "give values for the others"));
        }
        PlotOptions.Descent descent = options.descent();
        if (variables.size() != 2 && (descent != null || !options.path().isEmpty())) {
            problems.add(invalid("a path is drawn in a plot of two inputs", Place.setting(descent == null ? PATH : "descent"),
                    "two inputs without a value", variables.size() + ""));
        }
        for (int i = 0; i < options.path().size(); i++) {
            List<Double> point = options.path().get(i);
            if (point.size() != 2 || !point.stream().allMatch(Double::isFinite)) {
                problems.add(invalid("a point of the path is two numbers", Place.setting(PATH).item(i), "[x, y]", point.toString()));
            }
        }
        if (descent != null) {
            variables.stream().filter(variable -> !descent.start().containsKey(variable)).forEach(variable -> problems.add(
                    invalid("the descent has no start for '" + variable + "'", Place.setting("descent", "start"), "a number", null)));
            if (descent.steps() < 1 || descent.steps() > MOST_STEPS) {
                problems.add(
                        invalid("a descent has 1 to " + MOST_STEPS + " steps, not " + descent.steps(), Place.setting("descent", "steps"),
                                "1 to " + MOST_STEPS, String.valueOf(descent.steps())));
            }
        }
    }

    private static Problem invalid(String message, Place place, String expected, @Nullable String actual) {
        return Problem.of(ProblemCode.INVALID_VALUE, message).at(place).expected(expected, actual);
    }

    private static Answer<Answer.Drawing> drawing(String svg, Work<?> work) {
        return Answer.of(new Answer.Drawing(PictureFormat.SVG, svg.getBytes(StandardCharsets.UTF_8)), work);
    }
}
