package io.chainrule.core;

import io.chainrule.core.expression.ModelFunction;
import io.chainrule.core.expression.Names;
import io.chainrule.core.expression.TextParts;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.network.LossSpec;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program that is stored under a name, together with the values of some of its inputs. A request can run it as its program, and a text
 * can call it as a function of its other inputs. A network answers the loss if the target of the loss is given, and its last layer
 * otherwise. A text can call a network for one sample or for a batch. Two stored programs are equal if their digests are.
 */
public final class StoredProgram implements ModelFunction {
    /** The length that a free axis gets if a request gives no input that has this axis. */
    private static final int SOME = 1;

    private final String digest;
    private final Program body;
    private final List<String> inputs;
    private final Map<String, DeclaredShape> declared;
    private final Shapes kept;

    /**
     * @param digest tells this program from all others
     * @param source what it computes
     * @param inputs the inputs that each call gives, in the order of arguments; a network has one argument, the data of its first layer
     * @param declared the shapes that some of these have, in one sample; a network knows its own
     * @param kept the shapes of the inputs whose values are kept
     */
    public StoredProgram(String digest, Source source, List<String> inputs, Map<String, DeclaredShape> declared, Shapes kept) {
        this(digest, Program.of(source, BuildLimits.GENEROUS.nesting()), inputs, declared, kept);
    }

    private StoredProgram(String digest, Program body, List<String> inputs, Map<String, DeclaredShape> declared, Shapes kept) {
        this.digest = digest;
        this.body = body;
        this.inputs = body.source() instanceof Source.Network network ? List.of(network.spec().input().name()) : List.copyOf(inputs);
        this.declared = new LinkedHashMap<>(declared);
        this.kept = kept;
    }

    public String digest() {
        return digest;
    }

    public Source source() {
        return body.source();
    }

    /**
     * The same network run as in training or not, with a seed of its dropout; null for a run that is no training, and for 0. Any other
     * program is returned as it is.
     */
    public StoredProgram inTraining(@Nullable Boolean isInTraining, @Nullable Long seed) {
        if (!(body.source() instanceof Source.Network network)) {
            return this;
        }
        Source.Network other = new Source.Network(network.spec(), network.initializer(),
                Objects.requireNonNullElse(isInTraining, network.training()), Objects.requireNonNullElse(seed, network.seed()));
        return other.equals(network)
                ? this
                : new StoredProgram(digest + "/" + other.training() + "/" + other.seed(), other, inputs, declared, kept);
    }

    /**
     * The same program with inputs in place of values that are kept, as a training reads it. A text is read anew for whatever shapes inputs
     * have. Nodes are right only for the shapes for which they were made, also the nodes of models that a text calls.
     */
    public StoredProgram withoutKept() {
        Map<String, DeclaredShape> shapes = isOfNodes() ? declared() : new LinkedHashMap<>();
        (isOfNodes() ? kept : source().kept()).toMap()
                .forEach((name, shape) -> shapes.put(name, new DeclaredShape(List.copyOf(shape.toList()))));
        return new StoredProgram(digest + "/kept", body, List.copyOf(names()), shapes, Shapes.NONE);
    }

    /** Whether it is stored as nodes. These may be right only for the shapes it was stored with, since len(x) became a number. */
    public boolean isOfNodes() {
        return source() instanceof Source.Nodes nodes && nodes.models().isEmpty();
    }

    @Override
    public List<String> inputs() {
        return inputs;
    }

    /** The shapes that inputs are to have, where they are declared. */
    public Map<String, DeclaredShape> declared() {
        return new LinkedHashMap<>(declared);
    }

    /** The shapes of those inputs whose values are stored with the program. */
    public Shapes kept() {
        return kept;
    }

    /** The graph for a signature; throws as {@link Program#bind}. */
    Written written(Signature signature, BuildLimits limits) {
        Map<String, Shape> shapes = signature.inputs().toMap();
        checkNotGiven(shapes, kept);
        Problems problems = new Problems();
        checkNotComputed(shapes, problems);
        Set<String> given = new HashSet<>(shapes.keySet());
        given.addAll(kept.names());
        Map<String, Integer> lengths = new HashMap<>();
        check(Program.ofOneSample(shapes, signature.batch()), lengths, problems);
        if (signature.transformation() instanceof Transformation.Derivative) {
            checkLengths(shapes, lengths, problems);
        }
        problems.throwIfAny();
        if (signature.missing() != Signature.Missing.REFUSED) {
            declared.forEach((name, shape) -> {
                shape.names().forEach(axis -> lengths.putIfAbsent(axis, SOME));
                // The shape that is declared is that of a sample, and nobody has said how many there are.
                if (!signature.batch().inputs().contains(name)) {
                    shapes.putIfAbsent(name, shape.with(lengths));
                }
            });
        }
        kept.toMap().forEach(shapes::put);
        Written written = called(shapes).written(signature.withInputs(Shapes.of(shapes)), limits, names(given)).withoutWrt();
        Set<String> assigned = assigned();
        assigned.retainAll(given);
        checkNotAssigned(assigned, written.program());
        Set<String> all = new LinkedHashSet<>(kept.names());
        all.addAll(written.kept());
        return written.keeping(all);
    }

