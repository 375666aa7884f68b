package io.chainrule.core.expression;

import io.chainrule.core.expression.Call.Callee;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.Attribute;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.op.Trait;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks up the ops of calls and operators and adds their nodes, or reports what is wrong with them. */
record OpCalls(SyntaxTree tree, Scope scope, NodeWriter writer, Problems problems) {
    private static final Map<String, List<String>> SYNONYMS = Map.of("dim", List.of("axis", "axes"), "keepdim", List.of("keepdims"), "ddof",
            List.of("correction"), "unbiased", List.of("correction"));
    /** The attribute whose items may stand as arguments of their own, as in {@code reshape(x, 2, 3)}. */
    private static final String SHAPE = "shape";

    /** Returns the op, or the function of the table of bare names, that a call of this name calls; null if there is none. */
    @Nullable
    Callee find(String name) {
        OpDefinition definition = OpCatalogue.find(name);
        if (definition != null) {
            return new Callee.OfOp(definition);
        }
        String plain = Characters.lowered(name);
        if (Library.bare().has(plain) && !scope.isValue(name) && tree.definition(name) == null) {
            return new Callee.OfLibrary(name, Library.bare(), plain);
        }
        return null;
    }

    /** Adds the array of these items, each of which is a node or a number. */
    int array(List<?> items, int token) {
        return apply("stack", token,
                items.stream().mapToInt(item -> item instanceof Double number ? writer.literal(number, token) : (Integer) item).toArray());
    }

    /** The argument of the call of a name without a path, as it is written. */
    private String argument(int token) {
        Operands operands = new Operands(tree.tokens());
        int first = token + 1;
        int last = operands.closing(first);
        return switch (tree.tokens().kind(first)) {
            case LEFT_PAREN -> operands.shown(first, last);
            case LEFT_BRACE -> last > first + 1 ? "(" + operands.shown(first + 1, last - 1) + ")" : "(…)";
            default -> operands.from(first);
        };
    }

    /** Returns the name of a call if it may be that of a model; null if the text itself gives it a meaning. */
    @Nullable
    String model(String name) {
        return scope.isValue(name) || tree.definition(name) != null || tree.imported(name) != null ? null : name;
    }

    void unknown(int token, String name) {
        String model = model(name);
        problems.add(() -> tree.tokens().problem(ProblemCode.UNKNOWN_OP, token, "there is no op '" + name + "'").hint(hint(token, name))
                .model(model));
    }

    /** Whether a call may have several operands, which are combined: under the op's own name, not under one that NumPy gives it. */
    boolean isSeveral(Call call, OpDefinition op) {
        return op.callForm().isSeveral() && tree.tokens().text(call.token).equals(op.name());
    }

    /** Returns the name of the attribute that the next argument without a name is; null if it is an operand, or if there are too many. */
    @Nullable
    String attribute(Call call, OpDefinition op) {
        int position = call.sequence > 0 ? call.positional - 1 : call.positional - op.operands().size();
        boolean isOperand = op.callForm().isVariadic() && call.sequence == 0 || position < 0 || isSeveral(call, op);
        if (isOperand || op.attributes().isEmpty()) {
            return null;
        }
        boolean continuesShape = call.isOpenShape && op.attributes().getFirst().name().equals(SHAPE);
        return continuesShape ? SHAPE : position < op.attributes().size() ? op.attributes().get(position).name() : null;
    }

    /** How the value of an attribute, called by this keyword, is evaluated. */
    static ConstantRole role(OpDefinition op, String keyword) {
        Attribute attribute = find(op, keyword);
        return ConstantRole.attribute(keyword, attribute == null ? null : attribute.type());
    }

    /** Adds the value of an argument that is an attribute but has no name. */
    void positional(Call call, int token, String name, Object value) {
        Object shape = name.equals(SHAPE) ? call.attributes.get(SHAPE) : null;
        if (shape != null && call.isOpenShape) {
            List<Object> longer = new ArrayList<>(shape instanceof List<?> list ? list : List.of(shape));
            longer.add(value);
            call.put(SHAPE, longer);
        } else if (value != Constants.NONE) {
            call.isOpenShape |= name.equals(SHAPE) && value instanceof Double;
            call.name(name, token);
            call.put(name, value);
        }
    }

    /** Returns the attribute that a keyword means, by its name or that of another library; null if there is none. */
    private static @Nullable Attribute find(OpDefinition op, String keyword) {
        Attribute found = named(op, keyword);
        List<String> synonyms = found == null ? SYNONYMS.getOrDefault(keyword, List.of()) : List.of();
        for (int i = 0; i < synonyms.size() && found == null; i++) {
            found = named(op, synonyms.get(i));
        }
        return found;
    }

