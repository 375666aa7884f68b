package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The nodes of a program that a signature names. Names that are wrong are noted by the resolver. */
final class ResolvedNames {
    /** Stands for the node of an input that has a shape but that the program never mentions. */
    static final int NO_NODE = -1;

    private final Signature signature;
    private final NamedGraph program;
    private final Map<String, Shape> shapes;
    private final Set<String> kept;
    private final Samples samples;
    private final NameResolver names;
    private final BitSet sampled;
    private final List<Integer> listed;
    private final Map<String, Integer> wrt;
    private final BitSet differentiated;
    private final Map<String, Integer> seeded;
    private final Map<String, Integer> of;

    ResolvedNames(Signature signature, Written written, NamedGraph program, Samples samples, NameResolver names) {
        LoweredNetwork network = written.network();
        this.signature = signature;
        this.program = program;
        this.shapes = written.shapes();
        this.kept = written.kept();
        this.samples = samples;
        this.names = names;
        this.sampled = sampled(signature.batch().inputs());
        this.listed = listed(samples.areReduced() ? new Signature.NodeSelection.None() : signature.nodes());
        List<String> wanted = signature.wrt() != null
                ? signature.wrt()
                : written.wrt();
        this.wrt = pairs().isEmpty() ? wrt(wanted) : wrtOfPairs();
        this.differentiated = new BitSet();
        wrtNodes().forEach(differentiated::set);
        if (signature.transformation() instanceof Transformation.Gradient) {
            listed.forEach(differentiated::set);
        }
        this.seeded = resolveSeeds();
        this.of = switch (signature.transformation()) {
            case Transformation.Jvp jvp -> named(jvp.of());
            case Transformation.Jacobians jacobians -> pairs().isEmpty() ? named(jacobians.of()) : ofPairs();
            case Transformation.TrainingStep step ->
                new TrainingNames(program, network, names).resolve(step, Objects.requireNonNullElse(wanted, List.of()));
            default -> Map.of();
        };
    }

    private boolean isUnmentioned(String id) {
        return (signature.inputs().contains(id) || kept.contains(id)) && program.find(id) == null;
    }

