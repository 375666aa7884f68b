package io.chainrule.core.op;

import static io.chainrule.core.GraphFunction.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Parallel;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses by class and layers: PyTorch's numbers, what is refused, and where other systems go wrong. */
class LayersTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    /** One line of the table that {@code layers.py} wrote: a function, its operands, its value and gradients. */
    record Reference(String expression, List<Tensor> operands, String value, List<String> gradients) {
        static Reference parse(String line) {
            String[] parts = line.split(" \\| ", -1);
            String[] operands = parts[1].split(";", -1);
            return new Reference(parts[0], IntStream.range(0, operands.length).mapToObj(k -> operand(operands[k], k)).toList(), parts[2],
                    List.of(parts[3].split(";")));
        }

        private static Tensor operand(String text, int k) {
            String[] parts = text.split("=", -1);
            if (parts.length == 2) {
                return ShapeTables.tensor(parts[0], numbers(parts[1]));
            }
            Tensor operand = Tensor.zeros(ShapeTables.shape(text));
            Arrays.setAll(operand.data(), i -> Math.sin(1 + i + 7 * k));
            return operand;
        }

        @Override
        public String toString() {
            return expression;
        }
    }

    static Stream<Reference> references() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/reference/layers.txt")).stream().map(Reference::parse);
    }

    @ParameterizedTest
    @MethodSource("references")
    void have_the_values_and_gradients_of_pytorch(Reference reference) {
        GraphFunction function = function(reference.expression(), reference.operands());
        Tensor y = function.run(reference.operands()).getFirst();
        compare(reference + " value", y, reference.value());
        Tensor cotangent = Tensor.zeros(y.shape());
        Arrays.setAll(cotangent.data(), i -> Math.cos(1 + i));
        List<Tensor> all = new ArrayList<>(reference.operands());
        all.add(cotangent);
        List<Tensor> gradients = function.vjp().run(all);
        for (int k = 0; k < gradients.size(); k++) {
            String expected = reference.gradients().get(k);
            if (expected.equals("-")) {
                assertThat(gradients.get(k).data()).as("labels and masks").containsOnly(0);
            } else {
                compare(reference + " gradient " + k, gradients.get(k), expected);
            }
        }
    }

    private static void compare(String what, Tensor actual, String expected) {
        assertThat(actual.data()).as(what).containsExactly(numbers(expected), within(3e-15 * Math.max(4, actual.length())));
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    /** Of inputs called a, b, c, ... */
    private static GraphFunction function(String expression, List<Tensor> operands) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        operands.forEach(operand -> shapes.put(String.valueOf((char) ('a' + shapes.size())), operand.shape()));
        NamedGraph program = ShapeInference.infer(
                ExpressionParser.parse(expression, shapes.keySet(), new ExpressionParser.Limits(100, 100)),
                shapes);
        Gates.Expansion opened = Gates.expand(program.graph(), Allowance.UNBOUNDED);
        Map<String, Integer> inputs = new LinkedHashMap<>();
        program.inputs().forEach(input -> inputs.put(program.id(input), opened.image()[input]));
        return new GraphFunction(opened.graph(), shapes.keySet().stream().mapToInt(inputs::get).toArray(),
                new int[]{opened.image()[program.output()]});
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    rnn_cell(a, b, c, d, e)      | 2,3;2,4;3,4;4,3;4         | rnn_cell: needs weight_hidden [4, 4], got [4, 3]
                    lstm_cell(a, b, c, d, e, f)  | 2,3;2,4;2,4;3,12;4,16;16  | lstm_cell: needs weight_input [3, 16], got [3, 12]
                    lstm_cell(a, b, c, d, e, f)  | 2,3;2,4;2,5;3,16;4,16;16  | lstm_cell: needs c [2, 4], got [2, 5]
                    gru_cell(a, b, c, d, e, f)   | 3;4;3,12;4,12;12;4        | gru_cell: needs bias_hidden [12], got [4]
                    gru_cell(a, b, c, d, e, f)   | ;4;3,12;4,12;12;12      | gru_cell: axis -1 is out of range
                    batch_norm(a, b, c, d, e)    | 2,3;3;3;2;3               | batch_norm: needs mean [3], got [2]
                    batch_norm(a, b, c, d, e)    | 3;3;3;3;3                 | batch_norm: axis 1 is out of range
                    group_norm(a, b, c, groups=2)| 2,3,4;3;3                 | group_norm: 3 channels do not fall into 2 groups
                    group_norm(a, b, c, groups=1)| 3;3;3                     | group_norm: needs x [batch, channels, …], got [3]
                    nll_loss(a, b)               | 2,3;3                     | nll_loss: needs classes [2], got [3]
                    hinge_loss(a, b)             | 2,3;2,1                   | hinge_loss: needs classes [2], got [2, 1]
                    cosine_embedding_loss(a,b,c) | 2,3;2,3;2,1               | cosine_embedding_loss: needs target [2], got [2, 1]
                    scaled_dot_product_attention(a, b, c) | 2,3;4,2;4,2      | needs q […, queries, d], k […, keys, d] and v […, keys, e], got [2, 3], [4, 2] and [4, 2]
                    scaled_dot_product_attention(a, b, c, d) | 2,3;4,3;4,2;4,2 | needs mask [2, 4], got [4, 2]
                    scaled_dot_product_attention(a, b) | 2,3;4,3             | takes 3 or 4 operands
                    embedding(a, b)              | 2;                        | embedding: axis 0 is out of range
                    dropout(a, rate=1.5, seed=1) | 3                         | attribute 'rate' is from 0.0 to 1.0, not 1.5
                    cross_entropy(a, b, label_smoothing=-1) | 3;3            | attribute 'label_smoothing' is from 0.0 to 1.0
                    """)
    void refuse_what_does_not_fit_in_their_own_words(String expression, String shapes, String message) {
        List<Tensor> operands = Arrays.stream(shapes.split(";", -1)).map(dims -> Tensor.zeros(ShapeTables.shape(dims)))
                .toList();
        assertThatThrownBy(() -> function(expression, operands)).isInstanceOf(ProblemException.class).hasMessageContaining(message);
    }

    /** Value, then the gradient by scores, of one sample. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    cross_entropy(a, b)                        | 1000,-1000,0   | 1 | 2000 | 1,-1,0
                    cross_entropy(a, b)                        | 1000,-1000,0   | 0 | 0    | 0,0,0
                    cross_entropy(a, b)                        | 1000,1000,-1e3 | 0 | 0.6931471805599453 | -0.5,0.5,0
                    cross_entropy(a, b, label_smoothing=0.5)   | 1000,-1000,-1000  | 0 | 666.6666666666666 | 0.3333333333333333,-0.16666666666666666,-0.16666666666666666
                    nll_loss(a, b)                             | -1e300,0,0     | 0 | 1e300 | -1,0,0
                    nll_loss(a, b, ignore_index=-1, reduction='sum') | 1,2,3    | -1 | 0 | 0,0,0
                    nll_loss(a, b, ignore_index=1)             | 1,2,3          | 1 | NaN | 0,0,0
                    cross_entropy(a, b, ignore_index=1)        | 1,2,3          | 1 | NaN | 0,0,0
                    hinge_loss(a, b)                           | 13,-7,11       | 2 | 3    | 1,0,-1
                    hinge_loss(a, b, margin=0)                 | 2,2,1          | 0 | 0    | 0,0,0
                    hinge_loss(a, b, margin=0)                 | 2,2,3          | 0 | 1    | -1,0,1
                    hinge_loss(a, b)                           | 2,1,0          | 0 | 0    | 0,0,0
                    """)
    void stay_right_at_extremes(String expression, String scores, double label, double value, String gradient) {
        Tensor a = Tensor.vector(numbers(scores));
        GraphFunction function = function(expression, List.of(a, Tensor.scalar(label)));
        double actual = function.apply(a, Tensor.scalar(label)).item();
        assertThat(Double.isNaN(actual) == Double.isNaN(value) && !(Math.abs(actual - value) > Math.ulp(value))).as("%s", actual).isTrue();
        assertThat(function.vjp(0).apply(a, Tensor.scalar(label), Tensor.scalar(1)).data()).containsExactly(numbers(gradient),
                within(1e-16));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nll_loss(a, b)                     | 0,3    | the label 3 at [1] is none of the 3 classes
            nll_loss(a, b, ignore_index=-1)    | -1,-2  | the label -2 at [1] is none of the 3 classes
            cross_entropy(a, b)                | -1,0   | the label -1 at [0] is none of the 3 classes
            cross_entropy(a, b)                | 0.5,0  | the label 0.5 at [0] is none of the 3 classes
            hinge_loss(a, b)                   | 0,NaN  | the label NaN at [1] is none of the 3 classes
            embedding(b, a)                    | 0,2    | index 2 is out of range for axis 0
            embedding(b, a)                    | 0.5,0  | index 0.5 is not a whole number
            """)
    void refuse_labels_and_indices_that_name_nothing(String expression, String labels, String message) {
        List<Tensor> operands = List.of(Tensor.zeros(Shape.of(2, 3)), Tensor.vector(numbers(labels)));
        assertThatThrownBy(() -> function(expression, operands).run(operands)).isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }

    /** CS231n's notes, SVM versus softmax. */
    @Test
    void hinge_loss_is_that_of_the_lecture() {
        List<Tensor> operands = List.of(
                Tensor.matrix(new double[]{0.01, -0.05, 0.1, 0.05}, new double[]{0.7, 0.2, 0.05, 0.16}, new double[]{0, -0.45, -0.2, 0.03}),
                Tensor.vector(-15, 22, -44, 56), Tensor.vector(0, 0.2, -0.3), Tensor.scalar(1));
        GraphFunction loss = function("hinge_loss(a @ b + c, 2)", operands.subList(0, 3));
        assertThat(loss.run(operands.subList(0, 3)).getFirst().item()).isCloseTo(1.58, within(1e-14));
        assertThat(loss.vjp(2).run(operands).getFirst()).isEqualTo(Tensor.vector(0, 1, -1));
        assertThat(loss.vjp(1).run(operands).getFirst().data()).containsExactly(new double[]{0.7, 0.65, 0.25, 0.13}, within(1e-15));
    }

    @Test
    void a_query_to_which_no_key_attends_has_value_and_gradient_0() {
        List<Tensor> operands = List.of(Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}),
                Tensor.matrix(new double[]{1, 0}, new double[]{0, 1}), Tensor.matrix(new double[]{5, 6}, new double[]{7, 8}),
                Tensor.matrix(new double[]{0, 0}, new double[]{0, 1}), Tensor.matrix(new double[]{1, 1}, new double[]{1, 1}));
        GraphFunction attention = function("scaled_dot_product_attention(a, b, c, d)", operands.subList(0, 4));
        assertThat(attention.run(operands.subList(0, 4)).getFirst()).isEqualTo(Tensor.matrix(new double[]{0, 0}, new double[]{7, 8}));
        assertThat(attention.vjp(0, 1, 2).run(operands)).containsExactly(Tensor.zeros(Shape.of(2, 2)), Tensor.zeros(Shape.of(2, 2)),
                Tensor.matrix(new double[]{0, 0}, new double[]{1, 1}));
        assertThat(IntStream.range(0, attention.graph().size()).filter(i -> attention.graph().op(i).name().equals("where")).count())
                .as("masked twice: before and after softmax").isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.5", "7, 0.25", "-3, 0.9", "42, 0", "42, 1"})
    void a_random_mask_is_that_of_split_mix_64(int seed, double rate) {
        Tensor mask = GraphFunction.of(GraphFunction.op("random_mask", Map.of("shape", List.of(20, 50), "rate", rate, "seed", seed), 0))
                .run(List.of()).getFirst();
        SplittableRandom random = new SplittableRandom(seed);
        assertThat(mask.shape()).isEqualTo(Shape.of(20, 50));
        assertThat(mask.data()).containsExactly(IntStream.range(0, 1000).mapToDouble(i -> random.nextDouble() < rate ? 0 : 1 / (1 - rate))
                .toArray());
    }

    /** An element is left out where its number is below the rate, not where it is the rate. */
    @Test
    void a_random_mask_keeps_a_number_that_is_the_rate() {
        double first = new SplittableRandom(5).nextDouble();
        for (double rate : new double[]{first, Math.nextUp(first)}) {
            GraphFunction mask = GraphFunction.of(GraphFunction.op("random_mask", Map.of("shape", 1, "rate", rate, "seed", 5), 0));
            assertThat(mask.run(List.of()).getFirst().item() > 0).isEqualTo(rate == first);
        }
    }

    /** Each step draws from mix(seed + mix(floor(step))); between masks the run is asked whether it may go on. */
    @Test
    void a_random_mask_of_steps_is_that_of_the_seed_mixed_with_each() {
        Tensor steps = Tensor.vector(0, 3.7, -1, 1e6);
        Tensor masks = Tensor.zeros(Shape.of(4, 50));
        int[] asked = {0};
        GraphFunction.write(GraphFunction.op("random_mask", Map.of("shape", 50, "rate", 0.4, "seed", 11), 1), List.of(steps), masks,
                Parallel.onThisThread(() -> asked[0]++));
        assertThat(asked[0]).isEqualTo(4);
        for (int k = 0; k < 4; k++) {
            SplittableRandom random = new SplittableRandom(mix(11 + mix((long) Math.floor(steps.data()[k]))));
            assertThat(Arrays.copyOfRange(masks.data(), 50 * k, 50 * (k + 1))).as("step %s", steps.data()[k])
                    .containsExactly(IntStream.range(0, 50).mapToDouble(_ -> random.nextDouble() < 0.4 ? 0 : 1 / 0.6).toArray());
        }
    }

    /** The first number of a generator is its seed, the golden gamma added, mixed. */
    private static long mix(long z) {
        return new SplittableRandom(z - 0x9E3779B97F4A7C15L).nextLong();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    class_index(a, num_classes=3)                  | 3 | 0,3,1 | the label 3 at [1] is none of the 3 classes | a whole number from 0 to 2
                    class_index(a, num_classes=3)                  |   | -1    | the label -1 is none of the 3 classes | a whole number from 0 to 2
                    class_index(a, num_classes=3)                  |   | 0.5   | the label 0.5 is none of the 3 classes | a whole number from 0 to 2
                    class_index(a, num_classes=3, ignore_index=-1) |   | -2    | the label -2 is none of the 3 classes | a whole number from 0 to 2, or -1 to ignore the sample
                    class_index(a, num_classes=0)                  |   | 0     | the label 0 is none of the 0 classes | nothing: there are no classes
                    class_index(a, num_classes=0, ignore_index=7)  |   | NaN   | the label NaN is none of the 0 classes | nothing: there are no classes, or 7 to ignore the sample
                    """)
    void refuse_labels_that_name_no_class(String expression, @Nullable String shape, String labels, String message, String expected) {
        List<Tensor> operands = List.of(ShapeTables.tensor(shape == null ? "" : shape, numbers(labels)));
        GraphFunction function = function(expression, operands);
        Problem problem = catchThrowableOfType(ProblemException.class, () -> function.run(operands)).problems().getFirst();
        assertThat(problem.message()).endsWith(message);
        assertThat(problem.expected()).isEqualTo(expected);
    }

    @Test
    void dropout_selects_by_the_mask_of_its_shape() {
        Map<String, Object> attributes = Map.of("rate", 0.5, "seed", 7);
        GraphFunction dropout = GraphFunction.of(x -> call("dropout", attributes, x), Shape.of(6));
        Tensor mask = GraphFunction.of(GraphFunction.op("random_mask", Map.of("shape", 6, "rate", 0.5, "seed", 7), 0)).run(List.of())
                .getFirst();
        assertThat(mask.data()).contains(0, 2);
        double[] infinite = {INF, INF, INF, INF, INF, INF};
        assertThat(dropout.apply(Tensor.vector(infinite)).data())
                .containsExactly(Arrays.stream(mask.data()).map(m -> m == 0 ? 0 : INF).toArray());
        assertThat(dropout.vjp().apply(Tensor.vector(infinite), Tensor.vector(1, 1, 1, 1, 1, 1))).isEqualTo(mask);
    }
}
