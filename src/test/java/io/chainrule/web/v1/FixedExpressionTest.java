package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Where an answer shows a mended expression, it works, and the edits lead to it. */
class FixedExpressionTest extends HttpTest {
    private static final int MUTANTS = 600;
    private static final long SEED = 20_261_125;
    private static final String INPUTS = """
            {"a": 1.5, "b": 0.7, "x": [0.7, -1.3, 2.1], "y": [1.1, 0.4, -0.6], "A": [[2.0, 0.3], [-0.8, 1.5]], "weights": [1, 2, 3]}""";

    /** An answer, and the one to the mended expression, if there is one. */
    private record Answers(HttpResponse<String> first, @Nullable String fixed, @Nullable HttpResponse<String> second) {}

    @Test
    void theMendedFormOfEachRefusedProgramWorks() throws IOException {
        List<String> failures = new ArrayList<>();
        int mended = 0;
        for (JsonNode program : programs("refused")) {
            Answers answers = post(program.get("expression").asString(), program.get("inputs"), failures);
            mended += answers.fixed == null ? 0 : 1;
        }
        assertThat(failures).isEmpty();
        assertThat(mended).isGreaterThan(20);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '"', textBlock = """
            # edits are counted in code points, in lines of any kind
            "q = '𝒳' if a else a⏎tanhh(x)"  ¦ ""
            "# 𝒳𝒴 𝒵⏎tanhh(x)"              ¦ "# 𝒳𝒴 𝒵⏎tanh(x)"
            "𝒳 = 2; 𝒳 * tanhh(x)"          ¦ "𝒳 = 2; 𝒳 * tanh(x)"
            "z = a␍⏎tanhh(x) * z"           ¦ "z = a␍⏎tanh(x) * z"
            "z = a␍tanhh(x) * z"            ¦ "z = a␍tanh(x) * z"
            "z = tanhh(x)⏎z + sigmoidd(y)⏎" ¦ "z = tanh(x)⏎z + sigmoid(y)⏎"
            "ｓｕｍ（ｘ"                      ¦ "ｓｕｍ（ｘ)"
            "ｔａｎｈｈ（ｘ）"                 ¦ "tanh（ｘ）"
            "let z = a⏎var w = b⏎z * w"     ¦ "z = a⏎w = b⏎z * w"
            "a && b ≤ 2"                    ¦ "a and b ≤ 2"
            "Math.exp(a) + Math.PI"         ¦ "exp(a) + pi"
            "\\frac{a}{b} + \\sin(a)"       ¦ "((a)/(b)) + sin(a)"
            "sin^2(a) + cos^2(a)"           ¦ "sin(a)^2 + cos(a)^2"
            "[1 2; 3 4] @ [a, b]"           ¦ "[[1, 2], [3, 4]] @ [a, b]"
            """)
    void editsLeadToTheMendedForm(String text, String mended) {
        List<String> failures = new ArrayList<>();
        Answers answers = post(text.replace('⏎', '\n').replace('␍', '\r'), JSON.readTree(INPUTS), failures);
        assertThat(failures).isEmpty();
        assertThat(Objects.requireNonNullElse(answers.fixed, "").replace('\n', '⏎').replace('\r', '␍')).isEqualTo(mended);
    }

    /** Of programs with one slip, most are mended to what they were, and none to anything else. */
    @Test
    void aSlipIsMendedToWhatWasMeantOrNotAtAll() throws IOException {
        List<JsonNode> accepted = programs("accepted");
        Random random = new Random(SEED);
        ProgramMutator mutator = new ProgramMutator(random);
        List<String> failures = new ArrayList<>();
        int mended = 0;
        int slips = 0;
        while (slips < MUTANTS) {
            JsonNode program = accepted.get(random.nextInt(accepted.size()));
            String text = program.get("expression").asString();
            String slip = mutator.mutate(text);
            if (slip == null || slip.equals(text)) {
                continue;
            }
            Answers answers = post(slip, program.get("inputs"), failures);
            if (answers.first.statusCode() == 200) {
                continue;
            }
            slips++;
            JsonNode error = json(answers.first).at("/errors/0");
            if (!error.has("hint") && !error.has("expected")) {
                failures.add(slip + " ⟶ no hint: " + error);
            }
            if (answers.second != null && answers.second.statusCode() == 200) {
                mended++;
                if (!isClose(json(answers.second).get("value"), program.get("value"))) {
                    failures.add(text + " ⟶ " + slip + " ⟶ " + answers.fixed + ", which has another value");
                }
            }
        }
        assertThat(failures).isEmpty();
        assertThat((double) mended / slips).isGreaterThan(0.7);
    }

    /** Posts a program and what it is mended to, and notes where one does not lead to the other. */
    private Answers post(String text, JsonNode inputs, List<String> failures) {
        HttpResponse<String> first = evaluate(text, inputs);
        if (first.statusCode() >= 500) {
            failures.add(text + " ⟶ " + first.body());
        }
        JsonNode answer = json(first);
        if (!answer.has("fixed_expression")) {
            return new Answers(first, null, null);
        }
        String fixed = answer.get("fixed_expression").asString();
        if (!applied(text, answer.get("edits")).equals(fixed)) {
            failures.add(text + " ⟶ " + answer.get("edits") + " do not lead to " + fixed);
        }
        HttpResponse<String> second = evaluate(fixed, inputs);
        if (second.statusCode() != 200) {
            failures.add(text + " ⟶ " + fixed + " ⟶ " + second.body());
        }
        return new Answers(first, fixed, second);
    }

    private HttpResponse<String> evaluate(String text, JsonNode inputs) {
        return post("/v1/evaluate", JSON.writeValueAsString(Map.of("expression", text, "inputs", inputs)));
    }

    /** Applies edits from the last to the first, as a page would. */
    private static String applied(String text, JsonNode edits) {
        StringBuilder edited = new StringBuilder(text);
        for (int i = edits.size() - 1; i >= 0; i--) {
            JsonNode edit = edits.get(i);
            int start = 0;
            for (int line = 1; line < edit.get("line").asInt(); start++) {
                boolean isReturn = text.charAt(start) == '\r' && !text.startsWith("\n", start + 1);
                line += text.charAt(start) == '\n' || isReturn ? 1 : 0;
            }
            start = text.offsetByCodePoints(start, edit.get("column").asInt() - 1);
            edited.replace(start, text.offsetByCodePoints(start, edit.get("length").asInt()), edit.get("text").asString());
        }
        return edited.toString();
    }

    private static List<JsonNode> programs(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(FixedExpressionTest.class.getResourceAsStream("/notation/" + file + ".json"))) {
            return List.copyOf(JSON.readTree(in).values());
        }
    }

    private static boolean isClose(JsonNode actual, JsonNode expected) {
        if (actual.isArray() || expected.isArray()) {
            boolean isClose = actual.size() == expected.size();
            for (int i = 0; isClose && i < actual.size(); i++) {
                isClose = isClose(actual.get(i), expected.get(i));
            }
            return isClose;
        }
        double a = number(actual);
        double b = number(expected);
        return Double.compare(a, b) == 0 || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
    }

    private static double number(JsonNode node) {
        return node.isNumber() ? node.asDouble() : node.isBoolean() ? node.asBoolean() ? 1 : 0 : Double.parseDouble(node.asString());
    }
}
