package io.chainrule.core.graph;

import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A graph with the ids of its nodes, an output and positions in the source. A node without a name gets an id when an id is first asked for:
 * {@code mul_1}, counted for each op, or {@code output} for the output. Thread-safe.
 */
public final class NamedGraph {
    private final Graph graph;
    private final int output;
    private final @Nullable String outputName;
    private final @Nullable String[] names;
    private final Map<String, Integer> aliases;
    private final IntFunction<Problem.@Nullable Position> positions;
    /** The output of the program as it was written. If it has no name its id is "output", even if another node has become the output. */
    private final int writtenOutput;
    /** Computed completely on first use and then published. Two threads may compute it twice, with the same content. */
    private volatile @Nullable String @Nullable [] ids;
    /** Finds the nodes that the client has named. Computed and published like {@link #ids}. */
    private volatile @Nullable NodeTable byName;
    /** Finds all nodes by their ids. Computed and published in the same way. */
    private volatile @Nullable NodeTable byId;

    /** {@code names[i]} is null if node i was given no name; {@code positions} returns null if there is no source text. */
    public NamedGraph(Graph graph, int output, @Nullable String[] names, IntFunction<Problem.@Nullable Position> positions) {
        this(graph, output, null, names, Map.of(), positions);
    }

    /** {@code aliases} are further names of nodes that have an id; {@code outputName} is another name of the output, or null. */
    public NamedGraph(Graph graph, int output, @Nullable String outputName, @Nullable String[] names, Map<String, Integer> aliases,
            IntFunction<Problem.@Nullable Position> positions) {
        this(graph, output, output, outputName, names, aliases, positions);
    }

    private NamedGraph(Graph graph, int output, int writtenOutput, @Nullable String outputName, @Nullable String[] names,
            Map<String, Integer> aliases,
            IntFunction<Problem.@Nullable Position> positions) {
        this.graph = graph;
        this.output = output;
        this.writtenOutput = writtenOutput;
        this.outputName = outputName;
        this.names = names;
        this.aliases = aliases;
        this.positions = positions;
    }

    /** A program that consists of one op; its inputs are the op's operands, with these names and shapes. */
    public static NamedGraph ofOp(Op op, List<String> operands, List<Shape> shapes) {
        GraphBuilder builder = GraphBuilder.withShapes();
        int[] inputs = IntStream.range(0, operands.size()).map(k -> builder.input(operands.get(k), shapes.get(k)).index()).toArray();
        int output = builder.add(op, inputs);
        @Nullable
        String[] names = operands.toArray(new String[output + 1]);
        return new NamedGraph(builder.build(), output, names, _ -> null);
    }

    public Graph graph() {
        return graph;
    }

    public int output() {
        return output;
    }

    public NamedGraph withGraph(Graph other) {
        return with(other, output, outputName);
    }

    /** The same program, with these ids for nodes without a name; {@code null} for literals. */
    public NamedGraph withIds(@Nullable String[] all) {
        NamedGraph program = with(graph, output, outputName);
        program.ids = all;
        return program;
    }

    private NamedGraph with(Graph other, int node, @Nullable String name) {
        NamedGraph program = new NamedGraph(other, node, writtenOutput, name, names, aliases, positions);
        program.ids = ids;
        return program;
    }

    /**
     * The same program expressed by other nodes, with the same ids. New nodes get ids made from the id of the node that they belong to and
     * from their op, counted: {@code sigmoid_1/exp_1}.
     *
     * @param image the node of the other graph that stands for each node of this program, or −1
     * @param origin the node of this program to which each node of the other graph belongs
     */
    public NamedGraph rewritten(Graph other, int[] image, int[] origin) {
        @Nullable
        String[] otherNames = new String[other.size()];
        @Nullable
        String[] otherIds = new String[other.size()];
        for (int i = 0; i < image.length; i++) {
            if (image[i] >= 0 && !graph.isLiteral(i)) {
                otherNames[image[i]] = names[i];
                otherIds[image[i]] = id(i);
            }
        }
        Map<String, Integer> counts = new HashMap<>();
        Set<String> taken = idsAndAliases();
        for (int i = 0; i < other.size(); i++) {
            if (otherIds[i] == null && !other.isLiteral(i)) {
                otherIds[i] = free(id(origin[i]) + "/" + other.op(i).name(), counts, taken);
            }
        }
        Map<String, Integer> otherAliases = new LinkedHashMap<>();
        aliases.forEach((alias, node) -> {
            if (image[node] >= 0) {
                otherAliases.put(alias, image[node]);
            }
        });
        NamedGraph program = new NamedGraph(other, image[output], image[output], outputName, otherNames, otherAliases,
                node -> position(origin[node]));
        program.ids = otherIds;
        return program;
    }