    /** What the program reads as inputs, whichever of them a call gives: to other names it may give a meaning of its own. */
    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>(inputs);
        names.addAll(kept.names());
        return names;
    }

    /** The same without names that the text assigns for some lengths, and that a call does not give. */
    private Set<String> names(Set<String> given) {
        Set<String> names = names();
        // Names of constants stay inputs: without a value, e would otherwise be read as the constant where the text does not assign it.
        assigned().stream().filter(name -> !given.contains(name) && Names.number(name).isEmpty()).forEach(names::remove);
        return names;
    }

    /** The names that the text assigns. Parameters are left out, since a call may give one a value also where the body replaces it. */
    private Set<String> assigned() {
        Set<String> assigned = body.parts().map(TextParts::given).orElseGet(HashSet::new);
        body.parameters(names()).forEach(assigned::remove);
        return assigned;
    }

    /**
     * The inputs that it reads where inputs have these shapes, in their order; all where it cannot be read with them.
     *
     * @param given the shapes of the inputs that have a value
     * @param offered shapes of other inputs
     */
    List<String> inputsRead(Shapes given, Map<String, Shape> offered, BuildLimits limits) {
        Map<String, Shape> shapes = given.toMap();
        kept.toMap().forEach(shapes::put);
        Set<String> names = names(shapes.keySet());
        offered.forEach(shapes::putIfAbsent);
        try {
            NamedGraph graph = body.graph(names, shapes, limits.written());
            limits.growByWritten(graph.graph());
            Set<String> read = graph.inputs().stream().map(graph::id).collect(Collectors.toSet());
            return inputs.stream().filter(read::contains).toList();
        } catch (ProblemException _) {
            // What is wrong is told when the program is bound.
            return inputs;
        }
    }

    /** Notes a problem for each given name that the model computes, if its program is a list of nodes. */
    private void checkNotComputed(Map<String, Shape> given, Problems problems) {
        if (body.source() instanceof Source.Nodes nodes) {
            Set<String> names = names();
            Stream.concat(nodes.nodes().stream().map(NodeSpec::id), nodes.aliases().keySet().stream())
                    .filter(id -> given.containsKey(id) && !names.contains(id))
                    .forEach(id -> problems.add(noInput(id)));
        }
    }

    private Problem noInput(String name) {
        return Problem.of(ProblemCode.UNKNOWN_NODE, "'" + name + "' is no input of the model, which computes it").node(name)
                .at(Place.setting("inputs", name)).expected("one of " + inputs, name);
    }

    /** Refuses values for names that the text assigns. {@code assigned} are those that it assigns for some lengths at least. */
    private void checkNotAssigned(Set<String> assigned, NamedGraph program) {
        Problems problems = new Problems();
        assigned.removeAll(names());
        for (String name : assigned) {
            Integer node = program.find(name);
            if (node != null && !(program.graph().op(node) instanceof Leaf.Input && program.id(node).equals(name))) {
                problems.add(noInput(name));
            }
        }
        problems.throwIfAny();
    }

    /** Refuses inputs whose values a model keeps. */
    private static void checkNotGiven(Map<String, Shape> given, Shapes kept) {
        Problems problems = new Problems();
        for (String name : kept.names()) {
            if (given.containsKey(name)) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE, "the model keeps a value of '" + name + "'").node(name)
                        .at(Place.setting("inputs", name)).expected("no value", "a value"));
            }
        }
        problems.throwIfAny();
    }

    /** Notes the inputs whose shapes do not fit. Puts the lengths of free axes into {@code lengths}. */
    private void check(Map<String, Shape> shapes, Map<String, Integer> lengths, Problems problems) {
        declared.forEach((name, shape) -> {
            Shape given = shapes.get(name);
            Map<String, Integer> before = new HashMap<>(lengths);
            if (given != null && !shape.fits(given, lengths)) {
                problems.add(StoredInputs.mismatch(name, shape, before, given).at(Place.setting("inputs", name)));
            }
        });
    }

    /** Notes the inputs whose lengths are not known. The formula of a derivative may contain them, as that of a mean does. */
    private void checkLengths(Map<String, Shape> given, Map<String, Integer> lengths, Problems problems) {
        declared.forEach((name, shape) -> {
            if (!given.containsKey(name) && !lengths.keySet().containsAll(shape.names())) {
                problems.add(Problem.of(ProblemCode.MISSING_INPUT, "input '" + name + "' is " + shape + ", and its length is not known")
                        .node(name).at(Place.setting("shapes", name)).expected("the shape of '" + name + "'", "none")
                        .hint("give it, as in \"shapes\": {\"" + name + "\": "
                                + shape.axes().stream().map(axis -> axis instanceof String ? 3 : axis).toList() + "}"));
            }
        });
    }

    private Program called(Map<String, Shape> given) {
        LossSpec loss = body.source() instanceof Source.Network network ? network.spec().loss() : null;
        return loss == null || given.containsKey(loss.target()) ? body : withoutLoss((Source.Network) body.source());
    }

    private static Program withoutLoss(Source.Network network) {
        return Program.of(network.withoutLoss(), BuildLimits.GENEROUS.nesting());
    }

    @Override
    public NamedGraph graph(Map<String, Shape> shapes, Allowance allowance) {
        Problems problems = new Problems();
        check(shapes, new HashMap<>(), problems);
        problems.throwIfAny();
        if (body.source() instanceof Source.Network network) {
            return NetworkReader.function(network.withoutLoss(), kept, shapes, allowance);
        }
        Map<String, Shape> known = kept.toMap();
        known.putAll(shapes);
        return body.graph(names(), known, allowance);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredProgram program && digest.equals(program.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return digest;
    }
}
