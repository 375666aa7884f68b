package io.chainrule.core.print;

import io.chainrule.core.expression.Given;
import io.chainrule.core.expression.Programs;
import io.chainrule.core.expression.NodeListAssembler;
import static io.chainrule.core.expression.Programs.nodes;
import static io.chainrule.core.expression.Programs.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs drawn at random mean the same after they were written and read again, as text and as a list of nodes. */
class RoundTripTest {
    private static final Pattern GENERATED = Pattern.compile("\\b[a-z_0-9]+_[0-9]+\\b");

    static Stream<String> texts() {
        return IntStream.range(0, 500).mapToObj(seed -> new RandomText(seed).program());
    }

    @ParameterizedTest
    @MethodSource("texts")
    void textIsReadAsItWasWritten(String text) {
        NamedGraph program = parse(text);
        String printed = ExpressionPrinter.print(program);
        NamedGraph again = parse(printed);
        assertThat(terms(again, program)).containsExactlyInAnyOrderElementsOf(terms(program, program));
        assertThat(again.id(again.output())).isEqualTo(program.id(program.output()));
        assertThat(aliases(again)).isEqualTo(aliases(program));
        assertThat(ExpressionPrinter.print(again)).isEqualTo(printed);
    }

    /**
     * The nodes that have a name in the program as written, others in place of their ids: a function's arguments come before
     * its body, so that they are counted in another order when the call has been written out.
     */
    private static List<String> terms(NamedGraph program, NamedGraph written) {
        Map<String, String> unnamed = new HashMap<>();
        List<String> terms = new ArrayList<>();
        for (String node : nodes(program)) {
            String id = node.substring(0, node.indexOf(" = "));
            String value = GENERATED.matcher(node.substring(id.length() + 3)).replaceAll(
                    operand -> Matcher.quoteReplacement(unnamed.getOrDefault(operand.group(), operand.group())));
            Integer found = written.find(id);
            if (found != null && (written.isNamed(found) || found == written.output())) {
                terms.add(id + " = " + value);
            } else {
                unnamed.put(id, value);
                terms.add(value);
            }
        }
        return terms;
    }

    private static Map<String, String> aliases(NamedGraph program) {
        Map<String, String> aliases = new HashMap<>();
        program.aliases().forEach((alias, node) -> aliases.put(alias, program.id(node)));
        return aliases;
    }

    @ParameterizedTest
    @MethodSource("texts")
    void nodesAreReadAsTheyWereWritten(String text) {
        NamedGraph program = parse(text);
        NamedGraph again = NodeListAssembler.assemble(Programs.specs(program), program.id(program.output()),
                Place.nodeList("output"), Given.named(Set.of()), Allowance.nodes(10_000));
        assertThat(nodes(again)).isEqualTo(nodes(program));
        assertThat(again.id(again.output())).isEqualTo(program.id(program.output()));
    }

    /** Text with all that the language has. */
    private static final class RandomText {
        private static final List<String> OPERATORS = List.of("+", "-", "*", "/", "@", "%", "//", "^", "**");
        private final Random random;
        private final List<String> names = new ArrayList<>(List.of("x", "y", "W"));

        RandomText(int seed) {
            random = new Random(seed);
        }

        String program() {
            List<String> statements = new ArrayList<>();
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                if (random.nextInt(4) == 0) {
                    statements.add(block());
                    continue;
                }
                String value = random.nextInt(12) == 0 ? pick(names) : expression(1 + random.nextInt(6));
                if (random.nextInt(5) == 0) {
                    statements.add(value);
                } else {
                    String name = pick(List.of("a", "b", "h", "h_1", "mul_1", "output"));
                    statements.add(name + " = " + value);
                    names.add(name);
                }
            }
            return String.join("\n", statements);
        }

        /** A function and a loop that calls it, on lines of its own or on one. */
        private String block() {
            String function = pick(List.of("g", "sinh", "a"));
            String body = "h = " + function + "(" + expression(1) + ", k=" + pick(names) + "[i, i - 1:])";
            names.addAll(List.of("u", "k"));
            String definition = function + "(u, k) = " + expression(2) + "\n";
            names.removeAll(List.of("u", "k"));
            String header = "for i in " + pick(List.of("0:2", "3:-3:-2", "1:2"));
            String loop = switch (random.nextInt(3)) {
                case 0 -> header + ": " + body + "; b = h * i";
                case 1 -> header + "\n  " + body + "\n  for j in 0:i\n    b = h - j * i\n  h = h + 1";
                default -> header + ":\n  " + body + "\n";
            };
            String start = "h = " + expression(1) + "\n";
            names.add("h");
            return start + definition + loop;
        }

        private String expression(int depth) {
            if (depth == 0) {
                return random.nextInt(3) > 0 ? pick(names) : pick(List.of("2", "0.5", "-3", "1e300", "inf", "-nan", "pi", "true", "-0"));
            }
            String inner = expression(depth - 1);
            String other = expression(random.nextInt(depth));
            return switch (random.nextInt(13)) {
                case 0, 1, 2 -> inner + " " + pick(OPERATORS) + " " + other;
                case 3 -> "((" + inner + ") " + pick(List.of("<", "<=", ">", ">=", "==", "!=")) + " (" + other + "))";
                case 4 -> other + pick(OPERATORS) + "(" + inner + ")";
                case 5 -> "-" + inner;
                case 6 -> "(" + inner + ")" + pick(List.of(".T", "[0]", "[1:, ...]", "[::-1]"));
                case 7 -> "[" + inner + ", " + other + ", " + pick(List.of("x", "[1, x]")) + "]";
                case 8 -> "sum(" + inner + pick(List.of("", ", axis=0", ", axis=[0, -1], keepdims=true")) + ")";
                case 9 -> pick(List.of("maximum", "add", "pow", "matmul")) + "(" + inner + ", " + other + ")";
                case 10 -> "stack(" + Stream.of(inner, other, "[[1, 2], [3, 4]]").collect(Collectors.joining(", ")) + ")";
                case 11 ->
                    pick(List.of("stack", "concatenate")) + "(" + pick(List.of("[" + inner + "]", "[" + inner + ", x]", "[[1, 2], [3, 4]]",
                            "[[[1, 2], [3, 4]]], axis=0", "stack(1, 2)")) + ")";
                default -> pick(List.of("exp", "neg", "transpose", "relu")) + "(" + inner + ")";
            };
        }

        private String pick(List<String> options) {
            return options.get(random.nextInt(options.size()));
        }
    }
}
