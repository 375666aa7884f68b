package io.chainrule.core.grade;

import io.chainrule.core.BuildLimits;
import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.autodiff.ReverseMode;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.Maths;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The graph of a user's program, composite gates opened, to which true gradients and guesses at mistakes are appended. Nodes are those of
 * this graph unless a method says otherwise.
 */
final class Sheet {
    static final int NONE = -1;

    private final BackwardPass pass;
    private final int[] image;
    private final int size;
    private final BitSet forward = new BitSet();
    private final BitSet ofProgram = new BitSet();
    private final GraphBuilder builder;

    Sheet(BackwardPass pass, BuildLimits limits) {
        this(pass, limits, limits.growth());
    }

    /** {@code growth} receives the bytes that the sheet takes. */
    Sheet(BackwardPass pass, BuildLimits limits, LongConsumer growth) {
        Allowance allowance = new Allowance("derived-nodes", limits.derivedNodes(), growth);
        Gates.Expansion opened = Gates.expand(pass.graph(), allowance);
        this.pass = pass;
        this.image = opened.image();
        this.size = opened.graph().size();
        this.builder = GraphBuilder.extending(opened.graph(), allowance);
        BitSet output = new BitSet();
        output.set(image[pass.output()]);
        forward.or(Activity.ancestors(opened.graph(), output));
        assumeTrue(pass.claims().stream().filter(claim -> claim.assumed() != NONE).toList());
    }

    /** Computes what reads stand-ins of claims once more, from the true derivatives. */
    private void assumeTrue(List<Claim> claims) {
        Map<Integer, Integer> copies = new HashMap<>();
        truths(claims).forEach((claim, truth) -> copies.put(image[claim.assumed()], Maths.add(truth, builder.literal(0)).index()));
        for (int i = 0; i < size && !copies.isEmpty(); i++) {
            int[] operands = new int[builder.operandCount(i)];
            boolean isChanged = false;
            for (int k = 0; k < operands.length; k++) {
                operands[k] = copies.getOrDefault(builder.operand(i, k), builder.operand(i, k));
                isChanged |= operands[k] != builder.operand(i, k);
            }
            if (isChanged && !copies.containsKey(i)) {
                copies.put(i, builder.add(builder.op(i), operands));
            }
        }
        for (int node = 0; node < image.length; node++) {
            image[node] = copies.getOrDefault(image[node], image[node]);
            ofProgram.set(image[node]);
        }
    }

    /** The claims that a line reads, through lines that are none. */
    List<Claim> read(Claim claim) {
        BitSet own = ownNodes(claim, claimNodes());
        return pass.claims().stream().filter(other -> !other.equals(claim) && own.get(valueOf(other, own))).toList();
    }

    /** The nodes of a line, without claims that it reads. */
    BitSet own(Claim claim) {
        BitSet own = ownNodes(claim, claimNodes());
        read(claim).forEach(other -> own.clear(valueOf(other, own)));
        return own;
    }

    /** The values of the claims that a line reads, by node of the program that they claim. */
    Map<Integer, Node> upstream(Claim claim) {
        Map<Integer, Node> upstream = new HashMap<>();
        BitSet own = ownNodes(claim, claimNodes());
        read(claim).stream().filter(other -> !other.isLocal() && !claim.isLocal())
                .forEach(other -> upstream.put(other.by(), node(valueOf(other, own))));
        return upstream;
    }

    /** The values of all claims before one, by node of the program that they claim. */
    Map<Integer, Node> upstreamBefore(Claim claim) {
        Map<Integer, Node> upstream = new HashMap<>();
        pass.claims().stream().filter(other -> other.node() < claim.node() && !other.isLocal() && !claim.isLocal())
                .forEach(other -> upstream.put(other.by(), node(image(other.standIn() != NONE ? other.standIn() : other.node()))));
        return upstream;
    }

    /** The node that has a claim's value for lines that are computed from these nodes. */
    int valueOf(Claim claim, BitSet own) {
        return claim.standIn() != NONE && own.get(image(claim.standIn())) ? image(claim.standIn()) : image(claim.node());
    }

    /** The nodes that hold claims for the lines that read them. */
    BitSet claimNodes() {
        BitSet nodes = new BitSet();
        for (Claim claim : pass.claims()) {
            nodes.set(image(claim.node()));
            if (claim.standIn() != NONE) {
                nodes.set(image(claim.standIn()));
            }
        }
        return nodes;
    }

    /** Whether a node is of the program, and is no guess. */
    boolean isOfProgram(int node) {
        return node < size || ofProgram.get(node);
    }

    /** The node that stands for a node of the program. */
    int image(int node) {
        return image[node];
    }

    /** The number of nodes of the opened program, which are in front. */
    int size() {
        return size;
    }

    GraphBuilder builder() {
        return builder;
    }

    Graph graph() {
        return builder.build();
    }

    Node node(int index) {
        return builder.node(index);
    }

    boolean isForward(int node) {
        return forward.get(node);
    }

    /** The cotangent that a derivative of this node begins with: for the output the one that arrives there, else ones. */
    Node seed(int of) {
        return of == pass.output() && pass.upstream() >= 0
                ? node(image[pass.upstream()])
                : Maths.broadcastTo(builder.literal(1), builder.shape(image[of]));
    }

