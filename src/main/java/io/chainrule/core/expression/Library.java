package io.chainrule.core.expression;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The functions of another library, or the methods of its arrays, and what they mean here. They are read from a table in this package's
 * resources, whose form {@code docs/how-to/add-a-function-of-another-library.md} describes.
 */
final class Library {
    private static final Map<String, String> TABLES = Map.ofEntries(Map.entry("", "bare"), Map.entry("np", "numpy"),
            Map.entry("numpy", "numpy"), Map.entry("np.linalg", "numpy.linalg"), Map.entry("numpy.linalg", "numpy.linalg"),
            Map.entry("math", "math"), Map.entry("torch", "torch"), Map.entry("torch.linalg", "torch.linalg"),
            Map.entry("torch.special", "torch.special"), Map.entry("F", "functional"), Map.entry("nn.functional", "functional"),
            Map.entry("torch.nn.functional", "functional"), Map.entry("jnp", "jax.numpy"), Map.entry("jax.numpy", "jax.numpy"),
            Map.entry("jnp.linalg", "jax.numpy.linalg"), Map.entry("jax.numpy.linalg", "jax.numpy.linalg"), Map.entry("jax.nn", "jax.nn"),
            Map.entry("nn", "jax.nn"), Map.entry("jax.scipy.special", "scipy.special"), Map.entry("scipy.special", "scipy.special"),
            Map.entry("special", "scipy.special"), Map.entry("tf", "tf"), Map.entry("tf.math", "tf"), Map.entry("tensorflow", "tf"),
            Map.entry("tf.nn", "tf.nn"), Map.entry("tensorflow.nn", "tf.nn"));
    private static final Set<String> CONSTANT_PREFIXES = Set.of("np", "numpy", "math", "torch", "jnp", "jax.numpy", "scipy");
    private static final Set<String> FLOATS = Set.of("float", "double", "float32", "float64", "float_");
    private static final Set<String> PYTHON_TYPES = Set.of("float", "int", "bool", "complex");
    private static final Set<String> TYPES = Set.of("float", "double", "float16", "float32", "float64", "float_", "half", "int", "int8",
            "int16", "int32",
            "int64", "uint8", "long", "bool", "bool_", "complex", "complex64", "complex128");
    private static final Pattern NAMES = Pattern.compile("[ ,]+");
    private static final Map<String, Library> READ = new ConcurrentHashMap<>();

    private final String name;
    private final Map<String, List<LibraryFunction>> functions = new LinkedHashMap<>();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private final Map<String, String> remarks = new LinkedHashMap<>();
    private final Set<String> copies = new HashSet<>();

    private Library(String name) {
        this.name = name;
    }

    /** The library whose functions are called with this prefix, such as {@code np.linalg}; null if there is none. */
    static @Nullable Library of(String prefix) {
        String table = TABLES.get(prefix);
        return table == null ? null : table(table);
    }

    /** Names without a prefix that ops of the catalogue do not have. */
    static Library bare() {
        return table("bare");
    }

    /** The methods of NumPy's arrays, and those that only PyTorch's have. */
    static Library methods() {
        return table("tensor");
    }

    static Library table(String table) {
        Library known = READ.get(table);
        if (known != null) {
            return known;
        }
        Library read = new Library(table);
        read.read(table);
        READ.put(table, read);
        return read;
    }

    /** The names of all tables. */
    static Set<String> tables() {
        Set<String> tables = new TreeSet<>(TABLES.values());
        tables.addAll(List.of("ndarray", "tensor"));
        return tables;
    }

