package io.chainrule.core.expression;

import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The meaning of names at the current point of evaluation. */
final class Scope {
    private final SyntaxTree tree;
    private final Tokens tokens;
    private final NodeWriter writer;
    private final Problems problems;
    private final Inputs inputs;
    private final Variables variables = new Variables();
    /** The functions whose bodies are being evaluated, the innermost on top. Only its parameters and own names are visible. */
    private final Deque<Locals> locals = new ArrayDeque<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private final Memory memory;

    /**
     * The value of a loop variable, which the variable keeps after the loop: a number or, if {@code item} is not null, a node.
     * {@code isRunning} is true within the loop.
     */
    private record Counter(double value, @Nullable Integer item, boolean isRunning, @Nullable ListCount list) {
        static Counter of(Object value, @Nullable ListCount list) {
            return value instanceof Double number ? new Counter(number, null, true, list) : new Counter(0, (Integer) value, true, list);
        }

        OptionalDouble number() {
            return item == null ? OptionalDouble.of(value) : OptionalDouble.empty();
        }
    }

    /** Marks a name that counts the items of a list, which no function sees; {@code before} is what it counted before. */
    private record ListCount(@Nullable Counter before) {}

    /** The names of a function's body: parameters and names of its own, and loop variables. {@code own} are those without parameters. */
    private record Locals(Map<String, Integer> nodes, Set<String> own, Map<String, Counter> counters) {}

    Scope(SyntaxTree tree, NodeWriter writer, Problems problems, Functions functions, Given given) {
        this.tree = tree;
        this.tokens = tree.tokens();
        this.writer = writer;
        this.problems = problems;
        this.inputs = new Inputs(tokens, writer, problems, functions, given);
        this.memory = new Memory(writer, tree.hasUpdates());
    }

    /** Whether the name is bound to a value, or is the name of an input that the caller has a value for. */
    boolean isValue(String name) {
        return local(name) != null || counter(name) != null || variables.isBound(name) || inputs.has(name);
    }

    /** Returns the number that a name stands for: a loop variable, true, false, or a constant that no value hides. */
    OptionalDouble number(String name) {
        Counter counter = local(name) == null ? counter(name) : null;
        return counter != null ? counter.number() : switch (name) {
            case "true" -> OptionalDouble.of(1);
            case "false" -> OptionalDouble.of(0);
            case "True", "False" -> isValue(name) ? OptionalDouble.empty() : Names.truth(name);
            default -> isValue(name) ? OptionalDouble.empty() : Names.number(name);
        };
    }

    /**
     * Returns the node of a name. The name is looked up among the parameters, then the loop variables, then the names that statements
     * have bound; any other name is an input.
     */
    int read(String name, int token) {
        int node = meaning(name, token);
        int changed = memory.changedAt(name, node);
        if (changed > 0) {
            String copied = inputs.has(tokens.text(changed)) ? name : tokens.text(changed);
            throw tokens
                    .syntaxError(token, "in NumPy '" + name + "' may mean the array that is changed in place at " + tokens.place(changed))
                    .hint("copy it before, " + copied + " = " + tokens.text(changed) + ".copy()");
        }
        memory.read(name);
        return node;
    }

    private int meaning(String name, int token) {
        Integer parameter = local(name);
        if (parameter != null) {
            return parameter;
        }
        Counter counter = counter(name);
        if (counter != null) {
            return counter.item != null ? counter.item : writer.literal(counter.value, token);
        }
        Integer variable = variables.latest(name);
        return variable != null ? variable : inputs.read(name, token, this);
    }

    /** Enters the body of a function, in which these names are bound to these nodes. */
    void enter(Map<String, Integer> nodes) {
        locals.push(new Locals(nodes, new HashSet<>(), new HashMap<>()));
        memory.enter(nodes);
    }

    /** The same for parameters that have no arguments yet, because a definition is being checked. */
    void enterUnknown(List<String> names) {
        enter(names.stream().collect(Collectors.toMap(Function.identity(), _ -> NodeWriter.BROKEN, (a, _) -> a, HashMap::new)));
    }

    void leave() {
        memory.leave(locals.pop().nodes);
    }

    private @Nullable Integer local(String name) {
        return locals.isEmpty() || locals.element().counters.containsKey(name) ? null : locals.element().nodes.get(name);
    }

    private @Nullable Counter counter(String name) {
        if (locals.isEmpty()) {
            return counters.get(name);
        }
        Counter counter = locals.element().counters.get(name);
        Counter outside = counter == null ? counters.get(name) : counter;
        while (counter == null && outside != null && outside.list != null) {
            outside = outside.list.before;
        }
        return outside;
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
        Integer node = node(name);
        return node != null ? writer.number(node, true) : counter(name) != null ? number(name) : OptionalDouble.empty();
    }

