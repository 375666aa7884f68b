package io.chainrule.core.code;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Node;
import io.chainrule.core.op.Maths;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.simplify.JacobianForm;
import io.chainrule.core.simplify.SharedGraph;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A program, values of its inputs, and our own value and gradients there; of an array its Jacobians. */
record CodeCase(String name, CodeProgram program, Map<String, Tensor> inputs, List<double[]> expected) {

    /** Every way to use an op, but for arrays without elements. */
    static Stream<CodeCase> ops() {
        return OpCase.all()
                .filter(one -> !one.shapes().isEmpty() && one.shape().size() > 0 && one.shapes().stream().allMatch(s -> s.size() > 0))
                .map(CodeCase::of);
    }

    private static CodeCase of(OpCase one) {
        Random random = new Random(7);
        GraphFunction function = GraphFunction.of(x -> {
            Node y = GraphFunction.call(one.definition().name(), one.attributes(), x);
            Tensor weights = Tensor.zeros(y.shape());
            Arrays.setAll(weights.data(), _ -> Math.rint(random.nextDouble(-2, 2) * 64) / 64);
            return GraphFunction.call("sum", GraphFunction.call("mul", y, y.graph().constant(weights)));
        }, one.shapes().toArray(Shape[]::new));
        return of(one.toString(), function, one.operands(3));
    }

    /** Names that some language has for something else, or that the code might give to something of its own. */
    static final List<String> HOSTILE_NAMES = List.of("""
            M_PI M_E M_LN2 M_SQRT2 HUGE_VAL HUGE_VALF INFINITY NAN FP_NAN FP_ZERO MAXFLOAT NULL RAND_MAX EXIT_SUCCESS MATH_ERRNO signgam
            math_errhandling linux unix inline restrict asm typeof auto register static signed unsigned sizeof typedef union struct extern
            bool alignas alignof constexpr nullptr static_assert thread_local log1p expm1 tanh cosh sinh asinh acosh atanh atan2 hypot erf
            erfc lgamma exp log pow sqrt fabs floor ceil rint trunc fmod copysign cbrt log2 log10 sin cos tan calloc free malloc size_t
            isnan gamma j0 y0 y1 yn nan div abs main relu log_add_exp python_mod floor_div max_along softmax_along sum_along dot_along
            min_along out_x out_d_x d_x d_y t1 t2 t3 a1 c1 from1 to1 x0 o0 s0 n0 oy sy i j k l m n o q r x y f value gradients result work
            run part1 Gradient Result Math Double Integer String Object java Float64Array Array Infinity NaN undefined Number eval arguments
            let const var function await yield async of new this super class delete typeof instanceof void export import null true false
            enum interface package private protected public implements final abstract native synchronized transient volatile strictfp
            throws throw try catch finally switch case default do while for if else goto break continue return int long short byte char
            float double boolean assert record sealed permits and as def del elif except from global in is lambda None nonlocal not or
            pass raise True False with match type np math numpy range len list tuple softmax logsumexp symmetric solve argsort add_along
            value_and_gradient valueAndGradient
            """.strip().split("\\s+"));
    private static final int NAMES_A_PROGRAM = 9;

    /** Programs whose inputs have hostile names, and whose code calls functions and helpers beside them. */
    static Stream<CodeCase> hostile() {
        List<String> functions = List.of("log1p", "tanh", "erfc", "expm1", "lgamma", "asinh", "atanh", "relu", "cosh", "log2");
        return IntStream.range(0, (HOSTILE_NAMES.size() + NAMES_A_PROGRAM - 1) / NAMES_A_PROGRAM).mapToObj(part -> {
            List<String> names = HOSTILE_NAMES.subList(part * NAMES_A_PROGRAM,
                    Math.min(HOSTILE_NAMES.size(), (part + 1) * NAMES_A_PROGRAM));
            GraphBuilder builder = GraphBuilder.withShapes();
            Random random = new Random(part);
            List<Tensor> values = new ArrayList<>();
            List<Integer> inputs = new ArrayList<>();
            Node sum = builder.literal(0);
            for (int k = 0; k < names.size(); k++) {
                Node x = builder.input(names.get(k), k % 2 == 0 ? Shape.SCALAR : Shape.of(3));
                inputs.add(x.index());
                Node y = GraphFunction.call(functions.get((part + k) % functions.size()), x);
                Node term = k % 2 == 0
                        ? y
                        : GraphFunction.call("add", GraphFunction.call("max", x), GraphFunction.call("sum", GraphFunction.call("mul",
                                GraphFunction.call("softmax", y), x)));
                sum = GraphFunction.call("add", sum, GraphFunction.call("mul", term, builder.literal(k + 2)));
                values.add(
                        Tensor.of(x.shape(), DoubleStream.generate(() -> random.nextDouble(0.2, 0.8)).limit(x.shape().size()).toArray()));
            }
            Gates.Expansion opened = Gates.expand(builder.build(), Allowance.UNBOUNDED);
            return of(String.join(" ", names), new GraphFunction(opened.graph(),
                    inputs.stream().mapToInt(node -> opened.image()[node]).toArray(), new int[]{opened.image()[sum.index()]}), values);
        });
    }

