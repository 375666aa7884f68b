package io.chainrule.load;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One kind of request in the mix.
 *
 * @param seconds what it takes on an idle core
 * @param share the seconds of it that are asked for in each second, where all kinds together ask for about one
 */
record Kind(String name, String path, String body, double seconds, double share) {
    static final String TINY = """
            {"expression": "f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))", "inputs": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}}""";

    /** Products of matrices, which take a time in proportion to {@code rounds}. */
    static String work(int rounds) {
        return """
                {"expression": "A = zeros(shape=[300, 300]) + x\\ny = A\\nfor i in range(%d):\\n  y = tanh(y @ A)\\nf = sum(y)", "nodes": "none",
                "inputs": {"x": 0.01}}"""
                .formatted(rounds);
    }

    static String training(int steps) {
        return """
                {"network": {"input": {"name": "x", "shape": [2]}, "layers": [{"type": "dense", "name": "hidden", "units": 64,
                "activation": "tanh"}, {"type": "dense", "name": "out", "units": 1, "activation": "sigmoid"}],
                "loss": {"type": "binary_cross_entropy", "target": "y"}}, "initializer": {"scheme": "glorot_uniform", "seed": 1},
                "optimizer": {"type": "adam", "lr": 0.01}, "steps": %d,
                "inputs": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}}""".formatted(steps);
    }

    /** What each body has another number for, so that each is a program that nobody has sent before. */
    private static final String NUMBER = "NUMBER";
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** Programs of some thousand nodes, which take longer to compile than to run. */
    static String newProgram() {
        return """
                {"expression": "y = x\\nfor i in range(2000):\\n  y = sin(y) * NUMBER + x\\nf = y", "nodes": "none", "inputs": {"x": 0.01}}""";
    }

    /** The bytes of a request by a client of this name. */
    byte[] request(String client) {
        return Client.request(body.isEmpty() ? "GET" : "POST", path, client,
                body.replace(NUMBER, String.valueOf(NUMBERS.incrementAndGet())));
    }

    /** Whether each request has a body of its own. */
    boolean isAlwaysNew() {
        return body.contains(NUMBER);
    }

    /** A body of two megabytes, which takes little work. */
    static String largeBody() {
        return "{\"expression\": \"sum(x)\", \"nodes\": \"none\", \"inputs\": {\"x\": [" + "0.123456789,".repeat(170_000) + "1]}}";
    }

    Kind taking(double measured) {
        return new Kind(name, path, body, measured, share);
    }
}
