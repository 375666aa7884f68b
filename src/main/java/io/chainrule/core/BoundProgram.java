package io.chainrule.core;

import io.chainrule.core.expression.Binding;
import io.chainrule.core.expression.Misfits;
import io.chainrule.core.expression.Remark;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.graph.ShapeInference;
import io.chainrule.core.network.LoweredNetwork;
import io.chainrule.core.network.Parameter;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A program bound to inputs of known shapes: its graph as it was written, and the nodes that the signature names. Immutable. */
public final class BoundProgram {
    private static final long BYTES = 4_000;
    /** A node's id, and its entries in the maps from ids to nodes and from nodes to operands. */
    private static final long BYTES_A_NODE = 200;
    private static final long BYTES_A_LISTED_NODE = 120;
    /** A layer of a network, a parameter or a statistic. */
    private static final long BYTES_A_PART = 1_000;

    private final Signature signature;
    private final NamedGraph program;
    private final Map<String, Shape> shapes;
    private final Samples samples;
    private final ResolvedNames names;
    private final @Nullable LoweredNetwork network;
    private final List<Integer> inputs;
    private final int nodeCount;
    private final List<NodeDescription> listed;
    private final List<Remark> remarks;
    private final List<Binding> bindings;
    private final Misfits misfits;
    /** Made on first use: most functions are never asked how their nodes reach the output. */
    private volatile @Nullable PathsToOutput paths;

    private BoundProgram(Written written, Signature signature, BuildLimits limits) {
        this.signature = signature;
        this.shapes = written.shapes();
        this.network = written.network();
        Problems problems = new Problems();
        samples = Samples.of(signature.batch(), shapes, problems);
        NamedGraph inferred = ShapeInference.infer(written.program(), samples.ofOne(shapes), problems);
        NamedGraph found = inferred == null ? written.program() : withGates(inferred, limits, problems);
        NameResolver resolver = new NameResolver(found, problems);
        String output = signature.output();
        Integer node = output == null ? null : resolver.find(output, Place.setting("output"));
        program = output == null || node == null ? found : found.withOutput(node, output);
        names = new ResolvedNames(signature, written, program, samples, resolver);
        remarks = written.remarks();
        bindings = written.bindings();
        misfits = written.misfits();
        problems.throwIfAny();
        Graph graph = program.graph();
        limits.checkSizes(graph);
        inputs = program.inputs();
        nodeCount = (int) IntStream.range(0, graph.size()).filter(i -> !graph.isLiteral(i)).count();
        listed = names.listed().stream().map(i -> NodeDescription.of(program, i, answered(i))).toList();
    }

    static BoundProgram of(Written written, Signature signature, BuildLimits limits) {
        return new BoundProgram(written, signature, limits);
    }

    /** Opens or closes gates as the signature says. An opened program counts against the limits as if it had been written that way. */
    private NamedGraph withGates(NamedGraph written, BuildLimits limits, Problems problems) {
        Allowance allowance = new Allowance(limits.nodes(), limits.growth());
        return switch (signature.gates()) {
            case Signature.GateForm.Whole.AS_WRITTEN -> written;
            case Signature.GateForm.Whole.EXPAND -> counted(Gates.open(written, allowance), limits);
            case Signature.GateForm.Opened(var ids) ->
                counted(Gates.open(written, new NameResolver(written, problems).gates(ids), allowance), limits);
            case Signature.GateForm.Whole.COLLAPSE -> {
                BitSet kept = new BitSet();
                signature.named().stream().map(written::find).filter(Objects::nonNull).forEach(kept::set);
                yield Gates.close(written, kept);
            }
        };
    }

    private static NamedGraph counted(NamedGraph opened, BuildLimits limits) {
        limits.growByWritten(opened.graph());
        return opened;
    }

    /** What a user should know about how a text was read. */
    public List<Remark> remarks() {
        return remarks;
    }

    /** The statements of a text that bind names, in the order in which they are evaluated; empty for other programs. */
    public List<Binding> bindings() {
        return bindings;
    }

    /** The lines of a text that claim to be derivatives and cannot be; none unless the program was bound to be graded. */
    public Misfits misfits() {
        return misfits;
    }

    public Signature signature() {
        return signature;
    }

    /** The program's graph as it was written, with shapes, ids and the output. */
    public NamedGraph program() {
        return program;
    }

    /** The network that the program was lowered from, or null. */
    public @Nullable LoweredNetwork network() {
        return network;
    }

    /** How many nodes the program has, literals not counted. */
    public int nodeCount() {
        return nodeCount;
    }

    /** How the nodes of the program reach its output. */
    public PathsToOutput paths() {
        PathsToOutput known = paths;
        if (known == null) {
            known = new PathsToOutput(program);
            paths = known;
        }
        return known;
    }

    /** The inputs of the program. */
    List<Integer> inputs() {
        return inputs;
    }

    /** The nodes that the signature lists, in topological order. */
    public List<NodeDescription> listed() {
        return listed;
    }

