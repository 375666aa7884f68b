package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.BitSet;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Makes one constant of nested lists of numbers, as large as they may be. */
final class ArrayLiterals {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final NodeWriter writer;
    private final Problems problems;
    /** Lists with an item that is no number, so that each is tried once only. */
    private final BitSet mixed = new BitSet();

    ArrayLiterals(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.writer = writer;
        this.problems = problems;
    }

    /** The node of a list; nothing if it holds anything but numbers. */
    OptionalInt read(int list) {
        if (tree.extent(list) == 0 || mixed.get(list)) {
            return OptionalInt.empty();
        }
        ArrayBuilder array = new ArrayBuilder();
        if (!holdsNumbers(list, array)) {
            for (int level = 0; level < array.depth(); level++) {
                mixed.set(array.openAt(level));
            }
            return OptionalInt.empty();
        }
        if (array.misfit().isPresent()) {
            problems.add(tokens
                    .problem(ProblemCode.SHAPE_MISMATCH, tree.token(array.misfit().getAsInt()),
                            "the rows of this array differ in length or depth")
                    .hint("lists at the same depth have equally many items"));
            return OptionalInt.of(NodeWriter.BROKEN);
        }
        return OptionalInt.of(writer.leaf(new Leaf.Constant(array.tensor()), tree.token(list)));
    }

    private boolean holdsNumbers(int list, ArrayBuilder array) {
        for (int node = list; node <= tree.extent(list); node++) {
            switch (tree.kind(node)) {
                case LIST -> array.open(node);
                case ITEMS -> array.close();
                case NUMBER -> node = add(tokens.number(tree.token(node)), node, array);
                case NAME -> {
                    OptionalDouble number = scope.number(tokens.text(tree.token(node)));
                    if (number.isEmpty()) {
                        return false;
                    }
                    node = add(number.getAsDouble(), node, array);
                }
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    /** Answers the last node of the number: a sign may stand behind it. */
    private int add(double number, int node, ArrayBuilder array) {
        boolean isNegative = tree.kind(node + 1) == Syntax.MINUS;
        array.add(isNegative ? -number : number, node);
        return isNegative || tree.kind(node + 1) == Syntax.PLUS ? node + 1 : node;
    }
}
