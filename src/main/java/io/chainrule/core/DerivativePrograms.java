package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.GraphBuilder;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.op.Maths;
import io.chainrule.core.simplify.Simplifier;
import io.chainrule.core.tensor.Shape;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The derivatives of a scalar program, as programs in textbook form. Each is simplified when {@link #by} asks for it. Not thread-safe. */
public final class DerivativePrograms {
    /** The memory of a node while its graph is simplified. */
    private static final long BYTES_A_NODE = 500;

    private final LoweredProgram lowered;
    private final DerivedGraph derived;
    private final BuildLimits limits;
    private long nodes;

    private DerivativePrograms(LoweredProgram lowered, DerivedGraph derived, BuildLimits limits) {
        this.lowered = lowered;
        this.derived = derived;
        this.limits = limits;
    }

    /** Differentiates a bound program; throws {@link io.chainrule.core.graph.LimitException} beyond {@code limits}. */
    public static DerivativePrograms of(BoundProgram bound, BuildLimits limits) {
        LoweredProgram lowered = LoweredProgram.of(bound, List.of(bound.program().output()), limits);
        DerivedGraph derived = DerivedGraph.gradient(lowered, lowered.images(bound.names().wrt().values()), false, limits);
        limits.checkSizes(derived.graph());
        return new DerivativePrograms(lowered, derived, limits);
    }

    /** The derivative of the output by one of the names in {@link BoundProgram#wrt()}, over the same inputs. */
    public NamedGraph by(String name) {
        int node = Objects.requireNonNull(lowered.bound().names().wrt().get(name), name);
        Graph simple = node == ResolvedNames.NO_NODE || derived.isZero(node)
                ? zeros(lowered.shape(name, node), limits.derived())
                : simplified(derived.cotangent(node));
        @Nullable
        String[] names = new String[simple.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = simple.op(i) instanceof Leaf.Input(String id, var _) ? id : null;
        }
        return new NamedGraph(simple, simple.size() - 1, names, _ -> null);
    }

    private Graph simplified(int cotangent) {
        BitSet result = new BitSet();
        result.set(cotangent);
        int needed = Activity.ancestors(derived.graph(), result).cardinality();
        nodes += needed;
        if (nodes > limits.derivedNodes()) {
            throw LimitException.moreThan("derived-nodes", limits.derivedNodes());
        }
        limits.growth().accept(needed * BYTES_A_NODE);
        // The memory of the simplifier's graphs has already been charged above, so growth is not charged again.
        Allowance allowance = new Allowance("derived-nodes", limits.derivedNodes(), _ -> limits.checkpoint().check());
        return Simplifier.simplify(derived.graph(), cotangent, lowered.graph().size(), allowance);
    }

    private static Graph zeros(Shape shape, Allowance allowance) {
        GraphBuilder builder = GraphBuilder.withShapes(allowance);
        int zero = Maths.broadcastTo(builder.literal(0), shape).index();
        return Simplifier.simplify(builder.build(), zero, builder.size(), allowance);
    }
}
