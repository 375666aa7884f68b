package io.chainrule.core.print;

import io.chainrule.core.expression.Operator;
import io.chainrule.core.expression.Precedence;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How the nodes of a graph are written, and which of their operands then need parentheses. */
record Notation(Graph graph) {
    private static final Pattern SLICE = Pattern.compile("\\.\\.\\.|(-?\\d{1,9})?:(-?\\d{1,9})?(:(-?\\d{1,9})?)?");

    enum Form {
        LEAF,
        SIGN,
        INFIX,
        TRANSPOSE,
        INDEX,
        LIST,
        CALL
    }

    Form form(int node) {
        Op op = graph.op(node);
        if (op instanceof Leaf) {
            return Form.LEAF;
        }
        Map<String, Object> attributes = op.attributes();
        if (op.name().equals("index")) {
            return attributes.get("at") instanceof List<?> items && !items.isEmpty() && items.stream().allMatch(Notation::isIndex)
                    ? Form.INDEX
                    : Form.CALL;
        } else if (!attributes.isEmpty()) {
            return Form.CALL;
        }
        return switch (op.name()) {
            case "neg" -> Form.SIGN;
            case "transpose" -> Form.TRANSPOSE;
            case "stack" -> isArray(node) ? Form.CALL : Form.LIST;
            default -> Operator.ofOp(op.name()) != null && graph.operandCount(node) == 2 ? Form.INFIX : Form.CALL;
        };
    }

    /** The precedence of a node's text if it is written inline. */
    Precedence precedence(int node) {
        return switch (form(node)) {
            case SIGN -> Precedence.SIGN;
            case INFIX -> operator(node).precedence();
            case LEAF -> graph.op(node) instanceof Leaf.Literal(double value) && ValueText.number(value).startsWith("-")
                    ? Precedence.SIGN
                    : Precedence.ATOM;
            case TRANSPOSE, INDEX, LIST, CALL -> Precedence.ATOM;
        };
    }

    /** Whether an operand needs parentheses if it is written inline. */
    boolean needsParentheses(int node, int position) {
        int operand = graph.operand(node, position);
        boolean isLiteral = graph.isLiteral(operand);
        Precedence precedence = precedence(operand);
        return switch (form(node)) {
            case INFIX -> tears(operator(node).precedence(), position, precedence);
            // The minus sign would be parsed as a part of the number.
            case SIGN -> Precedence.SIGN.isTighterThan(precedence) || isLiteral && precedence == Precedence.ATOM;
            // 2.T would be a malformed number.
            case TRANSPOSE, INDEX -> Precedence.ATOM.isTighterThan(precedence) || isLiteral;
            case LEAF, LIST, CALL -> false;
        };
    }

    /** Whether the only operand is written as a list, whose items would be parsed as the operands. */
    boolean isSequence(int node) {
        OpDefinition definition = OpCatalogue.find(graph.op(node).name());
        return definition != null && definition.callForm().isSequence() && form(node) == Form.CALL && graph.operandCount(node) == 1
                && switch (form(graph.operand(node, 0))) {
                    case LIST -> true;
                    case LEAF -> graph.op(graph.operand(node, 0)) instanceof Leaf.Constant;
                    case SIGN, INFIX, TRANSPOSE, INDEX, CALL -> false;
                };
    }

    /** Whether an operand that is written inline is nested deeper in brackets, signs or powers than its node. */
    boolean nests(int node, int position) {
        return switch (form(node)) {
            case INFIX -> operator(node) == Operator.POWER || needsParentheses(node, position);
            case TRANSPOSE, INDEX -> needsParentheses(node, position);
            case LEAF, SIGN, LIST, CALL -> true;
        };
    }

    Operator operator(int node) {
        Operator operator = Operator.ofOp(graph.op(node).name());
        if (operator == null) {
            throw new IllegalArgumentException(graph.op(node).name() + " is no operator");
        }
        return operator;
    }

    /** Whether a list of the operands would be parsed as an array constant. */
    private boolean isArray(int stack) {
        for (int k = 0; k < graph.operandCount(stack); k++) {
            Op item = graph.op(graph.operand(stack, k));
            if (!(item instanceof Leaf.Literal || item instanceof Leaf.Constant)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the operator would bind to a part of the operand only, if that had no parentheses. */
    private static boolean tears(Precedence operator, int position, Precedence operand) {
        if (operator == Precedence.POWER && position == 1) {
            return Precedence.SIGN.isTighterThan(operand);
        }
        boolean mayBeEqual = position == 0 && operator.associatesLeft();
        return operator.isTighterThan(operand) || operator == operand && !mayBeEqual;
    }

    private static boolean isIndex(Object item) {
        return item instanceof Number || item instanceof String text && SLICE.matcher(text).matches();
    }
}