    /** The next of {@code op_1}, {@code op_2}, … that is not in use. */
    private static String free(String op, Map<String, Integer> counts, Set<String> taken) {
        String id;
        do {
            id = op + "_" + counts.merge(op, 1, Integer::sum);
        } while (taken.contains(id));
        return id;
    }

    public NamedGraph withOutput(int node) {
        return with(graph, node, null);
    }

    /** The same program with another output, which responses call by this name. */
    public NamedGraph withOutput(int node, String name) {
        return with(graph, node, name);
    }

    /** The same program with further aliases; {@code name} is that by which responses call the output, or null for what it was. */
    public NamedGraph withAliases(Map<String, Integer> further, @Nullable String name) {
        Map<String, Integer> all = new LinkedHashMap<>(aliases);
        all.putAll(further);
        return new NamedGraph(graph, output, writtenOutput, name == null ? outputName : name, names, all, positions);
    }

    /** The name of the output in responses: the alias by which it was asked for, or its id. */
    public String outputId() {
        return outputName != null ? outputName : id(output);
    }

    /** Further names that {@link #find} knows, in the order in which they were declared. */
    public Map<String, Integer> aliases() {
        return Collections.unmodifiableMap(aliases);
    }

    /** Whether the client gave the node its id. */
    public boolean isNamed(int node) {
        return names[node] != null;
    }

    /**
     * Whether a node without operands is read by nothing and named by no statement: what is left of an index such as {@code np.arange(n)},
     * whose elements were found without it.
     */
    public boolean isLoose(int node) {
        boolean isUnnamed = names[node] == null && node != output && graph.operandCount(node) == 0
                && !(graph.op(node) instanceof Leaf.Input);
        for (int i = node + 1; i < graph.size() && isUnnamed; i++) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                if (graph.operand(i, k) == node) {
                    return false;
                }
            }
        }
        return isUnnamed;
    }

    public Problem.@Nullable Position position(int node) {
        return positions.apply(node);
    }

    /** The node's id; for a literal, which has none, its number. */
    public String id(int node) {
        String name = names[node];
        if (name != null) {
            return name;
        }
        if (graph.op(node) instanceof Leaf.Literal literal) {
            return String.valueOf(literal.value());
        }
        @Nullable
        String[] known = ids;
        if (known == null) {
            known = generateIds();
            ids = known;
        }
        return String.valueOf(known[node]);
    }

    /** The node with this id or alias, or null. Most callers ask for names: ids of the other nodes are generated for those who do not. */
    public @Nullable Integer find(String id) {
        Integer node = named().find(id);
        node = node == null ? aliases.get(id) : node;
        return node == null ? index().find(id) : node;
    }

    public Collection<String> allIds() {
        return Collections.unmodifiableSet(idsAndAliases());
    }

    private Set<String> idsAndAliases() {
        Set<String> all = HashSet.newHashSet(aliases.size() + graph.size());
        all.addAll(aliases.keySet());
        for (int i = 0; i < graph.size(); i++) {
            if (!graph.isLiteral(i)) {
                all.add(id(i));
            }
        }
        return all;
    }

    public List<Integer> inputs() {
        List<Integer> inputs = new ArrayList<>();
        for (int i = 0; i < graph.size(); i++) {
            if (graph.op(i) instanceof Leaf.Input) {
                inputs.add(i);
            }
        }
        return inputs;
    }

    private NodeTable named() {
        NodeTable known = byName;
        if (known == null) {
            known = table(this::isNamed);
            byName = known;
        }
        return known;
    }

    private NodeTable index() {
        NodeTable known = byId;
        if (known == null) {
            known = table(node -> !graph.isLiteral(node));
            byId = known;
        }
        return known;
    }

    private NodeTable table(IntPredicate isIn) {
        int[] nodes = IntStream.range(0, graph.size()).filter(isIn).toArray();
        NodeTable table = new NodeTable(nodes.length, this::id);
        for (int node : nodes) {
            table.put(node);
        }
        return table;
    }

    private @Nullable String[] generateIds() {
        Map<String, Integer> counts = new HashMap<>();
        Set<String> taken = HashSet.newHashSet(aliases.size() + names.length);
        taken.addAll(aliases.keySet());
        for (String name : names) {
            if (name != null) {
                taken.add(name);
            }
        }
        @Nullable
        String[] result = names.clone();
        if (result[writtenOutput] == null && taken.add("output")) {
            result[writtenOutput] = "output";
        }
        for (int i = 0; i < graph.size(); i++) {
            if (result[i] == null && !graph.isLiteral(i)) {
                result[i] = free(graph.op(i).name(), counts, taken);
            }
        }
        return result;
    }
}
