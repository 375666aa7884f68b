package io.chainrule.core.expression;

import io.chainrule.core.expression.Call.Argument;
import io.chainrule.core.expression.Call.Callee.OfLibrary;
import io.chainrule.core.expression.LibraryFunction.Guard;
import io.chainrule.core.expression.LibraryFunction.Parameter;
import io.chainrule.core.expression.LibraryFunction.Use;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Calls of another library's functions: finds the form that fits the arguments and adds the nodes of its expression. */
final class LibraryCalls {
    /** Arguments about types and devices, which mean nothing here. */
    private static final Set<String> IGNORED = Set.of("dtype", "device", "requires_grad", "layout", "pin_memory", "copy", "like");
    private static final Map<String, List<String>> SYNONYMS = Map.of("dim", List.of("axis", "axes"), "axis", List.of("dim"), "keepdim",
            List.of("keepdims"), "keepdims", List.of("keepdim"), "x", List.of("input", "a", "self"), "input", List.of("x", "a"), "unbiased",
            List.of("correction"));

    private final NodeWriter writer;
    private final OpCalls ops;
    private final Problems problems;
    private final LibraryMisfits misfits;

    LibraryCalls(NodeWriter writer, OpCalls ops, Problems problems) {
        this.writer = writer;
        this.ops = ops;
        this.problems = problems;
        this.misfits = new LibraryMisfits(writer, ops);
    }

    /** An array that a guard asks the shape of has none that is known. */
    private static final class UnknownShape extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String parameter;

