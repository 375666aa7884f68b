package io.chainrule.core.print;

import io.chainrule.core.expression.Names;
import io.chainrule.core.expression.Operator;
import io.chainrule.core.expression.Precedence;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;

/** The signs of products in formulas: none where a textbook has none. */
record Products(FormulaWriter writer) {
    private static final Formula ELEMENTWISE = FormulaParser.parse(" \\odot ");
    private static final Formula DOT = FormulaParser.parse(" \\cdot ");
    private static final Formula NARROW = FormulaParser.parse(" \\, ");
    private static final Formula NONE = FormulaParser.parse(" ");

    /** What stands between the operands of a product. */
    Formula sign(int node) {
        Graph graph = writer.graph;
        int left = graph.operand(node, 0);
        int right = graph.operand(node, 1);
        if (graph.hasShapes() && !graph.shape(left).isScalar() && !graph.shape(right).isScalar()) {
            return ELEMENTWISE;
        }
        int last = last(left);
        int first = first(right);
        boolean isBracket = !writer.layout.isStatement(right) && writer.needsParentheses(node, 1);
        if (!isBracket && beginsWithNumber(first) || isName(last) && isBracket || isFraction(first) && isNumber(last)) {
            return DOT;
        }
        return isNumber(last) || isShort(last) && (isBracket || isShort(first)) ? NONE : NARROW;
    }

    /** Whether the right operand of a sum or product begins with a minus sign. */
    boolean isSignBehindOperator(int node) {
        boolean isSumOrProduct = writer.notation.form(node) == Notation.Form.INFIX && switch (writer.notation.operator(node)) {
            case PLUS, MINUS, TIMES, MATMUL -> true;
            default -> false;
        };
        if (!isSumOrProduct) {
            return false;
        }
        int first = writer.graph.operand(node, 1);
        while (!writer.layout.isStatement(first) && isInfix(first, Operator.TIMES)) {
            first = writer.graph.operand(first, 0);
        }
        return !writer.layout.isStatement(first) && writer.notation.precedence(first) == Precedence.SIGN;
    }

    /** The node whose text ends the product. */
    private int last(int node) {
        int last = node;
        while (!writer.layout.isStatement(last) && isInfix(last, Operator.TIMES)) {
            last = writer.graph.operand(last, 1);
        }
        return last;
    }

    /** The node whose text begins the product. */
    private int first(int node) {
        int first = node;
        while (!writer.layout.isStatement(first) && (isInfix(first, Operator.TIMES) || isInfix(first, Operator.POWER))) {
            first = writer.graph.operand(first, 0);
        }
        return first;
    }

    private boolean isInfix(int node, Operator operator) {
        return writer.notation.form(node) == Notation.Form.INFIX && writer.notation.operator(node) == operator;
    }

    private boolean isFraction(int node) {
        return !writer.layout.isStatement(node) && isInfix(node, Operator.DIVIDE);
    }

    private boolean isNumber(int node) {
        return writer.graph.op(node) instanceof Leaf.Literal(double value) && Names.ofNumber(value) == null;
    }

    private boolean beginsWithNumber(int node) {
        return isNumber(node) || writer.graph.op(node) instanceof Leaf.Constant && !writer.layout.isStatement(node)
                || writer.notation.form(node) == Notation.Form.SIGN && !writer.layout.isStatement(node);
    }

    /** Whether the text is a name, behind which a bracket would look like a call. */
    private boolean isName(int node) {
        return writer.layout.isStatement(node);
    }

    /** Whether the text is a letter, or one with a subscript or exponent. */
    private boolean isShort(int node) {
        Graph graph = writer.graph;
        int base = !writer.layout.isStatement(node) && isInfix(node, Operator.POWER) ? graph.operand(node, 0) : node;
        return writer.layout.isStatement(base) ? writer.isLetter(base) : graph.op(base) instanceof Leaf.Literal;
    }
}