    /** The nodes to differentiate by, by name; {@code −1} for an input that the program never mentions. */
    public Map<String, Integer> wrt() {
        return Collections.unmodifiableMap(names.wrt());
    }

    /**
     * The node to differentiate by that has this name, or another name of the same node; throws {@link NoSuchElementException} for others.
     */
    int wrt(String name) {
        Integer node = names.wrt().get(name);
        if (node == null) {
            Integer sameNode = program.find(name);
            if (sameNode != null && names.wrt().containsValue(sameNode)) {
                return sameNode;
            }
            throw new NoSuchElementException(
                    "the function does not differentiate by '" + name + "', but by " + names.wrt().keySet());
        }
        return node;
    }

    /** The shapes of inputs by name, including inputs that the program never mentions. */
    public Map<String, Shape> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    /** The names of all inputs, including those that the program never mentions. */
    Set<String> inputNames() {
        Set<String> all = new LinkedHashSet<>(shapes.keySet());
        program.inputs().forEach(node -> all.add(program.id(node)));
        return all;
    }

    /** The nodes whose derivatives, or values, the transformation asks for, by name. */
    public Map<String, Integer> of() {
        return Collections.unmodifiableMap(names.of());
    }

    /** The nodes, by name, whose values a call returns in addition to the output. */
    public Map<String, Integer> valued() {
        return Collections.unmodifiableMap(switch (signature.transformation()) {
            case Transformation.Gradient _,Transformation.Vjp _,Transformation.Hvp _ -> names.seeded();
            default -> names.of();
        });
    }

    Samples samples() {
        return samples;
    }

    ResolvedNames names() {
        return names;
    }

    /** The names of inputs whose values are kept with the program, or with models that it may call. */
    public Set<String> kept() {
        return Collections.unmodifiableSet(names.kept());
    }

    /** The shape of an input as it is given, samples included. */
    public Shape inputShape(int node) {
        Shape shape = program.graph().shape(node);
        return names.isSampled(node) ? samples.all(shape) : shape;
    }

    /** The shape in a result of an array that has this shape in one sample. */
    public Shape answered(Shape shape) {
        return samples.keepAxis() ? samples.all(shape) : shape;
    }

    /** The shape in a result of a node's value, and of its gradient where each sample has its own. */
    public Shape answered(int node) {
        return answered(program.graph().shape(node));
    }

    /**
     * Returns the given values and, for a network, initial values of the inputs that were not given: parameters drawn from the seed, and
     * the initial running statistics and step count.
     *
     * @param given the values that the caller supplies, by name
     */
    public InitialValues initialValues(Map<String, Tensor> given, long seed, BuildLimits limits) {
        if (network == null) {
            return new InitialValues(given, null);
        }
        List<Parameter> missing = network.parameters().stream().filter(parameter -> !given.containsKey(parameter.name())).toList();
        missing.forEach(parameter -> LimitException.check("tensor-elements", parameter.shape().size(), limits.tensorElements()));
        limits.growth().accept(Double.BYTES * missing.stream().mapToLong(parameter -> parameter.shape().size()).sum());
        Map<String, Tensor> drawn = new LinkedHashMap<>();
        Checkpoint checkpoint = limits.checkpoint();
        for (Parameter parameter : missing) {
            checkpoint.check();
            drawn.put(parameter.name(), parameter.initial(seed, checkpoint));
        }
        Map<String, Tensor> all = new LinkedHashMap<>(given);
        all.putAll(drawn);
        network.statistics().forEach(
                statistic -> all.computeIfAbsent(statistic.name(), _ -> Tensor.full(statistic.shape(), statistic.initial())));
        if (network.step() != null) {
            all.putIfAbsent(network.step(), Tensor.scalar(0));
        }
        return new InitialValues(all, drawn);
    }

    /** Values by name; {@code drawn} are the parameters among them that were not given, null where the program is no network. */
    public record InitialValues(Map<String, Tensor> all, @Nullable Map<String, Tensor> drawn) {}

    /** An estimate of the memory that this program takes, without its graph. */
    long bytes() {
        int parts = network == null ? 0 : network.parameters().size() + network.statistics().size() + network.layers().size();
        return BYTES + BYTES_A_NODE * program.graph().size() + BYTES_A_LISTED_NODE * listed.size() + BYTES_A_PART * parts;
    }

    /** What running the program would cost. */
    public ProgramCost cost() {
        return ProgramCost.of(this, BuildLimits.GENEROUS);
    }

    /** The program as text, followed by the shapes of its inputs and output. */
    @Override
    public String toString() {
        String inputs = shapes.entrySet().stream().map(input -> input.getKey() + " " + input.getValue()).collect(Collectors.joining(", "));
        return ExpressionPrinter.write(program, shapes.keySet()).expression() + "\n# " + inputs + " -> " + program.outputId() + " "
                + answered(program.output());
    }
}