    /** Returns the numbers of the vector that a name is bound to, if they are known; an empty list otherwise. */
    List<Object> list(String name) {
        Integer node = node(name);
        return node != null ? writer.list(node) : List.of();
    }

    /** Returns the node that a statement or a parameter has bound to a name; null if the name means something else. */
    private @Nullable Integer node(String name) {
        Integer local = local(name);
        Counter counter = local == null ? counter(name) : null;
        return local != null ? local : counter == null ? variables.latest(name) : counter.item;
    }

    /** Returns the shape of the value that the name has, null if it has none or its shape is not known. */
    @Nullable
    Shape shape(String name, int token) {
        int node = isValue(name) ? meaning(name, token) : NodeWriter.BROKEN;
        return node == NodeWriter.BROKEN ? null : writer.shape(node);
    }

    /** Returns the shape of the node that a name means so far; null if the name means none, or the shape is not known. */
    @Nullable
    Shape knownShape(String name) {
        Integer node = variables.isBound(name) ? variables.latest(name) : inputs.nodes().get(name);
        return node == null ? null : writer.shape(node);
    }

    /** Makes a name mean another node until it is exchanged again. Returns the node that it meant. */
    int exchange(String name, int node) {
        return variables.exchange(name, node);
    }

    /** Reports a name that cannot be a loop variable. */
    void checkCount(int token) {
        Counter counter = counter(tokens.text(token));
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give this loop another name"));
        } else if (locals.isEmpty()) {
            inputs.checkNone(tokens.text(token), token);
        }
    }

    /** Adds a parameter of the program, and reports a name that cannot be one. The body may assign it if {@code isVariable}. */
    void addParameter(String name, int token, boolean isVariable) {
        inputs.addParameter(name, isVariable);
        if (variables.isBound(name) || counters.containsKey(name)) {
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

    /** Makes a name, which stands at this token, count: its value is a number or a node. */
    void count(int token, Object value) {
        ownCounters().put(tokens.text(token), Counter.of(value, null));
    }

    void endCount(int token) {
        ownCounters().computeIfPresent(tokens.text(token), (key, counter) -> new Counter(counter.value, counter.item, false, null));
    }

    /** Counts the items of a list, in which alone the name counts. */
    void countItems(String name, Object value, @Nullable Object before) {
        ownCounters().put(name, Counter.of(value, new ListCount(before instanceof Counter counter ? counter : null)));
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

    /**
     * Binds a name, which stands at this token. In the body of a function the name is the function's own.
     *
     * @param isCopy whether the value was copied, so that it is an array of its own
     */
    void bind(String name, int token, int node, boolean isCopy) {
        Counter counter = counter(name);
        if (counter != null && counter.isRunning) {
            problems.add(tokens.problem(ProblemCode.SYNTAX_ERROR, token, running(token)).hint("give the result another name"));
        } else if (!locals.isEmpty()) {
            locals.element().counters.remove(name);
            Integer before = locals.element().nodes.put(name, node);
            locals.element().own.add(name);
            memory.bind(name, node, before == null ? NodeWriter.BROKEN : before, isCopy);
        } else if (inputs.checkNone(name, token) && !writer.isPaused()) {
            counters.remove(name);
            memory.bind(name, node, variables.bind(name, node, token), isCopy);
        }
    }

    /** Which names may mean the same array. */
    Memory memory() {
        return memory;
    }

    /**
     * Returns the node that an assignment such as +=, or to elements, updates. In NumPy it changes an array in place, for all names that
     * mean the array or a part of it; where there may be others, these cannot be read any more, and in a function the assignment is
     * refused. A number never changes, except as a tensor of PyTorch. {@code sign} is the token of the assignment.
     */
    int updated(int token, int sign) {
        String name = tokens.text(token);
        int node = read(name, token);
        boolean isOwn = locals.isEmpty()
                ? sign > token + 1 || !inputs.has(name) || variables.isBound(name)
                : locals.element().own.contains(name);
        boolean isNumber = writer.number(node, true).isPresent() || !writer.mayBeArray(node) && !tree.mentionsTorch();
        boolean isImmutable = isNumber && !memory.hasScalarArrays() && (isOwn || local(name) != null);
        boolean isAlone = node == NodeWriter.BROKEN || isImmutable || isOwn && memory.isAlone(name, node);
        if (!isAlone && !(isOwn && locals.isEmpty())) {
            throw inputs.refusedChange(name, token, sign);
        } else if (!isAlone) {
            memory.change(name, node, token);
        }
        inputs.change(name);
        return node;
    }

    /** Returns the ids of the nodes. */
    Variables.Ids ids(int nodes) {
        return variables.ids(nodes, inputs, tokens);
    }
}