    /** The prefixes with which functions of a table are called, the shortest first; none for methods and for the table of bare names. */
    static List<String> prefixes(String table) {
        return TABLES.entrySet().stream().filter(entry -> entry.getValue().equals(table) && !entry.getKey().isEmpty())
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder())).toList();
    }

    /** Returns the value of a constant such as {@code np.pi}. */
    static OptionalDouble constant(String path) {
        int dot = path.lastIndexOf('.');
        if (dot < 0 || !CONSTANT_PREFIXES.contains(path.substring(0, dot))) {
            return OptionalDouble.empty();
        }
        String constant = path.substring(dot + 1);
        return constant.equals("tau") ? OptionalDouble.of(2 * Math.PI) : Names.constant(constant);
    }

    /** Whether a path such as {@code float} or {@code np.int64} names a type of numbers. */
    static boolean isType(String path) {
        int dot = path.lastIndexOf('.');
        return TYPES.contains(path.substring(dot + 1))
                && (dot < 0 ? PYTHON_TYPES.contains(path) : TABLES.containsKey(path.substring(0, dot)));
    }

    /** Whether a type is one of floats, all of which are float64 here. */
    static boolean isFloat(String type) {
        return FLOATS.contains(type.substring(type.lastIndexOf('.') + 1));
    }

    /** Whether a name is a library, or one of its packages, even if none of its functions is known here. */
    static boolean isPackage(String first) {
        return TABLES.keySet().stream().anyMatch(prefix -> prefix.equals(first) || prefix.startsWith(first + "."));
    }

    /** Whether a path such as {@code np.newaxis} means None. */
    static boolean isNewAxis(String path) {
        return path.endsWith(".newaxis") && CONSTANT_PREFIXES.contains(path.substring(0, path.length() - ".newaxis".length()));
    }

    /** The name of the table. */
    String name() {
        return name;
    }

    /** The forms of a function, the first of which that fits is meant; empty if it has none. */
    List<LibraryFunction> forms(String function) {
        return functions.getOrDefault(function, List.of());
    }

    /** Why a function, or some of its forms, cannot be expressed here, and what to write instead; null if nothing is known. */
    @Nullable
    String refusal(String function) {
        return refused.get(function);
    }

    /** What a user of a function may not expect; null if there is nothing. */
    @Nullable
    String remark(String function) {
        return remarks.get(function);
    }

    /** Whether a function answers its operand as an array of its own, which shares no elements with it. */
    boolean copies(String function) {
        return copies.contains(function);
    }

    boolean has(String function) {
        return functions.containsKey(function) || refused.containsKey(function);
    }

    Map<String, String> refusals() {
        return refused;
    }

    /** The functions that have a meaning here. */
    Set<String> names() {
        return functions.keySet();
    }

    private void read(String table) {
        for (String entry : entries(table)) {
            if (entry.startsWith("include ")) {
                include(table(entry.substring("include ".length()).strip()));
            } else if (entry.startsWith("copies ")) {
                copies.addAll(List.of(NAMES.split(entry.substring("copies ".length()).strip(), -1)));
            } else if (entry.startsWith("!") || entry.startsWith("?")) {
                int colon = entry.indexOf(':');
                for (String function : NAMES.split(entry.substring(1, colon).strip(), -1)) {
                    (entry.startsWith("!") ? refused : remarks).put(function, entry.substring(colon + 1).strip());
                }
            } else {
                LibraryFunction.read(entry).forEach((function, form) -> {
                    if (form.isFirst(functions.get(function), table)) {
                        functions.put(function, new ArrayList<>());
                    }
                    functions.computeIfAbsent(function, _ -> new ArrayList<>()).add(form.of(table));
                });
            }
        }
    }

    private void include(Library other) {
        other.functions.forEach((function, forms) -> functions.putIfAbsent(function, forms));
        other.refused.forEach(refused::putIfAbsent);
        other.remarks.forEach(remarks::putIfAbsent);
        copies.addAll(other.copies);
    }

    /** The entries of a table: lines, each with the indented lines that continue it, without comments. */
    private static List<String> entries(String table) {
        List<String> entries = new ArrayList<>();
        try (InputStream in = Library.class.getResourceAsStream(table + ".txt")) {
            if (in == null) {
                throw new IllegalStateException("no table " + table);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                boolean isEntry = !line.startsWith("#") && !line.isBlank();
                if (isEntry && Character.isWhitespace(line.charAt(0))) {
                    entries.add(entries.removeLast() + " " + line.strip());
                } else if (isEntry) {
                    entries.add(line.strip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }
}
