package io.chainrule.core.op;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The attributes of one op, or the options of what else is made from such, checked against their declarations, with defaults filled in. */
public final class Attributes {
    private final String owner;
    private final Wording wording;
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private final Map<String, Object> written = new LinkedHashMap<>();

    /** Checks what a client wrote; {@link ProblemException} with every attribute that is unknown, missing, ill-typed or out of range. */
    Attributes(OpDefinition definition, Map<String, ?> given) {
        this(definition.name(), Wording.ATTRIBUTE, definition.attributes(), given);
    }

    /** The same for what messages call {@code owner}. */
    public Attributes(String owner, Wording wording, List<Attribute> attributes, Map<String, ?> given) {
        this.owner = owner;
        this.wording = wording;
        List<Problem> problems = new ArrayList<>();
        List<String> known = attributes.stream().map(Attribute::name).toList();
        given.keySet().stream().filter(name -> !known.contains(name)).forEach(name -> problems.add(wording.unknown(owner, name, known)));
        for (Attribute attribute : attributes) {
            Object value = given.get(attribute.name());
            if (value != null) {
                read(attribute, value, problems);
            } else {
                values.put(attribute.name(), attribute.defaultValue());
                if (attribute.required()) {
                    problems.add(wording.missing(owner, attribute));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }

    private void read(Attribute attribute, Object value, List<Problem> problems) {
        Object converted = attribute.type().convert(value);
        if (converted == null) {
            problems.add(wording.illTyped(owner, attribute, value));
            return;
        }
        Constraint constraint = attribute.constraint();
        if (constraint != null) {
            List<?> parts = converted instanceof List<?> list ? list : List.of(converted);
            parts.stream().filter(part -> !constraint.allows(part))
                    .forEach(part -> problems.add(wording.outside(owner, attribute, constraint, part)));
        }
        values.put(attribute.name(), converted);
        if (!converted.equals(attribute.defaultValue())) {
            written.put(attribute.name(), converted);
        }
    }

    static Problem bad(OpDefinition definition, String attribute, String message) {
        return Wording.ATTRIBUTE.problem(definition.name(), attribute, message);
    }

    /** What is wrong with an attribute. */
    Problem problem(String attribute, String message) {
        return wording.problem(owner, attribute, message);
    }

    /** What differs from the defaults. */
    public Map<String, Object> written() {
        return Collections.unmodifiableMap(written);
    }

    public boolean has(String name) {
        return values.get(name) != null;
    }

    public int integer(String name) {
        return (Integer) value(name);
    }

    /** {@link ProblemException} where the number is not between the bounds. */
    public int integer(String name, int low, int high) {
        return (Integer) checked(name, Constraint.between(low, high));
    }

    public double number(String name) {
        return (Double) value(name);
    }

    /** {@link ProblemException} where the number is not between the bounds. */
    double number(String name, double low, double high) {
        return (Double) checked(name, Constraint.between(low, high));
    }

    /** A {@link Double} or a text. */
    Object numberOrText(String name) {
        return value(name);
    }

    double nonzero(String name) {
        double value = number(name);
        if (value == 0) {
            throw new ProblemException(wording.said(owner, name, "is 0").expected("a number other than 0", "0"));
        }
        return value;
    }

    double nonnegative(String name) {
        return (Double) checked(name, Constraint.atLeast(0));
    }

    /** {@link ProblemException} where the text is none of these. */
    String choice(String name, String... choices) {
        return (String) checked(name, new Constraint.Choice(List.of(choices)));
    }

    private Object checked(String name, Constraint constraint) {
        Object value = value(name);
        if (!constraint.allows(value)) {
            throw new ProblemException(wording.outside(owner, name, constraint, value));
        }
        return value;
    }

    public String text(String name) {
        return (String) value(name);
    }

    /**
     * A number for each of {@code axes} axes, of which one may stand for all; {@link ProblemException} where there are
     * more or fewer, or one is not between the bounds.
     */
    public List<Integer> perAxis(String name, int axes, int low, int high) {
        List<Integer> given = Objects.requireNonNull(integers(name), name);
        if (given.size() != 1 && given.size() != axes || given.stream().anyMatch(n -> n < low || n > high)) {
            String wanted = (axes == 1 ? "one number" : "one number, or " + axes) + ", from " + low + " to " + high;
            throw new ProblemException(wording.said(owner, name, "is " + wanted).expected(wanted, Wording.shortened(given)));
        }
        return given.size() == axes ? given : Collections.nCopies(axes, given.getFirst());
    }

    /** To throw where a value does not go with others. */
    public ProblemException wrong(String name, String rule, String expected, Object actual) {
        return new ProblemException(wording.wrong(owner, name, rule, expected, actual));
    }

    /** A list of whole numbers, or a text. */
    Object padding(String name) {
        return value(name);
    }

    /** A whole number, or two lists of axes. */
    Object axisPairs(String name) {
        return value(name);
    }

    public boolean flag(String name) {
        return (Boolean) value(name);
    }

    /** The list, or null where none was given and none is the default. */
    public @Nullable List<Integer> integers(String name) {
        @SuppressWarnings("unchecked")
        List<Integer> list = (List<Integer>) values.get(name);
        return list;
    }

    /** Lengths, none of them negative. */
    Shape shape(String name) {
        List<Integer> lengths = Objects.requireNonNull(integers(name), name);
        if (lengths.stream().anyMatch(length -> length < 0)) {
            throw new ProblemException(
                    wording.said(owner, name, "has a negative length").expected("lengths from 0", Wording.shortened(lengths)));
        }
        return Shape.of(lengths);
    }

    /** Where each is a number. */
    public List<Double> numbers(String name) {
        return items(name).stream().map(Double.class::cast).toList();
    }

    List<?> items(String name) {
        return (List<?>) value(name);
    }

    private Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }
}
