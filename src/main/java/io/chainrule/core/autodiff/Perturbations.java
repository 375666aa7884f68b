package io.chainrule.core.autodiff;

import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.op.Maths;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A graph with inputs added to some of its nodes, so that derivatives by such a node are derivatives by an input. From the second order on
 * a seed at the node would not be enough: a rule that reads its own result, such as that of exp, must read it without the perturbation.
 *
 * @param image the new number of each node of the original, perturbation included
 * @param source the node of the original to which each node belongs
 * @param points the input that is added to a node, by node of the original
 */
public record Perturbations(Graph graph, int[] image, int[] source, Map<Integer, Integer> points) {

    /** Adds perturbations to {@code nodes} of a graph without composite ops; nodes that are inputs are left as they are. */
    public static Perturbations of(Graph original, Collection<Integer> nodes, Allowance allowance) {
        Set<Integer> perturbed = new HashSet<>(nodes);
        perturbed.removeIf(node -> original.op(node) instanceof Leaf.Input);
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int[] image = new int[original.size()];
        int[] source = new int[original.size() + 2 * perturbed.size()];
        Map<Integer, Integer> points = new HashMap<>();
        for (int i = 0; i < original.size(); i++) {
            int before = builder.size();
            image[i] = builder.copy(original, i, image);
            if (perturbed.contains(i)) {
                points.put(i, builder.input("perturbation", original.shape(i)).index());
                image[i] = Maths.add(builder.node(image[i]), builder.node(points.get(i))).index();
            }
            Arrays.fill(source, before, builder.size(), i);
        }
        return new Perturbations(builder.build(), image, source, points);
    }

    /** The value of a perturbation that changes nothing: −0, because adding 0 would turn −0 into 0. */
    public static Tensor none(Shape shape) {
        return Tensor.full(shape, -0.0);
    }
}
