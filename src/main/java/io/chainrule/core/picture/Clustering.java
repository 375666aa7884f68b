package io.chainrule.core.picture;

import io.chainrule.core.elementary.Root;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Draws the nodes of a statement, or of a layer of a network, as one part, and where there are still too many, several of these. */
final class Clustering {
    /** Among more parts than this nobody finds the way. */
    static final int MANY = 200;
    /** Where the wires cross more layers, nobody can follow them. */
    static final int DENSE = 4000;
    /** A statement of more nodes is drawn in several parts. */
    private static final int LONG_STATEMENT = 60;
    private static final int PARTS_OF_STATEMENT = 12;
    /** Nobody reads a line of more parts. */
    private static final int DEEP = 24;
    private static final int MOST_LEAVES = 50;

    private final Circuit circuit;
    private final Map<String, String> types;
    private final Labels labels;

    private Clustering(Circuit circuit, Map<String, String> types, Labels labels) {
        this.circuit = circuit;
        this.types = types;
        this.labels = labels;
    }

    /** Draws groups as one part each; {@code types} has the types of layers by their names, and is empty for other programs. */
    static Circuit of(Circuit circuit, Map<String, String> types, Labels labels) {
        int[] counts = new int[circuit.parts().size()];
        Map<String, Integer> sizes = new HashMap<>();
        for (int i = 0; i < counts.length; i++) {
            String group = circuit.parts().get(i).group();
            counts[i] = group == null ? 0 : sizes.merge(group, 1, Integer::sum) - 1;
        }
        Circuit byGroup = new Clustering(circuit, types, labels).merged(i -> {
            String group = circuit.parts().get(i).group();
            boolean isLong = types.isEmpty() && group != null && sizes.getOrDefault(group, 0) > LONG_STATEMENT;
            return isLong ? group + " " + counts[i] / Math.ceilDiv(sizes.getOrDefault(group, 0), PARTS_OF_STATEMENT) : group;
        });
        List<Part> parts = byGroup.parts();
        int depth = Arrays.stream(Circuit.depths(parts.size(), byGroup.wires())).max().orElse(0) + 1;
        boolean isDeep = types.isEmpty() && (depth > DEEP || byGroup.layersCrossed() > DENSE);
        if (parts.size() <= MANY && !isDeep) {
            return byGroup;
        }
        // Runs of neighbours in topological order make no cycle; what nothing leads to has runs of its own.
        int literals = (int) parts.stream().filter(part -> part.kind() == Part.Kind.LITERAL).count();
        int leaves = (int) parts.stream().filter(Part::isLeaf).count() - literals;
        int sizeOfLeaves = Math.max(1, Math.ceilDiv(leaves, MOST_LEAVES));
        int size = Math.ceilDiv(parts.size() - leaves - literals, isDeep ? DEEP : MANY / 2);
        List<String> runs = new ArrayList<>();
        int leaf = 0;
        int gate = 0;
        for (Part part : parts) {
            // A literal stands before the gate that reads it.
            boolean isLiteral = part.kind() == Part.Kind.LITERAL;
            runs.add(isLiteral ? "gates " + gate / size : part.isLeaf() ? "leaves " + leaf++ / sizeOfLeaves : "gates " + gate++ / size);
        }
        return new Clustering(byGroup, Map.of(), labels).merged(runs::get);
    }

    private Circuit merged(IntFunction<@Nullable String> groupOf) {
        List<Part> parts = circuit.parts();
        Map<String, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String group = groupOf.apply(i);
            members.computeIfAbsent(group == null ? "part " + i : "group " + group, _ -> new ArrayList<>()).add(i);
        }
        int[] places = new int[parts.size()];
        List<Part> merged = new ArrayList<>();
        for (List<Integer> group : members.values()) {
            if (group.stream().filter(i -> parts.get(i).kind() != Part.Kind.LITERAL).count() > 1) {
                group.forEach(i -> places[i] = merged.size());
                merged.add(cluster(group.stream().map(parts::get).toList()));
            } else {
                group.forEach(i -> {
                    places[i] = merged.size();
                    merged.add(parts.get(i));
                });
            }
        }
        return new Circuit(List.copyOf(merged), wires(places), circuit.output(), circuit.steps());
    }

    /** One wire for all that one part reads of another. */
    private List<Wire> wires(int[] places) {
        Map<List<Integer>, Double> contributions = new LinkedHashMap<>();
        for (Wire wire : circuit.wires()) {
            int from = places[wire.from()];
            int to = places[wire.to()];
            if (from != to) {
                contributions.merge(List.of(from, to), wire.contribution(), Root::hypot);
            }
        }
        Map<Integer, Integer> operands = new HashMap<>();
        List<Wire> wires = new ArrayList<>();
        contributions.forEach((ends, contribution) -> wires
                .add(new Wire(ends.getFirst(), ends.getLast(), operands.merge(ends.getLast(), 1, Integer::sum) - 1, contribution)));
        return List.copyOf(wires);
    }

    /** A cluster has the value and the gradient of its last node, and tells what it holds. */
    private Part cluster(List<Part> members) {
        Part last = members.getLast();
        boolean areLeaves = members.stream().allMatch(Part::isLeaf);
        boolean isRun = areLeaves || members.stream().anyMatch(part -> part.kind() == Part.Kind.CLUSTER);
        int count = members.stream().mapToInt(Part::nodes).sum();
        String type = last.group() == null ? null : types.get(last.group());
        List<Part> parameters = areLeaves ? List.of() : members.stream().filter(part -> part.kind() == Part.Kind.INPUT).toList();
        String name = isRun ? range(members) : last.name();
        String note = parameters.isEmpty()
                ? type == null ? "" : labels.language().text("picture.cluster.nodes", String.valueOf(count))
                : parameters(parameters);
        return new Part(last.id(), type == null ? "cluster" : type,
                type == null
                        ? labels.language().text(areLeaves ? "picture.cluster.inputs" : "picture.cluster.nodes", String.valueOf(count))
                        : type,
                name,
                true, Part.Kind.CLUSTER, note, last.group(), count, last.shape(), last.value(), last.gradient(), last.valueStep(),
                last.gradientStep());
    }

    /** The statements from the first to the last that a run has parts of; of parts of one statement, or of none, these parts. */
    private static String range(List<Part> members) {
        List<Part> nodes = members.stream().filter(part -> part.kind() != Part.Kind.LITERAL).toList();
        Part first = nodes.getFirst();
        Part last = nodes.getLast();
        boolean areStatements = first.group() != null && last.group() != null && !first.group().equals(last.group());
        return areStatements ? first.group() + " … " + last.group() : first.name() + " … " + last.name();
    }

    /** How many numbers the parameters of a layer have, and the length of the gradient by all of them, where it is known. */
    private String parameters(List<Part> parameters) {
        String count = String.valueOf(parameters.stream().mapToLong(part -> part.shape().size()).sum());
        double length = 0;
        for (Part parameter : parameters) {
            Tensor gradient = labels.gradient(parameter);
            if (gradient == null) {
                return labels.language().text("picture.cluster.parameters", count);
            }
            for (double element : gradient.data()) {
                length = Root.hypot(length, element);
            }
        }
        return labels.language().text("picture.cluster.parameters.gradient", count, labels.numbers().rounded(length));
    }
}
