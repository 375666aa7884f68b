package io.chainrule.core.op;

import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How messages speak of attributes. The owner is what has them: {@code conv2d 'c1'}, {@code optimizer adam}. */
public enum Wording {
    /** Of ops, layers, losses and initializers: "conv2d attribute 'groups' is at least 1, not 0". */
    ATTRIBUTE("attribute", ProblemCode.BAD_ATTRIBUTE),
    /** Of the parts of a training: "optimizer adam takes for 'lr' a number from 0, not -1.0". */
    OPTION("option", ProblemCode.INVALID_VALUE);

    private static final int LONGEST_QUOTE = 80;

    private final String noun;
    private final ProblemCode code;

    Wording(String noun, ProblemCode code) {
        this.noun = noun;
        this.code = code;
    }

    Problem unknown(String owner, String name, List<String> known) {
        return problem(owner, name, "has no " + noun + " '" + name + "'")
                .expected(known.isEmpty() ? "no " + noun + "s" : "one of " + known, name)
                .hint(Nearest.hint(name, known).orElse(null));
    }

    Problem missing(String owner, Attribute attribute) {
        return this == ATTRIBUTE
                ? problem(owner, attribute.name(), "needs attribute '" + attribute.name() + "'")
                        .expected(attribute.type().description(), "nothing")
                : problem(owner, attribute.name(), "takes for '" + attribute.name() + "' " + wanted(attribute))
                        .expected(wanted(attribute), "nothing");
    }

    Problem illTyped(String owner, Attribute attribute, Object value) {
        if (this == OPTION) {
            return wrong(owner, attribute.name(), wanted(attribute), wanted(attribute), value);
        }
        String type = attribute.type().description();
        return said(owner, attribute.name(), "is not a " + type).expected(type, shortened(value));
    }

    /** A value of the right type that the attribute's constraint does not allow. */
    Problem outside(String owner, Attribute attribute, Constraint constraint, Object value) {
        return this == ATTRIBUTE ? outside(owner, attribute.name(), constraint, value) : illTyped(owner, attribute, value);
    }

    Problem outside(String owner, String name, Constraint constraint, Object value) {
        String text = constraint.text();
        return switch (constraint) {
            case Constraint.Range _ -> wrong(owner, name, "is " + text, text, value);
            case Constraint.Choice choice -> said(owner, name, "is " + text).expected(text, shortened(value))
                    .hint(Nearest.hint(String.valueOf(value), choice.names()).orElse(null));
        };
    }

    /** Breaks a rule, of which the message says all but the value. */
    Problem wrong(String owner, String name, String rule, String expected, @Nullable Object actual) {
        return said(owner, name, rule + ", not " + actual).expected(expected, shortened(actual));
    }

    Problem said(String owner, String name, String what) {
        return problem(owner, name, (this == ATTRIBUTE ? "attribute '" : "takes for '") + name + "' " + what);
    }

    Problem problem(String owner, String name, String message) {
        return Problem.of(code, owner + " " + message).attribute(name);
    }

    static String shortened(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
    }

    private static String wanted(Attribute attribute) {
        String noun = switch (attribute.type()) {
            case BOOLEAN -> "true or false";
            case TWO_NUMBERS -> "two numbers, each";
            default -> "a " + attribute.type().description();
        };
        return switch (attribute.constraint()) {
            case Constraint.Range range -> range.after(noun + " ");
            case Constraint.Choice choice -> choice.text();
            case null -> noun;
        };
    }
}
