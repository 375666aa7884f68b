package io.chainrule.web;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes bodies from bodies that are right whose form stays right, so that most of them reach what parses, binds and runs programs. */
final class ValidBodyMutator {
    private static final JsonNodeFactory NODES = new JsonMapper().getNodeFactory();
    private static final Pattern TOKEN = Pattern.compile("[\\p{L}_]\\w*|\\d+(\\.\\d+)?|\\*\\*|//|[<>=!]=|\\s+|.");
    private static final double[] NUMBERS = {0, -0.0, 1, -1, 2, 0.5, 1e-8, -1e8, 1e16, 1e154, 1e308, -1e308, Double.MIN_VALUE, 1e-160,
            Math.PI, 709.8, -745.2,
            Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    private static final List<String> TOKENS = List.of("+", "-", "*", "/", "@", "^", "//", "%", "(", ")", "[0]", "[-1]", "[:, 0]", ".T",
            "0", "1",
            "2", "1e300", "0.5", "x", "f", "\n", "=", " < ", "sum", "mean", "exp", "log", "sqrt", "tanh", "relu", "sigmoid", "softmax",
            "abs", "max",
            "norm", "cumsum", "sort", "inv", "det", "solve", "cholesky", "qr_q", "svd", "eigh", "transpose", "outer", "where", "sin", "erf",
            "logsumexp");
    private static final List<String> WRAPPERS = List.of("sum", "exp", "log", "sqrt", "tanh", "norm", "logsumexp", "det", "inv", "softmax",
            "sort",
            "abs", "relu", "mean", "var", "max", "trace", "cumsum", "lgamma", "erf", "atan");
    private static final List<List<String>> OPTIONS = List.of(List.of("gates", "expand", "collapse", "keep"),
            List.of("nodes", "all", "none", "named"),
            List.of("lang", "en", "ko"), List.of("diagnostics", "none", "all"), List.of("jacobians", "none", "all"),
            List.of("mode", "forward", "reverse"),
            List.of("format", "coo", "dense", "svg", "dot", "tikz", "mermaid", "latex", "numpy"), List.of("reduce", "sum", "mean"));

    private final Random random;

    ValidBodyMutator(Random random) {
        this.random = random;
    }

    JsonNode mutate(JsonNode body, JsonNode other) {
        ObjectNode copy = (ObjectNode) body.deepCopy();
        int rounds = 1 + random.nextInt(3);
        for (int i = 0; i < rounds; i++) {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4, 5 -> changeNumber(copy);
                case 6, 7, 8 -> changeText(copy);
                case 9, 10, 11 -> wrap(copy);
                case 12 -> reshape(copy);
                case 13 -> setOption(copy);
                case 14 -> swap(copy);
                default -> borrow(copy, other);
            }
        }
        return copy;
    }

    /** A program that is right and takes some tenths of a second, or is refused for what it would take. */
    JsonNode costly() {
        int size = 1 << (2 + random.nextInt(6));
        int steps = 1 << random.nextInt(14);
        ObjectNode body = NODES.objectNode();
        body.put("expression", "y = A\nfor i in range(" + steps + "):\n  y = tanh(y @ A)\nf = sum(y)").put("nodes", "none").put("jacobians",
                "none");
        ArrayNode row = NODES.arrayNode();
        Collections.nCopies(size, 0.01).forEach(row::add);
        ArrayNode matrix = NODES.arrayNode();
        Collections.nCopies(size, row).forEach(matrix::add);
        body.set("inputs", NODES.objectNode().set("A", matrix));
        return body;
    }

    private record Place(JsonNode parent, String name, int index) {
        JsonNode get() {
            return parent instanceof ArrayNode array ? array.get(index) : parent.path(name);
        }

        void set(JsonNode value) {
            if (parent instanceof ArrayNode array) {
                array.set(index, value);
            } else if (parent instanceof ObjectNode object) {
                object.set(name, value);
            }
        }
    }

    private static List<Place> places(JsonNode root) {
        List<Place> places = new ArrayList<>();
        for (String name : root.isObject() ? List.copyOf(root.propertyNames()) : List.<String>of()) {
            places.add(new Place(root, name, -1));
            places.addAll(places(root.path(name)));
        }
        for (int i = 0; root.isArray() && i < root.size(); i++) {
            places.add(new Place(root, "", i));
            places.addAll(places(root.get(i)));
        }
        return places;
    }

