package io.chainrule.process;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Collections;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request that changes nothing, for any number, and what its answer has to be.
 *
 * @param body of a POST for a number; null for a GET
 * @param isRight of the answer and the number
 */
record Question(String name, String path, @Nullable IntFunction<String> body, BiPredicate<JsonNode, Integer> isRight) {
    private static final int LENGTH = 5_000;
    /** The matrix fits into a buffer of the proxy, so that it can be sent again. */
    private static final int SIDE = 60;
    private static final int PRODUCTS = 200;
    /** A model that some of them call: {@code 2x + 1}. */
    static final String LINE = "{\"expression\": \"w * x + b\", \"inputs\": {\"w\": 2, \"b\": 1}}";

    static List<Question> all() {
        return List.of(
                new Question("gradient", "/v1/gradient",
                        i -> "{\"expression\": \"f = x^2 + sum([1, 2] * x)\", \"inputs\": {\"x\": " + i + "}}",
                        (answer, i) -> is(answer.path("value"), (double) i * i + 3 * i) && is(answer.at("/gradients/x"), 2 * i + 3)),
                new Question("model", "/v1/evaluate", i -> "{\"model\": \"line\", \"inputs\": {\"x\": " + i + "}}",
                        (answer, i) -> is(answer.path("value"), 2 * i + 1)),
                new Question("hessian", "/v1/hessian",
                        i -> "{\"expression\": \"sum(x^3)\", \"inputs\": {\"x\": [" + i + ", 1]}, \"format\": \"dense\"}",
                        (answer, i) -> is(answer.at("/hessians/x/x/0/0"), 6 * i) && is(answer.at("/hessians/x/x/1/1"), 6)
                                && is(answer.at("/hessians/x/x/0/1"), 0)),
                new Question("function", "/v1/gradient",
                        i -> "{\"expression\": \"line(u)^2\", \"inputs\": {\"u\": " + i + "}}",
                        (answer, i) -> is(answer.at("/gradients/u"), 4 * (2 * i + 1))),
                new Question("reading", "/v1/models/line:1", null, (answer, _) -> answer.path("version").asInt() == 1),
                new Question("long body", "/v1/gradient", i -> "{\"expression\": \"sum(x)^2\", \"inputs\": {\"x\": ["
                        + IntStream.range(0, LENGTH).mapToObj(k -> k + "." + i).collect(Collectors.joining(", "))
                        + "]}, \"nodes\": \"none\"}",
                        (answer, i) -> answer.at("/gradients/x").size() == LENGTH
                                && isNear(answer.at("/gradients/x/7"),
                                        2 * IntStream.range(0, LENGTH).mapToDouble(k -> fraction(k, i)).sum())),
                new Question("training", "/v1/train",
                        i -> "{\"expression\": \"(w - " + i + ")^2\", \"inputs\": {\"w\": 0}, \"wrt\": [\"w\"], "
                                + "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.5}, \"steps\": 50}",
                        (answer, i) -> is(answer.at("/parameters/w"), i)),
                new Question("work", "/v1/gradient", i -> "{\"expression\": \"y = A\\nfor i in range(" + PRODUCTS
                        + "):\\n  y = tanh(y @ A)\\nf = sum(y)\", \"nodes\": \"none\", \"inputs\": {\"A\": "
                        + Collections.nCopies(SIDE, Collections.nCopies(SIDE, entry(i))) + "}}",
                        (answer, i) -> isNear(answer.path("value"), products(i))));
    }

    private static double fraction(int k, int i) {
        return Double.parseDouble(k + "." + i);
    }

    private static double entry(int i) {
        return Double.parseDouble("0.0166" + (10 + i % 90));
    }

    /** What the product of matrices of equal entries comes to. */
    private static double products(int i) {
        double y = entry(i);
        for (int k = 0; k < PRODUCTS; k++) {
            y = Math.tanh(SIDE * y * entry(i));
        }
        return SIDE * SIDE * y;
    }

    private static boolean is(JsonNode number, double expected) {
        return number.isNumber() && number.asDouble() == expected;
    }

    private static boolean isNear(JsonNode number, double expected) {
        return number.isNumber() && Math.abs(number.asDouble() - expected) <= 1e-9 * Math.abs(expected);
    }

    HttpRequest request(Function<String, URI> addresses, int number) {
        HttpRequest.Builder request = HttpRequest.newBuilder(addresses.apply(path));
        return body == null
                ? request.build()
                : request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body.apply(number))).build();
    }
}
