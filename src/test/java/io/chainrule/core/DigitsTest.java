package io.chainrule.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Digits that are called certain, compared with gradients that mpmath computed to 60 digits (resource {@code digits}, written by its {@code
 * make.py}), and with exact arithmetic.
 */
class DigitsTest {
    private static final double MOST = 15.95;
    private static final double NEAR = 3;
    private static final MathContext EXACT = new MathContext(120);

    private record Case(JsonNode program) {
        String kind() {
            return program.get("kind").asString();
        }

        Map<String, Tensor> inputs() {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            program.get("inputs").properties().forEach(entry -> inputs.put(entry.getKey(), tensor(entry.getValue())));
            return inputs;
        }

        Outcome outcome() {
            String[] wrt = program.get("gradients").propertyNames().toArray(String[]::new);
            Map<String, Tensor> inputs = inputs();
            return Program.parse(program.get("expression").asString()).digits(wrt).compile(Shapes.ofValues(inputs)).call(inputs);
        }

        /** Each entry of each gradient: how many digits are called certain, and how many are right. */
        List<Entry> entries() {
            Outcome outcome = outcome();
            List<Entry> entries = new ArrayList<>();
            outcome.gradients().forEach((name, gradient) -> {
                double[] digits = Objects.requireNonNull(outcome.digits().get(name)).data();
                for (int i = 0; i < digits.length; i++) {
                    BigDecimal truth = new BigDecimal(program.get("gradients").get(name).get(i).asString());
                    entries.add(new Entry(name + "[" + i + "]", digits[i], right(gradient.data()[i], truth)));
                }
            });
            return entries;
        }

        @Override
        public String toString() {
            return program.get("expression").asString();
        }
    }

    private record Entry(String name, double called, double right) {
        boolean isNear() {
            return right - called <= NEAR;
        }
    }

