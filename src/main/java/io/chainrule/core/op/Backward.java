package io.chainrule.core.op;

import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an op's backward pass besides its derivative in LaTeX.
 *
 * @param letters what the letters of the derivative mean that name neither an operand nor an index
 * @param rule writes the backward pass for a reader; null where the derivative in LaTeX, or that of the rules, is as short
 */
public record Backward(List<Letter> letters, @Nullable Rule rule) {
    static final Backward PLAIN = new Backward(List.of(), null);

    /** What an op adds to the cotangent of an operand, in as few nodes as a textbook needs. */
    @FunctionalInterface
    public interface Rule {
        /** Returns null where the rule has no form for these attributes, shapes or operand. */
        @Nullable
        Node of(Attributes attributes, Node[] operands, Node cotangent, int operand);
    }

    /** What a letter stands for. */
    public enum Meaning {
        /** The value of an attribute; {@link Letter#word} is its name. */
        ATTRIBUTE,
        /** How many elements of the operand belong to one element of the result. */
        COUNT,
        /** What a message of the name {@link Letter#word} tells. */
        TOLD,
        /** There is no letter. The derivative in LaTeX holds for every value of the attribute {@link Letter#word}. */
        NONE
    }

    /** A letter, in LaTeX. */
    public record Letter(String symbol, Meaning meaning, String word) {}

    /** What the rule writes for an op; null if there is no rule, or none for this op and operand. */
    public @Nullable Node written(OpDefinition definition, Op op, Node[] operands, Node cotangent, int operand) {
        return rule == null ? null : rule.of(new Attributes(definition, op.attributes()), operands, cotangent, operand);
    }

    static Backward rule(Rule rule) {
        return new Backward(List.of(), rule);
    }

    static Backward attribute(String symbol, String attribute) {
        return PLAIN.and(symbol, Meaning.ATTRIBUTE, attribute);
    }

    static Backward count(String symbol) {
        return PLAIN.and(symbol, Meaning.COUNT, "");
    }

    static Backward told(String symbol, String message) {
        return PLAIN.and(symbol, Meaning.TOLD, message);
    }

    /** The derivative in LaTeX holds whatever these optional attributes are. */
    static Backward regardless(String... attributes) {
        return Stream.of(attributes).map(name -> PLAIN.and("", Meaning.NONE, name)).reduce(PLAIN, Backward::and);
    }

    Backward and(Backward other) {
        List<Letter> all = new ArrayList<>(letters);
        all.addAll(other.letters);
        return new Backward(all, rule == null ? other.rule : rule);
    }

    private Backward and(String symbol, Meaning meaning, String word) {
        return new Backward(List.of(new Letter(symbol, meaning, word)), rule);
    }
}
