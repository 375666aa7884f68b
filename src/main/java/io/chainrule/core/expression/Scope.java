package io.chainrule.core.expression;

import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The meaning of names at the current point of evaluation, and the ids that nodes get when the program ends. */
final class Scope {
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final GivenInputs given;
    private final Set<String> givenInputs;
    private final Map<String, String> replaced;
    private final Map<String, Integer> inputs = new LinkedHashMap<>();
    private final Map<String, Variable> variables = new HashMap<>();
    private final List<Binding> bindings = new ArrayList<>();
    private final Functions functions;
    /** The functions whose bodies are being evaluated, the innermost on top. Only its parameters and own names are visible. */
    private final Deque<Locals> locals = new ArrayDeque<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private final BitSet bound = new BitSet();
    /** The nodes that have had two names, which an update of one must not change for the other. */
    private final BitSet shared = new BitSet();

    /** A name that statements bind. {@code remaining} is the number of its bindings that have no id yet. */
    private static final class Variable {
        private final String name;
        private int latest;
        private int remaining;
        private int suffix;

        Variable(String name) {
            this.name = name;
        }
    }

    /** The value of a loop variable, which the variable keeps after the loop. {@code isRunning} is true within the loop. */
    private record Counter(long value, boolean isRunning) {}

    private record Binding(Variable variable, int node) {}

    /** The names of a function's body: parameters and names of its own, and loop variables. {@code own} are those without parameters. */
    private record Locals(Map<String, Integer> nodes, Set<String> own, Map<String, Counter> counters) {}

    /** The ids of the nodes, null for unnamed ones, and the aliases, which are further names of nodes that have an id. */
    record Ids(@Nullable String[] names, Map<String, Integer> aliases) {}

    Scope(Tokens tokens, NodeWriter writer, Problems problems, Functions functions, GivenInputs given) {
        this.tokens = tokens;
        this.writer = writer;
        this.problems = problems;
        this.functions = functions;
        this.given = given;
        this.givenInputs = given.names();
        this.replaced = given.replaced();
    }

    /** Whether the name is bound to a value, or is the name of an input that the caller has a value for. */
    boolean isValue(String name) {
        return local(name) != null || counter(name) != null || variables.containsKey(name) || inputs.containsKey(name)
                || givenInputs.contains(name) || replaced.containsKey(name);
    }

    /** Returns the number that a name stands for: a loop variable, true, false, or a constant that no value hides. */
    OptionalDouble number(String name) {
        Counter counter = local(name) == null ? counter(name) : null;
        return counter != null ? OptionalDouble.of((double) counter.value) : switch (name) {
            case "true" -> OptionalDouble.of(1);
            case "false" -> OptionalDouble.of(0);
            default -> isValue(name) ? OptionalDouble.empty() : Names.number(name);
        };
    }

    /**
     * Returns the node of a name. The name is looked up among the parameters, then the loop variables, then the names that statements
     * have bound; any other name is an input.
     */
    int read(String name, int token) {
        Integer parameter = local(name);
        if (parameter != null) {
            return parameter;
        }
        Counter counter = counter(name);
        if (counter != null) {
            return writer.literal((double) counter.value, token);
        }
        Variable variable = variables.get(name);
        return variable != null ? variable.latest : input(name, token);
    }

    private int input(String read, int token) {
        String name = replaced.getOrDefault(read, read);
        if (writer.isPaused()) {
            return NodeWriter.BROKEN;
        } else if (functions.isDefined(name) && !inputs.containsKey(name) && !givenInputs.contains(name)) {
            problems.add(writer.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is a function, not a value")
                    .hint("call it, " + name + "(…)"));
            return NodeWriter.BROKEN;
        }
        boolean isOp = !inputs.containsKey(name) && given.areAllNamed() && !givenInputs.contains(name) && OpCatalogue.find(name) != null;
        if (isOp) {
            problems.add(writer.problem(ProblemCode.MISSING_INPUT, token, "input '" + name + "' has no value").node(name)
                    .hint("'" + name + "' is an op; write " + name + "(…)"));
            return NodeWriter.BROKEN;
        }
        return inputs.computeIfAbsent(name, id -> writer.leaf(new Leaf.Input(id, null), token));
    }

    /** Enters the body of a function, in which these names are bound to these nodes. */
    void enter(Map<String, Integer> nodes) {
        locals.push(new Locals(nodes, new HashSet<>(), new HashMap<>()));
    }

    /** The same for parameters that have no arguments yet, because a definition is being checked. */
    void enterUnknown(List<String> names) {
        enter(names.stream().collect(Collectors.toMap(Function.identity(), _ -> NodeWriter.BROKEN, (a, _) -> a, HashMap::new)));
    }

    void leave() {
        locals.pop();
    }

    private @Nullable Integer local(String name) {
        return locals.isEmpty() ? null : locals.element().nodes.get(name);
    }

    private @Nullable Counter counter(String name) {
        Counter counter = locals.isEmpty() ? null : locals.element().counters.get(name);
        return counter == null ? counters.get(name) : counter;
    }

    /** Whether the name is a loop variable or a parameter, whose value may be known before the program runs. */
    boolean isFixed(String name) {
        return local(name) != null || counter(name) != null;
    }

    /** Returns the value of a loop variable or parameter, if it is a number. */
    OptionalDouble fixed(String name) {
        Integer parameter = local(name);
        return parameter == null ? number(name) : writer.number(parameter, false);
    }

