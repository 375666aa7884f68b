package io.chainrule.core.expression;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.NamedGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Assembles programs from lists of nodes in any order. Nodes are numbered by their position in the list; inputs that only the request
 * defines come after them. The graph keeps the order of the list as far as it is a topological order. Time is linear in the list.
 */
public final class NodeListAssembler {
    /** The names of numbers that JSON cannot express. An operand with such a name is a number unless a node has that name. */
    private static final Set<String> NON_FINITE = Set.of("NaN", "Infinity", "-Infinity");
    private static final int NONE = -1;
    private static final int MAX_NAMED = 5;

    private final List<NodeSpec> nodes;
    private final Given given;
    private final Set<String> inputs;
    private final Problems problems = new Problems();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> ids = new ArrayList<>();
    private final @Nullable Op[] ops;
    private int[] starts;
    private int[] reads;

    private NodeListAssembler(List<NodeSpec> nodes, Given given) {
        this.nodes = nodes;
        this.given = given;
        this.inputs = given.names();
        this.ops = new Op[nodes.size()];
        this.starts = new int[nodes.size() + 1];
        this.reads = new int[2 * nodes.size()];
    }

    /**
     * Assembles the program of a list of nodes. {@code output} may be null if exactly one node is used by no other node.
     * {@code outputPlace} is where the request names the output. The names that the request has values for count as nodes.
     *
     * @throws io.chainrule.core.graph.ProblemException with all that is wrong, a hundred problems at most, each with its place
     * @throws LimitException for limit "nodes"
     */
    public static NamedGraph assemble(List<NodeSpec> nodes, @Nullable String output, Place outputPlace, Given given,
            Allowance allowance) {
        if (nodes.size() > allowance.nodes()) {
            throw new LimitException("nodes", nodes.size(), allowance.nodes());
        }
        return new NodeListAssembler(nodes, given).program(output, outputPlace, allowance);
    }

    /** The names that nodes of a list read and that no other node of the list has, and its inputs. Nothing is checked. */
    public static Set<String> inputs(List<NodeSpec> nodes) {
        Set<String> read = new LinkedHashSet<>();
        nodes.forEach(node -> node.inputs().stream().filter(String.class::isInstance).forEach(operand -> read.add((String) operand)));
        read.removeAll(NON_FINITE);
        for (NodeSpec node : nodes) {
            String id = node.id();
            if (id != null && SpecReader.isInput(node)) {
                read.add(id);
            } else if (id != null) {
                read.remove(id);
            }
        }
        return read;
    }

    /** The ops of nodes that are no ops: if they are not mistakes, they are models. */
    public static Set<String> unknownOps(List<NodeSpec> nodes) {
        Set<String> unknown = new LinkedHashSet<>();
        for (NodeSpec node : nodes) {
            if (node.op() != null && !SpecReader.isOp(node.op())) {
                unknown.add(node.op());
            }
        }
        return unknown;
    }

    private NamedGraph program(@Nullable String output, Place outputPlace, Allowance allowance) {
        number();
        makeOps();
        connect();
        int outputNumber = output == null ? NONE : named(output);
        int edges = starts[nodes.size()];
        starts = Arrays.copyOf(starts, ids.size() + 1);
        Arrays.fill(starts, nodes.size(), starts.length, edges);
        NodeOrder order = new NodeOrder(starts, reads);
        order.cycles().forEach(this::reportCycle);
        if (output != null && outputNumber == NONE) {
            problems.add(() -> unknownNode(output, "the graph has no node '" + output + "'").at(outputPlace));
        } else if (output == null && problems.isEmpty()) {
            outputNumber = onlySink(outputPlace);
        }
        problems.throwIfAny();
        return build(order.nodes(), outputNumber, allowance);
    }

    private void number() {
        for (int i = 0; i < nodes.size(); i++) {
            NodeSpec spec = nodes.get(i);
            String id = spec.id();
            ids.add(id == null ? "" : id);
            if (id == null) {
                problems.add(SpecReader.problem(ProblemCode.INVALID_VALUE, "the node has no id", i, spec, "id"));
            } else if (numbers.putIfAbsent(id, i) != null) {
                problems.add(SpecReader.problem(ProblemCode.DUPLICATE_ID, "two nodes are called '" + id + "'", i, spec, "id"));
            } else if (inputs.contains(id) && !SpecReader.isInput(spec)) {
                boolean isOfModel = given.models().keySet().stream().anyMatch(model -> id.startsWith(model + "."));
                String message = "'" + id + "' is a node of the graph and "
                        + (isOfModel ? "the name of a value that a model keeps" : "given in inputs too");
                problems.add(SpecReader.problem(ProblemCode.DUPLICATE_ID, message, i, spec, "id"));
            }
        }
    }

    private void makeOps() {
        SpecReader reader = new SpecReader(problems);
        for (int i = 0; i < ops.length; i++) {
            ModelFunction model = model(i);
            if (model == null) {
                ops[i] = reader.op(i, nodes.get(i));
            } else {
                reader.checkCall(i, nodes.get(i), model.inputs());
            }
        }
    }

    /** The model that a node calls; null for an op. */
    private @Nullable ModelFunction model(int node) {
        String op = nodes.get(node).op();
        return given.models().isEmpty() || op == null || SpecReader.isOp(op) ? null : given.models().get(op);
    }

