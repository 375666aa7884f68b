package io.chainrule.core.print;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Checkpoint;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Prints nodes of a program. Operands that are not statements are written inline, with an explicit stack instead of recursion. */
abstract class NodePrinter {
    final Graph graph;
    final Notation notation;
    final Layout layout;
    private final StringBuilder out;
    /** What is still to be written, the next part on top: text, or the number of a node that is written inline. */
    private final Deque<Object> pending = new ArrayDeque<>();

    NodePrinter(NamedGraph program, StringBuilder out) {
        this.graph = program.graph();
        this.notation = new Notation(graph);
        this.layout = new Layout(program, notation);
        this.out = out;
    }

    /** Writes a node; the checkpoint is asked at each one that is written inline. */
    final void write(int root, Checkpoint checkpoint) {
        pending.push(root);
        while (!pending.isEmpty()) {
            switch (pending.pop()) {
                case Integer node -> {
                    checkpoint.check();
                    parts(node).reversed().forEach(pending::push);
                }
                case Object text -> out.append(text);
            }
        }
    }

    /** Returns the parts of a node's text: strings, and numbers of nodes that are to be written inline. */
    abstract List<Object> parts(int node);
}