    /** The true derivatives of a node of the program by others, in the shape of what it is differentiated by. */
    Map<Integer, Node> truths(int of, Iterable<Integer> by) {
        BitSet wrt = new BitSet();
        by.forEach(node -> wrt.set(image[node]));
        int[] cotangents = ReverseMode.cotangents(builder.build(), builder, Map.of(image[of], seed(of)), wrt);
        Map<Integer, Node> found = new HashMap<>();
        by.forEach(node -> {
            int cotangent = cotangents[image[node]];
            Shape shape = builder.shape(image[node]);
            found.put(node, cotangent == NONE ? Maths.broadcastTo(builder.literal(0), shape) : node(cotangent));
        });
        return found;
    }

    /** The true derivatives that claims are compared with. */
    Map<Claim, Node> truths(List<Claim> claims) {
        Map<Integer, List<Claim>> byOutput = new TreeMap<>();
        claims.forEach(claim -> byOutput.computeIfAbsent(claim.of(), _ -> new ArrayList<>()).add(claim));
        Map<Claim, Node> truths = new LinkedHashMap<>();
        byOutput.forEach((of, alike) -> {
            Map<Integer, Node> found = truths(of, alike.stream().map(Claim::by).toList());
            alike.forEach(claim -> truths.put(claim, Objects.requireNonNull(found.get(claim.by()))));
        });
        return truths;
    }

    /** The nodes that a claim's value is computed from behind the forward pass, up to other claims, which are among them. */
    BitSet ownNodes(Claim claim, BitSet claims) {
        BitSet own = new BitSet();
        own.set(image(claim.node()));
        for (int i = image(claim.node()); i >= 0; i = own.previousSetBit(i - 1)) {
            boolean isEnd = claims.get(i) && i != image(claim.node());
            for (int k = 0; k < builder.operandCount(i) && !isEnd; k++) {
                int operand = builder.operand(i, k);
                if (!forward.get(operand) && builder.operandCount(operand) > 0 || claims.get(operand)) {
                    own.set(operand);
                }
            }
        }
        return own;
    }

    /**
     * Appends a node's computation once more with other nodes in places of some; null where the others do not fit.
     *
     * @param within only these nodes are computed again
     */
    @Nullable
    Node replaced(int root, Map<Integer, Integer> others, BitSet within) {
        Map<Integer, Integer> copies = new HashMap<>(others);
        if (copies.containsKey(root)) {
            return node(copies.get(root));
        }
        for (int i = within.nextSetBit(0); i >= 0 && i <= root; i = within.nextSetBit(i + 1)) {
            if (!copies.containsKey(i)) {
                int[] operands = new int[builder.operandCount(i)];
                boolean isChanged = false;
                for (int k = 0; k < operands.length; k++) {
                    operands[k] = copies.getOrDefault(builder.operand(i, k), builder.operand(i, k));
                    isChanged |= operands[k] != builder.operand(i, k);
                }
                Node copy = isChanged ? added(i, operands) : null;
                if (isChanged && copy == null) {
                    return null;
                }
                if (copy != null) {
                    copies.put(i, copy.index());
                }
            }
        }
        return node(copies.getOrDefault(root, root));
    }

    /** Appends the op of a node with other operands; null where these do not fit, or are other indices, which may be out of range. */
    @Nullable
    Node added(int like, int... operands) {
        boolean hasOtherIndices = IntStream.range(0, operands.length)
                .anyMatch(k -> isIndex(like, k) && operands[k] != builder.operand(like, k));
        return hasOtherIndices ? null : attempt(() -> node(builder.add(builder.op(like), operands)));
    }

    /** Whether an op reads whole numbers there. */
    boolean isIndex(int node, int operand) {
        OpDefinition found = OpCatalogue.find(builder.op(node).name());
        return found != null && Objects.equals(found.checkedOperand(), operand);
    }

    /** Appends a guess; null where its shapes do not fit. */
    static @Nullable Node attempt(Supplier<@Nullable Node> guess) {
        try {
            return guess.get();
        } catch (ShapeException | ProblemException e) {
            return null;
        }
    }

    /**
     * The derivative of a claim by the local rules alone, from the cotangents that other claims say.
     *
     * @param value the derivative
     * @param parts what each node that reads the claimed one contributes to it, by reader
     * @param arriving the cotangents of these readers
     * @param originals nodes of the forward pass by their copies, which have the same values
     * @param nudges inputs that are added to operands of ops with kinks, to move these off their kinks
     */
    record LocalRule(Node value, Map<Integer, Node> parts, Map<Integer, Node> arriving, Map<Integer, Integer> originals,
            List<Integer> nudges) {}

    /**
     * Differentiates up to the nearest nodes whose gradients the user has claimed, and takes these claims for true; null where a claim
     * does not have its node's shape.
     *
     * @param upstream the values of the claims by node of the program that they claim
     * @param isNudged whether operands of ops with kinks can be moved
     */
    @Nullable
    LocalRule localRule(Claim claim, Map<Integer, Node> upstream, boolean isNudged) {
        return new Region(this, claim, upstream, isNudged, NONE, NONE).derivative();
    }

    /** The derivative as {@link #localRule} has it, but for what goes through one operand of a node, or all if that is {@link #NONE}. */
    @Nullable
    Node without(Claim claim, Map<Integer, Node> upstream, int blocked, int operand) {
        LocalRule rule = new Region(this, claim, upstream, false, blocked, operand).derivative();
        return rule == null ? null : rule.value();
    }

    /** The nodes between a claimed one and those where its derivative begins. */
    List<Integer> between(Claim claim, Map<Integer, Node> upstream) {
        return new Region(this, claim, upstream, false, NONE, NONE).nodes();
    }
}