    /** The nodes that depend on a sample. Notes names that are not inputs. */
    private BitSet sampled(List<String> ids) {
        names.checkCarriers(
                ids.isEmpty() && signature.transformation() instanceof Transformation.TrainingStep step ? step.carriers() : ids);
        Place place = Place.setting("batch");
        BitSet carriers = new BitSet();
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            Integer node = isUnmentioned(id) ? null : names.find(id, place.item(i));
            if (kept.contains(id)) {
                names.note(Problem.of(ProblemCode.INVALID_VALUE, "the model keeps the value of '" + id + "', so it cannot carry samples")
                        .node(id)
                        .at(place.item(i)).expected("an input that is given", "a value that is kept"));
            } else if (node != null && !(program.graph().op(node) instanceof Leaf.Input)) {
                names.note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' is no input; only inputs carry samples").node(id)
                        .at(place.item(i)).expected("an input", program.graph().op(node).name()));
            } else if (node != null) {
                carriers.set(node);
            }
        }
        return Activity.dependents(program.graph(), program.graph().size(), carriers);
    }

    private List<Integer> listed(Signature.NodeSelection selection) {
        Graph graph = program.graph();
        List<Integer> nodes = new ArrayList<>();
        switch (selection) {
            case Signature.NodeSelection.None() -> {
            }
            case Signature.NodeSelection.Ids(var ids) ->
                nodes.addAll(names.findAll(ids, Place.setting("nodes")).values().stream().distinct().sorted().toList());
            case Signature.NodeSelection.All(),Signature.NodeSelection.Named() -> {
                // A description has no values, and is not whole without all inputs.
                boolean listsKept = signature.transformation() instanceof Transformation.Description;
                Set<Integer> named = named();
                boolean all = selection instanceof Signature.NodeSelection.All;
                for (int i = 0; i < graph.size(); i++) {
                    if (!graph.isLiteral(i) && (all && !program.isLoose(i) || program.isNamed(i))
                            && (listsKept || named.contains(i) || !isKept(i))) {
                        nodes.add(i);
                    }
                }
            }
        }
        return nodes;
    }

    /** The nodes that a request asks for by name, which are listed also if a model keeps their values. */
    private Set<Integer> named() {
        return kept.isEmpty()
                ? Set.of()
                : Stream.concat(Objects.requireNonNullElse(signature.wrt(), List.<String>of()).stream(), signature.named().stream())
                        .map(program::find).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    Set<String> kept() {
        return kept;
    }

    private boolean isKept(int node) {
        return !kept.isEmpty() && program.graph().op(node) instanceof Leaf.Input && kept.contains(program.id(node));
    }

    private Map<String, Integer> wrt(@Nullable List<String> ids) {
        Map<String, Integer> found = new LinkedHashMap<>();
        if (ids == null) {
            signature.inputs().names().forEach(id -> found.put(id, Objects.requireNonNullElse(program.find(id), NO_NODE)));
            if (signature.missing() == Signature.Missing.SCALAR) {
                program.inputs().stream().filter(input -> !isKept(input)).forEach(input -> found.putIfAbsent(program.id(input), input));
            }
            return found;
        }
        findWrt(ids, Place.setting("wrt"), found);
        return found;
    }

    private void findWrt(List<String> ids, Place place, Map<String, Integer> found) {
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            Integer node = isUnmentioned(id) ? Integer.valueOf(NO_NODE) : names.find(id, place.item(i));
            if (node != null) {
                found.put(id, node);
            }
        }
    }

    private List<Transformation.Pairs> pairs() {
        return signature.transformation() instanceof Transformation.Jacobians jacobians ? jacobians.pairs() : List.of();
    }

    private Map<String, Integer> wrtOfPairs() {
        Map<String, Integer> found = new LinkedHashMap<>();
        pairs().forEach(pair -> findWrt(pair.by(), Place.setting("pairs", pair.of()), found));
        return found;
    }

    private Map<String, Integer> ofPairs() {
        Map<String, Integer> found = new LinkedHashMap<>();
        pairs().forEach(pair -> {
            Integer node = names.find(pair.of(), Place.setting("pairs", pair.of()));
            if (node != null) {
                found.put(pair.of(), node);
            }
        });
        return found;
    }

    private Map<String, Integer> named(@Nullable List<String> ids) {
        return ids == null ? Map.of(program.outputId(), program.output()) : names.findAll(ids, Place.setting("of"));
    }

    /** Checks the shapes of the output and of the cotangents or tangents, as the transformation requires. */
    private Map<String, Integer> resolveSeeds() {
        return switch (signature.transformation()) {
            case Transformation.Gradient(Shapes cotangent, var _, var _, var _) -> {
                if (cotangent.isEmpty()) {
                    checkScalar();
                    yield Map.of();
                }
                cotangent.toMap().values()
                        .forEach(
                                shape -> names.checkShape(program.output(), shape, Place.setting("cotangent"), this::cotangentShapes));
                yield Map.of(cotangent.names().iterator().next(), program.output());
            }
            case Transformation.Vjp(Shapes cotangents) ->
                names.findAll(cotangents, Place.setting("cotangents"), this::cotangentShapes);
            case Transformation.Jvp jvp -> directions(jvp.tangents(), Place.setting("tangents"));
            case Transformation.Hvp hvp -> {
                checkScalar();
                yield directions(hvp.vectors(), Place.setting("vectors"));
            }
            case Transformation.Hessian _,Transformation.Check _,Transformation.TrainingStep _ -> {
                checkScalar();
                yield Map.of();
            }
            case Transformation.Value _,Transformation.Jacobians _ -> Map.of();
            case Transformation.Derivative _,Transformation.Grade _,Transformation.Description _ -> Map.of();
        };
    }

    /** Notes an output that is not a scalar. */
    private void checkScalar() {
        if (program.graph().hasShapes() && !program.graph().shape(program.output()).isScalar()) {
            Shape shape = program.graph().shape(program.output());
            String id = program.outputId();
            names.note(Problem
                    .of(ProblemCode.NOT_SCALAR, "the output '" + id + "' has shape " + shape + ", a gradient is that of a scalar")
                    .node(id).position(program.position(program.output())).expected("[]", shape.toString())
                    .hint("reduce it, as by sum(" + id + ")"));
        }
    }

    /** The nodes that directions are given for. For an input that the program never mentions only the direction's shape is checked. */
    private Map<String, Integer> directions(Shapes given, Place place) {
        Map<String, Shape> mentioned = given.toMap();
        given.toMap().forEach((id, shape) -> {
            if (isUnmentioned(id)) {
                Shape own = Objects.requireNonNull(shapes.get(id));
                names.checkShape(id,
                        samples.carriedBy(id) && !own.isScalar() ? List.of(own.without(0), own) : List.of(own), shape,
                        place.part(id));
                mentioned.remove(id);
            }
        });
        return names.findAll(Shapes.of(mentioned), place, this::directionShapes);
    }

    private List<Shape> cotangentShapes(int node) {
        Shape shape = program.graph().shape(node);
        return samples.keepAxis() ? List.of(shape, samples.all(shape)) : List.of(shape);
    }

    private List<Shape> directionShapes(int node) {
        Shape shape = program.graph().shape(node);
        return samples.keepAxis() || samples.areReduced() && sampled.get(node) ? List.of(shape, samples.all(shape)) : List.of(shape);
    }

    /** Whether a node depends on a sample. */
    boolean isSampled(int node) {
        return sampled.get(node);
    }

    /** The nodes that are listed, in topological order. */
    List<Integer> listed() {
        return listed;
    }

    /** The nodes by the names to differentiate by; {@link #NO_NODE} for an input that the program never mentions. */
    Map<String, Integer> wrt() {
        return wrt;
    }

    /** The nodes whose gradients are answered. */
    List<Integer> differentiated() {
        return differentiated.stream().boxed().toList();
    }

    /** Whether calls answer the gradient by a node. */
    boolean hasGradient(int node) {
        return differentiated.get(node);
    }

    /** The nodes to differentiate by, each once. */
    List<Integer> wrtNodes() {
        return wrt.values().stream().filter(node -> node != NO_NODE).distinct().toList();
    }

    /** Whether a node is one of those to differentiate by, not only listed. */
    boolean hasWrt(int node) {
        return wrt.containsValue(node);
    }

    /** The nodes by the names of the cotangents or tangents that each call supplies. */
    Map<String, Integer> seeded() {
        return seeded;
    }

    /** The nodes to differentiate, by name; the output if the signature names none. */
    Map<String, Integer> of() {
        return of;
    }
}