    static CodeCase of(String text, SequencedMap<String, Shape> shapes) {
        Random random = new Random(11);
        List<Tensor> values = new ArrayList<>();
        shapes.values().forEach(shape -> {
            Tensor value = Tensor.zeros(shape);
            Arrays.setAll(value.data(), _ -> random.nextDouble(0.2, 1.2));
            values.add(value);
        });
        GraphFunction function = GraphFunction.of(text, shapes);
        return function.graph().shape(function.outputs()[0]).isScalar() ? of(text, function, values) : ofArray(text, function, values);
    }

    private static CodeCase ofArray(String name, GraphFunction function, List<Tensor> values) {
        Graph graph = function.graph();
        int output = function.outputs()[0];
        Map<String, Shape> ids = new LinkedHashMap<>();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        List<Graph> parts = new ArrayList<>(List.of(Simplifier.shared(graph, output, graph.size(), Allowance.UNBOUNDED)));
        for (int k = 0; k < values.size(); k++) {
            int by = function.inputs()[k];
            String id = ((Leaf.Input) graph.op(by)).id();
            ids.put(id, graph.shape(by));
            inputs.put(id, values.get(k));
            GraphBuilder builder = GraphBuilder.extending(graph, Allowance.UNBOUNDED);
            Node found = JacobianForm.of(graph, builder, output, by, Allowance.UNBOUNDED);
            Node jacobian = found == null
                    ? Maths.broadcastTo(builder.literal(0), graph.shape(output).concat(graph.shape(by)))
                    : found;
            parts.add(Simplifier.shared(builder.build(), jacobian.index(), builder.size(), Allowance.UNBOUNDED));
        }
        SharedGraph shared = SharedGraph.of(parts, ids, Allowance.UNBOUNDED);
        Map<String, Integer> gradients = new LinkedHashMap<>();
        ids.keySet().forEach(id -> gradients.put(id, shared.results()[1 + gradients.size()]));
        return new CodeCase(name,
                new CodeProgram(shared.graph(), "f", ids.keySet().stream().map(id -> shared.inputs().get(id)).toList(),
                        shared.results()[0], gradients, Map.of()),
                inputs, jacobians(function, values));
    }

    /** The value, and the Jacobian by each input, row by row. */
    private static List<double[]> jacobians(GraphFunction function, List<Tensor> values) {
        GraphFunction rows = function.vjp();
        Tensor value = function.run(values).getFirst();
        List<double[]> expected = new ArrayList<>(List.of(value.data()));
        for (int k = 0; k < values.size(); k++) {
            int input = k;
            expected.add(IntStream.range(0, value.length()).mapToObj(element -> {
                Tensor cotangent = Tensor.zeros(value.shape());
                cotangent.data()[element] = 1;
                List<Tensor> given = new ArrayList<>(values);
                given.add(cotangent);
                return rows.run(given).get(input).data();
            }).flatMapToDouble(Arrays::stream).toArray());
        }
        return expected;
    }

    private static CodeCase of(String name, GraphFunction function, List<Tensor> values) {
        GraphFunction gradient = function.vjp();
        Map<String, Shape> ids = new LinkedHashMap<>();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        List<Tensor> given = new ArrayList<>(values);
        given.add(Tensor.scalar(1));
        for (int k = 0; k < given.size(); k++) {
            String id = ((Leaf.Input) gradient.graph().op(gradient.inputs()[k])).id();
            ids.put(id, gradient.graph().shape(gradient.inputs()[k]));
            inputs.put(id, given.get(k));
        }
        int[] results = IntStream.concat(IntStream.of(function.outputs()), IntStream.of(gradient.outputs())).toArray();
        List<Graph> parts = IntStream.of(results)
                .mapToObj(node -> Simplifier.shared(gradient.graph(), node, function.graph().size(), Allowance.UNBOUNDED)).toList();
        SharedGraph shared = SharedGraph.of(parts, ids, Allowance.UNBOUNDED);
        Map<String, Integer> gradients = new LinkedHashMap<>();
        List<String> names = List.copyOf(ids.keySet());
        for (int k = 1; k < results.length; k++) {
            gradients.put(names.get(k - 1), shared.results()[k]);
        }
        List<double[]> expected = new ArrayList<>();
        expected.add(function.run(values).getFirst().data());
        gradient.run(given).forEach(tensor -> expected.add(tensor.data()));
        return new CodeCase(name,
                new CodeProgram(shared.graph(), "f", List.copyOf(shared.inputs().values()), shared.results()[0], gradients, Map.of()),
                inputs,
                expected);
    }

    @Override
    public String toString() {
        return name;
    }
}
