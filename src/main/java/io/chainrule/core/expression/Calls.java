package io.chainrule.core.expression;

import io.chainrule.core.expression.Call.Argument;
import io.chainrule.core.expression.Call.Callee;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The calls whose arguments are being evaluated: collects the arguments of each and adds its nodes. */
final class Calls {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final Scope scope;
    private final OpCalls ops;
    private final Members members;
    private final Callees callees;
    private final LibraryCalls libraries;
    private final Constants constants;
    private final IntList operands;
    private final Deque<Call> calls = new ArrayDeque<>();
    /** The number of calls outside the function whose body is being evaluated; they are not to be seen in it. */
    private int outside;

    Calls(SyntaxTree tree, Scope scope, OpCalls ops, Members members, Constants constants, Callees callees, IntList operands,
            Problems problems) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.scope = scope;
        this.ops = ops;
        this.members = members;
        this.callees = callees;
        this.libraries = new LibraryCalls(ops.writer(), ops, problems);
        this.constants = constants;
        this.operands = operands;
    }

    void clear() {
        calls.clear();
        outside = 0;
    }

    int outside() {
        return outside;
    }

    /** Hides the calls around a function's body. */
    void enter() {
        outside = calls.size();
    }

    /** Returns to where this many calls were hidden. */
    void leave(int hidden) {
        outside = hidden;
    }

    /** The innermost call; null if there is none in this body. */
    private @Nullable Call innermost() {
        return calls.size() == outside ? null : calls.peek();
    }

    /** Begins a call whose callee stands from one token through another. */
    void begin(int token, int last) {
        Callee callee = callees.find(token, last);
        if (callee != null) {
            calls.push(new Call(token, operands.size(), callee));
            return;
        }
        String first = tokens.text(token);
        OptionalDouble number = scope.number(first);
        operands.push(number.isPresent() ? ops.writer().literal(number.getAsDouble(), token) : scope.read(first, token));
        for (int member = token + 2; member < last; member += 2) {
            operands.push(members.of(member - 1, member, operands.pop()));
        }
        beginMethod(last);
    }

    /** Begins a call of a method of the operand on top of the stack. */
    void beginMethod(int token) {
        int self = operands.size() - 1;
        Call call = new Call(token, self, callees.method(token));
        call.positional = 1;
        call.add(new Argument(null, token, self, false, null));
        calls.push(call);
    }

    /** Begins an argument without a name. Returns the next node: the first of the argument, or the one behind it if it is known. */
    int argument(int node, int next) {
        Call call = calls.element();
        int behind = tree.extent(node);
        switch (call.callee) {
            case Callee.OfOp(OpDefinition op) -> {
                String bare = bareName(call, op, node, behind);
                if (bare != null) {
                    return argument(viaTable(call, bare), null, node, behind);
                }
                String attribute = ops.attribute(call, op);
                call.positional++;
                if (attribute != null && behind > 0) {
                    List<Object> value = constants.evaluate(node + 1, behind, OpCalls.role(op, attribute));
                    ops.positional(call, tree.token(node), attribute, value.getFirst());
                    return behind;
                }
            }
            case Callee.OfLibrary _,Callee.GradientOf _,Callee.Length _ -> {
                return argument(call, null, node, behind);
            }
            case Callee.OfFunction _,Callee.OfModel _,Callee.Unknown _ -> call.positional++;
        }
        return next;
    }

    /**
     * Returns the name by which the table of bare names has an op, if an argument is no operand of it: it says in which order the
     * attributes follow. Returns null if the argument is an operand, or if the table does not have the op.
     */
    private @Nullable String bareName(Call call, OpDefinition op, int node, int behind) {
        boolean isText = tree.kind(node + 1) == Syntax.TEXT && behind == node + 2;
        boolean isBehind = call.sequence > 0
                || !op.callForm().isVariadic() && !ops.isSeveral(call, op) && call.positional >= op.operands().size();
        if (!isText && !isBehind || op.attributes().isEmpty()) {
            return null;
        }
        String written = tokens.text(call.token);
        return Library.bare().has(written) ? written : Library.bare().has(op.name()) ? op.name() : null;
    }

    /** Continues a call of an op as one of a function of the table of bare names. */
    private Call viaTable(Call call, String name) {
        Call table = new Call(call.token, call.base, new Callee.OfLibrary(tokens.text(call.token), Library.bare(), name));
        if (call.sequence > 0) {
            table.add(new Argument(null, call.token, call.base, true, null));
        } else {
            for (int height = call.base; height < operands.size(); height++) {
                OptionalDouble number = ops.writer().number(operands.get(height), true);
                table.add(
                        new Argument(null, call.token, height, false, number.isPresent() ? (Object) number.getAsDouble() : null));
            }
        }
        calls.pop();
        calls.push(table);
        return table;
    }

    /** Collects an argument of a library's function. */
    private int argument(Call call, @Nullable String keyword, int node, int behind) {
        int first = node + 1;
        int token = tree.token(node);
        boolean isKnown = behind > 0 && constants.isKnown(first, behind);
        Object value = isKnown ? constants.evaluate(first, behind, ConstantRole.ANY).getFirst() : null;
        // Where it is an operand, it has a derivative by the names in it.
        boolean isNode = !isKnown || call.callee instanceof Callee.OfLibrary && (value instanceof Double || value instanceof List<?>)
                && constants.reads(first, behind, name -> scope.number(name).isEmpty() && scope.isValue(name));
        boolean isList = isNode && behind > 0 && tree.kind(behind - 1) == Syntax.ITEMS && begins(first, behind - 1);
        call.add(new Argument(keyword, token, operands.size(), isList, value));
        if (isList) {
            call.sequence = behind - 1;
        }
        return isNode ? first : behind;
    }

    /** Whether a list begins at a node and ends at another. */
    private boolean begins(int first, int items) {
        return tree.kind(first) == Syntax.LIST && tree.extent(first) == items
                || tree.kind(first) == Syntax.EACH && tree.behindCounts(first) == items;
    }

    /** Whether the items of the argument that has begun, which is written once for all of them, are added up. */
    boolean isSum() {
        Call call = innermost();
        OpDefinition op = call == null ? null : call.op();
        return call != null && call.isEach && op != null && op.has(Trait.TOTAL);
    }

    /** Begins an argument that is written once for all its items. */
    void each(int node) {
        Call call = innermost();
        if (call == null || tree.kind(tree.behindCounts(node)) == Syntax.ITEMS) {
            return;
        }
        call.positional++;
        call.isEach = true;
        call.add(new Argument(null, tree.token(node), operands.size(), true, null));
    }

    /** Begins a keyword argument. Returns the next node, which is {@code end} if a syntax error follows. */
    int keyword(int node, int next, int end) {
        Call call = calls.element();
        int token = tree.token(node);
        String name = tokens.text(token);
        int behind = tree.extent(node);
        switch (call.callee) {
            case Callee.OfFunction _,Callee.OfModel _ -> {
                call.name(operands.size() - call.base, token);
                return next;
            }
            case Callee.Length _ when behind > 0 -> {
                return argument(call, name, node, behind);
            }
            case Callee.OfLibrary(_, Library library, String function) when behind > 0
                    && (!LibraryCalls.isIgnored(name) || LibraryMisfits.parameters(library.forms(function)).contains(name)) -> {
                return argument(call, name, node, behind);
            }
            case Callee.OfOp(OpDefinition op) when !LibraryCalls.isIgnored(name)
                    || op.attributes().stream().anyMatch(attribute -> attribute.name().equals(name)) -> {
                List<Object> value = constants.evaluate(node + 1, behind == 0 ? end : behind, OpCalls.role(op, name));
                if (!value.isEmpty()) {
                    ops.attribute(call, token, name, value.getFirst());
                }
            }
            default -> {
                if (name.equals("dtype") && behind > 0 && constants.isKnown(node + 1, behind)) {
                    constants.evaluate(node + 1, behind, ConstantRole.ANY);
                }
            }
        }
        return behind == 0 ? end : behind;
    }

    /** Whether the items of a list, which begins at this node, are operands of the call of an op around it, as in NumPy. */
    boolean takesItems(int list, int end) {
        Call call = innermost();
        int items = tree.extent(list);
        if (call == null || items == 0) {
            return false;
        } else if (call.sequence == items) {
            return true;
        }
        OpDefinition op = call.op();
        int before = list - 1;
        while (tree.kind(before) == Syntax.LIST && tree.kind(tree.extent(before)) == Syntax.GROUP) {
            before--;
        }
        if (op == null || !op.callForm().isSequence() || tree.kind(before) != Syntax.ARGUMENT || call.positional != 1
                || operands.size() > call.base) {
            return false;
        }
        int behind = items + 1;
        while (behind < end && tree.kind(behind) == Syntax.GROUP) {
            behind++;
        }
        boolean isOnly = behind < end && switch (tree.kind(behind)) {
            case CALL, KEYWORD -> true;
            case ARGUMENT -> tree.kind(behind + 1) != Syntax.LIST && constants.isKnown(behind + 1, tree.extent(behind));
            default -> false;
        };
        call.sequence = isOnly ? items : 0;
        return isOnly;
    }

    /** Whether the items that this node ends are left as operands. */
    boolean hasItems(int items) {
        Call call = innermost();
        return call != null && call.sequence == items;
    }

    Call end() {
        return calls.pop();
    }

    /** Returns the node behind a call and what selects one of its results; {@code next} if nothing does. */
    int behindPart(Call call, int next, int end) {
        return call.callee instanceof Callee.Length length && members.isItem(call, length, next, end)
                ? tree.extent(next) + 1
                : libraries.behindPart(call, next, end);
    }

    /** Whether what is called has this many results, more than one. */
    boolean hasResults(Call call, int count) {
        return count > 1 && call.callee instanceof Callee.OfLibrary callee && libraries.hasResults(callee, count);
    }

    /** Adds the nodes of one of several results of a call. */
    int finish(Call call, int[] arguments, int result) {
        return libraries.finish(call, (Callee.OfLibrary) call.callee, arguments, result);
    }

    /** Whether what a call answers is a copy of its operand, which shares no elements with it. */
    boolean isCopy(Call call) {
        return call.callee instanceof Callee.OfLibrary(_, Library library, String name)
                && (library == Library.methods() && tree.mentionsTorch() ? Library.table("torch") : library).copies(name);
    }

    /** Adds the nodes of a call of anything but a function of the text. {@code next} is the node behind it. */
    int finish(Call call, int[] arguments, int next, int end) {
        return switch (call.callee) {
            case Callee.OfOp(OpDefinition op) -> ops.finish(call, op, arguments);
            case Callee.OfLibrary callee -> libraries.finish(call, callee, arguments, next, end);
            case Callee.OfModel callee -> callees.models().finish(call, callee, arguments);
            case Callee.Length length -> members.length(call, length, arguments, next, end);
            case Callee.GradientOf _ -> arguments.length == 0 ? NodeWriter.BROKEN : arguments[0];
            case Callee.OfFunction _,Callee.Unknown _ -> NodeWriter.BROKEN;
        };
    }
}