    private void connect() {
        int edges = 0;
        for (int i = 0; i < nodes.size(); i++) {
            List<Object> operands = nodes.get(i).inputs();
            if (edges + operands.size() > reads.length) {
                reads = Arrays.copyOf(reads, Math.max(edges + operands.size(), reads.length + (reads.length >> 1)));
            }
            for (int k = 0; k < operands.size(); k++) {
                reads[edges++] = operand(i, k, operands.get(k));
            }
            starts[i + 1] = edges;
        }
    }

    private int operand(int node, int position, Object operand) {
        if (operand instanceof Number) {
            return NONE;
        }
        NodeSpec spec = nodes.get(node);
        if (!(operand instanceof String id)) {
            problems.add(SpecReader.problem(ProblemCode.INVALID_VALUE, "an operand is an id or a number", node, spec, "inputs",
                    Integer.toString(position)));
            return NONE;
        }
        int number = named(id);
        if (number == NONE && !NON_FINITE.contains(id)) {
            problems.add(() -> unknownNode(id, "neither a node nor an input is called '" + id + "'").node(spec.id())
                    .at(Place.OfNode.at(node).part("inputs").item(position)));
        }
        return number;
    }

    /**
     * Returns the number of a node, or NONE if there is no node of this id. An input of the request becomes a node when it is first
     * used.
     */
    private int named(String id) {
        Integer number = numbers.get(id);
        if (number == null && inputs.contains(id)) {
            number = ids.size();
            numbers.put(id, number);
            ids.add(id);
        }
        return number == null ? NONE : number;
    }

    private Problem unknownNode(String id, String message) {
        return Problem.of(ProblemCode.UNKNOWN_NODE, message)
                .hint(Nearest.hint(id, numbers.keySet()).or(() -> Nearest.hint(id, inputs)).orElse(null));
    }

    private void reportCycle(NodeOrder.Cycle cycle) {
        int last = cycle.nodes()[cycle.nodes().length - 1];
        String message = "nodes read each other in a circle: " + path(cycle.nodes());
        problems.add(SpecReader.problem(ProblemCode.CYCLE, message, last, nodes.get(last), "inputs", Integer.toString(cycle.edge())));
    }

    private String path(int[] cycle) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < cycle.length; i++) {
            if (i < MAX_NAMED || i == cycle.length - 1) {
                path.append(ids.get(cycle[i])).append(" → ");
            } else if (i == MAX_NAMED) {
                path.append("… → ");
            }
        }
        return path.append(ids.get(cycle[0])).toString();
    }

    private int onlySink(Place outputPlace) {
        BitSet used = new BitSet();
        for (int edge = 0; edge < starts[nodes.size()]; edge++) {
            if (reads[edge] != NONE) {
                used.set(reads[edge]);
            }
        }
        int[] sinks = IntStream.range(0, nodes.size()).filter(i -> !used.get(i)).limit(MAX_NAMED + 1L).toArray();
        if (sinks.length == 1) {
            return sinks[0];
        }
        String some = IntStream.of(sinks).limit(MAX_NAMED).mapToObj(ids::get).collect(Collectors.joining(", "));
        Problem problem = sinks.length == 0
                ? Problem.of(ProblemCode.MISSING_OUTPUT, "the graph has no nodes").at(Place.nodeList("nodes"))
                : Problem.of(ProblemCode.MISSING_OUTPUT, "several nodes are used by no other, and none is named as the output")
                        .at(outputPlace).hint("name one of " + some + (sinks.length > MAX_NAMED ? ", …" : ""));
        problems.add(problem);
        return NONE;
    }

    private static double number(Object literal) {
        return literal instanceof Number number ? number.doubleValue() : Double.parseDouble((String) literal);
    }

    private int add(int number, int[] operands, GraphBuilder builder, NodeCalls calls) {
        if (number >= ops.length) {
            return calls.input(new Leaf.Input(ids.get(number), null));
        }
        ModelFunction model = model(number);
        if (model != null) {
            return calls.add(number, nodes.get(number), model, operands);
        }
        Op op = Objects.requireNonNull(ops[number]);
        return op instanceof Leaf.Input input ? calls.input(input) : builder.add(op, operands);
    }

    private NamedGraph build(int[] order, int output, Allowance allowance) {
        GraphBuilder builder = GraphBuilder.withoutShapes(allowance);
        NodeCalls calls = new NodeCalls(builder, given, allowance, problems);
        int[] placed = new int[ids.size()];
        for (int number : order) {
            int[] operands = Arrays.copyOfRange(reads, starts[number], starts[number + 1]);
            for (int k = 0; k < operands.length; k++) {
                operands[k] = operands[k] == NONE
                        ? builder.literalIndex(number(nodes.get(number).inputs().get(k)))
                        : placed[operands[k]];
            }
            placed[number] = add(number, operands, builder, calls);
        }
        @Nullable
        String[] names = new String[builder.size()];
        calls.inputs().forEach((id, node) -> names[node] = id);
        Map<String, Integer> aliases = new LinkedHashMap<>();
        for (int number : order) {
            // A model may answer an argument as it is, which then has two names.
            if (names[placed[number]] == null) {
                names[placed[number]] = ids.get(number);
            } else if (!ids.get(number).equals(names[placed[number]])) {
                aliases.put(ids.get(number), placed[number]);
            }
        }
        String outputName = aliases.containsKey(ids.get(output)) ? ids.get(output) : null;
        return new NamedGraph(builder.build(), placed[output], outputName, names, aliases, _ -> null);
    }
}
