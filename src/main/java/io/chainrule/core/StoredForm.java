package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.tensor.DeclaredShape;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a program is stored. A text is stored as its nodes, so that a later version of the notation does not change what it
 * means. It is stored as a text only if its nodes depend on the shape of an input with a free axis.
 *
 * @param inputs the inputs that each call gives, in the order of arguments. If the program is a definition, its parameters come first, also
 *        those that it does not read. Declared inputs follow in the order of their declarations, then the others in the order in which the
 *        program reads them
 * @param output the shape of the output; null if it is not known, because an input has no declared shape, or because the number of its axes
 *        depends on the lengths of free axes. An axis that is as long as a free axis has the name of that axis
 * @param unread the names of kept values that the program does not read
 * @param declared the shapes that inputs are to have, with the lengths of those free axes that kept values have, too
 * @param names all names of nodes that callers may ask for
 * @param calls the models that it calls, by the references in the program, also those whose nodes are among its own
 */
public record StoredForm(Source source, List<String> inputs, @Nullable DeclaredShape output, Set<String> unread,
        Map<String, DeclaredShape> declared, Set<String> names, Set<String> calls) {
    private static final Place OUTPUT = Place.setting("output");
    /** A last line that computes nothing. The empty line before it ends a line that a backslash would continue. */
    private static final String NO_STATEMENT = "\n\npass";

    /**
     * Finds the form of a program.
     *
     * @param output the node that is the output; nodes that neither it nor one of {@code outputs} depends on are left out; null for the
     *        program's own output, and all nodes
     * @param outputs other nodes that callers may ask for
     * @throws ProblemException if the program is wrong for inputs of these shapes, or does not read one that is declared
     */
    public static StoredForm of(Program written, StoredInputs known, @Nullable String output, Set<String> outputs, BuildLimits limits) {
        if (written.source() instanceof Source.Network network) {
            return ofNetwork(network, known, output, outputs, limits);
        }
        Program program = closed(written, known.names(), limits);
        Problems problems = new Problems();
        StoredInputs given = known.withKnownAxes(problems).withParameters(program.parameters(known.names()));
        problems.throwIfAny();
        Trials tried = Trials.of(program, given, limits);
        NamedGraph first = tried.graphs().getFirst();
        NameResolver names = new NameResolver(first, problems);
        Integer node = output == null ? Integer.valueOf(first.output()) : names.find(output, OUTPUT);
        BitSet wanted = found(outputs, names);
        problems.throwIfAny();
        wanted.set(Objects.requireNonNull(node));
        if (output == null) {
            wanted.set(0, first.graph().size());
        }
        BitSet needed = needed(first.graph(), wanted);
        List<NodeSpec> nodes = nodes(first, needed);
        NamedGraph independent = given.isFree() ? independent(program, given, limits) : first;
        boolean isOne = independent != null && independent.graph().size() == first.graph().size()
                && independent.output() == first.output() && nodes(independent, needed).equals(nodes);
        if (!isOne && output != null) {
            Program other = new OtherOutput(output, outputs, limits).of(program, given, tried);
            if (other != null) {
                Set<String> all = Stream.concat(outputs.stream(), Stream.of(output)).collect(Collectors.toSet());
                return of(other, known.ofOtherOutput(), null, all, limits).answering(output);
            }
        }
        Set<String> read = first.inputs().stream().filter(needed::get).map(first::id).collect(Collectors.toCollection(LinkedHashSet::new));
        if (!isOne) {
            read.addAll(readElsewhere(program, given, tried.graphs(), limits));
            // Without a value of each parameter a call would not take the definition for the program.
            read.addAll(program.parameters(given.names()));
        }
        Set<String> arguments = arguments(program, given, node == first.output());
        Set<String> taken = new LinkedHashSet<>(read);
        taken.addAll(arguments);
        given.checkAreRead(taken, problems);
        if (!isOne && output != null) {
            problems.add(
                    Problem.of(ProblemCode.INVALID_VALUE, "the nodes depend on the lengths of free axes; the output is then that of the "
                            + "last statement").at(OUTPUT).expected("no 'output'", output)
                            .hint("leave 'output' out here, and give it in each call"));
        }
        problems.throwIfAny();
        Set<String> inputs = new LinkedHashSet<>(given.named());
        inputs.retainAll(taken);
        inputs.addAll(taken);
        inputs.removeAll(given.kept().names());
        DeclaredShape shape = new OutputShape(tried, output == null ? null : node)
                .of(program, isOne ? independent : null, given, limits);
        String answered = output != null ? output : first.outputId();
        Source source = isOne
                ? new Source.Nodes(nodes, answered, Map.of(), SecondNames.of(program, first, needed, outputs, answered).ids())
                : program.source() instanceof Source.Nodes listed ? listed.asStored(first.outputId()) : program.source();
        Set<String> unread = new LinkedHashSet<>(given.kept().names());
        unread.removeAll(read);
        Set<String> all = isOne ? ((Source.Nodes) source).names() : Set.copyOf(first.allIds());
        Set<String> calls = output == null ? program.source().models().keySet() : new OtherOutput(output, outputs, limits).calls(program);
        return new StoredForm(source, List.copyOf(inputs), shape, unread, given.declared(first), all, calls);
    }

    /**
     * The same program with a last line that computes nothing, if it is a text that ends with a definition which is not the program for
     * these inputs. Calls may give more inputs, and for those the definition would be the program.
     */
    private static Program closed(Program program, Set<String> inputs, BuildLimits limits) {
        return program.source() instanceof Source.Text(String text, Map<String, StoredProgram> models)
                && program.parts().filter(parts -> parts.endsUnused(inputs)).isPresent()
                        ? Program.of(new Source.Text(text + NO_STATEMENT, models), limits.nesting())
                        : program;
    }

    /** The nodes that callers may ask for. Notes names that no node has. */
    private static BitSet found(Set<String> outputs, NameResolver names) {
        BitSet found = new BitSet();
        outputs.forEach(id -> {
            Integer node = names.find(id, Place.setting("outputs", id));
            if (node != null) {
                found.set(node);
            }
        });
        return found;
    }

    /** The same, where a list of nodes calls its output by this name. */
    private StoredForm answering(String name) {
        return source instanceof Source.Nodes nodes
                ? new StoredForm(nodes.withOutput(name), inputs, output, unread, declared, names, calls)
                : this;
    }

    /** The inputs that a program which is kept as it was written may read for lengths of free axes other than those tried first. */
    private static Set<String> readElsewhere(Program program, StoredInputs given, List<NamedGraph> tried, BuildLimits limits) {
        List<NamedGraph> graphs = new ArrayList<>(tried.subList(1, tried.size()));
        for (int length : OutputShape.SHORT) {
            try {
                graphs.add(program.graph(given.names(), given.shapes(given.lengths(_ -> length)),
                        limits.telling(_ -> {}, _ -> {}).written()));
            } catch (ProblemException | LimitException _) {
                // The program does not accept this length.
            }
        }
        Set<String> read = graphs.stream().flatMap(graph -> graph.inputs().stream().map(graph::id))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        // A name that gets no value for some length is read as if it were an input, by a model that is called, too.
        program.parts().ifPresent(parts -> read.removeAll(parts.given()));
        Set<String> names = program.mentioned();
        given.names().stream().filter(names::contains).forEach(read::add);
        program.source().models().forEach((name, model) -> {
            read.removeIf(input -> input.startsWith(name + "."));
            if (names.contains(name)) {
                model.kept().names().forEach(kept -> read.add(name + "." + kept));
            }
        });
        return read;
    }

    /** The inputs that are arguments whether they are read or not: the parameters of a definition. Another output is another function. */
    private static Set<String> arguments(Program program, StoredInputs given, boolean isOwnOutput) {
        Set<String> arguments = new LinkedHashSet<>();
        if (isOwnOutput) {
            arguments.addAll(program.parameters(given.names()));
            arguments.addAll(given.arguments());
            arguments.removeAll(given.kept().names());
        }
        return arguments;
    }

    private static StoredForm ofNetwork(Source.Network network, StoredInputs given, @Nullable String output, Set<String> outputs,
            BuildLimits limits) {
        Problems problems = new Problems();
        List<String> data = network.data();
        given.named().stream().filter(name -> !data.contains(name)).forEach(name -> problems.add(() -> Problem
                .of(ProblemCode.UNKNOWN_NODE, "the network does not read '" + name + "'").at(Place.setting("declares", name))
                .hint(Nearest.hint(name, data).orElse(null))));
        if (output != null) {
            problems.add(Problem.of(ProblemCode.INVALID_VALUE, "the output of a network is its last layer, or its loss")
                    .at(OUTPUT).expected("no 'output'", output));
        }
        problems.throwIfAny();
        Signature signature = Signature.of(new Transformation.Description(), Shapes.NONE).withMissing(Signature.Missing.DECLARED)
                .withParameters(given.kept());
        NamedGraph written = Program.of(network, 0).bind(signature, limits).program();
        checkData(given, written, problems);
        found(outputs, new NameResolver(written, problems));
        problems.throwIfAny();
        NamedGraph layers = Program.of(network.withoutLoss(), 0).bind(signature, limits).program();
        List<Object> axes = new ArrayList<>(layers.graph().shape(layers.output()).toList());
        if (!axes.isEmpty()) {
            axes.set(0, "batch");
        }
        return new StoredForm(network.inTraining(false), data, new DeclaredShape(axes), Set.of(), given.declared(),
                Set.copyOf(written.allIds()), Set.of());
    }

    /** Notes what is declared of data, if it is neither the shape of one sample nor that of any number of them. */
    private static void checkData(StoredInputs given, NamedGraph network, Problems problems) {
        for (int input : network.inputs()) {
            String name = network.id(input);
            DeclaredShape declared = given.declared().get(name);
            if (declared != null) {
                Shape batch = network.graph().shape(input);
                Shape sample = batch.sub(1, batch.rank());
                boolean isOfMany = !declared.axes().isEmpty() && declared.axes().getFirst() instanceof String;
                if (!declared.fits(sample, new HashMap<>()) && !(isOfMany && declared.fits(batch, new HashMap<>()))) {
                    problems.add(Problem.of(ProblemCode.SHAPE_MISMATCH,
                            "the network's '" + name + "' has the shape " + sample + " in each sample, not " + declared)
                            .at(Place.setting("declares", name, "shape")).expected(sample.toString(), declared.toString()));
                }
            }
        }
    }

    /** The graph that results if the lengths of free axes are not known; null if the program needs one of them. */
    private static @Nullable NamedGraph independent(Program program, StoredInputs given, BuildLimits limits) {
        try {
            return program.graph(given.names(), given.fixedShapes(), limits.written());
        } catch (ProblemException _) {
            return null;
        }
    }

    /** The wanted nodes, and all nodes that they depend on. */
    static BitSet needed(Graph graph, BitSet wanted) {
        BitSet needed = (BitSet) wanted.clone();
        for (int i = graph.size() - 1; i >= 0; i--) {
            for (int k = 0; needed.get(i) && k < graph.operandCount(i); k++) {
                needed.set(graph.operand(i, k));
            }
        }
        return needed;
    }

    /** Some nodes of a graph, as a list of nodes has them. */
    static List<NodeSpec> nodes(NamedGraph program, BitSet needed) {
        Graph graph = program.graph();
        return IntStream.range(0, graph.size()).filter(i -> needed.get(i) && !graph.isLiteral(i)).mapToObj(i -> {
            NodeDescription node = NodeDescription.of(program, i, Shape.SCALAR);
            Map<String, Object> attributes = graph.op(i) instanceof Leaf.Constant(Tensor value)
                    ? Map.of("value", value)
                    : node.attributes();
            return new NodeSpec(node.id(), node.op(), node.inputs(), attributes);
        }).toList();
    }
}
