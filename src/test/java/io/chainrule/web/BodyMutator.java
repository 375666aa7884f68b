package io.chainrule.web;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Makes bodies that are nearly right from bodies that are right. */
final class BodyMutator {
    private static final List<String> STRANGE_VALUES = List.of("null", "true", "-1", "0", "1e999", "-0.0", "1e308", "5e-324", "2147483648",
            "99999999999999999999", "0.5", "\"\"", "\"NaN\"", "\"-Infinity\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]",
            "[[1],[2,3]]",
            "[null]", "{\"a\":1}", "[1,2,3]", "[[1,2],[3,4]]",
            "{\"shape\":[2],\"dtype\":\"int32\",\"data\":{\"buffer\":\"AAAAAA==\",\"encoding\":\"base64\"}}",
            "{\"shape\":[1000000000,0],\"dtype\":\"float64\",\"data\":{\"buffer\":[],\"encoding\":\"json\"}}",
            "[".repeat(40) + "]".repeat(40), "[".repeat(2_000) + "]".repeat(2_000), "{\"a\":".repeat(600) + "1" + "}".repeat(600));
    private static final List<String> STRANGE_TEXTS = List.of("(".repeat(20_000), "-".repeat(20_000) + "x", "x^".repeat(5_000) + "x",
            "f = f", "x = 1\nx = x + 1",
            "f(u) = f(u)\nf(1)", "for i in 0:1000000\n  y = x", "f(u) = u * x\ng(u) = f(f(u))\ng(g(x))", "f(u, v) = u[v]\nf(x, x)",
            "f(u) = g(u)\ng(u) = f(u)\ng(x)", "for i in 0:1000000000: x", "for i in 0:9\n  for j in 0:i\n    y = x[i - j]\n y", "for i in",
            "sum(x, axis=99)", "zeros(shape=[100000, 100000])",
            "broadcast_to(x, shape=[3000, 3000])",
            "x[", "'", "\0", "x @ x @ x", "reshape(x, shape=[-1, -1])", "1 / 0", "x[0:-1:0]", "a = b\nb = a", "θ", "x.T.T",
            "stack(x, x, axis=-5)", "");
    private static final List<String> FIELDS = List.of("expression", "graph", "inputs", "output", "wrt", "nodes", "arrays", "cotangent",
            "jacobians", "of", "batch", "reduce",
            "mode", "tangents", "cotangents", "shapes", "id", "op", "attributes", "shape", "value", "axis", "network", "parameters", "seed",
            "layers", "type", "units", "loss",
            "initializer", "__proto__", "");

    private final JsonMapper json = new JsonMapper();
    private final Random random;

    BodyMutator(Random random) {
        this.random = random;
    }

    byte[] mutate(JsonNode body) {
        JsonNode copy = body.deepCopy();
        int rounds = 1 + random.nextInt(2);
        return switch (random.nextInt(10)) {
            case 0 -> damage(copy.toString().getBytes(StandardCharsets.UTF_8), rounds);
            case 1 -> swapTokens(copy.toString(), rounds).getBytes(StandardCharsets.UTF_8);
            case 2 -> {
                String text = copy.toString();
                int at = text.isEmpty() ? 0 : random.nextInt(text.length());
                yield (text.substring(0, at) + pick(STRANGE_VALUES) + text.substring(at)).getBytes(StandardCharsets.UTF_8);
            }
            default -> {
                for (int i = 0; i < rounds; i++) {
                    mutateTree(copy);
                }
                yield copy.toString().getBytes(StandardCharsets.UTF_8);
            }
        };
    }

    private byte[] damage(byte[] bytes, int rounds) {
        byte[] result = bytes;
        for (int i = 0; i < rounds && result.length > 1; i++) {
            int at = random.nextInt(result.length);
            switch (random.nextInt(4)) {
                case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> result[at] = (byte) random.nextInt(256);
                case 2 -> result = Arrays.copyOf(result, at);
                default -> System.arraycopy(result, 0, result, at, Math.min(at, result.length - at));
            }
        }
        return result;
    }

    private String swapTokens(String text, int rounds) {
        List<String> tokens = new ArrayList<>(List.of(text.split("(?<=[\\[\\]{}:,\"])|(?=[\\[\\]{}:,\"])")));
        for (int i = 0; i < rounds; i++) {
            int a = random.nextInt(tokens.size());
            int b = random.nextInt(tokens.size());
            String swapped = tokens.set(a, tokens.get(b));
            tokens.set(b, swapped);
        }
        return String.join("", tokens);
    }

    private void mutateTree(JsonNode root) {
        JsonNode parent = root;
        while (true) {
            List<JsonNode> below = new ArrayList<>();
            for (JsonNode child : parent) {
                if (child.isContainer() && !child.isEmpty()) {
                    below.add(child);
                }
            }
            if (below.isEmpty() || random.nextInt(3) == 0) {
                break;
            }
            parent = pick(below);
        }
        if (parent instanceof ObjectNode object) {
            mutateObject(object);
        } else if (parent instanceof ArrayNode array) {
            mutateArray(array);
        }
    }

    private void mutateObject(ObjectNode object) {
        String name = object.isEmpty() ? pick(FIELDS) : pick(List.copyOf(object.propertyNames()));
        switch (random.nextInt(7)) {
            case 0 -> object.remove(name);
            case 1 -> object.set(pick(FIELDS), object.path(name).deepCopy());
            case 2 -> object.set(name, strangeText());
            case 3 -> object.put(name, edit(object.path(name).asString("x")));
            case 4 -> {
                JsonNode value = object.remove(name);
                object.set(name + "x", value == null ? json.nullNode() : value);
            }
            default -> object.set(name, strangeValue());
        }
    }

    private void mutateArray(ArrayNode array) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(5)) {
            case 0 -> array.remove(at);
            case 1 -> array.add(array.get(at).deepCopy());
            case 2 -> array.set(at, strangeText());
            case 3 -> array.insert(random.nextInt(array.size()), array.get(at).deepCopy());
            default -> array.set(at, strangeValue());
        }
    }

    /** A text with one character lost, doubled or replaced. */
    private String edit(String text) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + random.nextInt(2));
        String inserted = random.nextBoolean()
                ? ""
                : pick(List.of("+", "-", "*", "@", "^", "(", ")", "[", "]", "=", ",", ".", "\n", "x", "0", "1", ":", "'", "π", ";", "\n  ",
                        "f(x)", "\nf(u) = ", "\nfor i in 0:3\n ", "i"));
        return text.substring(0, at) + inserted + text.substring(end);
    }

    private JsonNode strangeText() {
        return json.getNodeFactory().stringNode(pick(STRANGE_TEXTS));
    }

    /** As raw text, since no tree holds 1e999. */
    private JsonNode strangeValue() {
        return json.getNodeFactory().rawValueNode(new RawValue(pick(STRANGE_VALUES)));
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
