package io.chainrule.core.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.NodeDescription;
import io.chainrule.core.Outcome;
import io.chainrule.core.Signature;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.language.Language;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The matrix forms of backward passes, as text and with shapes. */
class FormsTest {
    private static final Map<String, Tensor> INPUTS = Map.of("A", filled(2, 3), "B", filled(3, 4), "S", spd(), "u", filled(3), "v",
            filled(3),
            "w", filled(4), "T", filled(5, 2, 3), "b", filled(4), "K", filled(1, 2, 3, 3), "C", filled(2, 2, 2, 2));

    private static Tensor filled(int... dims) {
        Tensor value = Tensor.zeros(Shape.of(dims));
        Arrays.setAll(value.data(), i -> 0.5 + Math.sin(i + 1));
        return value;
    }

    private static Tensor spd() {
        return Tensor.matrix(new double[]{4, 1, 0}, new double[]{1, 3, 1}, new double[]{0, 1, 5});
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "y = A @ B | A | ∂f/∂A = (∂f/∂y) Bᵀ | [2, 4]·[3, 4]ᵀ → [2, 3]",
            "y = A @ B | B | ∂f/∂B = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2, 4] → [3, 4]",
            "y = A @ u | A | ∂f/∂A = (∂f/∂y) uᵀ | [2]·[3]ᵀ → [2, 3]",
            "y = A @ u | u | ∂f/∂u = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2] → [3]",
            "y = dot(u, v) | u | ∂f/∂u = (∂f/∂y) v | []·[3] → [3]",
            "y = u @ v | v | ∂f/∂v = u (∂f/∂y) | [3]·[] → [3]",
            "y = T @ B | B | ∂f/∂B = sum(transpose(T; axes=[0, 2, 1]) (∂f/∂y); axis=[0]) | [5, 2, 3], [5, 2, 4] → [3, 4]",
            "y = outer(u, w) | w | ∂f/∂w = (∂f/∂y)ᵀ u | [3, 4]ᵀ·[3] → [4]",
            "y = linear(A, B, b) | b | ∂f/∂b = ∑(∂f/∂y) | [2, 4] → [4]",
            "y = linear(A, B, b) | B | ∂f/∂B = Aᵀ (∂f/∂y) | [2, 3]ᵀ·[2, 4] → [3, 4]",
            "y = A.T | A | ∂f/∂A = (∂f/∂y)ᵀ | [3, 2]ᵀ → [2, 3]",
            "y = inv(S) | S | ∂f/∂S = −yᵀ (∂f/∂y) yᵀ | [3, 3]ᵀ·[3, 3]·[3, 3]ᵀ → [3, 3]",
            "y = det(S) | S | ∂f/∂S = (∂f/∂y) cof(S) | [], [3, 3] → [3, 3]",
            "y = solve(S, u) | u | ∂f/∂u = S⁻ᵀ (∂f/∂y) | [3, 3], [3] → [3]",
            "y = solve(S, u) | S | ∂f/∂S = −S⁻ᵀ (∂f/∂y) yᵀ | [3, 3], [3], [3]ᵀ → [3, 3]",
            "y = softmax(u) | u | ∂f/∂u = y ⊙ ((∂f/∂y) − ∑_j (∂f/∂y)_j y_j) | [3], [3] → [3]",
            "y = sum(A, axis=1) | A | (∂f/∂A)_i = ∂f/∂y | [2] → [2, 3]",
            "y = logsumexp(u) | u | (∂f/∂u)_i = (∂f/∂y) e^(u_i − y) | [], [3], [] → [3]",
            "y = mse_loss(u, v) | u | ∂f/∂u = 2 (∂f/∂y) ⋅ (u − v)/3 | [3], [3], [] → [3]"})
    void areThoseOfTheDefinitions(String text, String operand, String form, String shapes) {
        Explanation.Term term = new Explained(text + "\nf = sum(y^2)", INPUTS).entryOf(operand).contributions().getFirst();
        assertThat(term.form()).isNotNull();
        assertThat(term.form().text()).isEqualTo(form);
        assertThat(term.form().shapes()).isEqualTo(shapes);
        assertThat(term.form().mathml()).startsWith("<math ");
    }

    /**
     * Programs with ops of many shapes and attributes, whose printed forms are read and computed; the random ones of others come on top.
     * The values are those of the ledger, which differences check.
     */
    static Stream<String> programs() {
        return Stream.of("y = A @ B", "y = A @ u", "y = u @ v", "y = u @ B", "y = outer(u, w)", "y = linear(A, B, b)", "y = A.T",
                "y = inv(S)", "y = det(S)", "y = logdet(S)", "y = solve(S, u)", "y = solve(S, S + 1)", "y = softmax(u)",
                "y = softmax(A)", "y = log_softmax(u)", "y = sum(A)", "y = mean(u)", "y = mean(A)", "y = prod(u)", "y = flip(u)",
                "y = cumsum(u)", "y = cumsum(u, reverse=true)", "y = concatenate(u, v)", "y = stack(u, v)", "y = A[0]",
                "y = reshape(A, shape=[6])",
                "y = mse_loss(u, v)", "y = mse_loss(u, v, reduction='sum')", "y = mse_loss(A, A * 2)", "y = l1_loss(u, v)",
                "y = huber_loss(u, 2 * v)",
                "y = huber_loss(u, 2 * v, delta=0.3)", "y = smooth_l1_loss(u, 2 * v, beta=0.7)", "y = binary_cross_entropy(sigmoid(u), v)",
                "y = binary_cross_entropy_with_logits(u, v)", "y = kl_div(u, v)", "y = poisson_nll_loss(u, v)",
                "y = cross_entropy(u, softmax(v))",
                "y = cross_entropy(A, [2, 0])", "y = cross_entropy(A, [2, 0], reduction='sum')", "y = cross_entropy(A, A)",
                "y = nll_loss(log_softmax(A), [2, 0])", "y = einsum(A, B, equation='ij,jk->ik')", "y = squared_norm(u)", "y = norm(u)",
                "y = norm(u, ord=inf)", "y = kron(u, w)", "y = kron(S, S)",
                "y = inner(u, v)", "y = inner(A, u)", "y = vecdot(u, v)", "y = matvec(A, u)", "y = trace(S)", "y = tensordot(A, B, axes=1)",
                "y = matmul(T, B)", "y = rnn_cell(u, v, S, S, u)", "y = dot(A, B)", "y = transpose(T, axes=[1, 0, 2])",
                "y = layer_norm(A, u, v)", "y = batch_norm(A, u, v, u, v^2)", "y = expm(S)", "y = pinv(A)",
                "y = global_avg_pool2d(reshape(T, shape=[5, 2, 3, 1]))", "y = glu(w)", "y = glu(A, axis=0)", "y = w[0]", "y = roll(w, 1)",
                "y = roll(A, 2, axis=1)", "y = cross(u, v)", "y = w[1:3]", "y = T[1:, 0]", "y = prod(A, axis=0)", "y = cumprod(u)",
                "y = conv_transpose2d(K, C)", "y = conv_transpose2d(K, C, stride=2)", "y = conv_transpose2d(K, C, padding=1)",
                "y = flip(A, axis=1)");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void printedFormsGiveWhatIsAdded(String text) {
        read(text + (text.startsWith("y = sum(A)") ? "\nf = y^2" : "\nf = sum(sin(y))"));
    }

    /** No form has an op that nobody writes, in any language. */
    @ParameterizedTest
    @MethodSource("programs")
    void areWrittenInWhatReadersKnow(String text) {
        for (Language language : Language.values()) {
            assertThat(new Explained(text + "\nf = sum(sin(y))", INPUTS).in(language).explanation().text()).doesNotContain("_transpose(");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "y = prod(i) | i | (∂f/∂i)_k = (∂f/∂y) ∏_{j ≠ k} i_j",
            "r = reshape(i, shape=[3]) | i | ∂f/∂i = ∂f/∂r",
            "n = mean(i) | i | (∂f/∂i)_j = (∂f/∂n)/m",
            "c = var(i, correction=1) | i | (∂f/∂i)_j = (∂f/∂c) (2 (i_j − μ)/(n − m))",
            "s = std(u, correction=1) | u | (∂f/∂u)_i = (∂f/∂s) ((u_i − μ)/((n − c) s))",
            "y = sum(i) + j | i | (∂f/∂i)_k = ∂f/∂sum₁",
            "y = glu(w) | w | (∂f/∂w)_{:2}^(1) = (∂f/∂y) ⊙ σ(w_{2:})",
            "y = cross(u, v) | u | ∂f/∂u = v × (∂f/∂y)",
            "y = roll(w, 1) | w | ∂f/∂w = roll_{−s}(∂f/∂y)"})
    void haveLettersThatTheProgramDoesNotUse(String text, String operand, String form) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(INPUTS);
        inputs.put("i", filled(3));
        inputs.put("j", filled(3));
        String output = text.substring(0, text.indexOf(' '));
        Explanation.Form found = new Explained(text + "\nf = sum(" + output + "^2)", inputs).entryOf(operand).contributions().getFirst()
                .form();
        assertThat(found).isNotNull();
        assertThat(found.text()).contains(form);
    }

    /** Parts are written with their places, in every language. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "y = w[1:3] | w | (∂f/∂w)_{1:3} = ∂f/∂y",
            "y = w[:2] | w | (∂f/∂w)_{:2} = ∂f/∂y",
            "y = w[0] | w | (∂f/∂w)₀ = ∂f/∂y",
            "y = w[-1] | w | (∂f/∂w)_{−1} = ∂f/∂y",
            "y = A[1, 2] | A | (∂f/∂A)_{1, 2} = ∂f/∂y",
            "y = slice(w, start=[1], stop=[3]) | w | (∂f/∂w)_{1:3} = ∂f/∂y",
            "y = w[0] + w[2:] | w | (∂f/∂w)₀ += ∂f/∂index₁",
            "y = take_along_axis(A, c) | A | (∂f/∂A)_{… i …} = ∑_{j: c_{… j …} = i} (∂f/∂y)_{… j …}",
            "y = take_along_axis(A, c, axis=0) | A | (∂f/∂A)_{… i …} = ∑_{j: c_{… j …} = i} (∂f/∂y)_{… j …}",
            "y = take(A, d, axis=1) | A | (∂f/∂A)_{… i …} = ∑_{j: d_j = i} (∂f/∂y)_{… j …}",
            "y = take_along_axis(u, d) | u | (∂f/∂u)_i = ∑_{j: d_j = i} (∂f/∂y)_j",
            "y = take(A, d) | A | (∂f/∂A)_i = ∑_{j: d_j = i} (∂f/∂y)_j"})
    void namePlaces(String text, String operand, String form) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(INPUTS);
        inputs.put("c", Tensor.matrix(new double[]{0, 1, 0}, new double[]{1, 0, 1}));
        inputs.put("d", Tensor.vector(0, 2));
        for (Language language : Language.values()) {
            Explanation.Form found = new Explained(text + "\nf = sum(y^2)", inputs).in(language).entryOf(operand).contributions().getFirst()
                    .form();
            assertThat(found).isNotNull();
            assertThat(found.text()).as(language.toString()).isEqualTo(form);
        }
    }

    @Test
    void mostFormsAreRead() {
        long read = programs().mapToLong(text -> read(text + "\nf = sum(sin(y))")).sum();
        assertThat(read).isGreaterThan(55);
    }

    /** Reads the forms of a program that have no indices or words, and returns their number. */
    private static long read(String text) {
        Explained explained = new Explained(text, INPUTS);
        Outcome outcome = explained.outcome();
        NamedGraph program = outcome.function().bound().program();
        long read = 0;
        for (Explanation.Entry entry : explained.explanation().ledger()) {
            for (Explanation.Term term : entry.contributions()) {
                Explanation.Form form = term.form();
                boolean isOfPart = form != null && form.text().matches("\\(.*\\^\\([0-9]+\\) = .*");
                if (form == null || term.values().parts() > 1 && !isOfPart || form.text().contains("∂y/∂")) {
                    continue;
                }
                Map<String, Tensor> values = new LinkedHashMap<>();
                for (NodeDescription node : outcome.function().bound().listed()) {
                    values.put(program.id(node.node()), outcome.value(program.id(node.node())));
                    values.put("∂f/∂" + printed(program.id(node.node())), outcome.gradient(node.node()));
                }
                try {
                    form.letters().stream().map(letter -> letter.split(" = ", 2)).filter(parts -> parts.length == 2)
                            .forEach(parts -> values.put(parts[0], PrintedForm.value(parts[1], values)));
                    String[] sides = form.text().split(" \\+?= ", 2);
                    assertIs(placed(PrintedForm.value(sides[1], values), sides[0], term.values().value().shape()), term.values().value(),
                            form.text());
                    read++;
                } catch (PrintedForm.Unread _) {
                    assertThat(form.text()).isNotEmpty();
                }
            }
        }
        return read;
    }

    /** The value of a right side where the left side names a place of the operand: all other elements are 0. */
    private static Tensor placed(Tensor value, String left, Shape whole) {
        if (left.endsWith(")₀")) {
            return PrintedForm.value("index_transpose(v; shape=" + whole.toList() + ", at=[[0]])", Map.of("v", value));
        }
        Matcher place = Pattern.compile(".*" + PrintedForm.PLACE.pattern() + "(\\^\\([0-9]+\\))?").matcher(left);
        if (!place.matches()) {
            return value;
        }
        String at = "'" + place.group(1).replace("−", "-").replace(", ", "','") + "'";
        return PrintedForm.value("index_transpose(v; shape=" + whole.toList() + ", at=[[" + at + "]])", Map.of("v", value));
    }

    private static String printed(String id) {
        return id.replaceAll("_([0-9]+)$", "$1").chars()
                .mapToObj(c -> Character.toString(c)).collect(Collectors.joining()).replaceAll("^(.*[a-z])([0-9]+)$", "$1")
                + id.replaceAll("^.*?_?([0-9]*)$", "$1").chars().mapToObj(c -> Character.toString(c - '0' + '₀'))
                        .collect(Collectors.joining());
    }

    /** Of a number that stretches, all elements are the same. */
    private static void assertIs(Tensor found, Tensor expected, String form) {
        double size = Arrays.stream(expected.data()).map(Math::abs).max().orElse(1);
        for (int i = 0; i < expected.length(); i++) {
            double value = found.length() == expected.length()
                    ? found.data()[i]
                    : found.length() == 1 ? found.item() : found.data()[i * found.length() / expected.length()];
            assertThat(value).as(form).isCloseTo(expected.data()[i], within(1e-5 * size));
        }
    }

    private static final Pattern SYMBOLS = Pattern.compile("[\\p{L}][\\p{L}\\p{Nd}_.₀-₉]*");
    private static final Set<String> KNOWN = Set.of("e", "diag_k", "sum", "mean", "cof", "tri", "sym", "mod", "bmod", "if", "otherwise",
            "else", "at",
            "its", "place", "along", "stretched", "axes", "over", "the", "copies", "of", "each", "element", "without", "border", "is",
            "other's",
            "free", "convolution", "with", "reversed", "σ", "axis", "shape", "max", "min", "tril", "true", "false", "trans");

    /** The documentation lists the ops of which the example has no form but the product with a Jacobian. */
    @Test
    void opsWithoutAFormAreListed() throws IOException {
        Set<String> found = new TreeSet<>();
        for (OpDefinition op : OpCatalogue.all()) {
            Explained explained = new Explained(op.example(), op.exampleInputs());
            NamedGraph program = explained.outcome().function().bound().program();
            explained.explanation().ledger().stream().flatMap(entry -> entry.contributions().stream())
                    .filter(term -> term.form() != null && term.form().text().matches(".*= \\(∂[^ ]*/∂[^ ]*\\) \\(∂[^ ]*/∂[^ ]*\\)"))
                    .forEach(term -> found.add("`" + program.graph().op(term.values().to()).name() + "`"));
        }
        String docs = Files.readString(Path.of("docs/explain.md")).replaceAll("\\s+", " ");
        assertThat(docs).contains("gradient and the Jacobian: " + String.join(", ", found) + ".");
    }

    /** Attributes that take an op its form, and others that leave it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "cross_entropy(A, [2, 0], label_smoothing=0.1) | cross_entropy, label_smoothing",
            "matrix_norm(S, ord=2) | matrix_norm, ord, 2 or −2", "matrix_norm(S, ord=-2) | matrix_norm, ord, 2 or −2",
            "matrix_norm(S, ord=1) |", "matrix_norm(S, ord='nuc') |", "matrix_norm(S, ord=inf) |", "norm(u, ord=0.5) |",
            "norm(u, ord=-inf) |",
            "norm(A, axis=1) |", "cross_entropy(A, [2, 0], reduction='none') |",
            "cross_entropy(A, [2, 0], ignore_index=0) | cross_entropy, ignore_index",
            "nll_loss(A, [2, 0], reduction='none') |", "var(A, axis=0) |", "std(A, axis=0, correction=0) |",
            "kl_div(u, v, reduction='none') |",
            "sort(A, axis=0, descending=true) |", "cumsum(A, axis=1, reverse=true) |", "softmax(A, axis=0) |", "logsumexp(A, axis=0) |",
            "conv2d(K, C, padding=1, stride=2) | convolution, channels, stride", "conv2d(K, C) |", "max_pool2d(K, kernel_size=2) |",
            "avg_pool2d(K, kernel_size=2, stride=1) |",
            "hinge_loss(A, [2, 0], margin=0.5) |", "diag(u, k=1) |", "diagonal(S, offset=1) |", "triu(S, k=1) |", "solve(S, u) |"})
    void attributesThatTakeAFormAreListed(String call, @Nullable String listed) throws IOException {
        Explained explained = new Explained("y = " + call + "\nf = sum(sin(y))", INPUTS);
        String text = explained.explanation().text();
        assertThat(text.contains(") (∂y/∂")).as(text).isEqualTo(listed != null);
        if (listed != null) {
            assertThat(Files.readString(Path.of("docs/explain.md")).replaceAll("\\s+", " ").replaceAll(".*So it is of ", ""))
                    .contains(listed.split(", "));
        }
    }

    /** Every letter is the name of a node, a function, an index, or explained. */
    @ParameterizedTest
    @MethodSource("definitions")
    void everyLetterIsExplained(OpDefinition op) {
        Explained explained = new Explained(op.example(), op.exampleInputs());
        NamedGraph program = explained.outcome().function().bound().program();
        Set<String> names = new TreeSet<>(KNOWN);
        program.allIds().forEach(id -> names.add(printed(id)));
        OpCatalogue.all().forEach(each -> names.add(each.name()));
        for (Explanation.Entry entry : explained.explanation().ledger()) {
            for (Explanation.Term term : entry.contributions()) {
                if (term.form() != null) {
                    String letters = String.join(" ", term.form().letters());
                    String text = term.form().text() + " " + term.form().letters().stream().filter(each -> each.contains("="))
                            .map(each -> each.split(" = ", 2)[1].replaceAll(",.*|\\(the.*", "")).collect(Collectors.joining(" "));
                    String plain = text.replaceAll("; [a-z_]+=.*?\\)", ")")
                            .replaceAll("_\\{[^}]*\\}|(?<![\\p{L}]{2})_[a-z]{1,2}(?![a-z_])", "")
                            .replaceAll("[∂ᵀ]", " ");
                    Matcher indices = Pattern.compile("_\\{?([a-z, +]+)").matcher(term.form().text().replaceAll(" \\+?= .*", ""));
                    String bound = indices.find() ? indices.group(1) : "";
                    assertThat(SYMBOLS.matcher(plain).results().map(MatchResult::group)).as(term.form().text()).allSatisfy(
                            symbol -> assertThat(names.contains(symbol) || bound.contains(symbol)
                                    || letters.matches("(.*[ ,])?" + Pattern.quote(symbol) + "(_i|_ij)? .*")
                                    || op.attributes().stream().anyMatch(attribute -> attribute.name().equals(symbol))).as(symbol)
                                    .isTrue());
                    assertThat(term.form().text().replaceAll("=\\[+[^)]*|_\\{[^}]*", "").contains("[")).as(term.form().text())
                            .isEqualTo(letters.contains("[…]"));
                }
            }
        }
    }

    @Test
    void anOperandThatIsStretchedGetsASum() {
        Explained explained = new Explained("y = w * x\nf = sum(y)", Map.of("w", Tensor.scalar(2), "x", Tensor.vector(1, 2, 3)));
        assertThat(explained.entryOf("w").latex()).contains("= \\sum \\left(\\frac{\\partial f}{\\partial y} \\odot").endsWith("= 6");
        assertThat(explained.entryOf("x").latex()).doesNotContain("\\sum");
    }

    @Test
    void namesWithASlashAreInParentheses() {
        Explanation explanation = new Explained("f = sigmoid(x)", Map.of("x", Tensor.scalar(1))).gates(Signature.GateForm.Whole.EXPAND)
                .explanation();
        assertThat(explanation.text()).doesNotContain("∂f/∂f/");
        assertThat(explanation.ledger()).filteredOn(entry -> entry.node().contains("/")).isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.latex()).contains("\\left("));
    }

    static Stream<OpDefinition> definitions() {
        return OpCatalogue.all().stream();
    }

    /** Forms can be written of every op. */
    @ParameterizedTest
    @MethodSource("definitions")
    void canBeWrittenForEveryOp(OpDefinition op) {
        for (Language language : Language.values()) {
            Map<String, Tensor> inputs = new LinkedHashMap<>(op.exampleInputs());
            Explanation explanation = new Explained(op.example(), inputs).in(language).explanation();
            assertThat(explanation.ledger()).allSatisfy(entry -> {
                assertThat(entry.latex()).doesNotContain("$", "null");
                assertThat(entry.text()).doesNotContain("{0}", "{0:", "null");
            });
            explanation.ledger().stream().flatMap(entry -> entry.contributions().stream()).filter(term -> term.form() != null)
                    .forEach(term -> assertThat(term.form().text()).as(op.name()).doesNotContain("\\", "$", "null"));
        }
    }
}
