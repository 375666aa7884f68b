package io.chainrule.core.expression;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** The nodes that were written as lists, which are arrays here. */
final class ListLiterals {
    private final SyntaxTree tree;
    private final NodeWriter writer;
    private final OpCalls ops;
    private final Memory memory;
    /** The numbers of items, by node. */
    private final Map<Integer, Integer> counts = new HashMap<>();

    ListLiterals(SyntaxTree tree, NodeWriter writer, OpCalls ops, Memory memory) {
        this.tree = tree;
        this.writer = writer;
        this.ops = ops;
        this.memory = memory;
    }

    /** Adds the node of a list of these items, each of which it holds. */
    int of(int[] items, int token) {
        int list = ops.apply("stack", token, items);
        for (int item : items) {
            memory.join(list, item);
        }
        return note(list, items.length);
    }

    /** Notes that a node was written as a list of so many items, and returns it. */
    int note(int node, int items) {
        if (node != NodeWriter.BROKEN) {
            counts.put(node, items);
        }
        return node;
    }

    /**
     * Returns the operands of a call of an op. A name of a list, as the only operand of an op that takes a sequence, means the items of
     * the list. They are read from the list by index, so that the list has a gradient too.
     */
    int[] operands(Call call, int[] arguments) {
        Integer count = arguments.length == 1 && arguments[0] != NodeWriter.BROKEN && call.sequence == 0 && call.op() != null
                && call.op().callForm().isSequence()
                        ? counts.get(arguments[0])
                        : null;
        if (count == null) {
            return arguments;
        }
        int[] items = new int[count];
        Arrays.setAll(items, i -> ops.index(List.of((double) i), call.token, arguments[0]));
        return items;
    }

    /**
     * Tells where Python would repeat a list, or join two, and not compute with their items. Refuses what has no meaning as arithmetic, and
     * an update of a list, which Python makes longer.
     */
    void check(Operator operator, int left, int right, int token) {
        if (counts.isEmpty()) {
            return;
        }
        boolean isUpdate = tree.tokens().kind(token) == TokenKind.UPDATE;
        Integer items = counts.get(left);
        boolean areLists = items != null && counts.containsKey(right);
        boolean isEmpty = Objects.equals(items, 0) || Objects.equals(counts.get(right), 0);
        boolean isRepeated = items != null && isCount(right) || counts.containsKey(right) && isCount(left);
        if (operator == Operator.TIMES && isRepeated) {
            refuseIf(isUpdate, "repeats", token);
            writer.remark(token, "a list is an array here, so each item is multiplied; Python would repeat the list, as concatenate does");
        } else if (operator == Operator.PLUS && (areLists || isUpdate && items != null || isEmpty)) {
            refuseIf(isUpdate || isEmpty || items != null && !items.equals(counts.get(right)), "joins", token);
            writer.remark(token, "a list is an array here, so the items are added; Python would join the lists, as concatenate does");
        }
    }

    private void refuseIf(boolean isRefused, String does, int token) {
        if (isRefused) {
            Operands operands = new Operands(tree.tokens());
            boolean isUpdate = tree.tokens().kind(token) == TokenKind.UPDATE;
            String left = operands.before(token - 1);
            String right = isUpdate ? ForeignSigns.of(tree.tokens()).rest(token + 1) : operands.from(token + 1);
            String binding = isUpdate ? left + " = " : "";
            String sign = tree.tokens().text(token).substring(0, 1);
            String second = sign.equals("+") ? right : left;
            throw tree.tokens().syntaxError(token, "Python " + does + " lists with '" + tree.tokens().text(token)
                    + "'; a list is an array here")
                    .hint("write " + binding + "concatenate([" + left + ", " + second + "]) for a longer list, " + binding + "array(" + left
                            + ") " + sign + " " + right + " to compute with the items");
        }
    }

    private boolean isCount(int node) {
        OptionalDouble number = writer.number(node, true);
        return number.isPresent() && Constants.isWhole(number.getAsDouble());
    }
}