    private static @Nullable Attribute named(OpDefinition op, String name) {
        for (Attribute attribute : op.attributes()) {
            if (attribute.name().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    void attribute(Call call, int token, String keyword, Object value) {
        OpDefinition op = call.op();
        Attribute attribute = op == null ? null : find(op, keyword);
        String name = attribute == null ? keyword : attribute.name();
        if (!call.name(name, token)) {
            problems.add(
                    tree.tokens().problem(ProblemCode.BAD_ATTRIBUTE, token, "attribute '" + name + "' is given twice").attribute(name));
        } else if (value != Constants.NONE) {
            boolean isNumber = value instanceof Boolean && keyword.equals("unbiased") && !keyword.equals(name);
            call.put(name, isNumber ? value.equals(true) ? 1.0 : 0.0 : value);
        }
    }

    /** Adds the node of an op that has its own syntax, such as an operator. */
    int apply(String op, int token, int... operands) {
        return make(known(op), Map.of(), token, Map.of(), operands);
    }

    int index(List<Object> items, int token, int indexed) {
        return items.contains(Constants.UNKNOWN) ? NodeWriter.BROKEN : make(known("index"), Map.of("at", items), token, Map.of(), indexed);
    }

    static OpDefinition known(String name) {
        return Objects.requireNonNull(OpCatalogue.find(name), name);
    }

    /** Adds the nodes of a call of an op whose arguments have been evaluated. Several may be combined one after another. */
    int finish(Call call, OpDefinition op, int[] arguments) {
        String pairwise = op.callForm().pairwise();
        boolean isFolded = arguments.length > 0 && call.attributes.isEmpty()
                && (call.isEach || arguments.length > 1 && isSeveral(call, op));
        if (call.isEach && arguments.length == 0 && op.has(Trait.TOTAL)) {
            return writer.literal(0, call.token);
        } else if (pairwise != null && isFolded) {
            int folded = arguments[0];
            for (int i = 1; i < arguments.length; i++) {
                folded = apply(pairwise, call.token, folded, arguments[i]);
            }
            return folded;
        }
        remark(call, op, arguments);
        return call.isEach && !op.callForm().isSequence()
                ? made(call, op, new int[]{apply("stack", call.token, arguments)})
                : made(call, op, arguments);
    }

    /** Tells where Python's own function of the op's name would add only the rows of a matrix. */
    private void remark(Call call, OpDefinition op, int[] arguments) {
        boolean isTotal = op.has(Trait.TOTAL) && arguments.length == 1 && call.attributes.isEmpty();
        Shape shape = isTotal && tree.isPython() ? writer.shape(arguments[0]) : null;
        if (shape != null && shape.rank() > 1) {
            String name = op.name();
            writer.remark(call.token,
                    name + "(A) adds up all elements here; Python's " + name + " adds the rows, as np." + name + "(A, 0) does");
        }
    }

    private int made(Call call, OpDefinition op, int[] operands) {
        return call.attributes.containsValue(Constants.UNKNOWN)
                ? NodeWriter.BROKEN
                : make(op, call.attributes, call.token, call.names, operands);
    }

    int make(OpDefinition definition, Map<String, Object> attributes, int token, Map<Object, Integer> names, int... operands) {
        try {
            return writer.operation(definition.create(attributes, operands.length), token, operands);
        } catch (ProblemException e) {
            for (Problem problem : e.problems()) {
                int place = problem.attribute() == null ? token : names.getOrDefault(problem.attribute(), token);
                problems.add(placed(problem, definition, place));
            }
            return NodeWriter.BROKEN;
        }
    }

    private Problem placed(Problem problem, OpDefinition definition, int token) {
        Problem placed = problem.position(tree.tokens().position(token));
        String refusal = Library.bare().refusal(definition.name());
        if (refusal != null && definition.operands().size() == 1 && definition.attributes().isEmpty()) {
            return placed.hint(refusal);
        }
        if (problem.code() == ProblemCode.WRONG_ARITY && !definition.attributes().isEmpty()) {
            return placed.hint("attributes are given by keyword: "
                    + definition.attributes().stream().map(Attribute::name).map(name -> name + "=…").collect(Collectors.joining(", ")));
        } else if (problem.attribute() != null && definition.operands().contains(problem.attribute())) {
            return placed.hint("operands are given by position");
        }
        return placed;
    }

    private String hint(int token, String name) {
        Integer definition = tree.definition(name);
        if (definition != null) {
            return "it is defined further down, at " + tree.tokens().place(definition) + "; define it before it is called";
        } else if (scope.isValue(name) || Names.number(name).isPresent()) {
            String argument = argument(token);
            return "'" + name + "' is a value; "
                    + (argument.matches("\\([-\\d, ]+\\)")
                            ? "for an element of an array, write " + name + "[" + argument.substring(1, argument.length() - 1) + "]; "
                            : "")
                    + (argument.contains(",")
                            ? "a function is written " + name + "(…) = …"
                            : "to multiply, write " + name + " * " + argument);
        } else if (name.equals(Names.RESERVED)) {
            return "a loop is written for i in range(3):, with an indented body";
        }
        return Misspelling.hint(name, Misspelling.bare(tree.definitions().keySet()))
                .orElse("GET /v1/ops lists the ops, and GET /v1/models the models, which are called as ops are; a function of your own is "
                        + "defined before it is called, as " + name + "(x) = x^2");
    }

    /** A node of the same value that no statement has named yet, and of the same array but for a copy. */
    int apart(int node, int token, boolean isCopy) {
        if (!writer.isNamed(node)) {
            return node;
        }
        int apart = apply("add", token, node, writer.literal(0, token));
        if (!isCopy) {
            scope.memory().join(apart, node);
        }
        return apart;
    }
}