        UnknownShape(String parameter) {
            super(parameter, null, false, false);
            this.parameter = parameter;
        }
    }

    /** Whether an argument of this name is not read. */
    static boolean isIgnored(String name) {
        return IGNORED.contains(name);
    }

    /**
     * Returns the call's result of which the text goes on with only one, as in {@code slogdet(A)[1]} or {@code max(x, 1).values}: the name
     * of that form in the table; null if there is none. {@code next} is the node behind the call.
     */
    private @Nullable String part(OfLibrary callee, int next, int end) {
        if (next >= end) {
            return null;
        }
        String suffix = switch (ops.tree().kind(next)) {
            case MEMBER -> "." + ops.tree().tokens().text(ops.tree().extent(next));
            case INDEX -> ops.tree().extent(next) == next + 2 && ops.tree().kind(next + 1) == Syntax.NUMBER
                    ? "[" + ops.tree().tokens().text(ops.tree().token(next + 1)) + "]"
                    : "";
            default -> "";
        };
        String name = callee.name() + suffix;
        return suffix.isEmpty() || callee.library().forms(name).isEmpty() ? null : name;
    }

    /** Whether a function has this many results, which the table lists by number. */
    boolean hasResults(OfLibrary callee, int count) {
        return IntStream.range(0, count).allMatch(i -> !callee.library().forms(result(callee.name(), i)).isEmpty())
                && callee.library().forms(result(callee.name(), count)).isEmpty();
    }

    private static String result(String name, int number) {
        return name + "[" + number + "]";
    }

    /** Adds the nodes of one of several results. */
    int finish(Call call, OfLibrary callee, int[] operands, int result) {
        return finish(call, new OfLibrary(callee.written(), callee.library(), result(callee.name(), result)), operands);
    }

    /** Returns the node behind a call and what selects one of its results; {@code next} if nothing does. */
    int behindPart(Call call, int next, int end) {
        boolean isPart = call.callee instanceof OfLibrary callee && part(callee, next, end) != null;
        return !isPart ? next : ops.tree().kind(next) == Syntax.MEMBER ? next + 1 : ops.tree().extent(next) + 1;
    }

    /**
     * Adds the nodes of a call. {@code operands} are those of all arguments, from the height {@code base} of the stack on, and {@code next}
     * is the node behind the call.
     */
    int finish(Call call, OfLibrary callee, int[] operands, int next, int end) {
        String part = part(callee, next, end);
        return finish(call, part == null ? callee : new OfLibrary(callee.written(), callee.library(), part), operands);
    }

    private int finish(Call call, OfLibrary callee, int[] operands) {
        if (writer.isPaused() || Arrays.stream(operands).anyMatch(operand -> operand == NodeWriter.BROKEN)
                || call.arguments.stream().anyMatch(argument -> argument.value() == Constants.UNKNOWN)) {
            return NodeWriter.BROKEN;
        }
        List<LibraryFunction> forms = callee.library().forms(callee.name());
        try {
            for (LibraryFunction form : forms) {
                Map<String, Object> bound = bind(form, call, operands);
                if (bound != null) {
                    String remark = callee.library().remark(callee.name());
                    if (remark != null && !form.hasKeywords()) {
                        writer.remark(call.token, remark);
                    }
                    InlineFrame outer = writer.within(callee.written(), call.token);
                    int node = new Template(form.body(), bound, call.token, writer, ops, problems).node();
                    writer.returnTo(outer);
                    return node;
                }
            }
        } catch (UnknownShape e) {
            problems.add(writer.problem(ProblemCode.MISSING_INPUT, call.token, "what " + callee.written()
                    + " means here depends on the shape of '" + e.parameter + "', which is not known")
                    .hint("give the values of the inputs, or their shapes"));
            return NodeWriter.BROKEN;
        }
        problems.add(misfits.problem(call, callee, forms));
        return NodeWriter.BROKEN;
    }

    /** Binds the arguments to the parameters of a form. Returns null if they do not fit. */
    private @Nullable Map<String, Object> bind(LibraryFunction form, Call call, int[] operands) {
        Map<String, Argument> given = new HashMap<>();
        List<Argument> rest = new ArrayList<>();
        int position = 0;
        for (Argument argument : call.arguments) {
            if (argument.name() != null) {
                Parameter parameter = named(form, argument.name());
                if (parameter == null || given.put(parameter.name(), argument) != null) {
                    return null;
                }
                continue;
            }
            Parameter parameter = position < form.parameters().size() ? form.parameters().get(position) : null;
            if (parameter == null || parameter.isKeyword()) {
                return null;
            } else if (parameter.isRest()) {
                rest.add(argument);
            } else {
                given.put(parameter.name(), argument);
                position++;
            }
        }
        Map<String, Object> bound = new HashMap<>();
        for (Parameter parameter : form.parameters()) {
            Argument argument = given.get(parameter.name());
            if (parameter.isRest() && argument != null && !rest.isEmpty()) {
                return null;
            }
            Object value = parameter.isRest() && argument == null
                    ? rest(parameter, rest, call, operands)
                    : argument == null ? absent(parameter, call) : value(parameter, argument, call, operands);
            if (value == null) {
                return null;
            }
            bound.put(parameter.name(), value);
        }
        return form.guards().stream().allMatch(guard -> holds(guard, bound)) ? bound : null;
    }

    static @Nullable Parameter named(LibraryFunction form, String name) {
        Map<String, Parameter> byName = form.parameters().stream().collect(Collectors.toMap(Parameter::name, p -> p));
        Parameter exact = byName.get(name);
        return exact != null
                ? exact
                : SYNONYMS.getOrDefault(name, List.of()).stream().map(byName::get)
                        .filter(p -> p != null && !p.isKeyword()).findFirst().orElse(null);
    }

    private @Nullable Object absent(Parameter parameter, Call call) {
        Object value = parameter.value();
        return value == null || parameter.use() != Use.OPERAND ? value : value == Constants.NONE ? null : node(value, call);
    }

    /** Returns the value of a parameter that takes all further arguments: of one list its items. */
    private @Nullable Object rest(Parameter parameter, List<Argument> rest, Call call, int[] operands) {
        if (rest.size() == 1) {
            Argument only = rest.getFirst();
            if (parameter.use() == Use.OPERAND ? only.isList() : only.value() instanceof List<?>) {
                return value(new Parameter(parameter.name(), null, false, true, parameter.use(), parameter.isSmooth(),
                        false), only, call,
                        operands);
            }
        }
        if (parameter.use() == Use.OPERAND) {
            return rest.isEmpty() ? null : rest.stream().flatMapToInt(one -> Arrays.stream(nodes(one, call, operands))).toArray();
        }
        List<Object> values = new ArrayList<>();
        for (Argument argument : rest) {
            if (!(argument.value() instanceof Double number)) {
                return null;
            }
            values.add(number);
        }
        return values;
    }

    /** Returns an int[] of nodes for an operand, a known value for an attribute, and null if the argument does not fit. */
    private @Nullable Object value(Parameter parameter, Argument argument, Call call, int[] operands) {
        if (parameter.use() == Use.ATTRIBUTE) {
            return parameter.isSmooth() && hasOperands(argument, call, operands) ? null : argument.value();
        } else if (parameter.use() == Use.NONE) {
            return argument.value() != null && argument.value().equals(parameter.value()) ? argument.value() : null;
        }
        int[] nodes = nodes(argument, call, operands);
        if (parameter.isList()) {
            return argument.isList() || argument.value() instanceof List<?> ? nodes : null;
        } else if (nodes.length == 0 || nodes[0] == NodeWriter.BROKEN) {
            return null;
        }
        return nodes.length == 1 && !argument.isList() ? nodes : new int[]{ops.apply("stack", call.token, nodes)};
    }

    private static boolean hasOperands(Argument argument, Call call, int[] operands) {
        return heightBehind(argument, call, operands) > argument.height();
    }

    /** The height of the operand stack behind an argument's operands. */
    private static int heightBehind(Argument argument, Call call, int[] operands) {
        int next = call.arguments.indexOf(argument) + 1;
        return next < call.arguments.size() ? call.arguments.get(next).height() : call.base + operands.length;
    }

    private int[] nodes(Argument argument, Call call, int[] operands) {
        if (hasOperands(argument, call, operands)) {
            return Arrays.copyOfRange(operands, argument.height() - call.base, heightBehind(argument, call, operands) - call.base);
        }
        int[] node = argument.value() == null ? null : node(argument.value(), call);
        return node == null ? new int[0] : node;
    }

    /** Adds a known number or array as an operand. Returns null if the value is neither. */
    private int @Nullable [] node(Object value, Call call) {
        int node = switch (value) {
            case Double number -> writer.literal(number, call.token);
            case Boolean flag -> writer.literal(flag ? 1 : 0, call.token);
            case List<?> list -> ArrayLiterals.of(list, call.token, writer);
            default -> NodeWriter.BROKEN;
        };
        return node == NodeWriter.BROKEN ? null : new int[]{node};
    }

    private boolean holds(Guard guard, Map<String, Object> bound) {
        Object left = bound.get(guard.parameter());
        if (guard.member() != null) {
            left = left instanceof int[] nodes
                    ? ofShape(guard, nodes)
                    : left instanceof List<?> list ? ofList(guard, list) : (Object) ("ndim".equals(guard.member()) ? 0.0 : 1.0);
        }
        if (left instanceof Boolean flag) {
            left = guard.value() instanceof Double ? (Object) (flag ? 1.0 : 0.0) : flag;
        }
        boolean isEqual = guard.value().equals(left);
        return switch (guard.operator()) {
            case "==" -> isEqual;
            case "!=" -> !isEqual;
            default -> left instanceof Double a && guard.value() instanceof Double b && switch (guard.operator()) {
                case "<" -> a < b;
                case "<=" -> a <= b;
                case ">" -> a > b;
                default -> a >= b;
            };
        };
    }

    /** The depth or the number of items of a list that is an attribute. */
    private static Double ofList(Guard guard, List<?> list) {
        boolean isNested = !list.isEmpty() && list.getFirst() instanceof List<?>;
        return "ndim".equals(guard.member()) ? isNested ? 2.0 : 1.0 : (double) list.size();
    }

    private Double ofShape(Guard guard, int[] nodes) {
        Shape shape = nodes.length > 0 ? writer.shape(nodes[0]) : null;
        if (shape == null) {
            throw new UnknownShape(guard.parameter());
        }
        return "ndim".equals(guard.member()) ? (double) shape.rank() : (double) shape.size();
    }
}
