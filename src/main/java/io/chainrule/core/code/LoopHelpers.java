package io.chainrule.core.code;

import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpCode;
import io.chainrule.core.op.OpDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Functions of numbers that some languages lack, in the subset that C, Java and JavaScript share. */
final class LoopHelpers {
    private static final Map<String, List<String>> FUNCTIONS = new LinkedHashMap<>();
    /** No language has these. */
    private static final List<String> OWN = List.of("relu", "log_add_exp", "python_mod", "floor_div");

    static {
        put("log_add_exp", "a b", """
                double m = a > b ? a : b;
                return a == b ? a + 0.6931471805599453 : m + log1p(exp(-fabs(a - b)));""");
        put("python_mod", "a b", """
                double r = fmod(a, b);
                return r != 0.0 && (r < 0.0) != (b < 0.0) ? r + b : r;""");
        put("floor_div", "a b", """
                double r = fmod(a, b);
                return b == 0.0 ? a / b : rint((a - r) / b) - (r != 0.0 && (r < 0.0) != (b < 0.0) ? 1.0 : 0.0);""");
        put("relu", "x", "return x <= 0.0 ? 0.0 : x;");
        put("rint", "x", """
                double f = floor(x);
                double d = x - f;
                return d < 0.5 ? f : d > 0.5 ? f + 1.0 : fmod(f, 2.0) == 0.0 ? f : f + 1.0;""");
        put("fmod", "a b", "return a % b;");
        put("copysign", "a b", """
                double m = fabs(a);
                return b < 0.0 || 1.0 / b < 0.0 ? -m : m;""");
        put("trunc", "x", "return x < 0.0 ? ceil(x) : floor(x);");
        put("log2", "x", "return log(x) / 0.6931471805599453;");
        put("asinh", "x", """
                double a = fabs(x);
                double v = log1p(a + a * a / (1.0 + sqrt(1.0 + a * a)));
                return x < 0.0 ? -v : v;""");
        put("acosh", "x", "return log1p(x - 1.0 + sqrt((x - 1.0) * (x + 1.0)));");
        put("atanh", "x", "return 0.5 * log1p(2.0 * x / (1.0 - x));");
        put("erf", "x", """
                double a = fabs(x);
                double t = a;
                double s = a;
                for (int i = 1; i < 100; i++) {
                    t = t * 2.0 * a * a / (2.0 * i + 1.0);
                    s = s + t;
                }
                double v = a > 6.0 ? 1.0 : 1.1283791670955126 * exp(-a * a) * s;
                return x < 0.0 ? -v : v;""");
        put("erfc", "x", """
                double f = x;
                for (int i = 150; i > 0; i--) {
                    f = x + 0.5 * i / f;
                }
                return x < 2.0 ? 1.0 - erf(x) : exp(-x * x) / (1.772453850905516 * f);""");
        put("lgamma", "x", """
                if (x < 0.5) {
                    return log(3.141592653589793 / fabs(sin(3.141592653589793 * x))) - lgamma(1.0 - x);
                }
                double z = x - 1.0;
                double s = 0.99999999999980993 + 676.5203681218851 / (z + 1.0) - 1259.1392167224028 / (z + 2.0)
                        + 771.32342877765313 / (z + 3.0) - 176.61502916214059 / (z + 4.0) + 12.507343278686905 / (z + 5.0)
                        - 0.13857109526572012 / (z + 6.0) + 9.9843695780195716e-6 / (z + 7.0) + 1.5056327351493116e-7 / (z + 8.0);
                double t = z + 7.5;
                return 0.9189385332046727 + (z + 0.5) * log(t) - t + log(s);""");
    }

    private final Dialect dialect;
    private final Names names;
    private final Map<String, String> called = new HashMap<>();
    private final StringBuilder written = new StringBuilder();

    LoopHelpers(Dialect dialect, Names names) {
        this.dialect = dialect;
        this.names = names;
    }

    private static void put(String name, String parameters, String body) {
        FUNCTIONS.put(name, List.of(parameters, body));
    }

    /** All functions that some code of an op calls, or that one of these does. */
    static Set<String> called() {
        return Called.ALL;
    }

    /** Found on first use, when the ops are known. */
    private static final class Called {
        static final Set<String> ALL = Stream.concat(
                OpCatalogue.all().stream().map(OpDefinition::code).filter(Objects::nonNull).map(OpCode::text).filter(Objects::nonNull),
                FUNCTIONS.values().stream().map(List::getLast)).flatMap(Templates::called).filter(name -> !OWN.contains(name))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** How the code calls a function of numbers, which has the name of C's; a helper is written if the language lacks it. */
    String function(String name) {
        String own = OWN.contains(name) ? null : dialect.function(name);
        List<String> helper = FUNCTIONS.get(name);
        return own != null
                ? own
                : helper == null
                        ? name
                        : function(name, "double", Stream.of(helper.getFirst().split(" ")).map(parameter -> "double " + parameter).toList(),
                                helper.getLast());
    }

    /** The name of a helper, which is written when it is first asked for. The name may differ from the wanted one. */
    String function(String wanted, String result, List<String> parameters, String body) {
        String known = called.get(wanted);
        if (known != null) {
            return known;
        }
        String name = names.of(wanted);
        called.put(wanted, name);
        written.append(dialect.helper(result, name, parameters, Templates.calls(body, this::function)));
        return name;
    }

    /** The helpers that were asked for, each after those that it calls. */
    String text() {
        return written.toString();
    }
}
