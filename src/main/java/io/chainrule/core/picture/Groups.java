package io.chainrule.core.picture;

import io.chainrule.core.BoundProgram;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.network.LoweredNetwork;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the nodes of a program belong to: of a network to a layer, else to the statement that they are computed for. */
final class Groups {
    private final @Nullable String[] groups;

    private Groups(@Nullable String[] groups) {
        this.groups = groups;
    }

    static Groups of(BoundProgram bound) {
        LoweredNetwork network = bound.network();
        return new Groups(network == null ? statements(bound.program()) : layers(bound.program(), network));
    }

    /** The name of a node's group; null for an input of the program, and for a literal, which go with those that read them. */
    @Nullable
    String of(int node) {
        return groups[node];
    }

    /** A node without a name is written for the next one that has a name. */
    private static @Nullable String[] statements(NamedGraph program) {
        @Nullable
        String[] groups = new String[program.graph().size()];
        String statement = program.outputId();
        for (int i = groups.length - 1; i >= 0; i--) {
            if (program.graph().isLeaf(i)) {
                continue;
            }
            statement = program.isNamed(i) ? program.id(i) : statement;
            groups[i] = statement;
        }
        return groups;
    }

    /** Nodes of layers are called {@code layer} and {@code layer/op_1}, their parameters {@code layer.weight}. */
    private static @Nullable String[] layers(NamedGraph program, LoweredNetwork network) {
        Set<String> data = new HashSet<>(network.data());
        @Nullable
        String[] groups = new String[program.graph().size()];
        for (int i = 0; i < groups.length; i++) {
            String id = program.id(i);
            int end = program.graph().isLeaf(i) ? id.lastIndexOf('.') : id.indexOf('/');
            boolean isOutside = program.graph().isLeaf(i) && (end < 0 || data.contains(id));
            groups[i] = isOutside || program.graph().isLiteral(i) ? null : end < 0 ? id : id.substring(0, end);
        }
        return groups;
    }
}
