package io.chainrule.core.graph;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Tells what a name without a value may mean. */
public final class MissingInput {
    private static final Set<String> NOTHING = Set.of("None", "none", "null", "NULL", "Null", "nil", "undefined", "NA", "nullptr");
    private static final Set<String> UNITS = Set.of("kg", "km", "cm", "mm", "ms", "Hz", "kHz", "MHz", "GHz", "eV", "keV", "mol", "rad",
            "deg");

    private MissingInput() {}

    /** Returns what to do about an input of this name that has no value. {@code given} are the names that have one. */
    public static String hint(String name, Collection<String> given) {
        Optional<String> constant = constant(name);
        if (constant.isPresent()) {
            return "write " + constant.get();
        } else if (NOTHING.contains(name)) {
            return "there is no " + name + " here; every name has a number or an array";
        } else if (UNITS.contains(name)) {
            return "units are not read; leave " + name + " out, or add \"" + name + "\" to inputs";
        }
        if (name.equals("T")) {
            return "the transpose of x is x.T; else add \"T\" to inputs";
        }
        return Nearest.name(name, given).map(other -> "inputs has '" + other + "'; is that what '" + name + "' means?")
                .orElse(name.equals("E")
                        ? "for Euler's number write e; else add \"E\" to inputs"
                        : name.equals("i") || name.equals("j")
                                ? "there are no complex numbers; add \"" + name + "\" to inputs if it is a number"
                                : "add \"" + name + "\" to inputs");
    }

    /** The constant of the language that other languages write with these letters. */
    public static Optional<String> constant(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "pi" -> Optional.of("pi");
            case "inf", "infinity", "infty" -> Optional.of("inf");
            case "nan" -> Optional.of("nan");
            case "true" -> Optional.of("true");
            case "false" -> Optional.of("false");
            default -> Optional.empty();
        };
    }
}