    private static Stream<Case> cases() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(DigitsTest.class.getResourceAsStream("/digits/programs.jsonl")), StandardCharsets.UTF_8))) {
            return lines.lines().map(line -> new Case(JsonMapper.shared().readTree(line))).toList().stream();
        }
    }

    static Stream<String> kinds() throws IOException {
        return cases().map(Case::kind).distinct();
    }

    private static Tensor tensor(JsonNode value) {
        List<Integer> dims = new ArrayList<>();
        for (JsonNode part = value; part.isArray(); part = part.get(0)) {
            dims.add(part.size());
        }
        List<Double> elements = new ArrayList<>();
        flatten(value, elements);
        return Tensor.of(Shape.of(dims.stream().mapToInt(Integer::intValue).toArray()),
                elements.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static void flatten(JsonNode value, List<Double> into) {
        if (value.isArray()) {
            value.values().forEach(part -> flatten(part, into));
        } else {
            into.add(value.asDouble());
        }
    }

    /** −log₁₀ of the relative error, between 0 and what a double can have. */
    private static double right(double computed, BigDecimal truth) {
        if (!Double.isFinite(computed)) {
            return 0;
        }
        BigDecimal error = new BigDecimal(computed).subtract(truth).abs();
        if (error.signum() == 0) {
            return MOST;
        }
        if (truth.signum() == 0) {
            return 0;
        }
        BigDecimal relative = error.divide(truth.abs(), MathContext.DECIMAL64);
        int exponent = relative.precision() - relative.scale();
        double digits = -Math.log10(relative.scaleByPowerOfTen(-exponent).doubleValue()) - exponent;
        return Math.clamp(digits, 0, MOST);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void areNeverMoreThanAreRight(String kind) throws IOException {
        List<String> wrong = new ArrayList<>();
        cases().filter(one -> one.kind().equals(kind)).forEach(one -> one.entries().stream().filter(entry -> entry.called > entry.right)
                .forEach(entry -> wrong.add(entry + " of " + one)));
        assertThat(wrong).isEmpty();
    }

    /** The points of every op that {@code reference/make.py} computes with mpmath, the ends of its domain among them. */
    @ParameterizedTest(name = "{0} at {1}")
    @CsvFileSource(resources = {"/reference/scalars.csv", "/reference/arrays.csv"}, numLinesToSkip = 1, maxCharsPerColumn = 100_000)
    void ofEveryOpAreNeverMoreThanAreRight(String call, String operands, String value, String derivatives) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Arrays.stream(operands.split(";")).forEach(text -> inputs.put(String.valueOf("xyzuvw".charAt(inputs.size())), reference(text)));
        String[] names = inputs.keySet().toArray(String[]::new);
        String[] values = numbers(value);
        String[] jacobians = derivatives.split(";", -1);
        Shape result = Program.parse("out = " + call).value().compile(Shapes.ofValues(inputs)).call(inputs).value().shape();
        for (int i = 0; i < values.length; i++) {
            double[] one = new double[values.length];
            one[i] = 1;
            Map<String, Tensor> all = new LinkedHashMap<>(inputs);
            all.put("picked", Tensor.of(result, one));
            Outcome outcome = Program.parse("out = " + call + "\nf = sum(where(picked, out, 0))").digits(names)
                    .compile(Shapes.ofValues(all))
                    .call(all);
            assertCertain("value " + i, outcome.digitsOfValue().item(), outcome.value().item(), values[i]);
            for (int k = 0; k < names.length; k++) {
                if (!jacobians[k].isBlank() && !jacobians[k].strip().equals("-")) {
                    String[] jacobian = numbers(jacobians[k]);
                    double[] gradient = Objects.requireNonNull(outcome.gradients().get(names[k])).data();
                    double[] digits = Objects.requireNonNull(outcome.digits().get(names[k])).data();
                    for (int j = 0; j < gradient.length; j++) {
                        assertCertain(names[k] + j + " of " + i, digits[j], gradient[j], jacobian[i * gradient.length + j]);
                    }
                }
            }
        }
    }

    /** Every op with an operand of which little is known: its value holds at the ends of the operand's range. */
    @ParameterizedTest(name = "{0} at {1}")
    @CsvFileSource(resources = "/reference/scalars.csv", numLinesToSkip = 1, maxCharsPerColumn = 100_000)
    void ofEveryOpHoldForAllThatAnOperandMayBe(String call, String operands) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Arrays.stream(operands.split(";")).forEach(text -> inputs.put(String.valueOf("xyzuvw".charAt(inputs.size())), reference(text)));
        for (String name : inputs.keySet()) {
            assertHolds(call, inputs, name, "1 / (sqrt(a)^2 - a)", new double[]{-1e300, -3, 0.25, 1, 2.5, 1e300});
            assertHolds(call, inputs, name, "1 / (a * 3 - b)", new double[]{0x1p55});
            assertHolds(call, inputs, name, "exp(b - 744.8)", new double[]{0, Double.MIN_VALUE, 2 * Double.MIN_VALUE});
            assertHolds(call, inputs, name, "a / 1e15 + 1 - 1", new double[]{-1e-16, 1e-16});
        }
    }

    private static void assertHolds(String call, Map<String, Tensor> inputs, String name, String doubtful, double[] range) {
        Map<String, Tensor> all = new LinkedHashMap<>(inputs);
        all.put(name, Tensor.scalar(0));
        all.put("a", Tensor.scalar(0.1));
        all.put("b", Tensor.scalar(0.3));
        String text = call.replaceAll("\\b" + name + "\\b", "doubt");
        Outcome outcome = Program.parse("doubt = " + doubtful + "\nf = " + text + " + 0 * " + name).digits("b")
                .compile(Shapes.ofValues(all))
                .call(all);
        double value = outcome.value().item();
        for (double at : range) {
            Map<String, Tensor> one = new LinkedHashMap<>(inputs);
            one.put(name, Tensor.scalar(at));
            double other = Program.parse("f = " + call).value().compile(Shapes.ofValues(one)).call(one).value().item();
            double right = Double.isFinite(other) ? right(value, new BigDecimal(other)) : 0;
            assertThat(outcome.digitsOfValue().item()).as("%s of %s, which may be %s", call, doubtful, at).isLessThanOrEqualTo(right + 1);
        }
    }

    private static void assertCertain(String what, double digits, double computed, String truth) {
        if (Double.isFinite(Double.parseDouble(truth))) {
            assertThat(digits).as(what).isLessThanOrEqualTo(right(computed, new BigDecimal(truth)));
        } else {
            assertThat(digits).as(what).isZero();
        }
    }

    private static Tensor reference(String text) {
        int end = text.indexOf(']');
        int[] dims = end < 0
                ? new int[0]
                : Arrays.stream(text.substring(text.indexOf('[') + 1, end).split(",", -1)).mapToInt(Integer::parseInt).toArray();
        return Tensor.of(Shape.of(dims), Arrays.stream(numbers(text.substring(end + 1))).mapToDouble(Double::parseDouble).toArray());
    }

    private static String[] numbers(String text) {
        return text.strip().split("[, ]+", -1);
    }

    @Test
    void areOftenNearThoseThatAreRight() throws IOException {
        List<List<Entry>> all = cases().map(Case::entries).toList();
        assertThat(all).hasSizeGreaterThan(300);
        assertThat(all.stream().filter(entries -> entries.stream().allMatch(Entry::isNear)).count()).isGreaterThan(all.size() * 8L / 10);
        assertThat(all.stream().flatMap(List::stream).filter(Entry::isNear).count())
                .isGreaterThan(all.stream().mapToLong(List::size).sum() * 8 / 10);
    }

    @Test
    void changeNoBitOfTheExamplesOfTheCatalogue() {
        for (OpDefinition op : OpCatalogue.all()) {
            Map<String, Tensor> inputs = op.exampleInputs();
            Program program = Program.parse(op.example());
            Outcome plain = program.valueAndGradient().compile(Shapes.ofValues(inputs)).call(inputs);
            Outcome outcome = program.digits().compile(Shapes.ofValues(inputs)).call(inputs);
            assertThat(outcome.value().data()).as(op.name()).containsExactly(plain.value().data());
            plain.gradients().forEach((name, gradient) -> {
                assertThat(Objects.requireNonNull(outcome.gradients().get(name)).data()).as(op.name()).containsExactly(gradient.data());
                assertThat(Arrays.stream(Objects.requireNonNull(outcome.digits().get(name)).data())).as(op.name())
                        .allMatch(digits -> digits >= 0 && digits <= Digits.MOST);
            });
        }
    }

    /** The only op whose error is not bounded is a second derivative of determinants. */
    @Test
    void areKnownForTheExamplesOfTheCatalogue() {
        List<String> unknown = new ArrayList<>();
        for (OpDefinition op : OpCatalogue.all()) {
            Map<String, Tensor> inputs = op.exampleInputs();
            Outcome outcome = Program.parse(op.example()).digits().compile(Shapes.ofValues(inputs)).call(inputs);
            if (!outcome.unboundedNodes().isEmpty()) {
                unknown.add(op.name());
            } else if (outcome.digitsOfValue().item() < 9 && outcome.value().item() != 0) {
                unknown.add(op.name() + " " + outcome.digitsOfValue());
            }
        }
        assertThat(unknown).containsExactly("cofactor_derivative");
    }

    @Test
    void ofEachSampleAreThoseOfItsOwnProgram() {
        Program program = Program.parse("h = tanh(W @ x)\nf = logsumexp(h) * (1 - h[0])^2");
        Tensor w = Tensor.matrix(new double[]{1, 2, 0.5}, new double[]{-1, 0.25, 3});
        Tensor x = Tensor.matrix(new double[]{1, 2, 3}, new double[]{0.1, 0.2, -0.3});
        Outcome mapped = program.digits().over("x").compile(Shapes.of("W", 2, 3, "x", 2, 3)).call(Map.of("W", w, "x", x));
        for (int i = 0; i < 2; i++) {
            Outcome single = program.digits().compile(Shapes.of("W", 2, 3, "x", 3))
                    .call(Map.of("W", w, "x", Tensor.vector(Arrays.copyOfRange(x.data(), 3 * i, 3 * i + 3))));
            double[] all = Objects.requireNonNull(mapped.digits().get("W")).data();
            double[] one = Objects.requireNonNull(single.digits().get("W")).data();
            for (int j = 0; j < one.length; j++) {
                assertThat(all[i * one.length + j]).isBetween(one[j] - 0.2, one[j] + 0.2);
            }
        }
    }

    @Test
    void areNoneWhereTheStepOfDropoutIsInDoubt() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.vector(1, 2, 3), "k", Tensor.scalar(10));
        for (String step : List.of("k * 0.1", "k")) {
            Outcome outcome = Program.parse("f = sum(dropout(x, " + step + ", rate=0.5, seed=1))").digits("x")
                    .compile(Shapes.ofValues(inputs)).call(inputs);
            assertThat(Objects.requireNonNull(outcome.digits().get("x")).data()).as(step).containsOnly(step.equals("k") ? Digits.MOST : 0);
        }
    }

    /** What is kept is multiplied by 2 or by 10, and 1 / (1 - 0.9) is not quite 10. */
    @ParameterizedTest
    @CsvSource({"0.5", "0.9"})
    void countTheRoundingOfAMaskOfDropout(double rate) {
        BigDecimal kept = BigDecimal.ONE.divide(BigDecimal.ONE.subtract(BigDecimal.valueOf(rate)), EXACT);
        Outcome outcome = Program.parse("f = sum(dropout(x, rate=" + rate + ", seed=1))").digits("x").compile(Shapes.of("x", 99))
                .call(Map.of("x", Tensor.full(Shape.of(99), 1)));
        double[] gradient = outcome.gradient("x").data();
        double[] digits = Objects.requireNonNull(outcome.digits().get("x")).data();
        assertThat(gradient).containsOnly(0, 1 / (1 - rate));
        for (int i = 0; i < gradient.length; i++) {
            double right = right(gradient[i], gradient[i] == 0 ? BigDecimal.ZERO : kept);
            assertThat(digits[i]).as("of %s", gradient[i]).isBetween(right - 2, right);
        }
    }

    @Test
    void ofAnArrayWithoutElementsTakeNothingFromOthers() {
        Outcome outcome = Program.parse("f = 2 * x + sum(random_mask(shape=[0], rate=0.3, seed=1))").digits("x").compile(Shapes.of("x"))
                .call(Map.of("x", Tensor.scalar(3)));
        assertThat(outcome.digitsOfValue().item()).isEqualTo(Digits.MOST);
    }

    @Test
    void ofWholeNumbersAreAll() {
        Outcome outcome = Program.parse("f = sum((A @ x)^2) + 3 * x[0]").digits().compile(Shapes.of("A", 2, 2, "x", 2))
                .call(Map.of("A", Tensor.matrix(new double[]{1, 2}, new double[]{3, 4}), "x", Tensor.vector(5, 6)));
        assertThat(Arrays.stream(Objects.requireNonNull(outcome.digits().get("x")).data())).allMatch(digits -> digits > 14.5);
        Outcome exact = Program.parse("f = x * y^2 - 0.5 * x").digits().compile(Shapes.of("x", "y"))
                .call(Map.of("x", Tensor.scalar(3), "y", Tensor.scalar(7)));
        assertThat(exact.digits().values()).allMatch(digits -> digits.item() == Digits.MOST);
    }

    @Test
    void areNoneWhereAJumpIsInDoubt() {
        Program program = Program.parse("t = sqrt(x)^2\nf = floor(t) * y + where(t > 2, y^2, y^3)");
        Outcome outcome = program.digits("y").compile(Shapes.of("x", "y")).call(Map.of("x", Tensor.scalar(2), "y", Tensor.scalar(1.5)));
        assertThat(Objects.requireNonNull(outcome.digits().get("y")).item()).isLessThan(1);
        Outcome beside = program.digits("y").compile(Shapes.of("x", "y")).call(Map.of("x", Tensor.scalar(2.5), "y", Tensor.scalar(1.5)));
        assertThat(Objects.requireNonNull(beside.digits().get("y")).item()).isGreaterThan(15);
    }

    /** A value and its derivatives by x and y, in 120 digits. */
    private record Dual(BigDecimal value, BigDecimal byX, BigDecimal byY) {
        Dual plus(Dual other, int sign) {
            BigDecimal factor = BigDecimal.valueOf(sign);
            return new Dual(value.add(other.value.multiply(factor), EXACT), byX.add(other.byX.multiply(factor), EXACT),
                    byY.add(other.byY.multiply(factor), EXACT));
        }

        Dual times(Dual other) {
            return new Dual(value.multiply(other.value, EXACT), byX.multiply(other.value).add(other.byX.multiply(value), EXACT),
                    byY.multiply(other.value).add(other.byY.multiply(value), EXACT));
        }

        Dual over(Dual other) {
            BigDecimal quotient = value.divide(other.value, EXACT);
            return new Dual(quotient, byX.subtract(other.byX.multiply(quotient)).divide(other.value, EXACT),
                    byY.subtract(other.byY.multiply(quotient)).divide(other.value, EXACT));
        }
    }

    @Test
    void ofArithmeticAreNeverMoreThanExactArithmeticSays() {
        Random random = new Random(11);
        for (int k = 0; k < 400; k++) {
            double x = random.nextDouble() * 2 + 0.5;
            double y = k % 2 == 0 ? random.nextDouble() * 2 + 0.5 : x * (1 + Math.scalb(random.nextDouble(), -random.nextInt(50)));
            Map<String, Dual> known = new HashMap<>(Map.of("x", new Dual(new BigDecimal(x), BigDecimal.ONE, BigDecimal.ZERO), "y",
                    new Dual(new BigDecimal(y), BigDecimal.ZERO, BigDecimal.ONE)));
            List<String> names = new ArrayList<>(List.of("x", "y"));
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 3 + random.nextInt(12); i++) {
                String a = names.get(random.nextInt(names.size()));
                String b = names.get(random.nextInt(names.size()));
                Dual left = Objects.requireNonNull(known.get(a));
                Dual right = Objects.requireNonNull(known.get(b));
                char sign = "+-*/".charAt(right.value.signum() == 0 ? random.nextInt(3) : random.nextInt(4));
                String name = "t" + i;
                known.put(name, switch (sign) {
                    case '+' -> left.plus(right, 1);
                    case '-' -> left.plus(right, -1);
                    case '*' -> left.times(right);
                    default -> left.over(right);
                });
                names.add(name);
                text.append(name).append(" = ").append(a).append(' ').append(sign).append(' ').append(b).append('\n');
            }
            text.append("f = ").append(names.getLast()).append(" + x * y");
            Dual f = Objects.requireNonNull(known.get(names.getLast())).plus(
                    Objects.requireNonNull(known.get("x")).times(Objects.requireNonNull(known.get("y"))), 1);
            Map<String, Tensor> inputs = Map.of("x", Tensor.scalar(x), "y", Tensor.scalar(y));
            Outcome outcome = Program.parse(text.toString()).digits().compile(Shapes.of("x", "y")).call(inputs);
            assertThat(outcome.digitsOfValue().item()).as("%s at %s, %s", text, x, y)
                    .isLessThanOrEqualTo(right(outcome.value().item(), f.value));
            assertThat(Objects.requireNonNull(outcome.digits().get("x")).item()).as("%s at %s, %s", text, x, y)
                    .isLessThanOrEqualTo(right(outcome.gradient("x").item(), f.byX));
            assertThat(Objects.requireNonNull(outcome.digits().get("y")).item()).as("%s at %s, %s", text, x, y)
                    .isLessThanOrEqualTo(right(outcome.gradient("y").item(), f.byY));
        }
    }
}
