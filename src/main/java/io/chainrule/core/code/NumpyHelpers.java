package io.chainrule.core.code;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that NumPy does not have. */
final class NumpyHelpers {
    private static final Map<String, String> HELPERS = new LinkedHashMap<>();

    static {
        for (String name : List.of("erf", "erfc", "lgamma")) {
            HELPERS.put(name, "def " + name + "(x):\n    return np.vectorize(math." + name + ", otypes=[float])(x)");
        }
        HELPERS.put("logsumexp", """
                def logsumexp(x, axis=None, keepdims=False):
                    m = np.max(x, axis=axis, keepdims=True)
                    s = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m
                    return s if keepdims else np.squeeze(s, axis=axis)""");
        HELPERS.put("softmax", """
                def softmax(x, axis):
                    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                    return e / np.sum(e, axis=axis, keepdims=True)""");
        HELPERS.put("log_softmax", """
                def log_softmax(x, axis):
                    d = x - np.max(x, axis=axis, keepdims=True)
                    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))""");
        HELPERS.put("add_along", """
                def add_along(indices, updates, length, axis):
                    shape = list(updates.shape)
                    shape[axis] = length
                    total = np.zeros(shape)
                    at = list(np.indices(updates.shape))
                    at[axis] = np.broadcast_to(indices, updates.shape).astype(int)
                    np.add.at(total, tuple(at), updates)
                    return total""");
        HELPERS.put("argsort", """
                def argsort(x, axis, descending):
                    return np.argsort(-x if descending else x, axis=axis, kind="stable")""");
        HELPERS.put("arg_extremum", """
                def arg_extremum(x, axis, sign):
                    x = np.moveaxis(sign * x, axis, 0)
                    y = np.zeros(x.shape)
                    for i in range(1, len(x)):
                        m = np.take_along_axis(x, y[i - 1][None].astype(int), 0)[0]
                        y[i] = np.where((x[i] > m) | (np.isnan(x[i]) & ~np.isnan(m)), i, y[i - 1])
                    return np.moveaxis(y, 0, axis)""");
        HELPERS.put("signs", """
                def signs(u):
                    largest = np.take_along_axis(u, np.argmax(np.abs(u), axis=-2)[..., None, :], axis=-2)
                    return np.where(largest < 0, -1.0, 1.0)""");
        HELPERS.put("eigenvectors", """
                def eigenvectors(x):
                    v = np.linalg.eigh(symmetric(x))[1]
                    return v * signs(v)""");
        HELPERS.put("singular_vectors", """
                def singular_vectors(x):
                    u, s, vh = np.linalg.svd(x, full_matrices=False)
                    return u * signs(u), np.swapaxes(signs(u), -1, -2) * vh""");
        HELPERS.put("triangle", """
                def triangle(x, lower, trans, unit):
                    t = np.tril(x) if lower else np.triu(x)
                    t = np.where(np.eye(t.shape[-1]) == 1, 1.0, t) if unit else t
                    return np.swapaxes(t, -1, -2) if trans else t""");
        HELPERS.put("symmetric", "def symmetric(x):\n    return (x + np.swapaxes(x, -1, -2)) / 2");
        HELPERS.put("logdet", """
                def logdet(x):
                    sign, log = np.linalg.slogdet(x)
                    return np.where(sign < 0, np.nan, log)""");
        HELPERS.put("cofactor", """
                def cofactor(x):
                    return np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)""");
        HELPERS.put("solve", """
                def solve(a, b):
                    if b.ndim == 1 or b.shape == a.shape[:-1]:
                        return np.linalg.solve(a, b[..., None])[..., 0]
                    return np.linalg.solve(a, b)""");
    }

    private final Names names;
    private final Map<String, String> called = new HashMap<>();
    private final StringBuilder written = new StringBuilder();

    NumpyHelpers(Names names) {
        this.names = names;
    }

    /** The name of a function, which is written when it is first asked for; of others their own name. */
    String function(String wanted) {
        String text = HELPERS.get(wanted);
        String known = called.get(wanted);
        if (text == null || known != null) {
            return known == null ? wanted : known;
        }
        String name = names.of(wanted);
        called.put(wanted, name);
        String own = Templates.calls(text, this::function);
        written.append(own).append("\n\n\n");
        return name;
    }

    /** The functions that were asked for, each after those that it calls. */
    String text() {
        return written.toString();
    }
}