    private void changeNumber(JsonNode body) {
        List<Place> numbers = places(body).stream().filter(place -> place.get().isNumber()).toList();
        if (!numbers.isEmpty()) {
            Place place = pick(numbers);
            double value = random.nextInt(3) == 0 ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextGaussian() * 4;
            // Counts and axes stay whole numbers now and then.
            boolean isWhole = place.get().isIntegralNumber() && random.nextInt(4) > 0;
            place.set(isWhole
                    ? NODES.numberNode(random.nextInt(-2, 6))
                    : Double.isFinite(value) ? NODES.numberNode(value) : NODES.stringNode(String.valueOf(value)));
        }
    }

    private void changeText(ObjectNode body) {
        if (body.path("expression").isString()) {
            List<String> tokens = new ArrayList<>(
                    TOKEN.matcher(body.path("expression").asString()).results().map(MatchResult::group).toList());
            if (!tokens.isEmpty()) {
                int at = random.nextInt(tokens.size());
                switch (random.nextInt(5)) {
                    case 0 -> tokens.remove(at);
                    case 1 -> tokens.add(at, tokens.get(random.nextInt(tokens.size())));
                    case 2 -> Collections.swap(tokens, at, random.nextInt(tokens.size()));
                    case 3 -> tokens.add(at, pick(TOKENS));
                    default -> tokens.set(at, pick(TOKENS));
                }
            }
            body.put("expression", String.join("", tokens));
        } else {
            swap(body);
        }
    }

    /** Applies an op to the right side of a statement. */
    private void wrap(ObjectNode body) {
        if (body.path("expression").isString()) {
            String[] lines = body.path("expression").asString().split("\n", -1);
            int at = random.nextInt(lines.length);
            int equals = lines[at].indexOf('=');
            if (!lines[at].strip().startsWith("for")) {
                lines[at] = lines[at].substring(0, equals + 1) + " " + pick(WRAPPERS) + "(" + lines[at].substring(equals + 1).strip() + ")";
            }
            body.put("expression", String.join("\n", lines));
        } else {
            List<Place> ops = places(body).stream().filter(place -> place.name().equals("op") || place.name().equals("activation"))
                    .toList();
            if (!ops.isEmpty()) {
                pick(ops).set(NODES.stringNode(pick(WRAPPERS)));
            }
        }
    }

    private void reshape(ObjectNode body) {
        List<Place> arrays = places(body).stream().filter(place -> place.get().isArray() && !place.get().isEmpty()).toList();
        if (!arrays.isEmpty()) {
            Place place = pick(arrays);
            ArrayNode array = (ArrayNode) place.get();
            switch (random.nextInt(5)) {
                case 0 -> array.add(array.get(0).deepCopy());
                case 1 -> array.remove(random.nextInt(array.size()));
                case 2 -> place.set(NODES.arrayNode().add(array.deepCopy()));
                case 3 -> place.set(array.get(0));
                default -> {
                    JsonNode element = array.get(0);
                    int many = 1 + random.nextInt(200);
                    for (int i = 0; i < many; i++) {
                        array.add(element.deepCopy());
                    }
                }
            }
        }
    }

    private void setOption(ObjectNode body) {
        List<String> option = pick(OPTIONS);
        switch (random.nextInt(8)) {
            case 0 -> body.put("digits", random.nextBoolean());
            case 1 -> body.put("order", random.nextInt(5));
            // These are taken by most endpoints.
            case 2, 3 -> body.put("lang", "ko");
            case 4 -> body.put("gates", random.nextBoolean() ? "expand" : "collapse");
            default -> body.put(option.getFirst(), option.get(1 + random.nextInt(option.size() - 1)));
        }
    }

    /** Swaps two values of one kind, wherever they stand. */
    private void swap(ObjectNode body) {
        List<Place> places = places(body);
        Place one = pick(places);
        List<Place> alike = places.stream().filter(place -> place.get().getNodeType() == one.get().getNodeType()).toList();
        Place other = pick(alike);
        JsonNode value = one.get().deepCopy();
        one.set(other.get().deepCopy());
        other.set(value);
    }

    /** Takes a field of another request. */
    private void borrow(ObjectNode body, JsonNode other) {
        String name = pick(List.copyOf(other.propertyNames()));
        if (body.has(name)) {
            body.set(name, other.path(name).deepCopy());
        } else {
            changeNumber(body);
        }
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