    /** Returns the number that a name is bound to, if it is known before the program runs, also if a statement binds it. */
    OptionalDouble known(String name) {
        Integer local = local(name);
        Variable variable = local == null && counter(name) == null ? variables.get(name) : null;
        return local != null
                ? writer.number(local, true)
                : variable != null ? writer.number(variable.latest, true) : counter(name) != null ? number(name) : OptionalDouble.empty();
    }

    /** Returns the numbers of the vector that a name is bound to, if they are known; an empty list otherwise. */
    List<Object> list(String name) {
        Integer local = local(name);
        Variable variable = local == null && counter(name) == null ? variables.get(name) : null;
        return local != null ? writer.list(local) : variable != null ? writer.list(variable.latest) : List.of();
    }

    /** Returns the shape of the value that the name has, null if it has none or its shape is not known. */
    @Nullable
    Shape shape(String name, int token) {
        int node = isValue(name) ? read(name, token) : NodeWriter.BROKEN;
        return node == NodeWriter.BROKEN ? null : writer.shape(node);
    }

    /** Reports a name that cannot be a loop variable. */
    void checkCount(int token) {
        Counter counter = counter(tokens.text(token));
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give this loop another name"));
        } else if (locals.isEmpty()) {
            checkInput(tokens.text(token), token);
        }
    }

    /** Reports a name that cannot be a parameter of the definition that is the program. */
    void checkParameter(String name, int token) {
        if (variables.containsKey(name) || counters.containsKey(name)) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token,
                    "'" + name + "' is bound above; a parameter of the last definition, which is the program, is an input")
                    .hint("give one of them another name"));
        }
    }

    boolean isInFunction() {
        return !locals.isEmpty();
    }

    private Map<String, Counter> ownCounters() {
        return locals.isEmpty() ? counters : locals.element().counters;
    }

    void count(String name, long value) {
        ownCounters().put(name, new Counter(value, true));
    }

    void endCount(@Nullable String name) {
        if (name != null) {
            ownCounters().computeIfPresent(name, (key, counter) -> new Counter(counter.value, false));
        }
    }

    /** Returns what the name counted before a list counts with it, or null. */
    @Nullable
    Object saved(String name) {
        return ownCounters().get(name);
    }

    /** Ends the count of a list, which leaves no name behind. */
    void restore(String name, @Nullable Object before) {
        if (before instanceof Counter counter) {
            ownCounters().put(name, counter);
        } else {
            ownCounters().remove(name);
        }
    }

    private String running(int token) {
        return tokens.quoted(token) + " counts the loop around this line; it cannot be bound in it";
    }

    /** Returns whether a statement may bind the name. Reports it if it is the name of an input. */
    private boolean checkInput(String name, int token) {
        Integer input = inputs.get(name);
        if (input != null || givenInputs.contains(name) || replaced.containsKey(name)) {
            String reason = input == null ? "one of the inputs" : "an input, read at " + tokens.place(writer.token(input));
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, "'" + name + "' is " + reason + "; it cannot be bound again")
                    .hint("give the result another name"));
            return false;
        }
        return true;
    }

    /** Binds a name, which stands at this token. In the body of a function the name is the function's own. */
    void bind(String name, int token, int node) {
        Counter counter = counter(name);
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give the result another name"));
        } else if (!locals.isEmpty()) {
            locals.element().counters.remove(name);
            locals.element().nodes.put(name, node);
            locals.element().own.add(name);
            share(node);
        } else if (checkInput(name, token) && !writer.isPaused()) {
            counters.remove(name);
            Variable variable = variables.computeIfAbsent(name, Variable::new);
            variable.latest = node;
            variable.remaining++;
            bindings.add(new Binding(variable, node));
            share(node);
        }
    }

    private void share(int node) {
        if (node != NodeWriter.BROKEN && bound.get(node)) {
            shared.set(node);
        } else if (node != NodeWriter.BROKEN) {
            bound.set(node);
        }
    }

    /**
     * Returns the node that an assignment such as += updates. In NumPy it changes an array in place, for all names that mean the array or
     * a part of it, so it is refused where there may be others.
     */
    int updated(int token) {
        String name = tokens.text(token);
        int node = read(name, token);
        if (node == NodeWriter.BROKEN || writer.number(node, true).isPresent()) {
            return node;
        }
        boolean isFromOutside = !locals.isEmpty() && !locals.element().own.contains(name);
        if (shared.get(node) || isFromOutside || writer.mayShare(node)) {
            String sign = tokens.text(token + 1);
            throw tokens.syntaxError(token,
                    "in NumPy " + name + " " + sign + " changes an array in place, and other names that mean the same array with it")
                    .hint("write " + name + " = " + name + " " + sign.substring(0, sign.length() - 1)
                            + " …, which makes a new value");
        }
        return node;
    }

    /**
     * Returns the ids of the nodes. The last binding of {@code h} gets the id {@code h}, earlier ones get {@code h_1}, {@code h_2}, …;
     * an id that is taken is skipped.
     */
    Ids ids(int nodes) {
        @Nullable
        String[] names = new String[nodes];
        Map<String, Integer> aliases = new LinkedHashMap<>();
        inputs.forEach((id, node) -> names[node] = id);
        for (Binding binding : bindings) {
            Variable variable = binding.variable;
            String id = --variable.remaining == 0 ? variable.name : earlierId(variable);
            if (names[binding.node] == null) {
                names[binding.node] = id;
            } else {
                aliases.put(id, binding.node);
            }
        }
        return new Ids(names, aliases);
    }

    private String earlierId(Variable variable) {
        String id;
        do {
            id = variable.name + "_" + ++variable.suffix;
        } while (variables.containsKey(id) || inputs.containsKey(id));
        return id;
    }
}
