package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the paths that carry the most of a node's gradient. From the output back, every node keeps the largest parts of its own gradient
 * that arrive along single paths. Of scalars these are the largest indeed, since the parts of a path are products. Of arrays the parts are
 * compared by the sum of their magnitudes: the shares are right, but a path that is small at first and grows later may be missed.
 */
final class PathWriter {
    private static final int MOST = Explainer.MOST_PATHS;
    private static final double PERCENT = 100;

    private final Scene scene;
    private final Explainer.Means means;

    PathWriter(Scene scene, Explainer.Means means) {
        this.scene = scene;
        this.means = means;
    }

    /** A path to a node, without what it carries. */
    private record Way(int node, @Nullable Way before) {}

    /** A part of a node's gradient, with the path along which backpropagation carried it there. */
    private record Part(Way way, Tensor carried, double size) {
        static Part of(Way way, Tensor carried) {
            return new Part(way, carried, Arrays.stream(carried.data()).map(Math::abs).sum());
        }

        /** Parts that are not numbers come first: they are what spoils the gradient. */
        double rank() {
            return Double.isNaN(size) ? Double.POSITIVE_INFINITY : size;
        }
    }

    /** The nodes on paths along which a gradient arrives at a node, itself included. */
    static NavigableSet<Integer> upstream(Scene scene, int node) {
        TreeSet<Integer> found = new TreeSet<>(List.of(node));
        for (Integer next = node; next != null; next = found.higher(next)) {
            scene.contributions.readers(next).forEach(found::add);
        }
        return found;
    }

    Explanation.Paths of(int node) {
        Map<Integer, List<Part>> parts = new HashMap<>();
        Map<Integer, Double> counts = new HashMap<>();
        NavigableSet<Integer> upstream = upstream(scene, node);
        means.takes(upstream.stream().mapToLong(each -> Double.BYTES * MOST * scene.graph.shape(each).size()).sum());
        for (int each : upstream.descendingSet()) {
            if (each == scene.program.output()) {
                parts.put(each, List.of(Part.of(new Way(each, null), scene.outcome.gradient(each))));
                counts.put(each, 1.0);
            } else {
                parts.put(each, arriving(each, parts, counts));
            }
        }
        Tensor gradient = scene.outcome.gradient(node);
        double total = gradient.shape().isScalar() ? gradient.item() : inner(gradient, gradient);
        List<Explanation.Path> paths = parts.getOrDefault(node, List.of()).stream()
                .map(part -> new Explanation.Path(ids(part), gradient.shape().isScalar()
                        ? part.carried.item()
                        : inner(part.carried, gradient)))
                .toList();
        double count = counts.getOrDefault(node, 0.0);
        double rest = count <= paths.size() ? 0 : total - paths.stream().mapToDouble(Explanation.Path::share).sum();
        return new Explanation.Paths(scene.id(node), paths, rest, total, text(node, gradient, paths, rest, total, count));
    }

    private List<Part> arriving(int node, Map<Integer, List<Part>> parts, Map<Integer, Double> counts) {
        List<Part> found = new ArrayList<>();
        Map<Integer, Map<Integer, Double>> locals = new HashMap<>();
        Map<Integer, Set<Integer>> operands = new HashMap<>();
        for (Contribution each : scene.contributions.of(node)) {
            operands.computeIfAbsent(each.to(), _ -> new LinkedHashSet<>()).add(each.operand());
            each.factor().ifPresent(
                    factor -> locals.computeIfAbsent(each.to(), _ -> new HashMap<>()).merge(each.operand(), factor, Double::sum));
        }
        double count = 0;
        for (int to : scene.contributions.readers(node)) {
            count += counts.getOrDefault(to, 0.0);
            Map<Integer, Double> factors = locals.getOrDefault(to, Map.of());
            for (Part part : parts.getOrDefault(to, List.of())) {
                found.add(Part.of(new Way(node, part.way), carried(part, operands.getOrDefault(to, Set.of()), factors, node)));
            }
        }
        counts.put(node, count);
        return found.stream().sorted(Comparator.comparingDouble(Part::rank).reversed()).limit(MOST).toList();
    }

    private Tensor carried(Part part, Set<Integer> operands, Map<Integer, Double> factors, int node) {
        Tensor sum = Tensor.zeros(scene.graph.shape(node));
        for (int operand : operands) {
            Double factor = factors.get(operand);
            if (factor != null && sum.shape().isScalar()) {
                sum.data()[0] += part.carried.item() == 0 ? 0 : part.carried.item() * factor;
            } else {
                double[] more = scene.contributions.pulledBack(part.way.node, operand, part.carried).data();
                Arrays.setAll(sum.data(), i -> sum.data()[i] + more[i]);
            }
        }
        return sum;
    }

    private static double inner(Tensor a, Tensor b) {
        double sum = 0;
        for (int i = 0; i < a.length(); i++) {
            sum += a.data()[i] * b.data()[i];
        }
        return sum;
    }

    private List<String> ids(Part last) {
        List<String> ids = new ArrayList<>();
        for (Way way = last.way; way != null; way = way.before) {
            ids.add(scene.id(way.node));
        }
        return ids.reversed();
    }

    private String text(int node, Tensor gradient, List<Explanation.Path> paths, double rest, double total, double count) {
        String id = scene.id(node);
        if (paths.isEmpty()) {
            return scene.text("paths.none", id, scene.outputId());
        }
        List<String> lines = new ArrayList<>(
                List.of(scene.text(count == 1 ? "paths.one" : "paths", id, scene.number(gradient), Numerals.of(count), scene.outputId())));
        boolean hasPercent = total != 0 && Double.isFinite(total);
        for (Explanation.Path path : paths) {
            lines.add("  " + share("paths.path", hasPercent, total, path.share(), written(path.nodes())));
        }
        if (count > paths.size()) {
            lines.add("  " + share("paths.rest", hasPercent, total, rest));
        }
        if (!gradient.shape().isScalar()) {
            lines.add(scene.text("paths.array", Numerals.of(total)));
        }
        return String.join("\n", lines);
    }

    private String written(List<String> nodes) {
        List<String> shown = new ArrayList<>(nodes);
        shown.set(0, scene.outputNode());
        return String.join(" → ", shown);
    }

    private String share(String key, boolean hasPercent, double total, double share, Object... before) {
        List<Object> arguments = new ArrayList<>(List.of(before));
        arguments.add(Numerals.of(share));
        if (hasPercent) {
            arguments.add(Numerals.of(Math.rint(PERCENT * PERCENT * share / total) / PERCENT));
        }
        return scene.text(key + (hasPercent ? "" : ".plain"), arguments.toArray());
    }
}
